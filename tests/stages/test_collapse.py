"""Collapse over made pairs: copies within a split, leaks between splits whatever the kind, policies, buckets."""

import itertools

import polars as pl
import pytest
from support.each import each
from support.settings import copies
from support.smallrelease import PLANTS, bases, complement, plain
from support.stages import COLLAPSE, TRAIN, build, collapse_copies, published, release

from dnacorpus.curation.copies import pair_copies
from dnacorpus.curation.exact import Bucket
from dnacorpus.curation.pair_decisions import PairVerdicts, write_pair_decisions
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.pairs.rows import PairRow
from dnacorpus.schemas.curation import MATCHES_OF_PAIRS
from dnacorpus.schemas.pairs import PAIR_KEYS, PAIRS
from dnacorpus.schemas.splits import SPLITS
from dnacorpus.settings.pairs import PairSettings
from dnacorpus.stages.pair import pair_key
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import write_text
from dnacorpus.storage.catalog import COLUMNS
from dnacorpus.storage.results import Results

ONE, OTHER, THIRD = (bases(name, 90) for name in ("one", "other", "third"))
VALUES = dict.fromkeys(PAIRS.names) | {"kind": "gene", "feature_kind": "CDS", "transl_table": 11, "informative": True}


def made(root, parts: dict[str, list[dict]], digest: bytes | None = None) -> Results:
    """Write the pairs of parts, named after division and number, from rows of split, sequence and more.

    ``digest`` stands for all digests. The pair_id of a row is its place among all of them.
    """
    results, places = Results(root), itertools.count()
    for division, names in itertools.groupby(sorted(parts), lambda part: part.split(".")[0]):
        rows = (
            "\t".join(["1", division, part, part.rpartition(".")[2], "gbff", f"{part}.gz", "x", "1", ""])
            for part in names
        )
        write_text(root / "catalog" / f"{division}.tsv", "\n".join(["\t".join(COLUMNS), *rows]) + "\n")
    for part, rows in parts.items():
        division = part.split(".")[0]
        values = [VALUES | {"pair_id": f"{(place := next(places)):032x}", "accession": f"NC_{place}.1"} | row
                  for row in rows]  # fmt: skip
        keys = []
        for row in values:
            of_gene = digest or f"{min(row['sequence'], complement(row['sequence']))}{row['feature_kind']}".encode()
            named = PairRow(row, of_gene if row["kind"] == "gene" else None)
            key = pair_key(named, division, part, row["split"])
            keys.append(key | ({"bases_digest": digest} if digest else {}))
        tables.write(results.pairs(division, part) / "keys.parquet", PAIR_KEYS, keys)
        for split in SPLITS:
            here = [row for row in values if row["split"] == split]
            tables.write(results.pairs(division, part) / f"{split}.parquet", PAIRS, here)
    return results


def train(sequence: str, **more) -> dict:
    return {"split": "train", "sequence": sequence, **more}


def held_out(sequence: str, **more) -> dict:
    return {"split": "test", "sequence": sequence, **more}


def decide(results: Results, policy: PairSettings = COLLAPSE, **more) -> pl.DataFrame:
    divisions = sorted(path.stem for path in (results.root / "catalog").glob("*.tsv"))
    collapse_copies(results, divisions, results.root / "copies", policy, **more)
    found = pl.concat(pl.read_parquet(results.root / "copies" / f"{division}.parquet") for division in divisions)
    return found.sort("pair_id")


def fates(found: pl.DataFrame) -> list[str]:
    return [row["reason"] or row["status"] for row in found.to_dicts()]


def test_either_strand_is_a_copy_over_parts_and_divisions_and_a_changed_base_is_none(tmp_path):
    changed = ONE[:40] + ("A" if ONE[40] != "A" else "C") + ONE[41:]
    rows = {"plant.1": [train(ONE), train(changed)], "plant.2": [train(complement(ONE))], "plastid.1": [train(ONE)]}
    found = decide(made(tmp_path, rows))
    assert fates(found) == ["exact", "kept", "exact", "kept"], "the organelle division keeps"
    assert found["copies"].to_list() == [3, 1, 3, 3]
    assert found["copies_in"].to_list() == [[], [], [], ["NC_0.1", "NC_2.1"]]
    assert found["duplicate_of"].to_list() == [f"{3:032x}", None, f"{3:032x}", None]


def test_a_rotation_is_no_copy_of_a_row(tmp_path):
    assert fates(decide(made(tmp_path, {"plant.1": [train(ONE), train(ONE[9:] + ONE[:9])]}))) == ["kept", "kept"]


@pytest.mark.parametrize("kind", ["record", "gene", "window", "paper", "qa"])
@pytest.mark.parametrize("other", ["record", "gene", "window", "paper", "qa"])
@pytest.mark.parametrize("policy", [copies(0, 10), COLLAPSE, copies(4, 10)])
def test_bases_of_train_leave_evaluation_whatever_the_kinds(tmp_path, kind, other, policy):
    rows = [train(ONE, kind=kind, feature_kind="gene"), held_out(complement(ONE), kind=other), held_out(OTHER)]
    found = decide(made(tmp_path, {"plant.1": rows}), policy)
    assert fates(found) == ["kept", "leak", "kept"]
    assert found["copies"].to_list() == [1, 1, 1], "of another kind of feature: no copies of each other"


def test_another_kind_or_code_in_one_split_keeps_copies_apart(tmp_path):
    rows = [train(ONE), train(ONE, transl_table=4), train(ONE, feature_kind="gene", transl_table=None), train(ONE)]
    # The digests of the first two are made equal: the code itself is compared, not only its digest.
    assert fates(decide(made(tmp_path, {"plant.1": rows}))) == ["kept", "kept", "kept", "exact"]


def test_rows_that_never_collapse_stay_however_often_they_stand(tmp_path):
    rows = [train(ONE, kind="window"), train(ONE, kind="window"), train(ONE), train(ONE, kind="qa")]
    found = decide(made(tmp_path, {"plant.1": rows}))
    assert fates(found) == ["kept"] * 4
    assert found["copies"].to_list() == [1] * 4


@pytest.mark.parametrize("buckets", [1, 3])
def test_a_collision_of_all_digests_merges_nothing_and_leaks_nothing(tmp_path, buckets):
    rows = [train(ONE), train(OTHER), held_out(THIRD), held_out(complement(OTHER)), train(complement(ONE))]
    results = made(tmp_path, {"plant.1": rows}, digest=b"0123456789abcdef")
    assert fates(decide(results, buckets=buckets, bases_at_once=1)) == ["kept", "kept", "kept", "leak", "exact"]


def test_what_train_nearly_contains_is_a_leak(tmp_path):
    results = made(tmp_path, {"plant.1": [held_out(ONE), held_out(OTHER), train(THIRD), held_out(complement(ONE))]})
    leaks = pl.DataFrame({"pair_id": [f"{0:032x}"], "share": [0.9]})
    assert fates(decide(results, leaks=leaks)) == ["leak", "kept", "kept", "leak"]
    with pytest.raises(CorpusError, match="found 2 of 2 and 0 of 1; they are of another run"):
        decide(results, leaks=pl.DataFrame({"pair_id": ["unknown"], "share": [0.9]}))


def test_a_cap_leaves_so_many_of_a_cluster_and_keep_all(tmp_path):
    results = made(tmp_path, {"plant.1": [train(ONE)] * 4})
    assert fates(decide(results, copies(2, 1))) == ["kept", "kept", "exact", "exact"]
    found = decide(results, copies(0, 1))
    assert fates(found) == ["kept"] * 4
    assert set(found["cluster"]) == {f"{0:032x}"}
    assert found["copies_in"].to_list() == [["NC_1.1"], ["NC_0.1"], ["NC_0.1"], ["NC_0.1"]]


@pytest.mark.parametrize(("buckets", "bases_at_once"), [(1, 1_000_000), (3, 200), (16, 1)])
def test_buckets_and_passes_decide_nothing(built, tmp_path, buckets, bases_at_once):
    results = Results(tmp_path)
    for name in ("pairs", "catalog"):
        (tmp_path / name).symlink_to(built / name)
    divisions = ["viral", "protozoa", "plastid", "plant"]
    out = tmp_path / "copies"
    collapse_copies(results, divisions, out, buckets=buckets, bases_at_once=bases_at_once)
    for path in each(sorted((built / "copies").glob("*.parquet"))):
        assert (out / path.name).read_bytes() == path.read_bytes()


def test_equal_rows_are_read_once_each_and_unequal_ones_never(tmp_path, monkeypatch):
    rows = [train(ONE)] * 2000 + [train(bases(f"row {place}", 90)) for place in range(50)]
    results, read = made(tmp_path, {"plant.1": rows}), []
    monkeypatch.setattr("dnacorpus.curation.copies.canonical", lambda sequence, circular: read.append(1) or sequence)
    found = decide(results)
    assert len(read) == 2000
    assert fates(found).count("exact") == 1999


def test_matches_of_other_pairs_are_an_error(tmp_path):
    results = made(tmp_path, {"plant.1": [train(ONE)]})
    row = {"division": "plant", "part": "plant.1", "pair_id": "unknown", "bases_group": "a", "copy_group": "a CDS 1"}
    tables.write(tmp_path / "0.parquet", MATCHES_OF_PAIRS, [row])
    with pytest.raises(CorpusError, match="found 0 of 1 and 0 of 0; they are of another run"):
        verdicts = PairVerdicts([tmp_path / "0.parquet"])
        write_pair_decisions(results, ["plant"], COLLAPSE, verdicts, tmp_path / "copies")


def test_a_bucket_out_of_range_is_refused(tmp_path):
    results = made(tmp_path, {"plant.1": [train(ONE)]})
    with pytest.raises(UsageError, match="bucket: expected 0 to 1"):
        pair_copies(results, ["plant"], Bucket(2, 2), 1000)


def test_parts_without_pairs_give_empty_tables(tmp_path):
    found = decide(made(tmp_path, {"plant.1": [], "viral.1": []}))
    assert found.is_empty()
    assert found.schema["copies_in"] == pl.List(pl.String)


def test_the_published_row_names_the_records_that_hold_its_copies(tmp_path):
    gene = bases("first", 900)
    texts = [
        plain(f"NC_00000{n}.1", TRAIN, PLANTS, gene[:309] + bases(f"rest {n}", 591) if n > 1 else gene)
        for n in range(1, 5)
    ]
    files = {"plant.1.genomic.gbff.gz": "".join(texts)}
    rows = published(build(tmp_path / "results", release(tmp_path / "mirror", files), ["plant"]), "pairs")
    (kept,) = rows.filter(pl.col("copies") > 1).to_dicts()
    assert (kept["accession"], kept["copies"]) == ("NC_000001.1", 4)
    assert kept["copies_in"] == ["NC_000002.1", "NC_000003.1", "NC_000004.1"]
    assert rows.filter(pl.col("copies") == 1)["copies_in"].list.len().to_list() == [0] * (len(rows) - 1)

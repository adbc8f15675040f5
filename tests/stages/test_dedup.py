"""Dedup over divisions: rotations, strands, repeated accessions, splits; the order of parts decides nothing."""

import itertools

import polars as pl
import pytest
from support.each import each
from support.flatfile import record
from support.settings import split_policy
from support.smallrelease import PLANTS, bases, complement, plain
from support.stages import CONFIG, DIVISIONS, NO_CAPS, TRAIN, decisions, deduplicate, prepare, release, write_copies

from dnacorpus.curation.duplicates import Caps
from dnacorpus.curation.exact import Bucket
from dnacorpus.curation.record_decisions import RecordRules, Verdicts, write_decisions
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.schemas.curation import MATCHES
from dnacorpus.schemas.parts import CATALOG, RECORDS, SEGMENTS
from dnacorpus.sequence.bases import canonical, canonical_digest
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import write_text
from dnacorpus.storage.results import Results


def fates(frame: pl.DataFrame) -> dict[tuple[str, str], list[tuple[str, str, str | None]]]:
    """Return (division, accession) -> status, reason and keeper of each record of that name, in order."""
    found: dict[tuple[str, str], list[tuple[str, str, str | None]]] = {}
    for row in frame.sort("division", "part", "ordinal").to_dicts():
        fate = (row["status"], row["reason"], row["duplicate_of"])
        found.setdefault((row["division"], row["accession"]), []).append(fate)
    return found


def decide(tmp_path, files: dict[str, str], divisions: list[str]) -> pl.DataFrame:
    config = prepare(tmp_path / "results", release(tmp_path / "mirror", files), divisions)
    deduplicate(Results(tmp_path / "results"), config.divisions, config.splits, tmp_path / "results" / "decisions")
    return decisions(tmp_path / "results")


def test_a_rotation_on_the_other_strand_is_a_copy_and_the_organelle_division_keeps_it(built):
    found = fates(decisions(built))
    assert found["plant", "NC_000002.1"] == [("duplicate", "exact", "NC_000002.1")]
    assert found["plastid", "NC_000002.1"] == [("kept", "", None)]


def test_the_other_strand_of_a_linear_molecule_is_a_copy(built):
    found = fates(decisions(built))
    assert found["viral", "AB000012.1"] == [("duplicate", "exact", "NC_000011.1")]
    assert found["viral", "NC_000011.1"] == [("kept", "", None)]


def test_a_rotation_of_a_linear_molecule_is_no_copy(built):
    found = fates(decisions(built))
    assert found["plant", "NC_000003.1"] == found["plant", "NC_000004.1"] == [("kept", "", None)]


def test_of_one_accession_with_two_contents_in_a_part_the_first_stays(built):
    found = fates(decisions(built))
    assert found["plastid", "NC_000008.1"] == [("kept", "", None), ("excluded", "accession_conflict", None)]


def test_what_parse_excluded_stays_excluded_and_has_no_digest(built):
    row = decisions(built).filter(pl.col("accession") == "NC_000009.1").row(0, named=True)
    assert (row["status"], row["reason"], row["digest"], row["copies"]) == ("excluded", "length_mismatch", None, 1)


def test_copies_and_cluster_are_those_of_the_whole_group(built):
    rows = decisions(built).filter(pl.col("accession").is_in(["NC_000011.1", "AB000012.1"]))
    assert set(rows["cluster"]) == {"AB000012.1"}
    assert set(rows["copies"]) == {2}


def test_splits_are_those_of_the_policy(built):
    policy = split_policy(0, validation=0.3, test=0.3)
    for row in each(decisions(built).to_dicts()):
        assert row["split"] == policy.split_of(row["species"], None)
    assert set(decisions(built)["split"]) == {"train", "validation", "test"}
    assert decisions(built).filter(pl.col("species").is_null())["split"].to_list() == ["train"]


def test_groups_equal_brute_force_over_all_rotations_and_strands(tmp_path):
    """Every record that is a rotation or strand of another, by comparing all with all."""
    one, other = bases("one", 60), bases("other", 60)
    molecules = {}
    for number, (sequence, turn, strand, topology) in enumerate(
        itertools.product((one, other), (0, 17), (1, -1), ("linear", "circular"))
    ):
        rotated = sequence[turn:] + sequence[:turn]
        molecules[f"NC_{number:06d}.1"] = (rotated if strand == 1 else complement(rotated), topology)
    text = "".join(record(name, sequence, topology=kind) for name, (sequence, kind) in molecules.items())
    decided = decide(tmp_path, {"plant.1.genomic.gbff.gz": text}, ["plant"])
    cluster = dict(decided.select("accession", "cluster").iter_rows())
    forms = {name: _forms(*molecule) for name, molecule in molecules.items()}
    # The canonical form alone decides: a linear molecule that happens to be it equals the circular one.
    alike = [pair for pair in itertools.combinations(molecules, 2) if molecules[pair[0]][1] == molecules[pair[1]][1]]
    for left, right in each(alike):
        assert (cluster[left] == cluster[right]) == (molecules[left][0] in forms[right]), (left, right)


def _forms(sequence: str, topology: str) -> set[str]:
    turns = range(len(sequence)) if topology == "circular" else (0,)
    strands = (sequence, complement(sequence))
    return {strand[turn:] + strand[:turn] for strand in strands for turn in turns}


def config_splits(seed: int = 0) -> SplitPolicy:
    return split_policy(seed, **CONFIG["splits"])


RULES = RecordRules(config_splits(), NO_CAPS)


@pytest.mark.parametrize(("buckets", "bases_at_once"), [(1, 1_000_000), (3, 900), (16, 1)])
def test_order_buckets_and_passes_decide_nothing(built, tmp_path, buckets, bases_at_once):
    prepare(tmp_path / "results", built.parent / "mirror", turned=True)
    for path in (tmp_path / "results" / "catalog").glob("*.tsv"):
        head, *rows = path.read_text().splitlines(keepends=True)
        path.write_text("".join([head, *reversed(rows)]))
    results, out = Results(tmp_path / "results"), tmp_path / "turned" / "decisions"
    divisions = ["viral", "plastid", "protozoa", "plant"]
    deduplicate(results, divisions, config_splits(), out, buckets=buckets, bases_at_once=bases_at_once)
    for path in each(sorted((built / "decisions").glob("*.parquet"))):
        assert (out / path.name).read_bytes() == path.read_bytes()


def test_a_copy_of_a_species_in_another_split_leaves_one_row(tmp_path):
    """The bases of a held-out species that also stand under a species of train are published once."""
    same = bases("same", 900)
    files = {
        "plant.1.genomic.gbff.gz": plain("NC_000001.1", "Oryza sativa", PLANTS, same)
        + plain("NC_000002.1", "Arabidopsis thaliana", PLANTS, same)
    }
    decided = decide(tmp_path, files, ["plant"])
    assert decided.filter(pl.col("status") == "kept")["accession"].to_list() == ["NC_000001.1"]


def test_parts_without_any_record_give_empty_decisions(tmp_path):
    decided = decide(tmp_path, {"plant.1.genomic.gbff.gz": "", "viral.1.genomic.gbff.gz": ""}, ["plant", "viral"])
    assert decided.is_empty()
    assert decided.schema["digest"] == pl.Binary


PLANTED = {"NC_000001.1": "first", "NC_000002.1": "second", "NC_000003.1": "third"}


@pytest.fixture
def collided(tmp_path) -> Results:
    """A build up to parse of three records of different bases, one of them twice, whose digests are all the same."""
    texts = {name: plain(name, TRAIN, PLANTS, bases(of, 900)) for name, of in PLANTED.items()}
    texts["NC_000004.1"] = plain("NC_000004.1", TRAIN, PLANTS, complement(bases("first", 900)))
    prepare(tmp_path / "results", release(tmp_path / "mirror", {"plant.1.genomic.gbff.gz": "".join(texts.values())}),
            ["plant"])  # fmt: skip
    results = Results(tmp_path / "results")
    path = results.tables("plant", "plant.1") / "records.parquet"
    records = pl.DataFrame(tables.read(path, RECORDS)).with_columns(digest=pl.lit(b"0123456789abcdef"))
    tables.write(path, RECORDS, records.to_arrow().cast(RECORDS))
    return results


@pytest.mark.parametrize("buckets", [1, 5])
def test_a_collision_of_digests_merges_nothing(collided, buckets):
    deduplicate(collided, ["plant"], config_splits(), collided.root / "decisions", buckets=buckets, bases_at_once=1)
    rows = decisions(collided.root).sort("accession")
    assert rows["status"].to_list() == ["kept", "kept", "kept", "duplicate"]
    assert rows["duplicate_of"].to_list() == [None, None, None, "NC_000001.1"]
    assert rows["copies"].to_list() == [2, 1, 1, 2]


def test_matches_of_some_buckets_are_an_error(collided):
    out, exact = collided.root / "decisions", collided.root / "matches.parquet"
    place = int.from_bytes(b"0123") * 4 >> 32
    write_copies(collided, ["plant"], Bucket((place + 1) % 4, 4), exact, 1000)
    with pytest.raises(CorpusError, match="those of every bucket of these tables, found 4 records that they lack"):
        write_decisions(collided, ["plant"], RULES, Verdicts([exact]), out)
    write_copies(collided, ["plant"], Bucket(place, 4), exact, 1000)
    write_decisions(collided, ["plant"], RULES, Verdicts([exact]), out)
    assert decisions(collided.root)["status"].to_list().count("kept") == 3


def test_matches_of_other_records_are_an_error(collided):
    exact = collided.root / "matches.parquet"
    row = {"division": "plant", "part": "plant.1", "ordinal": 77, "copy_group": "a"}
    tables.write(exact, MATCHES, [row, row | {"part": "plant.9", "ordinal": 0}])
    with pytest.raises(CorpusError, match=r"copy_group of 2 records: expected each to be one record .*, found 0"):
        write_decisions(collided, ["plant"], RULES, Verdicts([exact]), collided.root / "decisions")


def test_a_bucket_out_of_range_is_refused(collided):
    with pytest.raises(UsageError, match="bucket: expected 0 to 3"):
        write_copies(collided, ["plant"], Bucket(4, 4), collided.root / "matches.parquet", 1000)


def places(rows: list[tuple[str, str, int]], **columns) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["division", "part", "ordinal"], orient="row")
    return frame.with_columns(pl.Series(name, values) for name, values in columns.items())


def test_near_duplicates_share_a_cluster_and_the_caps_count_it(built, tmp_path):
    near = places([("plant", "plant.1", 2), ("plant", "plant.1", 3), ("plastid", "plastid.1", 1)],
                  cluster=["NC_000003.1", "NC_000003.1", "NC_000003.1"])  # fmt: skip
    caps = Caps(max_per_cluster=1, max_per_species=0, max_eval_bases=0)
    root = tmp_path / "results"
    prepare(root, built.parent / "mirror")
    deduplicate(Results(root), DIVISIONS, config_splits(), root / "decisions", caps, near)
    found = decisions(root)
    members = found.filter(cluster="NC_000003.1")
    assert sorted(members["accession"]) == ["NC_000003.1", "NC_000004.1", "NC_000008.1"]
    # The organelle division goes first, so it is that one of the cluster that stays.
    assert members.filter(status="kept")["accession"].to_list() == ["NC_000008.1"]
    assert set(members.filter(status="excluded")["reason"]) == {"cluster_cap"}
    unchanged = [frame.join(members, on=["division", "part", "ordinal"], how="anti", maintain_order="left")
                 for frame in (found, decisions(built))]  # fmt: skip
    assert unchanged[0].equals(unchanged[1])


def test_copies_of_an_excluded_record_follow_it_over_divisions(built, tmp_path):
    excluded = places([("plant", "plant.1", 1)], reason=["biosafety"])
    root = tmp_path / "results"
    prepare(root, built.parent / "mirror")
    deduplicate(Results(root), DIVISIONS, config_splits(), root / "decisions", excluded=excluded)
    found = decisions(root).filter(accession="NC_000002.1")
    assert found.select("division", "status", "reason", "duplicate_of", "copies").rows() == [
        ("plant", "excluded", "biosafety", None, 2), ("plastid", "excluded", "biosafety", None, 2),
    ]  # fmt: skip
    assert decisions(root)["reason"].to_list().count("biosafety") == 2


def test_planted_copies_are_all_found_and_nothing_else_is_merged(tmp_path):
    """Forms of 40 molecules in three divisions: every copy found, no rotation of a linear one, no changed base."""
    files, truth = {"plant.1": "", "plastid.1": "", "viral.1": ""}, {}
    number = itertools.count(1)
    for molecule in range(40):
        sequence, topology = bases(f"planted {molecule}", 80 + molecule), ("linear", "circular")[molecule % 2]
        turn = 1 + molecule % 70
        turned = sequence[turn:] + sequence[:turn]
        changed = sequence[:turn] + {"A": "C", "C": "G", "G": "T", "T": "A"}[sequence[turn]] + sequence[turn + 1 :]
        same = f"{molecule} as it is"
        forms = [(sequence, same), (sequence, same), (complement(sequence), same), (changed, f"{molecule} changed")]
        other = same if topology == "circular" else f"{molecule} turned"
        forms += [(turned, other), (complement(turned), other)]
        for place, (form, name) in enumerate(forms):
            accession = f"NC_{next(number):06}.1"
            part = sorted(files)[(place + molecule) % 3]
            files[part] += record(accession, form, topology=topology)
            truth[accession] = name
    release_files = {f"{part}.genomic.gbff.gz": text for part, text in files.items()}
    found = decide(tmp_path, release_files, ["plant", "plastid", "viral"])
    groups = found.group_by("cluster").agg("accession", pl.col("status"), pl.col("copies"))
    assert len(found) == 240
    assert len(groups) == 20 * 3 + 20 * 2
    for row in each(groups.to_dicts()):
        assert len({truth[accession] for accession in row["accession"]}) == 1
        assert sorted(row["status"]) == ["duplicate"] * (len(row["status"]) - 1) + ["kept"]
        assert set(row["copies"]) == {len(row["accession"])}


def test_twenty_thousand_equal_records_are_read_once(tmp_path, monkeypatch):
    """Tables of one species whose records are all the same: one read and one comparison for each, no more."""
    rows, sequence = 20_000, bases("same", 60)
    results = Results(tmp_path)
    made_tables(results, "viral", "viral.1", [("S", sequence, "linear")] * rows)
    read = []
    monkeypatch.setattr("dnacorpus.curation.copies.canonical", lambda *molecule: read.append(1) or canonical(*molecule))
    deduplicate(results, ["viral"], config_splits(), tmp_path / "decisions")
    assert len(read) == rows
    found = decisions(tmp_path)
    assert found["status"].value_counts(sort=True).rows() == [("duplicate", rows - 1), ("kept", 1)]
    assert set(found["copies"]) == {rows}


def made_tables(results: Results, division: str, part: str, molecules: list[tuple[str, str, str]]) -> None:
    """Write the tables that dedup reads, straight from (species, sequence, topology)."""
    write_text(results.root / "catalog" / f"{division}.tsv", catalog_of(division, part))
    folder = results.tables(division, part)
    head = dict.fromkeys(RECORDS.names) | {"division": division, "part": part, "features": 0}
    names = [f"NC_{number:06}.1" for number in range(len(molecules))]
    records = (
        head | {"accession": name, "ordinal": number, "species": species, "topology": topology, "length": len(sequence),
                "digest": canonical_digest(sequence.encode(), topology == "circular")}
        for number, (name, (species, sequence, topology)) in enumerate(zip(names, molecules, strict=True))
    )  # fmt: skip
    tables.write(folder / "records.parquet", RECORDS, records)
    segments = (
        {"accession": name, "ordinal": number, "index": 0, "count": 1, "start": 0, "sequence": sequence, "mask": []}
        for number, (name, (_, sequence, _)) in enumerate(zip(names, molecules, strict=True))
    )
    tables.write(folder / "segments.parquet", SEGMENTS, segments)


def catalog_of(division: str, part: str) -> str:
    row = dict.fromkeys(CATALOG.names, "") | {"division": division, "part": part, "group": "00000", "kind": "gbff"}
    row |= {"release": "1", "file": f"{part}.genomic.gbff.gz", "url": "x", "bytes": "1"}
    return "".join("\t".join(values) + "\n" for values in (row, row.values()))

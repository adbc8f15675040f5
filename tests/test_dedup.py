"""Dedup over divisions: rotations, strands, repeated accessions, splits; the order of parts decides nothing."""

import itertools

import polars as pl
import pytest
from flatfile import record
from smallrelease import PLANTS, bases, complement, plain
from stages import CONFIG, build, decisions, prepare, release

from dnacorpus.copies import copy_groups
from dnacorpus.dedup import dedup
from dnacorpus.errors import CorpusError
from dnacorpus.layout import Results
from dnacorpus.splits import SplitPolicy


def fates(frame: pl.DataFrame) -> dict[tuple[str, str], list[tuple[str, str, str | None]]]:
    """Return (division, accession) -> status, reason and keeper of each record of that name, in order."""
    found: dict[tuple[str, str], list[tuple[str, str, str | None]]] = {}
    for row in frame.sort("division", "part", "ordinal").to_dicts():
        fate = (row["status"], row["reason"], row["duplicate_of"])
        found.setdefault((row["division"], row["accession"]), []).append(fate)
    return found


def decide(tmp_path, files: dict[str, str], divisions: list[str]) -> pl.DataFrame:
    config = prepare(tmp_path / "results", release(tmp_path / "mirror", files), divisions)
    dedup(Results(tmp_path / "results"), config.divisions, config.splits, tmp_path / "results" / "decisions")
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
    policy = SplitPolicy(seed=0, unit="species", validation=0.3, test=0.3, always_train=frozenset())
    for row in decisions(built).to_dicts():
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
    for left, right in itertools.combinations(molecules, 2):
        # The canonical form alone decides: a linear molecule that happens to be it equals the circular one.
        if molecules[left][1] == molecules[right][1]:
            assert (cluster[left] == cluster[right]) == (molecules[left][0] in forms[right]), (left, right)


def _forms(sequence: str, topology: str) -> set[str]:
    turns = range(len(sequence)) if topology == "circular" else (0,)
    strands = (sequence, complement(sequence))
    return {strand[turn:] + strand[:turn] for strand in strands for turn in turns}


def test_the_order_of_parts_and_divisions_decides_nothing(built, tmp_path):
    prepare(tmp_path / "results", built.parent / "mirror", turned=True)
    for path in (tmp_path / "results" / "catalog").glob("*.tsv"):
        head, *rows = path.read_text().splitlines(keepends=True)
        path.write_text("".join([head, *reversed(rows)]))
    splits = CONFIG["splits"]
    policy = SplitPolicy(0, "species", splits["validation"], splits["test"], frozenset(splits["always_train"]))
    dedup(Results(tmp_path / "results"), ["viral", "plastid", "protozoa", "plant"], policy, tmp_path / "turned")
    for path in sorted((built / "decisions").glob("*.parquet")):
        assert (tmp_path / "turned" / path.name).read_bytes() == path.read_bytes()


def test_passes_over_buckets_give_the_same_decisions(built, tmp_path, monkeypatch):
    monkeypatch.setattr("dnacorpus.copies.BUCKET_BASES", 900)
    dataset = build(tmp_path / "results", built.parent / "mirror")
    assert decisions(tmp_path / "results").equals(decisions(built))
    assert (dataset / "manifest.json").read_bytes() == (built / "dataset" / "manifest.json").read_bytes()


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


def test_bases_that_are_not_found_are_an_error():
    keys = pl.DataFrame({"key": [0, 1], "digest": [b"x", b"x"], "bases": [1, 1]})
    with pytest.raises(CorpusError, match="bases of 2 rows, found those of 1"):
        copy_groups(keys, lambda _: iter([(0, b"A")]))

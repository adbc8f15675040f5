"""The index of k-mers: its content compared with sets of strings, look-ups with a dict, damaged files."""

import json
import shutil

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.contaminated import DIVISIONS, K, build, rows, words
from support.each import each

from dnacorpus.curation import kmer_index
from dnacorpus.curation.indexed_records import held_out_records, record_sequences
from dnacorpus.curation.kmer_index import KmerIndex, PositionSet, write_index
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.sequence.kmers import canonical_kmers
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results

FILES = ("index.json", "kmers.npy", "filter.npy")


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    return build(tmp_path_factory.mktemp("kmer_index") / "results")


@pytest.fixture(scope="module")
def index(results) -> KmerIndex:
    return KmerIndex.open(results.root / "kmers")


def content(folder) -> list[bytes]:
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    return [(folder / name).read_bytes() for name in FILES]


def test_the_held_out_records_are_the_kept_ones_of_validation_and_test(results):
    frame = held_out_records(results, DIVISIONS)
    assert set(frame.iter_rows()) == {("plant", "plant.2", 0), ("plant", "plant.2", 1), ("viral", "viral.1", 0)}


def test_a_record_that_is_not_kept_is_not_held_out(results, tmp_path):
    copied = Results(shutil.copytree(results.root, tmp_path / "results"))
    decided = pl.read_parquet(copied.decisions("plant"))
    fates = pl.when(accession="NC_000005.1").then(pl.lit("excluded")).otherwise("status").alias("status")
    rows_now = decided.with_columns(fates).to_arrow().cast(DECISIONS)
    tables.write(copied.decisions("plant"), DECISIONS, rows_now)
    assert set(held_out_records(copied, ["plant"]).iter_rows()) == {("plant", "plant.2", 1)}


def test_the_index_has_exactly_the_kmers_of_held_out_records(results, index):
    held_out = rows(results).filter(pl.col("split") != "train")["sequence"].to_list()
    assert len(index) == len(set().union(*map(words, held_out)))
    assert np.array_equal(index.kmers, np.unique(index.kmers))
    for sequence in each(held_out):
        found = index.positions(canonical_kmers(sequence.encode(), K))
        assert np.array_equal(index.kmers[found], canonical_kmers(sequence.encode(), K))


def test_other_kmers_are_not_found(results, index):
    train = rows(results).filter(split="train", kind="record", accession="NC_000001.1")["sequence"][0][:4000]
    assert set(index.positions(canonical_kmers(train.encode(), K)).tolist()) == {-1}


@given(
    st.lists(st.integers(0, 2**64 - 1) | st.tuples(st.integers(0, 10_000), st.sampled_from([-1, 0, 1])), max_size=60)
)
def test_positions_equal_those_of_a_dict(index, asked):
    known = {int(word): place for place, word in enumerate(index.kmers)}
    listed = list(known)
    numbers = [(listed[one[0]] + one[1]) % 2**64 if isinstance(one, tuple) else one for one in asked]
    found = index.positions(np.array(numbers, np.uint64))
    assert found.tolist() == [known.get(number, -1) for number in numbers]


@pytest.mark.parametrize("run", [1, 1000, 10**9])
def test_the_size_of_the_runs_changes_no_byte(results, tmp_path, monkeypatch, run):
    monkeypatch.setattr(kmer_index, "RUN_KMERS", run)
    write_index(record_sequences(results, held_out_records(results, DIVISIONS)), K, tmp_path / "kmers")
    assert content(tmp_path / "kmers") == content(results.root / "kmers")


def test_the_order_of_the_records_changes_no_byte_nor_does_a_further_column(results, tmp_path):
    chosen = held_out_records(results, DIVISIONS[::-1])[::-1].with_columns(reason=pl.lit("biosafety"))
    write_index(record_sequences(results, chosen), K, tmp_path / "kmers")
    assert content(tmp_path / "kmers") == content(results.root / "kmers")


def test_a_circular_record_is_indexed_across_its_origin(results, tmp_path):
    ring = rows(results).filter(kind="record", accession="NC_000008.1")["sequence"][0]
    chosen = pl.DataFrame({"division": ["plastid"], "part": ["plastid.1"], "ordinal": [0]})
    write_index(record_sequences(results, chosen), K, tmp_path / "k")
    turned = ring[1234:] + ring[:1234]
    index = KmerIndex.open(tmp_path / "k")
    assert len(index) == len(ring)
    assert index.positions(canonical_kmers(turned.encode(), K)).min() >= 0


@pytest.mark.parametrize("k", [1, 12, 31])
def test_other_lengths_of_kmers(results, tmp_path, k):
    chosen = held_out_records(results, ["viral"])
    write_index(record_sequences(results, chosen), k, tmp_path / "kmers")
    index = KmerIndex.open(tmp_path / "kmers")
    sequence = rows(results).filter(kind="record", division="viral")["sequence"][0]
    assert (index.k, len(index)) == (k, len(words(sequence, k)))


def test_without_records_the_index_is_empty(results, tmp_path):
    write_index(record_sequences(results, held_out_records(results, DIVISIONS).clear()), K, tmp_path / "kmers")
    index = KmerIndex.open(tmp_path / "kmers")
    assert len(index) == 0
    assert index.positions(np.arange(3, dtype=np.uint64)).tolist() == [-1, -1, -1]
    assert index.positions(np.empty(0, np.uint64)).tolist() == []


def _truncate(folder, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[:-1])


def _miscount(folder, _: str) -> None:
    (folder / "index.json").write_text(json.dumps({"k": K, "kmers": 3}))


def _unlink(folder, name: str) -> None:
    (folder / name).unlink()


@pytest.mark.parametrize(
    ("damage", "name", "found"),
    [
        (_truncate, "kmers.npy", "expected an index of k-mers, found"),
        (_truncate, "filter.npy", "expected an index of k-mers, found"),
        (_unlink, "kmers.npy", "expected an index of k-mers, found"),
        (_unlink, "index.json", "expected an index of k-mers, found"),
        (_miscount, "", r"expected 3 k-mers and their filter, found \d+ k-mers"),
    ],
)
def test_a_damaged_index_is_named(results, tmp_path, damage, name, found):
    folder = shutil.copytree(results.root / "kmers", tmp_path / "kmers")
    damage(folder, name)
    with pytest.raises(CorpusError, match=f"{folder}: {found}.*remove it and run again"):
        KmerIndex.open(folder)


@given(st.data(), st.integers(0, 300))
def test_a_set_of_positions_equals_a_set_of_numbers(data, size):
    positions = st.lists(st.integers(-1, size - 1))
    added, asked = data.draw(positions), data.draw(positions)
    held = PositionSet(size)
    for part in (added[:3], added[3:]):
        held.add(np.array(part, np.int64))
    expected = set(added) - {-1}
    assert held.holds(np.array(asked, np.int64)).tolist() == [position in expected for position in asked]
    for at_once in (1, 7, 1 << 20):
        assert [position for found in held.sorted(at_once) for position in found] == sorted(expected)

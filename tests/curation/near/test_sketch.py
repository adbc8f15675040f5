"""Sketches: k-mers compared with brute force for any strand, rotation and pieces; files sorted in bounded memory."""

import random
from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.nearrecords import SETTINGS, Made, bases, kmers, mutated, sketched, turned, write_parts

from dnacorpus.curation.near import sketch
from dnacorpus.curation.near.candidates import SLOTS, signature
from dnacorpus.curation.near.sketch import (
    HashRuns,
    count_hashes,
    counts_of,
    ranges,
    read_hashes,
    read_records,
    scaled_for,
    sketch_of,
)
from dnacorpus.errors import CorpusError

MOST = (1 << 64) - 1
DNA = st.text("ACGTNR", max_size=120).map(str.encode)


@given(DNA, DNA, st.booleans(), st.sampled_from([5, 11, 21]))
def test_the_hashes_are_one_to_one_with_the_kmers_of_brute_force(left, right, circular, k):
    ours = [sketch_of(sequence, k, 1, circular=circular) for sequence in (left, right)]
    theirs = [kmers(sequence, k, circular) for sequence in (left, right)]
    assert [len(hashes) for hashes in ours] == [len(found) for found in theirs]
    assert len(np.intersect1d(*ours)) == len(theirs[0] & theirs[1])


@given(DNA, st.integers(0, 119))
def test_the_sketch_does_not_depend_on_strand_or_rotation(sequence, start):
    other = turned(sequence, min(start, len(sequence)))
    around, along = (sketch_of(sequence, 9, 1, circular=kind) for kind in (True, False))
    assert np.array_equal(around, sketch_of(other, 9, 1, circular=True))
    assert np.array_equal(along, sketch_of(turned(sequence, 0), 9, 1, circular=False))


def test_a_linear_molecule_has_no_kmers_across_its_ends():
    sequence = bases(random.Random(0), 300)
    linear, circular = (sketch_of(sequence, 21, 1, circular=kind) for kind in (False, True))
    assert (len(linear), len(circular)) == (280, 300)
    assert set(linear) < set(circular)


@pytest.mark.parametrize("scaled", [1, 2, 4, 16, 1024])
def test_a_sketch_is_the_hashes_below_its_threshold(scaled):
    sequence = bases(random.Random(1), 60_000)
    whole = sketch_of(sequence, 21, 1, circular=False)
    expected = whole[whole < np.uint64(MOST // scaled)] if scaled > 1 else whole
    assert np.array_equal(sketch_of(sequence, 21, scaled, circular=False), expected)
    assert abs(len(expected) - 60_000 / scaled) < 5 * (60_000 / scaled) ** 0.5


@pytest.mark.parametrize("scaled", [1, 8])
def test_pieces_of_a_long_sequence_lose_no_kmer(monkeypatch, scaled):
    sequence = bases(random.Random(2), 5_000)
    whole = sketch_of(sequence, 21, scaled, circular=True)
    monkeypatch.setattr(sketch, "_PIECE", 64)
    assert len(whole) > 5_000 / scaled / 2
    assert np.array_equal(sketch_of(sequence, 21, scaled, circular=True), whole)


def test_scaled_follows_the_length():
    lengths = [0, 20, 1_000, 1_999, 2_000, 10_000, 5_000_000, 300_000_000]
    assert [scaled_for(length, SETTINGS) for length in lengths] == [1, 1, 1, 1, 2, 8, 1024, 1024]
    assert scaled_for(10_000, SETTINGS.model_copy(update={"min_hashes": 500, "max_scaled": 4})) == 4


def test_counts_are_those_of_the_coarser_sketches():
    sequence = bases(random.Random(3), 20_000)
    counts = counts_of(sketch_of(sequence, 21, 16, circular=False), 16, 1024)
    levels = [16, 32, 64, 128, 256, 512, 1024]
    assert counts == [len(sketch_of(sequence, 21, level, circular=False)) for level in levels]


def test_the_signature_does_not_depend_on_scaled():
    sequence = bases(random.Random(4), 50_000)
    fine, coarse = (signature(sketch_of(sequence, 21, scaled, circular=False)) for scaled in (1, 16))
    assert len(fine) == SLOTS
    assert np.array_equal(fine, coarse)
    assert (fine > 0).all()


def test_signatures_agree_with_the_probability_of_the_jaccard_index():
    rng = random.Random(5)
    agreeing, jaccard = [], []
    for _ in range(40):
        one = bases(rng, 3_000)
        pair = [sketch_of(sequence, 21, 1, circular=False) for sequence in (one, mutated(rng, one, 0.02))]
        agreeing.append(np.mean(signature(pair[0]) == signature(pair[1])))
        jaccard.append(len(np.intersect1d(*pair)) / len(np.union1d(*pair)))
    assert abs(np.mean(agreeing) - np.mean(jaccard)) < 5 * (0.25 / (40 * SLOTS)) ** 0.5


def test_slots_without_a_hash_are_empty():
    assert signature(np.array([3, 3 + SLOTS], np.uint64)).tolist() == [0, 0, 0, 1] + [0] * (SLOTS - 4)
    assert not signature(np.empty(0, np.uint64)).any()


def records_of_two_parts() -> dict[tuple[str, str], list[Made]]:
    rng = random.Random(6)
    return {
        ("viral", "viral.1"): [
            Made("NC_1.1", bases(rng, 3_000), circular=True),
            Made("NC_2.1", bases(rng, 500), exclusion="length_mismatch"),
            Made("NC_3.1", b"N" * 400 + bases(rng, 30)),
        ],
        ("viral", "viral.2"): [Made("NC_4.1", b"ACGT")],
    }


def test_a_group_gives_its_usable_records_and_their_hashes(tmp_path):
    parts = records_of_two_parts()
    folders = sketched(write_parts(tmp_path, parts), ["viral"])
    rows = [pl.DataFrame(read_records(folder)) for folder in folders]
    assert [frame["accession"].to_list() for frame in rows] == [["NC_1.1", "NC_3.1"], ["NC_4.1"]]
    assert rows[0]["bases"].to_list() == [3_000, 30]
    assert rows[0]["scaled"].to_list() == [2, 1]
    assert rows[0]["ordinal"].to_list() == [0, 2]
    hashes, holders = read_hashes(folders[0], 0, MOST)
    assert (np.diff((hashes >> np.uint64(48)).astype(np.int64)) >= 0).all()
    for place, made in enumerate([parts["viral", "viral.1"][0], parts["viral", "viral.1"][2]]):
        expected = sketch_of(made.sequence, 21, rows[0]["scaled"][place], circular=made.circular)
        assert sorted(hashes[holders == place].byteswap()) == expected.tolist()
        assert rows[0]["counts"][place][0] == len(expected)
        assert rows[0]["slots"][place].to_list() == signature(expected).tolist()
    assert count_hashes(folders[1]) == 0


def test_without_near_duplicates_there_are_no_sketches(tmp_path):
    off = SETTINGS.model_copy(update={"min_ani": 0})
    for folder in each(sketched(write_parts(tmp_path, records_of_two_parts()), ["viral"], off)):
        assert read_records(folder).num_rows == count_hashes(folder) == 0


def test_the_same_group_gives_the_same_bytes(tmp_path):
    made = [sketched(write_parts(tmp_path / name, records_of_two_parts()), ["viral"]) for name in "ab"]
    for left, right in each(zip(*made, strict=True)):
        for name in (sketch.HASHES, sketch.SKETCHED_RECORDS):
            assert (left / name).read_bytes() == (right / name).read_bytes()


@pytest.mark.parametrize("run", [1, 7, 100, 1 << 20])
def test_merged_runs_equal_one_sort(tmp_path, monkeypatch, run):
    monkeypatch.setattr(sketch, "RUN_HASHES", run)
    rng = np.random.default_rng(7)
    runs, expected = HashRuns(tmp_path), []
    for record in range(12):
        hashes = np.unique(rng.integers(0, 40, 30, dtype=np.uint64) << np.uint64(58))
        runs.add(hashes, record)
        expected += [(value, record) for value in hashes.byteswap().tolist()]
    runs.add(np.array([0, MOST], np.uint64), 12)
    expected += [(0, 12), (MOST, 12)]
    runs.write(tmp_path / sketch.HASHES)
    found, holders = read_hashes(tmp_path, 0, MOST)
    by_prefix = sorted(expected, key=lambda pair: pair[0] >> 48)
    assert list(zip(found.tolist(), holders.tolist(), strict=True)) == by_prefix
    assert [path.name for path in tmp_path.iterdir()] == [sketch.HASHES]


@pytest.mark.parametrize(("buckets", "passes"), [(1, 1), (3, 1), (7, 5), (16, 2)])
def test_the_ranges_of_all_buckets_are_all_values_once(buckets, passes):
    found = [span for bucket in range(buckets) for span in ranges(bucket, buckets, passes)]
    assert len(found) == buckets * passes
    assert (found[0][0], found[-1][1]) == (0, MOST)
    assert all(left[1] + 1 == right[0] for left, right in each(pairwise(found), at_least=buckets * passes - 1))


def written(folder, count=300_000):
    folder.mkdir()
    runs = HashRuns(folder)
    runs.add(np.random.default_rng(8).integers(0, 1 << 54, count, dtype=np.uint64), 0)
    runs.write(folder / sketch.HASHES)
    return folder


def test_a_bucket_reads_its_own_row_groups(tmp_path, monkeypatch):
    folder = written(tmp_path / "s")
    read = Counter[str]()
    original = pq.ParquetFile.read_row_groups
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_groups", lambda file, groups: read.update(n=len(groups)) or original(file, groups)
    )
    parts = [read_hashes(folder, *span)[0] for span in ranges(0, 1, 5)]
    whole = read_hashes(folder, 0, MOST)[0]
    assert sorted(np.concatenate(parts)) == sorted(whole)
    # 300,000 hashes below 2^54 lie in 5 row groups, evenly: a range of a fifth meets two at most.
    assert read["n"] <= 5 * 2 + 5
    assert max(len(part) for part in parts) < 61_500


def test_the_ends_of_a_range_belong_to_it(tmp_path):
    folder = written(tmp_path / "s", 1)
    value = int(read_hashes(folder, 0, MOST)[0][0])
    lengths = {ends: len(read_hashes(folder, *ends)[0]) for ends in ((value, value), (0, value), (value, MOST))}
    assert set(lengths.values()) == {1}
    assert len(read_hashes(folder, 0, value - 1)[0]) == len(read_hashes(folder, value + 1, MOST)[0]) == 0


@pytest.mark.parametrize("damage", ["rubbish", "truncated", "other columns", "absent"])
def test_a_file_that_is_not_a_sketch_is_named(tmp_path, damage):
    folder = written(tmp_path / "s", 1000)
    path = folder / sketch.HASHES
    if damage == "rubbish":
        path.write_bytes(b"not Parquet")
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:-500])
    elif damage == "other columns":
        pl.DataFrame({"hash": [1]}).write_parquet(path)
    else:
        path.unlink()
    with pytest.raises(CorpusError, match=rf"{sketch.HASHES}: expected a table of sketches, found"):
        read_hashes(folder, 0, MOST)
    if damage != "other columns":
        with pytest.raises(CorpusError, match="remove it and run again"):
            count_hashes(folder)

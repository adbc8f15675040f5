"""Candidates compared in full: collisions of digests, passes of bounded size, buckets."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.curation.exact import Bucket, copy_groups
from dnacorpus.errors import CorpusError, UsageError

KEYS = {"key": pl.Int64, "digest": pl.Binary, "bases": pl.Int64}


def keys(contents: list[bytes], digests: list[bytes | None]) -> pl.DataFrame:
    sizes = [len(content) for content in contents]
    return pl.DataFrame({"key": list(range(len(contents))), "digest": digests, "bases": sizes}, schema=KEYS)


def groups(contents: list[bytes], digests: list[bytes | None], bases_at_once: int = 1000) -> dict[int, str]:
    found = copy_groups(
        keys(contents, digests), lambda rows: ((key, contents[key]) for key in rows["key"]), bases_at_once
    )
    return dict(found.select("key", "copy_group").iter_rows())


def test_equal_digests_of_different_bases_are_not_copies():
    contents, read = [b"C", b"A", b"C", b"G", b"T"], list[int]()

    def reader(candidates: pl.DataFrame):
        for key in candidates["key"]:
            read.append(key)
            yield key, contents[key]

    found = copy_groups(keys(contents, [b"x", b"x", b"x", b"y", None]), reader, 1000)
    assert dict(found.select("key", "copy_group").iter_rows()) == {0: "78/1", 1: "78/0", 2: "78/1"}
    assert sorted(read) == [0, 1, 2], "a digest that stands once needs no look at its bases"


@given(st.lists(st.sampled_from([b"A", b"C", b"GG", b"TT"]), max_size=30), st.integers(1, 20))
def test_groups_equal_brute_force_for_any_size_of_a_pass(contents, bases_at_once):
    found = groups(contents, [bytes([len(content)]) * 16 for content in contents], bases_at_once)  # collide by length
    named = [found.get(key, f"alone {key}") for key in range(len(contents))]
    for i, left in enumerate(contents):
        for j, right in enumerate(contents):
            assert (named[i] == named[j]) == (left == right)


@given(st.permutations(range(9)), st.integers(1, 9))
def test_names_of_copy_groups_do_not_depend_on_order_or_passes(order, bases_at_once):
    contents = [b"A", b"C", b"G", b"A", b"TT", b"TT", b"GG", b"A", b"C"]
    digests = [bytes([len(content)]) for content in contents]
    expected = groups(contents, digests)
    found = groups([contents[n] for n in order], [digests[n] for n in order], bases_at_once)
    assert {order[key]: name for key, name in found.items()} == expected


def test_a_pass_holds_at_most_its_limit_and_one_molecule():
    contents = [bytes([65 + number % 20]) * (10 + number % 20) for number in range(400)]
    passes: list[int] = []

    def reader(candidates: pl.DataFrame):
        passes.append(sum({contents[key]: len(contents[key]) for key in candidates["key"]}.values()))
        yield from ((key, contents[key]) for key in candidates["key"])

    copy_groups(keys(contents, contents), reader, 50)
    assert sum(passes) == sum(len(content) for content in set(contents))
    assert len(passes) > 4
    assert max(passes) < 50 + 29


def test_twenty_thousand_copies_are_read_once_and_compared_once_each():
    class Counted(bytes):
        compared = 0

        def __eq__(self, other):
            Counted.compared += 1
            return bytes.__eq__(self, other)

        __hash__ = bytes.__hash__

    read = 0

    def reader(candidates: pl.DataFrame):
        nonlocal read
        for key in candidates["key"]:
            read += 1
            yield key, Counted(b"ACGT" * 10)

    rows = 20_000
    found = copy_groups(keys([b"ACGT" * 10] * rows, [b"same"] * rows), reader, 1000)
    assert found["copy_group"].to_list() == [b"same".hex()] * rows
    assert (read, Counted.compared) == (rows, rows - 1)


def test_bases_that_are_not_found_are_an_error():
    with pytest.raises(CorpusError, match="bases of 2 rows, found those of 1"):
        copy_groups(keys([b"A", b"A"], [b"x", b"x"]), lambda _: iter([(0, b"A")]), 1000)


def test_without_candidates_there_are_no_rows():
    assert copy_groups(keys([], []), lambda _: iter(()), 1000).is_empty()
    assert groups([b"A", b"C"], [b"x", None]) == {}


@given(st.lists(st.binary(min_size=16, max_size=16) | st.none(), max_size=20), st.sampled_from([1, 3, 16, 1000]))
def test_every_digest_is_in_the_bucket_of_its_first_bits(digests, buckets):
    frame = pl.DataFrame({"digest": digests}, schema={"digest": pl.Binary})
    for bucket in {0, buckets - 1, *(int.from_bytes(digest[:4]) * buckets >> 32 for digest in digests if digest)}:
        expected = [d for d in digests if d is not None and int.from_bytes(d[:4]) * buckets >> 32 == bucket]
        assert frame.filter(Bucket(bucket, buckets).holds("digest"))["digest"].to_list() == expected


@pytest.mark.parametrize("bucket", [-1, 3, 4])
def test_a_bucket_out_of_range_is_refused(bucket):
    with pytest.raises(UsageError, match=f"expected 0 to 2, by the config key dedup.buckets, found {bucket}"):
        Bucket(bucket, 3).holds("digest")

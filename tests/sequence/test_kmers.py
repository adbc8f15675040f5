"""Canonical k-mers of both strands, compared with strings for every k."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.errors import UsageError
from dnacorpus.sequence.bases import reverse_complement
from dnacorpus.sequence.kmers import LONGEST, canonical_kmers, distinct, kmer_chunks

SEQUENCES = st.text("ACGTN", max_size=120).map(str.encode) | st.text("AC", max_size=120).map(str.encode)
KS = st.integers(1, LONGEST)


def words_of(sequence: bytes, k: int) -> list[bytes]:
    windows = (sequence[place : place + k] for place in range(len(sequence) - k + 1))
    return [min(window, reverse_complement(window)) for window in windows if set(window) <= set(b"ACGT")]


def random_bases(seed: int, length: int) -> bytes:
    return bytes(random.Random(seed).choices(b"ACGT", k=length))


def same_words(left: list, right: list) -> bool:
    """Tell whether two lists are the same but for the names of their elements."""
    return len(left) == len(right) and len(set(zip(left, right, strict=True))) == len(set(left)) == len(set(right))


@given(SEQUENCES, KS)
def test_equal_words_have_equal_numbers_and_others_have_others(sequence, k):
    assert same_words(words_of(sequence, k), canonical_kmers(sequence, k).tolist())


@pytest.mark.parametrize("k", [1, 2, 3, 8, 15, 16, 17, 30, 31])
def test_windows_across_the_pieces_of_a_long_sequence(k):
    sequence = random_bases(k, 70_000) + b"N" + random_bases(k + 1, 40_000) + b"RYK"
    assert same_words(words_of(sequence, k), canonical_kmers(sequence, k).tolist())


@given(SEQUENCES, KS)
def test_the_other_strand_has_the_same_words_the_other_way_round(sequence, k):
    assert canonical_kmers(reverse_complement(sequence), k).tolist() == canonical_kmers(sequence, k).tolist()[::-1]


def test_every_code_that_is_no_base_breaks_windows():
    for code in b"RYSWKMBDHVN":
        assert len(canonical_kmers(b"ACGT" + bytes([code]) + b"ACGTA", 4)) == 1 + 2


def test_a_sequence_of_k_bases_has_one_word_a_shorter_one_none():
    assert [len(canonical_kmers(b"A" * length, 31)) for length in (0, 1, 30, 31, 32)] == [0, 0, 0, 1, 2]


@given(SEQUENCES, KS, st.integers(1, 130))
def test_chunks_are_the_whole(sequence, k, bases):
    chunks = list(kmer_chunks(sequence, k, bases))
    assert [word for chunk in chunks for word in chunk] == canonical_kmers(sequence, k).tolist()
    assert all(len(chunk) <= bases for chunk in chunks)


@given(SEQUENCES, KS, st.integers(1, 130), st.integers(0, 120))
def test_a_rotation_of_a_circle_has_the_same_words(sequence, k, bases, turn):
    def words(sequence: bytes) -> list[int]:
        return [int(word) for chunk in kmer_chunks(sequence, k, bases, circular=True) for word in chunk]

    turn = min(turn, len(sequence))
    assert sorted(words(sequence[turn:] + sequence[:turn])) == sorted(words(sequence))
    if len(sequence) >= k:
        assert words(sequence) == canonical_kmers(sequence + sequence[: k - 1], k).tolist()
    else:
        assert words(sequence) == []


@pytest.mark.parametrize("k", [0, -1, 32])
def test_a_k_that_does_not_fit_is_refused(k):
    with pytest.raises(UsageError, match=f"expected 1 to 31 bases, found {k}"):
        canonical_kmers(b"ACGT", k)


def test_prefixes_are_even():
    # Poly-purine bases crowd into few values until they are mixed.
    words = distinct(canonical_kmers(bytes(random.Random(1).choices(b"AG", k=64_000)), 31))
    counts = np.bincount((words >> np.uint64(60)).astype(np.int64), minlength=16)
    assert counts.min() > 0.9 * 64_000 / 16
    assert counts.max() < 1.1 * 64_000 / 16


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5)))
def test_distinct(numbers):
    assert distinct(np.array(numbers, np.uint64)).tolist() == sorted(set(numbers))

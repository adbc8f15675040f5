"""Strands, rotations and digests against brute force and Biopython."""

import random

import pytest
from Bio.Data.IUPACData import ambiguous_dna_letters
from Bio.Seq import Seq
from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh3_128_digest

from dnacorpus.sequence import bases as sequence
from dnacorpus.sequence.bases import (
    canonical,
    canonical_digest,
    extract,
    foreign,
    gc_and_ambiguous,
    least_rotation,
    lower_case_runs,
    normalise,
    reverse_complement,
)

IUPAC = st.text("ACGTRYSWKMBDHVN").map(str.encode)
REPEATED = st.builds(lambda unit, times: unit * times, IUPAC, st.integers(1, 9))
REPETITIVE = st.one_of(IUPAC, st.text("AC").map(str.encode), REPEATED)


def rotations(molecule: bytes) -> list[bytes]:
    return [molecule[start:] + molecule[:start] for start in range(len(molecule))] or [b""]


@given(IUPAC)
def test_the_reverse_complement_is_that_of_biopython(molecule):
    assert reverse_complement(molecule) == bytes(Seq(molecule).reverse_complement())


@given(REPETITIVE)
def test_the_least_rotation_is_that_of_brute_force(molecule):
    assert least_rotation(molecule) == min(rotations(molecule))


@pytest.mark.parametrize("unit", [b"A", b"AC", b"ACGTTGCA", b"AAAAC"])
def test_long_repeats_reach_the_two_pointer_method(unit):
    molecule = unit * 300 + b"C" + unit * 300
    assert least_rotation(molecule) == min(rotations(molecule))
    assert least_rotation(unit * 300) == min(rotations(unit * 300))


@given(REPETITIVE, st.integers(0, 50))
def test_all_rotations_and_strands_of_a_circle_have_one_digest(molecule, start):
    start %= max(len(molecule), 1)
    turned = molecule[start:] + molecule[:start]
    assert canonical_digest(turned, circular=True) == canonical_digest(molecule, circular=True)
    assert canonical_digest(reverse_complement(turned), circular=True) == canonical_digest(molecule, circular=True)


@given(IUPAC)
def test_both_strands_of_a_linear_molecule_have_one_digest(molecule):
    assert canonical(molecule, circular=False) == min(molecule, bytes(Seq(molecule).reverse_complement()))
    assert canonical(reverse_complement(molecule), circular=False) == canonical(molecule, circular=False)


def test_rotation_of_a_linear_molecule_is_another_molecule():
    assert canonical_digest(b"AACGT", circular=False) != canonical_digest(b"ACGTA", circular=False)


def test_the_digest_is_pinned():
    """A change of this value changes every published digest."""
    assert canonical_digest(b"ACGTTT", circular=True).hex() == "7d85ddedcc81aa29098c503c8e3c7815"


@pytest.mark.parametrize("strand", [1, -1])
def test_extracted_spans_are_those_of_biopython(strand):
    molecule = "".join(random.Random(1).choices("ACGT", k=40)).encode()
    for start in range(40):
        for end in range(start + 1, start + 41):
            expected = Seq((molecule * 2)[start:end])
            expected = expected if strand == 1 else expected.reverse_complement()
            assert extract(molecule, start, end, strand) == bytes(expected)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-1, 2), (4, 5), (0, 5), (2, 7)])
def test_spans_outside_the_molecule_are_refused(start, end):
    with pytest.raises(ValueError, match="does not lie in a molecule of 4 bases"):
        extract(b"ACGT", start, end, 1)


def test_normalise_writes_u_as_t_and_keeps_other_characters():
    assert normalise(b"acgurynKMX-") == b"ACGTRYNKMX-"
    assert foreign(normalise(b"acgu")) == b""
    assert foreign(b"ACGT*X-") == b"*-X"


def test_lower_case_runs_are_half_open():
    assert lower_case_runs(b"ACgtNnA") == [(2, 4), (5, 6)]
    assert lower_case_runs(b"ACGT") == []


def test_gc_is_the_share_of_called_bases():
    assert gc_and_ambiguous(b"GCATNNRS") == (0.5, 4)
    assert gc_and_ambiguous(b"NNN") == (None, 3)


def test_the_alphabet_is_that_of_biopython():
    assert set(sequence.IUPAC.decode()) == set(ambiguous_dna_letters)


@given(st.text("ACGTN", max_size=40), st.integers(1, 9))
def test_a_digest_in_pieces_is_that_of_the_whole(molecule, size):
    data = molecule.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sequence, "_PIECE", size)
        for made in (data, data + reverse_complement(data)):
            assert canonical_digest(made, circular=False) == xxh3_128_digest(canonical(made, circular=False))
            assert gc_and_ambiguous(made)[1] == made.count(b"N")
            assert foreign(made + b"!") == b"!"

"""Genetic codes, translation, mutation and random numbers."""

import pytest
from Bio.Data import CodonTable
from Bio.Seq import Seq
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.simulate.evolution import (
    CODES,
    mutate_bases,
    mutate_codons,
    random_bases,
    random_stream,
    translate,
)

STANDARD = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
NCBI_AMINO_ACIDS = {
    1: STANDARD,
    2: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
    4: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    11: STANDARD,
}
"""The amino acids of the codons in TCAG order, from https://www.ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi."""


@pytest.mark.parametrize("table", CODES)
def test_genetic_codes_equal_those_of_ncbi(table):
    assert "".join(CODES[table].amino_acids.values()) == NCBI_AMINO_ACIDS[table]
    ours, theirs = CODES[table], CodonTable.unambiguous_dna_by_id[table]
    assert set(ours.stops) == set(theirs.stop_codons)
    assert {codon: ours.amino_acids[codon] for codon in ours.sense} == theirs.forward_table
    assert set(ours.starts) <= set(theirs.start_codons)
    for codon, synonyms in each(ours.synonyms.items()):
        assert all(ours.amino_acids[other] == ours.amino_acids[codon] and other != codon for other in synonyms)


@given(st.text("ACGTN", max_size=60), st.sampled_from(sorted(CODES)))
def test_translate_agrees_with_biopython_or_returns_none(coding, table):
    ours = translate(coding.encode(), CODES[table])
    if len(coding) % 3 or len(coding) < 6 or coding[:3] not in CODES[table].starts:
        assert ours is None
        return
    # Some codons with N have one meaning for Biopython; here they are X.
    clear = [coding[at : at + 3] if "N" not in coding[at : at + 3] else "NNN" for at in range(0, len(coding), 3)]
    theirs = str(Seq("".join(clear)).translate(table=table))
    whole = theirs.endswith("*") and "*" not in theirs[:-1]
    assert ours == ("M" + theirs[1:-1] if whole else None)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_mutate_bases_changes_the_exact_number_of_bases(noise, data):
    sequence = noise.translate(b"ACGTN" * 51 + b"A")
    count = data.draw(st.integers(0, len(sequence)))
    mutated = mutate_bases(sequence, count, random_stream("test", count))
    changed = [after for before, after in zip(sequence, mutated, strict=True) if before != after]
    assert len(changed) == count
    assert set(changed) <= set(b"ACGT")


@given(st.integers(0, 10**6), st.sampled_from(sorted(CODES)), st.floats(0, 1))
def test_mutated_codons_are_sense_codons(seed, table, share):
    code = CODES[table]
    codons = random_stream(seed).choices(code.sense, k=200)
    mutated = mutate_codons(codons, share, code, 0.5, random_stream(seed, "mutate"))
    assert set(mutated) <= set(code.sense)
    assert share > 0 or mutated == codons
    assert share < 1 or all(before != after for before, after in zip(codons, mutated, strict=True))


def test_random_bases_have_the_requested_gc():
    for gc in (0.25, 0.5, 0.75):
        bases = random_bases(100_000, gc, random_stream("gc", gc))
        assert (bases.count(b"G") + bases.count(b"C")) / 100_000 == pytest.approx(gc, abs=0.01)


def test_random_streams_depend_on_their_whole_path():
    assert random_stream(1, "a").random() == random_stream(1, "a").random()
    assert len({random_stream(*path).random() for path in [(1, "a"), (1, "b"), (2, "a"), (1,)]}) == 4

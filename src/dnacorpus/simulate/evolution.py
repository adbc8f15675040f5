"""Sequences that evolve: seeded chance, mutation of bases and codons, translation.

Genetic codes: NCBI's tables 1, 2, 4 and 11 (https://www.ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi),
amino acids in TCAG order. Every random choice comes from a stream named by a path that opens with the
seed, so that no choice depends on what was made before it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from dnacorpus.sequence.bases import reverse_complement

_STANDARD = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
_AMINO_ACIDS = {
    1: _STANDARD,
    2: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
    4: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    11: _STANDARD,
}
_STARTS = {1: ("ATG",), 2: ("ATG", "ATA", "GTG"), 4: ("ATG", "GTG", "TTG"), 11: ("ATG", "GTG", "TTG")}


@dataclass(frozen=True, slots=True)
class GeneticCode:
    """One genetic code; ``synonyms`` are the other codons of a codon's amino acid, poorest in G and C first."""

    table: int
    amino_acids: dict[str, str]
    sense: tuple[str, ...]
    stops: tuple[str, ...]
    starts: tuple[str, ...]
    synonyms: dict[str, tuple[str, ...]]


def _code(table: int) -> GeneticCode:
    codons = ["".join(letters) for letters in product("TCAG", repeat=3)]
    amino_acids = dict(zip(codons, _AMINO_ACIDS[table], strict=True))
    synonyms = {
        codon: tuple(sorted((c for c in codons if amino_acids[c] == amino and c != codon), key=_gc_then_name))
        for codon, amino in amino_acids.items()
    }
    sense = tuple(codon for codon in codons if amino_acids[codon] != "*")
    stops = tuple(codon for codon in codons if amino_acids[codon] == "*")
    return GeneticCode(table, amino_acids, sense, stops, _STARTS[table], synonyms)


def _gc_then_name(codon: str) -> tuple[int, str]:
    return codon.count("G") + codon.count("C"), codon


CODES = {table: _code(table) for table in _AMINO_ACIDS}
"""Table number to genetic code."""

UNIVERSAL = tuple(
    codon for codon in CODES[1].sense if len({code.amino_acids[codon] for code in CODES.values()}) == 1
)  # fmt: skip
"""The codons that all of `CODES` read alike."""


def stream(*path: object) -> random.Random:
    """Return the random numbers of one name; the same path gives the same numbers, another path others."""
    return random.Random("/".join(map(str, path)))  # noqa: S311 - simulation, no secret


def random_bases(length: int, gc: float, chance: random.Random) -> bytes:
    """Return bases of which a share ``gc``, to the next 128th, is G or C."""
    half = round(gc * 128)
    alphabet = b"G" * half + b"C" * half + b"A" * (128 - half) + b"T" * (128 - half)
    return chance.randbytes(length).translate(alphabet)


def mutate_bases(sequence: bytes, substitutions: int, chance: random.Random) -> bytes:
    """Replace exactly so many bases, at distinct places, each by another of A, C, G and T."""
    mutated = bytearray(sequence)
    for place in chance.sample(range(len(sequence)), substitutions):
        mutated[place] = chance.choice(b"ACGT".replace(mutated[place : place + 1], b""))
    return bytes(mutated)


def mutate_codons(
    codons: Sequence[str], share: float, code: GeneticCode, gc: float, chance: random.Random
) -> list[str]:
    """Replace each codon with probability ``share``: half the time by a synonym, else by any other sense codon.

    A synonym is the richest in G and C with probability ``gc``, otherwise the poorest.
    """
    mutated = list(codons)
    for place, codon in enumerate(codons):
        if chance.random() >= share:
            continue
        synonyms = code.synonyms[codon]
        if synonyms and chance.random() < 0.5:
            mutated[place] = synonyms[-1 if chance.random() < gc else 0]
        else:
            other = code.sense[int(chance.random() * len(code.sense))]
            mutated[place] = other if other != codon else code.sense[0 if other != code.sense[0] else 1]
    return mutated


def extract_parts(sequence: bytes, parts: Sequence[tuple[int, int]], strand: int) -> bytes:
    """Join the 0-based half-open parts of one strand, in transcript order."""
    return b"".join(
        sequence[start:end] if strand == 1 else reverse_complement(sequence[start:end]) for start, end in parts
    )


def translate(coding: bytes, code: GeneticCode, partial: tuple[bool, bool] = (False, False)) -> str | None:
    """Translate a coding sequence, its stop left out; None where it does not hold.

    It holds when it is of whole codons, has no stop inside, and starts and stops as ``code`` does,
    unless it is partial at that end. A codon with an ambiguity code is X.
    """
    text = coding.decode("ascii")
    codons = [text[at : at + 3] for at in range(0, len(text), 3)]
    if len(text) % 3 or not codons:
        return None
    protein = [code.amino_acids.get(codon, "X") for codon in codons]
    if not partial[1] and protein.pop() != "*":
        return None
    if not partial[0]:
        if codons[0] not in code.starts:
            return None
        protein[:1] = "M"
    return None if "*" in protein or not protein else "".join(protein)

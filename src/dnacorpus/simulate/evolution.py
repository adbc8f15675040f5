"""Random evolution of sequences: seeded random numbers, mutation of bases and codons, translation.

Genetic codes: NCBI's tables 1, 2, 4 and 11. Every group of random choices has its own
generator, seeded by a path that starts with the seed, so that no choice depends on the choices before it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from dnacorpus.sequence.bases import reverse_complement
from dnacorpus.sequence.genetic_code import AMINO_ACIDS
from dnacorpus.sequence.location import Interval

_STARTS = {1: ("ATG",), 2: ("ATG", "ATA", "GTG"), 4: ("ATG", "GTG", "TTG"), 11: ("ATG", "GTG", "TTG")}
"""Table number to the start codons that simulated genes have, most frequent first."""


@dataclass(frozen=True, slots=True)
class GeneticCode:
    """One genetic code; ``synonyms`` are the other codons for the same amino acid, fewest G and C first."""

    table: int
    amino_acids: dict[str, str]
    sense: tuple[str, ...]
    stops: tuple[str, ...]
    starts: tuple[str, ...]
    synonyms: dict[str, tuple[str, ...]]


def _code(table: int) -> GeneticCode:
    codons = ["".join(letters) for letters in product("TCAG", repeat=3)]
    amino_acids = {codon: AMINO_ACIDS[table].get(codon, "*") for codon in codons}
    synonyms = {
        codon: tuple(sorted((c for c in codons if amino_acids[c] == amino and c != codon), key=_gc_then_name))
        for codon, amino in amino_acids.items()
    }
    sense = tuple(codon for codon in codons if amino_acids[codon] != "*")
    stops = tuple(codon for codon in codons if amino_acids[codon] == "*")
    return GeneticCode(table, amino_acids, sense, stops, _STARTS[table], synonyms)


def _gc_then_name(codon: str) -> tuple[int, str]:
    return codon.count("G") + codon.count("C"), codon


CODES = {table: _code(table) for table in _STARTS}
"""Table number to genetic code."""

UNIVERSAL = tuple(
    codon for codon in CODES[1].sense if len({code.amino_acids[codon] for code in CODES.values()}) == 1
)  # fmt: skip
"""The codons with the same meaning in all `CODES`."""


def random_stream(*path: object) -> random.Random:
    """Return a generator seeded by a path: equal paths give equal numbers, different paths unrelated ones."""
    return random.Random("/".join(map(str, path)))  # noqa: S311 - not used for secrets


def random_bases(length: int, gc: float, rng: random.Random) -> bytes:
    """Return random bases with a share ``gc`` of G and C, rounded to the next 128th."""
    half = round(gc * 128)
    alphabet = b"G" * half + b"C" * half + b"A" * (128 - half) + b"T" * (128 - half)
    return rng.randbytes(length).translate(alphabet)


def mutate_bases(sequence: bytes, substitutions: int, rng: random.Random) -> bytes:
    """Replace exactly ``substitutions`` bases, at distinct positions, each by another of A, C, G and T."""
    mutated = bytearray(sequence)
    for position in rng.sample(range(len(sequence)), substitutions):
        mutated[position] = rng.choice(b"ACGT".replace(mutated[position : position + 1], b""))
    return bytes(mutated)


def mutate_codons(codons: Sequence[str], share: float, code: GeneticCode, gc: float, rng: random.Random) -> list[str]:
    """Replace each codon with probability ``share``: half the time by a synonym, else by any other sense codon.

    The synonym is the one with the most G and C with probability ``gc``, otherwise the one with the fewest.
    """
    mutated = list(codons)
    for index, codon in enumerate(codons):
        if rng.random() >= share:
            continue
        synonyms = code.synonyms[codon]
        if synonyms and rng.random() < 0.5:
            mutated[index] = synonyms[-1] if rng.random() < gc else synonyms[0]
        else:
            mutated[index] = _other_codon(codon, code, rng)
    return mutated


def _other_codon(codon: str, code: GeneticCode, rng: random.Random) -> str:
    other = code.sense[int(rng.random() * len(code.sense))]
    if other != codon:
        return other
    return code.sense[1] if codon == code.sense[0] else code.sense[0]


def extract_parts(sequence: bytes, parts: Sequence[Interval], strand: int) -> bytes:
    """Return the bases of 0-based half-open parts on one strand, joined in transcript order."""
    return b"".join(
        sequence[start:end] if strand == 1 else reverse_complement(sequence[start:end]) for start, end in parts
    )


def translate(coding: bytes, code: GeneticCode, partial: tuple[bool, bool] = (False, False)) -> str | None:
    """Return the protein of a coding sequence, without its stop, or None if the sequence is not valid.

    It is valid if it consists of whole codons, has no stop inside, and has a start and a stop codon of ``code``
    except at an end that is partial (5', 3'). A codon with an ambiguity code is X.
    """
    text = coding.decode("ascii")
    codons = [text[start : start + 3] for start in range(0, len(text), 3)]
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

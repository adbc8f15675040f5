"""The nucleotide alphabet, the two strands, and the canonical form and digest of a molecule.

A sequence is upper-case IUPAC bytes, 5'->3' on the forward strand, U written as T.
"""

import re
from collections.abc import Iterator

import numpy as np
import xxhash

IUPAC = b"ACGTRYSWKMBDHVN"
_COMPLEMENT = bytes.maketrans(b"ACGTRYSWKMBDHVN", b"TGCAYRSWMKVHDBN")
_UPPER_AS_DNA = bytes.maketrans(b"acgturyswkmbdhvnU", b"ACGTTRYSWKMBDHVNT")
_PIECE = 1 << 18  # bytes that fit into a processor's cache
_LOWER_RUN = re.compile(rb"[a-z]+")


def normalise(raw: bytes) -> bytes:
    """Return ``raw`` in upper case with U as T; other characters stay, for `foreign` to find."""
    return raw.translate(_UPPER_AS_DNA)


def foreign(sequence: bytes) -> bytes:
    """Return the distinct bytes of a normalised sequence that are not IUPAC codes, sorted."""
    return bytes(sorted(set().union(*(piece.translate(None, IUPAC) for piece in _pieces(sequence)))))


def lower_case_runs(raw: bytes) -> list[tuple[int, int]]:
    """Return the half-open intervals of lower-case letters: the soft mask, if the source has one."""
    return [match.span() for match in _LOWER_RUN.finditer(raw)]


def reverse_complement(sequence: bytes) -> bytes:
    """Return the other strand, 5'->3', with IUPAC codes complemented."""
    return sequence.translate(_COMPLEMENT)[::-1]


def extract(sequence: bytes, start: int, end: int, strand: int) -> bytes:
    """Return the half-open span, reverse complemented for strand -1.

    ``end`` may exceed the length: the span then crosses the origin of a circular molecule.
    Raises ValueError for a span that is empty, negative, or longer than the molecule.
    """
    length = len(sequence)
    if not 0 <= start < end or start >= length or end - start > length:
        raise ValueError(f"span {start}..{end} does not lie in a molecule of {length} bases")
    span = sequence[start:end] if end <= length else sequence[start:] + sequence[: end - length]
    return reverse_complement(span) if strand == -1 else span


def gc_and_ambiguous(sequence: bytes) -> tuple[float | None, int]:
    """Return the share of G and C among A, C, G and T (None without any), and the number of other bases."""
    bases = np.frombuffer(sequence, np.uint8)
    pieces = [bases[at : at + _PIECE] for at in range(0, len(bases), _PIECE)]
    gc, at = (sum(int(np.count_nonzero(piece == base)) for base in pair for piece in pieces) for pair in (b"GC", b"AT"))
    called = gc + at
    return (gc / called if called else None), len(sequence) - called


def least_rotation(sequence: bytes) -> bytes:
    """Return the lexicographically least rotation.

    The candidates are the starts of the longest runs of the least base, in powers of two. All are compared base by
    base, which usually leaves one after some dozen bases; up to 64 that remain are compared in full,
    and more, in a very repetitive sequence, go to the linear two-pointer method (Shiloach 1981).
    """
    length = len(sequence)
    if length < 2:
        return sequence
    bases = np.frombuffer(sequence, np.uint8)
    least = bases == bases.min()
    runs, size = np.concatenate((least, least[: min(length, 64) - 1])), 1
    while 2 * size <= min(length, 64) and (longer := runs[:-size] & runs[size:])[:length].any():
        runs, size = longer, 2 * size
    starts = np.flatnonzero(runs[:length])
    for offset in range(size, min(length, 64)):
        if len(starts) == 1:
            break
        following = bases.take(starts + offset, mode="wrap")
        starts = starts[following == following.min()]
    if len(starts) <= 64:
        return min(_rotated(sequence, int(start)) for start in starts)
    return _rotated(sequence, _least_rotation_start(sequence))


def _rotated(sequence: bytes, start: int) -> bytes:
    return sequence[start:] + sequence[:start]


def _least_rotation_start(sequence: bytes) -> int:
    length, i, j, k = len(sequence), 0, 1, 0
    while i < length and j < length and k < length:
        a, b = sequence[(i + k) % length], sequence[(j + k) % length]
        if a == b:
            k += 1
            continue
        if a > b:
            i += k + 1
        else:
            j += k + 1
        if i == j:
            j += 1
        k = 0
    return min(i, j)


def canonical(sequence: bytes, circular: bool) -> bytes:
    """Return the canonical form of a molecule: the lesser strand, at its least rotation if circular."""
    if circular:
        return min(least_rotation(sequence), least_rotation(reverse_complement(sequence)))
    return reverse_complement(sequence) if _other_strand_is_less(sequence) else sequence


def canonical_digest(sequence: bytes, circular: bool) -> bytes:
    """Return the 16-byte XXH3 digest of `canonical`; after a match, compare the bases themselves."""
    if circular:
        return xxhash.xxh3_128_digest(canonical(sequence, circular))
    # In pieces, so that the other strand of a chromosome is never held whole.
    strand = _other_strand(sequence) if _other_strand_is_less(sequence) else _pieces(sequence)
    digest = xxhash.xxh3_128()
    for piece in strand:
        digest.update(piece)
    return digest.digest()


def _other_strand_is_less(sequence: bytes) -> bool:
    # The first few bases nearly always decide, so only those are complemented before the strand is chosen.
    start, size = 0, 64
    while start < len(sequence):
        low, high = max(len(sequence) - start - size, 0), len(sequence) - start
        piece, other = sequence[start : start + size], reverse_complement(sequence[low:high])
        if piece != other:
            return other < piece
        start, size = start + size, min(16 * size, _PIECE)
    return False


def _pieces(sequence: bytes) -> Iterator[bytes]:
    for start in range(0, len(sequence), _PIECE):
        yield sequence[start : start + _PIECE]


def _other_strand(sequence: bytes) -> Iterator[bytes]:
    for end in range(len(sequence), 0, -_PIECE):
        yield reverse_complement(sequence[max(end - _PIECE, 0) : end])

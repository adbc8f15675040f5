"""Canonical k-mers, each as one 64-bit number.

The canonical k-mer of a k-mer and its reverse complement is the smaller of the two, with two bits for each base. The
numbers are mixed by an invertible function, so different k-mers stay different and the first bits are evenly
distributed: ranges of equal width have about the same number of k-mers.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from dnacorpus.errors import UsageError

LONGEST = 31
"""Largest k for which the k-mers of both strands fit into 64 bits."""
CHUNK_BASES = 1 << 20
"""Windows whose k-mers `kmer_chunks` yields at once."""

Words = npt.NDArray[np.uint64]

_CODES = np.full(256, 4, np.uint8)
_CODES[list(b"ACGT")] = range(4)
_PIECE = 1 << 15  # what a processor's cache holds, at 8 bytes a base and some copies
_DOUBLED = {2: np.uint8, 4: np.uint8, 8: np.uint16, 16: np.uint32}
"""Bases of a word to the smallest type that holds it."""


def canonical_kmers(sequence: bytes, k: int) -> Words:
    """Return the mixed canonical k-mer of every window of A, C, G and T, in the order of the windows.

    ``sequence`` is upper-case IUPAC; a window with another code has no k-mer, nor has a sequence shorter than ``k``.
    Takes 8 bytes for each base. Raises UsageError unless k is from 1 to `LONGEST`.
    """
    if not 1 <= k <= LONGEST:
        raise UsageError(f"k: expected 1 to {LONGEST} bases, found {k}; correct the config")
    windows = len(sequence) - k + 1
    if windows < 1:
        return np.empty(0, np.uint64)
    codes = _CODES[np.frombuffer(sequence, np.uint8)]
    words = np.empty(windows, np.uint64)
    for start in range(0, windows, _PIECE):
        end = min(start + _PIECE, windows)
        _fill(words[start:end], codes[start : end + k - 1], k)
    bad = codes > 3
    return words[~_any(bad, k)] if bad.any() else words


def kmer_chunks(sequence: bytes, k: int, bases: int = CHUNK_BASES, *, circular: bool = False) -> Iterator[Words]:
    """Yield the k-mers of `canonical_kmers`, those of ``bases`` windows at a time, in order.

    For a circular molecule the windows across the origin come last. Holds one chunk at a time.
    """
    across = sequence[: k - 1] if circular and len(sequence) >= k else b""
    for start in range(0, len(sequence), bases):
        end = start + bases + k - 1
        yield canonical_kmers(sequence[start:end] + across[: max(end - len(sequence), 0)], k)


def distinct(words: Words) -> Words:
    """Return the distinct words in ascending order."""
    # numpy.unique hashes before it sorts, which takes ten times as long and more memory.
    ordered = np.sort(words)
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def _fill(words: Words, codes: npt.NDArray[np.uint8], k: int) -> None:
    """Write the mixed canonical k-mers of ``codes`` into ``words``; those with a code above 3 are undefined."""
    forward: npt.NDArray[np.unsignedinteger] = codes & np.uint8(3)
    reverse: npt.NDArray[np.unsignedinteger] = 3 - forward
    size = 1
    while 2 * size <= k:
        kind = _DOUBLED[2 * size]
        shift = kind(2 * size)
        forward, reverse = (
            (forward[:-size].astype(kind) << shift) | forward[size:],
            (reverse[size:].astype(kind) << shift) | reverse[:-size],
        )
        size *= 2
    # Two overlapping words of a power of two bases are one of k: where they overlap their bits agree.
    rest = k - size
    shift64, end = np.uint64(2 * rest), rest + len(words)
    other = reverse[rest:end].astype(np.uint64)
    other <<= shift64
    other |= reverse[: len(words)]
    words[:] = forward[: len(words)]
    words <<= shift64
    words |= forward[rest:end]
    np.minimum(words, other, out=words)
    _mix(words, other)


def _mix(words: Words, scratch: Words) -> None:
    """Mix in place by MurmurHash3's 64-bit finaliser (Appleby), which is a bijection."""
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 1):
        np.right_shift(words, np.uint64(33), out=scratch)
        words ^= scratch
        words *= np.uint64(factor)


def _any(flags: npt.NDArray[np.bool_], k: int) -> npt.NDArray[np.bool_]:
    """Return for each window of ``k`` whether a flag is set in it."""
    size, windows = 1, len(flags) - k + 1
    while 2 * size <= k:
        flags = flags[:-size] | flags[size:]
        size *= 2
    result: npt.NDArray[np.bool_] = flags[:windows] | flags[k - size : k - size + windows]
    return result

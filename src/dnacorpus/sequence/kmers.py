"""Words of k bases over both strands, each as one 64-bit number; and sets of places in a list of them.

A k-mer and its reverse complement are one word: the smaller of both, two bits a base. The numbers are mixed
by an invertible function, so that different words stay different and every prefix of the 64 bits is even:
a range of numbers is a fair share of the words.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from dnacorpus.errors import UsageError

LONGEST = 31
"""Bases of the longest word that 64 bits hold with both strands told apart."""
CHUNK_BASES = 1 << 20
"""Bases whose words `kmer_chunks` gives at once."""

Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

_CODES = np.full(256, 4, np.uint8)
_CODES[list(b"ACGT")] = range(4)
_PIECE = 1 << 15  # what a processor's cache holds, at 8 bytes a base and some copies
_DOUBLED = {2: np.uint8, 4: np.uint8, 8: np.uint16, 16: np.uint32}
"""Bases of a word to the smallest type that holds it."""


def canonical_kmers(sequence: bytes, k: int) -> Words:
    """Return the mixed canonical k-mer of every window of A, C, G and T, in the order of the windows.

    ``sequence`` is upper-case IUPAC; a window with another code gives nothing, nor does a sequence shorter
    than ``k``. Takes 8 bytes a base. Raises UsageError unless k is from 1 to `LONGEST`.
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
    """Yield the words of `canonical_kmers`, those of ``bases`` windows at a time, in order.

    Of a circular molecule the windows across the origin come last. Nothing is held but one chunk.
    """
    across = sequence[: k - 1] if circular and len(sequence) >= k else b""
    for start in range(0, len(sequence), bases):
        end = start + bases + k - 1
        yield canonical_kmers(sequence[start:end] + across[: max(end - len(sequence), 0)], k)


def distinct(words: Words) -> Words:
    """Return the words in ascending order, each once."""
    # numpy.unique hashes before it sorts, which takes ten times as long and more memory.
    ordered = np.sort(words)
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def _fill(words: Words, codes: npt.NDArray[np.uint8], k: int) -> None:
    """Write the mixed canonical words of ``codes`` (0 to 3, others give anything) into ``words``."""
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
    """Tell of each window of ``k`` whether a flag is set in it."""
    size, windows = 1, len(flags) - k + 1
    while 2 * size <= k:
        flags = flags[:-size] | flags[size:]
        size *= 2
    result: npt.NDArray[np.bool_] = flags[:windows] | flags[k - size : k - size + windows]
    return result


class PlaceSet:
    """A set of places 0 to ``size`` - 1, held in one bit each."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._bits = np.zeros(size // 8 + 1, np.uint8)

    def add(self, places: Places) -> None:
        """Put places into the set; those below 0, which stand for nothing, are passed over."""
        places = places[places >= 0]
        np.bitwise_or.at(self._bits, places >> 3, np.uint8(1) << (places & 7).astype(np.uint8))

    def holds(self, places: Places) -> npt.NDArray[np.bool_]:
        """Tell of each place whether it is in the set; those below 0 are not."""
        held = (self._bits[places >> 3] >> (places & 7).astype(np.uint8)) & np.uint8(1)
        result: npt.NDArray[np.bool_] = held.astype(np.bool_) & (places >= 0)
        return result

    def sorted(self, at_once: int = 1 << 20) -> Iterator[Places]:
        """Yield the places in ascending order, those of ``at_once`` bytes of bits at a time."""
        for start in range(0, len(self._bits), at_once):
            bits = np.unpackbits(self._bits[start : start + at_once], bitorder="little")
            yield np.flatnonzero(bits) + 8 * start

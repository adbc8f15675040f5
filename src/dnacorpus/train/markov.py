"""Order-k Markov models of DNA: what counting can do, for a network to be measured by.

A base's probability interpolates all orders up to k. With n(c) the times a context c of j bases was seen
and n(c, b) the times base b followed it,

    p_j(b | c) = (n(c, b) + w p_{j-1}(b | c without its first base)) / (n(c) + w)

(Dirichlet prior centred on the shorter context; MacKay and Peto 1995), down to p_{-1} = 1/4. Order and
weight w are chosen on sequences left out of the counts: a long context pays among near relatives and misleads
among strangers. Bases other than A, C, G and T are neither counted, predicted, nor context.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

Bases = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float64]

WEIGHTS = (4.0, 16.0, 64.0, 256.0)
HIGHEST = 11
TRIED_BASES, COUNTED_BASES = 1 << 18, 1 << 28
"""How many bases are enough to tell orders and weights apart, and to count."""
_AT_ONCE = 1 << 22
UNIFORM = 2.0
"""Bits per base of a model that knows nothing: log2 of four."""


class Markov:
    """Counts of all contexts of up to ``order`` bases, 4**(order + 1) at most, and the bits they cost new bases."""

    def __init__(self, sequences: Iterable[Bases], order: int, weight: float = WEIGHTS[0]) -> None:
        """Count ``sequences`` of bases 0 to 3, and 4 for unknown ones; contexts do not cross from one to the next."""
        self.order, self.weight = order, weight
        self._followed = [np.zeros(4**length, np.int64) for length in range(1, order + 2)]
        for joined in _joined(sequences):
            for counts, (_, codes) in zip(self._followed, _words(joined, order + 1), strict=True):
                np.add(counts, np.bincount(codes, minlength=len(counts)), out=counts)
        self._seen = [counts.reshape(-1, 4).sum(1) for counts in self._followed]

    def bits(self, sequence: Bases) -> Bits:
        """Return the bits of each base, 0 for an unknown one; no context reaches before the sequence's start."""
        return list(self.bits_by_order(sequence, self.weight))[-1]

    def bits_by_order(self, sequence: Bases, weight: float) -> Iterator[Bits]:
        """Yield what `bits` returns for order 0, 1 and so on, with a weight."""
        probability = np.full(len(sequence), 0.25)
        tables = zip(_words(sequence, self.order + 1), self._followed, self._seen, strict=True)
        for (ends, codes), followed, seen in tables:
            probability[ends] = (followed[codes] + weight * probability[ends]) / (seen[codes >> 2] + weight)
            yield np.where(sequence < 4, -np.log2(probability), 0.0)


def _joined(sequences: Iterable[Bases]) -> Iterator[Bases]:
    """Yield the sequences, an unknown base after each, some million bases at a time."""
    apart = np.array([4], np.uint8)
    waiting: list[Bases] = []
    bases = 0
    for sequence in sequences:
        waiting += [sequence, apart]
        bases += len(sequence)
        if bases >= _AT_ONCE:
            yield np.concatenate(waiting)
            waiting, bases = [], 0
    if waiting:
        yield np.concatenate(waiting)


def _words(sequence: Bases, longest: int) -> Iterator[tuple[Places, Places]]:
    """Yield, for each length from 1, where the words of called bases end, and their codes in base 4."""
    places = np.arange(len(sequence))
    unknown = np.maximum.accumulate(np.where(sequence < 4, -1, places))
    called = places - unknown  # how many called bases end here, one after another
    codes = np.zeros(len(sequence), np.int64)
    for length in range(1, longest + 1):
        codes[1:] = codes[:-1] << 2
        codes[:1] = 0
        codes |= sequence & 3
        ends = np.flatnonzero(called >= length)
        yield ends, codes[ends]


def highest_order(bases: int) -> int:
    """Return the highest order worth counting: no more contexts than bases, and `HIGHEST` at most."""
    return max(0, min(HIGHEST, (max(bases, 1).bit_length() - 1) // 2))


def choose(counted: Sequence[Bases], tried: Iterable[Bases]) -> tuple[int, float]:
    """Return the order and the weight that cost ``tried`` the fewest bits when ``counted`` is counted."""
    model = Markov(counted, highest_order(sum(map(len, counted))))
    joined = next(_joined(tried), np.empty(0, np.uint8))[:TRIED_BASES]
    cost = {
        (order, weight): float(bits.sum())
        for weight in WEIGHTS
        for order, bits in enumerate(model.bits_by_order(joined, weight))
    }
    return min(cost, key=lambda choice: (cost[choice], choice))

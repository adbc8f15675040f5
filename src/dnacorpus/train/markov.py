"""Order-k Markov models of DNA, the baseline of the network.

The probability of a base interpolates all orders up to k. With n(c) the count of a context c of j bases and n(c, b) the
count of base b after it,

    p_j(b | c) = (n(c, b) + w p_{j-1}(b | c without its first base)) / (n(c) + w)

(Dirichlet prior centred on the shorter context; MacKay and Peto 1995), down to p_{-1} = 1/4. Order and
weight w are chosen on sequences left out of the counts, because long contexts help for near relatives and harm for
unrelated sequences. Bases other than A, C, G and T are neither counted nor predicted, and end a context.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

Bases = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float64]

WEIGHTS = (4.0, 16.0, 64.0, 256.0)
MAX_ORDER = 11
TUNING_BASES, COUNTED_BASES = 1 << 18, 1 << 28
"""Most bases that are used to choose order and weight, and to count."""
_CHUNK_BASES = 1 << 22
UNIFORM = 2.0
"""Bits per base of the uniform distribution: log2 of four."""


class Markov:
    """Counts of all contexts of up to ``order`` bases, and the bits that new bases take under them."""

    def __init__(self, sequences: Iterable[Bases], order: int, weight: float = WEIGHTS[0]) -> None:
        """Count ``sequences`` of bases 0 to 3, with 4 for unknown bases; contexts do not cross sequences."""
        self.order, self.weight = order, weight
        self._followed = [np.zeros(4**length, np.int64) for length in range(1, order + 2)]
        for joined in _joined(sequences):
            for counts, (_, codes) in zip(self._followed, _words(joined, order + 1), strict=True):
                np.add(counts, np.bincount(codes, minlength=len(counts)), out=counts)
        self._seen = [counts.reshape(-1, 4).sum(1) for counts in self._followed]

    def bits(self, sequence: Bases) -> Bits:
        """Return the bits of each base, 0 for an unknown one; contexts begin at the start of the sequence."""
        return list(self.bits_by_order(sequence, self.weight))[-1]

    def bits_by_order(self, sequence: Bases, weight: float) -> Iterator[Bits]:
        """Yield the result of `bits` for the orders 0, 1, ... with a weight."""
        probability = np.full(len(sequence), 0.25)
        tables = zip(_words(sequence, self.order + 1), self._followed, self._seen, strict=True)
        for (ends, codes), followed, seen in tables:
            probability[ends] = (followed[codes] + weight * probability[ends]) / (seen[codes >> 2] + weight)
            yield np.where(sequence < 4, -np.log2(probability), 0.0)


def _joined(sequences: Iterable[Bases]) -> Iterator[Bases]:
    """Yield the sequences joined, with an unknown base after each, in chunks of some million bases."""
    apart = np.array([4], np.uint8)
    waiting: list[Bases] = []
    bases = 0
    for sequence in sequences:
        waiting += [sequence, apart]
        bases += len(sequence)
        if bases >= _CHUNK_BASES:
            yield np.concatenate(waiting)
            waiting, bases = [], 0
    if waiting:
        yield np.concatenate(waiting)


def _words(sequence: Bases, longest: int) -> Iterator[tuple[Indices, Indices]]:
    """Yield, for each length from 1, the ends of the words of called bases, and their codes in base 4."""
    indices = np.arange(len(sequence))
    last_unknown = np.maximum.accumulate(np.where(sequence < 4, -1, indices))
    called = indices - last_unknown  # length of the run of called bases that ends here
    codes = np.zeros(len(sequence), np.int64)
    for length in range(1, longest + 1):
        codes[1:] = codes[:-1] << 2
        codes[:1] = 0
        codes |= sequence & 3
        ends = np.flatnonzero(called >= length)
        yield ends, codes[ends]


def highest_order(bases: int) -> int:
    """Return the highest order with no more contexts than bases, at most `MAX_ORDER`."""
    return max(0, min(MAX_ORDER, (max(bases, 1).bit_length() - 1) // 2))


def choose(counted: Sequence[Bases], tuning: Iterable[Bases]) -> tuple[int, float]:
    """Return the order and weight with the fewest bits on ``tuning`` when ``counted`` is counted."""
    model = Markov(counted, highest_order(sum(map(len, counted))))
    joined = next(_joined(tuning), np.empty(0, np.uint8))[:TUNING_BASES]
    cost = {
        (order, weight): float(bits.sum())
        for weight in WEIGHTS
        for order, bits in enumerate(model.bits_by_order(joined, weight))
    }
    return min(cost, key=lambda choice: (cost[choice], choice))

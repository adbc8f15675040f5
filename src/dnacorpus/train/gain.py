"""Bits per base over rows, and the interval of a difference of two that are paired by row."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and its 95 % interval; no bounds where one row leaves nothing to resample."""

    value: float
    low: float | None
    high: float | None


def bits_per_base(bits: Bits, bases: Counts) -> float | None:
    """Return the bits of all rows over their bases; None without bases."""
    total = int(bases.sum())
    return float(bits.sum()) / total if total else None


def gain(without: Bits, given: Bits, bases: Counts, seed: int) -> Interval | None:
    """Return by how many bits per base ``given`` is cheaper than ``without``; None without bases.

    The three are by row and in the same order. The interval is that of a percentile bootstrap over rows,
    both sides of a row drawn together.
    """
    used = bases > 0
    saved, counted = (without - given)[used], bases[used]
    value = bits_per_base(saved, counted)
    if value is None:
        return None
    if len(counted) < 2:
        return Interval(value, None, None)
    drawn = np.random.default_rng(seed).integers(len(counted), size=(RESAMPLES, len(counted)))
    low, high = np.quantile(saved[drawn].sum(1) / counted[drawn].sum(1), (0.025, 0.975))
    return Interval(value, float(low), float(high))

"""Bits per base over rows, and the confidence interval of a paired difference."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and its 95 % interval; the bounds are None for a single row, which cannot be resampled."""

    value: float
    low: float | None
    high: float | None


def bits_per_base(bits: Bits, bases: Counts) -> float | None:
    """Return the total bits divided by the total bases, or None if there are no bases."""
    total = int(bases.sum())
    return float(bits.sum()) / total if total else None


def gain(without: Bits, given: Bits, bases: Counts, seed: int) -> Interval | None:
    """Return the bits per base that ``given`` saves compared with ``without``, or None if there are no bases.

    The three arrays have one value per row, in the same order. The interval is from a percentile bootstrap over rows.
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

"""An axis of a figure: round ticks, and the position of each value."""

import math
from dataclasses import dataclass

MIN_SPREAD = 1e-6
"""Values closer to each other than this are treated as one."""


def ticks(low: float, high: float, most: int = 6, *, whole: bool = False) -> list[float]:
    """Return 2 to ``most`` equidistant round numbers, from at most ``low`` to at least ``high``.

    With ``whole`` all are integers. The step is 1, 2 or 5 times a power of ten. Values without a spread get a step
    relative to their size.
    """
    spread = high - low
    if spread < MIN_SPREAD:
        spread = max(abs(high), 1e-3)
    first_power = 0 if whole else math.floor(math.log10(spread)) - 1
    for power in range(first_power, first_power + 400):
        for digit in (1, 2, 5):
            # A step below one is a quotient, which is the nearest number to the decimal; a product is not.
            step = digit * 10**power if power >= 0 else digit / 10**-power
            first, last = math.floor(low / step), math.ceil(high / step)
            last = max(last, first + 1)
            if step * (most - 1) >= spread and last - first < most:
                return [number * step for number in range(first, last + 1)]
    raise ValueError(f"ticks: expected finite bounds, found {low} and {high}")


def digits_of(step: float) -> int:
    """Return the digits after the point that the multiples of a step of `ticks` need."""
    return max(0, -math.floor(math.log10(step) + 1e-9))


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear map from values (``low`` to ``high``) to positions in the figure (``start`` to ``end``)."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the position of a value."""
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)

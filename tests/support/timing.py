"""Whether a function takes time linear in the size of its text."""

import gc
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SIZES = (10_000, 40_000, 160_000) + ((1_000_000,) if NIGHTLY else ())
FACTOR = 1.5
"""How much more than its share of the size a longer text may take."""
FLOOR = 0.002
"""Seconds that are too short to compare."""
TRIES = 4
_PROBE = tuple((size, 0.05) for size in (12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 600, 2500))
"""Sizes that come first, with the seconds that no linear function takes: an exponential one would never end."""
_DEEPER = 6
_LONGEST = 2

Run = Callable[[str], object]
Texts = Callable[[int], str]


def seconds(run: Run, text: str) -> float:
    """Return the processor time of one call, without collections of garbage: theirs is that of all objects of a run."""
    collects = gc.isenabled()
    gc.disable()
    started = time.process_time()
    try:
        run(text)
        return time.process_time() - started
    finally:
        if collects:
            gc.enable()


def flaw(run: Run, texts: Texts, sizes: Iterable[int] = SIZES) -> str | None:
    """Return the two sizes and times between which the time grows faster than the size, or None."""
    before: tuple[int, float] | None = None
    for size in sizes:
        text = texts(size)
        taken = seconds(run, text)
        if before:
            allowed = FACTOR * len(text) / before[0]
            for _ in range(TRIES):
                if taken <= max(FLOOR, allowed * max(FLOOR, before[1])):
                    break
                taken = min(taken, seconds(run, text))
            else:
                return f"{before[0]} characters in {before[1]:.4f} s, {len(text)} in {taken:.4f} s"
        before = len(text), taken
    return None


def slowest_flaw(run: Run, candidates: "list[Any]") -> str | None:
    """Return the first flaw among candidates with a method ``text(size)``: all short, the slowest also long."""
    for size, most in _PROBE:
        timed = []
        for number, candidate in enumerate(candidates):
            text = candidate.text(size)
            taken = seconds(run, text)
            if taken > most and seconds(run, text) > most:
                return f"{len(text)} characters in {taken:.4f} s: {candidate}"
            timed.append((-taken, number))
    slow = [candidates[number] for _, number in sorted(timed)[:_DEEPER]]
    for candidate in slow:
        if found := flaw(run, candidate.text, (2500, 5000, *SIZES[:2])):
            return f"{found}: {candidate}"
    for candidate in slow[:_LONGEST]:
        if found := flaw(run, candidate.text):
            return f"{found}: {candidate}"
    return None

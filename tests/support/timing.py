"""Whether a function takes time linear in the size of its text."""

import gc
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SIZES = (10_000, 40_000, 160_000) + ((1_000_000,) if NIGHTLY else ())
FACTOR = 1.5
"""How much more than its share of the time a longer text may take."""
FLOOR = 0.002
"""Seconds that are too short to compare."""
TRIES = 4
_PROBE = (12, 16, 20, 22, 24, 26, 28, 32, 36, 40, 44, 48, 56, 64, 96, 600, 1200, 2500)
"""Sizes that come first: an exponential function would not end at the others."""
_MOST = 0.5
"""Seconds for a text of the first sizes that no linear function takes on any machine."""
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
    before = ""
    for size in sizes:
        text = texts(size)
        if before and (found := longer(run, before, text, len(text) / len(before))):
            return found
        before = text
    return None


def longer(run: Run, short: str, long: str, share: float) -> str | None:
    """Return the sizes and times of two texts if the second takes more than ``share`` times as long, or None.

    Both are measured again on a miss: a machine with other work is not equally fast at all times.
    """
    for _ in range(TRIES):
        first, second = seconds(run, short), seconds(run, long)
        if second <= FACTOR * share * max(FLOOR, first):
            return None
    return f"{len(short)} characters in {first:.4f} s, {len(long)} in {second:.4f} s"


def slowest_flaw(run: Run, candidates: "list[Any]") -> str | None:
    """Return the first flaw among candidates with a method ``text(size)``: all short, the slowest also long."""
    for size in _PROBE:
        timed = []
        for number, candidate in enumerate(candidates):
            text = candidate.text(size)
            taken = seconds(run, text)
            if taken > _MOST and seconds(run, text) > _MOST:
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

"""Progress of a long transfer in lines that read well on a terminal and in a log file."""

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds between two lines; the first and the last are always said."""


class Progress:
    """Counts files and bytes that are done, from any thread, and says so with rate and time left."""

    def __init__(self, what: str, files: int, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._files, self._total, self._clock = what, files, total, clock
        self._done = self._bytes = 0
        self._started = self._said = clock()
        self._lock = threading.Lock()
        if files:
            logger.info("%s: %s in %s", what, size(total), count(files))

    def advance(self, files: int, amount: int) -> None:
        """Count what has become complete."""
        with self._lock:
            self._done += files
            self._bytes += amount
            now = self._clock()
            if self._done < self._files and now - self._said < INTERVAL:
                return
            self._said = now
            seconds = now - self._started
            rate = self._bytes / seconds if seconds > 0 else 0.0
            left = f", {duration((self._total - self._bytes) / rate)} left" if rate and self._done < self._files else ""
            logger.info(
                "%s: %d of %s, %s of %s, %s/s%s",
                self._what, self._done, count(self._files), size(self._bytes), size(self._total), size(rate), left,
            )  # fmt: skip


def count(files: int) -> str:
    """Return a number of files in words."""
    return f"{files:,} file{'' if files == 1 else 's'}"


def size(amount: float) -> str:
    """Return bytes with a decimal unit, e.g. 19.4 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def duration(seconds: float) -> str:
    """Return a time as minutes and seconds or as hours and minutes, e.g. 2:05 or 3 h 05 min."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"

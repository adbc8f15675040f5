"""Logs the progress of a long transfer, in lines that suit both a terminal and a log file."""

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds between two lines; the first and the last line are always logged."""


class Progress:
    """Counts complete files and transferred bytes, from any thread, and logs them with rate and time left.

    ``total`` is the number of bytes of all files of known size, or None to count files alone, or what ``unit`` names.
    """

    def __init__(
        self,
        what: str,
        files: int,
        total: int | None,
        clock: Callable[[], float] = time.monotonic,
        *,
        unit: str = "file",
    ) -> None:
        self._what, self._total, self._clock = what, total, clock
        self._files, self._count = files, count(files, unit)
        self._done = self._bytes = self._arrived = 0
        self._started = self._logged = clock()
        self._lock = threading.Lock()
        if files:
            logger.info("%s: %s", what, self._count if total is None else f"{size(total)} in {self._count}")

    def resume(self, name: str, amount: int) -> None:
        """Count the bytes that an earlier process transferred; they do not count for the rate."""
        with self._lock:
            self._bytes += amount
            logger.info("%s: %s: %s already here", self._what, name, size(amount))

    def advance(self, files: int, amount: int) -> None:
        """Count complete files and received bytes; a negative amount takes back discarded bytes."""
        with self._lock:
            self._done += files
            self._bytes += amount
            self._arrived += max(0, amount)
            now = self._clock()
            last = bool(files) and self._done >= self._files
            if last or now - self._logged >= INTERVAL:
                self._logged = now
                left = 0.0 if last else self._left(now - self._started)
                words = [f"{self._done:,} of {self._count}", *self._transferred(now - self._started)]
                if left > 0:
                    words.append(f"{duration(left)} left")
                logger.info("%s: %s", self._what, ", ".join(words))

    def _transferred(self, seconds: float) -> list[str]:
        if self._total is None:
            return []
        rate = self._arrived / seconds if seconds > 0 else 0.0
        # Files of unknown size may bring more bytes than the total.
        known = f" of {size(self._total)}" if self._total >= self._bytes else ""
        return [size(self._bytes) + known, f"{size(rate)}/s"]

    def _left(self, seconds: float) -> float:
        """Return an estimate of the seconds left, 0 if there is none yet."""
        if self._total is None:
            return (self._files - self._done) * seconds / self._done if self._done else 0.0
        return (self._total - self._bytes) * seconds / self._arrived if self._arrived else 0.0


def count(files: int, unit: str = "file") -> str:
    """Return a number of files, or of another unit, in words."""
    return f"{files:,} {unit}{'' if files == 1 else 's'}"


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

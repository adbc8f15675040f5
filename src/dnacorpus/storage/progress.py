"""Progress of a long transfer: a tqdm bar on a terminal, else lines in the log."""

import logging
import sys
import threading
from io import StringIO

from tqdm import tqdm

from dnacorpus.numbers import count, size
from dnacorpus.printable import escaped

logger = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds between two lines in the log; the first and the last are always logged."""


_LINE = "{desc}: {n_fmt} of {total_fmt} [{elapsed}<{remaining}, {rate_fmt}{postfix}]"


def hidden() -> bool | None:
    """Return what tqdm takes as ``disable``: True after ``--quiet``, else None, so that bars are on terminals only."""
    return logging.getLogger("dnacorpus").level > logging.INFO or None


class Progress:
    """Counts complete files and transferred bytes, from any thread, and shows them with rate and time left.

    ``total`` is the number of bytes of all files of known size, or None to count files alone, or what ``unit`` names.
    """

    def __init__(self, what: str, files: int, total: int | None, *, unit: str = "file") -> None:
        """Show the totals; without any files nothing is shown."""
        self._what, self._files, self._unit, self._in_bytes = what, files, unit, total is not None
        self._done = 0
        self._lock = threading.Lock()
        terminal = sys.stderr.isatty()
        self._bar = tqdm(
            desc=escaped(what),
            total=(total or None) if self._in_bytes else files,
            unit="B" if self._in_bytes else f" {unit}s",
            unit_scale=self._in_bytes,
            file=sys.stderr if terminal else _LogLines(),
            mininterval=0.1 if terminal else INTERVAL,
            miniters=1,
            position=None if terminal else 0,
            disable=files == 0 or bool(hidden()),
            bar_format=None if terminal else _LINE,
        )

    def resume(self, name: str, amount: int) -> None:
        """Count the bytes that an earlier process transferred; they do not count for the rate."""
        with self._lock:
            self._bar.initial += amount
            self._bar.n += amount
            self._bar.last_print_n += amount
        logger.info("%s: %s: %s already here", self._what, name, size(amount))

    def advance(self, files: int, amount: int) -> None:
        """Count complete files and received bytes; a negative amount takes back discarded bytes."""
        with self._lock:
            self._done += files
            if self._in_bytes:
                self._bar.set_postfix_str(f"{self._done:,} of {count(self._files, self._unit)}", refresh=False)
            step = amount if self._in_bytes else files
            if files and self._done >= self._files:
                self._bar.n += step
                self._bar.close()
            else:
                self._bar.update(step)


class _LogLines(StringIO):
    """Logs each state of a bar as a line."""

    def write(self, text: str) -> int:
        if line := text.strip():
            logger.info("%s", line)
        return len(text)

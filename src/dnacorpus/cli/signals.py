"""Ctrl-C and SIGTERM: the running verb ends, removes its temporary files, and says one line.

The first signal raises `Interrupted` in the main thread, so that every context manager cleans up. A library may turn
that into an error of its own, or catch it: `received` remembers the signal. A second signal ends the process at once;
the next run removes what is left behind.
"""

import os
import signal
import sys
from types import FrameType

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
"""Exit code by signal, as in a shell: 128 and its number."""

_received: list[int] = []


class Interrupted(KeyboardInterrupt):
    """A signal that ends the program was received."""


def watch() -> None:
    """Raise `Interrupted` on SIGINT and SIGTERM from now on, except for one that the caller has ignored or handles."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _interrupt)


def received() -> int:
    """Return the exit code of the signal that was received, or 0 if there was none."""
    return CODES[signal.Signals(_received[0])] if _received else 0


def leave(code: int) -> None:
    """End the process without waiting for threads that still wait for a server."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(code)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    if len(_received) > 1:
        os._exit(received())
    raise Interrupted

"""Repeating a request that failed: how often, and how long to wait in between."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Answer = TypeVar("Answer")

_PROGRESS_BYTES = 1 << 20


class RetryableError(Exception):
    """A failure that another attempt may cure; ``wait`` is the seconds that the server asks for, 0 if it does not."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Backoff:
    """How many attempts in a row, and the seconds between them: ``first_wait``, doubled up to ``longest_wait``.

    A random part of each wait, at most ``random_share`` of it, is left out, so that many processes do not try again
    at the same moment.
    """

    attempts: int
    first_wait: float
    longest_wait: float
    random_share: float = 0.5

    def wait(self, attempt: int, asked: float) -> float:
        """Return the seconds to wait after the ``attempt``-th failure; ``asked`` is what the server asks for."""
        grown = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))
        kept = random.SystemRandom().uniform(1 - self.random_share, 1)
        return max(grown * kept, min(self.longest_wait, asked))


def retry(
    call: Callable[[], Answer],
    backoff: Backoff,
    before_wait: Callable[[int, RetryableError, float], None],
    progress: Callable[[], int] = int,
) -> Answer:
    """Return the result of ``call``, which is repeated as long as it raises RetryableError.

    ``before_wait`` receives the attempt (from 1), its error and the seconds until the next attempt. Attempts are
    counted from 1 again whenever ``progress()``, a number of bytes, has grown by a mebibyte.
    Raises the last RetryableError when all attempts are used up; other errors end the attempts at once.
    """
    attempt, reached = 0, progress()
    while True:
        attempt += 1
        try:
            return call()
        except RetryableError as error:
            if progress() - reached >= _PROGRESS_BYTES:
                attempt, reached = 1, progress()
            if attempt >= backoff.attempts:
                raise
            wait = backoff.wait(attempt, error.wait)
            before_wait(attempt, error, wait)
        time.sleep(wait)

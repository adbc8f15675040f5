"""The pace of requests to one server."""

import time
from collections import deque


class Pace:
    """Delays requests so that the server never receives more than ``per_second`` of them in one second.

    A request reaches the server at some time between its sending and its answer. So the request sent
    ``floor(per_second)`` requests later waits until one second after that answer, however fast the network is.
    Below one request a second the pause between two requests is 1 / per_second.
    """

    def __init__(self, per_second: float) -> None:
        self._pause = 1 / min(1.0, per_second) if per_second else 0.0
        self._answered: deque[float] = deque(maxlen=max(1, int(per_second)))

    def wait(self) -> None:
        """Sleep until the next request may be sent."""
        if self._pause and len(self._answered) == self._answered.maxlen:
            time.sleep(max(0.0, self._answered[0] + self._pause - time.monotonic()))

    def answered(self) -> None:
        """Record that a request was answered or failed."""
        self._answered.append(time.monotonic())

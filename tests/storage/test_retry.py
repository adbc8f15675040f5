import pytest

from dnacorpus.storage.retry import Backoff, RetryableError, retry

QUICK = Backoff(attempts=3, first_wait=2.0, longest_wait=5.0)


class Failing:
    """A call that fails ``failures`` times; each attempt brings ``step`` bytes."""

    def __init__(self, failures: int, step: int = 0, asked: float = 0.0) -> None:
        self.calls = self.received = 0
        self._failures, self._step, self._asked = failures, step, asked
        self.seen: list[tuple[int, str]] = []

    def __call__(self) -> str:
        self.calls += 1
        self.received += self._step
        if self.calls <= self._failures:
            raise RetryableError(f"failure {self.calls}", self._asked)
        return "answer"

    def note(self, attempt: int, error: RetryableError, wait: float) -> None:
        self.seen.append((attempt, str(error)))


def test_a_call_is_repeated_until_it_succeeds(waits: list[float]) -> None:
    call = Failing(2)
    assert retry(call, QUICK, call.note) == "answer"
    assert call.seen == [(1, "failure 1"), (2, "failure 2")]
    assert 1.0 <= waits[0] <= 2.0 <= waits[1] <= 4.0


def test_the_last_error_is_raised_when_the_attempts_are_used_up(waits: list[float]) -> None:
    call = Failing(99)
    with pytest.raises(RetryableError, match="failure 3"):
        retry(call, QUICK, call.note)
    assert (call.calls, len(waits)) == (3, 2)


def test_progress_resets_the_attempts(waits: list[float]) -> None:
    call = Failing(6, step=1 << 20)
    assert retry(call, QUICK, call.note, lambda: call.received) == "answer"
    assert [attempt for attempt, _ in call.seen] == [1] * 6


def test_less_than_a_mebibyte_is_no_progress(waits: list[float]) -> None:
    call = Failing(99, step=1 << 18)
    with pytest.raises(RetryableError, match="failure 3"):
        retry(call, QUICK, call.note, lambda: call.received)


@pytest.mark.parametrize(("asked", "expected"), [(4.5, 4.5), (100.0, 5.0)])
def test_the_wait_that_the_server_asks_for_is_kept_up_to_the_longest(
    waits: list[float], asked: float, expected: float
) -> None:
    call = Failing(1, asked=asked)
    retry(call, QUICK, call.note)
    assert waits == [expected]


def test_other_errors_are_not_repeated(waits: list[float]) -> None:
    def call() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        retry(call, QUICK, lambda *_: None)
    assert waits == []

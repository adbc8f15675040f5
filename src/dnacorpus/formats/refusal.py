"""The error for one record that cannot be used, while the rest of its file can."""

from collections.abc import Iterator
from contextlib import contextmanager

from dnacorpus.errors import CorpusError
from dnacorpus.limits import LimitError, within_memory


class RefusalError(CorpusError):
    """A record that cannot be used: ``reason`` is the reason in the ledger, the message gives the details."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@contextmanager
def one_record() -> Iterator[None]:
    """Refuse a record (too_large) that exceeds a limit, or exhausts memory or stack, while it is read."""
    try:
        with within_memory():
            yield
    except LimitError as error:
        raise RefusalError("too_large", str(error)) from None


@contextmanager
def one_file(name: str) -> Iterator[None]:
    """Raise LimitError, naming the file, if reading it exceeds a limit, or exhausts memory or stack."""
    try:
        with within_memory():
            yield
    except LimitError as error:
        raise LimitError(f"{name}: {error}") from None

"""The error for one record that cannot be used, while the rest of its file can."""

from dnacorpus.errors import CorpusError


class RefusalError(CorpusError):
    """A record that cannot be used: ``reason`` is the reason in the ledger, the message gives the details."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason

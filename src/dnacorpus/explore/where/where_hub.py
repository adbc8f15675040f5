"""The files of a dataset on the Hub, of which a question reads some byte ranges."""

from dnacorpus.dataset.hub import Hub
from dnacorpus.errors import RemoteError


class Published:
    """The files of a dataset on the Hub, at one commit."""

    most_compared = 1 << 26

    def __init__(self, hub: Hub, commit: str) -> None:
        self.name, self._hub, self._commit = f"{hub.repo}@{commit[:8]}", hub, commit
        self._sizes: dict[str, int | None] = {}

    def size(self, path: str) -> int | None:
        """Return the size of a file, or None where there is none; raises RemoteError."""
        if path not in self._sizes:
            stored = self._hub.file(path, self._commit) if self._commit else None
            self._sizes[path] = stored.bytes if stored else None
        return self._sizes[path]

    def read(self, path: str, start: int, end: int) -> bytes:
        """Return the bytes of a file from ``start`` up to ``end``; raises RemoteError."""
        return self._hub.read(path, self._commit, start, end)

    def advice(self) -> str:
        """Return what to do where a file is missing."""
        return "check the name and the revision, or ask its owner to publish again"


def published(repo: str, revision: str | None = None) -> Published:
    """Return the files of ORG/NAME at a branch, tag or commit, resolved to a commit once.

    Raises UsageError for another form of name, RemoteError when the Hub does not have it.
    """
    hub = Hub(repo)
    try:
        return Published(hub, hub.head(revision).commit)
    except RemoteError as error:
        raise RemoteError(f"{error} (the Hub was asked because there is no folder {repo} here)") from error

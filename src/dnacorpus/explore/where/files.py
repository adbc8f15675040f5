"""The files of a dataset, in a folder or on the Hub, read by byte range."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dnacorpus import limits
from dnacorpus.dataset import manifest as manifests
from dnacorpus.dataset.manifest import Manifest
from dnacorpus.dataset.manifest_form import MANIFEST
from dnacorpus.errors import RemoteError, UsageError
from dnacorpus.limits import LimitError

if TYPE_CHECKING:
    from dnacorpus.dataset.hub import Hub


class Files(Protocol):
    """A dataset's files by their paths in it."""

    name: str
    max_compared: int
    """Most bytes of shards that are read to compare the sequence of one query."""

    def size(self, path: str) -> int | None:
        """Return the size of a file, or None if it does not exist."""

    def read(self, path: str, start: int, end: int) -> bytes:
        """Return the bytes of a file from ``start`` up to ``end``."""

    def advice(self) -> str:
        """Return what the user can do about a missing file."""


class Folder:
    """The files of a dataset folder on this machine."""

    max_compared = 1 << 30

    def __init__(self, root: Path) -> None:
        """Open a folder; raises UsageError if it has no manifest, CorpusError if that is malformed."""
        manifests.read(root)
        self.name, self._root = str(root), root

    def size(self, path: str) -> int | None:
        """Return the size of a file, or None if it does not exist."""
        full = self._root / path
        return full.stat().st_size if full.is_file() else None

    def read(self, path: str, start: int, end: int) -> bytes:
        """Return the bytes of a file from ``start`` up to ``end``, fewer if the file ends before."""
        with (self._root / path).open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def advice(self) -> str:
        """Return what the user can do about a missing file."""
        if pulled := manifests.read_pulled(self._root):
            return f"the dataset was pulled in part: query {pulled.repo} instead, or pull the rest"
        return "build or pull the dataset again"


class Published:
    """The files of a dataset on the Hub at one commit."""

    max_compared = 1 << 26

    def __init__(self, hub: "Hub", commit: str) -> None:
        """Take the repository and the commit; nothing is requested yet."""
        self.name, self._hub, self._commit = f"{hub.repo}@{commit[:8]}", hub, commit
        self._sizes: dict[str, int | None] = {}

    def size(self, path: str) -> int | None:
        """Return the size of a file, or None if it does not exist; raises RemoteError."""
        if path not in self._sizes:
            stored = self._hub.file(path, self._commit) if self._commit else None
            self._sizes[path] = stored.bytes if stored else None
        return self._sizes[path]

    def read(self, path: str, start: int, end: int) -> bytes:
        """Return the bytes of a file from ``start`` up to ``end``; raises RemoteError."""
        return self._hub.read(path, self._commit, start, end)

    def advice(self) -> str:
        """Return what the user can do about a missing file."""
        return "check the name and the revision, or ask its owner to publish again"


def open_files(dataset: str, revision: str | None = None) -> Files:
    """Return the files of a dataset folder, or of ORG/NAME on the Hub at a branch, tag or commit.

    The revision is resolved to a commit once. Raises UsageError for a name that can be neither, a folder without a
    manifest, or a revision of a folder; RemoteError if the Hub does not have the repository.
    """
    if Path(dataset).exists():
        if revision is not None:
            raise UsageError(
                f"--revision {revision}: expected a dataset on the Hub, found the folder {dataset}; leave it out"
            )
        return Folder(Path(dataset))
    if dataset.count("/") != 1 or dataset.startswith((".", "/", "~")):
        raise UsageError(
            f"{dataset}: expected a dataset folder or ORG/NAME on the Hub, found neither; correct the name"
        )
    from dnacorpus.dataset.hub import Hub  # noqa: PLC0415 - slow to import, and a folder does not need it

    hub = Hub(dataset)
    try:
        return Published(hub, hub.head(revision).commit)
    except RemoteError as error:
        raise RemoteError(f"{error} (the Hub was asked because there is no folder {dataset} here)") from error


def read_manifest(files: Files) -> Manifest:
    """Read the manifest; raises UsageError if there is none, CorpusError as `manifest.parse` does."""
    size = files.size(MANIFEST)
    if size is None:
        raise UsageError(f"{files.name}: {MANIFEST}: expected one, found none; this is no dnacorpus dataset")
    if size > limits.JSON_BYTES:
        raise LimitError(f"{files.name}: {MANIFEST}: {limits.JSON_BYTES.exceeded(size)}; do not use this dataset")
    return manifests.parse(files.read(MANIFEST, 0, size), f"{files.name}: {MANIFEST}")

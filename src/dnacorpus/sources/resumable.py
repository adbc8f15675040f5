"""Unfinished downloads of a part, kept beside the output so that a killed process loses no bytes.

The folder of ``raw/viral/viral.1`` is ``raw/viral/.viral.1.partial``. Each process writes there under a name of its
own, ``<file>.<host>-<pid>``, with a JSON file that identifies the bytes: {file, url, validator}. A new process copies
the longest file of the same name and URL and continues from there. The old file is removed, never written to, because
an orphan of the killed run may still be writing.
"""

import hashlib
import json
import os
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator
from io import FileIO
from pathlib import Path

from dnacorpus.bounded import file_json
from dnacorpus.errors import CorpusError
from dnacorpus.limits import LimitError
from dnacorpus.storage.atomic import write_text

Advance = Callable[[int], object]
"""Called with the number of bytes that arrived; negative when a file starts over."""

_CHUNK = 1 << 20
_HEAD = 2
_STATE = ".json"


class Partial:
    """An unfinished download: the bytes so far, their number, their MD5, and the version of the file.

    ``validator`` is the server's ETag or Last-Modified, or "". It is written to disk only if ``url`` is given, so
    that a later process can resume the download.
    """

    def __init__(self, path: Path, file: str = "", url: str = "") -> None:
        self.path = path
        self.received, self.head, self.validator = 0, b"", ""
        self._file, self._url = file, url
        self._sum = hashlib.md5(usedforsecurity=False)

    @property
    def md5(self) -> str:
        """The MD5 of the bytes so far, 32 hex digits."""
        return self._sum.hexdigest()

    def start_over(self, validator: str = "") -> None:
        """Remove the bytes; those that follow belong to the version ``validator``."""
        # In this order the bytes on disk never have the validator of another version.
        self.path.unlink(missing_ok=True)
        self._forget()
        self.validator = validator
        if self._url:
            state = {"file": self._file, "url": self._url, "validator": validator}
            write_text(_state(self.path), json.dumps(state, sort_keys=True) + "\n")

    def extend(self, chunks: Iterable[bytes], advance: Advance) -> None:
        """Append bytes as they arrive, unbuffered, so that a killed process loses none.

        Raises CorpusError if they cannot be written or another process has changed the file.
        """
        try:
            with self.path.open("ab", buffering=0) as file:
                if file.tell() != self.received:
                    raise self._lost(f"{file.tell()} bytes instead of {self.received}")
                for chunk in chunks:
                    _write(file, chunk, self.path)
                    self._count(chunk)
                    advance(len(chunk))
        except FileNotFoundError as error:
            raise self._lost("no folder") from error

    def link(self, source: Path) -> None:
        """Become a link to a file, and read it; raises CorpusError as `measure` does."""
        self.discard()
        self.path.symlink_to(source)
        self.measure()

    def measure(self) -> None:
        """Read the file or link at ``path``, and set the number of bytes and the MD5.

        Raises CorpusError if it cannot be read.
        """
        self._forget()
        try:
            with self.path.open("rb") as file:
                for chunk in _chunks(file.read):
                    self._count(chunk)
        except OSError as error:
            raise CorpusError(
                f"{self.path.resolve()}: expected a readable file, found: {error}; correct that and run again"
            ) from error

    def move(self, target: Path) -> None:
        """Rename the file to its final name; raises CorpusError if another process removed it."""
        try:
            self.path.rename(target)
        except FileNotFoundError as error:
            raise self._lost("no such file") from error
        _state(self.path).unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove the file and its bytes."""
        _remove(self.path)
        self._forget()
        self.validator = ""

    def resume(self, old: Path, validator: str) -> None:
        """Start with the bytes of an earlier download, hashed while copied; ``old`` may be ``path`` itself."""
        if old == self.path:
            self.validator = validator
            self.measure()
            return
        with old.open("rb") as file:
            self.start_over(validator)
            self.extend(_chunks(file.read), lambda _: None)

    def _count(self, chunk: bytes) -> None:
        self.head += chunk[: _HEAD - len(self.head)]
        self.received += len(chunk)
        self._sum.update(chunk)

    def _forget(self) -> None:
        self.received, self.head = 0, b""
        self._sum = hashlib.md5(usedforsecurity=False)

    def _lost(self, found: str) -> CorpusError:
        return CorpusError(
            f"{self.path}: expected the {self.received} bytes that this process wrote, found {found};"
            " another fetch of the same part is running: wait until it ends, then run again"
        )


class Partials:
    """The folder beside ``out`` for the unfinished downloads of a part."""

    def __init__(self, out: Path) -> None:
        self.folder = out.parent / f".{out.name}.partial"

    def file(self, name: str, url: str) -> Partial:
        """Return a download that starts with the bytes that earlier processes left of the same file and URL.

        ``url`` is written to disk and must contain no secret.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = Partial(self.folder / f"{name}.{socket.gethostname()}-{os.getpid()}", name, url)
        left = self._left(name, url)
        if left:
            _, old, validator = max(left)
            try:
                partial.resume(old, validator)
            except FileNotFoundError:
                partial.discard()  # its process has just finished, or another process has taken it
        else:
            _remove(partial.path)
        for _, old, _ in left:
            if old != partial.path:
                _remove(old)
        return partial

    def remove(self) -> None:
        """Remove the folder, once the part is complete."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _left(self, name: str, url: str) -> list[tuple[int, Path, str]]:
        """Return (bytes, path, validator) of each earlier download of a file."""
        left = []
        for path in sorted(self.folder.glob(f"*{_STATE}")):
            data = path.with_suffix("")
            try:
                state = file_json(path)
                if (state["file"], state["url"]) == (name, url) and not data.is_symlink():
                    left.append((data.stat().st_size, data, str(state["validator"])))
            except (OSError, ValueError, KeyError, TypeError, LimitError):
                continue  # without its JSON file the bytes cannot be identified
        return left


def _state(path: Path) -> Path:
    return path.with_name(path.name + _STATE)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _state(path).unlink(missing_ok=True)


def _chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while chunk := read(_CHUNK):
        yield chunk


def _write(file: FileIO, chunk: bytes, path: Path) -> None:
    rest = memoryview(chunk)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise CorpusError(
            f"{path}: expected to write {len(chunk)} bytes, found: {error};"
            " free some disk space and run again: downloads resume where they stopped"
        ) from error

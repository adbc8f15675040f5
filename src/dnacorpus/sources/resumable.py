"""Files of a part on their way: kept beside the output, so that a process that was killed costs no byte twice.

Beside ``raw/viral/viral.1`` stands ``raw/viral/.viral.1.partial``. In it each process writes under a name of its
own, ``<file>.<host>-<pid>``, and beside that a JSON that says what the bytes are: {file, url, validator}. A new
process copies the longest of the same file and goes on from there; the old one is removed, never written to, as
an orphan of the killed run may go on writing.
"""

import hashlib
import json
import os
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator
from io import FileIO
from pathlib import Path

from dnacorpus.errors import CorpusError
from dnacorpus.storage.atomic import write_text

Advance = Callable[[int], object]
"""Told of bytes as they arrive; a negative number takes some back when a file starts over."""

_CHUNK = 1 << 20
_HEAD = 2
_STATE = ".json"


class Partial:
    """One file on its way: its bytes so far, how many, their MD5, and what vouches that the rest belongs to them.

    ``validator`` is the ETag or Last-Modified that the server gave, empty without one. It is noted beside the
    file only where a later process may ask for ``file`` and ``url`` again.
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
        """Forget the bytes; those to come are of the version that ``validator`` names."""
        # In this order no bytes ever stand beside the validator of others.
        self.path.unlink(missing_ok=True)
        self._forget()
        self.validator = validator
        if self._url:
            state = {"file": self._file, "url": self._url, "validator": validator}
            write_text(_state(self.path), json.dumps(state, sort_keys=True) + "\n")

    def extend(self, chunks: Iterable[bytes], advance: Advance) -> None:
        """Append bytes as they come, so that a killed process leaves all it was given.

        Raises CorpusError when they cannot be written, or another process has touched the file.
        """
        try:
            # Without a buffer, in which a killed process would lose bytes.
            with self.path.open("ab", buffering=0) as file:
                if file.tell() != self.received:
                    raise self._lost(f"{file.tell()} bytes instead of {self.received}")
                for chunk in chunks:
                    _write(file, chunk, self.path)
                    self._count(chunk)
                    advance(len(chunk))
        except FileNotFoundError as error:
            raise self._lost("no folder") from error

    def link(self, place: Path) -> None:
        """Become a link to a file, and read it; raises CorpusError as `measure` does."""
        self.discard()
        self.path.symlink_to(place)
        self.measure()

    def measure(self) -> None:
        """Read what was put under ``path``, a file or a link, and count it.

        Raises CorpusError when it cannot be read: a disk or a permission, not the data.
        """
        self._forget()
        try:
            with self.path.open("rb") as file:
                for chunk in _chunks(file.read):
                    self._count(chunk)
        except OSError as error:
            raise CorpusError(
                f"{self.path.resolve()}: expected a legible file, found: {error}; mend that and run again"
            ) from error

    def move(self, target: Path) -> None:
        """Rename the file to its final name; raises CorpusError when another process took it."""
        try:
            self.path.rename(target)
        except FileNotFoundError as error:
            raise self._lost("no such file") from error
        _state(self.path).unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove the file: its bytes are wrong."""
        _remove(self.path)
        self._forget()
        self.validator = ""

    def take_up(self, old: Path, validator: str) -> None:
        """Begin with the bytes of another file, hashed as they are copied; ``old`` may be ``path`` itself."""
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
            " another fetch of the same part runs: let one of them end, then run again"
        )


class Partials:
    """The folder beside ``out`` where the files of a part arrive."""

    def __init__(self, out: Path) -> None:
        self.folder = out.parent / f".{out.name}.partial"

    def file(self, name: str, url: str) -> Partial:
        """Return a file to fill, with the bytes that earlier processes have left of the same file and URL.

        ``url`` is written to disk and so must hold no secret.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = Partial(self.folder / f"{name}.{socket.gethostname()}-{os.getpid()}", name, url)
        left = self._left(name, url)
        if left:
            _, old, validator = max(left)
            try:
                partial.take_up(old, validator)
            except FileNotFoundError:
                partial.discard()  # whoever wrote it has just ended, or another process was quicker
        else:
            _remove(partial.path)
        for _, old, _ in left:
            if old != partial.path:
                _remove(old)
        return partial

    def remove(self) -> None:
        """Remove the folder, when the part is complete."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _left(self, name: str, url: str) -> list[tuple[int, Path, str]]:
        """Return (bytes, path, validator) of what processes have left of a file."""
        found = []
        for path in sorted(self.folder.glob(f"*{_STATE}")):
            data = path.with_suffix("")
            try:
                state = json.loads(path.read_text(encoding="utf-8"))
                if (state["file"], state["url"]) == (name, url) and not data.is_symlink():
                    found.append((data.stat().st_size, data, str(state["validator"])))
            except (OSError, ValueError, KeyError, TypeError):
                continue  # without a legible JSON nobody knows what the bytes are
        return found


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
            " make room and run again: what has arrived is kept"
        ) from error

"""Files as streams of bytes with line ends that readers know, gzipped or not."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from dnacorpus.errors import CorpusError
from dnacorpus.formats.gunzip import Gunzip, Source
from dnacorpus.formats.sniff import GZIP_MAGIC

_GZIP_SUFFIXES = (".gz", ".bgz")


class InputFile:
    """An open file, uncompressed; if its lines end with a carriage return alone, it is read with newlines instead.

    Raises on reading what `Gunzip` raises. Positions in the stream do not change.
    """

    def __init__(self, handle: Source, gunzip: Gunzip | None = None) -> None:
        self._handle, self._gunzip = gunzip or handle, gunzip
        self._old_line_ends: bool | None = None

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, more or fewer than asked for; b"" at the end."""
        data = self._handle.read(size)
        if self._old_line_ends is None and (b"\n" in data or b"\r" in data[:-1]):
            self._old_line_ends = b"\n" not in data
        return data.replace(b"\r", b"\n") if self._old_line_ends else data

    @property
    def ignored(self) -> int:
        """The number of bytes after the gzip data, once all is read."""
        return self._gunzip.ignored if self._gunzip else 0


@contextlib.contextmanager
def open_input(path: Path) -> Iterator[InputFile]:
    """Open a file that is gzipped by its first bytes, or that must be by its name; raises CorpusError if it cannot."""
    try:
        handle = path.open("rb")
    except OSError as error:
        raise CorpusError(f"{path}: expected a readable file, found {error.strerror}; fetch it again") from error
    with handle:
        magic = handle.read(len(GZIP_MAGIC))
        handle.seek(0)
        gzipped = magic == GZIP_MAGIC or path.suffix.lower() in _GZIP_SUFFIXES
        yield InputFile(handle, Gunzip(handle) if gzipped else None)

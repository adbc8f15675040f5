"""The files of a taxdump in a .tar.gz or .zip archive, read one after another and up to a limit.

Nothing is extracted to the disk. Other members are skipped.
"""

import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from dnacorpus import limits
from dnacorpus.bounded import Readable, content_of
from dnacorpus.errors import CorpusError
from dnacorpus.formats.sniff import GZIP_MAGIC
from dnacorpus.formats.taxonomy.taxdump import FILES
from dnacorpus.limits import LimitError

AGAIN = "copy or fetch it again"
_CHUNK = 1 << 20
# What the readers of archives raise, those of compressions and of odd headers among them.
_DAMAGE = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError,
    OverflowError,
)  # fmt: skip
_HEADERS = 1 << 20
"""The most bytes of headers and padding between two members: a header may state any size, and is held in memory."""


def members(path: Path, where: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of those `FILES` that an archive contains, in any folder.

    ``where`` names the archive in errors. Raises CorpusError if it is damaged or no archive, LimitError if a file has
    more than `limits.TAXDUMP_FILE`, or the archive more members or bytes than a taxdump.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    if magic[:2] == GZIP_MAGIC:
        read = _tar_members(path, where)
    elif magic == b"PK\x03\x04":
        read = _zip_members(path, where)
    else:
        raise CorpusError(f"{where}: expected a .tar.gz or .zip archive, found the first bytes {magic!r}; {AGAIN}")
    try:
        for name, content in read:
            yield name, _content(content, f"{where}: {name}")
    except _DAMAGE as error:
        raise CorpusError(f"{where}: expected an undamaged archive, found: {error}; {AGAIN}") from error


def _content(file: Readable, where: str) -> bytes:
    try:
        return content_of(file, limits.TAXDUMP_FILE)
    except LimitError as error:
        raise LimitError(f"{where}: {error}") from None


def _tar_members(path: Path, where: str) -> Iterator[tuple[str, Readable]]:
    with gzip.open(path) as unpacked:
        counted = _Counted(unpacked, where)
        skipped = 0
        with tarfile.open(fileobj=counted, mode="r|") as archive:  # type: ignore[call-overload]
            for number, member in enumerate(archive, 1):
                skipped += member.size
                if number > limits.TAXDUMP_MEMBERS:
                    raise LimitError(f"{where}: {limits.TAXDUMP_MEMBERS.exceeded()}; {AGAIN}")
                if skipped > limits.TAXDUMP_BYTES:
                    raise LimitError(f"{where}: {limits.TAXDUMP_BYTES.exceeded()}; {AGAIN}")
                counted.left = member.size + _HEADERS
                name = member.name.rpartition("/")[2]
                if name in FILES and (content := archive.extractfile(member)):
                    yield name, content
        counted.left = limits.TAXDUMP_BYTES
        while counted.read(_CHUNK):  # up to the checksum at the end
            pass


def _zip_members(path: Path, where: str) -> Iterator[tuple[str, Readable]]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if len(names) > limits.TAXDUMP_MEMBERS:
            raise LimitError(f"{where}: {limits.TAXDUMP_MEMBERS.exceeded(len(names))}; {AGAIN}")
        for name in names:
            if name.rpartition("/")[2] in FILES:
                with archive.open(name) as content:
                    yield name.rpartition("/")[2], content


class _Counted:
    """A stream of which ``left`` more bytes may be read."""

    def __init__(self, file: Readable, where: str) -> None:
        self._file, self._where, self.left = file, where, _HEADERS

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; raises LimitError once more than ``left`` have been read."""
        data = self._file.read(size)
        self.left -= len(data)
        if self.left < 0:
            told = f"expected headers of at most {_HEADERS:,} bytes between two members, found more"
            raise LimitError(f"{self._where}: {told}; {AGAIN}")
        return data

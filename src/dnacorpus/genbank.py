"""GenBank flat files as byte streams: where records begin and end, and what their sections are.

Format: the GenBank flat file, release notes (gbrel.txt) section 3.4. A record runs from ``LOCUS`` in
column 1 to ``//``, the next ``LOCUS``, or the end of the file. Nothing here judges what a record
says, and no more than one record is held.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Protocol

from isal import isal_zlib

from dnacorpus.errors import CorpusError

CHUNK = 1 << 20
_inflate_error: Any = isal_zlib.error  # which isal's stubs call an instance
DAMAGE: tuple[type[Exception], ...] = (EOFError, OSError, _inflate_error)
"""What reading a gzip stream raises when it is cut, fails its CRC, or is no gzip at all."""

_END = re.compile(rb"//[ \t\r]*(?:\n|\Z)")
_BLANK_LINES = re.compile(rb"^(?://)?[ \t\r]*(?:\n|\Z)", re.M)
_PREAMBLE = re.compile(rb"Genetic Sequence Data Bank", re.I)
_FEATURES_LINE = re.compile(r"^FEATURES\b.*(?:\n|\Z)", re.M)
_TABLE_END = re.compile(r"^[^\s]", re.M)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NOT_BASES = b"0123456789 \t\r\n"


class Source(Protocol):
    """What can be read from its start to its end."""

    def read(self, size: int, /) -> bytes:
        """Return some next bytes, none at the end."""


class Gunzip:
    """A gzip stream (RFC 1952, several members too), uncompressed.

    Gives everything that can be inflated before ``read`` raises one of `DAMAGE`.
    """

    def __init__(self, handle: IO[bytes]) -> None:
        self._pieces = _inflated(handle)

    def read(self, _size: int, /) -> bytes:
        """Return some next bytes, more or less than asked for, none at the end."""
        return next(self._pieces, b"")


class ForeignFormatError(CorpusError):
    """A file that is no GenBank flat file."""


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of one record, half-open in the uncompressed file.

    ``flaw`` is None, ``unterminated`` (no ``//``), ``truncated`` (the stream broke off inside it) or
    ``no_locus`` (text between records that is none).
    """

    start: int
    end: int
    data: bytes
    flaw: str | None


@dataclass(frozen=True, slots=True)
class Sections:
    """A record taken apart: header and CONTIG lines, the feature table without its FEATURES line."""

    header: str
    features: str


class FlatFile:
    """Iterates over the records of one flat file; after that, ``damage`` says where the stream broke, or is empty.

    Raises ForeignFormatError for a file in another format, known by its first line (EMBL, FASTA).
    """

    def __init__(self, handle: Source, name: str) -> None:
        self.damage = ""
        self._handle, self._name = handle, name
        self._buffer, self._offset, self._ended = bytearray(), 0, False

    def __iter__(self) -> Iterator[Raw]:
        self._refuse_other_formats()
        while self._buffer or self._read():
            raw = self._record() if self._starts_record() else self._between()
            if raw is not None:
                yield raw

    def _read(self) -> bool:
        if self._ended:
            return False
        try:
            chunk = self._handle.read(CHUNK)
        except DAMAGE as error:
            self.damage, chunk = damage_of(error), b""
        self._buffer += chunk
        self._ended = not chunk
        return bool(chunk)

    def _take(self, size: int, flaw: str | None) -> Raw:
        raw = Raw(self._offset, self._offset + size, bytes(memoryview(self._buffer)[:size]), flaw)
        del self._buffer[:size]
        self._offset += size
        return raw

    def _starts_record(self) -> bool:
        while len(self._buffer) < 5 and self._read():
            pass
        return self._buffer.startswith(b"LOCUS")

    def _record(self) -> Raw:
        place = 0
        while True:
            found = self._next_line(place, (b"\n//", b"\nLOCUS"))
            if found is None:
                return self._take(len(self._buffer), "truncated" if self.damage else "unterminated")
            if self._buffer.startswith(b"LOCUS", found):
                return self._take(found, "unterminated")
            line_end = self._line_end(found)
            if _END.fullmatch(self._buffer, found, line_end):
                return self._take(line_end, None)
            place = found - 1 + 3

    def _between(self) -> Raw | None:
        found = self._next_line(0, (b"\nLOCUS", b"\n//"))
        if found is not None and self._buffer.startswith(b"//", found):
            found = self._line_end(found)
        cut = found is None and self.damage
        raw = self._take(len(self._buffer) if found is None else found, "truncated" if cut else "no_locus")
        preamble = raw.start == 0 and _PREAMBLE.search(raw.data)
        return None if preamble or not _BLANK_LINES.sub(b"", raw.data) else raw

    def _next_line(self, place: int, starts: tuple[bytes, ...]) -> int | None:
        while True:
            found = [at + 1 for at in (self._buffer.find(start, place) for start in starts) if at >= 0]
            if found:
                return min(found)
            # A line start may straddle two chunks.
            place = max(place, len(self._buffer) - max(map(len, starts)) + 1)
            if not self._read():
                return None

    def _line_end(self, place: int) -> int:
        while True:
            end = self._buffer.find(b"\n", place)
            if end >= 0:
                return end + 1
            if not self._read():
                return len(self._buffer)

    def _refuse_other_formats(self) -> None:
        while not self._buffer.lstrip() and self._read():
            pass
        if self._buffer.startswith(_BYTE_ORDER_MARK):
            del self._buffer[: len(_BYTE_ORDER_MARK)]
            self._offset += len(_BYTE_ORDER_MARK)
        first = bytes(self._buffer[:200]).lstrip().split(b"\n")[0]
        other = "EMBL" if first.startswith(b"ID   ") else "FASTA" if first.startswith(b">") else ""
        if other:
            raise ForeignFormatError(
                f"{self._name}: expected a GenBank flat file, found {other} at line 1:"
                f" {first[:60].decode('latin-1')!r}; give the GenBank form of the records"
            )


def _inflated(handle: IO[bytes]) -> Iterator[bytes]:
    inflate: Any = None
    held = b""
    while data := handle.read(CHUNK >> 2) or held:
        # The checksum at the end goes in by itself, so that failing it costs no bases.
        data, held = (data, b"") if data is held else ((held + data)[:-8], (held + data)[-8:])
        while inflate or (data := data.lstrip(b"\0")):
            inflate = inflate or isal_zlib.decompressobj(wbits=31)
            piece = inflate.decompress(data)
            if piece:
                yield piece
            if not inflate.eof:
                break
            inflate, data = None, inflate.unused_data
    if inflate:
        raise EOFError("the file ends inside its gzip stream")


def damage_of(error: Exception) -> str:
    """Say in a line what broke a stream."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def text_of(data: bytes) -> str:
    """Return a record's text with ``\\n`` line ends; what is not UTF-8 is read as Latin-1."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def sections_of(data: bytes) -> Sections:
    """Take a record's text apart, its bases left out."""
    origin = data.find(b"\nORIGIN") + 1
    text = text_of(data[:origin] + _after_bases(data, origin) if origin else data)
    opening = _FEATURES_LINE.search(text)
    if not opening:
        return Sections(text, "")
    closing = _TABLE_END.search(text, opening.end())
    end = closing.start() if closing else len(text)
    return Sections(text[: opening.start()] + text[end:], text[opening.end() : end])


def bases_of(data: bytes) -> bytes:
    """Return the letters of a record's ORIGIN as they stand, numbers and blanks removed; none: empty."""
    origin = data.find(b"\nORIGIN")
    first = data.find(b"\n", origin + 1)
    if origin < 0 or first < 0:
        return b""
    end = _bases_end(data, first)
    pieces = (data[at : min(at + CHUNK, end)].translate(None, _NOT_BASES) for at in range(first, end, CHUNK))
    return b"".join(pieces)


def _bases_end(data: bytes, first: int) -> int:
    # After bases stand `//` or, in some files, CONTIG.
    ends = [at for at in (data.find(b"\n//", first), data.find(b"\nCONTIG", first)) if at >= 0]
    return min(ends, default=len(data))


def _after_bases(data: bytes, origin: int) -> bytes:
    first = data.find(b"\n", origin)
    end = _bases_end(data, first) if first >= 0 else len(data)
    return data[end + 1 :] if data.startswith(b"\nCONTIG", end) else b""

"""Flat files as byte streams: the records of a GenBank or EMBL file, and the sections of a GenBank record.

Format: the GenBank flat file, release notes (gbrel.txt) section 3.4. A record runs from ``LOCUS`` in column 1 to
``//``, the next ``LOCUS``, or the end of the file. A LOCUS line whose preceding line end is lost starts a record too.
In an EMBL file ``ID`` stands for ``LOCUS``.
Only one record at a time is held in memory, and its content is not checked here.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dnacorpus import limits
from dnacorpus.formats.gunzip import CHUNK, READ_ERRORS, Source, describe_error
from dnacorpus.formats.sniff import BYTE_ORDER_MARK, HEAD_BYTES, format_of, refuse_foreign

_END = re.compile(rb"//[ \t\r]*(?:\n|\Z)")
_ENDED = re.compile(rb"\n//[ \t\r]*\Z")
_BLANK_LINES = re.compile(rb"^(?://)?[ \t\r]*(?:\n|\Z)", re.M)
_PREAMBLE = re.compile(rb"\s*\S+\s+Genetic Sequence Data Bank", re.I)
_KEYWORD = re.compile(rb"^(?:LOCUS|DEFINITION|ACCESSION|VERSION|SOURCE|FEATURES|ORIGIN)\b", re.M)
# A LOCUS in the middle of a line starts a record only if the next line is one that follows LOCUS.
_EMBL_LINE = re.compile(rb"^(?:FT   source  |SQ   Sequence [0-9]+ BP)", re.M)
_GLUED = re.compile(rb"LOCUS {3,}\S[^\n]{0,300}\n(?:DEFINITION|ACCESSION|FEATURES|ORIGIN)\b")
_FEATURES_LINE = re.compile(rb"^FEATURES\b.*(?:\n|\Z)", re.M)
_TABLE_END = re.compile(rb"\n(?=\S)")  # faster than ^
_LINE_END = re.compile(rb"(?<!\r)\r+(?:\n|\Z)")
_SECTION = re.compile(
    rb"//|(?:LOCUS|DEFINITION|ACCESSION|VERSION|DBLINK|KEYWORDS|SOURCE|REFERENCE|COMMENT|FEATURES|BASE COUNT|ORIGIN"
    rb"|CONTIG|WGS|TSA|TLS)\b"
)
# Where Latin-1 has control characters, Windows has dashes, quotes and signs such as that of a trademark.
_WINDOWS_1252 = {byte: bytes([byte]).decode("cp1252", "ignore") or byte for byte in range(0x80, 0xA0)}
_NOT_BASES = b"0123456789 \t\r\n"


GENBANK_START, EMBL_START = b"LOCUS", b"ID   "
"""How a record begins."""


@dataclass(frozen=True, slots=True)
class RawRecord:
    """The bytes of one record; ``start`` and ``end`` are half-open in the uncompressed file.

    ``flaw`` is None, ``unterminated`` (no ``//``), ``truncated`` (the stream ends inside the record), ``too_large``
    (the record goes on beyond `limits.RECORD_BYTES`) or ``no_locus`` (text outside records, or the rest of such one).
    """

    start: int
    end: int
    data: bytes
    flaw: str | None


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of a record: header and CONTIG lines, and the feature table without its FEATURES line.

    ``table`` is UTF-8. ``bases`` is the half-open range of the lines of ORIGIN in the record's bytes.
    """

    header: str
    table: bytes
    bases: tuple[int, int]

    @property
    def features(self) -> str:
        """The feature table as text."""
        return self.table.decode()


class FlatFile:
    """Iterates over the records of one flat file; afterwards ``damage`` is the error that ended the stream, or "".

    ``start`` is how its records begin, known from the first on. Raises ForeignFormatError if the file begins like one
    of another format, without any line of a record.
    """

    def __init__(self, handle: Source, name: str) -> None:
        self.damage = ""
        self.start = GENBANK_START
        self._handle, self._name = handle, name
        self._buffer, self._offset, self._ended = bytearray(), 0, False
        self._next: dict[bytes, int] = {}  # start of a line -> where it is next in the file, or may be

    def __iter__(self) -> Iterator[RawRecord]:
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
        except READ_ERRORS as error:
            self.damage, chunk = describe_error(error), b""
        self._buffer += chunk
        self._ended = not chunk
        return bool(chunk)

    def _take(self, size: int, flaw: str | None) -> RawRecord:
        raw = RawRecord(self._offset, self._offset + size, bytes(memoryview(self._buffer)[:size]), flaw)
        del self._buffer[:size]
        self._offset += size
        return raw

    def _starts_record(self) -> bool:
        while len(self._buffer) < 5 and self._read():
            pass
        return self._buffer.startswith(self.start)

    def _record(self) -> RawRecord:
        searched = 0
        while True:
            line = self._next_line(searched, (b"\n//", b"\n" + self.start), limits.RECORD_BYTES)
            glued = self._glued(searched, line)
            if glued is not None:
                ended = _ENDED.search(self._buffer, max(0, glued - 80), glued)
                return self._take(glued, None if ended else "unterminated")
            if line is None and len(self._buffer) > limits.RECORD_BYTES:
                return self._take(self._buffer.rfind(b"\n", 0, limits.RECORD_BYTES) + 1, "too_large")
            if line is None:
                return self._take(len(self._buffer), "truncated" if self.damage else "unterminated")
            if self._buffer.startswith(self.start, line):
                return self._take(line, "unterminated")
            line_end = self._line_end(line)
            if _END.fullmatch(self._buffer, line, line_end):
                return self._take(line_end, None)
            searched = line - 1 + len(b"\n//")

    def _between(self) -> RawRecord | None:
        """Return the text before the next record; None for blank lines and the preamble of a release file."""
        end = self._next_line(0, (b"\n" + self.start, b"\n//"), limits.STRAY_BYTES)
        glued = self._glued(0, end)
        if glued is not None:
            end = glued
        elif end is not None and self._buffer.startswith(b"//", end):
            end = self._line_end(end)
        elif end is None and len(self._buffer) > limits.STRAY_BYTES:
            end = self._buffer.rfind(b"\n", 0, limits.STRAY_BYTES) + 1 or limits.STRAY_BYTES
        cut = end is None and self.damage
        raw = self._take(len(self._buffer) if end is None else end, "truncated" if cut else "no_locus")
        if raw.start == 0 and _PREAMBLE.match(raw.data) and not _KEYWORD.search(raw.data):
            return None
        return raw if _BLANK_LINES.sub(b"", raw.data.replace(BYTE_ORDER_MARK, b"")) else None

    def _glued(self, start: int, end: int | None) -> int | None:
        """Return the first position in ``start``..``end`` where a LOCUS line begins in the middle of a line."""
        if self.start != GENBANK_START:
            return None
        stop = len(self._buffer) if end is None else end
        at = self._buffer.find(b"LOCUS   ", start, stop)
        while at >= 0 and not (at and self._buffer[at - 1] != 10 and _GLUED.match(self._buffer, at)):
            at = self._buffer.find(b"LOCUS   ", at + 1, stop)
        return at if at >= 0 else None

    def _next_line(self, position: int, starts: tuple[bytes, ...], limit: float = math.inf) -> int | None:
        """Return where the next line with one of these starts (newline included) begins; None if there is none."""
        while True:
            matches = [at + 1 for at in (self._find(start, position) for start in starts) if at >= 0]
            if matches:
                return min(matches)
            if len(self._buffer) > limit or not self._read():
                return None

    def _find(self, start: bytes, position: int) -> int:
        """Return where ``start`` is next, or -1; positions only increase, so that no byte is searched twice."""
        first = max(position, self._next.get(start, 0) - self._offset)
        at = self._buffer.find(start, first)
        # A line start may lie across two chunks.
        self._next[start] = self._offset + (at if at >= 0 else max(first, len(self._buffer) - len(start) + 1))
        return at

    def _line_end(self, position: int) -> int:
        while True:
            end = self._buffer.find(b"\n", position)
            if end >= 0:
                return end + 1
            position = len(self._buffer)
            if position > limits.RECORD_BYTES or not self._read():
                return len(self._buffer)

    def _refuse_other_formats(self) -> None:
        while len(self._buffer) < HEAD_BYTES and self._read():
            pass
        if self._buffer.startswith(BYTE_ORDER_MARK):
            del self._buffer[: len(BYTE_ORDER_MARK)]
            self._offset += len(BYTE_ORDER_MARK)
        head = bytes(self._buffer[:HEAD_BYTES])
        # A damaged first line may look like another format, but a record has further lines.
        if not _KEYWORD.search(head):
            lines = head.lstrip(b" \t\r\n").split(b"\n")
            embl = format_of(lines) in ("EMBL", None) and _EMBL_LINE.search(head)
            if embl or format_of(lines) == "EMBL":
                self.start = EMBL_START
            else:
                refuse_foreign(lines, self._name, "a GenBank or EMBL flat file", ("GenBank",))


def text_of(data: bytes) -> str:
    """Return a record's text with ``\\n`` line ends; bytes that are not UTF-8 are read as Windows-1252.

    A carriage return inside a line is a blank.
    """
    if b"\r" in data:
        data = _LINE_END.sub(b"\n", data).replace(b"\r", b" ")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_WINDOWS_1252)


def sections_of(data: bytes) -> Sections:
    """Return the sections of a record's bytes."""
    origin = data.find(b"\nORIGIN") + 1
    start = data.find(b"\n", origin) if origin else -1
    end = _bases_end(data, start) if start >= 0 else len(data)
    after = data[end + 1 :] if data.startswith(b"\nCONTIG", end) else b""
    bases = (start, end) if start >= 0 else (0, 0)
    if not data.isascii() or b"\r" in data:
        data = text_of(data[:origin] + after if origin else data).encode()
        origin, after = 0, b""
    stop = origin or len(data)
    opening = _FEATURES_LINE.search(data, 0, stop)
    if not opening:
        return Sections((data[:stop] + after).decode(), b"", bases)
    end = _table_end(data, opening.end(), stop)
    header = data[: opening.start()] + data[end:stop] + after
    return Sections(header.decode(), data[opening.end() : end], bases)


def _table_end(data: bytes, start: int, stop: int) -> int:
    """Return where the feature table ends: at a line that begins in column 1, unless a quoted value goes on there."""
    at, quotes = start - 1, 0
    while closing := _TABLE_END.search(data, at, stop):
        if _SECTION.match(data, closing.end()):
            return closing.end()
        quotes += data.count(b'"', at, closing.end())
        at = closing.end()
        if quotes % 2 == 0:
            return at
    return stop


def bases_of(data: bytes, sections: Sections) -> bytes:
    """Return the letters of a record's ORIGIN unchanged, without numbers and blanks; b"" if there are none."""
    start, end = sections.bases
    pieces = (data[at : min(at + CHUNK, end)].translate(None, _NOT_BASES) for at in range(start, end, CHUNK))
    return b"".join(pieces)


def _bases_end(data: bytes, first: int) -> int:
    # Bases are followed by `//` or, in some files, CONTIG. Searching one byte that is no base is much faster.
    slash, letter = data.find(b"/", first), data.find(b"O", first)
    ends = [
        data.find(line, max(first, at - before))
        for line, at, before in ((b"\n//", slash, 1), (b"\nCONTIG", letter, 2))
        if at >= 0
    ]
    return min((end for end in ends if end >= 0), default=len(data))

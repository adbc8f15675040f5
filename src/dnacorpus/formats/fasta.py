"""FASTA files beside flat files: an index over their records, one record in memory at a time.

Format: a line ``>accession.version description``, then bases; lower case is soft mask where the
record has upper case too.
"""

import dataclasses
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import IO

from dnacorpus.formats.genbank.reader import HEAD
from dnacorpus.formats.gunzip import CHUNK, READ_ERRORS, Source, describe_error
from dnacorpus.formats.sniff import BYTE_ORDER_MARK, refuse_foreign
from dnacorpus.sequence.bases import lower_case_runs

_IDENTIFIER = re.compile(r"(?:gi\|\d+\|)?(?:ref|gb|emb|dbj|tpg|tpe|tpd)\|([^|]+)\|?.*|(?:lcl\|)?(.+)")
_VERSIONED = re.compile(r"(.+)\.(\d+)")
# A title that lost its ``>`` or the line end before it; bases hold neither a full stop nor ``>``.
_NAME = rb"[A-Za-z]{1,6}_?[A-Z]{0,6}\d{4,}\.\d+(?![^\s])"
_HIDDEN = re.compile(rb"(?:^[^>\s]?%b|>%b|(?<=[A-Za-z*-])>\S).*" % (_NAME, _NAME), re.M)
_TITLE = re.compile(rb">%b" % _NAME)


@dataclass(frozen=True, slots=True)
class FastaEntry:
    """One FASTA record: ``start``..``end`` its bytes in the uncompressed file, ``bases`` where they begin."""

    file: str
    accession: str
    definition: str
    start: int
    bases: int
    end: int
    flaw: str | None  # no_locus: text that is no record's; header: no name; truncated: cut off


@dataclass(frozen=True, slots=True)
class FastaBases:
    """The letters of a record as they stand, and the half-open runs that are soft mask."""

    raw: bytes
    mask: list[tuple[int, int]]


def index_fasta(handle: Source, scratch: IO[bytes], name: str) -> tuple[list[FastaEntry], str]:
    """Copy a FASTA stream to ``scratch`` (open for reading too); return its records and where it broke, or "".

    ``name`` is the file's, for the entries. Text before the first record is an entry with a flaw, and so is a
    record whose title is damaged. Raises ForeignFormatError for a file that begins as another format does and
    has no title there.
    """
    starts, size, last, damage = [0], 0, b"\n", ""
    head = bytearray()
    while True:
        try:
            chunk = handle.read(CHUNK)
        except READ_ERRORS as error:
            damage, chunk = describe_error(error), b""
        if not chunk:
            break
        head += chunk[: HEAD - len(head)]
        scratch.write(chunk)
        window = last + chunk
        place = window.find(b"\n>")
        while place >= 0:
            starts.append(size + place)
            place = window.find(b"\n>", place + 1)
        size, last = size + len(chunk), chunk[-1:]
    if not re.search(rb"^>", head.removeprefix(BYTE_ORDER_MARK), re.M):
        refuse_foreign(bytes(head).lstrip(b" \t\r\n").split(b"\n"), name, "FASTA")
    starts += [place for start, end in pairwise([*starts, size]) for place in _hidden(scratch, start, end)]
    bounds = sorted(set(starts))
    entries = [_entry(scratch, name, *span) for span in zip(bounds, [*bounds[1:], size], strict=True)]
    if damage and entries:
        entries[-1] = dataclasses.replace(entries[-1], flaw="truncated")
    return [entry for entry in entries if entry.flaw or entry.accession], damage


def _hidden(scratch: IO[bytes], start: int, end: int) -> list[int]:
    """Return where records begin, inside an entry, whose titles are damaged."""
    scratch.seek(start)
    title = scratch.readline(min(end - start, 1 << 16))
    found = [start + match.start() for match in _TITLE.finditer(title, 1)]
    first = at = scratch.tell()
    while at < end:
        chunk = scratch.read(min(CHUNK, end - at))
        if b"." in chunk or b">" in chunk:
            scratch.seek(first)
            return found + [first + match.start() for match in _HIDDEN.finditer(scratch.read(end - first))]
        at += len(chunk)
    return found


def _entry(scratch: IO[bytes], name: str, start: int, end: int) -> FastaEntry:
    scratch.seek(start)
    line = scratch.readline(min(end - start, 1 << 16))
    line = line.removeprefix(BYTE_ORDER_MARK) if start == 0 else line
    if not line.startswith(b">"):
        blank = not line.strip() and not scratch.read(end - scratch.tell()).strip()
        return FastaEntry(name, "", "", start, start, end, None if blank else "no_locus")
    identifier, _, definition = line[1:].decode("utf-8", "replace").strip().partition(" ")
    flaw = None if identifier else "header"
    return FastaEntry(name, accession_of(identifier), definition.strip(), start, scratch.tell(), end, flaw)


class FastaIndex:
    """Finds the FASTA record of a flat-file record among the entries of a part."""

    def __init__(self, entries: list[FastaEntry]) -> None:
        self.entries = entries
        self._claimed: set[int] = set()
        self._exact: dict[str, int] = {}
        self._bare: dict[str, list[int]] = {}
        for number, entry in enumerate(entries):
            if entry.flaw is None:
                self._exact.setdefault(entry.accession, number)
                self._bare.setdefault(_split(entry.accession)[0], []).append(number)

    def claim(self, accession: str) -> FastaEntry | None:
        """Return the entry of ``accession`` and mark it as used, or None.

        An accession and an entry of which one has no version belong together where nothing else has
        that accession; two versions never do.
        """
        number = self._exact.get(accession)
        if number is None:
            bare, version = _split(accession)
            candidates = self._bare.get(bare, [])
            if len(candidates) == 1 and (not version or not _split(self.entries[candidates[0]].accession)[1]):
                number = candidates[0]
        if number is None:
            return None
        self._claimed.add(number)
        return self.entries[number]

    def unclaimed(self) -> list[FastaEntry]:
        """Return the entries that no flat-file record has used, in order."""
        return [entry for number, entry in enumerate(self.entries) if number not in self._claimed]


def accession_of(identifier: str) -> str:
    """Return the accession in the first word of a FASTA title, ``gi|..|ref|..|`` forms included."""
    match = _IDENTIFIER.fullmatch(identifier)
    return (match[1] or match[2]) if match else identifier


def read_bases(scratch: IO[bytes], entry: FastaEntry) -> FastaBases:
    """Read an entry's bases from the scratch file that its FastaFile wrote.

    A record without any upper case has no mask: such files know no case.
    """
    scratch.seek(entry.bases)
    raw = scratch.read(entry.end - entry.bases).translate(None, b" \t\r\n")
    return FastaBases(raw, [] if raw.islower() else lower_case_runs(raw))


def _split(accession: str) -> tuple[str, str]:
    match = _VERSIONED.fullmatch(accession)
    return (match[1], match[2]) if match else (accession, "")

"""FASTA files beside flat files: an index of their records, of which one at a time is held in memory.

Format: a line ``>name description``, then bases. The name ends at the first blank or tab, and may be one of NCBI's
(ncbi.nlm.nih.gov/genbank/fastaformat) or ENA's forms with bars. Lower case is soft mask if the record has upper case
too.
"""

import dataclasses
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import IO

from dnacorpus import limits
from dnacorpus.formats.gunzip import CHUNK, READ_ERRORS, Source, describe_error
from dnacorpus.formats.sniff import BYTE_ORDER_MARK, HEAD_BYTES, refuse_foreign
from dnacorpus.printable import cleaned, unprintable
from dnacorpus.sequence.bases import lower_case_runs

# NCBI joins the titles of equal sequences by control-A.
_NAME_END = re.compile(r"[ \t\r\x01]+")
_NUMBER = re.compile(r"gi\|\d+\|(?=.)")
_ACCESSION = re.compile(r"(?:ref|gb|emb|dbj|tpg|tpe|tpd|sp|tr)\|(?P<accession>[^|]+)(?:\|(?P<rest>.*))?")
_ENA = re.compile(r"ENA\|[^|]*\|(?P<accession>[^|]+)(?:\|(?P<rest>.*))?")
_CHAIN = re.compile(r"pdb\|([^|]+)\|([^|]+)\|?")
_STRETCH = re.compile(r":c?\d+-\d+")
_LOCUS_NAME = re.compile(r"(?=.*[0-9_])[A-Z0-9_]*")
_VERSIONED = re.compile(r"(.+)\.(\d+)")
# A title that lost its ``>`` or the line end before it; bases contain neither a full stop nor ``>``.
_NAME = rb"[A-Za-z]{1,6}_?[A-Z]{0,6}\d{4,}\.\d+(?![^\s])"
_HIDDEN = re.compile(rb"(?:^[^>\s]?%b|>%b|(?<=[A-Za-z*-])>\S).*" % (_NAME, _NAME), re.M)
_TITLE = re.compile(rb">%b" % _NAME)
_TITLE_START = re.compile(rb"^>", re.M)


@dataclass(frozen=True, slots=True)
class FastaEntry:
    """One FASTA record: its bytes ``start``..``end`` in the uncompressed file; its bases begin at ``bases``.

    ``replaced`` counts the characters of the title that cannot be printed, by kind; None if there are none.
    """

    file: str
    accession: str
    definition: str
    start: int
    bases: int
    end: int
    flaw: str | None
    """no_locus: text before the first title; header: no accession; truncated: the stream ended; too_large: the
    beginning of a record larger than `limits.RECORD_BYTES`, whose other pieces are no_locus."""
    replaced: Counter[str] | None = None


@dataclass(frozen=True, slots=True)
class FastaBases:
    """The letters of a record unchanged, and the half-open intervals of its soft mask."""

    raw: bytes
    mask: list[tuple[int, int]]


def index_fasta(handle: Source, scratch: IO[bytes], name: str) -> tuple[list[FastaEntry], str]:
    """Copy a FASTA stream to ``scratch`` (also open for reading); return its entries and the read error, or "".

    ``name`` is the name of the file, for the entries. Text before the first record is an entry with a flaw, and so
    is a record with a damaged title.
    Raises ForeignFormatError if the file begins like one of another format, without any title.
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
        head += chunk[: HEAD_BYTES - len(head)]
        scratch.write(chunk)
        window = last + chunk
        at = window.find(b"\n>")
        while at >= 0:
            starts.append(size + at)
            at = window.find(b"\n>", at + 1)
        size, last = size + len(chunk), chunk[-1:]
        if len(starts) > limits.FASTA_RECORDS:
            damage = limits.FASTA_RECORDS.exceeded()
            break
    if not _TITLE_START.search(head.removeprefix(BYTE_ORDER_MARK)):
        refuse_foreign(bytes(head).lstrip(b" \t\r\n").split(b"\n"), name, "FASTA")
    large = {start for start, end in pairwise([*starts, size]) if end - start > limits.RECORD_BYTES}
    starts = [at for start, end in pairwise([*starts, size]) for at in _cut(start, end)]
    starts += [hidden for start, end in pairwise([*starts, size]) for hidden in _hidden(scratch, start, end)]
    bounds = sorted(set(starts))
    entries = [_entry(scratch, name, *interval) for interval in zip(bounds, [*bounds[1:], size], strict=True)]
    entries = [dataclasses.replace(entry, flaw="too_large") if entry.start in large else entry for entry in entries]
    entries = [entry for entry in entries if entry.flaw or entry.accession]
    if damage and entries:
        entries[-1] = dataclasses.replace(entries[-1], flaw="truncated")
    return entries, damage


def _cut(start: int, end: int) -> range:
    """Return where the pieces begin in which a record is read: one, or several if the record is too large."""
    return range(start, end, limits.STRAY_BYTES) if end - start > limits.RECORD_BYTES else range(start, start + 1)


def _hidden(scratch: IO[bytes], start: int, end: int) -> list[int]:
    """Return where records with damaged titles begin inside an entry."""
    scratch.seek(start)
    title = scratch.readline(min(end - start, 1 << 16))
    starts = [start + match.start() for match in _TITLE.finditer(title, 1)]
    first = at = scratch.tell()
    while at < end:
        chunk = scratch.read(min(CHUNK, end - at))
        if b"." in chunk or b">" in chunk:
            scratch.seek(first)
            return starts + [first + match.start() for match in _HIDDEN.finditer(scratch.read(end - first))]
        at += len(chunk)
    return starts


def _entry(scratch: IO[bytes], name: str, start: int, end: int) -> FastaEntry:
    scratch.seek(start)
    line = scratch.readline(min(end - start, 1 << 16))
    line = line.removeprefix(BYTE_ORDER_MARK) if start == 0 else line
    if not line.startswith(b">"):
        blank = not line.strip() and not scratch.read(end - scratch.tell()).strip()
        return FastaEntry(name, "", "", start, start, end, None if blank else "no_locus")
    names = _names_of(line[1:].decode("utf-8", "replace").strip())
    accession, definition = (cleaned(name).strip() for name in names)
    flaw, replaced = None if accession else "header", unprintable(" ".join(names)) or None
    return FastaEntry(name, accession, definition, start, scratch.tell(), end, flaw, replaced)


def _names_of(title: str) -> tuple[str, str]:
    """Return the accession and the description in a title without its ``>``."""
    identifier, *description = _NAME_END.split(title, maxsplit=1)
    accession, rest = _parted(identifier)
    # After the last bar there may be the name in LOCUS, or the description at once.
    begun = [] if _LOCUS_NAME.fullmatch(rest) else [rest]
    return accession, " ".join(filter(None, begun + description))


class FastaIndex:
    """Finds the FASTA entry of a flat-file record among the entries of a part."""

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
        """Return the entry of ``accession``, and mark it as used; None if there is none.

        If the accession or the entry has no version, they match when no other entry has the same accession; two
        different versions never match.
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
        """Return the entries that were not claimed, in order."""
        return [entry for number, entry in enumerate(self.entries) if number not in self._claimed]


def accession_of(identifier: str) -> str:
    """Return the accession in the first word of a FASTA title, also from forms such as ``gi|..|ref|..|``."""
    return _parted(identifier)[0]


def _parted(identifier: str) -> tuple[str, str]:
    """Return the accession in the first word of a title, and the text behind it; a stretch is part of its name."""
    plain = _NUMBER.sub("", identifier, count=1).removeprefix("lcl|") or identifier
    if match := _ACCESSION.fullmatch(plain) or _ENA.fullmatch(plain):
        accession, rest = match["accession"], match["rest"] or ""
        stretch = _STRETCH.fullmatch(rest)
        return (accession + rest, "") if stretch else (accession, rest)
    if match := _CHAIN.fullmatch(plain):
        return f"{match[1]}_{match[2]}", ""
    return plain, ""


def read_bases(scratch: IO[bytes], entry: FastaEntry) -> FastaBases:
    """Read an entry's bases from the scratch file that `index_fasta` wrote.

    A record without upper case has no mask: its case means nothing.
    """
    scratch.seek(entry.bases)
    raw = scratch.read(entry.end - entry.bases).translate(None, b" \t\r\n")
    return FastaBases(raw, [] if raw.islower() else lower_case_runs(raw))


def _split(accession: str) -> tuple[str, str]:
    match = _VERSIONED.fullmatch(accession)
    return (match[1], match[2]) if match else (accession, "")

"""GFF3 and GTF files: the annotation of each sequence, in the terms of a flat file.

Format: GFF3 1.26 (Sequence Ontology) as NCBI writes it (README_GFF3), and GTF 2.2, distinguished line by line by
their attributes. docs/annotation.md describes the conversion.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any
from urllib.parse import unquote

from dnacorpus.formats.fasta import accession_of
from dnacorpus.formats.genbank.features import GenBankFeature, Qualifiers, feature_row, taxid_of
from dnacorpus.formats.gff.attributes import attributes_of, replaced_in
from dnacorpus.formats.gff.entry import GffEntry
from dnacorpus.formats.gff.features import feature_of
from dnacorpus.formats.gff.sequence_lines import SequenceLines
from dnacorpus.formats.sniff import BYTE_ORDER_MARK, ForeignFormatError, refuse_foreign
from dnacorpus.printable import cleaned, unprintable

_POSITION = re.compile(rb"[1-9][0-9]{0,17}")
_TAXON = re.compile(rb"(?:[?&]id=|taxon:|^)(\d{1,18})\b")
_ASSEMBLY = re.compile(rb"#!genome-build-accession\s+(?:NCBI_Assembly:)?(\S+)")
_VERSION = re.compile(rb"##?!?(?:gff|gtf)-(?:spec-)?version", re.I)
_HEAD = 64
FATAL_FLAWS = frozenset({"columns", "coordinates", "reversed", "strand", "phase", "directive"})
"""The flaws that exclude their line; other flaws are recorded only."""


@dataclass(frozen=True, slots=True)
class Region:
    """The statements of a file about a sequence itself; None, or no qualifiers, if it makes none.

    ``length`` is in bases. ``genome`` is NCBI's word for the molecule (genomic, chromosome, plasmid, mitochondrion
    ...), ``assembly`` an accession; ``qualifiers`` are those of the `source` feature.
    """

    length: int | None
    circular: bool
    taxid: int | None
    organism: str | None
    genome: str | None
    mol_type: str | None
    assembly: str | None
    qualifiers: Qualifiers


@dataclass(frozen=True, slots=True)
class Annotation:
    """The features of one sequence.

    ``flaws`` are (line number, reason): those in `FATAL_FLAWS` exclude their line or directive, others nothing.
    ``omitted`` counts lines by type for which a flat file has no feature. ``entries`` are the features as in the file.
    ``in_directives`` counts the characters of directives that cannot be printed, by kind.
    """

    seqid: str
    region: Region
    flaws: list[tuple[int, str]]
    omitted: dict[str, int]
    entries: list[GffEntry]
    in_directives: Counter[str]

    def replaced(self) -> Counter[str]:
        """Return how many characters of directives and of column 9 cannot be printed, by kind; all are replaced."""
        replaced = Counter(self.in_directives)
        for entry in self.entries:
            replaced.update(replaced_in(entry.attributes, entry.gtf))
        return replaced

    def features(self, length: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows of the features table, without the columns accession and ordinal, in file order.

        ``length`` is the number of bases, if known; otherwise the region's length is used.
        """
        bases = length or self.region.length or 0
        circular = self.region.circular and bases > 0
        for index, entry in enumerate(self.entries):
            yield feature_row(feature_of(entry, bases, circular), index, bases, circular)


def read_gff(lines: Iterable[bytes], where: str) -> dict[str, Annotation]:
    """Read a GFF3 or GTF file; return accession.version -> annotation, in file order.

    An invalid line is left out and is a flaw of the sequence in its first column, or of "" if it has none.
    Raises ForeignFormatError, naming ``where``, for a file in another format.
    """
    iterator = iter(lines)
    head = list(islice(iterator, _HEAD))
    head[:1] = [line.removeprefix(BYTE_ORDER_MARK) for line in head[:1]]
    if not any(_VERSION.match(line) for line in head):
        refuse_foreign(head, where, "GFF3 or GTF", ("GFF3", "GTF"))
    reader = _Reader()
    for number, raw in enumerate(chain(head, iterator), 1):
        line = raw.rstrip(b"\r\n")
        if line.startswith((b"##FASTA", b">")):
            break
        if line.startswith(b"#"):
            reader.take_directive(number, line)
        elif line.strip():
            reader.take(number, line)
    if reader.first_invalid and not reader.readable:
        number, line = reader.first_invalid
        advice = "give GFF3 or GTF with its FASTA, or a GenBank flat file"
        if b"\t" not in line and len(line.split()) > 8:
            advice = "separate its columns by tabs, not blanks"
        raise ForeignFormatError(
            f"{where}: expected GFF3 or GTF, found no readable line; the first is line {number}:"
            f" {line[:60].decode('latin-1')!r}; {advice}"
        )
    return {seqid: _annotation(seqid, found, reader.assembly) for seqid, found in reader.sequences.items()}


class _Reader:
    """Assigns lines to their sequences."""

    def __init__(self) -> None:
        self.sequences: dict[str, SequenceLines] = {}
        self.assembly: str | None = None
        self.readable = False
        self.first_invalid: tuple[int, bytes] | None = None
        self._by_name: dict[bytes, SequenceLines] = {}
        self._current: SequenceLines | None = None
        self._last: SequenceLines | None = None
        self._gap: list[list[bytes]] = []  # a line without columns before those of any sequence
        self._species: tuple[int | None, str | None] = (None, None)

    def take_directive(self, number: int, line: bytes) -> None:
        if line.startswith(b"##sequence-region"):
            _, *words = line.split()
            sequence = self._sequence(words[0] if words else b"")
            if len(words) == 3 and all(_POSITION.fullmatch(word) for word in words[1:]):
                self._current = sequence
                sequence.length = int(words[2]) if words[1] == b"1" else None
            else:
                sequence.flaws.append((number, "directive"))
        elif line.startswith(b"##species"):
            species = _species(line[len(b"##species") :].strip())
            if self._current:
                self._current.species = species
            else:
                self._species = species
        elif match := _ASSEMBLY.match(line):
            self.assembly = match[1].decode("utf-8", "replace")

    def take(self, number: int, line: bytes) -> None:
        columns = line.split(b"\t")
        if len(columns) > 1:
            sequence = self._last = self._sequence(columns[0])
            for fields in self._gap:
                sequence.miss(fields)
            self._gap = []
            reason = sequence.take(number, columns)
        else:
            sequence, reason = self._sequence(b""), "columns"
            self._gap = [line.split(None, 8)]
            if self._last:
                self._last.miss(self._gap.pop())
        if reason:
            sequence.flaws.append((number, reason))
            self.first_invalid = self.first_invalid or (number, line)
        else:
            self.readable = True

    def _sequence(self, name: bytes) -> SequenceLines:
        sequence = self._by_name.get(name)
        if sequence is None:
            seqid = accession_of(cleaned(unquote(name.decode("utf-8", "replace"))).strip())
            sequence = self._by_name[name] = self.sequences.setdefault(seqid, SequenceLines(self._species))
        return sequence


def _species(directive: bytes) -> tuple[int | None, str | None]:
    """Return the taxid or the name in a ##species directive."""
    taxon = _TAXON.search(directive)
    if taxon:
        return int(taxon[1]), None
    if b"://" in directive:
        return None, None
    return None, directive.decode("utf-8", "replace") or None


def _annotation(seqid: str, lines: SequenceLines, assembly: str | None) -> Annotation:
    lines.close()
    circular = lines.circular()
    entry = next((entry for entry in lines.entries if entry.kind == "source"), None)
    length = lines.length or (entry.spans[1] if entry and entry.spans and entry.spans[0] == 1 else None)
    source = feature_of(entry, length or 0, circular) if entry else GenBankFeature("source", "", [])
    given = dict(attributes_of(entry.attributes, entry.gtf)) if entry else {}
    named = dict(source.qualifiers)
    taxid, organism = lines.species
    stated = [text for text in (organism, assembly) if text]
    region = Region(
        length,
        circular,
        taxid_of(source) or taxid,
        named.get("organism") or (cleaned(organism).strip() or None if organism else None),
        next(iter(given.get("genome", [])), None),
        named.get("mol_type"),
        cleaned(assembly) if assembly else None,
        source.qualifiers,
    )
    return Annotation(seqid, region, lines.flaws, lines.omitted, lines.entries, unprintable("".join(stated)))

"""GFF3 and GTF files: the annotation of each sequence, in the terms of a flat file.

Format: GFF3 1.26 (Sequence Ontology) as NCBI writes it (README_GFF3), and GTF 2.2, distinguished line by line by
their attributes. The conversion is in `gff.lines`, `gff.features` and `gff.names`; docs/annotation.md describes it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any
from urllib.parse import unquote

from dnacorpus import limits
from dnacorpus.formats.fasta import accession_of
from dnacorpus.formats.genbank.features import GenBankFeature, Qualifiers, feature_row, taxid_of
from dnacorpus.formats.gff.features import GffEntry, attributes_of, feature_of, replaced_in
from dnacorpus.formats.gff.lines import SequenceLines
from dnacorpus.formats.gunzip import CHUNK, READ_ERRORS, Source, describe_error
from dnacorpus.formats.sniff import BYTE_ORDER_MARK, ForeignFormatError, refuse_foreign
from dnacorpus.printable import cleaned, unprintable

_POSITION = re.compile(rb"[1-9][0-9]{0,17}")
_TAXON = re.compile(rb"(?:[?&]id=|taxon:|^)(\d{1,18})\b")
_ASSEMBLY = re.compile(rb"#!genome-build-accession\s+(?:NCBI_Assembly:)?(\S+)")
_VERSION = re.compile(rb"##?!?(?:gff|gtf)-(?:spec-)?version", re.I)
_HEAD = 64
_ACCESSION_VERSION = re.compile(r"\.\d+$")
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

    ``flaws`` are (line number, reason): columns, coordinates, reversed, strand and phase exclude their line, directive
    a directive; escape, parent and codon exclude nothing. ``omitted`` counts lines by type for which a flat file has
    no feature. ``entries`` are the features as in the file. ``in_directives`` counts the characters of directives that
    cannot be printed, by kind.
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
            replaced.update(replaced_in(entry))
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
        raise ForeignFormatError(
            f"{where}: expected GFF3 or GTF, found no readable line; the first is line {number}:"
            f" {line[:60].decode('latin-1')!r}; give GFF3 or GTF with its FASTA, or a GenBank flat file"
        )
    return {seqid: _annotation(seqid, found, reader.assembly) for seqid, found in reader.sequences.items()}


class Annotations:
    """The annotation in the GFF and GTF files of a part, by sequence id, and which of it FASTA entries have claimed."""

    def __init__(self) -> None:
        self._seqids: set[str] = set()
        self._free: dict[str, dict[str, Annotation]] = {}  # by sequence id without its version
        self._lost: Counter[tuple[str, str]] = Counter()

    def read(self, handle: Source, name: str) -> str:
        """Read one file, and return the error that ended its stream, or "".

        If two files annotate a sequence, the first annotation is kept.
        Raises ForeignFormatError for a file in another format.
        """
        damage: list[str] = []
        for seqid, annotation in read_gff(_lines(handle, damage), name).items():
            for _, reason in annotation.flaws:
                self._lost["rejected", reason] += reason in FATAL_FLAWS
            self._lost["excluded", "no_feature"] += sum(annotation.omitted.values())
            if seqid in self._seqids:
                self._lost["excluded", "annotated_twice"] += len(annotation.entries)
            elif annotation.entries:
                self._seqids.add(seqid)
                self._free.setdefault(_ACCESSION_VERSION.sub("", seqid), {})[seqid] = annotation
        return damage[0] if damage else ""

    def claim(self, accession: str) -> Annotation | None:
        """Return the annotation of a sequence, and mark it as claimed; None if there is none.

        If the accession or the sequence id has no version, they match when only one such id is left.
        """
        bare = _ACCESSION_VERSION.sub("", accession)
        free = self._free.get(bare, {})
        if accession not in free:
            if accession == bare and len(free) == 1:
                accession = next(iter(free))
            elif bare in free:
                accession = bare
            else:
                return None
        return free.pop(accession)

    def lost(self) -> Iterator[tuple[str, str, int]]:
        """Yield status, reason and number of the lines and features that gave no row."""
        unclaimed = sum(len(each.entries) for free in self._free.values() for each in free.values())
        lost = self._lost + Counter({("rejected", "no_bases"): unclaimed})
        for (status, reason), count in sorted(lost.items()):
            yield status, reason, count


class _Reader:
    """Assigns lines to their sequences."""

    def __init__(self) -> None:
        self.sequences: dict[str, SequenceLines] = {}
        self.assembly: str | None = None
        self.readable = False
        self.first_invalid: tuple[int, bytes] | None = None
        self._by_name: dict[bytes, SequenceLines] = {}
        self._current: SequenceLines | None = None
        self._species: tuple[int | None, str | None] = (None, None)

    def take_directive(self, number: int, line: bytes) -> None:
        if _VERSION.match(line):
            self.readable = True
        elif line.startswith(b"##sequence-region"):
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
        sequence = self._sequence(columns[0] if len(columns) > 1 else b"")
        reason = sequence.take(number, columns)
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
    length = lines.length or (entry.spans[1] if entry and entry.spans[0] == 1 else None)
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


def _lines(handle: Source, damage: list[str]) -> Iterator[bytes]:
    pieces: list[bytes] = []  # of the line that the next chunk continues
    held = number = 0
    while True:
        try:
            chunk = handle.read(CHUNK)
        except READ_ERRORS as error:
            damage.append(describe_error(error))
            chunk = b""
        if not chunk:
            break
        first, *lines = chunk.split(b"\n")
        pieces.append(first)
        held += len(first)
        number += len(lines)
        if number > limits.GFF_LINES:
            damage.append(limits.GFF_LINES.exceeded())
            return
        if max(held, *map(len, lines), 0) > limits.GFF_LINE:
            damage.append(f"a line: {limits.GFF_LINE.exceeded()}")
            return
        if lines:
            yield b"".join(pieces)
            *lines, last = lines
            yield from lines
            pieces, held = [last], len(last)
    rest = b"".join(pieces)
    if rest and not damage:  # an incomplete line would be read as a complete one with shorter names
        yield rest

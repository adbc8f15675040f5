"""GFF3 and GTF files: the annotation of each sequence as the flat file of that sequence has it.

Format: GFF3 1.26 (Sequence Ontology) as NCBI writes it (README_GFF3), and GTF 2.2, told apart line by line by
their attributes. What becomes of what is in `gff_lines`, `gff_features` and `gff_names`, and in words in
docs/annotation.md.
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
from dnacorpus.formats.gff.features import GffEntry, attributes_of, feature_of
from dnacorpus.formats.gff.lines import SequenceLines
from dnacorpus.formats.gunzip import CHUNK, READ_ERRORS, Source, describe_error
from dnacorpus.formats.sniff import BYTE_ORDER_MARK, ForeignFormatError, refuse_foreign

_POSITION = re.compile(rb"[1-9][0-9]{0,17}")
_TAXON = re.compile(rb"(?:[?&]id=|taxon:|^)(\d{1,18})\b")
_ASSEMBLY = re.compile(rb"#!genome-build-accession\s+(?:NCBI_Assembly:)?(\S+)")
_VERSION = re.compile(rb"##?!?(?:gff|gtf)-(?:spec-)?version", re.I)
_HEAD = 64
_ACCESSION_VERSION = re.compile(r"\.\d+$")
COSTLY = frozenset({"columns", "coordinates", "reversed", "strand", "phase", "directive"})
"""The flaws that cost their line; the others are noted, and the line counts."""


@dataclass(frozen=True, slots=True)
class Region:
    """What the file says about a sequence itself; None, or no qualifiers, where it says nothing.

    ``length`` is in bases; ``genome`` is NCBI's word for the molecule (genomic, chromosome, plasmid,
    mitochondrion ...); ``assembly`` is an accession; ``qualifiers`` are those of the `source` feature.
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

    ``flaws`` are (line number, reason): columns, coordinates, reversed, strand and phase cost their line,
    directive a directive; escape, parent and codon are noted and cost nothing. ``omitted`` counts the lines,
    by type, that a flat file has no feature for. ``entries`` are the features as the file has them.
    """

    seqid: str
    region: Region
    flaws: list[tuple[int, str]]
    omitted: dict[str, int]
    entries: list[GffEntry]

    def features(self, length: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows of the features table, all columns but accession and ordinal, in file order.

        ``length`` is that of the bases where they are at hand; otherwise the region's counts.
        """
        bases = length or self.region.length or 0
        circular = self.region.circular and bases > 0
        for index, entry in enumerate(self.entries):
            yield feature_row(feature_of(entry, bases, circular), index, bases, circular)


def read_gff(lines: Iterable[bytes], where: str) -> dict[str, Annotation]:
    """Read a GFF3 or GTF file; return the annotation of each sequence by its accession.version, in file order.

    A bad line costs that line and is a flaw of the sequence that its first column names ("" where there is
    none). Raises ForeignFormatError, naming ``where``, for a file in another format.
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
            reader.direct(number, line)
        elif line.strip():
            reader.take(number, line)
    if reader.first_bad and not reader.legible:
        number, line = reader.first_bad
        raise ForeignFormatError(
            f"{where}: expected GFF3 or GTF, found no legible line, the first at line {number}:"
            f" {line[:60].decode('latin-1')!r}; give GFF3 or GTF beside FASTA, or a GenBank flat file"
        )
    return {seqid: _annotation(seqid, found, reader.assembly) for seqid, found in reader.sequences.items()}


class Annotations:
    """Annotation by sequence id, as files bring it and FASTA records claim it."""

    def __init__(self) -> None:
        self._found: dict[str, Annotation] = {}
        self._by_number: dict[str, list[str]] = {}
        self._claimed: set[str] = set()
        self._lost: Counter[tuple[str, str]] = Counter()

    def read(self, handle: Source, name: str) -> str:
        """Read one file and return where its stream broke, or "".

        Raises ForeignFormatError for a file in another format. A sequence that two files annotate keeps the
        first annotation.
        """
        damage: list[str] = []
        for seqid, annotation in read_gff(_lines(handle, damage), name).items():
            for _, reason in annotation.flaws:
                self._lost["rejected", reason] += reason in COSTLY
            self._lost["excluded", "no_feature"] += sum(annotation.omitted.values())
            if seqid in self._found:
                self._lost["excluded", "annotated_twice"] += len(annotation.entries)
            elif annotation.entries:
                self._found[seqid] = annotation
                self._by_number.setdefault(_ACCESSION_VERSION.sub("", seqid), []).append(seqid)
        return damage[0] if damage else ""

    def claim(self, accession: str) -> Annotation | None:
        """Return the annotation of a sequence, and call it taken.

        An accession without a version finds the one with a version and the other way round, where just one is there.
        """
        bare = _ACCESSION_VERSION.sub("", accession)
        kin = [seqid for seqid in self._by_number.get(bare, ()) if seqid not in self._claimed]
        near = [seqid for seqid in kin if bare in (accession, seqid)]
        chosen = accession if accession in kin else near[0] if len(near) == 1 else None
        if chosen is None:
            return None
        self._claimed.add(chosen)
        return self._found[chosen]

    def lost(self) -> Iterator[tuple[str, str, int]]:
        """Yield status, reason and number of the lines, or features without a sequence, that gave nothing."""
        unclaimed = sum(len(found.entries) for seqid, found in self._found.items() if seqid not in self._claimed)
        lost = self._lost + Counter({("rejected", "no_bases"): unclaimed})
        for (status, reason), count in sorted(lost.items()):
            yield status, reason, count


class _Reader:
    """Sorts lines by their sequences."""

    def __init__(self) -> None:
        self.sequences: dict[str, SequenceLines] = {}
        self.assembly: str | None = None
        self.legible = False
        self.first_bad: tuple[int, bytes] | None = None
        self._by_name: dict[bytes, SequenceLines] = {}
        self._current: SequenceLines | None = None
        self._species: tuple[int | None, str | None] = (None, None)

    def direct(self, number: int, line: bytes) -> None:
        if _VERSION.match(line):
            self.legible = True
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
            self.assembly = match[1].decode("latin-1")

    def take(self, number: int, line: bytes) -> None:
        columns = line.split(b"\t")
        sequence = self._sequence(columns[0] if len(columns) > 1 else b"")
        reason = sequence.take(number, columns)
        if reason:
            sequence.flaws.append((number, reason))
            self.first_bad = self.first_bad or (number, line)
        else:
            self.legible = True

    def _sequence(self, name: bytes) -> SequenceLines:
        found = self._by_name.get(name)
        if found is None:
            seqid = accession_of(unquote(name.decode("utf-8", "replace")).strip())
            found = self._by_name[name] = self.sequences.setdefault(seqid, SequenceLines(self._species))
        return found


def _species(said: bytes) -> tuple[int | None, str | None]:
    taxon = _TAXON.search(said)
    if taxon:
        return int(taxon[1]), None
    return None, None if b"://" in said else said.decode("utf-8", "replace") or None


def _annotation(seqid: str, lines: SequenceLines, assembly: str | None) -> Annotation:
    lines.close()
    circular = lines.circular()
    entry = next((entry for entry in lines.entries if entry.kind == "source"), None)
    length = lines.length or (entry.spans[1] if entry and entry.spans[0] == 1 else None)
    source = feature_of(entry, length or 0, circular) if entry else GenBankFeature("source", "", [])
    given = dict(attributes_of(entry.attributes, entry.gtf)) if entry else {}
    named = dict(source.qualifiers)
    taxid, organism = lines.species
    region = Region(
        length,
        circular,
        taxid_of(source) or taxid,
        named.get("organism") or organism,
        next(iter(given.get("genome", [])), None),
        named.get("mol_type"),
        assembly,
        source.qualifiers,
    )
    return Annotation(seqid, region, lines.flaws, lines.omitted, lines.entries)


def _lines(handle: Source, damage: list[str]) -> Iterator[bytes]:
    rest = b""
    while True:
        try:
            chunk = handle.read(CHUNK)
        except READ_ERRORS as error:
            damage.append(describe_error(error))
            chunk = b""
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest and not damage:  # half a line would be read as a whole one with shorter names
        yield rest

"""The lines of one sequence in a GFF3 or GTF file, combined into features.

Format: GFF3 1.26 (Sequence Ontology) and GTF 2.2: nine columns. Lines with one ID are one feature, and exons are the
parts of their transcript. In GTF the CDS line excludes the stop codon; here it is part of the CDS.
"""

import re
import sys
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from dnacorpus.formats.gff.entry import GffEntry
from dnacorpus.formats.gff.names import kind_of

_COORDINATE = re.compile(rb"[1-9][0-9]{0,17}")
_STRANDS = {b"+": 1, b"-": -1, b".": 1, b"?": 1}
_PHASES = {b"0": 0, b"1": 1, b"2": 2, b".": -1}
_NO_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_GTF = re.compile(rb'\s*[\w.:-]+\s+(?:"|[^\s"=;]+\s*;)')
_IDENTIFIER = re.compile(rb"(?:^|;)\s*ID=([^;]+)")
_PARENT = re.compile(rb"(?:^|;)\s*Parent=([^;]+)")
_GBKEY = re.compile(rb'(?:(?:^|;)\s*gbkey=|\bgbkey ")([^;"]+)')
_TRANSCRIPT = re.compile(rb'\btranscript_id "?([^";]+)')
_GENE = re.compile(rb'\bgene_id "?([^";]+)')
_BIOTYPES = [re.compile(rb'\b%b_(?:bio)?type "([^"]+)"' % word) for word in (b"transcript", b"gene")]
_PART = re.compile(rb'\bpart[= ]"?(\d{1,6})')
_LOW = re.compile(rb"\bstart_range=\.(?:,|%2C)(\d{1,18})")
_HIGH = re.compile(rb"\bend_range=(\d{1,18})(?:,|%2C)\.")
_CIRCULAR = re.compile(rb"\bIs_circular=true", re.I)
_CDS_OF = b"CDS of\t"  # an ID contains no tab
_MAX_IMPLIED = 100  # transcripts made from one line; each repeats its attributes
_MAX_CODONS = 100  # of a CDS, which has six lines of codons at most; each is compared with all its parts
_EXONS = frozenset(("exon", "coding_exon", "noncoding_exon", "pseudogenic_exon"))
_CODONS = frozenset(("start_codon", "stop_codon"))
_WHOLE = frozenset(("region", "chromosome", "scaffold", "contig", "supercontig", "plasmid"))
_RNA = frozenset(("mRNA", "tRNA", "rRNA", "tmRNA", "ncRNA", "misc_RNA", "precursor_RNA"))


class _Line(NamedTuple):
    number: int
    type: str
    start: int
    end: int
    strand: int
    phase: int
    attributes: bytes
    gtf: bool
    id: bytes | None
    parents: list[bytes]
    gbkey: str | None
    part: int
    lows: list[int]
    highs: list[int]


@dataclass(slots=True, eq=False)
class SequenceLines:
    """The features of one sequence while its lines are read.

    ``flaws`` are (line number, reason). ``omitted`` counts lines by type for which a flat file has no feature.
    ``length`` is that of ##sequence-region, ``species`` the taxid and name of ##species.
    """

    species: tuple[int | None, str | None]
    length: int | None = None
    flaws: list[tuple[int, str]] = field(default_factory=list)
    omitted: dict[str, int] = field(default_factory=dict)
    entries: list[GffEntry] = field(default_factory=list)
    _by_id: dict[bytes, GffEntry] = field(default_factory=dict)
    _implied: dict[bytes, GffEntry] = field(default_factory=dict)  # transcripts that only have exon lines
    _orphans: list[tuple[GffEntry, list[bytes]]] = field(default_factory=list)
    _waiting: list[_Line] = field(default_factory=list)
    _codons: list[_Line] = field(default_factory=list)

    def take(self, number: int, columns: list[bytes]) -> str | None:
        """Add the columns of one line; return why the line is invalid, or None."""
        if len(columns) != 9:
            return "columns"
        _, _, name, start, end, _, strand, phase, attributes = columns
        if not (_COORDINATE.fullmatch(start) and _COORDINATE.fullmatch(end)):
            return "coordinates"
        if strand not in _STRANDS:
            return "strand"
        if phase not in _PHASES:
            return "phase"
        gtf = _GTF.match(attributes) is not None
        if not gtf and b"%" in attributes and _NO_ESCAPE.search(attributes):
            self.flaws.append((number, "escape"))
        kind = sys.intern(name.decode("utf-8", "replace"))
        links = _gtf_links(kind, attributes) if gtf else _gff_links(attributes)
        interval = (int(start), int(end), _STRANDS[strand], _PHASES[phase])
        gbkey, (part, lows, highs) = _gbkey(attributes), _position(attributes)
        line = _Line(number, kind, *interval, attributes, gtf, *links, gbkey, part, lows, highs)
        if line.end < line.start:
            self._waiting.append(line)  # valid only if the molecule turns out to be circular
        else:
            self._add(line, last=False)
        return None

    def close(self) -> None:
        """Complete the features once all lines are read; ``entries`` are then in file order."""
        length = self.length if self.circular() else None
        for line in self._waiting:
            if line.end >= line.start:
                self._add(line, last=True)
            elif length and line.start <= length:
                self._add(line._replace(end=line.end + length), last=True)
            else:
                self.flaws.append((line.number, "reversed"))
        for entry, parents in self._orphans:
            entry.parent = next((self._by_id[parent] for parent in parents if parent in self._by_id), None)
            if entry.parent is None and not entry.gtf:
                self.flaws.append((entry.line, "parent"))
        self._close_codons()
        self._close_transcripts()
        self.entries.sort(key=lambda entry: entry.line)
        for entry in self.entries:
            if self._is_whole(entry):
                entry.kind = "source"
        self.flaws = sorted(set(self.flaws))

    def circular(self) -> bool:
        """Return whether a line declares the molecule circular."""
        return any(
            (entry.kind == "source" or entry.type in _WHOLE) and _CIRCULAR.search(entry.attributes)
            for entry in self.entries
        )

    def _add(self, line: _Line, last: bool) -> None:
        if line.type.endswith("_match") or line.type in ("match", "match_part", "Selenocysteine"):
            self.omitted[line.type] = self.omitted.get(line.type, 0) + 1
        elif line.gtf and line.type in _CODONS:
            self._codons.append(line)
        elif line.type in _EXONS and line.parents:
            self._add_exon(line, last)
        else:
            self._add_feature(line)

    def _add_exon(self, line: _Line, last: bool) -> None:
        later: list[bytes] = []
        implied: list[bytes] = []
        for parent in line.parents:
            above = self._by_id.get(parent)
            if above is None and not (last or line.gtf):
                later.append(parent)
            elif (above and above.kind == "gene") or (not above and line.gbkey == "exon"):
                if parent == line.parents[0]:
                    self._add_feature(line)
            elif above:
                _extend_exons(above, line)
            else:
                implied.append(parent)
        if later:
            self._waiting.append(line._replace(parents=later))
        if implied and not line.gtf:
            self.flaws.append((line.number, "parent"))
        for parent in implied[:_MAX_IMPLIED]:
            entry = self._implied.get(parent)
            if entry is None:
                entry = self._implied[parent] = self._new(line)
            _extend_exons(entry, line)

    def _add_feature(self, line: _Line) -> None:
        identifier = line.id
        if identifier is None and line.type == "CDS" and line.parents:
            identifier = _CDS_OF + line.parents[0]
        entry = self._by_id.get(identifier) if identifier else None
        if entry and identifier and entry.type != line.type:  # an ID that two types share, which the format forbids
            identifier = b"%b\t%b" % (line.type.encode(), identifier)
            entry = self._by_id.get(identifier)
        if entry and line.gtf and line.type == "gene" and line.part < 0:
            entry = None
        if entry is None:
            entry = self._new(line)
            if identifier:
                self._by_id.setdefault(identifier, entry)
            if line.parents:
                entry.parent = self._by_id.get(line.parents[0])
                if entry.parent is None:
                    self._orphans.append((entry, line.parents))
        _extend(entry, entry.spans, line)

    def _new(self, line: _Line) -> GffEntry:
        kind = sys.intern(kind_of(line.type, line.gbkey))
        entry = GffEntry(line.number, kind, line.type, line.attributes, line.gtf)
        self.entries.append(entry)
        return entry

    def _close_codons(self) -> None:
        codons: Counter[bytes | None] = Counter()
        for line in self._codons:
            entry = self._by_id.get(line.id or b"")
            codons[line.id] += 1
            if entry is None or codons[line.id] > _MAX_CODONS or not _include_codon(entry.spans, line):
                self.flaws.append((line.number, "codon"))

    def _close_transcripts(self) -> None:
        merged: set[int] = set()
        for parent, entry in self._implied.items():
            above = self._by_id.get(parent)
            if above is None or above.kind == "gene":
                self._name_transcript(entry, parent)
            else:
                above.exons = (above.exons or array("q")) + (entry.exons or array("q"))
                merged.add(id(entry))
        if merged:
            self.entries = [entry for entry in self.entries if id(entry) not in merged]
        for parent, entry in self._by_id.items():
            if entry.gtf and entry.type == "transcript":
                self._name_transcript(entry, parent)

    def _name_transcript(self, entry: GffEntry, identifier: bytes) -> None:
        if _gbkey(entry.attributes):
            return
        coding = _CDS_OF + identifier in self._by_id
        types = [match[1] for match in (pattern.search(entry.attributes) for pattern in _BIOTYPES) if match]
        entry.type = "mRNA" if coding else types[0].decode("utf-8", "replace") if types else "transcript"
        kind = kind_of(entry.type, None)
        entry.kind = kind if kind in _RNA else "misc_RNA"

    def _is_whole(self, entry: GffEntry) -> bool:
        if entry.type not in _WHOLE or entry.kind != "misc_feature" or _gbkey(entry.attributes):
            return False
        return entry.spans[0] == 1 and entry.spans[1] == (self.length or entry.spans[1])


def _gff_links(attributes: bytes) -> tuple[bytes | None, list[bytes]]:
    name, parent = _IDENTIFIER.search(attributes), _PARENT.search(attributes)
    return (name[1] if name else None), (parent[1].split(b",") if parent else [])


def _gtf_links(kind: str, attributes: bytes) -> tuple[bytes | None, list[bytes]]:
    """Return a line's id and its parents, as in GFF3; a transcript's id begins with a blank."""
    match = _GENE.search(attributes)
    gene = b"gene " + match[1] if match else b""
    if kind == "gene":
        return gene or None, []
    match = _TRANSCRIPT.search(attributes)
    transcript = b" " + match[1] if match else gene
    if not transcript:
        return None, []
    if kind == "CDS" or kind in _CODONS:
        return _CDS_OF + transcript, [transcript]
    if kind == "transcript" or kind in _RNA:
        return transcript, [gene] if gene else []
    return None, [transcript]


def _gbkey(attributes: bytes) -> str | None:
    match = _GBKEY.search(attributes)
    return match[1].decode("utf-8", "replace") if match else None


def _position(attributes: bytes) -> tuple[int, list[int], list[int]]:
    """Return a line's part number or -1, and the coordinates at which the feature continues below and above."""
    part = _PART.search(attributes) if b"part" in attributes else None
    lows, highs = ([*map(int, ends.findall(attributes))] if b"_range=" in attributes else [] for ends in (_LOW, _HIGH))
    return int(part[1]) if part else -1, lows, highs


def _extend(entry: GffEntry, spans: "array[int]", line: _Line) -> None:
    spans.extend((line.start, line.end, line.strand, line.phase, line.part))
    if line.lows or line.highs:
        entry.open = entry.open or (set(), set())
        entry.open[0].update(line.lows)
        entry.open[1].update(line.highs)


def _extend_exons(entry: GffEntry, line: _Line) -> None:
    if entry.exons is None:
        entry.exons = array("q")
    _extend(entry, entry.exons, line)


def _include_codon(spans: "array[int]", line: _Line) -> bool:
    """Return whether the spans of a CDS contain a codon; extend them to contain a stop codon."""
    same = [at for at in range(0, len(spans), 5) if spans[at + 2] == line.strand]
    if any(spans[at] <= line.start and line.end <= spans[at + 1] for at in same):
        return True
    if line.type == "start_codon":
        return False
    for at in same:
        if line.strand == 1 and spans[at + 1] + 1 == line.start:
            spans[at + 1] = line.end
            return True
        if line.strand == -1 and spans[at] - 1 == line.end:
            spans[at] = line.start
            return True
    spans.extend((line.start, line.end, line.strand, -1, -1))
    return bool(same)

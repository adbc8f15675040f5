"""Exon lines become parts of their transcripts, or transcripts of their own if these have no line."""

from array import array
from bisect import insort

from dnacorpus.formats.gff.attributes import gbkey, keeps_order
from dnacorpus.formats.gff.entry import STRIDE, GffEntry, GffInterval, intervals
from dnacorpus.formats.gff.groups import MAX_PARENTS, Groups, Relation, in_order, overlap, place
from dnacorpus.formats.gff.lines import Line

_WITHOUT_EXONS = frozenset(("gene", "exon", "intron", "CDS", "5'UTR", "3'UTR"))  # an exon below is a feature of its own


class Exons:
    """The exons of one sequence while its lines are added."""

    def __init__(self, groups: Groups, flaws: list[tuple[int, str]]) -> None:
        self._groups, self._flaws = groups, flaws
        self.implied: dict[bytes, list[GffEntry]] = {}
        """Transcripts made from exon lines, by the name of the transcript that has no line."""
        self._numbers: dict[int, int] = {}  # of implied transcripts in GTF: the bits are the numbers of their exons
        self._loose: list[tuple[Line, bytes]] = []
        self._disordered: dict[int, GffEntry] = {}

    def add(self, line: Line, last: bool) -> tuple[bytes, ...]:
        """Add a line to its transcripts; return its parents without a line, unless it is the ``last`` chance."""
        later: list[bytes] = []
        implied: list[bytes] = []
        for parent in line.parents:
            above = self._groups.only(parent)
            if above is None and self._groups.named(parent):
                self._loose.append((line, parent))
            elif above is None and not (last or line.gtf):
                later.append(parent)
            elif (above and above.kind in _WITHOUT_EXONS) or (not above and line.gbkey == "exon"):
                if parent == line.parents[0]:
                    self._groups.add(line)
            elif above is None:
                implied.append(parent)
            elif _fits(above, line):
                self._extend(above, line)
            else:
                self._loose.append((line, parent))
        self._imply(line, implied)
        return tuple(later)

    def close(self) -> None:
        """Give exons to transcripts whose lines came later, or of which there are several."""
        for line, parent in self._loose:
            self._settle(line, parent)
        gone: set[int] = set()
        for parent, entries in self.implied.items():
            if self._transcripts(parent):
                for entry in entries:
                    self._give_away(entry, parent)
                gone |= {id(entry) for entry in entries if not entry.exons}
        if gone:
            self._groups.entries = [entry for entry in self._groups.entries if id(entry) not in gone]
        for parent, entries in self.implied.items():
            for entry in entries:
                if entry.exons:
                    self._groups.give_name(entry, parent)
        for entry in self._disordered.values():
            self._check(entry)

    def _settle(self, line: Line, parent: bytes) -> None:
        above = self._choose(parent, GffInterval(*line[2:6], line.part), line.attributes)
        if above:
            self._extend(above, line)
        elif self._transcripts(parent):
            self._flaws.append((line.number, "shared_id"))
            self._imply(line, [parent])
        elif parent == line.parents[0]:
            self._groups.add(line)

    def _imply(self, line: Line, parents: list[bytes]) -> None:
        if parents and not line.gtf:
            self._flaws.append((line.number, "parent"))
        for parent in parents[:MAX_PARENTS]:
            entries = self.implied.setdefault(parent, [])
            ordered = line.part > 0 or keeps_order(line.attributes)
            entry = next((each for each in reversed(entries[-4:]) if ordered or each.strand == line.strand), None)
            relation = self._relation(entry, line) if entry and not ordered else Relation.PART
            if relation is Relation.REPEATED:
                self._flaws.append((line.number, "repeated"))
                continue
            if entry is None or relation is Relation.OTHER:
                if entries:
                    self._flaws.append((line.number, "shared_id"))
                transcript, _, gene = parent.partition(b"\t")
                entry = self._groups.begin(line, (b"\t" + gene,) if transcript and gene else ())
                if line.gbkey is None:
                    entry.kind = "misc_RNA"
                entries.append(entry)
            self._extend(entry, line)
            if line.exon >= 0:
                self._numbers[id(entry)] = self._numbers.get(id(entry), 0) | 1 << line.exon

    def _relation(self, entry: GffEntry, line: Line) -> Relation:
        exons = entry.exons or array("q")
        if line.exon >= 0 and self._numbers.get(id(entry), 0) >> line.exon & 1:
            repeated = place(entry, exons, line) is Relation.REPEATED
            return Relation.REPEATED if repeated else Relation.OTHER
        return Relation.PART if in_order(exons, line) else place(entry, exons, line)

    def _extend(self, entry: GffEntry, line: Line) -> None:
        if entry.exons is None:
            entry.exons = array("q")
        elif not in_order(entry.exons, line):
            self._disordered[id(entry)] = entry
        if entry.sorted is not None and not entry.spans:
            insort(entry.sorted, (line.start, line.end))
        entry.extend(entry.exons, line)

    def _transcripts(self, name: bytes) -> list[GffEntry]:
        return [entry for entry in self._groups.above(name) if entry.kind not in _WITHOUT_EXONS]

    def _choose(self, name: bytes, span: GffInterval, attributes: bytes) -> GffEntry | None:
        """Return the transcript of a name that has an exon: on its strand, and round it if there are several."""
        found = self._transcripts(name)
        same = [entry for entry in found if entry.strand == span.strand]
        inside = [
            entry for entry in same if entry.spans and entry.spans[0] <= span.start and span.end <= entry.spans[1]
        ]
        mixed = (entry for entry in found if keeps_order(attributes) or self._groups.may_mix(entry))
        return next(iter(inside or same), None) or next(mixed, None)

    def _give_away(self, entry: GffEntry, name: bytes) -> None:
        """Move the exons of an implied transcript to transcripts of its name whose lines came later."""
        left = array("q")
        for span in intervals(entry.exons or left):
            above = self._choose(name, span, entry.attributes)
            if above is None:
                left.extend(span)
                continue
            above.damaged |= entry.damaged
            if above.exons is None:
                above.exons = array("q")
            elif not in_order(above.exons, span):
                self._disordered[id(above)] = above
            above.exons.extend(span)
        entry.exons = left

    def _check(self, entry: GffEntry) -> None:
        """Remove repeated exons; a transcript whose exons overlap is damaged, except in NCBI's files."""
        found = (GffInterval(*span[:3], -1, span.part) for span in intervals(entry.exons or array("q")))
        spans = list(dict.fromkeys(found))
        if len(spans) * STRIDE < len(entry.exons or ()):
            self._flaws.append((entry.line, "repeated"))
            entry.exons = array("q", [number for span in spans for number in span])
        if gbkey(entry.attributes) is None and overlap(entry.exons or array("q")):
            self._flaws.append((entry.line, "overlap"))
            entry.damaged = True


def _fits(entry: GffEntry, line: Line) -> bool:
    """Tell whether an exon lies on the strand of its transcript, and within it."""
    spans = entry.spans
    if spans[2] == line.strand and (len(spans) > STRIDE or (spans[0] <= line.start and line.end <= spans[1])):
        return True
    return line.part > 0 or keeps_order(line.attributes)

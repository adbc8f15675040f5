"""Which lines are one feature: the one rule for GFF3 and GTF.

Lines are one feature if they have one type, one name (ID; or transcript and gene) and the same features above them, lie
on one strand, do not overlap, and do not contradict each other in the names of gene and product. A feature may lie on
both strands if it, or a feature above it, states trans-splicing, or if its lines are numbered (``part=``). Other lines
of one name are features of their own, which is a flaw.
"""

import re
import sys
from array import array
from bisect import bisect_left, insort
from enum import Enum
from itertools import pairwise

from dnacorpus.formats.gff.attributes import gbkey, is_ordered, keeps_order
from dnacorpus.formats.gff.entry import STRIDE, GffEntry, GffInterval, intervals
from dnacorpus.formats.gff.lines import CDS_OF, SINGLE, Line
from dnacorpus.formats.gff.location import meet_at_origin
from dnacorpus.formats.gff.names import kind_of

MAX_PARENTS = 100
"""The most parents of a line that each make a feature of it, and the most features of one name that are compared."""
SLIPPAGE = 2
"""Bases that two parts may share: ribosomal slippage goes back by one or two."""
_MAX_DISORDERED = 4096  # lines of one feature in no order: more are not searched for overlaps
_MAX_ANCESTORS = 8  # a chain of parents may be a circle
_NAMES = re.compile(rb"(?:^|;)\s*(Name|(?i:gene|locus_tag|product|protein_id))=([^;]*)")
_PROTEIN = re.compile(rb'\bprotein_id "([^"]*)')
_PLACEHOLDER = re.compile(rb'\btranscript_id "(?:unknown|unassigned)_transcript_')


class Relation(Enum):
    """What a line is to the lines of a feature before it."""

    PART = 0
    REPEATED = 1
    OTHER = 2


class Groups:
    """The features of one sequence while its lines are added; ``entries`` are in the order of their first lines."""

    def __init__(self, flaws: list[tuple[int, str]]) -> None:
        self.entries: list[GffEntry] = []
        self._flaws = flaws
        self._first: dict[bytes, GffEntry] = {}
        self._others: dict[bytes, list[GffEntry]] = {}  # further features of a name
        self._open: dict[tuple[str, bytes, tuple[bytes, ...]], GffEntry] = {}  # of those, the ones that take lines
        self._mixed: list[GffEntry] = []
        self._long_genes: list[GffEntry] = []
        self._any_gene: dict[bytes, bytes] | None = None

    def named(self, name: bytes) -> list[GffEntry]:
        """Return the features of a name, at most `MAX_PARENTS`, in the order of their first lines."""
        first = self._first.get(name)
        if first is None:
            return []
        return [first, *self._others[name][: MAX_PARENTS - 1]] if name in self._others else [first]

    def only(self, name: bytes) -> GffEntry | None:
        """Return the feature of a name if there is exactly one."""
        return None if name in self._others else self._first.get(name)

    def above(self, name: bytes) -> list[GffEntry]:
        """Return the features that the name of a parent means.

        In GTF a transcript without a gene is that of any gene, and one without a line stands for its gene. Call this
        only when all lines are added.
        """
        found = self.named(name)
        transcript, tab, gene = name.partition(b"\t")
        if found or not tab:
            return found
        if gene:
            found = self.named(transcript + tab)
            for entry in found:
                entry.owners = entry.owners or (tab + gene,)
            return found or self.named(tab + gene)
        if self._any_gene is None:
            names = (name for name in self._first if b"\t" in name and not name.startswith(CDS_OF))
            self._any_gene = {name.partition(b"\t")[0]: name for name in names}
        return self.named(self._any_gene.get(transcript, b""))

    def add(self, line: Line) -> None:
        """Add a line to its feature, or begin one with it."""
        if line.id is not None:
            parents = line.parents if len(line.parents) < 2 else tuple(sorted(line.parents[:MAX_PARENTS]))
            self._add_named(line, line.id, parents)
        elif line.type == "CDS" and line.parents:
            for parent in line.parents[:MAX_PARENTS]:
                entry = self._add_named(line, CDS_OF + parent, (parent,))
                entry.shared |= len(line.parents) > 1
            if len(line.parents) > MAX_PARENTS:
                self._flaws.append((line.number, "parent"))
        else:
            entry = self.begin(line, line.parents[:MAX_PARENTS])
            entry.extend(entry.spans, line)

    def begin(self, line: Line, owners: tuple[bytes, ...]) -> GffEntry:
        """Begin a feature with the attributes of a line, without its interval."""
        kind = sys.intern(kind_of(line.type, line.gbkey))
        entry = GffEntry(line.number, kind, line.type, line.attributes, line.gtf, None, owners)
        self.entries.append(entry)
        return entry

    def give_name(self, entry: GffEntry, name: bytes) -> None:
        """Give a feature the name by which lines below it find it."""
        entry.name = name
        if self._first.setdefault(name, entry) is not entry:
            self._others.setdefault(name, []).append(entry)
            self._open[entry.type, name, entry.owners] = entry

    def settle(self, length: int) -> None:
        """Divide features that turn out to be several; ``length`` is that of a circular molecule, otherwise 0.

        These are lines on both strands without trans-splicing, CDS lines of one ID some of whose parents differ, and
        genes in several lines that neither meet at the origin nor are said to be in parts.
        """
        for entry in self._mixed:
            if entry.other_strand and not self.may_mix(entry):
                self._divide_strands(entry, *entry.other_strand)
        for entry in self._long_genes:
            if len(entry.spans) > STRIDE and gbkey(entry.attributes) is None and not self._is_in_parts(entry, length):
                self._divide_gene(entry)
        gone = {id(entry) for name in list(self._others) for entry in self._by_parent(name)}
        if gone:
            self.entries = [entry for entry in self.entries if id(entry) not in gone]

    def may_mix(self, entry: GffEntry) -> bool:
        """Tell whether the parts of a feature may lie on both strands."""
        if any(span.part > 0 for span in intervals(entry.spans)):
            return True
        if entry.other_strand and keeps_order(entry.other_strand[1]):
            return True
        for _ in range(_MAX_ANCESTORS):
            if keeps_order(entry.attributes):
                return True
            above = next((found for owner in entry.owners[:1] for found in self.named(owner)), None)
            if above is None:
                break
            entry = above
        return False

    def _add_named(self, line: Line, name: bytes, owners: tuple[bytes, ...]) -> GffEntry:
        entry = first = self._first.get(name)
        if first is not None and (name in self._others or first.type != line.type or first.owners != owners):
            same = first.type == line.type and first.owners == owners
            entry = self._open.get((line.type, name, owners), first if same else None)
        relation = _relation(entry, line) if entry is not None else Relation.OTHER
        if entry is not None and relation is Relation.REPEATED:
            self._flaws.append((line.number, "repeated"))
            return entry
        if entry is None or relation is Relation.OTHER:
            if first is not None and not line.gtf:
                self._flaws.append((line.number, "shared_id"))
            entry = self.begin(line, owners)
            self.give_name(entry, name)
        elif line.strand != entry.spans[2] and entry.other_strand is None:
            entry.other_strand = (line.number, line.attributes)
            self._mixed.append(entry)
        if entry.kind == "gene" and len(entry.spans) == STRIDE:
            self._long_genes.append(entry)
        if entry.sorted is not None and len(entry.sorted) <= _MAX_DISORDERED:
            insort(entry.sorted, (line.start, line.end))
        entry.extend(entry.spans, line)
        return entry

    def _divide_strands(self, entry: GffEntry, number: int, attributes: bytes) -> None:
        strand = entry.spans[2]
        mine, others = array("q"), array("q")
        for span in intervals(entry.spans):
            (mine if span.strand == strand else others).extend(span)
        self._add_part(entry, entry.like(others, number, attributes))
        entry.other_strand = None
        entry.keep(mine)

    def _divide_gene(self, entry: GffEntry) -> None:
        first, *rest = intervals(entry.spans)
        for span in rest:
            self._add_part(entry, entry.like(array("q", span), entry.line, entry.attributes))
        entry.keep(array("q", first))

    def _add_part(self, entry: GffEntry, part: GffEntry) -> None:
        self._flaws.append((part.line, "shared_id"))
        self.entries.append(part)
        if entry.name is not None:
            self.give_name(part, entry.name)

    def _is_in_parts(self, entry: GffEntry, length: int) -> bool:
        if is_ordered(entry.attributes) or self.may_mix(entry):
            return True
        return length > 0 and meet_at_origin(list(intervals(entry.spans)), length)

    def _by_parent(self, name: bytes) -> list[GffEntry]:
        """Replace the CDS of one ID by one of each parent, if lines share some of their parents; return the old."""
        entries = [self._first[name], *self._others[name]]
        found = [entry for entry in entries if entry.type == "CDS" and entry.owners]
        lists = {entry.owners for entry in found}
        if len(lists) < 2 or len({owner for owners in lists for owner in owners}) == sum(map(len, lists)):
            return []
        made: dict[tuple[bytes, int], GffEntry] = {}
        for entry in found:
            for owner in entry.owners:
                key = owner, entry.strand
                if key in made:
                    made[key].spans.extend(entry.spans)
                else:
                    made[key] = entry.like(entry.spans[:], entry.line, entry.attributes)
                    made[key].owners = (owner,)
        for entry in made.values():
            if overlap(entry.spans):
                self._flaws.append((entry.line, "overlap"))
                entry.damaged = True
        self.entries += made.values()
        old = set(map(id, found))
        others = (entry for entry in entries if id(entry) not in old)
        self._first[name], *self._others[name] = [*made.values(), *others]
        return found


def _relation(entry: GffEntry, line: Line) -> Relation:
    if line.part > 0:
        return Relation.PART
    same = line.attributes == entry.attributes
    if line.gtf and line.type in SINGLE:
        spans = entry.spans
        return Relation.REPEATED if same and (spans[0], spans[1]) == (line.start, line.end) else Relation.OTHER
    if not same and _contradict(entry, line):
        return Relation.OTHER
    if in_order(entry.spans, line) or keeps_order(line.attributes):
        return Relation.PART
    return place(entry, entry.spans, line)


def _contradict(entry: GffEntry, line: Line) -> bool:
    if line.gtf:
        if not _PLACEHOLDER.search(line.attributes):
            return False
        proteins = [_PROTEIN.search(column) for column in (entry.attributes, line.attributes)]
        return all(proteins) and len({match[1] for match in proteins if match}) > 1
    if line.id is None or line.gbkey is not None:
        return False
    names, others = (dict(_NAMES.findall(column)) for column in (entry.attributes, line.attributes))
    keys = names.keys() & others.keys() - ({b"Name"} if line.parents else set())
    return any(names[key] != others[key] for key in keys)


def in_order(numbers: "array[int]", line: Line | GffInterval) -> bool:
    """Tell whether a line goes on from the last in the direction of those before it; the first has no direction."""
    start, end = numbers[-STRIDE], numbers[1 - STRIDE]
    upwards = line.start > end - SLIPPAGE and line.start > start
    downwards = line.end < start + SLIPPAGE and line.start < start
    if len(numbers) == STRIDE:
        return upwards or downwards
    return upwards if start > numbers[0] else downwards


def place(entry: GffEntry, numbers: "array[int]", line: Line) -> Relation:
    """Return what a line in no order is to the intervals of a feature: it repeats one, overlaps some, or is a part."""
    if entry.sorted is None:
        entry.sorted = sorted((span.start, span.end) for span in intervals(numbers))
    spans, span = entry.sorted, (line.start, line.end)
    if len(spans) > _MAX_DISORDERED:
        return Relation.PART
    at = bisect_left(spans, span)
    if spans[at : at + 1] == [span]:
        return Relation.REPEATED
    overlap = (at > 0 and spans[at - 1][1] - SLIPPAGE >= line.start) or (
        at < len(spans) and spans[at][0] + SLIPPAGE <= line.end
    )
    return Relation.OTHER if overlap and line.gbkey is None else Relation.PART


def overlap(numbers: "array[int]") -> bool:
    """Tell whether two intervals share more bases than in ribosomal slippage."""
    spans = sorted(intervals(numbers))
    return any(before.end - SLIPPAGE >= after.start for before, after in pairwise(spans))

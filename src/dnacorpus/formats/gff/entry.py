"""The lines of one feature of a GFF3 or GTF file."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from dnacorpus.formats.gff.lines import Line

STRIDE = 5
"""How many numbers the arrays of an entry have for each line."""


class GffInterval(NamedTuple):
    """The interval of one line: 1-based and closed as in the file, strand +1 or -1, phase and part number or -1."""

    start: int
    end: int
    strand: int
    phase: int
    part: int


@dataclass(slots=True, eq=False)
class GffEntry:
    """The lines of one feature: column 9 of the first unchanged, and the intervals of all in file order.

    ``spans`` and ``exons`` contain five numbers per line, those of `GffInterval`. If there are exons, they are the
    parts of the feature. ``open`` contains the coordinates at which the feature is incomplete and continues below, and
    those at which it continues above. ``name`` is that by which lines below it find the feature, ``owners`` are the
    names of the features above, ``parents`` those features, ``coding`` is the first CDS of a transcript or gene. A
    feature is ``damaged`` if it lacks a line or its lines contradict each other: its location as a whole is wrong.
    """

    line: int
    kind: str
    type: str
    attributes: bytes
    gtf: bool
    name: bytes | None = None
    owners: tuple[bytes, ...] = ()
    spans: "array[int]" = field(default_factory=lambda: array("q"))
    exons: "array[int] | None" = None
    open: tuple[set[int], set[int]] | None = None
    parents: tuple["GffEntry", ...] = ()
    coding: "GffEntry | None" = None
    names: dict[str, list[str]] | None = None  # filled when a feature inherits them
    other_strand: tuple[int, bytes] | None = None  # number and column 9 of the first line on the other strand
    sorted: list[tuple[int, int]] | None = None  # the intervals, if their lines are in no order
    several_products: bool = False  # whether the CDS of a transcript differ in product
    shared: bool = False  # lines without ID that have other Parents too
    damaged: bool = False

    @property
    def strand(self) -> int:
        """The strand of the first line."""
        return self.spans[2] if self.spans else self.exons[2] if self.exons else 1

    def like(self, spans: "array[int]", line: int, attributes: bytes) -> "GffEntry":
        """Return a feature like this one, made of other lines, of which ``line`` and ``attributes`` are the first."""
        made = GffEntry(line, self.kind, self.type, attributes, self.gtf, self.name, self.owners)
        made.open, made.parents, made.damaged, made.shared = self.open, self.parents, self.damaged, self.shared
        made.keep(spans)
        return made

    def keep(self, spans: "array[int]") -> None:
        """Reduce the feature to some of its lines."""
        self.spans = spans
        if self.open:
            self.open = (self.open[0].intersection(spans[::STRIDE]), self.open[1].intersection(spans[1::STRIDE]))

    def extend(self, numbers: "array[int]", line: Line) -> None:
        """Add the interval of a line to ``numbers``, which are ``spans`` or ``exons``."""
        numbers.extend((line.start, line.end, line.strand, line.phase, line.part))
        if line.lows or line.highs:
            self.open = self.open or (set(), set())
            self.open[0].update(line.lows)
            self.open[1].update(line.highs)


def intervals(numbers: "array[int]") -> Iterator[GffInterval]:
    """Yield the intervals of an array of an entry, in its order."""
    for at in range(0, len(numbers), STRIDE):
        yield GffInterval(*numbers[at : at + STRIDE])

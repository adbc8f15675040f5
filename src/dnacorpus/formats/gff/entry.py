"""The lines of one feature of a GFF3 or GTF file."""

from array import array
from dataclasses import dataclass, field
from typing import NamedTuple


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
    those at which it continues above. ``names`` is filled when a feature inherits them.
    """

    line: int
    kind: str
    type: str
    attributes: bytes
    gtf: bool
    parent: "GffEntry | None" = None
    spans: "array[int]" = field(default_factory=lambda: array("q"))
    exons: "array[int] | None" = None
    open: tuple[set[int], set[int]] | None = None
    names: dict[str, list[str]] | None = None

"""Lines of a paper's columns as paragraphs: where one begins is told by type, gaps, indents and short last lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from dnacorpus.papers.readers.pdf.layout import Line, left_edge

FINISHED = re.compile(r"(?:[.!?:][\"'”’)\]]*|[^\W\d]{2}\.[\d]{1,3}(?:[,–-]\d{1,3})*)$")
"""The end of a sentence, or of one with a raised number after it."""
RUN_IN = re.compile(r"(?:ABSTRACT|SUMMARY|(?:Abstract|Summary)\s*[.:—–-])\s*(?=\S)")
"""The heading of an abstract on the first line of it."""


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together, and the number and breadth of the column in which they begin."""

    lines: list[Line]
    column: int
    breadth: float
    indented: bool = False

    @property
    def size(self) -> float:
        """Its size of type."""
        return median(line.size for line in self.lines)

    @property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return all(line.bold for line in self.lines)


def paragraphs_of(columns: Sequence[Sequence[Line]]) -> list[Paragraph]:
    """Return the paragraphs of columns in reading order, none across two columns yet."""
    found: list[Paragraph] = []
    for number, column in enumerate(columns):
        if _is_sidebar(column):
            continue
        left, right = left_edge([line.x0 for line in column]), max(line.x1 for line in column)
        steps = [after.y0 - before.y0 for before, after in pairwise(column)]
        pitch = sorted(steps)[len(steps) // 4] if steps else 0.0
        for place, line in enumerate(column):
            before = column[place - 1] if place else None
            if before is None or _begins(before, line, left, right, pitch):
                found.append(Paragraph([], number, right - left, line.x0 - left > 0.6 * line.size))
            found[-1].lines.append(line)
    return found


def _is_sidebar(column: Sequence[Line]) -> bool:
    """Tell whether a column is a list of keywords, the labels of a figure or the numbers of a table."""
    return len(column) > 3 and median(len(line.text) for line in column) < 15


def _begins(before: Line, line: Line, left: float, right: float, pitch: float) -> bool:
    """Tell whether a line begins a paragraph, from the line before it in the column."""
    if abs(line.size - before.size) > 0.08 * before.size or line.bold != before.bold or RUN_IN.match(line.text):
        return True
    if line.font != before.font and line.font and before.font:
        return True
    if line.y0 - before.y0 > 1.35 * pitch and line.y0 - before.y1 > 0.2 * line.size:
        return True
    heading = line.bold or (line.text.isupper() and before.text.isupper())
    if not heading and line.x0 - before.x0 > 0.6 * line.size and before.x0 - left < 0.5 * line.size:
        return True
    return FINISHED.search(before.text) is not None and right - before.x1 > 0.12 * (right - left)

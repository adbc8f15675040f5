"""The lines of a PDF's pages in reading order, by column, without running heads and page numbers.

A PDF states only the position of each piece of text. Coordinates are in points from the upper left corner of a
page, y downwards.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

_MARGIN = 0.12
"""Share of a page's height, at the top and at the bottom, that holds heads, feet and page numbers."""
_PAGE_NUMBER = re.compile(r"(?:page\s*|p\.\s*|[-–—|]\s*)?(?:\d{1,5}|[ivxl]{1,6})(?:\s*(?:of|/)\s*\d+|\s*[-–—|])?", re.I)
_DIGITS = re.compile(r"\d+")
_LINE_NUMBER = re.compile(r"\d{1,4}")
_MIN_LINE_NUMBERS = 10
"""From this many on, numbers in the left margin of a page are the line numbers of a manuscript."""
_MAX_DEPTH = 12
_BIN_POINTS = 4
"""Height of the bins in which text beside text is looked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of text on one base line: its box, its size of type, and the number of wide gaps in it.

    ``page`` is 1-based; ``block`` is the number of the PDF's block of text. ``bold`` means all of the text is bold;
    ``font`` is its only font, or empty if there are several.
    """

    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    text: str
    bold: bool = False
    font: str = ""
    block: int = 0
    gaps: int = 0

    @property
    def middle(self) -> float:
        """The y coordinate of its middle."""
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page, in any order, and its height in points."""

    height: float
    lines: tuple[Line, ...]


def columns_of(pages: Sequence[Page]) -> list[list[Line]]:
    """Return the columns of text of all pages in reading order, each with its lines from top to bottom.

    Left out are page numbers, line numbers, and heads and feet that occur on two pages, numbers in them aside.
    """
    running = running_lines(pages)
    columns = []
    for page, running_on_page in zip(pages, running, strict=True):
        body = [line for line in page.lines if line not in running_on_page]
        columns += [rows(column) for column in _columns(_without_line_numbers(_close_pieces(body)))]
    return columns


def running_lines(pages: Sequence[Page]) -> list[set[Line]]:
    """Return, for each page, the lines that are its running head, its foot or its page number."""
    counts = Counter(
        key for page in pages for key in {_key(page, line) for line in page.lines if _in_margin(page, line)}
    )
    running = []
    for page in pages:
        margin = [line for line in page.lines if _in_margin(page, line)]
        numbers = {line for line in margin if _PAGE_NUMBER.fullmatch(line.text.strip())}
        repeated = {line for line in margin if counts[_key(page, line)] > 1}
        heights = [line.middle for line in repeated]
        beside = {line for line in margin if any(abs(line.middle - height) < 3 for height in heights)}
        running.append(numbers | repeated | beside)
    return running


def rows(lines: Iterable[Line]) -> list[Line]:
    """Return the lines of one column from top to bottom, with pieces on the same base line joined."""
    joined: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.middle, line.x0)):
        before = joined[-1][0] if joined else None
        if before is not None and abs(line.middle - before.middle) < 0.5 * min(
            line.y1 - line.y0, before.y1 - before.y0
        ):
            joined[-1].append(line)
        else:
            joined.append([line])
    return [_one_line(sorted(pieces, key=lambda piece: piece.x0)) for pieces in joined]


def _key(page: Page, line: Line) -> tuple[bool, str]:
    return line.middle < page.height / 2, _DIGITS.sub("#", " ".join(line.text.split())).casefold()


def _in_margin(page: Page, line: Line) -> bool:
    return line.y1 < _MARGIN * page.height or line.y0 > (1 - _MARGIN) * page.height


def _without_line_numbers(lines: list[Line]) -> list[Line]:
    if not lines:
        return lines
    numbers = [line for line in lines if _LINE_NUMBER.fullmatch(line.text.strip())]
    text = [line.x0 for line in lines if len(line.text) > 20]
    margin = [line for line in numbers if text and line.x1 < left_edge(text)]
    return [line for line in lines if line not in set(margin)] if len(margin) >= _MIN_LINE_NUMBERS else lines


def left_edge(starts: list[float]) -> float:
    """Return the lower quartile of the starts of lines: the left edge of a column, its indents aside."""
    return sorted(starts)[len(starts) // 4]


def _close_pieces(lines: list[Line]) -> list[Line]:
    """Join the words of a line that the PDF stores one by one; a gap between columns is wider."""
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        near = (
            last is not None
            and last.block == line.block
            and abs(last.middle - line.middle) < 0.4 * last.size
            and -0.5 * line.size < line.x0 - last.x1 < 0.8 * line.size
        )
        if near and last is not None:
            joined[-1] = _one_line([last, line])
        else:
            joined.append(line)
    return joined


def _one_line(pieces: list[Line]) -> Line:
    first, text, gaps = pieces[0], pieces[0].text, pieces[0].gaps
    for before, piece in pairwise(pieces):
        gap = piece.x0 - before.x1
        text += (" " if gap > 0.1 * first.size else "") + piece.text
        gaps += piece.gaps + (gap > 2.5 * first.size)
    widest = max(pieces, key=lambda piece: len(piece.text))
    boxes = [(piece.x0, piece.y0, piece.x1, piece.y1) for piece in pieces]
    left, top, right, bottom = (list(edge) for edge in zip(*boxes, strict=True))
    return replace(
        first, x0=min(left), y0=min(top), x1=max(right), y1=max(bottom), size=widest.size, text=text, gaps=gaps,
        bold=all(piece.bold for piece in pieces), font=first.font if len({piece.font for piece in pieces}) == 1 else "",
    )  # fmt: skip


def _columns(lines: list[Line], depth: int = 0) -> Iterator[list[Line]]:
    """Yield the columns of a part of a page.

    Lines that cross the gap between two columns (a title, an abstract, a wide caption) divide it into bands, whose
    columns are looked for separately.
    """
    gap = _gap(lines) if depth < _MAX_DEPTH else None
    if gap is None:
        if lines:
            yield lines
        return
    crossing = {line for line in lines if line.x0 < gap < line.x1}
    if not crossing:
        yield from _columns([line for line in lines if line.x1 <= gap], depth + 1)
        yield from _columns([line for line in lines if line.x0 >= gap], depth + 1)
        return
    wide = _with_lines_beside(crossing, lines)
    for _, band in groupby(sorted(lines, key=lambda line: (line.middle, line.x0)), key=wide.__contains__):
        yield from _columns(list(band), depth + 1)


def _with_lines_beside(crossing: set[Line], lines: list[Line]) -> set[Line]:
    """Return crossing lines with the other lines of their blocks, and with those of a narrow column beside them."""
    blocks = {line.block for line in crossing}
    core = {line for line in lines if line in crossing or line.block in blocks}
    heights = [(line.y0, line.y1) for line in core]
    beside = {line for line in lines if any(top < line.middle < bottom for top, bottom in heights)}
    return core | beside if len(core | beside) < len(set(lines)) else crossing


def _gap(lines: list[Line]) -> float | None:
    """Return the x coordinate that most clearly divides two columns, or None if there is one column."""
    starts, ends = sorted(line.x0 for line in lines), sorted(line.x1 for line in lines)
    if len(lines) < 6:
        return None
    width = ends[-1] - starts[0]
    candidates = range(int(starts[0]), int(ends[-1]) + 1, max(1, int(width / 300)))
    sides = [(bisect_right(ends, x), len(lines) - bisect_left(starts, x), x) for x in candidates]
    best: tuple[float, float] | None = None
    for (left, right), run in groupby(sides, key=lambda side: side[:2]):
        if min(left, right) < 3:
            continue
        positions = [x for *_, x in run]
        middle = (positions[0] + positions[-1]) / 2
        beside = _rows_beside(lines, middle, width)
        crossing = len(lines) - left - right
        if beside >= max(3, 0.15 * crossing) and (best is None or beside - crossing > best[0]):
            best = (beside - crossing, middle)
    return best[1] if best else None


def _rows_beside(lines: list[Line], x: float, width: float) -> float:
    """Return the number of rows with text on both sides of ``x``; 0 unless the text to its right is aligned.

    The words of a justified line also have gaps between them, but these are aligned only by chance.
    """
    left, right = [line for line in lines if line.x1 <= x], [line for line in lines if line.x0 >= x]
    if any(median(line.x1 - line.x0 for line in side) < 0.07 * width for side in (left, right)):
        return 0
    edge = min(line.x0 for line in right)
    near = [line for line in right if line.x0 < edge + 3 * line.size]
    aligned = max(sum(abs(line.x0 - other.x0) < 2 for line in near) for other in near)
    if aligned < 3 or aligned < 0.3 * len(near):
        return 0
    heights = [
        {height for line in side for height in range(int(line.y0 / _BIN_POINTS), int(line.y1 / _BIN_POINTS) + 1)}
        for side in (left, right)
    ]
    return len(heights[0] & heights[1]) * _BIN_POINTS / (1.2 * max(1.0, median(line.size for line in lines)))

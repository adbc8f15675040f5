"""The figures of the report as inline SVG; colours and fonts come from the page's style sheet.

Style names are constants of the caller, never data; labels and titles may be any text. Figures are 460 units wide, a
width at which their text is legible on a phone.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from markupsafe import Markup

from dnacorpus.numbers import decimal, short
from dnacorpus.plots import svg
from dnacorpus.plots.axis import Axis, digits_of, ticks

WIDTH = 460
BINS_PER_DECADE = 8
LABEL_WIDTH = 146.0
MAX_LABEL = 18
GC_BIN = 20
"""Width of a bin of `ridges`, in thousandths."""

LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 54.0, WIDTH - 20.0, 12.0, 196.0, 246
"""The plotting area and the height of `histogram` and `share_bins`."""

Counts: TypeAlias = Mapping[int, int]
"""An integer (a length, or thousandths) to the number of times it occurs."""


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a bar: its style, its title, its value."""

    style: str
    title: str
    value: int


@dataclass(frozen=True, slots=True)
class Dot:
    """One mark on an axis: its style, its title, its value and, if known, its interval."""

    style: str
    title: str
    value: float
    low: float | None = None
    high: float | None = None


def bar(shares: Sequence[Share], scale: int = 0) -> Markup:
    """Return a bar, as wide as its container, divided in proportion to the values.

    ``scale`` is the value of a full bar; without it the values fill the bar. Every value above 0 is visible.
    """
    total = max(scale, sum(share.value for share in shares))
    widths = [max(0.8, 100 * share.value / total) if share.value else 0.0 for share in shares]
    shrink = 100 / max(100.0, sum(widths))
    left, drawn = 0.0, []
    for share, width in zip(shares, widths, strict=True):
        if share.value:
            title = svg.element("title", f"{share.title}: {share.value:,}")
            drawn.append(svg.rect((left, 0), (width * shrink, 8), title, class_=f"fill-{share.style}"))
        left += width * shrink
    label = ", ".join(f"{share.title}: {share.value:,}" for share in shares if share.value)
    return svg.figure((100, 8), label or "nothing", *drawn, preserveAspectRatio="none", class_="bar")


def length_bin(length: int) -> int:
    """Return the bin of a length above 0: eight equal steps of the logarithm per power of ten."""
    return len(str(length**BINS_PER_DECADE)) - 1


def histogram(series: Sequence[tuple[str, str, Counts]], label: str) -> Markup:
    """Return stacked counts over a logarithmic axis of bases, or empty markup if there are none.

    Each of ``series`` is a style, a title, and length to count; ``label`` names the figure.
    """
    binned = [(style, title, _binned(lengths)) for style, title, lengths in series]
    bins = sorted({number for _, _, counts in binned for number in counts})
    if not bins:
        return Markup()
    first = bins[0] // BINS_PER_DECADE * BINS_PER_DECADE
    last = (bins[-1] // BINS_PER_DECADE + 1) * BINS_PER_DECADE
    levels = ticks(0, max(sum(counts.get(number, 0) for _, _, counts in binned) for number in bins), whole=True)
    across, up = Axis(first, last, LEFT, RIGHT), Axis(0, levels[-1], BOTTOM, TOP)
    drawn = _levels([(up.at(level), short(level)) for level in levels])
    for number in range(first, last + 1, BINS_PER_DECADE):
        drawn.append(_text("tick", across.at(number), BOTTOM + 18, short(10 ** (number // BINS_PER_DECADE))))
    width = max(across.at(first + 1) - across.at(first) - 1, 0.5)
    for number in bins:
        below = 0
        for style, title, counts in binned:
            if count := counts.get(number, 0):
                low, high = _edge(number), max(_edge(number), _edge(number + 1) - 1)
                hint = svg.element("title", f"{low:,} to {high:,} bases: {count:,} {title}")
                top = up.at(below + count)
                drawn.append(
                    svg.rect((across.at(number) + 0.5, top), (width, up.at(below) - top), hint, class_=f"fill-{style}")
                )
                below += count
    return _with_axis(drawn, "bases, logarithmic", label)


def share_bins(series: Sequence[tuple[str, str, Sequence[int]]], label: str) -> Markup:
    """Return counts by share, the series side by side, on a logarithmic scale, or empty markup if all are 0.

    Each of ``series`` is a style, a title, and a count for each bin of equal width from 0 to 1; ``label`` names the
    figure.
    """
    most = max((count for _, _, counts in series for count in counts), default=0)
    if most == 0:
        return Markup()
    decades = len(str(most))
    across = Axis(0, 1, LEFT, RIGHT)
    up = Axis(-0.5, decades, BOTTOM, TOP)  # half a decade below 1, so that a single row is visible
    drawn = _levels([(up.at(decade), short(10**decade)) for decade in range(decades + 1)])
    for index, (style, title, counts) in enumerate(series):
        bin_width = 1 / len(counts)
        for number, count in enumerate(counts):
            if count:
                low, high = 100 * number // len(counts), 100 * (number + 1) // len(counts)
                hint = svg.element("title", f"{low} to {high} %: {count:,} {title}")
                left = across.at(bin_width * (number + 0.06 + 0.88 * index / len(series)))
                right = across.at(bin_width * (number + 0.06 + 0.88 * (index + 1) / len(series)))
                top = up.at(math.log10(count))
                drawn.append(svg.rect((left, top), (right - left, BOTTOM - top), hint, class_=f"fill-{style}"))
    for percent in range(0, 101, 20):
        drawn.append(_text("tick", across.at(percent / 100), BOTTOM + 18, str(percent)))
    middle = (TOP + BOTTOM) / 2
    drawn.append(svg.text((12, middle), "rows, logarithmic", class_="title", transform=f"rotate(-90 12 {middle:g})"))
    return _with_axis(drawn, "share in train (%)", label)


def ridges(rows: Sequence[tuple[str, Counts, str]], label: str) -> Markup:
    """Return one small histogram per row over a shared axis of per cent, each scaled to its own maximum.

    Each of ``rows`` is a label, thousandths to count, and a note that is shown at the right. Returns empty markup if
    all counts are empty.
    """
    values = [permille for _, counts, _ in rows for permille in counts]
    if not values:
        return Markup()
    high = min(max(values) // 100 * 100 + 100, 1000)
    low = min(min(values) // 100 * 100, high - 100)
    left, right, row_height = LABEL_WIDTH, WIDTH - 56.0, 34.0
    across = Axis(low, high, left, right)
    bottom = 10 + row_height * len(rows)
    drawn = []
    for permille in range(low, high + 1, 100):
        x = across.at(permille)
        drawn += [_line("grid", x, 6, x, bottom), _text("tick", x, bottom + 16, str(permille // 10))]
    bin_width = across.at(low + GC_BIN) - left - 0.6
    for number, (name, counts, note) in enumerate(rows):
        floor = 10 + row_height * (number + 1) - 4
        drawn += [_text("label", left - 10, floor, _clipped(name)), _text("note", right + 10, floor, note)]
        binned: dict[int, int] = {}
        for permille, count in counts.items():
            start = min(permille // GC_BIN * GC_BIN, high - GC_BIN)
            binned[start] = binned.get(start, 0) + count
        up = Axis(0, max(binned.values(), default=1), floor, floor - (row_height - 8))
        for start, count in sorted(binned.items()):
            hint = svg.element("title", f"{name}, {start // 10} to {(start + GC_BIN) // 10} %: {count:,}")
            top = up.at(count)
            drawn.append(svg.rect((across.at(start), top), (bin_width, floor - top), hint, class_="fill-gc"))
        drawn.append(_line("axis", left, floor, right, floor))
    drawn.append(_text("title", (left + right) / 2, bottom + 38, "GC (%)"))
    return svg.figure((WIDTH, bottom + 46), label, *drawn, class_="plot")


def dot_plot(rows: Sequence[tuple[str, Sequence[Dot]]], unit: str, label: str, *, zero: bool = False) -> Markup:
    """Return a row of marks for each label, with intervals as lines, or empty markup if there are no marks.

    ``unit`` names the axis, which includes zero with ``zero``; ``label`` names the figure.
    """
    dots = [dot for _, marks in rows for dot in marks]
    if not dots:
        return Markup()
    values = [value for dot in dots for value in (dot.value, dot.low, dot.high) if value is not None]
    if zero:
        values.append(0.0)
    positions = ticks(min(values), max(values))
    digits = digits_of(positions[1] - positions[0])
    left, right, row_height = LABEL_WIDTH, WIDTH - 22.0, 28.0
    across, bottom = Axis(positions[0], positions[-1], left, right), 12 + row_height * len(rows)
    drawn = []
    for value in positions:
        x = across.at(value)
        drawn.append(_line("grid" if value else "zero", x, 6, x, bottom))
        drawn.append(_text("tick", x, bottom + 16, decimal(value, digits)))
    for row, (name, marks) in enumerate(rows):
        y = 12 + row_height * (row + 0.5)
        drawn.append(_text("label", left - 10, y + 4, _clipped(name)))
        for dot in marks:
            if dot.low is not None and dot.high is not None:
                drawn.append(_line(f"interval line-{dot.style}", across.at(dot.low), y, across.at(dot.high), y))
            hint = svg.element("title", f"{name}, {dot.title}: {dot.value:.4f}")
            drawn.append(svg.circle((across.at(dot.value), y), 5.5, hint, class_=f"fill-{dot.style}"))
    drawn.append(_text("title", (left + right) / 2, bottom + 38, unit))
    return svg.figure((WIDTH, bottom + 46), label, *drawn, class_="plot")


def _levels(levels: Sequence[tuple[float, str]]) -> list[Markup]:
    """Return a grid line and its label for each height."""
    drawn = []
    for y, words in levels:
        drawn += [_line("grid", LEFT, y, RIGHT, y), _text("count", LEFT - 8, y + 4, words)]
    return drawn


def _with_axis(drawn: Sequence[Markup], title: str, label: str) -> Markup:
    axis = [_line("axis", LEFT, BOTTOM, RIGHT, BOTTOM), _text("title", (LEFT + RIGHT) / 2, 238, title)]
    return svg.figure((WIDTH, HEIGHT), label, *drawn, *axis, class_="plot")


def _line(style: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return svg.line((x1, y1), (x2, y2), class_=style)


def _text(style: str, x: float, y: float, words: str) -> Markup:
    return svg.text((x, y), words, class_=style)


def _binned(lengths: Counts) -> dict[int, int]:
    binned: dict[int, int] = {}
    for length, count in lengths.items():
        if length > 0:
            binned[length_bin(length)] = binned.get(length_bin(length), 0) + count
    return binned


def _edge(number: int) -> int:
    return math.ceil(10 ** (number / BINS_PER_DECADE) - 1e-6)


def _clipped(label: str) -> str:
    return label if len(label) <= MAX_LABEL else f"{label[: MAX_LABEL - 1]}…"

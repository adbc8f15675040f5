"""Small figures as inline SVG: colours come from the page's style sheet, text stays text.

Style names are the caller's constants, never data; labels and titles may be any text and are escaped.
Figures are 460 units wide, a width at which their letters can be read on a phone.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from markupsafe import Markup

WIDTH = 460
BINS_PER_DECADE = 8
LABEL_WIDTH = 146.0
GC_BIN = 20
"""Thousandths of GC that one bin of `ridges` spans."""

NO_SPREAD = 1e-6
"""Values closer to each other than this are drawn as one."""

Counts: TypeAlias = Mapping[int, int]
"""A whole number (bases, or thousandths) to how often it stands there."""


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a bar: its style, what it is called, how much it is."""

    style: str
    title: str
    value: int


@dataclass(frozen=True, slots=True)
class Dot:
    """One mark on an axis: its style, what it is called, its value and, if known, its interval."""

    style: str
    title: str
    value: float
    low: float | None = None
    high: float | None = None


def bar(shares: Sequence[Share], scale: int = 0) -> Markup:
    """Return a bar that stretches to its place, divided in proportion to the values.

    ``scale`` is the value of a full bar; without it the values fill the bar. Any value above 0 can be seen.
    """
    total = max(scale, sum(share.value for share in shares))
    widths = [max(0.8, 100 * share.value / total) if share.value else 0.0 for share in shares]
    shrink = 100 / max(100.0, sum(widths))
    left, drawn = 0.0, []
    for share, width in zip(shares, widths, strict=True):
        if share.value:
            title = _element("title", f"{share.title}: {share.value:,}")
            drawn.append(_rect(f"fill-{share.style}", (left, 0), (width * shrink, 8), title))
        left += width * shrink
    label = ", ".join(f"{share.title}: {share.value:,}" for share in shares if share.value)
    shape = {"viewBox": "0 0 100 8", "preserveAspectRatio": "none", "role": "img", "aria-label": label or "nothing"}
    return _element("svg", *drawn, **{"class": "bar"}, **shape)


def length_bin(length: int) -> int:
    """Return the bin of a length above 0: eight equal steps of the logarithm to each power of ten."""
    return len(str(length**BINS_PER_DECADE)) - 1


def histogram(series: Sequence[tuple[str, str, Counts]], what: str) -> Markup:
    """Return counts, one series on top of the other, over a logarithmic axis of bases.

    Each of ``series`` is a style, a title, and length to count; ``what`` names the figure. Nothing to
    count gives empty markup.
    """
    binned = [(style, title, _binned(lengths)) for style, title, lengths in series]
    places = sorted({place for _, _, counts in binned for place in counts})
    if not places:
        return Markup()
    first = places[0] // BINS_PER_DECADE * BINS_PER_DECADE
    last = (places[-1] // BINS_PER_DECADE + 1) * BINS_PER_DECADE
    left, right, top, bottom = 54.0, WIDTH - 20.0, 12.0, 196.0
    width = (right - left) / (last - first)
    step = _step(max(sum(counts.get(place, 0) for _, _, counts in binned) for place in places), whole=True)
    highest = step * math.ceil(max(sum(c.get(place, 0) for _, _, c in binned) for place in places) / step)
    drawn = []
    for value in range(0, int(highest) + 1, int(step)):
        level = bottom - (bottom - top) * value / highest
        drawn += [_line("grid", left, level, right, level), _text("count", left - 8, level + 4, _short(value))]
    for place in range(first, last + 1, BINS_PER_DECADE):
        drawn.append(
            _text("tick", left + (place - first) * width, bottom + 18, _short(10 ** (place // BINS_PER_DECADE)))
        )
    for place in places:
        floor = bottom
        for style, title, counts in binned:
            height = (bottom - top) * counts.get(place, 0) / highest
            if height:
                low, high = _edge(place), max(_edge(place), _edge(place + 1) - 1)
                label = _element("title", f"{low:,} to {high:,} bases: {counts[place]:,} {title}")
                column = left + (place - first) * width
                drawn.append(
                    _rect(f"fill-{style}", (column + 0.5, floor - height), (max(width - 1, 0.5), height), label)
                )
            floor -= height
    drawn += [_line("axis", left, bottom, right, bottom), _text("title", (left + right) / 2, 238, "bases, logarithmic")]
    return _figure(246, what, drawn)


def share_bins(series: Sequence[tuple[str, str, Sequence[int]]], what: str) -> Markup:
    """Return how often each tenth of a share stands, the series side by side, over a logarithmic axis of counts.

    Each of ``series`` is a style, a title, and a count for each bin of equal width from 0 to 1; ``what`` names
    the figure. Nothing to count gives empty markup.
    """
    most = max((count for _, _, counts in series for count in counts), default=0)
    if most == 0:
        return Markup()
    left, right, top, bottom = 54.0, WIDTH - 20.0, 12.0, 196.0
    decades = len(str(most))
    unit = (bottom - top) / (decades + 0.5)  # half a decade below 1, so that a single row can be seen
    drawn = []
    for decade in range(decades + 1):
        level = bottom - unit * (decade + 0.5)
        drawn += [_line("grid", left, level, right, level), _text("count", left - 8, level + 4, _short(10**decade))]
    for place, (style, title, counts) in enumerate(series):
        width = (right - left) / len(counts)
        for number, count in enumerate(counts):
            if count:
                height = unit * (math.log10(count) + 0.5)
                low, high = 100 * number // len(counts), 100 * (number + 1) // len(counts)
                label = _element("title", f"{low} to {high} %: {count:,} {title}")
                across = left + width * (number + 0.06 + 0.88 * place / len(series))
                corner, size = (across, bottom - height), (0.88 * width / len(series), height)
                drawn.append(_rect(f"fill-{style}", corner, size, label))
    for percent in range(0, 101, 20):
        drawn.append(_text("tick", left + (right - left) * percent / 100, bottom + 18, str(percent)))
    drawn += [_line("axis", left, bottom, right, bottom), _text("title", (left + right) / 2, 238, "share in train (%)")]
    return _figure(246, what, drawn)


def ridges(rows: Sequence[tuple[str, Counts, str]], what: str) -> Markup:
    """Return one small distribution a row over a shared axis of per cent, each to its own height.

    Each of ``rows`` is a label, thousandths to count, and a note that stands at the right. Nothing to
    count gives empty markup.
    """
    values = [permille for _, counts, _ in rows for permille in counts]
    if not values:
        return Markup()
    low, high = min(values) // 100 * 100, min(max(values) // 100 * 100 + 100, 1000)
    low = min(low, high - 100)
    left, right, line = LABEL_WIDTH, WIDTH - 56.0, 34.0
    bottom, unit = 10 + line * len(rows), (right - left) / (high - low)
    drawn = []
    for place in range(low, high + 1, 100):
        across = left + (place - low) * unit
        drawn += [_line("grid", across, 6, across, bottom), _text("tick", across, bottom + 16, str(place // 10))]
    for number, (label, counts, note) in enumerate(rows):
        floor = 10 + line * (number + 1) - 4
        drawn += [_text("label", left - 10, floor, _clipped(label)), _text("note", right + 10, floor, note)]
        binned: dict[int, int] = {}
        for permille, count in counts.items():
            place = min(permille // GC_BIN * GC_BIN, high - GC_BIN)
            binned[place] = binned.get(place, 0) + count
        for place, count in sorted(binned.items()):
            height = (line - 8) * count / max(binned.values())
            title = _element("title", f"{label}, {place // 10} to {(place + GC_BIN) // 10} %: {count:,}")
            across = left + (place - low) * unit
            drawn.append(_rect("fill-gc", (across, floor - height), (GC_BIN * unit - 0.6, height), title))
        drawn.append(_line("axis", left, floor, right, floor))
    drawn.append(_text("title", (left + right) / 2, bottom + 38, "GC (%)"))
    return _figure(bottom + 46, what, drawn)


def dot_plot(rows: Sequence[tuple[str, Sequence[Dot]]], unit: str, what: str, *, zero: bool = False) -> Markup:
    """Return a row of marks for each label, intervals as lines, over one axis that ``unit`` names.

    With ``zero`` the axis has zero on it. No mark at all gives empty markup.
    """
    dots = [dot for _, marks in rows for dot in marks]
    if not dots:
        return Markup()
    ends = [value for dot in dots for value in (dot.value, dot.low, dot.high) if value is not None] + [0.0] * zero
    spread = max(ends) - min(ends)
    step = _step(spread if spread > NO_SPREAD else max(abs(max(ends)), 1e-3))
    first, last = math.floor(min(ends) / step), math.ceil(max(ends) / step)
    last = max(last, first + 1)
    left, right, line = LABEL_WIDTH, WIDTH - 22.0, 28.0
    bottom = 12 + line * len(rows)

    def across(value: float) -> float:
        return left + (right - left) * (value / step - first) / (last - first)

    drawn = []
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    for number in range(first, last + 1):
        place = across(number * step)
        drawn.append(_line("grid" if number else "zero", place, 6, place, bottom))
        drawn.append(_text("tick", place, bottom + 16, f"{number * step:.{digits}f}".replace("-", "\N{MINUS SIGN}")))
    for row, (label, marks) in enumerate(rows):
        middle = 12 + line * (row + 0.5)
        drawn.append(_text("label", left - 10, middle + 4, _clipped(label)))
        for dot in marks:
            if dot.low is not None and dot.high is not None:
                drawn.append(_line(f"interval line-{dot.style}", across(dot.low), middle, across(dot.high), middle))
            title = _element("title", f"{label}, {dot.title}: {dot.value:.4f}")
            mark: dict[str, str | float] = {
                "class": f"fill-{dot.style}",
                "cx": across(dot.value),
                "cy": middle,
                "r": 5.5,
            }
            drawn.append(_element("circle", title, **mark))
    drawn.append(_text("title", (left + right) / 2, bottom + 38, unit))
    return _figure(bottom + 46, what, drawn)


def _element(name: str, *children: str, **attributes: str | float) -> Markup:
    written = Markup().join(
        Markup(' {}="{}"').format(key, value if isinstance(value, str) else f"{value:.2f}")
        for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, Markup().join(children))


def _rect(style: str, corner: tuple[float, float], size: tuple[float, float], title: Markup) -> Markup:
    shape = dict(zip(("x", "y", "width", "height"), (*corner, *size), strict=True))
    return _element("rect", title, **{"class": style}, **shape)


def _line(style: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return _element("line", **{"class": style}, x1=x1, y1=y1, x2=x2, y2=y2)


def _text(style: str, x: float, y: float, text: str) -> Markup:
    return _element("text", text, **{"class": style}, x=x, y=y)


def _figure(height: float, what: str, drawn: Sequence[Markup]) -> Markup:
    shape = {"viewBox": f"0 0 {WIDTH} {height:.0f}", "role": "img", "aria-label": what}
    return _element("svg", *drawn, **{"class": "plot"}, **shape)


def _binned(lengths: Counts) -> dict[int, int]:
    binned: dict[int, int] = {}
    for length, count in lengths.items():
        if length > 0:
            binned[length_bin(length)] = binned.get(length_bin(length), 0) + count
    return binned


def _edge(place: int) -> int:
    return math.ceil(10 ** (place / BINS_PER_DECADE) - 1e-6)


def _step(extent: float, *, whole: bool = False) -> float:
    rough = extent / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    return max(1.0, math.ceil(step)) if whole else step


def _short(number: int) -> str:
    for size, letter in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return str(number)


def _clipped(label: str) -> str:
    return label if len(label) <= 18 else f"{label[:17]}…"

"""The training curve as CSV and as SVG: bits per base by step, with the baselines.

The SVG is self-contained (no script, font or style sheet), and the same points give the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from dnacorpus.plots import svg
from dnacorpus.plots.axis import Axis, digits_of, ticks

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 200, 64, 56
"""Margins of the plotting area; the right one has the names of the lines."""
MIN_DISTANCE = 17
"""Smallest vertical distance between two names."""
INK, SOFT, GRID = "#1f2933", "#616e7c", "#e4e7eb"


@dataclass(frozen=True, slots=True)
class Point:
    """Bits per base at a step: of the training batches since the last point, and of held-out rows both ways."""

    step: int
    train: float | None
    held_out: float
    held_out_without_text: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the figure: its name, colour, (step, bits) points, and whether it is a baseline, drawn dashed."""

    name: str
    colour: str
    points: tuple[tuple[float, float], ...]
    dashed: bool = False


def curve_csv(points: Sequence[Point]) -> str:
    """Return the points as CSV with a header line; a value that was not measured is empty."""
    lines = ["step,train,held_out,held_out_without_text"]
    for point in points:
        values = (point.train, point.held_out, point.held_out_without_text)
        lines.append(",".join([str(point.step), *("" if value is None else f"{value:.6f}" for value in values)]))
    return "\n".join(lines) + "\n"


def lines_of(points: Sequence[Point], markov: float | None, order: int | None, uniform: float) -> list[Line]:
    """Return the lines to draw: the measurements, and the baselines from the first to the last step."""
    if not points:
        return []
    ends = (points[0].step, points[-1].step)
    train = tuple((float(point.step), point.train) for point in points if point.train is not None)
    held_out = tuple((float(point.step), point.held_out) for point in points)
    without = tuple((float(point.step), point.held_out_without_text) for point in points)
    lines = [
        Line("uniform", "#9aa5b1", tuple((float(step), uniform) for step in ends), dashed=True),
        Line("train, text on half", "#2f8f7f", train),
        Line("held out, no text", "#c2410c", without),
        Line("held out, with text", "#1d4ed8", held_out),
    ]
    if markov is not None:
        name = f"Markov, order {order}"
        lines.append(Line(name, "#7c3aed", tuple((float(step), markov) for step in ends), dashed=True))
    return [line for line in lines if line.points]


def curve_svg(lines: Sequence[Line], title: str, subtitle: str) -> str:
    """Return the figure, or only its title and subtitle if there are no lines."""
    height = HEIGHT if lines else TOP + 8
    drawn = [
        svg.element("title", title),
        svg.rect((0, 0), (WIDTH, height), fill="#ffffff"),
        svg.text((LEFT, 28), title, font_size="16", font_weight="600"),
        svg.text((LEFT, 47), subtitle, fill=SOFT),
        *(_plot(lines) if lines else []),
    ]
    page = svg.figure(
        (WIDTH, height), title, *drawn, xmlns="http://www.w3.org/2000/svg", width=str(WIDTH), height=str(height),
        font_family="system-ui, sans-serif", font_size="13", fill=INK,
    )  # fmt: skip
    return f"{page}\n"


def _plot(lines: Sequence[Line]) -> list[Markup]:
    steps = [step for line in lines for step, _ in line.points]
    bits = [value for line in lines for _, value in line.points]
    levels, last = ticks(min(bits), max(bits)), max(*steps, 1.0)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    across, up = Axis(0, last, LEFT, right), Axis(levels[0], levels[-1], bottom, TOP)
    digits = digits_of(levels[1] - levels[0])
    drawn = []
    for level in levels:
        y = up.at(level)
        drawn.append(svg.line((LEFT, y), (right, y), stroke=GRID))
        drawn.append(_label(LEFT - 10, y + 4, f"{level:.{digits}f}", SOFT, "end"))
    marks = [step for step in ticks(0, last, whole=True) if step <= last]
    drawn += [_label(across.at(step), bottom + 20, f"{step:,.0f}", SOFT, "middle") for step in marks]
    drawn.append(_label((LEFT + right) / 2, bottom + 42, "step", SOFT, "middle"))
    turned = f"translate(18 {(TOP + bottom) / 2:.1f}) rotate(-90)"
    drawn.append(svg.element("text", "bits per base", transform=turned, fill=SOFT, text_anchor="middle"))
    drawn += [_stroke(line, [(across.at(step), up.at(value)) for step, value in line.points]) for line in lines]
    heights = spread([up.at(line.points[-1][1]) for line in lines], MIN_DISTANCE)
    for line, height in zip(lines, heights, strict=True):
        drawn.append(_label(right + 10, height + 4, f"{line.name} {line.points[-1][1]:.3f}", line.colour, "start"))
    return drawn


def _stroke(line: Line, points: Sequence[tuple[float, float]]) -> Markup:
    if line.dashed:
        return svg.polyline(points, stroke=line.colour, stroke_width="1.5", stroke_dasharray="5 4")
    return svg.polyline(points, stroke=line.colour, stroke_width="2", stroke_linejoin="round")


def _label(x: float, y: float, words: str, colour: str, anchor: str) -> Markup:
    return svg.text((x, y), words, fill=colour, text_anchor=anchor)


def spread(heights: Sequence[float], distance: float) -> list[float]:
    """Return heights close to those given, in the same order, with at least ``distance`` between any two."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    blocks: list[list[int]] = []
    centres: list[float] = []
    for index in order:
        blocks.append([index])
        centres.append(heights[index])
        # Two blocks that would overlap are merged, centred on the mean of the heights of their members.
        while len(blocks) > 1 and centres[-1] - centres[-2] < distance * (len(blocks[-1]) + len(blocks[-2])) / 2:
            lower = blocks.pop()
            centres.pop()
            blocks[-1] = blocks[-1] + lower
            centres[-1] = sum(heights[member] for member in blocks[-1]) / len(blocks[-1])
    moved = [0.0] * len(heights)
    for block, centre in zip(blocks, centres, strict=True):
        for number, index in enumerate(block):
            moved[index] = centre + (number - (len(block) - 1) / 2) * distance
    return moved

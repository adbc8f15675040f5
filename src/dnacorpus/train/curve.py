"""The curve of a run as CSV and as a picture: bits per base by step, among the lines to beat.

The SVG stands alone (no script, no font, no style from elsewhere), and the same points give the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 200, 64, 56
"""Room around the plot; at the right stand the names of the lines."""
APART = 17
"""The least distance of two names."""
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
    """One line of the picture: its name, colour, (step, bits) and whether it is a mere mark, drawn dashed."""

    name: str
    colour: str
    points: tuple[tuple[float, float], ...]
    dashed: bool = False


def curve_csv(points: Sequence[Point]) -> str:
    """Return the points as CSV, a head line first; a value that was not measured is empty."""
    lines = ["step,train,held_out,held_out_without_text"]
    for point in points:
        values = (point.train, point.held_out, point.held_out_without_text)
        lines.append(",".join([str(point.step), *("" if value is None else f"{value:.6f}" for value in values)]))
    return "\n".join(lines) + "\n"


def lines_of(points: Sequence[Point], markov: float | None, order: int | None, uniform: float) -> list[Line]:
    """Return the lines to draw: what was measured, and the baselines from end to end."""
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
    """Return the picture, or one that says that there is nothing to draw when there are no lines."""
    height = HEIGHT if lines else TOP + 8
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" font-family="system-ui, sans-serif" font-size="13" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="28" font-size="16" font-weight="600">{escape(title)}</text>',
        f'<text x="{LEFT}" y="47" fill="{SOFT}">{escape(subtitle)}</text>',
    ]
    body = _plot(lines) if lines else []
    return "\n".join([*head, *body, "</svg>"]) + "\n"


def _plot(lines: Sequence[Line]) -> list[str]:
    steps = [step for line in lines for step, _ in line.points]
    bits = [value for line in lines for _, value in line.points]
    marks = ticks(min(bits), max(bits))
    low, high = marks[0], marks[-1]
    last = max(*steps, 1.0)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(step: float) -> float:
        return LEFT + (right - LEFT) * step / last

    def y(value: float) -> float:
        return bottom - (bottom - TOP) * (value - low) / (high - low)

    drawn = []
    for mark in marks:
        drawn.append(f'<line x1="{LEFT}" x2="{right}" y1="{y(mark):.1f}" y2="{y(mark):.1f}" stroke="{GRID}"/>')
        drawn.append(_label(LEFT - 10, y(mark) + 4, f"{mark:.3f}".rstrip("0").rstrip("."), SOFT, "end"))
    drawn += [_label(x(mark), bottom + 20, f"{mark:,.0f}", SOFT, "middle") for mark in ticks(0, last) if mark <= last]
    drawn.append(_label((LEFT + right) / 2, bottom + 42, "step", SOFT, "middle"))
    middle = (TOP + bottom) / 2
    drawn.append(
        f'<text transform="translate(18 {middle:.1f}) rotate(-90)" fill="{SOFT}" text-anchor="middle">'
        "bits per base</text>"
    )
    drawn += [_stroke(line, [(x(step), y(value)) for step, value in line.points]) for line in lines]
    heights = spread([y(line.points[-1][1]) for line in lines], APART)
    for line, height in zip(lines, heights, strict=True):
        drawn.append(_label(right + 10, height + 4, f"{line.name} {line.points[-1][1]:.3f}", line.colour, "start"))
    return drawn


def _stroke(line: Line, places: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    style = 'stroke-width="1.5" stroke-dasharray="5 4"' if line.dashed else 'stroke-width="2" stroke-linejoin="round"'
    return f'<polyline points="{path}" fill="none" stroke="{line.colour}" {style}/>'


def _label(across: float, down: float, text: str, colour: str, anchor: str) -> str:
    return f'<text x="{across:.1f}" y="{down:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return at most ``most`` round numbers, evenly apart, of which the first and last hold ``low`` and ``high``."""
    width = max(high - low, 1e-6)
    for power in range(-6, 13):
        for digit in (1, 2, 5):
            # A step below one is a quotient, which is the nearest number to the decimal; a product is not.
            step = digit * 10**power if power >= 0 else digit / 10**-power
            first, last = int(low // step), int(-(-high // step))
            if step * (most - 1) >= width and last - first < most:
                return [place * step for place in range(first, last + 1)]
    return [low, high]


def spread(heights: Sequence[float], apart: float) -> list[float]:
    """Return heights near those given, in the same order from the top, no two nearer than ``apart``."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    blocks: list[list[int]] = []
    centres: list[float] = []
    for place in order:
        blocks.append([place])
        centres.append(heights[place])
        # Two blocks that would touch become one, around the mean of what its members want.
        while len(blocks) > 1 and centres[-1] - centres[-2] < apart * (len(blocks[-1]) + len(blocks[-2])) / 2:
            lower = blocks.pop()
            centres.pop()
            blocks[-1] = blocks[-1] + lower
            centres[-1] = sum(heights[member] for member in blocks[-1]) / len(blocks[-1])
    moved = dict.fromkeys(range(len(heights)), 0.0)
    for block, centre in zip(blocks, centres, strict=True):
        for number, place in enumerate(block):
            moved[place] = centre + (number - (len(block) - 1) / 2) * apart
    return [moved[place] for place in range(len(heights))]

"""Elements of SVG as markup: attribute values and texts are escaped and printable, numbers have two decimals."""

from collections.abc import Sequence

from markupsafe import Markup

from dnacorpus.printable import escaped

Attribute = str | float


def element(name: str, *children: str, **attributes: Attribute) -> Markup:
    """Return an element; plain strings among ``children`` are escaped.

    In the names of attributes ``_`` stands for ``-``, and a trailing ``_`` is dropped (``class_``).
    """
    written = Markup().join(
        Markup(' {}="{}"').format(
            key.rstrip("_").replace("_", "-"), escaped(value) if isinstance(value, str) else f"{value:.2f}"
        )
        for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, Markup().join(map(_shown, children)))


def _shown(child: str) -> str:
    return child if isinstance(child, Markup) else escaped(child)


def rect(corner: tuple[float, float], size: tuple[float, float], *children: str, **attributes: Attribute) -> Markup:
    """Return a rectangle from its upper left corner, width and height."""
    (x, y), (width, height) = corner, size
    return element("rect", *children, x=x, y=y, width=width, height=height, **attributes)


def line(start: tuple[float, float], end: tuple[float, float], **attributes: Attribute) -> Markup:
    """Return a line between two points."""
    return element("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], **attributes)


def polyline(points: Sequence[tuple[float, float]], **attributes: Attribute) -> Markup:
    """Return a line through points, not filled."""
    path = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return element("polyline", points=path, fill="none", **attributes)


def circle(centre: tuple[float, float], radius: float, *children: str, **attributes: Attribute) -> Markup:
    """Return a circle."""
    return element("circle", *children, cx=centre[0], cy=centre[1], r=radius, **attributes)


def text(position: tuple[float, float], words: str, **attributes: Attribute) -> Markup:
    """Return a text at the position of its baseline."""
    return element("text", words, x=position[0], y=position[1], **attributes)


def figure(size: tuple[float, float], label: str, *children: str, **attributes: Attribute) -> Markup:
    """Return an ``svg`` element of a width and height in units, with a label for screen readers."""
    view = f"0 0 {size[0]:.0f} {size[1]:.0f}"
    return element("svg", *children, viewBox=view, role="img", aria_label=label, **attributes)

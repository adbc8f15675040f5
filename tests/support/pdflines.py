"""Made-up lines of PDF pages, and the paragraphs that are read from them."""

from dnacorpus.papers.readers.pdf.layout import Line, Page, columns_of
from dnacorpus.papers.readers.pdf.paragraphs import paragraphs_of_columns

HEIGHT, LEADING = 800.0, 12.0
SENTENCE = "The owl of this forest flies by night and sleeps by day in old trees."


def column(texts: list[str], x0: float, y0: float, width: float = 220.0, page: int = 1, **more: object) -> list[Line]:
    """Return the lines of a column; short lines are as wide as their text, others as wide as the column."""
    size = float(more.pop("size", 10.0))  # type: ignore[arg-type]
    return [
        Line(page, x0, y0 + n * LEADING, x0 + (width if len(text) > 30 else 5.0 * len(text)), y0 + n * LEADING + size,
             size, text, font="Body", **more)  # type: ignore[arg-type]
        for n, text in enumerate(texts)
    ]  # fmt: skip


def prose(name: str, count: int) -> list[str]:
    """Return a paragraph of ``count`` lines, each of which has the paragraph's name."""
    lines = [f"{name} line {n} goes on over the whole of the" for n in range(count)]
    lines[0] = lines[0][0].upper() + lines[0][1:]
    return [*lines[:-1], f"{name} ends here."]


def read(*pages: list[Line]) -> list[tuple[str, str, int | None]]:
    """Return section, text and page of the paragraphs of pages."""
    made = [Page(HEIGHT, tuple(lines)) for lines in pages]
    return [
        (paragraph.section, paragraph.text, paragraph.page) for paragraph in paragraphs_of_columns(columns_of(made))
    ]

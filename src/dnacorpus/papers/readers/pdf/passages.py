"""The passages of a paper from the lines of its PDF in reading order.

What is a heading, a caption or small print is told by size and weight of type and by the words that papers
use. What reads like no sentence (labels of a figure, rows of a table, names, addresses) is left out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dnacorpus.papers.paper import Passage
from dnacorpus.papers.readers.pdf.layout import Line
from dnacorpus.papers.readers.pdf.paragraphs import FINISHED, RUN_IN, Paragraph, paragraphs_of
from dnacorpus.papers.readers.pdf.pdf_words import HYPHENS, WORD, joined, letters_of, words_of

_PARTS = frozenset(
    "abstract|summary|introduction|background|methods|materials and methods|material and methods|methods and materials"
    "|patients and methods|experimental procedures|experimental section|results|results and discussion|discussion"
    "|conclusion|conclusions|concluding remarks|acknowledgments|acknowledgements|author contributions|funding"
    "|data availability|supporting information|supplementary material|competing interests|conflict of interest".split(
        "|"
    )
)
"""Headings of the parts that papers have."""
ABSTRACTS = frozenset({"abstract", "summary"})
_OF_A_STUDY = ("method", "material", "patients and", "experimental", "results", "discussion")
_REFERENCES = frozenset(
    "references|reference|reference list|references cited|references and notes|bibliography|literature cited|literature"
    "|works cited|cited literature".split("|")
)
_AFTER_REFERENCES = re.compile(
    r"(?:appendi(?:x|ces)|annex|supplementa\w+|supporting information|online methods)\b", re.I
)
_NUMBERING = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-Z]\.)\s+(?=\S)")
_CAPTION = re.compile(
    r"(?:[n■▪•]\s+)?(?P<kind>fig(?:ure|\.)?|table|box|scheme)\s*(?P<number>S?\d{1,3}|[IVX]{1,5})\b(?P<stop>\s*[.:|–—])?",
    re.I,
)
_KINDS = {"f": "Figure", "t": "Table", "b": "Box", "s": "Scheme"}
_ABBREVIATED = re.compile(r"\b(?:et al|e\.g|i\.e|Figs?|Tables?|cf|vs|spp?|subsp|approx|ca|refs?|Eqs?|resp)\.$", re.I)


def passages_of_columns(columns: Sequence[Sequence[Line]], title: str | None = None) -> tuple[Passage, ...]:
    """Return the passages of a paper: sentences of its body and its captions, references left out.

    ``title`` is the paper's own, which is no heading of a section.
    """
    vocabulary = words_of(columns)
    own = letters_of(title or "")
    reading = Reading(_without_references(paragraphs_of(columns), vocabulary), vocabulary)
    for item in reading.paragraphs:
        text = joined(item.lines, vocabulary)
        if item.lines[0].page != 1 or letters_of(text) not in own:
            reading.add(item, text)
    texts = ((section, joined(item.lines, vocabulary), item.lines[0].page) for section, item in reading.found)
    prose = ((section, bare, page) for section, text, page in texts if _is_prose(bare := RUN_IN.sub("", text, count=1)))
    return tuple(Passage(section, place, text, page) for place, (section, text, page) in enumerate(prose))


class Reading:
    """Paragraphs as they are read: ``found`` are sections and what stands in them, sentences whole again."""

    def __init__(self, paragraphs: list[Paragraph], vocabulary: Counter[str]) -> None:
        self.paragraphs = paragraphs
        self.found: list[tuple[str, Paragraph]] = []
        self._style = Style.of(paragraphs)
        names = {_heading_name(joined(item.lines, vocabulary)) for item in paragraphs if len(item.lines) == 1}
        self._outline = Outline(sum(name.startswith(_OF_A_STUDY) for name in names & _PARTS) > 1)
        self._flowing: dict[int, Paragraph] = {}
        self._heading: Paragraph | None = None

    def add(self, item: Paragraph, text: str) -> None:
        """Read the next paragraph, of which the text is given: a caption, a heading, a sentence or none of them."""
        before = self._flowing.get(round(item.size))
        if (caption := _caption(text, item, self._style)) is not None:
            self.found.append((caption, item))
            if round(item.size) != round(self._style.body):
                self._flowing[round(item.size)] = item
        elif _is_heading(text, item, self._style) and not (before and _goes_on(before, item)):
            self._add_heading(item, text)
        elif before is not None and not RUN_IN.match(text) and not _tabular(item) and _runs_on(before, item):
            before.lines += item.lines
            before.column, before.breadth = item.column, item.breadth
        elif item.size >= self._style.smallest and not _tabular(item) and _legible(text):
            self._add_paragraph(item, text, before)

    def _add_heading(self, item: Paragraph, text: str) -> None:
        if self._heading is not None and _is_below(self._heading, item):
            text = f"{self._outline.last} {text}"
            self._outline.back()
        self._outline.add(text)
        self._flowing.clear()
        self._heading = item

    def _add_paragraph(self, item: Paragraph, text: str, before: Paragraph | None) -> None:
        run_in = RUN_IN.match(text)
        if run_in:
            self._outline.add(run_in[0].strip(" .:—–-"))
        elif self._outline.section.casefold() in ABSTRACTS and before and abs(item.breadth - before.breadth) > 50:
            # An introduction without a heading is set in other columns than the abstract above it.
            self._outline.leave()
        self.found.append((self._outline.section, item))
        if run_in:
            self._outline.leave()
        self._flowing[round(item.size)] = item


@dataclass(frozen=True, slots=True)
class Style:
    """The size of type and the font of the body, and the smallest size that is not small print."""

    body: float
    font: str
    smallest: float

    @classmethod
    def of(cls, paragraphs: Iterable[Paragraph]) -> "Style":
        """Return the style of a paper: a size that a seventh of the text is set in is no small print."""
        amounts: Counter[float] = Counter()
        fonts: Counter[str] = Counter()
        for item in paragraphs:
            for line in item.lines:
                amounts[round(line.size * 2) / 2] += len(line.text)
                fonts[line.font] += len(line.text) if line.font else 0
        body = max(sorted(amounts), key=amounts.__getitem__, default=10.0)
        common = [size for size, amount in amounts.items() if amount * 7 > amounts.total()]
        return cls(
            body,
            max(sorted(fonts), key=fonts.__getitem__, default=""),
            min([0.85 * body, *(0.95 * size for size in common)]),
        )


class Outline:
    """Where in a paper a reader is; ``study``: it has the parts of a study, which all other headings are below."""

    def __init__(self, study: bool) -> None:
        self._study = study
        self._path: tuple[str, ...] = ("",)
        self._before: tuple[str, ...] = self._path

    @property
    def section(self) -> str:
        """The path of headings."""
        return " > ".join(self._path).strip()

    @property
    def last(self) -> str:
        """The last heading."""
        return self._path[-1]

    def back(self) -> None:
        """Go back to before the last heading, of which only a part was seen."""
        self._path = self._before

    def leave(self) -> None:
        """Go on where no heading holds."""
        self._path = ("",)

    def add(self, heading: str) -> None:
        """Go on after a heading: a part of the paper, or a section of the part before it."""
        numbered = _NUMBERING.match(heading)
        depth = len(re.findall(r"\d+", numbered[0])) if numbered else 0
        part = _heading_name(heading) in _PARTS or depth == 1
        below = depth > 1 or (self._study and self._path[0])
        self._before = self._path
        self._path = (self._path[0], heading) if below and not part else (heading,)


def _without_references(paragraphs: list[Paragraph], vocabulary: Counter[str]) -> list[Paragraph]:
    """Cut off the list of references; an appendix that a heading opens after it stays."""
    kept: list[Paragraph] = []
    inside = False
    for item in paragraphs:
        name = _heading_name(joined(item.lines, vocabulary)) if len(item.lines) <= 2 else ""
        if name in _REFERENCES and kept:
            inside = True
        elif inside and _opens_appendix(name):
            inside = False
        if not inside:
            kept.append(item)
    return kept


def _opens_appendix(name: str) -> bool:
    return _AFTER_REFERENCES.match(name) is not None and len(name.split()) <= 6


def _heading_name(text: str) -> str:
    return _NUMBERING.sub("", text, count=1).strip(" .:").casefold()


def _caption(text: str, item: Paragraph, style: Style) -> str | None:
    found = _CAPTION.match(text)
    if found is None or not (found["stop"] or item.size < 0.95 * style.body or item.lines[0].bold):
        return None
    return f"{_KINDS[found['kind'][0].lower()]} {found['number']}"


def _is_heading(text: str, item: Paragraph, style: Style) -> bool:
    name = _heading_name(text)
    if name in _PARTS or _opens_appendix(name):
        return True
    bare = _NUMBERING.sub("", text, count=1)
    if len(item.lines) > 4 or not 1 <= len(bare.split()) <= 15 or re.search(r"[,;]$|@|[a-z]\d", bare.rstrip(".")):
        return False
    # Names of authors are set large too.
    if item.lines[0].page == 1 and bare.count(",") > 1 and bare == text and not bare.isupper():
        return False
    if not bare[0].isupper() or len(re.sub(r"[\W\d_]", "", bare)) < 4:
        return False
    fonts = {line.font for line in item.lines}
    apart = fonts != {style.font} and "" not in fonts
    stands_out = item.size > 1.04 * style.body or item.bold or bare.isupper() or apart
    return item.size >= 0.95 * style.body and (stands_out or (bare != text and not text.endswith(".")))


def _goes_on(before: Paragraph, item: Paragraph) -> bool:
    """Tell whether a paragraph's last sentence has no end yet, so that what stands below is no heading."""
    return before.column == item.column and len(before.lines) > 1 and not _ends(before)


def _runs_on(before: Paragraph, item: Paragraph) -> bool:
    """Tell whether the sentence at a paragraph's end goes on in a paragraph of the same type."""
    first = item.lines[0].text.lstrip()[:1]
    if abs(before.size - item.size) > 0.05 * before.size or _ends(before):
        return False
    last = before.lines[-1]
    if first.islower() or last.text.rstrip()[-1] in HYPHENS:
        return True
    return not item.indented and last.x1 - last.x0 > 0.8 * before.breadth


def _ends(item: Paragraph) -> bool:
    text = item.lines[-1].text.rstrip()
    return FINISHED.search(text) is not None and _ABBREVIATED.search(text) is None


def _is_below(heading: Paragraph, item: Paragraph) -> bool:
    """Tell whether a heading is the next line of the one before it."""
    last, first = heading.lines[-1], item.lines[0]
    return (
        last.page == first.page
        and max(last.x0, first.x0) < min(last.x1, first.x1)
        and (last.size, last.font) == (first.size, first.font)
        and -last.size < first.y0 - last.y1 < 0.5 * last.size
        and not _NUMBERING.match(first.text)
    )


def _tabular(item: Paragraph) -> bool:
    return sum(line.gaps for line in item.lines) > len(item.lines)


def _legible(text: str) -> bool:
    """Tell whether a text is letters for the most part, in words of a usual length."""
    solid = [char for char in text if not char.isspace()]
    letters = sum(char.isalpha() for char in solid)
    words = text.split()
    return letters > 0.65 * len(solid) and len(solid) < 15 * len(words) and text.count("\ufffd") * 50 < len(solid)


def _is_prose(text: str) -> bool:
    words = WORD.findall(text)
    lower = sum(word[0].islower() for word in words)
    if text[0].islower() and len(words) < 12:
        return False
    if len(words) < 5 or lower < 0.4 * len(words) or not _legible(text):
        return False
    return FINISHED.search(text) is not None or len(words) >= 25

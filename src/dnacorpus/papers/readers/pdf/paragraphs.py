"""The paragraphs of a paper, with their sections, from the lines of its PDF in reading order.

Headings, captions and small print are recognised by the size and weight of their type and by the words that papers
use. Text that is not prose (labels of a figure, rows of a table, names, addresses) is left out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dnacorpus.papers.paper import Paragraph
from dnacorpus.papers.readers.pdf.layout import Line
from dnacorpus.papers.readers.pdf.lines import (
    ABSTRACT_START,
    HYPHENS,
    SENTENCE_END,
    WORD,
    LineGroup,
    count_words,
    group_lines,
    join_lines,
    letters_of,
)

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
_STUDY_PARTS = ("method", "material", "patients and", "experimental", "results", "discussion")
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
_NO_HEADING = re.compile(r"[,;]$|@|[a-z]\d")
_NO_LETTER = re.compile(r"[\W\d_]")
_DIGITS = re.compile(r"\d+")


def paragraphs_of_columns(columns: Sequence[Sequence[Line]], title: str | None = None) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a paper: the prose of its body and its captions, without references.

    ``title`` is that of the paper, which is not the heading of a section.
    """
    vocabulary = count_words(columns)
    title_letters = letters_of(title or "")
    reading = Reading(_without_references(group_lines(columns), vocabulary), vocabulary)
    for group in reading.groups:
        text = join_lines(group.lines, vocabulary)
        if group.lines[0].page != 1 or letters_of(text) not in title_letters:
            reading.add(group, text)
    paragraphs: list[Paragraph] = []
    for section, group in reading.sections:
        text = ABSTRACT_START.sub("", join_lines(group.lines, vocabulary), count=1)
        if _is_prose(text):
            paragraphs.append(Paragraph(section, len(paragraphs), text, group.lines[0].page))
    return tuple(paragraphs)


class Reading:
    """The state of reading a paper: ``sections`` lists the paragraphs read so far, each with its section.

    A sentence that continues in another column or on the next page is joined.
    """

    def __init__(self, groups: list[LineGroup], vocabulary: Counter[str]) -> None:
        self.groups = groups
        self.sections: list[tuple[str, LineGroup]] = []
        self._style = Style.of(groups)
        names = {_heading_name(join_lines(group.lines, vocabulary)) for group in groups if len(group.lines) == 1}
        self._outline = Outline(sum(name.startswith(_STUDY_PARTS) for name in names & _PARTS) > 1)
        self._last_of_size: dict[int, LineGroup] = {}
        self._heading: LineGroup | None = None

    def add(self, group: LineGroup, text: str) -> None:
        """Read the next group of lines, whose text is given: a caption, a heading, prose or neither of them."""
        before = self._last_of_size.get(round(group.size))
        if (caption := _caption(text, group, self._style)) is not None:
            self.sections.append((caption, group))
            if round(group.size) != round(self._style.body):
                self._last_of_size[round(group.size)] = group
        elif _is_heading(text, group, self._style) and not (before and _continues_below(before, group)):
            self._add_heading(group, text)
        elif before and not (ABSTRACT_START.match(text) or _is_tabular(group)) and _continues_sentence(before, group):
            before.lines += group.lines
            before.column, before.breadth = group.column, group.breadth
        elif group.size >= self._style.smallest and not _is_tabular(group) and _is_legible(text):
            self._add_paragraph(group, text, before)

    def _add_heading(self, group: LineGroup, text: str) -> None:
        if self._heading is not None and _is_below(self._heading, group):
            text = f"{self._outline.last} {text}"
            self._outline.undo()
        self._outline.enter(text)
        self._last_of_size.clear()
        self._heading = group

    def _add_paragraph(self, group: LineGroup, text: str, before: LineGroup | None) -> None:
        abstract = ABSTRACT_START.match(text)
        if abstract:
            self._outline.enter(abstract[0].strip(" .:—–-"))
        elif self._outline.section.casefold() in ABSTRACTS and before and abs(group.breadth - before.breadth) > 50:
            # An introduction without a heading has columns of another width than the abstract above it.
            self._outline.leave()
        self.sections.append((self._outline.section, group))
        if abstract:
            self._outline.leave()
        self._last_of_size[round(group.size)] = group


@dataclass(frozen=True, slots=True)
class Style:
    """The size of type and the font of the body, and the smallest size of type that is not small print."""

    body: float
    font: str
    smallest: float

    @classmethod
    def of(cls, groups: Iterable[LineGroup]) -> "Style":
        """Return the style of a paper; a size of type that has a seventh of the text is not small print."""
        amounts: Counter[float] = Counter()
        fonts: Counter[str] = Counter()
        for group in groups:
            for line in group.lines:
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
    """The path of headings at the current position in a paper.

    ``study`` says that the paper has the parts of a study (methods, results); other headings are then below those.
    """

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

    def undo(self) -> None:
        """Undo the last heading, which was only a part of one."""
        self._path = self._before

    def leave(self) -> None:
        """Leave all headings."""
        self._path = ("",)

    def enter(self, heading: str) -> None:
        """Enter a heading: a part of the paper, or a section of the current part."""
        numbered = _NUMBERING.match(heading)
        depth = len(_DIGITS.findall(numbered[0])) if numbered else 0
        part = _heading_name(heading) in _PARTS or depth == 1
        below = depth > 1 or (self._study and self._path[0])
        self._before = self._path
        self._path = (self._path[0], heading) if below and not part else (heading,)


def _without_references(groups: list[LineGroup], vocabulary: Counter[str]) -> list[LineGroup]:
    """Remove the list of references; an appendix with a heading after it is kept."""
    kept: list[LineGroup] = []
    inside = False
    for group in groups:
        name = _heading_name(join_lines(group.lines, vocabulary)) if len(group.lines) <= 2 else ""
        if name in _REFERENCES and kept:
            inside = True
        elif inside and _opens_appendix(name):
            inside = False
        if not inside:
            kept.append(group)
    return kept


def _opens_appendix(name: str) -> bool:
    return _AFTER_REFERENCES.match(name) is not None and len(name.split()) <= 6


def _heading_name(text: str) -> str:
    return _NUMBERING.sub("", text, count=1).strip(" .:").casefold()


def _caption(text: str, group: LineGroup, style: Style) -> str | None:
    """Return the name of the figure, table, box or scheme whose caption a text is, or None."""
    match = _CAPTION.match(text)
    if match is None or not (match["stop"] or group.size < 0.95 * style.body or group.lines[0].bold):
        return None
    return f"{_KINDS[match['kind'][0].lower()]} {match['number']}"


def _is_heading(text: str, group: LineGroup, style: Style) -> bool:
    name = _heading_name(text)
    if name in _PARTS or _opens_appendix(name):
        return True
    bare = _NUMBERING.sub("", text, count=1)
    if len(group.lines) > 4 or not 1 <= len(bare.split()) <= 15 or _NO_HEADING.search(bare.rstrip(".")):
        return False
    # The names of authors are in large type too.
    if group.lines[0].page == 1 and bare.count(",") > 1 and bare == text and not bare.isupper():
        return False
    if not bare[0].isupper() or len(_NO_LETTER.sub("", bare)) < 4:
        return False
    fonts = {line.font for line in group.lines}
    apart = fonts != {style.font} and "" not in fonts
    stands_out = group.size > 1.04 * style.body or group.bold or bare.isupper() or apart
    return group.size >= 0.95 * style.body and (stands_out or (bare != text and not text.endswith(".")))


def _continues_below(before: LineGroup, group: LineGroup) -> bool:
    """Return whether the last sentence has not ended, so that the lines below are not a heading."""
    return before.column == group.column and len(before.lines) > 1 and not _has_ended(before)


def _continues_sentence(before: LineGroup, group: LineGroup) -> bool:
    """Return whether a paragraph's last sentence continues in the next group of the same type."""
    first = group.lines[0].text.lstrip()[:1]
    if abs(before.size - group.size) > 0.05 * before.size or _has_ended(before):
        return False
    last = before.lines[-1]
    if first.islower() or last.text.rstrip()[-1] in HYPHENS:
        return True
    return not group.indented and last.x1 - last.x0 > 0.8 * before.breadth


def _has_ended(group: LineGroup) -> bool:
    text = group.lines[-1].text.rstrip()
    return SENTENCE_END.search(text) is not None and _ABBREVIATED.search(text) is None


def _is_below(heading: LineGroup, group: LineGroup) -> bool:
    """Return whether a heading continues the heading above it."""
    last, first = heading.lines[-1], group.lines[0]
    return (
        last.page == first.page
        and max(last.x0, first.x0) < min(last.x1, first.x1)
        and (last.size, last.font) == (first.size, first.font)
        and -last.size < first.y0 - last.y1 < 0.5 * last.size
        and not _NUMBERING.match(first.text)
    )


def _is_tabular(group: LineGroup) -> bool:
    return sum(line.gaps for line in group.lines) > len(group.lines)


def _is_legible(text: str) -> bool:
    """Return whether a text is mostly letters, in words of a usual length."""
    solid = [char for char in text if not char.isspace()]
    letters = sum(char.isalpha() for char in solid)
    words = text.split()
    return letters > 0.65 * len(solid) and len(solid) < 15 * len(words) and text.count("\ufffd") * 50 < len(solid)


def _is_prose(text: str) -> bool:
    words = WORD.findall(text)
    lower = sum(word[0].islower() for word in words)
    if text[0].islower() and len(words) < 12:
        return False
    if len(words) < 5 or lower < 0.4 * len(words) or not _is_legible(text):
        return False
    return SENTENCE_END.search(text) is not None or len(words) >= 25

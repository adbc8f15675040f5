"""The lines of a PDF as text: grouped into paragraphs, with words joined that a line end divides."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from dnacorpus.papers.readers.pdf.layout import Line, left_edge

SENTENCE_END = re.compile(r"(?:[.!?:][\"'”’)\]]*|[^\W\d]{2}\.[\d]{1,3}(?:[,–-]\d{1,3})*)$")
"""The end of a sentence, also of one that a superscript number follows."""
ABSTRACT_START = re.compile(r"(?:ABSTRACT|SUMMARY|(?:Abstract|Summary)\s*[.:—–-])\s*(?=\S)")
"""The heading of an abstract on the abstract's first line."""
HYPHENS = "-\u2010\u00ad"
WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_NO_LETTER = re.compile(r"[\W_]")
_HYPHENATED = re.compile(r"(?<![^\W\d_])([^\W\d_]++)[-\u2010\u00ad]$")
_LETTERS = re.compile(r"[^\W\d_]+")
_BROKEN = re.compile(r"\w[-\u2010–/]$")
_WORD_CHARACTER = re.compile(r"\w")
_AFTER_SUSPENDED_HYPHEN = frozenset({"and", "or", "to", "und"})
"""Words before which a hyphen stands for the rest of a word: medium- and large-scale."""
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_BLANKS = dict.fromkeys((0xA0, 0x2007, 0x2009, 0x200A, 0x202F), " ") | dict.fromkeys((0x200B, 0x200C, 0xFEFF), None)


@dataclass(slots=True)
class LineGroup:
    """Consecutive lines of one column that form a paragraph or a part of one.

    ``column`` is the index of the column in which the group starts, ``breadth`` its width in points.
    """

    lines: list[Line]
    column: int
    breadth: float
    indented: bool = False

    @property
    def size(self) -> float:
        """The median size of type, in points."""
        return median(line.size for line in self.lines)

    @property
    def bold(self) -> bool:
        """Whether all lines are bold."""
        return all(line.bold for line in self.lines)


def group_lines(columns: Sequence[Sequence[Line]]) -> list[LineGroup]:
    """Return the paragraphs of columns in reading order; a paragraph that spans two columns is two groups.

    A paragraph starts where the type changes, after a gap or a short last line, and at an indent.
    """
    groups: list[LineGroup] = []
    for number, column in enumerate(columns):
        if _is_sidebar(column):
            continue
        left, right = left_edge([line.x0 for line in column]), max(line.x1 for line in column)
        steps = [after.y0 - before.y0 for before, after in pairwise(column)]
        pitch = sorted(steps)[len(steps) // 4] if steps else 0.0
        for index, line in enumerate(column):
            before = column[index - 1] if index else None
            if before is None or _starts_paragraph(before, line, left, right, pitch):
                groups.append(LineGroup([], number, right - left, line.x0 - left > 0.6 * line.size))
            groups[-1].lines.append(line)
    return groups


def clean(text: str) -> str:
    """Return a text with ligatures as letters, accents composed, and control characters removed."""
    text = unicodedata.normalize("NFC", text.translate(_LIGATURES).translate(_BLANKS))
    return "".join(
        char for char in text if char in "\t\n" or unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"}
    )


def count_words(columns: Iterable[Iterable[Line]]) -> Counter[str]:
    """Return how often each word, in lower case, occurs undivided in a line; hyphenated words count as one."""
    counts: Counter[str] = Counter()
    for column in columns:
        starts_divided = False
        for line in column:
            words = WORD.findall(line.text.lower().replace("\u2010", "-"))
            ends_divided = line.text.rstrip()[-1:] in HYPHENS and bool(line.text.strip())
            counts.update(words[1 if starts_divided else 0 : len(words) - 1 if ends_divided else None])
            starts_divided = ends_divided
    return counts


def join_lines(lines: Iterable[Line], vocabulary: Counter[str]) -> str:
    """Return lines as one text, with the words joined that a line end divides.

    ``vocabulary`` is that of `count_words`. A hyphen at a line end stays where the document has the word with it and
    not without it, and before capitals and digits, where no hyphen is added to break a line.
    """
    text = ""
    for line in lines:
        piece = " ".join(line.text.split())
        text = _joined(text, piece, vocabulary) if text and piece else text or piece
    return text.replace("\u00ad", "")


def letters_of(text: str) -> str:
    """Return the letters and digits of a text in lower case, to compare texts whatever their punctuation."""
    return _NO_LETTER.sub("", text).casefold()


def _is_sidebar(column: Sequence[Line]) -> bool:
    """Return whether a column is a list of keywords, the labels of a figure or the numbers of a table."""
    return len(column) > 3 and median(len(line.text) for line in column) < 15


def _starts_paragraph(before: Line, line: Line, left: float, right: float, pitch: float) -> bool:
    """Return whether a line starts a paragraph, given the line before it in the column."""
    if abs(line.size - before.size) > 0.08 * before.size or line.bold != before.bold:
        return True
    if ABSTRACT_START.match(line.text):
        return True
    if line.font != before.font and line.font and before.font:
        return True
    if line.y0 - before.y0 > 1.35 * pitch and line.y0 - before.y1 > 0.2 * line.size:
        return True
    heading = line.bold or (line.text.isupper() and before.text.isupper())
    if not heading and line.x0 - before.x0 > 0.6 * line.size and before.x0 - left < 0.5 * line.size:
        return True
    return SENTENCE_END.search(before.text) is not None and right - before.x1 > 0.12 * (right - left)


def _joined(text: str, piece: str, vocabulary: Counter[str]) -> str:
    before, after = _HYPHENATED.search(text), _LETTERS.match(piece)
    if before is None or after is None:
        return f"{text}{piece}" if _continues_without_blank(text, piece) else f"{text} {piece}"
    if after[0] in _AFTER_SUSPENDED_HYPHEN:
        return f"{text} {piece}"
    whole, hyphenated = f"{before[1]}{after[0]}".lower(), f"{before[1]}-{after[0]}".lower()
    if text[-1] == "\u00ad" or (vocabulary[whole] and vocabulary[whole] >= vocabulary[hyphenated]):
        return text[:-1] + piece
    acronym = before[1].isupper() and len(before[1]) > 1 and after[0].islower()
    if vocabulary[hyphenated] or len(before[1]) == 1 or acronym or (after[0][0].isupper() and not before[1].isupper()):
        return text + piece
    return text[:-1] + piece


def _continues_without_blank(text: str, piece: str) -> bool:
    """Return whether a line end divides a range of numbers, an accession or an address."""
    if not _BROKEN.search(text) or not _WORD_CHARACTER.match(piece):
        return False
    return text[-2].isdigit() or text[-1] != "–"

"""The words of a PDF's lines: what is not to be printed removed, and words that a line's end divides made whole."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from dnacorpus.papers.readers.pdf.layout import Line

HYPHENS = "-\u2010\u00ad"
WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_SUSPENDED = frozenset({"and", "or", "to", "und"})
"""Words before which a hyphen stands for a word still to come: medium- and large-scale."""
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_BLANKS = dict.fromkeys((0xA0, 0x2007, 0x2009, 0x200A, 0x202F), " ") | dict.fromkeys((0x200B, 0x200C, 0xFEFF), None)


def clean(text: str) -> str:
    """Return a text with ligatures as letters, accents composed, and nothing that is not to be printed."""
    text = unicodedata.normalize("NFC", text.translate(_LIGATURES).translate(_BLANKS))
    return "".join(
        char for char in text if char in "\t\n" or unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"}
    )


def words_of(columns: Iterable[Iterable[Line]]) -> Counter[str]:
    """Return how often each word, hyphenated ones included, stands whole in a line, in lower case."""
    found: Counter[str] = Counter()
    for column in columns:
        torn = False
        for line in column:
            words = WORD.findall(line.text.lower().replace("\u2010", "-"))
            ends_torn = line.text.rstrip()[-1:] in HYPHENS and bool(line.text.strip())
            found.update(words[1 if torn else 0 : len(words) - 1 if ends_torn else None])
            torn = ends_torn
    return found


def joined(lines: Iterable[Line], vocabulary: Counter[str]) -> str:
    """Return lines as one text, words that a line's end divides made whole.

    A hyphen stays where the document has the word with it and not without it, and before capitals and
    digits, where none was put in for the line's sake.
    """
    text = ""
    for line in lines:
        piece = " ".join(line.text.split())
        text = _joined(text, piece, vocabulary) if text and piece else text or piece
    return text.replace("\u00ad", "")


def _joined(text: str, piece: str, vocabulary: Counter[str]) -> str:
    before, after = re.search(r"([^\W\d_]+)[-\u2010\u00ad]$", text), re.match(r"[^\W\d_]+", piece)
    if before is None or after is None:
        # A range of numbers, an accession or an address goes on without a blank.
        tight = (
            re.search(r"\w[-\u2010–/]$", text) and re.match(r"\w", piece) and (text[-2].isdigit() or text[-1] != "–")
        )
        return f"{text}{piece}" if tight else f"{text} {piece}"
    if after[0] in _SUSPENDED:
        return f"{text} {piece}"
    whole, parted = (f"{before[1]}{mark}{after[0]}".lower() for mark in ("", "-"))
    if text[-1] == "\u00ad" or (vocabulary[whole] and vocabulary[whole] >= vocabulary[parted]):
        return text[:-1] + piece
    acronym = before[1].isupper() and len(before[1]) > 1 and after[0].islower()
    if vocabulary[parted] or len(before[1]) == 1 or acronym or (after[0][0].isupper() and not before[1].isupper()):
        return text + piece
    return text[:-1] + piece


def letters_of(text: str) -> str:
    """Return the letters and digits of a text in lower case, to compare texts of other punctuation."""
    return re.sub(r"[\W_]", "", text).casefold()

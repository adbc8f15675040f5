"""Column 9 of GFF3 and GTF lines: keys and values.

Format: GFF3 1.26 (Sequence Ontology), ``key=value;`` with percent escapes, and GTF 2.2, ``key "value";``.
"""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

from dnacorpus.formats.gff.names import MANY
from dnacorpus.printable import cleaned, unprintable

_GTF_ATTRIBUTE = re.compile(r'(?<![^\s;"])([^\s;"]++)\s++(?:"|([^\s";]++)\s*+(?:;|$))')
_CLOSING_QUOTE = re.compile(r'"\s*+(?:;|$)')
_UNPRINTABLE = re.compile(rb"[^ -~]|%(?:[01]|7[Ff]|[89A-Fa-f])")  # also what is not ASCII


def attributes_of(raw: bytes, gtf: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield the attributes of column 9 in file order, with GFF3 percent escapes decoded and the text cleaned.

    Invalid escapes stay unchanged. Parent, which only links lines, is left out: an exon may have many.
    """
    text = raw.decode("utf-8", "replace")
    if gtf:
        for key, value in _gtf_attributes(text):
            yield cleaned(key), [cleaned(value)]
        return
    for item in text.split(";"):
        key, equals, value = item.strip().partition("=")
        if key and equals and key != "Parent":
            values = value.split(",") if key in MANY else [value]
            yield cleaned(_unquoted(key)), [cleaned(_unquoted(each)) for each in values]


def replaced_in(column: bytes, gtf: bool) -> Counter[str]:
    """Return how many characters of column 9 cannot be printed, by kind; `attributes_of` replaces them."""
    if not _UNPRINTABLE.search(column):
        return Counter()
    text = column.decode("utf-8", "replace")
    return unprintable(text if gtf else _unquoted(text))


def _unquoted(text: str) -> str:
    return unquote(text).replace("\n", "\r")  # inside a value a line end is a control character like others


def _gtf_attributes(text: str) -> Iterator[tuple[str, str]]:
    """Yield keys and values; a quotation mark closes a value only before a semicolon or the end of the line."""
    at, closed = 0, True
    while match := _GTF_ATTRIBUTE.search(text, at):
        at = match.end()
        if match[2] is not None:
            yield match[1], match[2]
        elif closed and (closing := _CLOSING_QUOTE.search(text, at)):
            yield match[1], text[at : closing.start()]
            at = closing.end()
        else:
            closed = False  # nor does any later quotation mark close a value

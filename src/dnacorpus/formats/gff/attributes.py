"""Column 9 of GFF3 and GTF lines: keys and values.

Format: GFF3 1.26 (Sequence Ontology), ``key=value;`` with percent escapes, and GTF 2.2, ``key "value";``.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from urllib.parse import unquote

from dnacorpus.formats.gff.names import MANY
from dnacorpus.printable import cleaned, unprintable

_GTF = re.compile(rb'\s*[\w.:-]+\s+(?:"|[^\s"=;]+\s*(?:;|$))')
_GTF_ATTRIBUTE = re.compile(r'(?<![^\s;"])([^\s;"]++)\s++(?:"|([^\s";]++)\s*+(?:;|$))')
_CLOSING_QUOTE = re.compile(r'"\s*+(?:;|$)')
_UNPRINTABLE = re.compile(rb"[^ -~]|%(?:[01]|7[Ff]|[89A-Fa-f])")  # also what is not ASCII
_GBKEY = re.compile(rb'(?:(?:^|;)\s*gbkey=|\bgbkey ")([^;"]+)')
_EXCEPTION = rb'exception[= ]"?'
_FILE_ORDER = re.compile(rb'%b(?:(?!%b)[^;"])*?(?:trans-splicing|rearrangement)' % (_EXCEPTION, _EXCEPTION))
_IS_ORDERED = re.compile(rb'\bis_ordered[= ]"?true')
_LOWER = frozenset(
    "gene locus_tag gene_synonym old_locus_tag product protein_id transl_table codon_start inference experiment note"
    " pseudo pseudogene function".split()
)  # qualifiers whose names are read in any case
_IN_QUOTES = {ord(sign): f"%{ord(sign):02X}" for sign in ";,"}


def is_gtf(column: bytes) -> bool:
    """Tell whether column 9 is written as in GTF: a key, a blank and a value."""
    return _GTF.match(column) is not None


def gbkey(column: bytes) -> str | None:
    """Return NCBI's gbkey, or None."""
    at = column.find(b"gbkey")
    if at < 0:
        return None
    match = _GBKEY.search(column, max(at - 2, 0)) or _GBKEY.search(column)  # the first is fast, and nearly always right
    return match[1].decode("utf-8", "replace") if match else None


def keeps_order(column: bytes) -> bool:
    """Tell whether column 9 states trans-splicing or a rearrangement: parts in file order, on any strand."""
    return b"exception" in column and _FILE_ORDER.search(column) is not None


def is_ordered(column: bytes) -> bool:
    """Tell whether column 9 states that the parts are in order, but not joined."""
    return _IS_ORDERED.search(column) is not None


def tidied(column: bytes) -> tuple[bytes, bool]:
    """Return column 9 without quotes round the whole or round a GFF3 value, and without blanks round keys and values.

    The second value tells whether quotes were removed. Semicolons and commas in quotes become percent escapes, quotes
    that are doubled inside quotes single.
    """
    column, whole = _without_quotes(column.strip())
    if is_gtf(column) or b"=" not in column:
        return column, whole
    items, removed = [], whole
    for item in _items(column):
        key, _, value = item.partition(b"=")
        value, quoted = _without_quotes(value.strip())
        if quoted:
            value = value.decode("utf-8", "surrogateescape").translate(_IN_QUOTES).encode("utf-8", "surrogateescape")
        items.append(b"%b=%b" % (key.strip(), value) if b"=" in item else item)
        removed |= quoted
    return b";".join(items), removed


def _without_quotes(text: bytes) -> tuple[bytes, bool]:
    bare = text.rstrip(b"; \t") if text.startswith(b'"') else text
    if len(bare) < 2 or not (bare.startswith(b'"') and bare.endswith(b'"')):
        return text, False
    inner = bare[1:-1]
    return (text, False) if b'"' in inner.replace(b'""', b"") else (inner.replace(b'""', b'"'), True)


def _items(column: bytes) -> Iterator[bytes]:
    """Yield the items between semicolons; a semicolon in a value in quotes is part of it if no key follows."""
    items = column.split(b";")
    at = 0
    while at < len(items):
        end = at + 1
        value = items[at].partition(b"=")[2].strip()
        if value.startswith(b'"') and (len(value) == 1 or not value.endswith(b'"')):
            keyless = takewhile(lambda number: b"=" not in items[number], range(end, len(items)))
            closing = (number for number in keyless if items[number].rstrip().endswith(b'"'))
            end = next(closing, at) + 1
        yield b";".join(items[at:end])
        at = end


def attributes_of(raw: bytes, gtf: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield the attributes of column 9 in file order, with GFF3 percent escapes decoded and the text cleaned.

    Invalid escapes stay unchanged. Parent, which only links lines, is left out: an exon may have many.
    """
    text = raw.decode("utf-8", "replace")
    if gtf:
        for key, value in _gtf_attributes(text):
            yield _in_usual_case(cleaned(key)), [cleaned(value).strip()]
        return
    for item in text.split(";"):
        key, equals, value = item.strip().partition("=")
        if key and equals and key != "Parent":
            key = _in_usual_case(key)
            values = [part.strip() for part in value.split(",")] if key in MANY else [value]
            yield cleaned(_unquoted(key)), [cleaned(_unquoted(each)).strip() for each in values]


def _in_usual_case(key: str) -> str:
    lower = key.lower()
    return lower if lower in _LOWER and key not in MANY else key


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


def value_of(column: bytes, gtf: bool, key: str) -> str | None:
    """Return the first value of an attribute that is not empty, or None."""
    if key.encode() not in column and key.lower().encode() not in column.lower():
        return None
    return next(
        (value for name, values in attributes_of(column, gtf) if name == key for value in values if value), None
    )

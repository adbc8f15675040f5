"""A feature of a GFF3 or GTF file in the terms of a flat file: its key, location and qualifiers.

Sources: NCBI's README_GFF3 for the meaning of attributes, the INSDC Feature Table Definition for those of flat files.
The complete mapping is in docs/annotation.md.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

from dnacorpus.formats.genbank.features import GenBankFeature, Qualifiers
from dnacorpus.formats.gff.names import MANY, NOTES, STRUCTURE, qualifiers_for, regulatory_class, rna_class
from dnacorpus.printable import cleaned, unprintable

_GTF_ATTRIBUTE = re.compile(r'(?<![^\s;"])([^\s;"]++)\s++(?:"|([^\s";]++)\s*+(?:;|$))')
_CLOSING_QUOTE = re.compile(r'"\s*+(?:;|$)')
_UNPRINTABLE = re.compile(rb"[^ -~]|%(?:[01]|7[Ff]|[89A-Fa-f])")  # also what is not ASCII
_EXCEPTION = rb'exception[= ]"?'
_FILE_ORDER = re.compile(rb'%b(?:(?!%b)[^;"])*?(?:trans-splicing|rearrangement)' % (_EXCEPTION, _EXCEPTION))
_IS_ORDERED = re.compile(rb'\bis_ordered[= ]"?true')
_NAMES = {
    key: re.compile(rb"(?:(?<=;)|(?<=; )|^)%b=[^;]+" % key.encode())
    for key in ("gene", "locus_tag", "gene_synonym", "old_locus_tag")
}
_MAX_ANCESTORS = 8  # a chain of parents may be a circle


class GffInterval(NamedTuple):
    """The interval of one line: 1-based and closed as in the file, strand +1 or -1, phase and part number or -1."""

    start: int
    end: int
    strand: int
    phase: int
    part: int


@dataclass(slots=True, eq=False)
class GffEntry:
    """The lines of one feature: column 9 of the first unchanged, and the intervals of all in file order.

    ``spans`` and ``exons`` contain five numbers per line, those of `GffInterval`. If there are exons, they are the
    parts of the feature. ``open`` contains the coordinates at which the feature is incomplete and continues below, and
    those at which it continues above. ``names`` is filled when a feature inherits them.
    """

    line: int
    kind: str
    type: str
    attributes: bytes
    gtf: bool
    parent: "GffEntry | None" = None
    spans: "array[int]" = field(default_factory=lambda: array("q"))
    exons: "array[int] | None" = None
    open: tuple[set[int], set[int]] | None = None
    names: dict[str, list[str]] | None = None


def feature_of(entry: GffEntry, length: int, circular: bool) -> GenBankFeature:
    """Return the feature as a flat file of the sequence would have it.

    ``length`` (bases) and ``circular`` are those of the molecule; a length of 0 is unknown.
    """
    spans = ordered(entry, length if circular else 0)
    location = _location(entry, spans, length if circular else 0)
    return GenBankFeature(entry.kind, location, _qualifiers(entry, spans[0].phase))


def ordered(entry: GffEntry, length: int) -> list[GffInterval]:
    """Return the feature's parts in transcript order; ``length`` is that of a circular molecule, otherwise 0.

    Numbered parts are sorted by number. Parts keep the order of their lines in trans-splicing and rearrangements, on
    both strands, and across the origin; otherwise they are sorted by coordinates.
    """
    numbers = entry.exons or entry.spans
    spans = [GffInterval(*numbers[at : at + 5]) for at in range(0, len(numbers), 5)]
    if len(spans) == 1:
        return spans
    if all(span.part > 0 for span in spans):
        return sorted(spans, key=lambda span: span.part)
    strands = {span.strand for span in spans}
    if len(strands) > 1 or _FILE_ORDER.search(entry.attributes) or (length and _meet_at_origin(spans, length)):
        return spans
    if strands == {-1}:
        return sorted(spans, key=lambda span: (-span.end, -span.start))
    return sorted(spans)


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


def replaced_in(entry: GffEntry) -> Counter[str]:
    """Return how many characters of column 9 cannot be printed, by kind; `attributes_of` replaces them."""
    if not _UNPRINTABLE.search(entry.attributes):
        return Counter()
    text = entry.attributes.decode("utf-8", "replace")
    return unprintable(text if entry.gtf else _unquoted(text))


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


def _meet_at_origin(spans: list[GffInterval], length: int) -> bool:
    for before, after in pairwise(spans):
        first, second = (before, after) if before.strand == 1 else (after, before)
        if first.end == length and second.start == 1:
            return True
    return False


def _location(entry: GffEntry, spans: list[GffInterval], length: int) -> str:
    lows, highs = entry.open or (set(), set())
    if lows and not any(span.start in lows for span in spans):
        lows = {min(span.start for span in spans)}
    if highs and not any(span.end in highs for span in spans):
        highs = {max(span.end for span in spans)}
    pieces: list[tuple[str, int]] = []
    for span in spans:
        texts = _texts(span, length, "<" * (span.start in lows), ">" * (span.end in highs))
        pieces += [(text, span.strand) for text in (texts if span.strand == 1 else texts[::-1])]
    operator = "order" if _IS_ORDERED.search(entry.attributes) else "join"
    if all(strand == -1 for _, strand in pieces):
        return f"complement({_joined([text for text, _ in reversed(pieces)], operator)})"
    return _joined([text if strand == 1 else f"complement({text})" for text, strand in pieces], operator)


def _texts(span: GffInterval, length: int, low: str, high: str) -> list[str]:
    start, end = span.start, span.end
    if length and start > length:
        start, end = start - length, end - length
    if length and end > length:
        return [_range(start, length, low, ""), _range(1, end - length, "", high)]
    return [_range(start, end, low, high)]


def _range(start: int, end: int, low: str, high: str) -> str:
    return str(start) if start == end and not low + high else f"{low}{start}..{high}{end}"


def _joined(texts: list[str], operator: str) -> str:
    return texts[0] if len(texts) == 1 else f"{operator}({','.join(texts)})"


def _qualifiers(entry: GffEntry, phase: int) -> Qualifiers:
    attributes = list(attributes_of(entry.attributes, entry.gtf))
    given = {key: values[0] for key, values in reversed(attributes)}
    named = _names(entry, attributes, given)
    notes = [value for key, values in attributes if key in NOTES for value in values if value]
    if given.get("gbkey") == "Region" and given.get("Name"):
        notes.append(f"Region: {given['Name']}")
    rest = [
        qualifier
        for key, values in attributes
        if key not in STRUCTURE and key not in NOTES and key not in _NAMES
        for qualifier in qualifiers_for(entry.kind, key, values)
        if qualifier not in named
    ]
    if not any(key.startswith("go_") for key in given):
        rest += [("db_xref", term) for key, terms in attributes if key == "Ontology_term" for term in terms if term]
    rest += _implied(entry, given, phase)
    return named + rest + ([("note", "; ".join(dict.fromkeys(notes)))] if notes else [])


def _names(entry: GffEntry, attributes: list[tuple[str, list[str]]], given: dict[str, str]) -> Qualifiers:
    """Return the names of the gene, which a flat file repeats in all features of the gene."""
    values = {key: [value for name, many in attributes if name == key for value in many if value] for key in _NAMES}
    if not given.get("gbkey"):
        name = given.get("gene_name") or (given.get("Name") if entry.kind == "gene" else None)
        values["gene"] = values["gene"] or ([name] if name else [])
        values["locus_tag"] = values["locus_tag"] or ([given["gene_id"]] if entry.gtf and "gene_id" in given else [])
    above = None if entry.kind == "source" else entry.parent
    for _ in range(_MAX_ANCESTORS):
        if above is None or above.kind == "source":
            break
        for key, inherited in _own_names(above).items():
            values[key] = values[key] or inherited
        above = above.parent
    values["gene_synonym"] = ["; ".join(values["gene_synonym"])] if values["gene_synonym"] else []
    return [(key, value) for key, many in values.items() for value in many]


def _own_names(entry: GffEntry) -> dict[str, list[str]]:
    """Return the names in a feature's own attributes; they are read once for all features below it."""
    if entry.names is None:
        found = {key: pattern.search(entry.attributes) for key, pattern in _NAMES.items()}
        read = {key: next(attributes_of(match[0], gtf=False)) for key, match in found.items() if match}
        entry.names = {key: values for key, (_, values) in read.items()}
    return entry.names


def _implied(entry: GffEntry, given: dict[str, str], phase: int) -> Qualifiers:
    """Return the qualifiers that GFF expresses by column 3, column 8 or a flag."""
    implied: Qualifiers = []
    if given.get("pseudo") == "true" or ("pseudogen" in entry.type and "pseudogene" not in given):
        implied.append(("pseudo", None))
    codon_start = given.get("codon_start") or (str(phase + 1) if phase >= 0 else "")
    classes = {
        "CDS": ("codon_start", codon_start),
        "ncRNA": ("ncRNA_class", rna_class(entry.type)),
        "regulatory": ("regulatory_class", regulatory_class(entry.type)),
        "exon": ("number", given.get("exon_number")),
    }
    key, value = classes.get(entry.kind, ("", None))
    if value and (key == "codon_start" or key not in given):
        implied.append((key, value))
    return implied

"""The feature table of one record, from text to rows of the features table.

Format: the INSDC Feature Table Definition: a key in column 6, location and qualifiers from column 22. gb-io reads the
table first. If it fails, or finds another number of features than the text has keys, Biopython's scanner reads it.
Tables of other programs must have been put into columns before (`genbank.layout`).
Both receive only the feature table, under a fixed LOCUS line, so that damage elsewhere in the record does not matter.
Qualifier values are those of Biopython: lines joined with a blank, translations without blanks, doubled quotes
reduced to one.
"""

import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gb_io
import numpy as np
from Bio import BiopythonParserWarning
from Bio.GenBank.Scanner import GenBankScanner

from dnacorpus import limits
from dnacorpus.bounded import whole_number
from dnacorpus.formats.refusal import RefusalError
from dnacorpus.sequence import location

_LOCUS = "LOCUS       FEATURES                   0 bp    DNA     linear   UNK 01-JAN-1980\n"
_TITLE = "FEATURES             Location/Qualifiers\n"
_OPENING = (_LOCUS + _TITLE).encode()
_KEY = re.compile(r"^ {5}(\S+) +((?:[<>(\d]|[\w.|-]+[(:]).*(?:\n {21}(?! */).*)*)", re.M)
_FEATURE_LINE = re.compile(rb"^ {5}\S", re.M)
_QUALIFIER_LINE = re.compile(rb"^ {21} */", re.M)
_QUALIFIER = re.compile(r"^ {21} */", re.M)
# gb-io joins the lines of an unquoted value without a blank. A line of this form inside a quoted value is joined with
# the same blank that would be added later.
_UNQUOTED = re.compile(r"^( {21}/[^\s=\"]+=[^\"\n][^\n]*(?:\n {21}(?! */)[^\n]*)+)", re.M)
_CONTINUATION = re.compile(r"(?<! ) *\n {21} *")
_SWALLOWED = re.compile(r'\n *(/[^\s="]+) *= *"(?!")')
_REMOVED = re.compile(r'[\s"]+')  # characters that reading may remove
COLUMNS = ("gene", "locus_tag", "product", "protein_id")
"""Qualifiers whose first value has its own column."""
NUMBERS = ("transl_table", "codon_start")
"""Qualifiers whose first value has its own column of integers."""
_TAXON = re.compile(r"taxon:(\d{1,18})")

_scanner: Callable[[], Any] = GenBankScanner  # Biopython has no types

Qualifiers = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class GenBankFeature:
    """One feature as written: ``location`` verbatim but without blanks, qualifiers in order."""

    kind: str
    location: str
    qualifiers: Qualifiers


def read_features(block: str) -> list[GenBankFeature]:
    """Read the lines of a feature table, without its FEATURES line, with line ends ``\\n``.

    Raises RefusalError (features) with the errors of both readers.
    """
    if not block.strip():
        return []
    try:
        return _by_gb_io(block)
    except RefusalError as first:
        try:
            return _by_biopython(block)
        except RefusalError as second:
            raise RefusalError("features", f"gb-io: {first}; Biopython: {second}") from second


def refuse_many(table: bytes) -> None:
    """Raise RefusalError (too_large) for a feature table with more features or qualifiers than their limits."""
    lines = table.count(b"\n")
    for limit, opening in ((limits.FEATURES, _FEATURE_LINE), (limits.QUALIFIERS, _QUALIFIER_LINE)):
        if lines > limit and (found := sum(1 for _ in opening.finditer(table))) > limit:
            raise RefusalError("too_large", limit.exceeded(found))


def feature_row(feature: GenBankFeature, index: int, length: int, circular: bool) -> dict[str, Any]:
    """Return the feature's row of the features table, without the columns accession and ordinal.

    ``length`` (bases) and ``circular`` are those of the molecule; they decide whether a feature crosses the origin.
    """
    keys = {key for key, _ in feature.qualifiers}
    parsed = location.read(feature.location, length, circular, "trans_splicing" in keys)
    columns, rest = _columns(feature.qualifiers)
    return {
        "index": index,
        "kind": feature.kind,
        "start": parsed.start,
        "end": parsed.end,
        "strand": parsed.strand,
        "operator": parsed.operator,
        "parts": [
            {"accession": part.accession, "start": part.start, "end": part.end, "strand": part.strand}
            for part in parsed.parts
        ],
        "partial_start": parsed.partial_start,
        "partial_end": parsed.partial_end,
        "location": feature.location,
        "pseudo": "pseudo" in keys or "pseudogene" in keys,
        **columns,
        "qualifiers": as_rows(rest),
    }


def as_rows(qualifiers: Qualifiers) -> list[dict[str, str | None]]:
    """Return qualifiers as the {key, value} structs of the tables, in order."""
    return [{"key": key, "value": value} for key, value in qualifiers]


def source_of(features: list[GenBankFeature]) -> GenBankFeature | None:
    """Return the first ``source`` feature, or None."""
    return next((feature for feature in features if feature.kind == "source"), None)


def taxid_of(source: GenBankFeature | None) -> int | None:
    """Return the number of the first ``/db_xref="taxon:N"`` of a source feature, or None."""
    for key, value in source.qualifiers if source else []:
        match = _TAXON.fullmatch(value or "") if key == "db_xref" else None
        if match:
            return int(match[1])
    return None


def _columns(qualifiers: Qualifiers) -> tuple[dict[str, str | int | None], Qualifiers]:
    columns: dict[str, str | int | None] = dict.fromkeys(COLUMNS + NUMBERS)
    rest: Qualifiers = []
    seen: set[str] = set()
    for key, value in qualifiers:
        if key in columns and key not in seen:
            seen.add(key)
            columns[key] = _number(value) if key in NUMBERS else value
            if columns[key] is not None:
                continue
        if key != "pseudo" or value is not None:
            rest.append((key, value))
    return columns, rest


def _number(value: str | None) -> int | None:
    return whole_number(value) if value else None


def agrees(block: bytes, kinds: list[str], qualifiers: list[int]) -> bool:
    """Tell whether gb-io finds these feature keys in a feature table, and these numbers of qualifiers."""
    try:
        features = _loaded(block)
    except RefusalError:
        return False
    found = [(feature.kind, len(feature.qualifiers)) for feature in features]
    return found == list(zip(kinds, qualifiers, strict=True))


def _loaded(block: bytes) -> list[Any]:
    if _nested_deeply(block):
        raise RefusalError("features", f"brackets: {limits.LOCATION_DEPTH.exceeded()}")
    try:
        records = gb_io.load(io.BytesIO(_OPENING + block + b"//\n"))
    except (ValueError, OSError, TypeError, RuntimeError) as error:
        raise RefusalError("features", " ".join(str(error).split())[:200]) from error
    except BaseException as error:
        # A panic of Rust code is a pyo3_runtime.PanicException, which is not an Exception.
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise RefusalError("features", f"panic: {error}"[:200]) from error
    return list(records[0].features) if records else []


def _nested_deeply(block: bytes) -> bool:
    """Tell whether gb-io, which reads locations recursively, would overflow the stack and crash the process."""
    if block.count(b"(") <= limits.LOCATION_DEPTH:
        return False
    text = np.frombuffer(block, np.uint8)
    steps = (text == ord("(")).astype(np.int8) - (text == ord(")")).astype(np.int8)
    depth = np.cumsum(steps[steps != 0], dtype=np.int32)
    return int((depth - np.minimum.accumulate(depth)).max()) >= limits.LOCATION_DEPTH


def _by_gb_io(block: str) -> list[GenBankFeature]:
    keys = _KEY.findall(block)
    if not keys:
        raise RefusalError("features", "no feature key in column 6")
    if _UNQUOTED.search(block):
        block = _UNQUOTED.sub(lambda match: _CONTINUATION.sub(" ", match[0]), block)
    loaded = _loaded(block.encode())
    if [feature.kind for feature in loaded] != [key for key, _ in keys]:
        raise RefusalError("features", f"expected {len(keys)} features, found {len(loaded)}")
    features = [
        GenBankFeature(kind, "".join(text.split()), [(q.key, _value(q.key, q.value)) for q in feature.qualifiers])
        for (kind, text), feature in zip(keys, loaded, strict=True)
    ]
    # gb-io skips lines that are indented too far, and keeps the outer quotes of a value with a single inner quote.
    lines, read = len(_QUALIFIER.findall(block)), sum(len(feature.qualifiers) for feature in features)
    if lines != read:
        raise RefusalError("features", f"expected {lines} qualifiers, found {read}")
    if any(value and value.lstrip()[:1] == '"' for feature in features for _, value in feature.qualifiers):
        raise RefusalError("features", "a quote that is not doubled")
    return features


def _value(key: str, value: str | None) -> str | None:
    if value is None:
        return None
    if key == "translation":
        return "".join(value.split())
    if "\n" not in value:
        return value
    first, *middle, last = value.split("\n")
    return " ".join([first.rstrip(), *(line.strip() for line in middle if line.strip()), last.lstrip()])


def _by_biopython(block: str) -> list[GenBankFeature]:
    scanner = _scanner()
    scanner.set_handle(io.StringIO(f"{block}ORIGIN\n//\n"))
    scanner.line = _TITLE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", message="line too short")  # the scanner would skip it
            scanned = scanner.parse_features()
    except (ValueError, AssertionError, IndexError, StopIteration, BiopythonParserWarning) as error:
        raise RefusalError("features", " ".join(f"{type(error).__name__}: {error}".split())[:200]) from error
    for swallowed in (_SWALLOWED.search(value or "") for _, _, qualifiers in scanned for _, value in qualifiers):
        if swallowed:
            raise RefusalError("features", f"no quote at the end of the value before {swallowed[1]}")
    features = [
        GenBankFeature(kind, "".join(text.split()), [(key, _unquoted(key, value)) for key, value in qualifiers])
        for kind, text, qualifiers in scanned
    ]
    # The scanner skips text outside its columns.
    if _REMOVED.sub("", "".join(map(_text, features))) != _REMOVED.sub("", block):
        raise RefusalError("features", "text that belongs to no feature")
    return features


def _text(feature: GenBankFeature) -> str:
    pairs = (f"/{key}" if value is None else f"/{key}={value}" for key, value in feature.qualifiers)
    return f"{feature.kind}{feature.location}{''.join(pairs)}"


def _unquoted(key: str, value: str | None) -> str | None:
    if value is None:
        return None
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    return _value(key, value.replace("\n", " ").replace('""', '"'))

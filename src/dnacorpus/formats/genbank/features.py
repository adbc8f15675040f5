"""The feature table of a record: its text to rows of the features table.

Format: the INSDC Feature Table Definition: a key in column 6, location and qualifiers from column
22. gb-io reads kinds and qualifiers first; where it refuses, or finds another number of features
than the text has keys, Biopython's scanner is the second opinion. Both see the feature table alone,
under a LOCUS line of our own, so that nothing else in a record can spoil it. Qualifier values are
those of Biopython: lines joined with a blank, a translation without blanks, doubled quotes undone.
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

from dnacorpus.formats.refusal import RefusalError
from dnacorpus.sequence import location

_LOCUS = "LOCUS       FEATURES                   0 bp    DNA     linear   UNK 01-JAN-1980\n"
_TITLE = "FEATURES             Location/Qualifiers\n"
_OPENING = (_LOCUS + _TITLE).encode()
_KEY = re.compile(r"^ {5}(\S+) +((?:[<>(\d]|[\w.|-]+[(:]).*(?:\n {21}(?! */).*)*)", re.M)
_QUALIFIER = re.compile(r"^ {21} */", re.M)
# gb-io joins the lines of an unquoted value without a blank; a line that looks so inside a quoted
# value ends up joined with the same blank that would have joined it later.
_UNQUOTED = re.compile(r"^( {21}/[^\s=\"]+=[^\"\n][^\n]*(?:\n {21}(?! */)[^\n]*)+)", re.M)
_CONTINUATION = re.compile(r"(?<! ) *\n {21} *")
_DEEPEST = 1000
_SHED = re.compile(r'[\s"]+')  # what reading may take away
COLUMNS = ("gene", "locus_tag", "product", "protein_id")
"""Qualifiers of which the first value has a column of its own."""
NUMBERS = ("transl_table", "codon_start")
"""Those whose column is a number."""
_TAXON = re.compile(r"taxon:(\d{1,18})")

_scanner: Callable[[], Any] = GenBankScanner  # Biopython has no types

Qualifiers = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class GenBankFeature:
    """One feature as it is written: ``location`` verbatim without blanks, qualifiers in order."""

    kind: str
    location: str
    qualifiers: Qualifiers


def read_features(block: str) -> list[GenBankFeature]:
    """Read the lines of a feature table, without its FEATURES line, line ends ``\\n``.

    Raises RefusalError (features) with what both readers said.
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


def feature_row(feature: GenBankFeature, index: int, length: int, circular: bool) -> dict[str, Any]:
    """Return the feature's row of the features table, all columns but accession and ordinal.

    ``length`` (bases) and ``circular`` are the molecule's, to see which spans cross the origin.
    """
    keys = {key for key, _ in feature.qualifiers}
    place = location.read(feature.location, length, circular, "trans_splicing" in keys)
    columns, rest = _columns(feature.qualifiers)
    return {
        "index": index,
        "kind": feature.kind,
        "start": place.start,
        "end": place.end,
        "strand": place.strand,
        "operator": place.operator,
        "parts": [
            {"accession": part.accession, "start": part.start, "end": part.end, "strand": part.strand}
            for part in place.parts
        ],
        "partial_start": place.partial_start,
        "partial_end": place.partial_end,
        "location": feature.location,
        "pseudo": "pseudo" in keys or "pseudogene" in keys,
        **columns,
        "qualifiers": as_rows(rest),
    }


def as_rows(qualifiers: Qualifiers) -> list[dict[str, str | None]]:
    """Return qualifiers as the key/value structs of the tables, in order."""
    return [{"key": key, "value": value} for key, value in qualifiers]


def source_of(features: list[GenBankFeature]) -> GenBankFeature | None:
    """Return the first ``source`` feature, or None."""
    return next((feature for feature in features if feature.kind == "source"), None)


def taxid_of(source: GenBankFeature | None) -> int | None:
    """Return the number of the first ``/db_xref="taxon:N"`` of a source feature, or None."""
    values = [value or "" for key, value in source.qualifiers if key == "db_xref"] if source else []
    return next((int(match[1]) for match in map(_TAXON.fullmatch, values) if match), None)


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
    return int(value) if value and re.fullmatch(r"[0-9]{1,18}", value) else None


def agrees(block: bytes, kinds: list[str], qualifiers: list[int]) -> bool:
    """Tell whether gb-io finds these feature keys in a feature table, with so many qualifiers each."""
    try:
        found = _loaded(block)
    except RefusalError:
        return False
    return [feature.kind for feature in found] == kinds and [len(feature.qualifiers) for feature in found] == qualifiers


def _loaded(block: bytes) -> list[Any]:
    if _nested_deeply(block):
        raise RefusalError("features", f"brackets more than {_DEEPEST} deep")
    try:
        records = gb_io.load(io.BytesIO(_OPENING + block + b"//\n"))
    except (ValueError, OSError, TypeError, RuntimeError) as error:
        raise RefusalError("features", " ".join(str(error).split())[:200]) from error
    except BaseException as error:
        # A panic of Rust code arrives as pyo3_runtime.PanicException, which is no Exception.
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise RefusalError("features", f"panic: {error}"[:200]) from error
    return list(records[0].features) if records else []


def _nested_deeply(block: bytes) -> bool:
    """Tell whether gb-io, which reads locations by recursion, would overflow the stack and end the process."""
    if block.count(b"(") <= _DEEPEST:
        return False
    text = np.frombuffer(block, np.uint8)
    steps = (text == ord("(")).astype(np.int8) - (text == ord(")")).astype(np.int8)
    depth = np.cumsum(steps[steps != 0], dtype=np.int32)
    return int((depth - np.minimum.accumulate(depth)).max()) >= _DEEPEST


def _by_gb_io(block: str) -> list[GenBankFeature]:
    keys = _KEY.findall(block)
    if not keys:
        raise RefusalError("features", "no feature key in column 6")
    if _UNQUOTED.search(block):
        block = _UNQUOTED.sub(lambda match: _CONTINUATION.sub(" ", match[0]), block)
    found = _loaded(block.encode())
    if [feature.kind for feature in found] != [key for key, _ in keys]:
        raise RefusalError("features", f"expected {len(keys)} features, found {len(found)}")
    features = [
        GenBankFeature(kind, "".join(text.split()), [(q.key, _value(q.key, q.value)) for q in feature.qualifiers])
        for (kind, text), feature in zip(keys, found, strict=True)
    ]
    # gb-io passes over what is indented too far, and leaves a value whose quotes are not doubled in its quotes.
    lines, read = len(_QUALIFIER.findall(block)), sum(len(feature.qualifiers) for feature in features)
    if lines != read:
        raise RefusalError("features", f"expected {lines} qualifiers, found {read}")
    if any(value and value[0] == '"' for feature in features for _, value in feature.qualifiers):
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
            warnings.filterwarnings("error", message="line too short")  # which the scanner would leave out
            found = scanner.parse_features()
    except (ValueError, AssertionError, IndexError, StopIteration, BiopythonParserWarning) as error:
        raise RefusalError("features", " ".join(f"{type(error).__name__}: {error}".split())[:200]) from error
    features = [
        GenBankFeature(kind, "".join(text.split()), [(key, _unquoted(key, value)) for key, value in qualifiers])
        for kind, text, qualifiers in found
    ]
    # The scanner passes over what stands in none of its columns.
    if _SHED.sub("", "".join(map(_text, features))) != _SHED.sub("", block):
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

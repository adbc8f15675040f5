"""A flat file as Biopython reads it, in the terms of the tables."""

import io
import warnings
from typing import Any

from Bio import SeqIO
from Bio.GenBank.Scanner import GenBankScanner
from Bio.SeqFeature import SimpleLocation
from Bio.SeqRecord import SeqRecord


def read(text: str) -> list[SeqRecord]:
    """Return Biopython's records of a text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(SeqIO.parse(io.StringIO(text), "genbank"))


def parts(location: Any) -> list[tuple[str | None, int, int, int]]:
    """Return (remote accession, start, end, strand) of a Biopython location, in transcript order."""
    spans: list[SimpleLocation] = location.parts
    return [(span.ref, int(span.start), int(span.end), span.strand) for span in spans]


def qualifiers_in_order(record_text: str) -> list[tuple[str, str, list[tuple[str, str | None]]]]:
    """Return (kind, location, qualifiers in order) of one record's features, values raw but for their quotes."""
    scanner = GenBankScanner()
    scanner.set_handle(io.StringIO(record_text))
    scanner.find_start()
    scanner.parse_header()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = scanner.parse_features()
    return [
        (kind, location.replace(" ", ""), [(key, _value(key, value)) for key, value in pairs])
        for kind, location, pairs in found
    ]


def _value(key: str, value: str | None) -> str | None:
    if value is None:
        return None
    value = value.replace("\n", " ")
    if len(value) > 1 and value.startswith('"') and value.endswith('"'):
        value = value[1:-1]
    value = value.replace('""', '"')
    return "".join(value.split()) if key == "translation" else value

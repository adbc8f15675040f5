"""EMBL flat files for tests, written and read by Biopython."""

import io
import warnings

from Bio import SeqIO
from Bio.SeqRecord import SeqRecord


def biopython(text: str, form: str = "embl") -> list[SeqRecord]:
    """Return Biopython's records of a text in EMBL's or GenBank's format."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(SeqIO.parse(io.StringIO(text), form))


def as_embl(text: str) -> str:
    """Return GenBank records in EMBL's format."""
    records = biopython(text, "genbank")
    for found in records:
        found.annotations["molecule_type"] = "genomic DNA"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return "".join(found.format("embl") for found in records)

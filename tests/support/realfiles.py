"""Real flat files through the parse stage, and as Biopython reads the same bytes."""

from pathlib import Path
from typing import Any

from support.oracle import read

from dnacorpus.formats.genbank.reader import FlatFile, text_of
from dnacorpus.formats.gunzip import Gunzip
from dnacorpus.formats.read_part import Files
from dnacorpus.formats.sniff import GZIP_MAGIC
from dnacorpus.schemas import parts as schemas
from dnacorpus.stages.parse import parse_part
from dnacorpus.storage import parquet as tables

DIVISIONS = (
    "archaea bacteria fungi invertebrate mitochondrion plant plasmid plastid protozoa vertebrate_mammalian"
    " vertebrate_other viral"
).split()


UNREADABLE_PAPERS = {"jats/JATS4R__auths-affs-test2.xml": "a prefix that nothing declares"}
"""Files of papers that are not well-formed XML, and why."""


def parsed(path: Path, fna: list[Path], out: Path) -> dict[int, dict[str, Any]]:
    """Return what the tables have of each record or reject, by ordinal."""
    assert parse_part("custom", "x", Files([path], fna), out) == ""
    found: dict[int, dict[str, Any]] = {}
    for name in ("records", "rejects", "features", "references", "segments"):
        for row in tables.read(out / f"{name}.parquet", getattr(schemas, name.upper())).to_pylist():
            entry = found.setdefault(row["ordinal"], {"features": [], "references": [], "segments": []})
            entry[name] = row if name in ("records", "rejects") else [*entry[name], row]
    return found


def raws_of(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        magic = file.read(2)
    with path.open("rb") as file:
        return [raw.data for raw in FlatFile(Gunzip(file) if magic == GZIP_MAGIC else file, path.name)]


def biopythons(data: bytes) -> list[Any] | None:
    """Return Biopython's records of a text, or None where it refuses it."""
    try:
        return read(text_of(data))
    except (ValueError, AssertionError):
        return None

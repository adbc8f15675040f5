"""Formats that are read nowhere here, known by how a file begins, and what to use instead."""

import re
from collections.abc import Callable, Sequence

from dnacorpus.genbank import ForeignFormatError

_SAM_HEADER = re.compile(rb"@(?:HD|SQ|RG|PG|CO)\t")
_SAM_LINE = re.compile(rb"[^\t]+\t\d+\t[^\t]+\t\d+\t\d+\t(?:\*|(?:\d+[MIDNSHPX=])+)\t")
_WIG = re.compile(rb"(?:fixedStep|variableStep)\b|track\b.*\btype=[\"']?wiggle_0")
_BED_GRAPH = re.compile(rb"track\b.*\btype=[\"']?bedGraph|\S+\t\d+\t\d+\t-?[\d.]+(?:[eE]-?\d+)?\s*$")
_BED = re.compile(rb"(?:track|browser)\s|[^\s#]+\t\d+\t\d+(?:\t|\s*$)")
_BINARY = (
    (b"BAM\x01", "BAM"),
    (b"CRAM", "CRAM"),
    (b"BCF\x02", "BCF"),
    (b"\x26\xfc\x8f\x88", "bigWig"),
    (b"\x88\x8f\xfc\x26", "bigWig"),
    (b"\xeb\xf2\x89\x87", "bigBed"),
    (b"\x87\x89\xf2\xeb", "bigBed"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"PK\x03\x04", "zip"),
)
_TEXT: tuple[tuple[str, Callable[[bytes], object]], ...] = (
    ("VCF", lambda line: line.startswith(b"##fileformat=VCF")),
    ("SAM", lambda line: _SAM_HEADER.match(line) or _SAM_LINE.match(line)),
    ("WIG", _WIG.match),
    ("bedGraph", _BED_GRAPH.match),
    ("BED", _BED.match),
    ("GenBank", lambda line: line.startswith(b"LOCUS ")),
    ("EMBL", lambda line: line.startswith(b"ID   ")),
    ("FASTA", lambda line: line.startswith(b">")),
)
_READS = "reads, not records; assemble and annotate them first"
_VARIANTS = "differences from a sequence, not records; give the sequence itself"
_SIGNAL = "values along a sequence, not features; give GFF3, GTF or a GenBank flat file"
_INTERVALS = "intervals without qualifiers; give GFF3, GTF or a GenBank flat file"
_PACKED = "still compressed; uncompress it first"
_ADVICE = {
    "FASTQ": _READS,
    **dict.fromkeys(("SAM", "BAM", "CRAM"), "alignments of reads, not records; give GFF3, GTF or a GenBank flat file"),
    **dict.fromkeys(("VCF", "BCF"), _VARIANTS),
    **dict.fromkeys(("WIG", "bedGraph", "bigWig"), _SIGNAL),
    **dict.fromkeys(("BED", "bigBed"), _INTERVALS),
    **dict.fromkeys(("gzip", "bzip2", "xz", "zip"), _PACKED),
    "GenBank": "annotation and bases in one; give it as a GenBank flat file (--gbff)",
    "EMBL": "read in its GenBank form only; give that form of the records",
    "FASTA": "bases without annotation; give it as FASTA (--fna)",
}


def format_of(head: Sequence[bytes]) -> str | None:
    """Name the format of a file by its first lines, or None: not one of those that have a name here."""
    if head:
        for magic, name in _BINARY:
            if head[0].startswith(magic):
                return name
    lines = [line for line in head if line.strip() and (not line.startswith(b"#") or line.startswith(b"##fileformat"))]
    if not lines:
        return None
    if lines[0].startswith(b"@") and any(line.startswith(b"+") for line in lines[2:3]):
        return "FASTQ"
    return next((name for name, fits in _TEXT if fits(lines[0])), None)


def refuse_foreign(head: Sequence[bytes], where: str, expected: str, accepted: Sequence[str] = ()) -> None:
    """Refuse a file that begins as another format does; ``accepted`` are names of `format_of` to let pass.

    Raises ForeignFormatError, which names ``where``, what was expected, the format found and what to use.
    """
    found = format_of(head)
    if found is not None and found not in accepted:
        raise ForeignFormatError(f"{where}: expected {expected}, found {found}: {_ADVICE[found]}")

"""Recognition of file formats by their first bytes or lines, and advice for files in the wrong format."""

import re
from collections.abc import Callable, Sequence

from dnacorpus.errors import CorpusError

GZIP_MAGIC = b"\x1f\x8b"
"""The first bytes of a gzip stream."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""The UTF-8 byte order mark that some editors write at the start of a text file."""
HEAD_BYTES = 1 << 16
"""How much of the start of a file readers pass to `refuse_foreign`."""

_SAM_HEADER = re.compile(rb"@(?:HD|SQ|RG|PG|CO)\t")
_SAM_LINE = re.compile(rb"[^\t]+\t\d+\t[^\t]+\t\d+\t\d+\t(?:\*|(?:\d+[MIDNSHPX=])+)\t")
_GFF_DIRECTIVE = re.compile(rb"##?!?gff|##sequence-region\b", re.I)
_GFF_LINE = re.compile(rb"(?:[^\t]+\t){3}\d+\t\d+\t[^\t]+\t[-+.?]\t[012.]\t")
_GTF_VERSION = re.compile(rb"##?!?gtf", re.I)
_GTF_LINE = re.compile(_GFF_LINE.pattern + rb".*\b(?:gene|transcript)_id \"")
_WIG = re.compile(rb"(?:fixedStep|variableStep)\b|track\b.*\btype=[\"']?wiggle_0")
_BED_GRAPH = re.compile(rb"track\b.*\btype=[\"']?bedGraph|\S+\t\d+\t\d+\t-?[\d.]+(?:[eE]-?\d+)?\s*$")
_BED = re.compile(rb"(?:track|browser)\s|[^\s#]+\t\d+\t\d+(?:\t|\s*$)")
_HTML = re.compile(rb"<html\b", re.I)
_MARKUP = re.compile(rb"\s*<(?:[?!]|[A-Za-z][\w:.-]*[\s/>])")
_DOCTYPE = re.compile(rb"\s*<!doctype html\b", re.I)
_JSON = re.compile(rb"\s*(?:\{\s*(?:\"|$)|\[\s*[\[{\"])")
_ASN1 = re.compile(rb"[A-Z][A-Za-z-]* ::= ")
_UNIPROT = re.compile(rb"ID   \w+ +(?:Reviewed|Unreviewed);")
_BINARY = (
    (b"BAM\x01", "BAM"),
    (b"CRAM", "CRAM"),
    (b"BCF\x02", "BCF"),
    (b"\x26\xfc\x8f\x88", "bigWig"),
    (b"\x88\x8f\xfc\x26", "bigWig"),
    (b"\xeb\xf2\x89\x87", "bigBed"),
    (b"\x87\x89\xf2\xeb", "bigBed"),
    (b"\x43\x27\x41\x1a", "2bit"),
    (b"\x1a\x41\x27\x43", "2bit"),
    (b"%PDF-", "PDF"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (GZIP_MAGIC, "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
)
# In order: the first match counts.
_TEXT: tuple[tuple[str, Callable[[bytes], object]], ...] = (
    ("VCF", lambda line: line.startswith(b"##fileformat=VCF")),
    ("GTF", lambda line: _GTF_VERSION.match(line) or _GTF_LINE.match(line)),
    ("GFF3", lambda line: _GFF_DIRECTIVE.match(line) or _GFF_LINE.match(line)),
    ("SAM", lambda line: _SAM_HEADER.match(line) or _SAM_LINE.match(line)),
    ("WIG", _WIG.match),
    ("bedGraph", _BED_GRAPH.match),
    ("BED", _BED.match),
    ("GenBank", lambda line: line.startswith(b"LOCUS ")),
    ("UniProt", _UNIPROT.match),
    ("EMBL", lambda line: line.startswith(b"ID   ")),
    ("FASTA", lambda line: line.startswith(b">")),
    ("HTML", lambda line: _DOCTYPE.match(line) or (_MARKUP.match(line) and _HTML.search(line))),
    ("XML", _MARKUP.match),
    ("JSON", _JSON.match),
    ("ASN.1", _ASN1.match),
    ("Git LFS", lambda line: line.startswith(b"version https://git-lfs.github.com/")),
)
_DIRECTIVE = re.compile(rb"##?!?(?:fileformat|gff|gtf)|##sequence-region\b", re.I)
_READS = "reads, not records; assemble and annotate them first"
_VARIANTS = "differences from a sequence, not records; give the sequence itself"
_SIGNAL = "values along a sequence, not features; give GFF3, GTF or a GenBank flat file"
_INTERVALS = "intervals without qualifiers; give GFF3, GTF or a GenBank flat file"
_PACKED = "still compressed; uncompress it first"
_ANNOTATION = "annotation without bases; give it as annotation (--gff) with the FASTA of its sequences"
_ADVICE = {
    "FASTQ": _READS,
    **dict.fromkeys(("SAM", "BAM", "CRAM"), "alignments of reads, not records; give GFF3, GTF or a GenBank flat file"),
    **dict.fromkeys(("VCF", "BCF"), _VARIANTS),
    **dict.fromkeys(("WIG", "bedGraph", "bigWig"), _SIGNAL),
    **dict.fromkeys(("BED", "bigBed"), _INTERVALS),
    **dict.fromkeys(("gzip", "bzip2", "xz", "zstd", "zip"), _PACKED),
    **dict.fromkeys(("GFF3", "GTF"), _ANNOTATION),
    "2bit": "packed bases; convert it to FASTA (twoBitToFa) and give that (--fna)",
    "GenBank": "annotation and bases in one file; give it as a GenBank flat file (--gbff)",
    "EMBL": "annotation and bases in one file; give it as a flat file (--gbff)",
    "UniProt": "proteins, not nucleotide records; give the nucleotide records in GenBank format",
    "FASTA": "bases without annotation; give it as FASTA (--fna)",
    "PDF": "a paper, not records; set papers.source to its folder",
    "HTML": "a web page, perhaps a server's error message; fetch the file itself",
    **dict.fromkeys(("XML", "JSON"), "perhaps a server's error message; fetch the records in GenBank format"),
    "ASN.1": "not read; fetch the records in GenBank format",
    "Git LFS": "a pointer to a file, not the file; fetch it with `git lfs pull`",
    "UTF-16": "two bytes per letter; save it as UTF-8 or ASCII",
}


class ForeignFormatError(CorpusError):
    """A file in another format than expected."""


def format_of(head: Sequence[bytes]) -> str | None:
    """Return the name of a file's format by its first lines, or None if it is none of those listed here."""
    if head:
        for magic, name in _BINARY:
            if head[0].startswith(magic):
                return name
    lines = [line for line in head if line.strip() and (not line.startswith(b"#") or _DIRECTIVE.match(line))]
    if not lines:
        return None
    lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
    if _MARKUP.match(lines[0]):  # a page may begin with an XML declaration, comments and a long doctype
        lines[0] = b" ".join(lines)
    if lines[0].startswith(b"@") and any(line.startswith(b"+") for line in lines[2:3]):
        return "FASTQ"
    return next((name for name, fits in _TEXT if fits(lines[0])), None)


def refuse_foreign(head: Sequence[bytes], where: str, expected: str, accepted: Sequence[str] = ()) -> None:
    """Raise ForeignFormatError if a file begins like one of another format.

    ``accepted`` are names of `format_of` that are no error. The message names ``where``, the expected format, the
    format found and what to do.
    """
    found = format_of(head)
    if found is not None and found not in accepted:
        raise ForeignFormatError(f"{where}: expected {expected}, found {found}: {_ADVICE[found]}")

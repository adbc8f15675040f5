"""One line of a GFF3 or GTF file: what its nine columns say, and which name it and the features above it have.

Format: GFF3 1.26 (Sequence Ontology) and GTF 2.2. In GTF, and in forms like it, a feature has no name of its own: here
those of genes and transcripts contain a tab, which no ID of GFF3 does.
"""

import re
import sys
from typing import NamedTuple

from dnacorpus.formats.gff.attributes import gbkey, is_gtf, tidied

_COORDINATE = re.compile(rb"[1-9][0-9]{0,17}")
_STRANDS = {b"+": 1, b"-": -1, b".": 1, b"?": 1}
_PHASES = {b"0": 0, b"1": 1, b"2": 2, b".": -1}
_NO_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_IDENTIFIER = re.compile(rb"(?:^|;)\s*ID=([^;]+)")
_PARENT = re.compile(rb"(?:^|;)\s*Parent=([^;]+)")
_ANY_CASE = [re.compile(rb"(?:^|;)\s*%b=([^;]+)" % key, re.I) for key in (b"id", b"parent")]
_TRANSCRIPT = re.compile(rb'\btranscript_id[ =]\s*"?([^";]+)')
_GENE = re.compile(rb'\bgene_id[ =]\s*"?([^";]+)')
_NAME = re.compile(rb'(?:^|;)\s*name "([^"]+)"')
_BARE = re.compile(rb'\s*+([^\s;="]++)\s*+;?\s*+')
_PART = re.compile(rb'\bpart[= ]"?(\d{1,6})')
_EXON_NUMBER = re.compile(rb'\bexon_number "?(\d{1,4})\b')
_LOW = re.compile(rb"\bstart_range=\.(?:,|%2C)(\d{1,18})")
_HIGH = re.compile(rb"\bend_range=(\d{1,18})(?:,|%2C)\.")
_NOWHERE: list[int] = []
CDS_OF = b"CDS of\t"
"""The name of a CDS without a name begins with this; that of its parent follows."""
EXONS = frozenset(("exon", "coding_exon", "noncoding_exon", "pseudogenic_exon"))
CODONS = frozenset(("start_codon", "stop_codon"))
RNA = frozenset(("mRNA", "tRNA", "rRNA", "tmRNA", "ncRNA", "misc_RNA", "precursor_RNA"))
"""Feature keys of transcripts."""
SINGLE = frozenset(("gene", "transcript")) | RNA
"""Types of column 3 of which every GTF line is a feature of its own."""
_GROUPED = SINGLE | EXONS | CODONS | {"CDS"}


class Line(NamedTuple):
    """The facts of a line, 1-based and closed.

    ``strand`` is +1 or -1, ``phase``, ``part`` and ``exon`` (a number in GTF) are -1 if absent. ``id`` is the name of
    the feature, ``parents`` are those of the features above. ``lows`` and ``highs`` are the coordinates at which the
    feature continues below and above. ``flaws`` are those that cost nothing.
    """

    number: int
    type: str
    start: int
    end: int
    strand: int
    phase: int
    attributes: bytes
    gtf: bool
    id: bytes | None
    parents: tuple[bytes, ...]
    gbkey: str | None
    part: int
    exon: int
    lows: list[int]
    highs: list[int]
    flaws: tuple[str, ...]


def read_line(number: int, columns: list[bytes]) -> Line | str:
    """Return the facts of a line, or why it is invalid: columns, coordinates, strand or phase.

    Columns after the ninth are not read, and a flaw unless they are empty.
    """
    if len(columns) < 9:
        return "columns"
    _, source, name, start, end, _, strand, phase, attributes = columns if len(columns) == 9 else columns[:9]
    if not (_COORDINATE.fullmatch(start) and _COORDINATE.fullmatch(end)):
        return "coordinates"
    if strand not in _STRANDS:
        return "strand"
    if phase not in _PHASES:
        return "phase"
    kind = sys.intern(name.decode("utf-8", "replace"))
    attributes, gtf, flaws = _column_nine(kind, attributes)
    if len(columns) > 9 and any(text.strip() for text in columns[9:]):
        flaws += ("extra_columns",)
    part = _PART.search(attributes) if b"part" in attributes else None
    exon = _EXON_NUMBER.search(attributes) if gtf and kind in EXONS else None
    identifier, parents = links(kind, attributes, gtf)
    lows = highs = _NOWHERE
    if b"_range=" in attributes:
        lows, highs = ([*map(int, ends.findall(attributes))] for ends in (_LOW, _HIGH))
    return Line(
        number,
        kind,
        int(start),
        int(end),
        _STRANDS[strand],
        _PHASES[phase] if source != b"FIG" else -1,  # RAST writes the frame of the contig
        attributes,
        gtf,
        identifier,
        parents,
        gbkey(attributes),
        int(part[1]) if part else -1,
        int(exon[1]) if exon else -1,
        lows,
        highs,
        flaws,
    )


def _column_nine(kind: str, column: bytes) -> tuple[bytes, bool, tuple[str, ...]]:
    """Return column 9 in the form of GFF3 or GTF, whether it is GTF, and its flaws."""
    flaws: tuple[str, ...] = ()
    gtf = is_gtf(column)
    if not gtf and (b'"' in column or b" =" in column or b"= " in column):
        column, quoted = tidied(column)
        gtf, flaws = is_gtf(column), ("quotes",) if quoted else ()
    if not gtf and b"=" not in column and kind in _GROUPED:
        bare = _BARE.fullmatch(column)
        if bare and bare[1] != b".":
            return b'%b "%b";' % (b"gene_id" if kind == "gene" else b"transcript_id", bare[1]), True, flaws
    if not gtf and b"%" in column and _NO_ESCAPE.search(column):
        flaws += ("escape",)
    return column, gtf, flaws


def links_of(kind: str, column: bytes) -> tuple[bytes | None, tuple[bytes, ...]]:
    """Return the name of the feature, or None, and those of its parents, in column 9 as it is in the file."""
    attributes, gtf, _ = _column_nine(kind, column)
    return links(kind, attributes, gtf)


def links(kind: str, attributes: bytes, gtf: bool) -> tuple[bytes | None, tuple[bytes, ...]]:
    """Return the name of a line's feature, or None, and those of its parents."""
    if gtf:
        return _gtf_links(kind, attributes)
    name, parent = _IDENTIFIER.search(attributes), _PARENT.search(attributes)
    if name is None and parent is None:
        if b"transcript_id=" in attributes or b"gene_id=" in attributes:
            return _gtf_links(kind, attributes)
        name, parent = (pattern.search(attributes) for pattern in _ANY_CASE)
    return (name[1].rstrip() if name else None), _parents(parent[1]) if parent else ()


def _parents(text: bytes) -> tuple[bytes, ...]:
    if b"," not in text:
        return (text.rstrip(),)
    return tuple(dict.fromkeys(parent.strip() for parent in text.split(b",") if parent.strip()))


def _gtf_links(kind: str, attributes: bytes) -> tuple[bytes | None, tuple[bytes, ...]]:
    match = _GENE.search(attributes)
    gene = match[1] if match else b""
    if kind == "gene":
        return (b"\t%b" % gene if gene else None), ()
    match = _TRANSCRIPT.search(attributes)
    if not (match or gene):
        match = _NAME.search(attributes)  # JGI
    transcript = b"%b\t%b" % (match[1] if match else b"", gene)
    if transcript == b"\t":
        return None, ()
    if kind == "CDS" or kind in CODONS:
        return CDS_OF + transcript, (transcript,)
    if kind == "transcript" or kind in RNA:
        return transcript, ((b"\t%b" % gene,) if gene and match else ())
    return None, (transcript,)

"""Writing records as GenBank flat files and FASTA.

Format: GenBank release notes (gbrel.txt), section 3.4, and the INSDC Feature Table Definition: keywords in columns
1-12, feature keys from column 6, qualifiers from column 22, lines of at most 79 characters.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dnacorpus.sequence.location import Interval

_UNQUOTED = frozenset({"anticodon", "citation", "codon_start", "number", "transl_except", "transl_table"})
_QUALIFIER_WIDTH = 58
_HEADER_WIDTH = 67

Qualifier = tuple[str, str | None]
"""Key and value; a value of None is a flag such as ``/pseudo``."""


@dataclass(frozen=True, slots=True)
class FeatureEntry:
    """One feature, with its location as text."""

    kind: str
    location: str
    qualifiers: tuple[Qualifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """One REFERENCE of a record."""

    authors: str
    title: str
    journal: str
    pmid: int | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """The parts of a record other than its features and bases.

    ``length`` is that of the LOCUS line in ``unit`` (bp, aa or rc); ``contig`` and ``wgs`` are the text of these lines.
    """

    accession: str
    length: int
    molecule: str
    topology: str
    division: str
    date: str
    definition: str
    keywords: tuple[str, ...]
    organism: str
    source: str
    lineage: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    citations: tuple[Citation, ...]
    comment: str
    structured_comment: tuple[str, tuple[tuple[str, str], ...]]
    contig: str = ""
    wgs: str = ""
    unit: str = "bp"


def flat_record(header: Header, entries: Iterable[FeatureEntry], sequence: bytes) -> str:
    """Return the text of a record, ``//`` included; there is no ORIGIN if ``sequence`` is empty."""
    lines = [
        *_header_lines(header),
        "FEATURES             Location/Qualifiers",
        *(line for entry in entries for line in _entry_lines(entry)),
        *(_field("WGS", header.wgs) if header.wgs else ()),
        *(_field("CONTIG", header.contig) if header.contig else ()),
        *(origin(sequence) if sequence else ()),
        "//",
    ]
    return "\n".join(lines) + "\n"


def location(parts: Sequence[Interval], strand: int, partial: tuple[bool, bool] = (False, False)) -> str:
    """Return the location of 0-based half-open parts in transcript order, all on one strand.

    ``partial`` says whether the feature extends beyond its 5' and its 3' end.
    """
    forward = list(parts if strand == 1 else reversed(parts))
    low, high = partial if strand == 1 else partial[::-1]
    last = len(forward) - 1
    texts = []
    for number, (start, end) in enumerate(forward):
        before = "<" if low and number == 0 else ""
        after = ">" if high and number == last else ""
        texts.append(f"{before}{start + 1}..{after}{end}")
    joined = f"join({','.join(texts)})" if len(texts) > 1 else texts[0]
    return joined if strand == 1 else f"complement({joined})"


def origin(sequence: bytes) -> Iterator[str]:
    """Yield the ORIGIN lines of a sequence, in lower case as in GenBank."""
    yield "ORIGIN"
    lower = sequence.decode("ascii").lower()
    for start in range(0, len(lower), 60):
        line = lower[start : start + 60]
        blocks = (line[block : block + 10] for block in range(0, len(line), 10))
        yield f"{start + 1:>9} {' '.join(blocks)}"


def fasta_record(title: str, sequence: bytes) -> bytes:
    """Return a FASTA record with 80 bases per line; lower-case bases are kept, as soft-masked ones."""
    lines = [sequence[start : start + 80] for start in range(0, len(sequence), 80)]
    return b"\n".join([b">" + title.encode("ascii"), *lines, b""])


def _header_lines(header: Header) -> Iterator[str]:
    name = header.accession.partition(".")[0]
    strand, dash, kind = header.molecule.rpartition("-")
    molecule = f"{strand + dash:<3}{kind:<7} {header.topology:<8}"
    yield f"LOCUS       {name:<16} {header.length:>11} {header.unit} {molecule} {header.division} {header.date}"
    yield from _field("DEFINITION", header.definition)
    yield from _field("ACCESSION", name)
    yield from _field("VERSION", header.accession)
    for number, (database, link) in enumerate(header.links):
        yield from _field("" if number else "DBLINK", f"{database}: {link}")
    yield from _field("KEYWORDS", "; ".join(header.keywords) + ".")
    yield from _field("SOURCE", header.source)
    yield from _field("  ORGANISM", header.organism)
    yield from _field("", "; ".join(header.lineage) + ".")
    for number, citation in enumerate(header.citations, start=1):
        yield from _field("REFERENCE", f"{number}  (bases 1 to {header.length})")
        yield from _field("  AUTHORS", citation.authors)
        yield from _field("  TITLE", citation.title)
        yield from _field("  JOURNAL", citation.journal)
        if citation.pmid is not None:
            yield from _field("   PUBMED", str(citation.pmid))
    yield from _field("COMMENT", header.comment)
    block, items = header.structured_comment
    width = max(len(key) for key, _ in items)
    rows = [f"##{block}-START##", *(f"{key:<{width}} :: {value}" for key, value in items), f"##{block}-END##"]
    yield ""
    yield from (f"{'':<12}{row}" for row in rows)


def _field(keyword: str, text: str) -> Iterator[str]:
    if len(text) <= _HEADER_WIDTH:
        yield f"{keyword:<12}{text}"
        return
    for number, line in enumerate(textwrap.wrap(text, _HEADER_WIDTH, break_on_hyphens=False)):
        yield f"{'' if number else keyword:<12}{line}"


def _entry_lines(entry: FeatureEntry) -> Iterator[str]:
    for number, line in enumerate(_location_lines(entry.location)):
        yield f"     {'' if number else entry.kind:<16}{line}"
    for key, value in entry.qualifiers:
        for line in _qualifier_lines(key, value):
            yield f"{'':<21}{line}"


def _location_lines(text: str) -> Iterator[str]:
    while len(text) > _QUALIFIER_WIDTH:
        cut = text.rindex(",", 0, _QUALIFIER_WIDTH) + 1
        yield text[:cut]
        text = text[cut:]
    yield text


def _qualifier_lines(key: str, value: str | None) -> list[str]:
    if value is None:
        return [f"/{key}"]
    escaped = value.replace('"', '""')
    text = f"/{key}={value}" if key in _UNQUOTED else f'/{key}="{escaped}"'
    if len(text) <= _QUALIFIER_WIDTH:
        return [text]
    if key == "translation":
        return [text[start : start + _QUALIFIER_WIDTH] for start in range(0, len(text), _QUALIFIER_WIDTH)]
    return textwrap.wrap(text, _QUALIFIER_WIDTH, break_on_hyphens=False)

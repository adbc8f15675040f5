"""The header of a GenBank record: everything above its feature table, and its CONTIG line.

Format: the GenBank flat file, release notes (gbrel.txt) section 3.4: a keyword in columns 1-12, its text from
column 13, continuation lines with blanks in columns 1-12. Values are joined as in Biopython.
"""

import re
from dataclasses import dataclass, replace

from dnacorpus.formats.genbank.locus import LocusLine, locus_line, read_locus
from dnacorpus.formats.refusal import RefusalError
from dnacorpus.schemas.names import is_placeholder, stretch_name

_FIELD = re.compile(r"( {0,4})([A-Z][A-Z_]*)(?: +(.*))?")
_REGION = re.compile(r"\bREGION:\s*(\S.*)", re.S)
_BASE = re.compile(r"[<>]?([0-9]{1,18})")
_STATUS = re.compile(r"^[ \t]*([A-Z]+) REFSEQ:", re.M)
_ASSEMBLY = re.compile(r"GC[AF]_\d{9}\.\d+")
_LINEAGE_ALONE = frozenset(
    {
        "Bacteria.", "Archaea.", "Eukaryota.", "Unclassified.", "Viruses.",
        "cellular organisms.", "other sequences.", "unclassified sequences.",
    }
)  # fmt: skip
_UNITS = (
    ("patch", re.compile(r"genomic patch|\bPATCHES\b|\b(?:fix|novel) patch\b", re.I)),
    ("alternate", re.compile(r"alternate (?:locus|assembly)|ALT_REF_LOCI", re.I)),
    ("unplaced", re.compile(r"\bunplaced\b", re.I)),
    ("primary", re.compile(r"\bPrimary Assembly\b", re.I)),
)
_INDENT = " " * 12
_FEATURE = re.compile(r"^ {5}\S+ +(?:[<>]?\d+(?:\.\.|$)|complement\(|join\(|order\()", re.M)
_BLANKS = re.compile(r" +")
_PUBMED = re.compile(r"0*([1-9][0-9]{0,8})\b.*")
_MASTER_LINES = ("WGS", "WGS_SCAFLD", "TSA", "TLS")


@dataclass(frozen=True, slots=True)
class Reference:
    """One REFERENCE; ``bases`` is the text in its parentheses; absent fields are None."""

    bases: str | None = None
    authors: str | None = None
    consortium: str | None = None
    title: str | None = None
    journal: str | None = None
    pmid: int | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of a record above its features; absent fields are None or empty."""

    locus: LocusLine
    accession: str
    definition: str | None
    bioproject: str | None
    biosample: str | None
    assembly: str | None
    keywords: tuple[str, ...]
    organism: str | None
    lineage: tuple[str, ...]
    references: tuple[Reference, ...]
    comment: str | None
    structured_comment: tuple[tuple[str, str, str], ...]  # block, key, value
    refseq_status: str | None
    assembly_unit: str | None
    contig: str | None
    master_lines: bool  # it has a WGS, TSA or TLS line, which lists the records of a project

    @property
    def genome(self) -> str:
        """The key that the replicons of one genome share: the assembly, the sample, or the record's own accession."""
        return self.assembly or self.biosample or self.accession

    @property
    def pmids(self) -> list[int]:
        """The distinct PubMed ids of the references, in order."""
        return list(dict.fromkeys(reference.pmid for reference in self.references if reference.pmid is not None))


def read_header(text: str, bases: int | None = None) -> Header:
    """Read the lines of a record outside its feature table and sequence, LOCUS first.

    ``bases`` is the number of the record's own bases, None if unknown; see `read_locus`. Of a stretch of a record, as
    NCBI (REGION in ACCESSION) and antiSMASH (a structured comment) cut it out, the name has the region: it has
    coordinates of its own.
    Raises RefusalError with reason protein, bad_locus, locus, features (above the FEATURES line) or header (no
    accession).
    """
    lines = text.split("\n")
    fields = _fields(lines[1:])
    first = {keyword: "\n".join(values) for keyword, values in reversed(fields)}
    stated = _accession(first)
    locus = read_locus(locus_line(lines), stated, bases)
    if stated and locus.length is None:  # such records have a whole LOCUS line; this one has lost its end
        locus = replace(locus, length=0)
    if locus.unit == "aa":
        raise RefusalError("protein", f"expected bases, found a LOCUS of {locus.length} aa")
    if _FEATURE.search(text):
        raise RefusalError("features", "expected features under a FEATURES line, found some above it")
    comment, structured = _comments([values for keyword, values in fields if keyword == "COMMENT"])
    region = _region(first.get("ACCESSION", ""), structured)
    accession = stated or locus.name
    if accession and region:
        # A stretch is linear, even of a circular molecule.
        locus, accession = replace(locus, topology="linear"), stretch_name(accession, region)
    if not accession:
        raise RefusalError("header", "expected a name in VERSION, ACCESSION or LOCUS, found none")
    organism, lineage = _organism(first.get("ORGANISM", "").split("\n"))
    definition = _joined(first.get("DEFINITION"))
    links = _links(first.get("DBLINK", ""))
    return Header(
        locus=locus,
        accession=accession,
        definition=definition.removesuffix(".") if definition else None,
        bioproject=links.get("BioProject"),
        biosample=links.get("BioSample"),
        assembly=links.get("Assembly") or _annotated_assembly(structured),
        keywords=_keywords(_joined(first.get("KEYWORDS")) or ""),
        organism=organism,
        lineage=lineage,
        references=_references(fields),
        comment=comment,
        structured_comment=structured,
        refseq_status=_status(comment),
        assembly_unit=next((unit for unit, pattern in _UNITS if pattern.search(definition or "")), None),
        contig=_joined(first.get("CONTIG"), "") or None,
        master_lines=any(keyword in first for keyword in _MASTER_LINES),
    )


def accession_and_length(text: str) -> tuple[str | None, int]:
    """Return the accession of a rejected record, or None, and its stated length in bases, or 0."""
    lines = text.split("\n")
    first = {keyword: "\n".join(values) for keyword, values in reversed(_fields(lines))}
    try:
        locus = read_locus(locus_line(lines), _accession(first), 0)
    except RefusalError:
        words = lines[0].split()
        name = words[1] if words[:1] == ["LOCUS"] and len(words) > 1 else None
        return _accession(first) or name, 0
    return _accession(first) or locus.name or None, (locus.length or 0) if locus.unit == "bp" else 0


def _fields(lines: list[str]) -> list[tuple[str, list[str]]]:
    fields: list[tuple[str, list[str]]] = []
    for raw in lines:
        line = raw.rstrip()
        if line.startswith(_INDENT):
            if fields:
                fields[-1][1].append(line[12:])
            continue
        if line.startswith("//"):
            break
        match = None if line.startswith(" " * 5) else _FIELD.fullmatch(line)
        if match:
            fields.append((match[2], [line[12:].strip() if line[:12].strip() == match[2] else match[3] or ""]))
        elif line and fields:
            fields[-1][1].append(line[12:] if line[:12].isspace() else line.strip())
    return fields


def _joined(value: str | None, blank: str = " ") -> str | None:
    return None if value is None else blank.join(value.split("\n")).strip() or None


def _accession(first: dict[str, str]) -> str | None:
    for text in (first.get("VERSION", ""), first.get("ACCESSION", "").replace(";", " ")):
        words = text.split()
        # BioPerl, RAST and Biopython write "unknown" or "<unknown id>" below the name in LOCUS.
        if words and not words[0].startswith((".", "GI:")) and not any(map(is_placeholder, (words[0], "".join(words)))):
            return words[0]
    return None


def _links(text: str) -> dict[str, str]:
    links: dict[str, str] = {}
    name = None
    for line in text.split("\n"):
        key, colon, value = line.partition(":")
        if colon:
            name = key.strip()
            links.setdefault(name, value.strip())
        elif name:
            links[name] = f"{links[name]} {line.strip()}"
    return links


def _keywords(text: str) -> tuple[str, ...]:
    return tuple(word for word in (part.strip() for part in text.removesuffix(".").split(";")) if word)


def _organism(lines: list[str]) -> tuple[str | None, tuple[str, ...]]:
    name, lineage = [lines[0].strip()], ""
    for line in lines[1:]:
        if lineage or ";" in line or line.strip() in _LINEAGE_ALONE:
            lineage += " " + line
        elif line.strip() != ".":
            name.append(line.strip())
    organism = " ".join(name).strip()
    taxa = (taxon.strip() for taxon in lineage.strip().removesuffix(".").split(";"))
    return organism if organism not in ("", ".") else None, tuple(taxon for taxon in taxa if taxon)


def _references(fields: list[tuple[str, list[str]]]) -> tuple[Reference, ...]:
    references: list[dict[str, str]] = []
    for keyword, values in fields:
        value = " ".join(values).strip()
        if keyword == "REFERENCE":
            references.append({"REFERENCE": value})
        elif references and keyword in ("AUTHORS", "CONSRTM", "TITLE", "JOURNAL", "PUBMED", "REMARK"):
            before = references[-1].get(keyword)
            references[-1][keyword] = f"{before} {value}" if before else value
    return tuple(_reference(values) for values in references)


def _reference(values: dict[str, str]) -> Reference:
    text = _BLANKS.sub(" ", values["REFERENCE"])
    first, last = text.find("("), text.rfind(")")
    pubmed = _PUBMED.fullmatch(values.get("PUBMED", ""))
    return Reference(
        bases=text[first + 1 : last] if 0 <= first < last else None,
        authors=values.get("AUTHORS") or None,
        consortium=values.get("CONSRTM") or None,
        title=values.get("TITLE") or None,
        journal=values.get("JOURNAL") or None,
        pmid=int(pubmed[1]) if pubmed else None,
        remark=values.get("REMARK") or None,
    )


def _comments(comments: list[list[str]]) -> tuple[str | None, tuple[tuple[str, str, str], ...]]:
    plain: list[str] = []
    rows: list[tuple[str, str, str]] = []
    for lines in comments:
        block = None
        for line in lines:
            start = line.removesuffix("-START##").rpartition("#")[2] if line.endswith("-START##") else ""
            if start:
                block, opened = start, len(rows)
            elif block is None:
                plain.append(line)
            elif "-END##" in line:
                block = None
            elif line.startswith("NOTE: "):  # antiSMASH
                plain.append(line)
            elif "::" in line:
                key, _, value = line.partition("::")
                rows.append((block, key.strip(), value.strip()))
            elif len(rows) > opened:
                rows[-1] = (*rows[-1][:2], f"{rows[-1][2]} {line.strip()}")
            else:
                plain.append(line)
    return ("\n".join(plain) if plain else None), tuple(rows)


def _region(accession: str, structured: tuple[tuple[str, str, str], ...]) -> str | None:
    """Return the location of a stretch in the record that it was cut out of, 1-based and closed, or None."""
    if match := _REGION.search(accession):
        return match[1]
    original = {key: value for block, key, value in structured if block == "antiSMASH-Data"}
    start, end = (_BASE.fullmatch(original.get(key, "")) for key in ("Orig. start", "Orig. end"))
    return f"{int(start[1]) + 1}..{end[1]}" if start and end else None  # antiSMASH counts from 0


def _annotated_assembly(structured: tuple[tuple[str, str, str], ...]) -> str | None:
    for _, key, value in structured:
        match = _ASSEMBLY.search(value) if key in ("Annotation Name", "Assembly Accession") else None
        if match:
            return match[0]
    return None


def _status(comment: str | None) -> str | None:
    match = _STATUS.search(comment or "")
    return match[1].lower() if match else None

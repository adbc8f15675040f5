"""The header of an EMBL record as that of the same record in GenBank's layout.

Format: the EMBL flat file, user manual section 3.4. ID, AC, SV and DT become LOCUS, ACCESSION and VERSION; DE
DEFINITION; PR and DR DBLINK; KW KEYWORDS; OS and OC ORGANISM; RN and the lines below it REFERENCE; CC COMMENT; CO
CONTIG. FH, XX, OG, AH and AS lines have no place in a header of GenBank.
"""

import re
from collections.abc import Iterator

_LENGTH = re.compile(r"([0-9]{1,15}) *(BP|AA|SQ)\b", re.I)
_OLD_NAME = re.compile(r"(\S+)\s+(?:standard|preliminary|unreviewed|annotated|unannotated)\b.*", re.I)
_VERSION = re.compile(r"SV\s+([0-9]+)")
_DATE = re.compile(r"[0-9]{1,2}-[A-Z]{3}-[0-9]{4}", re.I)
_MOLECULE = re.compile(r"(?:.* )?([A-Za-z-]*(?:DNA|RNA))")
_DIVISION = re.compile(r"[A-Z]{3}")
_PUBMED = re.compile(r"PUBMED; *([0-9]+)", re.I)
_ORGANISM = re.compile(r'^ {21}/organism="([^"]*)"', re.M)
_PROJECT = re.compile(r"Project: *(\w+)")
_SAMPLE = re.compile(r"BioSample; *(\w+)")
_CIRCULAR = re.compile(r"\bcircular\b")
_BASES = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")
_PLACEHOLDERS = frozenset(("", "*", ".", "XXX", "unknown"))
_INDENT = " " * 12

_Fields = list[tuple[str, list[str]]]  # line code, its lines


def genbank_header(lines: list[str], table: str) -> tuple[str, dict[str, str]]:
    """Return a header in GenBank's layout, and, if references are numbered otherwise than from 1, their new numbers.

    ``lines`` are those of a record without its feature table, ``table`` is that in GenBank's layout, which has the
    name of the organism without its common name.
    """
    fields = _fields(lines)
    first: dict[str, list[str]] = {}
    for code, values in fields:
        first.setdefault(code, []).extend(values)
    accessions = " ".join(first.get("AC", [])).replace(";", " ").split()
    locus, name, version = _locus(first)
    accession = next((word for word in accessions if word not in _PLACEHOLDERS), name)
    stated = " ".join(first.get("SV", [])).strip()
    if stated.startswith(f"{accession}."):
        version = stated
    elif version:
        version = f"{accession}.{version}"
    links = [f"BioProject: {project}" for project in _PROJECT.findall(" ".join(first.get("PR", [])))]
    links += [f"BioSample: {sample}" for sample in _SAMPLE.findall(" ".join(first.get("DR", [])))]
    numbers, references = _references(fields)
    pieces = [
        locus,
        *_field("DEFINITION", " ".join(first.get("DE", []))),
        *_field("ACCESSION", accession),
        *_field("VERSION", version),
        *[f"{'' if number else 'DBLINK':<12}{link}" for number, link in enumerate(links)],
        *_field("KEYWORDS", " ".join(first.get("KW", []))),
        *_field("  ORGANISM", _organism(" ".join(first.get("OS", [])), table)),
        *_lineage(" ".join(first.get("OC", []))),
        *references,
        *[f"{'' if number else 'COMMENT':<12}{line}" for number, line in enumerate(first.get("CC", []))],
        *_field("CONTIG", "".join(first.get("CO", []))),
        *_field("WGS", " ".join(first.get("WG", []))),
    ]
    changed = {number: str(place) for place, number in enumerate(numbers, 1) if number != str(place)}
    return "\n".join(pieces) + "\n", changed


def _fields(lines: list[str]) -> _Fields:
    fields: _Fields = []
    for line in lines:
        code, text = line[:2], line[5:].rstrip()
        if code in ("//", "XX", "") or not line.strip():
            fields.append(("", []))
        elif fields and fields[-1][0] == code and code not in ("RN", "RX"):
            fields[-1][1].append(text)
        else:
            fields.append((code, [text]))
    return [field for field in fields if field[0]]


def _field(keyword: str, text: str) -> list[str]:
    return [f"{keyword:<12}{' '.join(text.split())}"] if text.strip() else []


def _locus(first: dict[str, list[str]]) -> tuple[str, str, str]:
    """Return the LOCUS line, the name and the version of a record."""
    words = [word.strip() for word in " ".join(first.get("ID", [])).split(";")]
    old = _OLD_NAME.fullmatch(words[0])
    name = old[1] if old else words[0]
    rest = words[1:]
    version = next((match[1] for word in rest if (match := _VERSION.fullmatch(word))), "")
    size = next((match for word in rest[::-1] if (match := _LENGTH.match(word))), None)
    size = size or _LENGTH.search(" ".join(first.get("SQ", [])))
    unit = size[2].lower() if size else "bp"
    if unit == "sq":
        unit = "aa" if "PRT" in rest else "rc"
    kind = " ".join(word for word in rest if word != name and not _VERSION.fullmatch(word))
    topology = "circular" if _CIRCULAR.search(kind) else "linear"
    molecules = (_MOLECULE.fullmatch(word) for word in rest)
    molecule = next((match[1] for match in molecules if match), "")
    division = next((word for word in rest[::-1] if _DIVISION.fullmatch(word)), "")
    dates = _DATE.findall("\n".join(first.get("DT", [])))
    length = size[1] if size else "0"
    return f"LOCUS       {name} {length} {unit} {molecule} {topology} {division} {''.join(dates[-1:])}", name, version


def _organism(name: str, table: str) -> str:
    name = " ".join(name.split())
    stated = _ORGANISM.search(table)
    organism = " ".join(stated[1].split()) if stated else ""
    if organism and name.startswith(organism):
        return organism
    latin, _, common = name.removesuffix(")").rpartition(" (")
    return latin if not organism and name.endswith(")") and latin and not set("()") & set(common) else name


def _lineage(text: str) -> list[str]:
    taxa = " ".join(text.split()).removesuffix(".").removesuffix(";")
    return [f"{_INDENT}{taxa};."] if taxa else []


def _references(fields: _Fields) -> tuple[list[str], list[str]]:
    """Return the numbers of the references and their lines in GenBank's layout."""
    numbers: list[str] = []
    lines: list[str] = []
    place = 0
    for code, values in fields:
        if code == "RN":
            numbers.append(" ".join(values).strip("[] "))
            place = len(lines)
            lines.append(f"REFERENCE   {len(numbers)}")
        elif numbers:
            if code == "RP":
                bases = "; ".join(f"{first} to {last}" for first, last in _BASES.findall(" ".join(values)))
                lines[place] = f"REFERENCE   {len(numbers)}  (bases {bases})" if bases else lines[place]
            else:
                lines += _line_of_reference(code, " ".join(values).strip())
    return numbers, lines


def _line_of_reference(code: str, text: str) -> Iterator[str]:
    keyword = {"RA": "  AUTHORS", "RG": "  CONSRTM", "RT": "  TITLE", "RL": "  JOURNAL", "RC": "  REMARK"}.get(code)
    if code == "RX" and (pubmed := _PUBMED.match(text)):
        yield f"   PUBMED   {pubmed[1]}"
    elif keyword:
        value = text.removesuffix(";").strip() if code in ("RA", "RG", "RT") else text
        if code == "RT" and len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        yield from _field(keyword, value)

"""Writes small GenBank flat-file records for tests: what NCBI's own writer would, unless told otherwise."""

import textwrap
from collections.abc import Iterable, Sequence

Qualifier = tuple[str, str | None]
Feature = tuple[str, str, Sequence[Qualifier]]

UNQUOTED = {"codon_start", "transl_table", "transl_except", "anticodon", "number", "citation", "estimated_length"}


def record(
    accession: str = "NC_000001.1",
    sequence: str = "",
    features: Iterable[Feature] = (),
    *,
    topology: str = "linear",
    molecule_type: str = "DNA",
    organism: str | None = "Escherichia coli",
    lineage: Sequence[str] = ("Bacteria", "Pseudomonadota", "Escherichia"),
    definition: str = "Test organism, complete genome.",
    keywords: Sequence[str] = ("RefSeq",),
    dblink: Sequence[str] = (),
    references: Sequence[dict[str, str]] = (),
    comment: str = "",
    contig: str = "",
    wgs: str = "",
    locus_length: int | None = None,
    locus_name: str | None = None,
    division: str = "BCT",
    date: str = "01-JAN-2020",
    unit: str = "bp",
) -> str:
    """Return one record's text, ``//`` included.

    A key of ``references`` is a subkey in lower case (authors, consrtm, title, journal, pubmed, remark) or ``bases``.
    ``contig`` and ``wgs`` are the text of those lines; without ``sequence`` there is no ORIGIN.
    """
    name = accession.split(".", maxsplit=1)[0]
    length = len(sequence) if locus_length is None else locus_length
    strand, dash, kind = molecule_type.rpartition("-")
    molecule = f"{strand + dash:<3}{kind:<7}"
    lines = [
        f"LOCUS       {locus_name or name:<16} {length:>11} {unit} {molecule} {topology:<8} {division} {date}",
        *field("DEFINITION", definition),
        *field("ACCESSION", name),
        *field("VERSION", accession),
        *[line for number, link in enumerate(dblink) for line in field("" if number else "DBLINK", link)],
        *field("KEYWORDS", "; ".join(keywords) + "."),
    ]
    if organism is not None:
        lines += [*field("SOURCE", organism), *field("  ORGANISM", organism), *field("", "; ".join(lineage) + ".")]
    for number, reference in enumerate(references, 1):
        lines += _reference(number, reference, length)
    lines += [f"{'' if number else 'COMMENT':<12}{line}" for number, line in enumerate(comment.splitlines())]
    lines += ["FEATURES             Location/Qualifiers", *(line for item in features for line in feature(*item))]
    lines += field("WGS", wgs) if wgs else []
    lines += field("CONTIG", contig) if contig else []
    lines += origin(sequence) if sequence else []
    return "\n".join(line.rstrip() for line in [*lines, "//"]) + "\n"


def field(keyword: str, text: str) -> list[str]:
    """Return the lines of a header field, wrapped at column 79."""
    wrapped = textwrap.wrap(text, 67, break_long_words=True, break_on_hyphens=False) or [""]
    return [f"{keyword if number == 0 else '':<12}{line}" for number, line in enumerate(wrapped)]


def feature(kind: str, location: str, qualifiers: Sequence[Qualifier] = ()) -> list[str]:
    """Return the lines of a feature; a value of None writes a qualifier without a value."""
    lines = [f"     {kind:<16}{piece}" if not number else " " * 21 + piece for number, piece in _location(location)]
    for key, value in qualifiers:
        text = f"/{key}" if value is None else f"/{key}={value}" if key in UNQUOTED else f'/{key}="{_escaped(value)}"'
        broken = textwrap.wrap(
            text, 58, break_long_words=True, break_on_hyphens=False, drop_whitespace=True, replace_whitespace=False
        )
        lines += [" " * 21 + line for line in broken]
    return lines


def origin(sequence: str) -> list[str]:
    """Return the ORIGIN lines of a sequence, lower case as GenBank writes it."""
    lower = sequence.lower()
    return ["ORIGIN"] + [
        f"{at + 1:>9} " + " ".join(lower[at + step : at + step + 10] for step in range(0, 60, 10)).rstrip()
        for at in range(0, len(lower), 60)
    ]


def fasta(*entries: tuple[str, str], width: int = 80) -> str:
    """Return FASTA text of (title, bases) entries."""
    return "".join(
        f">{title}\n" + "".join(f"{bases[at : at + width]}\n" for at in range(0, len(bases), width))
        for title, bases in entries
    )


def _reference(number: int, reference: dict[str, str], length: int) -> list[str]:
    bases = reference.get("bases", f"bases 1 to {length}")
    lines = field("REFERENCE", f"{number}  ({bases})")
    for key in ("authors", "consrtm", "title", "journal", "pubmed", "remark"):
        if key in reference:
            lines += field(f"{'   ' if key == 'pubmed' else '  '}{key.upper()}", reference[key])
    return lines


def _location(location: str) -> list[tuple[int, str]]:
    pieces, line = [], ""
    for piece in location.replace(",", ",\0").split("\0"):
        if len(line) + len(piece) > 58:
            pieces.append(line)
            line = ""
        line += piece
    return list(enumerate([*pieces, line]))


def _escaped(value: str) -> str:
    return value.replace('"', '""')

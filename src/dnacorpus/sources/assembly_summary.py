"""NCBI's tables of assemblies (``assembly_summary.txt``) as data frames.

The table is tab-separated: comment lines, a header that begins with ``#assembly_accession`` (older copies: ``#
assembly_accession``), then one line per assembly, with ``na`` for unknown values. Columns are found by name, because
their number has changed (22 in 2015, 38 since 2023) and old copies omit empty columns at the end of a line. Since 2025
some values contain tabs, so that their lines have more fields than columns.
"""

import logging
import re
from collections.abc import Collection, Iterable, Mapping

import polars as pl

from dnacorpus.errors import CorpusError

logger = logging.getLogger(__name__)

ACCESSION = re.compile(r"GC[AF]_[0-9]{9}(?:\.[0-9]{1,4})?")
"""An assembly accession, GCF_ of RefSeq or GCA_ of GenBank, with or without a version."""
UNKNOWN = ("", "na")
"""What stands for an unknown value."""

_REQUIRED = ("assembly_accession", "ftp_path")
_USED = ("version_status", "taxid", "species_taxid", "organism_name", "pubmed_id")
_RENAMED = {"submitter": "asm_submitter"}
# The columns of free text, the one that is most likely to contain a tab first, and the forms of others.
_FREE_TEXT = (
    "asm_submitter", "infraspecific_name", "isolate", "asm_name", "organism_name", "excluded_from_refseq",
    "relation_to_type_material", "annotation_provider", "annotation_name",
)  # fmt: skip
_FORMS = {
    "taxid": re.compile(r"[0-9]*|na"),
    "species_taxid": re.compile(r"[0-9]*|na"),
    "infraspecific_name": re.compile(r"^\w+=.*|na|"),
    "version_status": re.compile(r"latest|replaced|suppressed|na|"),
    "seq_rel_date": re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}|na|"),
    "ftp_path": re.compile(r"^[a-z]+://\S+|na|"),
    "genome_size": re.compile(r"[0-9]*|na"),
    "pubmed_id": re.compile(r"[0-9;, ]*|na"),
}
_UNUSUAL = re.compile(r"\W|_")  # what NCBI replaces in the names of folders
_CHUNK = 50_000  # lines held as text at a time


def read_summary(lines: Iterable[bytes], where: str, numbers: Collection[str] | None = None) -> pl.DataFrame:
    """Return a table of assemblies, one row per accession, all columns text, null if unknown.

    ``lines`` are those of an ``assembly_summary*.txt`` with their line ends. If ``numbers`` (accessions without
    version) is given, only those assemblies are kept. Lines that end before ``ftp_path``, have no accession, or
    have more fields than columns are left out with a warning. But if tabs inside one value explain the number of
    fields, they are read as blanks. Text that is not UTF-8 is read as Latin-1.
    Raises CorpusError naming ``where`` if the header is missing or lacks the accession or ``ftp_path``.
    """
    rest = iter(lines)
    columns = _header(rest, where)
    accession_column = columns.index("assembly_accession")
    last_required = max(columns.index(name) for name in _REQUIRED)
    frames: list[pl.DataFrame] = []
    kept: list[str] = []
    flawed = 0
    for line in rest:
        if line.startswith(b"#") or not line.strip():
            continue
        fields = line.count(b"\t") + 1
        accession = _column(line, accession_column) if fields > accession_column else ""
        # Only a truncated download leaves a line without its end.
        cut = fields < len(columns) and not line.endswith(b"\n")
        if fields <= last_required or cut or "." not in accession or not ACCESSION.fullmatch(accession):
            flawed += 1
        elif numbers is None or number_of(accession) in numbers:
            text = _text(line).rstrip("\r\n")
            whole = text if fields <= len(columns) else _rejoined(text, columns)
            flawed += whole is None
            kept += [] if whole is None else [whole]
        if len(kept) == _CHUNK:
            frames.append(_frame(kept, columns))
            kept = []
    if flawed:
        logger.warning(
            "%s: %d line(s) left out: expected an accession such as GCF_000001405.40, an ftp_path and %d fields"
            " in each; fetch the file again if it is truncated", where, flawed, len(columns),
        )  # fmt: skip
    table = pl.concat([*frames, _frame(kept, columns)])
    return table.unique("assembly_accession", keep="first", maintain_order=True)


def number_of(accession: str) -> str:
    """Return an accession without its version."""
    return accession.partition(".")[0]


def version_of(accession: str) -> int:
    """Return the version of an accession, or 0 if it has none."""
    return int(accession.partition(".")[2] or 0)


def _header(lines: Iterable[bytes], where: str) -> list[str]:
    for line in lines:
        if not line.strip():
            continue
        text = _text(line).removeprefix("\ufeff")
        if not text.startswith("#"):
            break
        columns = [name.strip() for name in text.lstrip("#").split("\t")]
        columns = [_RENAMED.get(name, name) for name in columns]
        if "assembly_accession" not in columns:
            continue
        if "ftp_path" in columns:
            return columns
        raise CorpusError(
            f"{where}: expected the columns {' and '.join(_REQUIRED)}, found {', '.join(columns[:12])};"
            " fetch the file again from genomes/refseq/"
        )
    raise CorpusError(
        f"{where}: expected a header that begins '#assembly_accession', found none;"
        " fetch the file again from genomes/refseq/, with its comment lines"
    )


def _rejoined(text: str, columns: list[str]) -> str | None:
    """Return a line of too many fields with those of one value joined, or None if the tabs of no value explain them.

    Fields beyond the last column are left out if the others are as they should be.
    """
    fields = text.split("\t")
    extra = len(fields) - len(columns)
    places = [columns.index(name) for name in _FREE_TEXT if name in columns]
    joined = [[*fields[:at], " ".join(fields[at : at + extra + 1]), *fields[at + extra + 1 :]] for at in places]
    rows = [row for row in [fields[: len(columns)], *joined] if _fits(columns, row)]
    rows.sort(key=lambda row: not _is_named_as_its_folder(dict(zip(columns, row, strict=True))))
    return "\t".join(rows[0]) if rows else None


def _fits(columns: list[str], row: list[str]) -> bool:
    named = dict(zip(columns, row, strict=True))
    return all(form.fullmatch(named[name].strip()) for name, form in _FORMS.items() if name in named)


def _is_named_as_its_folder(row: Mapping[str, str]) -> bool:
    """Tell whether the folder has the name of the assembly, whatever stands there for unusual characters."""
    folder = row["ftp_path"].strip().rpartition("/")[2].removeprefix(row["assembly_accession"].strip())
    return _UNUSUAL.sub("", folder) == _UNUSUAL.sub("", row.get("asm_name", ""))


def _frame(lines: list[str], columns: list[str]) -> pl.DataFrame:
    # A repeated column name gets a number.
    fields = [name if columns.index(name) == n else f"{name}_{n}" for n, name in enumerate(columns)]
    table = pl.Series("line", lines, dtype=pl.String).str.split_exact("\t", len(fields) - 1)
    known = pl.all().str.strip_chars()
    frame = table.struct.rename_fields(fields).struct.unnest().select(known.replace(UNKNOWN, [None] * len(UNKNOWN)))
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in _USED if name not in columns]
    return frame.with_columns(absent)


def _column(line: bytes, index: int) -> str:
    return line.split(b"\t", index + 1)[index].strip().decode("latin-1")


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")

"""NCBI's tables of assemblies (``assembly_summary.txt``), and the choice of assemblies from them.

The table is tab-separated: comment lines, a header that begins with ``#assembly_accession`` (older copies: ``#
assembly_accession``), then one line per assembly, with ``na`` for unknown values. Columns are found by name, because
their number has changed (22 in 2015, 38 since 2023) and old copies omit empty columns at the end of a line.
"""

import logging
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

import polars as pl

from dnacorpus.bounded import whole_number
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.storage.names import path_flaw

logger = logging.getLogger(__name__)

ACCESSION = re.compile(r"GC[AF]_[0-9]{9}(?:\.[0-9]{1,4})?")
"""An assembly accession, GCF_ of RefSeq or GCA_ of GenBank, with or without a version."""

_REQUIRED = ("assembly_accession", "ftp_path")
_USED = ("version_status", "taxid", "species_taxid", "organism_name", "pubmed_id")
_RENAMED = {"submitter": "asm_submitter"}
_UNKNOWN = ("", "na")
_MD5_LINE = re.compile(r"(?P<md5>[0-9a-fA-F]{32}) [ *]?(?:\./)?(?P<name>\S.*)")
_NOT_PLAIN = re.compile(r"[\s#?%\\]")
_BETWEEN_IDS = re.compile(r"[;,]")
_PMID = re.compile(r"0*[1-9][0-9]{0,8}")
_SHOWN = 12
_CHUNK = 50_000  # lines held as text at a time


class Taxonomy(Protocol):
    """The methods of a taxonomy that are used here; a taxonomy without taxa returns nothing."""

    def find(self, name: str) -> list[int]:
        """Return the taxids of a name."""

    def below(self, taxids: Iterable[int]) -> Iterable[int]:
        """Return these taxids and all taxids below them."""


def read_summary(lines: Iterable[bytes], where: str, numbers: Collection[str] | None = None) -> pl.DataFrame:
    """Return a table of assemblies, one row per accession, all columns text, null if unknown.

    ``lines`` are those of an ``assembly_summary*.txt`` with their line ends. If ``numbers`` (accessions without
    version) is given, only those assemblies are kept. Lines that end before ``ftp_path`` or have no accession are
    left out with a warning. Text that is not UTF-8 is read as Latin-1.
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
            kept.append(_text(line).rstrip("\r\n"))
        if len(kept) == _CHUNK:
            frames.append(_frame(kept, columns))
            kept = []
    if flawed:
        logger.warning(
            "%s: %d line(s) left out: expected an accession such as GCF_000001405.40 and an ftp_path in each;"
            " fetch the file again if it is truncated", where, flawed,
        )  # fmt: skip
    table = pl.concat([*frames, _frame(kept, columns)])
    return table.unique("assembly_accession", keep="first", maintain_order=True)


def selected(
    entry: Mapping[str, Any], summary: pl.DataFrame, taxa: Taxonomy | None
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the assemblies that an entry of ``custom_divisions`` selects, and taxon -> reason for taxa without any.

    The assemblies are sorted by accession. Raises UsageError for a name that several taxa have, for a missing column
    and for a value that never occurs in its column.
    """
    filters = {
        column: [None if value is None else str(value) for value in listed(values)]
        for column, values in entry.get("assemblies", {}).items()
    }
    if "taxon" not in entry:
        return select(summary, None, (), filters), {}
    frames, unmatched = [], {}
    for taxon in dict.fromkeys(" ".join(str(taxon).split()) for taxon in listed(entry["taxon"])):
        taxids, names = _resolve(entry["name"], taxon, taxa)
        chosen = select(summary, taxids, names, filters)
        frames.append(chosen)
        if chosen.is_empty():
            without_filters = select(summary, taxids, names)
            reason = "no assembly of it" if without_filters.is_empty() else "none of its assemblies"
            reason += " is in the table with the columns wanted"
            if names:
                reason += "; the taxonomy does not know it: set `taxonomy`, or correct the name"
            unmatched[taxon] = reason
    return pl.concat(frames).unique("assembly_accession").sort("assembly_accession"), unmatched


def listed(value: Any) -> list[Any]:
    """Return a list of values that the config gives as one value or as a list."""
    return list(value) if isinstance(value, list | tuple) else [value]


def select(
    frame: pl.DataFrame,
    taxids: Collection[int] | None = None,
    names: Collection[str] = (),
    filters: Mapping[str, Sequence[str | None]] | None = None,
) -> pl.DataFrame:
    """Return the latest versions of the assemblies of some taxa that pass all filters, sorted by accession.

    An assembly belongs to a taxon if its ``taxid`` or ``species_taxid`` is one of ``taxids``, or if its organism name
    is one of ``names`` or begins with one and a blank. ``taxids`` of None selects all assemblies. ``filters`` is
    column -> allowed values, with None or ``na`` for unknown. Assemblies without a folder on the server are left out
    with a warning. Raises UsageError for a missing column or a value that never occurs in its column.
    """
    chosen = pl.col("version_status").fill_null("latest") == "latest"
    if taxids is not None:
        wanted = pl.Series("taxid", sorted(str(taxid) for taxid in taxids), dtype=pl.String).implode()
        ours = pl.col("taxid").is_in(wanted) | pl.col("species_taxid").is_in(wanted)
        organism = pl.col("organism_name")
        for name in sorted(names):
            ours |= (organism == name) | organism.str.starts_with(f"{name} ")
        chosen &= ours.fill_null(value=False)
    for column, values in sorted((filters or {}).items()):
        chosen &= _allowed(frame, column, values)
    kept, without = with_folder(frame.filter(chosen))
    if without:
        logger.warning(
            "%d assembly(ies) left out: expected an ftp_path below genomes/, found none: %s",
            len(without), _listed(without),
        )  # fmt: skip
    return kept


def named(frame: pl.DataFrame, accessions: Iterable[str]) -> tuple[pl.DataFrame, list[str]]:
    """Return the assemblies of these accessions, sorted by accession, and the accessions that are not in the table.

    An accession with a version means exactly that version, whatever its status; without one, the latest version.
    """
    live: dict[str, str] = {}
    versions = set(frame["assembly_accession"])
    for accession, status in frame.select("assembly_accession", "version_status").iter_rows():
        number = number_of(accession)
        if status in (None, "latest"):
            live[number] = max(live.get(number, accession), accession, key=version_of)
    resolved = {name: name if "." in name else live.get(name) for name in sorted(set(accessions))}
    matched = {accession for accession in resolved.values() if accession in versions}
    missing = [name for name, accession in resolved.items() if accession not in matched]
    return frame.filter(pl.col("assembly_accession").is_in(sorted(matched))).sort("assembly_accession"), missing


def with_folder(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Return the assemblies with a folder below ``genomes/``, by accession, and the accessions of the others."""
    has_folder = pl.Series([folder_of(path) is not None for path in frame["ftp_path"]], dtype=pl.Boolean)
    return frame.filter(has_folder).sort("assembly_accession"), frame.filter(~has_folder)[
        "assembly_accession"
    ].sort().to_list()


def folder_of(ftp_path: str | None) -> str | None:
    """Return an assembly's folder relative to ``genomes/``, or None if its ``ftp_path`` names none.

    The scheme and host at the start of the path are ignored. Example:
    ``all/GCF/000/001/405/GCF_000001405.40_GRCh38.p14``.
    """
    folder = (ftp_path or "").partition("/genomes/")[2].rstrip("/")
    steps = folder.split("/")
    # The folder is joined to a path or URL of the user: it must not lead out of it or break a line.
    plain = folder.isprintable() and not _NOT_PLAIN.search(folder)
    return folder if plain and ACCESSION.match(steps[-1]) and not path_flaw(folder) else None


def pubmed_ids(stated: str | None) -> list[int]:
    """Return the distinct PubMed ids of a ``pubmed_id`` value, which ``;`` or ``,`` separate, in order.

    What is not a positive number of at most nine digits is left out.
    """
    tokens = (token.strip() for token in _BETWEEN_IDS.split(stated or ""))
    return list(dict.fromkeys(int(token) for token in tokens if _PMID.fullmatch(token)))


def md5_sums(text: str) -> dict[str, str]:
    """Return file name -> MD5 (lower case) of an assembly's ``md5checksums.txt``, whose lines are ``<md5>  ./<name>``.

    Other lines are skipped: a file without a sum is checked by its size and first bytes.
    """
    matches = (_MD5_LINE.fullmatch(line.strip()) for line in text.splitlines())
    return {match["name"]: match["md5"].lower() for match in matches if match}


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
            f"{where}: expected the columns {' and '.join(_REQUIRED)}, found {_listed(columns)};"
            " fetch the file again from genomes/refseq/"
        )
    raise CorpusError(
        f"{where}: expected a header that begins '#assembly_accession', found none;"
        " fetch the file again from genomes/refseq/, with its comment lines"
    )


def _frame(lines: list[str], columns: list[str]) -> pl.DataFrame:
    # A repeated column name gets a number.
    fields = [name if columns.index(name) == n else f"{name}_{n}" for n, name in enumerate(columns)]
    table = pl.Series("line", lines, dtype=pl.String).str.split_exact("\t", len(fields) - 1)
    known = pl.all().str.strip_chars()
    frame = table.struct.rename_fields(fields).struct.unnest().select(known.replace(_UNKNOWN, [None] * len(_UNKNOWN)))
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in _USED if name not in columns]
    return frame.with_columns(absent)


def _allowed(frame: pl.DataFrame, column: str, values: Sequence[str | None]) -> pl.Expr:
    if column not in frame.columns:
        raise UsageError(
            f"assemblies: expected columns of assembly_summary.txt, found {column!r};"
            f" there are {', '.join(sorted(frame.columns))}"
        )
    wanted = {None if value in (None, *_UNKNOWN) else value for value in values}
    occurring = set(frame[column].unique())
    never = sorted("na" if value is None else value for value in wanted - occurring)
    if never or not wanted:
        some = sorted("na" if value is None else value for value in occurring)
        raise UsageError(
            f"assemblies: {column}: expected values that occur, found {_listed(never) or 'none'};"
            f" there are {_listed(some)}"
        )
    stated = pl.col(column).is_in(sorted(value for value in wanted if value is not None)).fill_null(value=False)
    return stated | pl.col(column).is_null() if None in wanted else stated


def _resolve(division: str, taxon: str, taxa: Taxonomy | None) -> tuple[set[int], set[str]]:
    """Return the taxids of a taxon and of all taxa below it, or the name itself if the taxonomy does not know it."""
    taxid = whole_number(taxon)
    matches = [taxid] if taxid is not None else list(dict.fromkeys(taxa.find(taxon) if taxa else ()))
    if len(matches) > 1:
        raise UsageError(
            f"custom division {division}: taxon {taxon!r}: expected one taxon of this name,"
            f" found {', '.join(map(str, matches))}; write the taxid"
        )
    below = {int(taxid) for taxid in taxa.below(matches)} if matches and taxa else set()
    if not below:
        logger.warning(
            "%s: taxon %s is not in the taxonomy, or there is none: only assemblies %s are used, without those of"
            " taxa below it; set `taxonomy`, or correct the taxon", division, taxon,
            f"whose taxid or species_taxid is {taxon}" if matches else "whose organism has this name",
        )  # fmt: skip
    return below | set(matches), set() if matches else {taxon}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" ... ({len(names)} in all)" if len(names) > _SHOWN else "")


def _column(line: bytes, index: int) -> str:
    return line.split(b"\t", index + 1)[index].strip().decode("latin-1")


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")

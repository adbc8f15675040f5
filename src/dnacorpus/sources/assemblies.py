"""The choice of assemblies from NCBI's tables, and what their rows state: folders, PubMed ids, MD5 sums."""

import logging
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

import polars as pl

from dnacorpus.bounded import whole_number
from dnacorpus.errors import UsageError
from dnacorpus.printable import is_printable
from dnacorpus.sources.assembly_summary import ACCESSION, UNKNOWN, number_of, version_of
from dnacorpus.storage.names import path_flaw

logger = logging.getLogger(__name__)

_MD5_LINE = re.compile(r"(?P<md5>[0-9a-fA-F]{32}) [ *]?(?:\./)?(?P<name>\S.*)")
_NOT_PLAIN = re.compile(r"[\s#?%\\]")
_BETWEEN_IDS = re.compile(r"[;,]")
_PMID = re.compile(r"0*[1-9][0-9]{0,8}")
_SHOWN = 12


class Taxonomy(Protocol):
    """The methods of a taxonomy that are used here; a taxonomy without taxa returns nothing."""

    def find(self, name: str) -> list[int]:
        """Return the taxids of a name."""

    def below(self, taxids: Iterable[int]) -> Iterable[int]:
        """Return these taxids and all taxids below them."""


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
    plain = is_printable(folder) and not _NOT_PLAIN.search(folder)
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


def _allowed(frame: pl.DataFrame, column: str, values: Sequence[str | None]) -> pl.Expr:
    if column not in frame.columns:
        raise UsageError(
            f"assemblies: expected columns of assembly_summary.txt, found {column!r};"
            f" there are {', '.join(sorted(frame.columns))}"
        )
    wanted = {None if value in (None, *UNKNOWN) else value for value in values}
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

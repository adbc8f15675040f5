"""NCBI's taxdump: its .dmp files as tables, and each taxon with its species, genus and ranked lineage.

Format: ``taxdump_readme.txt`` in https://ftp.ncbi.nlm.nih.gov/pub/taxonomy/new_taxdump/: each line is a row, with
fields separated by ``<tab>|<tab>`` and ``<tab>|`` at the end.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from dnacorpus.errors import CorpusError
from dnacorpus.printable import cleaned, unprintable
from dnacorpus.schemas.parts import TAXA, TAXA_NAMES
from dnacorpus.schemas.types import RANKED_NAME

RANKS = (
    "acellular root", "cellular root", "domain", "superkingdom", "realm", "kingdom", "phylum", "class", "order",
    "family", "genus", "species",
)  # fmt: skip
"""The ranks of a lineage from the root, including those that NCBI has used since 2025 and those from before."""
NAME_CLASSES = (
    "scientific name", "equivalent name", "synonym", "genbank synonym", "genbank common name", "common name",
    "genbank acronym", "acronym",
)  # fmt: skip
"""The classes of names by which a taxon is found, the best first; others, such as authorities, are ignored."""

_COLUMNS: dict[str, dict[str, Any]] = {
    "merged.dmp": {"taxid": pl.Int64, "merged_into": pl.Int64},
    "names.dmp": {"taxid": pl.Int64, "name": pl.String, "unique": pl.String, "class": pl.String},
    "nodes.dmp": {"taxid": pl.Int64, "parent": pl.Int64, "rank": pl.String},
}
FILES = tuple(_COLUMNS)
"""The files of a taxdump that are read. delnodes.dmp is not needed: a deleted taxid has no node."""
OPTIONAL = ("merged.dmp",)
"""Those of `FILES` that some copies and taxdumps of other programs lack."""
_TOP_TAXA = {"Bacteria": 2, "Archaea": 2157, "Eukaryota": 2759, "Viruses": 10239}
_TOP_RANKS = ("domain", "superkingdom", "kingdom", "acellular root", "no rank")
_GTDB_RANK = r"^[a-z]__"  # d__Bacteria
_SEPARATOR = "\x1e"  # the CSV reader needs a separator; this one occurs in no text
_MAX_MERGERS = 32

Indices = NDArray[np.int64]
"""Indices of rows in a table sorted by taxid; negative: none."""


@dataclass(frozen=True, slots=True)
class Taxdump:
    """The tables of one taxdump as returned by `read_dmp`; ``where`` names the taxdump in errors."""

    nodes: pl.DataFrame
    names: pl.DataFrame
    merged: pl.DataFrame
    where: str


def read_dmp(file: str, content: bytes, where: str) -> pl.DataFrame:
    """Return the first columns of one of `FILES`, its rows in order.

    The columns are, for nodes.dmp: taxid, parent, rank; for names.dmp: taxid, name, unique, class, of `NAME_CLASSES`
    only; for merged.dmp: taxid, merged_into.
    Lines that begin with ``#``, which some programs need in an empty file, are left out.
    Raises CorpusError naming ``where`` and the first invalid line.
    """
    columns = _COLUMNS[file]
    lines = _lines(content, where)
    fields = lines.lazy().select(
        pl.col("line").str.strip_suffix("\t|").str.split_exact("\t|\t", len(columns) - 1).alias("fields"),
        pl.col("line").str.ends_with("\t|").fill_null(False).alias("whole"),
    )
    cells = fields.unnest("fields").select(
        "whole",
        *(
            pl.col(f"field_{number}").cast(kind, strict=False).alias(name)
            for number, (name, kind) in enumerate(columns.items())
        ),
    )
    table = cells.collect()
    comment = lines["line"].str.starts_with("#").fill_null(value=False)
    sound = comment | table["whole"] & table.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    if not sound.all():
        _refuse(where, int((~sound).arg_max() or 0) + 1, columns, lines)
    table = table.drop("whole").filter(~comment)
    return table.filter(pl.col("class").is_in(NAME_CLASSES)) if "class" in columns else table


def with_clean_names(dump: Taxdump) -> tuple[Taxdump, Counter[str]]:
    """Return a taxdump whose names can be printed, and how many characters were replaced, by kind."""
    names = dump.names["name"].filter(dump.names["name"].str.contains(r"[^ -~]"))  # those that are not printable ASCII
    replaced = sum(map(unprintable, names), Counter[str]())
    if not replaced:
        return dump, replaced
    clean = {name: " ".join(cleaned(name).split()) for name in names if unprintable(name)}
    return dataclasses.replace(dump, names=dump.names.with_columns(pl.col("name").replace(clean))), replaced


def expect_ncbi_taxids(dump: Taxdump) -> None:
    """Raise CorpusError if Bacteria, Archaea, Eukaryota or Viruses do not have the taxids that they have at NCBI.

    Records have NCBI's taxids, which are those of other taxa in a taxdump that numbers its taxa otherwise (GTDB).
    """
    names = (
        dump.names.filter(pl.col("class") == NAME_CLASSES[0])
        .join(dump.nodes, on="taxid")
        .select("taxid", "rank", "name", plain=pl.col("name").str.replace(_GTDB_RANK, ""))
    )
    top = names.filter(pl.col("rank").is_in(_TOP_RANKS), pl.col("plain").is_in(list(_TOP_TAXA))).sort("taxid")
    for taxid, _, name, plain in top.iter_rows():
        if taxid != _TOP_TAXA[plain]:
            raise CorpusError(
                f"{dump.where}: expected NCBI's taxids, as records have them, with {plain} as {_TOP_TAXA[plain]}, found"
                f" {name} as {taxid}; set `taxonomy` to a taxdump of NCBI, or to none"
            )


def compile_taxa(dump: Taxdump, rows: int) -> Iterator[pa.Table]:
    """Yield the TAXA table, sorted by taxid, ``rows`` at a time.

    A merged taxid has the row of the taxid that it was merged into, with ``merged_into``. Raises CorpusError naming a
    taxid that occurs twice, has no scientific name or no parent, is its own ancestor, or is merged into no node.
    """
    nodes = _named(dump)
    taxids = nodes["taxid"].to_numpy()
    parents = _parents(dump.where, taxids, nodes["parent"].to_numpy())
    here, ranks = np.arange(len(nodes)), nodes["rank"]
    ancestors = np.stack([nearest(parents, np.where((ranks == rank).to_numpy(), here, -1)) for rank in RANKS])
    merged = _merged(dump, taxids)
    everything = np.concatenate([taxids, merged["taxid"].to_numpy()])
    order = np.argsort(everything)
    node_of = np.concatenate([here, np.searchsorted(taxids, merged["merged_into"].to_numpy())])[order]
    names = _strings(nodes["name"])
    for start in range(0, len(order), rows):
        mine = node_of[start : start + rows]
        is_merged = order[start : start + rows] >= len(nodes)
        species, genus = (ancestors[RANKS.index(rank), mine] for rank in ("species", "genus"))
        columns = {
            "taxid": everything[order[start : start + rows]],
            "merged_into": pa.array(taxids[mine], mask=~is_merged),
            "parent": taxids[parents[mine]],
            "rank": _strings(ranks[mine]),
            "name": names.take(mine),
            "species": names.take(pa.array(species, mask=species < 0)),
            "species_taxid": pa.array(taxids[species], mask=species < 0),
            "genus": names.take(pa.array(genus, mask=genus < 0)),
            "lineage": _lineages(ancestors[:, mine], names),
        }
        yield pa.table(columns, schema=TAXA)


def compile_names(dump: Taxdump) -> pa.Table:
    """Return the TAXA_NAMES table: names in lower case, sorted by name, class (best first) and taxid.

    Raises CorpusError for a name whose taxid has no node.
    """
    orphans = dump.names.join(dump.nodes, on="taxid", how="anti")
    if len(orphans):
        taxid, name = orphans.select("taxid", "name").row(0)
        _refuse_taxid(dump.where, "names.dmp", taxid, "a node in nodes.dmp", f"none, but the name {name!r}")
    order = pl.col("class").replace_strict({name: n for n, name in enumerate(NAME_CLASSES)}, return_dtype=pl.Int8)
    names = dump.names.with_columns(pl.col("name").str.to_lowercase()).sort("name", order, "taxid")
    return names.select(TAXA_NAMES.names).to_arrow().cast(TAXA_NAMES)


def nearest(parents: Indices, own: Indices) -> Indices:
    """Return for each node its value in ``own``, or that of its nearest ancestor with one; negative if there is none.

    ``parents`` has the index of each node's parent, and for a root its own index; there must be no other circles.
    """
    # Each round looks twice as far up as the one before.
    values, jump = own, parents
    while True:
        values = np.where(values >= 0, values, values[jump])
        further = jump[jump]
        if np.array_equal(further, jump):
            return values
        jump = further


def _lines(content: bytes, where: str) -> pl.DataFrame:
    if not content:
        return pl.DataFrame(schema={"line": pl.String})
    try:
        return pl.read_csv(
            content, has_header=False, new_columns=["line"], separator=_SEPARATOR, quote_char=None, infer_schema=False
        )
    except pl.exceptions.PolarsError as error:
        position = max(content.find(_SEPARATOR.encode()), 0)
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as mistake:
            position = mistake.start
        line = content.count(b"\n", 0, position) + 1
        raise CorpusError(
            f"{where}: line {line}: expected UTF-8 text, found {content[position : position + 20]!r};"
            " fetch the taxdump again"
        ) from error


def _refuse(where: str, number: int, columns: dict[str, Any], lines: pl.DataFrame) -> NoReturn:
    found = (lines["line"][number - 1] or "")[:80]
    raise CorpusError(
        f"{where}: line {number}: expected the fields {', '.join(columns)} separated by '<tab>|<tab>', with '<tab>|'"
        f" at the end, found {found!r}; fetch the taxdump again"
    )


def _refuse_taxid(where: str, file: str, taxid: int, expected: str, found: str) -> NoReturn:
    raise CorpusError(
        f"{where}: {file}: taxid {taxid}: expected {expected}, found {found}; take all files from one taxdump"
    )


def _named(dump: Taxdump) -> pl.DataFrame:
    """Return the nodes with their scientific names, sorted by taxid."""
    scientific = dump.names.filter(pl.col("class") == NAME_CLASSES[0])
    for file, table, what in (("nodes.dmp", dump.nodes, "node"), ("names.dmp", scientific, "scientific name")):
        twice = table.filter(pl.col("taxid").is_duplicated())
        if len(twice):
            _refuse_taxid(dump.where, file, twice["taxid"].min(), f"one {what}", f"{what}s")  # type: ignore[arg-type]
    nodes = dump.nodes.join(scientific.select("taxid", "name"), on="taxid", how="left").sort("taxid")
    unnamed = nodes.filter(pl.col("name").is_null())
    if len(unnamed):
        _refuse_taxid(dump.where, "names.dmp", unnamed["taxid"][0], "a scientific name", "none")
    return nodes


def _parents(where: str, taxids: Indices, wanted: Indices) -> Indices:
    """Return the indices of the parents; raises CorpusError unless every node has a root above it."""
    parents = np.searchsorted(taxids, wanted)
    lost = np.flatnonzero(taxids[np.minimum(parents, len(taxids) - 1)] != wanted)
    if lost.size:
        _refuse_taxid(where, "nodes.dmp", int(taxids[lost[0]]), f"a node of its parent {wanted[lost[0]]}", "none")
    top = parents
    for _ in range(len(taxids).bit_length()):
        top = top[top]
    turning = np.flatnonzero(parents[top] != top)
    if turning.size:
        _refuse_taxid(where, "nodes.dmp", int(taxids[turning[0]]), "a root above it, its own parent", "a circle")
    return parents


def _merged(dump: Taxdump, taxids: Indices) -> pl.DataFrame:
    """Return each merged taxid with the node at the end of its chain of mergers."""
    merged, nodes = dump.merged, pl.DataFrame({"merged_into": taxids})
    both = merged.filter(pl.col("taxid").is_duplicated() | pl.col("taxid").is_in(pl.Series(taxids).implode()))
    if len(both):
        _refuse_taxid(dump.where, "merged.dmp", both["taxid"].min(), "one node or merger", "two")  # type: ignore[arg-type]
    onward = merged.rename({"taxid": "merged_into", "merged_into": "next"})
    for _ in range(_MAX_MERGERS):
        merged = merged.join(onward, on="merged_into", how="left", maintain_order="left")
        if merged["next"].null_count() == len(merged):
            break
        merged = merged.select("taxid", pl.coalesce("next", "merged_into").alias("merged_into"))
    lost = merged.join(nodes, on="merged_into", how="anti").sort("taxid")
    if len(lost):
        taxid, into = lost.row(0)[:2]
        _refuse_taxid(dump.where, "merged.dmp", taxid, f"a node of {into}, which it is merged into", "none")
    return merged


def _strings(series: pl.Series) -> pa.Array:
    array = series.to_arrow().cast(pa.string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _lineages(ancestors: Indices, names: pa.Array) -> pa.Array:
    """Return a list of ranks and names for each column of ``ancestors``, which has a row for each of RANKS."""
    present = ancestors.T >= 0
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
    ranks = np.broadcast_to(np.arange(len(RANKS)), present.shape)[present]
    values = [pa.array(RANKS, pa.string()).take(pa.array(ranks)), names.take(pa.array(ancestors.T[present]))]
    flat = pa.StructArray.from_arrays(values, fields=list(RANKED_NAME))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), flat)

"""Lookups in the compiled taxonomy: taxa by taxid, taxids by name, and all taxids below a taxon."""

from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from dnacorpus.errors import UsageError
from dnacorpus.formats.taxonomy.species import Taxon
from dnacorpus.formats.taxonomy.taxdump import nearest
from dnacorpus.schemas.parts import TAXA, TAXA_NAMES
from dnacorpus.storage import parquet as tables

TAXA_FILE, NAMES_FILE = "taxa.parquet", "names.parquet"
_GROUPS_HELD = 16


class Taxa:
    """The tables that the taxonomy stage wrote to a folder; empty tables are a taxonomy without taxa.

    Only the row groups that are needed are read. Raises UsageError if there is no such folder, CorpusError if a table
    was written by another version.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UsageError(f"{folder}: expected the folder of the taxonomy stage, found none; run that stage first")
        self._folder = folder
        self._taxa = _SortedTable(folder / TAXA_FILE, TAXA)
        self._names = _SortedTable(folder / NAMES_FILE, TAXA_NAMES)
        self._known: dict[int, Taxon | None] = {}

    def taxon(self, taxid: int) -> Taxon | None:
        """Return the taxon of a taxid, or None; a merged taxid gives the taxon that it was merged into."""
        if taxid not in self._known:
            rows = self._taxa.rows(taxid)
            self._known[taxid] = _taxon(rows[0]) if rows else None
        return self._known[taxid]

    def find(self, name: str) -> list[int]:
        """Return the taxids of a name, ignoring case: scientific names first, then synonyms, then common names.

        All homonyms are returned, sorted by taxid.
        """
        rows = self._names.rows(" ".join(name.split()).lower())
        return list(dict.fromkeys(row["taxid"] for row in rows))

    def below(self, taxids: Iterable[int]) -> set[int]:
        """Return the taxids of these taxa and of all taxa below them, including merged taxids."""
        if not self._taxa:
            return set()
        columns = tables.read(self._folder / TAXA_FILE, TAXA, ["taxid", "merged_into", "parent"])
        taxa = pl.DataFrame(columns).with_columns(up=pl.coalesce("merged_into", "parent"))
        known = taxa["taxid"].to_numpy()
        wanted = taxa.filter(pl.col("taxid").is_in(sorted(set(taxids))))
        chosen = pl.concat([wanted["taxid"], wanted["merged_into"].drop_nulls()])
        own = np.where(np.isin(known, chosen.to_numpy()), 0, -1)
        inside = nearest(np.searchsorted(known, taxa["up"].to_numpy()), own) >= 0
        return set(known[inside].tolist())


class _SortedTable:
    """A Parquet file sorted by its first column, whose row groups are read when needed."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._key = path, schema.names[0]
        self._last: list[Any] = []
        if path.is_file():
            for _ in tables.batches(path, schema, [self._key], rows=1):  # refuses a table of another version
                break
            self._file = pq.ParquetFile(path)
            groups = (self._file.metadata.row_group(n) for n in range(self._file.num_row_groups))
            self._last = [group.column(schema.names.index(self._key)).statistics.max for group in groups]
        self._group = lru_cache(maxsize=_GROUPS_HELD)(self._read)

    def __bool__(self) -> bool:
        return bool(self._last)

    def rows(self, key: Any) -> list[dict[str, Any]]:
        """Return the rows with a key, in order."""
        rows: list[dict[str, Any]] = []
        for number in range(bisect_left(self._last, key), len(self._last)):
            group = self._group(number)
            keys = group[self._key]
            start, end = (keys.search_sorted(key, side) for side in ("left", "right"))
            rows += group.slice(start, end - start).to_dicts()
            if end < len(group):
                break
        return rows

    def _read(self, number: int) -> pl.DataFrame:
        return pl.DataFrame(self._file.read_row_group(number))


def _taxon(row: dict[str, Any]) -> Taxon:
    return Taxon(
        taxid=row["merged_into"] or row["taxid"],
        name=row["name"],
        rank=row["rank"],
        species=row["species"],
        species_taxid=row["species_taxid"],
        genus=row["genus"],
        lineage=tuple((entry["rank"], entry["name"]) for entry in row["lineage"]),
    )

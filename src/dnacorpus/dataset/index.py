"""The membership index of a dataset: sorted Parquet files that can be read by row group, also remotely.

`accessions` has the status and the rows of each record, `digests` the records and rows by canonical sequence, `taxa`
the numbers of records and bases by name or id of a taxon, `names` the names that records named after a file have in it.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa

from dnacorpus.schemas.index import (
    INDEX_ACCESSIONS,
    INDEX_DIGESTS,
    INDEX_NAMES,
    INDEX_TAXA,
    NAMES_PATH,
    RANKS,
    ROW_INDEX,
    key_of,
)
from dnacorpus.schemas.names import own_names
from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.schemas.parts import RECORDS, REJECTS
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.results import Results

ROWS_PER_PASS = 20_000_000
"""Approximate number of rows of `digests` that are sorted at once, which bounds the memory."""

ShardKey = tuple[str, str, str, str]
"""Division, group, config and split of a shard."""

_COUNTED = ["taxid", "organism", "species", "species_taxid", "genus", "division", "split", "status", "reason"]


def write(results: Results, divisions: list[str], paths: dict[ShardKey, str], dataset: Path) -> None:
    """Write ``index/{accessions,digests,taxa}.parquet`` into a dataset folder, and names.parquet if there are any.

    ``paths`` names the shards.

    Each file is sorted by its columns in order. All decisions are in memory at once; rows, one group at a time.
    """
    decisions = pl.concat(_decisions(results, division, paths) for division in divisions)
    locations = pl.concat(_locations(rows) for rows in _rows(results, divisions, paths))
    others = [_rejects(results, divisions), _tombstones(results, divisions)]
    accessions = pl.concat([_accessions(decisions, locations), *others], how="diagonal")
    folder = dataset / "index"
    _write(folder / "accessions.parquet", accessions, INDEX_ACCESSIONS)
    _write(folder / "taxa.parquet", _taxa(decisions), INDEX_TAXA)
    if names := [(own, name) for name in accessions["accession"].unique() for own in own_names(name)]:
        _write(dataset / NAMES_PATH, pl.DataFrame(names, INDEX_NAMES.names, orient="row"), INDEX_NAMES)
    rows = int(locations["rows"].sum() + len(decisions))
    passes = rows // ROWS_PER_PASS + 1
    with TableWriter(folder / "digests.parquet", INDEX_DIGESTS, group_rows=group_rows(rows)) as writer:
        for number in range(passes):
            # Digests are uniformly distributed, so equal ranges have about the same number of rows.
            first, last = (((1 << 16) * bound // passes).to_bytes(3, "big")[1:] for bound in (number, number + 1))
            chosen = pl.col("digest") >= first
            chosen &= pl.col("digest") < last if number + 1 < passes else True
            frames = [decisions.filter(chosen).select("digest", "accession", "division", "status")]
            frames += [rows.filter(chosen) for rows in _rows(results, divisions, paths)]
            writer.write_table(_sorted(pl.concat(frames, how="diagonal"), INDEX_DIGESTS))


def group_rows(rows: int) -> int:
    """Return the rows per row group of an index file of ``rows`` rows: a power of two, 4,096 to 262,144.

    A query reads the footer, about 1,000 bytes per row group, and one row group, about 30 bytes per row. The sum is
    smallest where both are equal: near the square root of 32 times the rows.
    """
    return min(1 << max(math.isqrt(32 * rows) - 1, 4095).bit_length(), 1 << 18)


def _write(path: Path, frame: pl.DataFrame, schema: pa.Schema) -> None:
    tables.write(path, schema, _sorted(frame, schema), group_rows(len(frame)))


def _sorted(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    return frame.select(schema.names).sort(schema.names, nulls_last=True).to_arrow().cast(schema)


def _decisions(results: Results, division: str, paths: dict[ShardKey, str]) -> pl.DataFrame:
    """Return a division's decisions with genus, topology, and the shard of segments of the kept records."""
    parts = [(part, group) for group, parts in results.groups(division).items() for part in parts]
    columns = ["part", "ordinal", "genus", "topology"]
    records = [
        pl.DataFrame(tables.read(results.records(division, part), RECORDS, columns)).with_columns(group=pl.lit(group))
        for part, group in parts
    ]
    shards = [(group, split, path) for (shard_division, group, config, split), path in paths.items()
              if (shard_division, config) == (division, "segments")]  # fmt: skip
    kinds = {"group": pl.String, "split": pl.String, "segments": pl.String}
    return (
        pl.DataFrame(tables.read(results.decisions(division), DECISIONS))
        .join(pl.concat(records), on=["part", "ordinal"], how="left")
        .join(pl.DataFrame(shards, schema=kinds, orient="row"), on=["group", "split"], how="left")
        .drop("group", "part", "ordinal")
    )


def _rows(results: Results, divisions: list[str], paths: dict[ShardKey, str]) -> Iterator[pl.DataFrame]:
    """Yield the rows of every group, in order, with the published file of each row."""
    for division in divisions:
        for group in results.groups(division):
            rows = pl.DataFrame(tables.read(results.shards(division, group) / "index.parquet", ROW_INDEX))
            names = [
                paths[division, group, config, split] for config, split in rows.select("config", "split").iter_rows()
            ]
            yield rows.with_columns(division=pl.lit(division), file=pl.Series(names, dtype=pl.String))


def _locations(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the first row and the number of rows of every record, which are consecutive in one file."""
    by_record = rows.group_by("division", "accession", "file", maintain_order=True)
    return by_record.agg(pl.col("row").min(), pl.len().cast(pl.Int64).alias("rows"))


def _accessions(decisions: pl.DataFrame, locations: pl.DataFrame) -> pl.DataFrame:
    kept = decisions.filter(pl.col("status") == "kept").join(locations, on=["division", "accession"], how="left")
    no_location = [pl.lit(None, pl.String).alias(name) for name in ("split", "segments")]
    rest = decisions.filter(pl.col("status") != "kept").with_columns(no_location)
    known = pl.concat([kept, rest], how="diagonal").with_columns(pl.col("rows").fill_null(0))
    return known.with_columns(detail=pl.lit(None, pl.String))


def _rejects(results: Results, divisions: list[str]) -> pl.DataFrame:
    pieces = [
        pl.DataFrame(tables.read(results.tables(division, part) / "rejects.parquet", REJECTS)).with_columns(
            division=pl.lit(division)
        )
        for division in divisions
        for part in results.parts(division)
    ]
    return (
        pl.concat(pieces)
        .filter(pl.col("accession").is_not_null())
        .select("accession", "division", "reason", length="bases", status=pl.lit("rejected"), rows=pl.lit(0, pl.Int64))
    )


def _tombstones(results: Results, divisions: list[str]) -> pl.DataFrame:
    """Return the accessions of custom divisions that no longer exist."""
    rows = [
        {"accession": accession, "division": division, "detail": detail, "status": "rejected", "reason": "gone"}
        for division in divisions
        for accession, detail in results.tombstones(division)
    ]
    kinds = dict.fromkeys(("accession", "division", "detail", "status", "reason"), pl.String)
    return pl.DataFrame(rows, schema=kinds).with_columns(rows=pl.lit(0, pl.Int64))


def _taxa(decisions: pl.DataFrame) -> pl.DataFrame:
    """Return records and bases by each name and id of their taxa; records without organism are under a null name."""
    counts = (
        decisions.with_columns(split=pl.when(pl.col("status") == "kept").then("split"))
        .group_by(_COUNTED)
        .agg(pl.len().cast(pl.Int64).alias("records"), pl.col("length").sum().alias("bases"))
    )
    named = [counts.with_columns(name=_keys(counts[rank]), rank=pl.lit(rank)) for rank in RANKS]
    return pl.concat(named).filter(pl.col("name").is_not_null() | (pl.col("rank") == "organism"))


def _keys(names: pl.Series) -> pl.Series:
    keys = {name: key_of(str(name)) for name in names.unique().drop_nulls()}
    return pl.Series([None if name is None else keys[name] for name in names], dtype=pl.String)

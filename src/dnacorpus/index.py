"""The membership index of a dataset: sorted Parquet that is read by row group, also from afar.

By accession: the record's fate and its rows; by digest of the canonical bases; by taxon.
"""

from pathlib import Path

import polars as pl
import pyarrow as pa

from dnacorpus import tables
from dnacorpus.index_schemas import INDEX_ACCESSIONS, INDEX_DIGESTS, INDEX_TAXA, ROW_INDEX
from dnacorpus.layout import Results
from dnacorpus.schemas import DECISIONS, REJECTS

Place = tuple[str, str, str, str]
"""Division, group, config and split of a shard."""


def write(results: Results, divisions: list[str], paths: dict[Place, str], dataset: Path) -> None:
    """Write ``index/{accessions,digests,taxa}.parquet`` into a dataset folder; ``paths`` names the shards."""
    decisions = pl.concat(pl.DataFrame(tables.read(results.decisions(d), DECISIONS)) for d in divisions)
    rows = _rows(results, divisions, paths)
    rejects = _rejects(results, divisions)
    folder = dataset / "index"
    for name, schema, frame in (
        ("accessions", INDEX_ACCESSIONS, pl.concat([_accessions(decisions, rows), rejects], how="diagonal")),
        ("digests", INDEX_DIGESTS, _digests(decisions, rows)),
        ("taxa", INDEX_TAXA, _taxa(decisions)),
    ):
        keys = schema.names[:1] + [
            column for column in schema.names[1:] if column in ("accession", "pair_id", "division")
        ]
        table = frame.select(schema.names).sort(*keys, *schema.names, nulls_last=True, maintain_order=True)
        tables.write(folder / f"{name}.parquet", schema, table.to_arrow().cast(schema))


def _rows(results: Results, divisions: list[str], paths: dict[Place, str]) -> pl.DataFrame:
    named = pl.DataFrame(
        [(*place, path) for place, path in paths.items()],
        schema=dict.fromkeys(("division", "group", "config", "split", "file"), pl.String),
        orient="row",
    )
    rows = pl.concat(
        pl.DataFrame(tables.read(results.shards(division, group) / "index.parquet", ROW_INDEX)).with_columns(
            division=pl.lit(division), group=pl.lit(group)
        )
        for division in divisions
        for group in results.groups(division)
    )
    return rows.join(named, on=["division", "group", "config", "split"], how="left", maintain_order="left")


def _accessions(decisions: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    placed = rows.group_by("division", "accession").agg(
        pl.col("file").first(), pl.col("row").min(), pl.len().cast(pl.Int64).alias("rows")
    )
    kept = decisions.filter(pl.col("status") == "kept").join(placed, on=["division", "accession"], how="left")
    rest = decisions.filter(pl.col("status") != "kept").with_columns(split=pl.lit(None, pl.String))
    return pl.concat([kept.with_columns(pl.col("rows").fill_null(0)), rest], how="diagonal").with_columns(
        pl.col("rows").fill_null(0)
    )


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


def _digests(decisions: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    records = decisions.filter(pl.col("digest").is_not_null()).select("digest", "accession", "division")
    return pl.concat(
        [rows.select("digest", "accession", "pair_id", "division", "file", "row"), records], how="diagonal"
    )


def _taxa(decisions: pl.DataFrame) -> pl.DataFrame:
    return (
        decisions.with_columns(split=pl.when(pl.col("status") == "kept").then("split"))
        .group_by("taxid", "organism", "species", "division", "split", "status")
        .agg(pl.len().cast(pl.Int64).alias("records"), pl.col("length").sum().alias("bases"))
    )


def schemas() -> dict[str, pa.Schema]:
    """Return the schema of every index file by its path in the dataset."""
    return {
        "index/accessions.parquet": INDEX_ACCESSIONS,
        "index/digests.parquet": INDEX_DIGESTS,
        "index/taxa.parquet": INDEX_TAXA,
    }

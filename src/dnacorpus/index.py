"""The membership index of a dataset: sorted Parquet that is read by row group, also from afar.

By accession: the record's fate and its rows; by digest of the canonical bases; by taxon.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa

from dnacorpus import tables
from dnacorpus.index_schemas import INDEX_ACCESSIONS, INDEX_DIGESTS, INDEX_TAXA, ROW_INDEX
from dnacorpus.layout import Results
from dnacorpus.schemas import DECISIONS, REJECTS
from dnacorpus.tables import TableWriter

ROWS_PER_PASS = 20_000_000
"""Most rows, about, of the index by digest that are sorted at once."""

Place = tuple[str, str, str, str]
"""Division, group, config and split of a shard."""


def write(results: Results, divisions: list[str], paths: dict[Place, str], dataset: Path) -> None:
    """Write ``index/{accessions,digests,taxa}.parquet`` into a dataset folder; ``paths`` names the shards.

    Each is sorted by its columns in order. The decisions are held whole; of the rows, one group at a time.
    """
    decisions = pl.concat(pl.DataFrame(tables.read(results.decisions(d), DECISIONS)) for d in divisions)
    placed = pl.concat(_spans(rows) for rows in _rows(results, divisions, paths))
    accessions = pl.concat([_accessions(decisions, placed), _rejects(results, divisions)], how="diagonal")
    folder = dataset / "index"
    tables.write(folder / "accessions.parquet", INDEX_ACCESSIONS, _sorted(accessions, INDEX_ACCESSIONS))
    tables.write(folder / "taxa.parquet", INDEX_TAXA, _sorted(_taxa(decisions), INDEX_TAXA))
    passes = int(placed["rows"].sum() + len(decisions)) // ROWS_PER_PASS + 1
    with TableWriter(folder / "digests.parquet", INDEX_DIGESTS) as writer:
        for number in range(passes):
            # Canonical digests are spread evenly: equal ranges of them hold about as many rows.
            first, last = (((1 << 16) * place // passes).to_bytes(3, "big")[1:] for place in (number, number + 1))
            chosen = pl.col("digest") >= first
            chosen &= pl.col("digest") < last if number + 1 < passes else True
            frames = [decisions.filter(chosen).select("digest", "accession", "division")]
            frames += [rows.filter(chosen) for rows in _rows(results, divisions, paths)]
            writer.write_table(_sorted(pl.concat(frames, how="diagonal"), INDEX_DIGESTS))


def _sorted(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    return frame.select(schema.names).sort(schema.names, nulls_last=True).to_arrow().cast(schema)


def _rows(results: Results, divisions: list[str], paths: dict[Place, str]) -> Iterator[pl.DataFrame]:
    """Give the rows of every group, in order, with the published file that each is in."""
    for division in divisions:
        for group in results.groups(division):
            rows = pl.DataFrame(tables.read(results.shards(division, group) / "index.parquet", ROW_INDEX))
            names = [
                paths[division, group, config, split] for config, split in rows.select("config", "split").iter_rows()
            ]
            yield rows.with_columns(division=pl.lit(division), file=pl.Series(names, dtype=pl.String))


def _spans(rows: pl.DataFrame) -> pl.DataFrame:
    """Give the first row and the number of rows of every record: they follow each other in one file."""
    spans = rows.group_by("division", "accession", "file", maintain_order=True)
    return spans.agg(pl.col("row").min(), pl.len().cast(pl.Int64).alias("rows"))


def _accessions(decisions: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    kept = decisions.filter(pl.col("status") == "kept").join(placed, on=["division", "accession"], how="left")
    rest = decisions.filter(pl.col("status") != "kept").with_columns(split=pl.lit(None, pl.String))
    return pl.concat([kept, rest], how="diagonal").with_columns(pl.col("rows").fill_null(0))


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

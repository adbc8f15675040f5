"""The membership index of a dataset: sorted Parquet that is read by row group, also from afar.

By accession: the record's fate and its rows; by digest of the canonical bases; by name or id of a taxon.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa

from dnacorpus.schemas.index import INDEX_ACCESSIONS, INDEX_DIGESTS, INDEX_TAXA, RANKS, ROW_INDEX, key_of
from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.schemas.parts import RECORDS, REJECTS
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.results import Results

ROWS_PER_PASS = 20_000_000
"""Most rows, about, of the index by digest that are sorted at once."""

Place = tuple[str, str, str, str]
"""Division, group, config and split of a shard."""

_COUNTED = ["taxid", "organism", "species", "species_taxid", "genus", "division", "split", "status", "reason"]


def write(results: Results, divisions: list[str], paths: dict[Place, str], dataset: Path) -> None:
    """Write ``index/{accessions,digests,taxa}.parquet`` into a dataset folder; ``paths`` names the shards.

    Each is sorted by its columns in order. The decisions are held whole; of the rows, one group at a time.
    """
    decisions = pl.concat(_decisions(results, division, paths) for division in divisions)
    placed = pl.concat(_spans(rows) for rows in _rows(results, divisions, paths))
    lost = [_rejects(results, divisions), _tombstones(results, divisions)]
    accessions = pl.concat([_accessions(decisions, placed), *lost], how="diagonal")
    folder = dataset / "index"
    _write(folder / "accessions.parquet", accessions, INDEX_ACCESSIONS)
    _write(folder / "taxa.parquet", _taxa(decisions), INDEX_TAXA)
    rows = int(placed["rows"].sum() + len(decisions))
    passes = rows // ROWS_PER_PASS + 1
    with TableWriter(folder / "digests.parquet", INDEX_DIGESTS, group_rows=group_rows(rows)) as writer:
        for number in range(passes):
            # Canonical digests are spread evenly: equal ranges of them hold about as many rows.
            first, last = (((1 << 16) * place // passes).to_bytes(3, "big")[1:] for place in (number, number + 1))
            chosen = pl.col("digest") >= first
            chosen &= pl.col("digest") < last if number + 1 < passes else True
            frames = [decisions.filter(chosen).select("digest", "accession", "division", "status")]
            frames += [rows.filter(chosen) for rows in _rows(results, divisions, paths)]
            writer.write_table(_sorted(pl.concat(frames, how="diagonal"), INDEX_DIGESTS))


def group_rows(rows: int) -> int:
    """Return how many rows a row group of an index of so many rows has: a power of two, 4,096 to 262,144.

    One look-up reads the footer, which grows with the number of groups (about 1,000 bytes each), and one group
    (about 30 bytes a row): together they are least where both are alike, near the root of 32 times the rows.
    """
    return min(1 << max(math.isqrt(32 * rows) - 1, 4095).bit_length(), 1 << 18)


def _write(path: Path, frame: pl.DataFrame, schema: pa.Schema) -> None:
    tables.write(path, schema, _sorted(frame, schema), group_rows(len(frame)))


def _sorted(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    return frame.select(schema.names).sort(schema.names, nulls_last=True).to_arrow().cast(schema)


def _decisions(results: Results, division: str, paths: dict[Place, str]) -> pl.DataFrame:
    """Return a division's decisions with what else is known of the records, and where the bases of kept ones are."""
    parts = [(part, group) for group, parts in results.groups(division).items() for part in parts]
    columns = ["part", "ordinal", "genus", "topology"]
    records = [
        pl.DataFrame(tables.read(results.tables(division, part) / "records.parquet", RECORDS, columns)).with_columns(
            group=pl.lit(group)
        )
        for part, group in parts
    ]
    shards = [(group, split, path) for (where, group, config, split), path in paths.items()
              if (where, config) == (division, "segments")]  # fmt: skip
    kinds = {"group": pl.String, "split": pl.String, "segments": pl.String}
    return (
        pl.DataFrame(tables.read(results.decisions(division), DECISIONS))
        .join(pl.concat(records), on=["part", "ordinal"], how="left")
        .join(pl.DataFrame(shards, schema=kinds, orient="row"), on=["group", "split"], how="left")
        .drop("group", "part", "ordinal")
    )


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
    nowhere = [pl.lit(None, pl.String).alias(name) for name in ("split", "segments")]
    rest = decisions.filter(pl.col("status") != "kept").with_columns(nowhere)
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
    """Return the accessions that a custom division wants and nobody has."""
    found = [
        {"accession": accession, "division": division, "detail": detail, "status": "rejected", "reason": "gone"}
        for division in divisions
        for accession, detail in results.tombstones(division)
    ]
    kinds = dict.fromkeys(("accession", "division", "detail", "status", "reason"), pl.String)
    return pl.DataFrame(found, schema=kinds).with_columns(rows=pl.lit(0, pl.Int64))


def _taxa(decisions: pl.DataFrame) -> pl.DataFrame:
    """Return records and bases by all that a taxon is called; once with a null name for what has no organism."""
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


def schemas() -> dict[str, pa.Schema]:
    """Return the schema of every index file by its path in the dataset."""
    return {
        "index/accessions.parquet": INDEX_ACCESSIONS,
        "index/digests.parquet": INDEX_DIGESTS,
        "index/taxa.parquet": INDEX_TAXA,
    }

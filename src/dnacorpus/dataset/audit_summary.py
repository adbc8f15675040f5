"""Summaries of the audit for the card and the report: quantiles and a histogram of its shares.

The share of a held-out row is the part of its k-mers that also occur in train.
"""

import polars as pl

from dnacorpus.numbers import percent
from dnacorpus.schemas.splits import SPLITS

BINS = 10
"""Bins of equal width from 0 to 1; the last one includes 1."""
QUANTILES = {"minimum": 0.0, "median": 0.5, "q90": 0.9, "q99": 0.99, "maximum": 1.0}
"""Column name to quantile. Each value is the share of an actual row, the next higher one."""


def quantiles(audit: pl.DataFrame) -> pl.DataFrame:
    """Return one line per division and split: division, split, rows, judged, and the columns of `QUANTILES`.

    ``audit`` is a table of AUDIT. ``judged`` counts the rows with a share; the quantiles are null if it is 0.
    """
    columns = {name: pl.col("share").quantile(level, "higher") for name, level in QUANTILES.items()}
    lines = audit.group_by("division", "split").agg(
        rows=pl.len().cast(pl.Int64), judged=pl.col("share").count().cast(pl.Int64), **columns
    )
    return lines.sort("division", _split_order())


def histogram(audit: pl.DataFrame) -> pl.DataFrame:
    """Return the number of rows per division, split and bin of the share: division, split, bin, rows.

    ``bin`` is 0 to `BINS` - 1; a division and split with at least one share has a line for every bin.
    """
    judged = audit.drop_nulls("share")
    bins = (pl.col("share") * BINS).floor().cast(pl.Int64).clip(upper_bound=BINS - 1)
    counts = judged.group_by("division", "split", bin=bins).agg(rows=pl.len().cast(pl.Int64))
    every = judged.select("division", "split").unique().join(pl.DataFrame({"bin": range(BINS)}), how="cross")
    filled = every.join(counts, on=["division", "split", "bin"], how="left").with_columns(pl.col("rows").fill_null(0))
    return filled.sort("division", _split_order(), "bin")


def markdown(audit: pl.DataFrame) -> list[str]:
    """Return the lines of a Markdown table of `quantiles`, shares in per cent."""
    lines = [
        "| division | split | rows | minimum | median | 90 % | 99 % | maximum |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in quantiles(audit).iter_rows(named=True):
        shares = ("-" if row[name] is None else percent(row[name], 1) for name in QUANTILES)
        lines.append(f"| {row['division']} | {row['split']} | {row['rows']:,} | {' | '.join(shares)} |")
    return lines


def _split_order() -> pl.Expr:
    order = {split: number for number, split in enumerate(SPLITS)}
    return pl.col("split").replace_strict(order, return_dtype=pl.Int8)

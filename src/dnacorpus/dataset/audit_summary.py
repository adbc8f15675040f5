"""What the audit found, in few numbers for card and report. Tables in, tables and lines out."""

import polars as pl

from dnacorpus.schemas.splits import SPLITS

BINS = 10
"""Bins of equal width from 0 to 1; the last has 1 in it."""
QUANTILES = {"least": 0.0, "median": 0.5, "q90": 0.9, "q99": 0.99, "most": 1.0}
"""Column to the quantile that it holds, always the share of some row: the next higher one."""


def quantiles(audit: pl.DataFrame) -> pl.DataFrame:
    """Return a line for each division and split: division, split, rows, judged, and the columns of `QUANTILES`.

    ``audit`` is a table of AUDIT. ``judged`` rows have a share; where there are none the quantiles are null.
    """
    columns = {name: pl.col("share").quantile(level, "higher") for name, level in QUANTILES.items()}
    lines = audit.group_by("division", "split").agg(
        rows=pl.len().cast(pl.Int64), judged=pl.col("share").count().cast(pl.Int64), **columns
    )
    return lines.sort("division", _split_order())


def histogram(audit: pl.DataFrame) -> pl.DataFrame:
    """Return how many rows of each division and split have their share in each bin: division, split, bin, rows.

    ``bin`` is 0 to `BINS` - 1; every division and split that has a share has all of them.
    """
    judged = audit.drop_nulls("share")
    places = (pl.col("share") * BINS).floor().cast(pl.Int64).clip(upper_bound=BINS - 1)
    counts = judged.group_by("division", "split", bin=places).agg(rows=pl.len().cast(pl.Int64))
    every = judged.select("division", "split").unique().join(pl.DataFrame({"bin": range(BINS)}), how="cross")
    filled = every.join(counts, on=["division", "split", "bin"], how="left").with_columns(pl.col("rows").fill_null(0))
    return filled.sort("division", _split_order(), "bin")


def above(audit: pl.DataFrame, share: float) -> int:
    """Return how many rows have more than ``share`` of their words in train."""
    return audit.filter(pl.col("share") > share).height


def markdown(audit: pl.DataFrame) -> list[str]:
    """Return the lines of a table of `quantiles`, shares in per cent."""
    lines = [
        "| division | split | rows | least | median | 90 % | 99 % | most |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in quantiles(audit).iter_rows(named=True):
        shares = ("-" if row[name] is None else f"{row[name]:.1%}".replace("%", " %") for name in QUANTILES)
        lines.append(f"| {row['division']} | {row['split']} | {row['rows']:,} | {' | '.join(shares)} |")
    return lines


def _split_order() -> pl.Expr:
    return pl.col("split").replace_strict({split: place for place, split in enumerate(SPLITS)}, return_dtype=pl.Int8)

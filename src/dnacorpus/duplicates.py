"""Exact copies: who keeps, who is a duplicate. Tables in, tables out.

A digest only proposes; ``copy_group`` must come from compared bytes (see `copies`), and is null for
what never collapses.
"""

import polars as pl

from dnacorpus.divisions import DIVISIONS
from dnacorpus.splits import SPLITS

_GENERAL = [name for name, division in DIVISIONS.items() if not division.specific]


def decide_records(records: pl.DataFrame) -> pl.DataFrame:
    """Decide every record: kept, duplicate of another, or excluded.

    ``records`` has division, part, ordinal, accession, features, exclusion, digest and copy_group.
    Returns its rows in (division, part, ordinal) order with status, reason, duplicate_of, cluster
    and copies. Precedence: the more specific division, RefSeq over INSDC, NC_ over other prefixes,
    more features, then accession. Of two usable records with one accession and different bases the
    first in precedence stays and the other is excluded as ``accession_conflict``.
    """
    ranked = records.sort(
        _specific_first(), *_refseq_first(), -pl.col("features"), "accession", "division", "part", "ordinal"
    )
    usable = pl.col("exclusion").is_null()
    conflict = usable & (pl.col("copy_group") != pl.col("copy_group").filter(usable).first().over("accession"))
    ranked = ranked.with_columns(
        exclusion=pl.when(conflict).then(pl.lit("accession_conflict")).otherwise(pl.col("exclusion"))
    ).with_columns(copy_group=pl.when(pl.col("exclusion").is_null()).then("copy_group"))
    return _keep_first(ranked, "accession").sort("division", "part", "ordinal")


def decide_pairs(keys: pl.DataFrame) -> pl.DataFrame:
    """Decide every pair: kept, duplicate of another, or excluded from evaluation as ``leak``.

    ``keys`` has the columns of PAIR_KEYS and copy_group. Train keeps before validation before test, so
    that a copy in another split is a leak and leaves evaluation; within a split informative text goes
    first, then the precedence of records. Returns the rows in (division, part, pair_id) order.
    """
    split_order = {split: place for place, split in enumerate(SPLITS)}
    ranked = keys.sort(
        pl.col("split").replace_strict(split_order, return_dtype=pl.Int8),
        ~pl.col("informative"),
        _specific_first(),
        *_refseq_first(),
        "accession",
        "pair_id",
    ).with_columns(exclusion=pl.lit(None, pl.String))
    decided = _keep_first(ranked, "pair_id", keeper_columns=["split"])
    leaks = (pl.col("status") == "duplicate") & (pl.col("split") != pl.col("keeper_split"))
    return decided.with_columns(
        status=pl.when(leaks).then(pl.lit("excluded")).otherwise("status"),
        reason=pl.when(leaks).then(pl.lit("leak")).otherwise("reason"),
    ).sort("division", "part", "pair_id")


def _keep_first(ranked: pl.DataFrame, name: str, keeper_columns: list[str] | None = None) -> pl.DataFrame:
    """Keep the first of each copy_group; rows without a group stand alone, excluded rows apart."""
    grouped = pl.col("copy_group").is_not_null()
    first = pl.int_range(pl.len()).over("copy_group") == 0
    duplicate = grouped & ~first
    return ranked.with_columns(
        status=pl.when(pl.col("exclusion").is_not_null())
        .then(pl.lit("excluded"))
        .when(duplicate)
        .then(pl.lit("duplicate"))
        .otherwise(pl.lit("kept")),
        reason=pl.when(pl.col("exclusion").is_not_null())
        .then(pl.col("exclusion"))
        .when(duplicate)
        .then(pl.lit("exact"))
        .otherwise(pl.lit("")),
        duplicate_of=pl.when(duplicate).then(pl.col(name).first().over("copy_group")),
        cluster=pl.when(grouped).then(pl.col(name).min().over("copy_group")).otherwise(pl.col(name)),
        copies=pl.when(grouped).then(pl.len().over("copy_group")).otherwise(1).cast(pl.Int64),
        **{
            f"keeper_{column}": pl.when(grouped).then(pl.col(column).first().over("copy_group"))
            for column in keeper_columns or []
        },
    )


def _specific_first() -> pl.Expr:
    return pl.col("division").is_in(_GENERAL)


def _refseq_first() -> tuple[pl.Expr, pl.Expr]:
    # RefSeq accessions alone have an underscore in third place: NC_, NZ_, NW_ ...
    return pl.col("accession").str.slice(2, 1) != "_", ~pl.col("accession").str.starts_with("NC_")

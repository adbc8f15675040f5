"""The columns division, part and ordinal, which name a record of a build."""

from collections.abc import Sequence

import polars as pl

from dnacorpus.storage.results import PartKey


def no_records(*columns: str) -> pl.DataFrame:
    """Return an empty table of division, part, ordinal and some columns of text."""
    key = {"division": pl.String, "part": pl.String, "ordinal": pl.Int64}
    return pl.DataFrame(schema=key | dict.fromkeys(columns, pl.String))


def part_key_types(parts: Sequence[PartKey]) -> dict[str, pl.Enum]:
    """Return types of the columns division and part that take a few bytes and sort as the names do."""
    divisions, names = ({part[number] for part in parts} for number in (0, 1))
    return {"division": pl.Enum(sorted(divisions)), "part": pl.Enum(sorted(names))}


def part_key_columns(types: dict[str, pl.Enum], part: PartKey) -> dict[str, pl.Expr]:
    """Return the columns division and part of the rows of one part, typed as `part_key_types` gives."""
    return {name: pl.lit(value, types[name]) for name, value in zip(("division", "part"), part, strict=True)}

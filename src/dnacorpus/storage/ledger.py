"""The ledger: for every part and unit, in = kept + duplicate + excluded + rejected, with the reason of each loss.

A *file* holds *records*. A *name* is that of a record or reject of one's own files: kept as it is (`accession`), or
qualified by its file. A *row* is a candidate for a row of the published ``pairs``: of a kept record, of a *feature*
with a description, or of a *paper*, counted once for each kept record that cites it. A *species* stands for a record
that was read: kept, with the reason `taxonomy` or `name` for the source of its species, or excluded if it has none. A
*line* is a line of GFF or GTF that gave no feature. A *character* is one that cannot be printed, in the text of a
record or paper that was read; it was replaced, so none is kept. Bases are counted for records and rows, and are 0 for
other units.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from dnacorpus import limits
from dnacorpus.errors import CorpusError
from dnacorpus.limits import LimitError
from dnacorpus.schemas.names import BY_FILE, NUMBERED
from dnacorpus.schemas.parts import LEDGER
from dnacorpus.schemas.values import STATUSES, UNITS
from dnacorpus.storage import parquet


def entry(
    division: str,
    part: str,
    unit: str,
    status: str,
    reason: str = "",
    *,
    count: int = 0,
    bases: int = 0,
    detail: str = "",
) -> dict[str, Any]:
    """Return a row of LEDGER."""
    return {
        "division": division,
        "part": part,
        "unit": unit,
        "status": status,
        "reason": reason,
        "detail": detail,
        "count": count,
        "bases": bases,
    }


def replaced_characters(division: str, part: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the rows of LEDGER for characters that cannot be printed, given their numbers by kind; [] for none."""
    if not any(counts.values()):
        return []
    rows = [entry(division, part, "character", "in", count=sum(counts.values()))]
    return rows + [entry(division, part, "character", "excluded", kind, count=counts[kind]) for kind in sorted(counts)]


def read(path: Path) -> pa.Table:
    """Read a ledger; raises CorpusError if it is no table of LEDGER, or has an unknown unit or status, or a null.

    Raises LimitError if it exceeds `limits.PARQUET_GROUP` when it is decoded.
    """
    batches, size = [], 0
    for batch in parquet.bounded_batches(path, LEDGER, LEDGER.names, 4096):
        size += batch.nbytes
        if size > limits.PARQUET_GROUP:
            raise LimitError(f"{path}: {limits.PARQUET_GROUP.exceeded()}; do not use this file")
        batches.append(batch)
    entries = pa.Table.from_batches(batches, LEDGER)
    known = {"unit": UNITS, "status": ("in", *STATUSES)}
    odd = [name for name, values in known.items() if not set(entries[name].unique().to_pylist()) <= {*values}]
    if odd := odd + [name for name in LEDGER.names if entries[name].null_count]:
        raise CorpusError(f"{path}: {odd[0]}: found a value that no ledger has; build or pull the dataset again")
    return entries


def counted(unit: str, count: int = 2) -> str:
    """Return the name of a unit, singular for a count of one, else plural."""
    if unit == "species":  # one for each record, so there are more than different species
        return "species of a record" if count == 1 else "species of records"
    return unit if count == 1 else f"{unit}s"


def merge(entries: Iterable[dict[str, Any]] | pa.Table) -> pa.Table:
    """Return the entries added up by key, without those of a count of 0, in the order of part, unit and status."""
    table = entries if isinstance(entries, pa.Table) else pa.Table.from_pylist(list(entries), schema=LEDGER)
    keys = ["division", "part", "unit", "status", "reason", "detail"]
    order = {name: number for number, name in enumerate((*UNITS, "in", *STATUSES))}
    merged = (
        pl.DataFrame(table)
        .group_by(keys)
        .agg(pl.col("count").sum(), pl.col("bases").sum())
        .filter((pl.col("count") > 0) | (pl.col("status") == "in"))
        .sort(
            "division", "part", pl.col("unit", "status").replace_strict(order, return_dtype=pl.Int8), "reason", "detail"
        )
    )
    return merged.select(LEDGER.names).to_arrow().cast(LEDGER)


def imbalances(ledger: pa.Table) -> list[str]:
    """Return a message for every part and unit whose counts or bases do not balance."""
    frame = pl.DataFrame(ledger)
    signed = pl.when(pl.col("status") == "in").then(1).otherwise(-1)
    left_over = (
        frame.group_by("division", "part", "unit")
        .agg((pl.col("count") * signed).sum(), (pl.col("bases") * signed).sum())
        .filter((pl.col("count") != 0) | (pl.col("bases") != 0))
        .sort("division", "part", "unit")
    )
    return [
        f"part {part} ({division}): {counted(unit)} in - out = {count} ({bases} bases), expected 0"
        for division, part, unit, count, bases in left_over.iter_rows()
    ]


def totals(ledger: pa.Table, *by: str) -> list[dict[str, Any]]:
    """Return counts and bases by unit, status and reason (and ``by``, e.g. division), in the order of `merge`."""
    summed = [name for name in ("division", "part", "detail") if name not in by]
    frame = pl.DataFrame(ledger).with_columns(pl.lit("").alias(name) for name in summed)
    columns = (*by, "unit", "status", "reason", "count", "bases")
    return [{column: row[column] for column in columns} for row in merge(frame.to_arrow().cast(LEDGER)).to_pylist()]


def unreadable(ledger: pa.Table) -> list[tuple[str, str, str]]:
    """Return (division, part, "file: what is wrong") of each damaged file, sorted."""
    return _rejected_files(ledger, "unreadable")


def gone(ledger: pa.Table) -> list[tuple[str, str, str]]:
    """Return (division, part, "file: since when, and what replaced it") of each file that its source no longer has."""
    return _rejected_files(ledger, "gone")


def noted(ledger: pa.Table) -> list[str]:
    """Return "file: what is odd" of each file that is kept and should be looked at, sorted."""
    frame = pl.DataFrame(ledger).filter(unit="file", status="kept")
    return sorted(frame.filter(pl.col("detail") != "")["detail"])


def named_by_file(ledger: pa.Table) -> list[tuple[str, int]]:
    """Return (division, records) of the divisions with records that are named after their file, sorted."""
    frame = pl.DataFrame(ledger).filter(pl.col("reason").is_in([BY_FILE, NUMBERED]), unit="name")
    return list(frame.group_by("division").agg(pl.col("count").sum()).sort("division").iter_rows())


def _rejected_files(ledger: pa.Table, reason: str) -> list[tuple[str, str, str]]:
    frame = pl.DataFrame(ledger).filter(
        (pl.col("unit") == "file") & (pl.col("status") == "rejected") & (pl.col("reason") == reason)
    )
    return list(frame.select("division", "part", "detail").sort("division", "part", "detail").iter_rows())


def summary(ledger: pa.Table) -> str:
    """Return the totals as text, a line for each unit, status and reason."""
    lines: list[str] = []
    for row in totals(ledger):
        if row["status"] == "in":
            unit = counted(row["unit"], row["count"])
            lines.append(f"{row['count']:>12,} {unit} in" + (f", {row['bases']:,} bases" if row["bases"] else ""))
        else:
            reason = f" ({row['reason']})" if row["reason"] else ""
            bases = f", {row['bases']:,} bases" if row["bases"] else ""
            lines.append(f"  {row['count']:>12,} {row['status']}{reason}{bases}")
    return "\n".join(lines)

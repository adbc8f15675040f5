"""Reads the rows of one part, or of one record, from tables too large to hold in memory."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dnacorpus.schemas.parts import SEGMENTS
from dnacorpus.storage import parquet as tables

Interval = tuple[int, int]
"""Start and end, 0-based, half-open."""


def rows_of_part(path: Path, schema: pa.Schema, part: str, columns: list[str]) -> pa.Table:
    """Return some columns of the rows of one part in the table of a whole division, read in batches.

    ``columns`` must include ``part``. Raises CorpusError as `parquet.read` does.
    """
    batches = tables.batches(path, schema, columns, rows=65_536)
    of_part = (tables.only(pa.Table.from_batches([batch]), "part", part) for batch in batches)
    return pa.concat_tables([schema.empty_table().select(columns), *of_part])


def molecules(segments: Path, ordinals: Collection[int]) -> Iterator[tuple[int, bytes, list[Interval]]]:
    """Yield (ordinal, bases, soft-masked intervals) of some records of a part, in file order.

    The intervals are half-open, in coordinates of the record; one that crosses the edge of a segment comes in two.
    """
    wanted = np.array(sorted(ordinals), np.int64)
    current = -1
    pieces: list[bytes] = []
    mask: list[Interval] = []
    for batch in tables.batches(segments, SEGMENTS, ["ordinal", "start", "sequence", "mask"], rows=16):
        ordinals_of_rows = batch["ordinal"].to_numpy()
        # isin over all wanted ordinals would build a table of them for every 16 rows.
        first, last = np.searchsorted(wanted, [ordinals_of_rows.min(initial=0), ordinals_of_rows.max(initial=0) + 1])
        is_wanted = np.isin(ordinals_of_rows, wanted[first:last])
        for row in batch.filter(pa.array(is_wanted)).to_pylist():
            if row["ordinal"] != current and pieces:
                yield current, b"".join(pieces), mask
                pieces, mask = [], []
            current = row["ordinal"]
            pieces.append(row["sequence"].encode("ascii"))
            mask += [(row["start"] + masked["start"], row["start"] + masked["end"]) for masked in row["mask"]]
    if pieces:
        yield current, b"".join(pieces), mask


class ByOrdinal:
    """The rows of single records in a table that is sorted by ordinal."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table.combine_chunks()
        self._ordinals = self._table["ordinal"].to_numpy()

    def rows(self, ordinal: int) -> list[dict[str, Any]]:
        """Return the rows of a record, in order."""
        first, last = np.searchsorted(self._ordinals, [ordinal, ordinal + 1])
        rows: list[dict[str, Any]] = self._table.slice(int(first), int(last - first)).to_pylist()
        return rows

"""Reading one part, or one record of it, out of tables that are larger than what should be in memory."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dnacorpus.schemas.parts import SEGMENTS
from dnacorpus.storage import parquet as tables

Run = tuple[int, int]


def rows_of_part(path: Path, schema: pa.Schema, part: str, columns: list[str]) -> pa.Table:
    """Return some columns of one part's rows in a table of a whole division, which is never held whole.

    ``columns`` has ``part`` among them. Raises CorpusError as `tables.read` does.
    """
    batches = tables.batches(path, schema, columns, rows=65_536)
    found = (tables.only(pa.Table.from_batches([batch]), "part", part) for batch in batches)
    return pa.concat_tables([schema.empty_table().select(columns), *found])


def molecules(segments: Path, ordinals: Collection[int]) -> Iterator[tuple[int, bytes, list[Run]]]:
    """Yield (ordinal, bases, soft-masked runs) of some records of a part, in file order.

    The runs are half-open in the record's coordinates; runs cut by a segment's edge come in two.
    """
    wanted = np.array(sorted(ordinals), np.int64)
    current, pieces, mask = -1, list[bytes](), list[Run]()
    for batch in tables.batches(segments, SEGMENTS, ["ordinal", "start", "sequence", "mask"], rows=16):
        here = batch["ordinal"].to_numpy()
        # Not is_in over all that is wanted: it would make a table of that for every 16 rows.
        first, last = np.searchsorted(wanted, [here.min(initial=0), here.max(initial=0) + 1])
        found = np.isin(here, wanted[first:last])
        for row in batch.filter(pa.array(found)).to_pylist():
            if row["ordinal"] != current and pieces:
                yield current, b"".join(pieces), mask
                pieces, mask = [], []
            current = row["ordinal"]
            pieces.append(row["sequence"].encode("ascii"))
            mask += [(row["start"] + run["start"], row["start"] + run["end"]) for run in row["mask"]]
    if pieces:
        yield current, b"".join(pieces), mask


class ByOrdinal:
    """Looks up the rows of one record in a table that is sorted by ordinal."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table.combine_chunks()
        self._ordinals = self._table["ordinal"].to_numpy()

    def rows(self, ordinal: int) -> list[dict[str, Any]]:
        """Return the rows of a record, in their order."""
        first, last = np.searchsorted(self._ordinals, [ordinal, ordinal + 1])
        rows: list[dict[str, Any]] = self._table.slice(int(first), int(last - first)).to_pylist()
        return rows

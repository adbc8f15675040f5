"""Rows distributed over files by a key, so that each file can be sorted in memory."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def by_group(table: pa.Table, count: int) -> list[int]:
    """Return the bucket of each row, by the digest of its group."""
    return [int.from_bytes(group[:8], "big") * count >> 64 for group in table["group"].to_pylist()]


def by_document(table: pa.Table, count: int) -> list[int]:
    """Return the bucket of each row: a range of document names, so that the buckets are in the order of names."""
    return [int(name[:16], 16) * count >> 64 for name in table["document_id"].to_pylist()]


def shuffle(
    found: Iterable[pa.Table], schema: pa.Schema, key: Callable[[pa.Table, int], list[int]], folder: Path, count: int
) -> list[Path]:
    """Distribute rows over ``count`` files, in Arrow's stream format, whose writer keeps nothing in memory."""
    folder.mkdir()
    paths = [folder / f"{number:04d}.arrow" for number in range(count)]
    compressed = pa.ipc.IpcWriteOptions(compression="lz4")
    with ExitStack() as stack:
        writers = [stack.enter_context(pa.ipc.new_stream(path, schema, options=compressed)) for path in paths]
        for table in found:
            buckets = np.array(key(table, count), np.int64)
            for number in np.unique(buckets):
                writers[number].write_table(table.filter(pa.array(buckets == number)))
    return paths


def read_bucket(path: Path) -> pa.Table:
    """Return the rows of a file of `shuffle`."""
    with pa.ipc.open_stream(path) as reader:
        return reader.read_all()


def groups(table: pa.Table, column: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a sorted table in lists, one for each value of a column."""
    values = table[column].combine_chunks()
    if len(values):
        changes = np.flatnonzero(pc.not_equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False))
        for low, high in pairwise([0, *(changes + 1), len(values)]):
            yield table.slice(low, high - low).to_pylist()

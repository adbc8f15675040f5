"""One Parquet file of a dataset, of which only the footer and single row groups are read."""

import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dnacorpus import limits
from dnacorpus.bounded import parquet_rows_at_once, refuse_large_parquet
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.explore.where.files import Files
from dnacorpus.limits import LimitError, within_memory

TAIL = 1 << 16
"""Bytes at the end of a file that are read first and kept: the whole footer of most files."""
CACHED_GROUPS = 8
"""Decoded row groups of an index that are kept for the next query."""


class ParquetRanges:
    """A Parquet file read row group by row group; Arrow merges the columns of a group into few byte ranges."""

    def __init__(
        self, files: Files, path: str, columns: pa.Schema, *, exact: bool = False, cached: int = CACHED_GROUPS
    ) -> None:
        """Read the footer; keep at most ``cached`` decoded row groups later.

        Raises UsageError if there is no such file; CorpusError if it is damaged or lacks one of ``columns`` or has
        another type there (with ``exact``, if it has any other columns); RemoteError if the Hub fails.
        """
        self._max_cached = cached
        self._name, self._advice = f"{files.name}: {path}", files.advice()
        size = files.size(path)
        if size is None:
            raise UsageError(f"{self._name}: expected this file, found none; {self._advice}")
        try:
            source = pa.PythonFile(_RangeFile(files, path, size), mode="r")
            self._file = pq.ParquetFile(source, pre_buffer=True)
            found = self._file.schema_arrow
        except (pa.ArrowException, OSError, ValueError) as error:
            raise self._damaged(error) from error
        self._metadata = self._file.metadata
        refuse_large_parquet(self._metadata, self._name)
        self._names = found.names
        if any(field not in found for field in columns) or (exact and self._names != columns.names):
            raise CorpusError(
                f"{self._name}: expected the columns {_described(columns)}, found {_described(found)};"
                " use the dnacorpus that wrote it, or build the dataset again"
            )
        self._cache: dict[tuple[int, tuple[str, ...]], pa.Table] = {}

    def between(self, low: str | bytes, high: str | bytes, max_groups: int | None = None) -> pa.Table:
        """Return the rows whose first column, by which the file is sorted, is from ``low`` to ``high``, inclusive.

        At most ``max_groups`` row groups are read.
        """
        tables = [self._file.read_row_groups([], use_threads=False)]
        for number in self.groups(self._names[0], low, high)[:max_groups]:
            rows = self.group(number, self._names)
            keys = rows[self._names[0]]
            # Nulls sort last. Arrow's own comparison would import pandas, which takes longer than all the rest.
            indices = range(len(keys) - keys.null_count)
            if keys.slice(0, len(indices)).null_count:
                raise CorpusError(
                    f"{self._name}: expected nulls of {self._names[0]} after its other values, found one before;"
                    f" {self._advice}"
                )
            first = bisect_left(indices, low, key=lambda index: keys[index].as_py())
            last = bisect_right(indices, high, key=lambda index: keys[index].as_py())
            tables.append(rows.slice(first, last - first))
        return pa.concat_tables(tables)

    def rows(self, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield some columns of all rows, in order."""
        for number in range(self._metadata.num_row_groups):
            yield from self.group(number, names).to_pylist()

    def groups(self, name: str, low: str | bytes, high: str | bytes) -> list[int]:
        """Return the row groups that can have a value from ``low`` to ``high`` in a column, by its statistics."""
        column = self._names.index(name)
        return [number for number in range(self._metadata.num_row_groups) if self._overlaps(number, column, low, high)]

    def _overlaps(self, number: int, column: int, low: str | bytes, high: str | bytes) -> bool:
        statistics = self._metadata.row_group(number).column(column).statistics
        if statistics is None:
            return True
        if not statistics.has_min_max:
            all_null = statistics.num_values == 0
            return not all_null
        return bool(statistics.min <= high and low <= statistics.max)

    def group(self, number: int, names: Sequence[str]) -> pa.Table:
        """Return some columns of a row group; raises CorpusError if it is damaged, RemoteError if the Hub fails."""
        key = (number, tuple(names))
        if key not in self._cache:
            try:
                with within_memory():
                    table = self._decoded(number, names)
            except LimitError as error:
                raise LimitError(f"{self._name}: {error}") from None
            except (pa.ArrowException, OSError, ValueError) as error:
                raise self._damaged(error) from error
            while len(self._cache) >= self._max_cached:
                oldest = next(iter(self._cache))
                del self._cache[oldest]
            self._cache[key] = table.select(list(names))
        return self._cache[key]

    def _decoded(self, number: int, names: Sequence[str]) -> pa.Table:
        """Return some columns of a row group; raises LimitError while more is decoded than its footer may state."""
        at_once = parquet_rows_at_once(self._metadata, names, self._metadata.row_group(number).num_rows)
        batches: list[pa.RecordBatch] = []
        size = 0
        for batch in self._file.iter_batches(at_once, row_groups=[number], columns=list(names), use_threads=False):
            batch.validate(full=True)
            size += batch.nbytes
            if size > limits.PARQUET_GROUP:
                raise LimitError(f"row group {number}: {limits.PARQUET_GROUP.exceeded()}; do not use this file")
            batches.append(batch)
        if not batches:
            return self._file.read_row_group(number, columns=list(names), use_threads=False)
        return pa.Table.from_batches(batches)

    def group_of(self, row: int) -> tuple[int, int]:
        """Return the row group that has a row of the file, and the row's index in it; raises CorpusError."""
        first = 0
        for number in range(self._metadata.num_row_groups):
            rows = self._metadata.row_group(number).num_rows
            if first <= row < first + rows:
                return number, row - first
            first += rows
        raise CorpusError(f"{self._name}: expected row {row}, found {self._metadata.num_rows:,} rows; {self._advice}")

    def cost(self, number: int, names: Sequence[str]) -> int:
        """Return how many bytes must be read for some columns of a row group: 0 if they are in the cache."""
        if (number, tuple(names)) in self._cache:
            return 0
        group = self._metadata.row_group(number)
        chunks = [group.column(index) for index in range(group.num_columns)]
        # A struct or list is stored as several columns; the columns of a query are stored as one each.
        return sum(chunk.total_compressed_size for chunk in chunks if chunk.path_in_schema in names)

    def _damaged(self, error: Exception) -> CorpusError:
        return CorpusError(f"{self._name}: expected Parquet, found: {' '.join(str(error).split())}; {self._advice}")


def _described(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} ({field.type})" for field in schema)


class _RangeFile(io.RawIOBase):
    """A seekable file over `Files.read` that reads its last `TAIL` bytes once."""

    def __init__(self, files: Files, path: str, size: int) -> None:
        self._files, self._path, self._size, self._position = files, path, size, 0
        self._tail_start = max(size - TAIL, 0)
        self._tail = files.read(path, self._tail_start, size)

    def read(self, size: int = -1) -> bytes:
        """Return the next ``size`` bytes, or all that are left."""
        end = self._size if size is None or size < 0 else min(self._position + size, self._size)
        start, self._position = self._position, max(end, self._position)
        head_end = min(end, self._tail_start)
        head = self._files.read(self._path, start, head_end) if start < head_end else b""
        return head + self._tail[max(start - self._tail_start, 0) : max(end - self._tail_start, 0)]

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to an offset."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """Return the current offset."""
        return self._position

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

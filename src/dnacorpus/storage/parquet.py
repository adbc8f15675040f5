"""Writes and reads Parquet files; no other module writes them.

Row groups are limited by bytes, so that a reader of one row does not have to load a chromosome. Files have zstd
compression, a page index and content-defined chunks, as the Hub advises. The same rows give the same bytes.
"""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dnacorpus import limits
from dnacorpus.bounded import parquet_rows_at_once, refuse_large_parquet, repeated_texts
from dnacorpus.errors import CorpusError
from dnacorpus.limits import LimitError
from dnacorpus.schemas.nulls import refuse_nulls
from dnacorpus.storage.atomic import whole_file

ROW_GROUP_BYTES = 64 << 20
"""Uncompressed bytes at which a row group is closed; the viewer of the Hub refuses those above 300,000,000."""
ROW_GROUP_ROWS = 65_536
_HELD_ROWS = 1024
"""Most rows that are held as Python objects, which take several times the memory of columns."""


class TableWriter:
    """Writes rows or tables of one schema to one Parquet file, in bounded memory.

    Use as a context manager. ``path`` should be a temporary path of `atomic`, not a final one.
    ``published`` is false for tables between two stages, which are compressed less and written faster.
    ``group_rows``: most rows of a row group; few if single rows will be looked up.
    """

    def __init__(
        self, path: Path, schema: pa.Schema, *, published: bool = True, group_rows: int = ROW_GROUP_ROWS
    ) -> None:
        self.path, self.schema, self.rows = path, schema, 0
        self._group_rows = group_rows
        self._writer = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            compression_level=3 if published else 1,
            write_page_index=True,
            use_content_defined_chunking=published,
        )
        self._rows: list[dict[str, Any]] = []
        self._tables: list[pa.Table] = []
        self._bytes = self._held = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close_group()
        self._writer.close()

    def write_row(self, row: dict[str, Any], size: int = 0) -> None:
        """Add one row; ``size`` is the bytes of its large values. A string may also be given as ASCII bytes."""
        self._rows.append(row)
        self._bytes += size + 256
        self._held += 1
        if self._bytes >= ROW_GROUP_BYTES or self._held >= ROW_GROUP_ROWS:
            self.close_group()
        elif len(self._rows) >= _HELD_ROWS:
            self._gather()

    def write_table(self, table: pa.Table) -> None:
        """Add the rows of a table with the columns of the schema."""
        self._gather()
        table = table.select(self.schema.names).cast(self.schema)
        if self._bytes + table.nbytes < ROW_GROUP_BYTES:
            self._tables.append(table)
            self._bytes += table.nbytes
            return
        for batch in table.to_batches(max_chunksize=1024):
            self._tables.append(pa.Table.from_batches([batch]))
            self._bytes += batch.nbytes
            if self._bytes >= ROW_GROUP_BYTES:
                self.close_group()

    def close_group(self) -> None:
        """Write the rows held so far as a row group; the next rows begin another."""
        self._gather()
        if self._tables:
            table = pa.concat_tables(self._tables).combine_chunks() if len(self._tables) > 1 else self._tables[0]
            self._writer.write_table(table, row_group_size=self._group_rows)
            self.rows += table.num_rows
        self._tables, self._bytes, self._held = [], 0, 0

    def _gather(self) -> None:
        if self._rows:
            # Once for all rows: Arrow decodes the name of a field at each access.
            fields = [(field.name, field.type) for field in self.schema]
            columns = [_array([row.get(name) for row in self._rows], kind) for name, kind in fields]
            self._tables.append(pa.Table.from_arrays(columns, schema=self.schema))
            self._rows = []


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if not (pa.types.is_large_string(kind) and all(isinstance(value, bytes) for value in values)):
        return pa.array(values, kind)
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(value) for value in values], out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(kind, len(values), buffers)


def write(
    path: Path, schema: pa.Schema, rows: Iterable[dict[str, Any]] | pa.Table, group_rows: int = ROW_GROUP_ROWS
) -> int:
    """Write a Parquet file atomically, from rows or from a table, and return its number of rows."""
    with whole_file(path) as workspace, TableWriter(workspace, schema, group_rows=group_rows) as writer:
        if isinstance(rows, pa.Table):
            writer.write_table(rows)
        else:
            for row in rows:
                writer.write_row(row)
        writer.close_group()
        return writer.rows


def read(path: Path, schema: pa.Schema, columns: list[str] | None = None) -> pa.Table:
    """Return the table in a Parquet file, or some of its columns.

    Raises CorpusError if the file is not Parquet, exceeds a limit, or does not have the columns of ``schema``.
    """
    names = columns or schema.names
    with _open(path, schema) as file, _read_errors(path):
        return file.read(columns=names).select(names)


def batches(
    path: Path, schema: pa.Schema, columns: list[str] | None = None, rows: int = 256
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a Parquet file in batches; raises CorpusError as `read` does."""
    with _open(path, schema) as file:
        found = file.iter_batches(batch_size=rows, columns=columns or schema.names)
        while True:
            with _read_errors(path):
                batch = next(found, None)
            if batch is None:
                return
            yield batch


def scan(path: Path, schema: pa.Schema) -> pl.LazyFrame:
    """Return a scan of a Parquet file whose columns were checked; raises CorpusError as `read` does."""
    _open(path, schema).close()
    return pl.scan_parquet(path, hive_partitioning=False, glob=False)


@contextlib.contextmanager
def _read_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise  # Arrow's own is an ArrowException, too
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        found = " ".join(str(error).split())
        raise CorpusError(f"{path}: expected a Parquet file, found: {found}; remove it and run again") from error


def bounded_batches(path: Path, schema: pa.Schema, columns: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    """Yield what `batches` does of a file from elsewhere: fewer rows at a time if they could exceed a limit.

    Raises CorpusError also for text that is not UTF-8, LimitError for rows that exceed a limit when they are decoded.
    Any value may be null.
    """
    with _open(path, schema) as file:
        at_once = parquet_rows_at_once(file.metadata, columns, rows)
        texts = repeated_texts(file.metadata, columns)
    for column in texts:
        _refuse_large_rows(path, column, at_once)
    for batch in batches(path, schema, columns, at_once):
        with _read_errors(path):
            batch.validate(full=True)
        yield batch


def _refuse_large_rows(path: Path, column: str, at_once: int) -> None:
    """Raise LimitError if the texts of a column in ``at_once`` rows exceed the limit; no text is decoded twice."""
    with _read_errors(path), pq.ParquetFile(path, read_dictionary=[column]) as file:
        for batch in file.iter_batches(at_once, columns=[column]):
            texts = _innermost(batch.column(0))
            lengths = pc.binary_length(texts.dictionary)
            size = pc.sum(lengths.take(texts.indices)).as_py() or 0
            if size > limits.PARQUET_GROUP:
                raise LimitError(
                    f"{path}: {column}: {limits.PARQUET_GROUP.exceeded(size)} in at most {at_once} rows;"
                    " do not use this file"
                )


def _innermost(values: pa.Array) -> pa.DictionaryArray:
    """Return the texts in a list column that was read as a dictionary; null lists and structs have none."""
    while not pa.types.is_dictionary(values.type):
        values = values.flatten() if pa.types.is_list(values.type) else values.drop_null().field(0)
    return values


def foreign_batches(path: Path, schema: pa.Schema, columns: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    """Yield what `bounded_batches` does; raises CorpusError for a null where ``schema`` has none."""
    first = 0
    for batch in bounded_batches(path, schema, columns, rows):
        refuse_nulls(batch, schema, str(path), first)
        first += batch.num_rows
        yield batch


def _open(path: Path, schema: pa.Schema) -> pq.ParquetFile:
    with _read_errors(path):
        file = pq.ParquetFile(path)
        _ = file.schema_arrow
    refuse_large_parquet(file.metadata, str(path))
    if not file.schema_arrow.equals(schema):
        missing = sorted(set(schema.names) ^ set(file.schema_arrow.names))
        file.close()
        raise CorpusError(
            f"{path}: expected the columns of this version, found a difference in {missing or 'types'};"
            " remove the results made by another version and run again"
        )
    return file


def refuse_large_file(path: Path) -> None:
    """Raise LimitError for a Parquet file whose footer states more than the limits; anything else is no concern here.

    For files that a reader without limits scans.
    """
    try:
        metadata = pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return
    refuse_large_parquet(metadata, str(path))


def only(table: pa.Table, column: str, value: Any) -> pa.Table:
    """Return the rows whose ``column`` equals ``value``."""
    return table.filter(pc.equal(table[column], pa.scalar(value, table.schema.field(column).type)))

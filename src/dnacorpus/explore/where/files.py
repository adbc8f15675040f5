"""The files of a dataset, here or on the Hub, read by byte range: what a question needs of them and no more."""

import io
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from dnacorpus.dataset import manifest as manifests
from dnacorpus.dataset.manifest import MANIFEST, PULLED
from dnacorpus.errors import CorpusError, UsageError

TAIL = 1 << 16
"""Bytes of a Parquet file's end that are read first: the whole footer of most."""
HELD = 8
"""Row groups of an index that are kept decoded, for the next question."""


class Files(Protocol):
    """A dataset's files by their paths in it."""

    name: str
    most_compared: int
    """Bytes of shards that are read to compare the bases of one question."""

    def size(self, path: str) -> int | None:
        """Return the size of a file, or None where there is none."""

    def read(self, path: str, start: int, end: int) -> bytes:
        """Return the bytes of a file from ``start`` up to ``end``."""

    def advice(self) -> str:
        """Return what to do where a file is missing."""


class Folder:
    """The files of a dataset folder on this machine."""

    most_compared = 1 << 30

    def __init__(self, root: Path) -> None:
        """Raise UsageError for a folder that is no dataset."""
        if not (root / MANIFEST).is_file():
            manifests.read(root)
        self.name, self._root = str(root), root

    def size(self, path: str) -> int | None:
        """Return the size of a file, or None where there is none."""
        place = self._root / path
        return place.stat().st_size if place.is_file() else None

    def read(self, path: str, start: int, end: int) -> bytes:
        """Return the bytes of a file from ``start`` up to ``end``; fewer where it ends before."""
        with (self._root / path).open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def advice(self) -> str:
        """Return what to do where a file is missing."""
        if (pulled := self._root / PULLED).is_file():
            repo = json.loads(pulled.read_text(encoding="utf-8")).get("repo", "ORG/NAME")
            return f"the dataset was pulled in part: ask {repo} itself, or pull the rest"
        return "build or pull the dataset again"


def is_folder(dataset: str, revision: str | None = None) -> bool:
    """Return whether a dataset is a folder here, else it is ORG/NAME on the Hub.

    Raises UsageError for what can be neither, or for a revision of a folder.
    """
    if Path(dataset).exists():
        if revision is not None:
            raise UsageError(
                f"--revision {revision}: expected a dataset on the Hub, found the folder {dataset}; leave it out"
            )
        return True
    if dataset.count("/") != 1 or dataset.startswith((".", "/", "~")):
        raise UsageError(f"{dataset}: expected a dataset folder or ORG/NAME on the Hub, found neither; name one")
    return False


def manifest_of(files: Files) -> bytes:
    """Return the manifest's bytes; raises UsageError where there is none."""
    size = files.size(MANIFEST)
    if size is None:
        raise UsageError(f"{files.name}: {MANIFEST}: expected one, found none; this is no dnacorpus dataset")
    return files.read(MANIFEST, 0, size)


class ParquetRanges:
    """One Parquet file of a dataset, of which row groups are read, each in one piece."""

    def __init__(
        self, files: Files, path: str, columns: Sequence[str], *, exact: bool = False, held: int = HELD
    ) -> None:
        """Read the footer.

        Raises UsageError where there is no such file, CorpusError where it is damaged or has not ``columns``
        (with ``exact``: these and no others), RemoteError when the Hub fails.
        """
        self._held = held
        self._where, self._advice = f"{files.name}: {path}", files.advice()
        size = files.size(path)
        if size is None:
            raise UsageError(f"{self._where}: expected this file, found none; {self._advice}")
        self._bytes = _Spans(files, path, size)
        try:
            self._bytes.fetch_footer()
            self._file = pq.ParquetFile(pa.PythonFile(self._bytes, mode="r"))
            self._names = self._file.schema_arrow.names
        except (pa.ArrowException, OSError, ValueError) as error:
            raise self._damaged(error) from error
        self._metadata = self._file.metadata
        if (set(columns) - set(self._names)) or (exact and self._names != list(columns)):
            raise CorpusError(
                f"{self._where}: expected the columns {', '.join(columns)}, found {', '.join(self._names)};"
                " use the dnacorpus that wrote it, or build the dataset again"
            )
        self._decoded: dict[tuple[int, tuple[str, ...]], pa.Table] = {}

    def between(self, low: str | bytes, high: str | bytes, most_groups: int | None = None) -> pa.Table:
        """Return the rows whose first column is at least ``low`` and at most ``high``: the file is sorted by it.

        ``most_groups`` row groups are looked at, all that may hold such rows if it is None.
        """
        found = [self._file.read_row_groups([], use_threads=False)]
        for number in self.groups(self._names[0], low, high)[:most_groups]:
            rows = self.group(number, self._names)
            keys = rows[self._names[0]]
            # Nulls stand last. Arrow's own comparison would import pandas, which takes longer than all the rest.
            values = range(len(keys) - keys.null_count)
            first = bisect_left(values, low, key=lambda place: keys[place].as_py())
            last = bisect_right(values, high, key=lambda place: keys[place].as_py())
            found.append(rows.slice(first, last - first))
        return pa.concat_tables(found)

    def rows(self, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Give some columns of all rows, in order."""
        for number in range(self._metadata.num_row_groups):
            yield from self.group(number, names).to_pylist()

    def groups(self, name: str, low: str | bytes, high: str | bytes) -> list[int]:
        """Return the row groups whose ``name`` may be from ``low`` to ``high``, by the statistics of the footer."""
        column = self._names.index(name)
        return [number for number in range(self._metadata.num_row_groups) if self._may(number, column, low, high)]

    def _may(self, number: int, column: int, low: str | bytes, high: str | bytes) -> bool:
        statistics = self._metadata.row_group(number).column(column).statistics
        if statistics is None or not statistics.has_min_max:
            # None where all of them are null, too.
            return statistics is None or statistics.num_values > 0
        return bool(statistics.min <= high and low <= statistics.max)

    def group(self, number: int, names: Sequence[str]) -> pa.Table:
        """Return some columns of a row group."""
        key = (number, tuple(names))
        if key not in self._decoded:
            self._bytes.fetch([self._span(number, name) for name in names])
            try:
                table = self._file.read_row_group(number, columns=list(names), use_threads=False)
            except (pa.ArrowException, OSError, ValueError) as error:
                raise self._damaged(error) from error
            finally:
                self._bytes.forget()
            while len(self._decoded) >= self._held:
                del self._decoded[next(iter(self._decoded))]
            self._decoded[key] = table.select(list(names))
        return self._decoded[key]

    def group_of(self, row: int) -> tuple[int, int]:
        """Return the row group that holds a row of the file, and the row's place there; raises CorpusError."""
        for number, first in self._starts():
            if first <= row < first + self._metadata.row_group(number).num_rows:
                return number, row - first
        raise CorpusError(f"{self._where}: expected row {row}, found {self._metadata.num_rows:,} rows; {self._advice}")

    def _starts(self) -> Iterator[tuple[int, int]]:
        first = 0
        for number in range(self._metadata.num_row_groups):
            yield number, first
            first += self._metadata.row_group(number).num_rows

    def cost(self, number: int, names: Sequence[str]) -> int:
        """Return the bytes that reading some columns of a row group takes; none where they are held."""
        if (number, tuple(names)) in self._decoded:
            return 0
        return sum(end - start for start, end in (self._span(number, name) for name in names))

    def _span(self, number: int, name: str) -> tuple[int, int]:
        # A struct or list is several columns of the file; those asked for here are one each.
        group = self._metadata.row_group(number)
        place = next(n for n in range(group.num_columns) if group.column(n).path_in_schema == name)
        chunk = group.column(place)
        starts = [at for at in (chunk.dictionary_page_offset, chunk.data_page_offset) if at is not None]
        return min(starts), min(starts) + chunk.total_compressed_size

    def _damaged(self, error: Exception) -> CorpusError:
        return CorpusError(f"{self._where}: expected Parquet, found: {' '.join(str(error).split())}; {self._advice}")


class _Spans(io.RawIOBase):
    """A file of which pieces are fetched ahead, as Parquet's reader wants it; the footer stays."""

    def __init__(self, files: Files, path: str, size: int) -> None:
        self._files, self._path, self._size, self._at = files, path, size, 0
        self._footer = (size, b"")
        self._ahead: list[tuple[int, bytes]] = []

    def fetch_footer(self) -> None:
        """Fetch the end of the file, once more where its footer is longer than `TAIL`."""
        start = max(self._size - TAIL, 0)
        tail = self._files.read(self._path, start, self._size)
        if self._size < 12 or tail[-4:] != b"PAR1":
            raise ValueError(f"{self._size:,} bytes that do not end as Parquet does")
        footer = max(self._size - 8 - int.from_bytes(tail[-8:-4], "little"), 0)
        if footer < start:
            tail = self._files.read(self._path, footer, start) + tail
        self._footer = (self._size - len(tail), tail)

    def fetch(self, spans: Sequence[tuple[int, int]]) -> None:
        """Fetch half-open spans, those that touch in one piece."""
        joined: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], end))
            else:
                joined.append((start, end))
        self._ahead = [
            (start, self._files.read(self._path, start, end)) for start, end in joined if start < self._footer[0]
        ]

    def forget(self) -> None:
        """Drop what was fetched ahead."""
        self._ahead = []

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, from what is held where it holds them."""
        end = self._size if size is None or size < 0 else min(self._at + size, self._size)
        start, self._at = self._at, max(end, self._at)
        for first, content in (self._footer, *self._ahead):
            if first <= start and end <= first + len(content):
                return content[start - first : end - first]
        return self._files.read(self._path, start, end) if start < end else b""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def seekable(self) -> bool:
        """Whether places can be gone to."""
        return True

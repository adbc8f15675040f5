"""The files of sketches: hashes sorted by their first bits, so that the job of a bucket reads that bucket only.

The hashes of a sketch are below 2^64 / scaled, so their first bits are not evenly distributed. They are stored with
their bytes swapped: then ranges of equal width have about the same number of hashes, whatever the ``scaled``.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import SKETCHED, SKETCHES
from dnacorpus.storage.parquet import TableWriter, read

HASHES = "hashes.parquet"
RECORDS = "records.parquet"
RUN_HASHES = 1 << 22
"""Hashes that are sorted at once; writing takes about 80 bytes for each."""
_PREFIXES = 1 << 16
_PREFIX_SHIFT = np.uint64(48)

Hashes = npt.NDArray[np.uint64]


class HashRuns:
    """Sorts any number of (hash, record) by the first 16 bits of the hash, in bounded memory.

    Hashes with the same first bits stay in the order of their records: a counting sort, five times faster than a full
    sort. Runs of `RUN_HASHES` are files in the folder ``workspace`` until they are merged, range by range.
    """

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._pending: list[tuple[Hashes, int]] = []
        self._count = 0
        self._runs: list[tuple[Path, Path]] = []
        self._starts: list[npt.NDArray[np.int64]] = []

    def add(self, hashes: Hashes, record: int) -> None:
        """Add the hashes of one record."""
        self._pending.append((hashes.byteswap(), record))
        self._count += len(hashes)
        if self._count >= RUN_HASHES:
            self._spill()

    def _sorted(self) -> tuple[Hashes, npt.NDArray[np.int64]]:
        hashes = np.concatenate([np.empty(0, np.uint64), *(hashes for hashes, _ in self._pending)])
        sizes = [len(hashes) for hashes, _ in self._pending]
        records = np.repeat(np.array([record for _, record in self._pending], np.int64), sizes)
        self._pending, self._count = [], 0
        return _in_order(hashes, records)

    def _spill(self) -> None:
        paths = tuple(self._workspace / f"run.{len(self._runs)}.{name}.npy" for name in ("hashes", "records"))
        ordered = self._sorted()
        for path, values in zip(paths, ordered, strict=True):
            np.save(path, values)
        self._starts.append(np.append(0, np.cumsum(np.bincount(_prefix(ordered[0]), minlength=_PREFIXES))))
        self._runs.append((paths[0], paths[1]))

    def write(self, path: Path) -> None:
        """Write the SKETCHES table and remove the files of the runs."""
        with TableWriter(path, SKETCHES, published=False) as writer:
            for hashes, records in self._merged():
                writer.write_table(pa.table({"hash": hashes, "record": records}))
        for run in self._runs:
            for file in run:
                file.unlink()

    def _merged(self) -> Iterator[tuple[Hashes, npt.NDArray[np.int64]]]:
        if not self._runs:
            yield self._sorted()
            return
        self._spill()
        runs = [(np.load(hashes, mmap_mode="r"), np.load(records, mmap_mode="r")) for hashes, records in self._runs]
        for number in range(len(runs)):
            first, end = _PREFIXES * number // len(runs), _PREFIXES * (number + 1) // len(runs)
            slices = [slice(int(starts[first]), int(starts[end])) for starts in self._starts]
            yield _in_order(
                np.concatenate([hashes[part] for (hashes, _), part in zip(runs, slices, strict=True)]),
                np.concatenate([records[part] for (_, records), part in zip(runs, slices, strict=True)]),
            )


def _in_order(hashes: Hashes, records: npt.NDArray[np.int64]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    order = np.argsort(_prefix(hashes), kind="stable")
    return hashes[order], records[order]


def _prefix(hashes: Hashes) -> npt.NDArray[np.uint16]:
    return (hashes >> _PREFIX_SHIFT).astype(np.uint16)


def ranges(bucket: int, buckets: int, passes: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last hash of each of ``passes`` equal ranges of a bucket of the 64-bit values."""
    total = buckets * passes
    for number in range(bucket * passes, (bucket + 1) * passes):
        yield (number << 64) // total, ((number + 1) << 64) // total - 1


def read_records(folder: Path) -> pa.Table:
    """Return the SKETCHED table of a folder; raises CorpusError as `parquet.read` does."""
    return read(folder / RECORDS, SKETCHED)


def read_hashes(folder: Path, first: int, last: int) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Return the hashes from ``first`` to ``last``, both included, and the record of each.

    Reads only the row groups with such hashes. Raises CorpusError if the file is not a SKETCHES table.
    """
    path = folder / HASHES
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(SKETCHES):
                raise pa.ArrowInvalid("other columns than those of this version")
            groups = [number for number in range(file.num_row_groups) if _overlaps(file, number, first, last)]
            table = file.read_row_groups(groups)
    except (OSError, pa.ArrowInvalid) as error:
        raise CorpusError(f"{path}: expected a table of sketches, found: {error}; remove it and run again") from error
    hashes = table["hash"].to_numpy()
    inside = (hashes >= np.uint64(first)) & (hashes <= np.uint64(last))
    return hashes[inside], table["record"].to_numpy()[inside]


def count_hashes(folder: Path) -> int:
    """Return the number of hashes in a folder, from the footer of the file."""
    try:
        return int(pq.read_metadata(folder / HASHES).num_rows)
    except (OSError, pa.ArrowInvalid) as error:
        raise CorpusError(
            f"{folder / HASHES}: expected a table of sketches, found: {error}; remove it and run again"
        ) from error


def _overlaps(file: pq.ParquetFile, number: int, first: int, last: int) -> bool:
    statistics = file.metadata.row_group(number).column(0).statistics
    return statistics is None or bool(statistics.min <= last and first <= statistics.max)

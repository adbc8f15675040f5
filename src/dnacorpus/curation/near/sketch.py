"""The files of sketches: hashes in order of their first bits, so that a bucket job reads its bucket alone.

A sketch at ``scaled`` holds hashes below 2^64 / scaled, so that their first bits say nothing but their size.
They are kept with their bytes swapped: then every range of equal width holds as many, of every ``scaled``.
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
"""Hashes that are sorted at once; writing needs some 80 bytes for each."""
_PREFIXES = 1 << 16
_PREFIX_SHIFT = np.uint64(48)

Hashes = npt.NDArray[np.uint64]


class HashRuns:
    """Gathers (hash, record) in any number and writes them by the first 16 bits of the hash, in bounded memory.

    Of one prefix the hashes stay in the order of their records: a counting sort, five times faster than a whole one.

    Runs of `RUN_HASHES` lie in the folder ``workspace`` until they are merged, range by range.
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
        """Write the SKETCHES table, and remove the runs."""
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
            first, end = (_PREFIXES * place // len(runs) for place in (number, number + 1))
            spans = [slice(int(starts[first]), int(starts[end])) for starts in self._starts]
            yield _in_order(
                np.concatenate([run[span] for (run, _), span in zip(runs, spans, strict=True)]),
                np.concatenate([records[span] for (_, records), span in zip(runs, spans, strict=True)]),
            )


def _in_order(hashes: Hashes, records: npt.NDArray[np.int64]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    order = np.argsort(_prefix(hashes), kind="stable")
    return hashes[order], records[order]


def _prefix(hashes: Hashes) -> npt.NDArray[np.uint16]:
    return (hashes >> _PREFIX_SHIFT).astype(np.uint16)


def ranges(bucket: int, buckets: int, passes: int) -> Iterator[tuple[int, int]]:
    """Yield the first and last hash of each of ``passes`` equal ranges of a bucket of all 64-bit values."""
    total = buckets * passes
    for number in range(bucket * passes, (bucket + 1) * passes):
        yield (number << 64) // total, ((number + 1) << 64) // total - 1


def read_records(folder: Path) -> pa.Table:
    """Return the SKETCHED table of a folder; raises CorpusError as `tables.read` does."""
    return read(folder / RECORDS, SKETCHED)


def read_hashes(folder: Path, first: int, last: int) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Return the hashes from ``first`` to ``last``, both included, and the records that hold them.

    Only the row groups that have some are read. Raises CorpusError when the file is not a SKETCHES table.
    """
    path = folder / HASHES
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(SKETCHES):
                raise pa.ArrowInvalid("other columns than those of this version")
            groups = [number for number in range(file.num_row_groups) if _meets(file, number, first, last)]
            table = file.read_row_groups(groups)
    except (OSError, pa.ArrowInvalid) as error:
        raise CorpusError(f"{path}: expected a table of sketches, found: {error}; remove it and run again") from error
    hashes = table["hash"].to_numpy()
    inside = (hashes >= np.uint64(first)) & (hashes <= np.uint64(last))
    return hashes[inside], table["record"].to_numpy()[inside]


def count_hashes(folder: Path) -> int:
    """Return how many hashes a folder holds, from the foot of the file."""
    try:
        return int(pq.read_metadata(folder / HASHES).num_rows)
    except (OSError, pa.ArrowInvalid) as error:
        raise CorpusError(
            f"{folder / HASHES}: expected a table of sketches, found: {error}; remove it and run again"
        ) from error


def _meets(file: pq.ParquetFile, number: int, first: int, last: int) -> bool:
    statistics = file.metadata.row_group(number).column(0).statistics
    return statistics is None or bool(statistics.min <= last and first <= statistics.max)

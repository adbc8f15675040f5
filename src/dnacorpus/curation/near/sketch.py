"""FracMinHash sketches of records, and their files.

A sketch is the hashes of a record's canonical k-mers that are below 2^64 / scaled (Irber et al., bioRxiv
2022.01.11.475838). ``scaled`` follows the length of the record, so that a virus keeps all its k-mers and a bacterium
some thousands. Sketches nest: a hash that two of them share is below both thresholds, so two records are compared at
the larger ``scaled`` by the hashes that they have in common.

The files have the hashes sorted by their first bits, so that the job of a bucket reads that bucket only. Because the
hashes of a sketch are below 2^64 / scaled, their first bits are not evenly distributed: they are stored with their
bytes swapped. Then ranges of equal width have about the same number of hashes, whatever the ``scaled``.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from sourmash.minhash import MinHash

from dnacorpus.curation.near.candidates import signature
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import SKETCHED, SKETCHES
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.settings.curation import NearSettings
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.part_reader import molecules

HASHES = "hashes.parquet"
SKETCHED_RECORDS = "records.parquet"
RUN_HASHES = 1 << 22
"""Hashes that are sorted at once; writing takes about 80 bytes for each."""
_PREFIXES = 1 << 16
_PREFIX_SHIFT = np.uint64(48)

Hashes = npt.NDArray[np.uint64]
_KEYS = ["division", "part", "ordinal", "accession", "topology", "length", "ambiguous", "exclusion"]
_PIECE = 1 << 20


def usable_records(folders: Iterable[Path]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the keys and the bases of the records that parse did not exclude, from the tables of some parts."""
    for folder in folders:
        records = pl.DataFrame(tables.read(folder / "records.parquet", RECORDS, _KEYS))
        rows = {row["ordinal"]: row for row in records.filter(pl.col("exclusion").is_null()).iter_rows(named=True)}
        for ordinal, sequence, _ in molecules(folder / "segments.parquet", rows):
            yield rows[ordinal], sequence


def write_sketches(records: Iterable[tuple[dict[str, Any], bytes]], settings: NearSettings, out: Path) -> None:
    """Write the SKETCHES and SKETCHED tables of some records into the folder ``out``, which exists.

    The records are as `usable_records` yields them. Holds the bases of one record (at most three times), the keys and
    signatures of all (about 600 bytes a record), and `RUN_HASHES` hashes.
    """
    runs = HashRuns(out)
    with tables.TableWriter(out / SKETCHED_RECORDS, SKETCHED, published=False) as writer:
        for number, (row, sequence) in enumerate(records):
            bases = row["length"] - row["ambiguous"]
            scaled = scaled_for(bases, settings)
            hashes = sketch_of(sequence, settings.k, scaled, circular=row["topology"] == "circular")
            counts = counts_of(hashes, scaled, settings.max_scaled)
            sketch = {"bases": bases, "scaled": scaled, "counts": counts, "slots": signature(hashes)}
            keys = {name: row[name] for name in ("division", "part", "ordinal", "accession")}
            writer.write_row(keys | sketch, size=256)
            runs.add(hashes, number)
    runs.write(out / HASHES)


def scaled_for(bases: int, settings: NearSettings) -> int:
    """Return the largest ``scaled``, a power of two up to ``max_scaled``, that leaves ``min_hashes`` of the k-mers."""
    return min(settings.max_scaled, 1 << max(bases // settings.min_hashes, 1).bit_length() - 1)


def sketch_of(sequence: bytes, k: int, scaled: int, *, circular: bool) -> Hashes:
    """Return the distinct hashes of a sequence's canonical k-mers below 2^64 / ``scaled``, sorted.

    The hash is that of sourmash: MurmurHash3, seed 42, of the letters of the alphabetically smaller strand. A
    window with a letter other than A, C, G and T has no hash. The k-mers across the origin of a circular molecule are
    included.
    """
    if circular and len(sequence) >= k:
        sequence += sequence[: k - 1]
    pieces = [_hashes(sequence[at : at + _PIECE + k - 1], k, scaled) for at in range(0, len(sequence), _PIECE)]
    hashes: Hashes = np.sort(np.concatenate([np.empty(0, np.uint64), *pieces]))
    hashes = hashes[np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]]
    return hashes if scaled == 1 else hashes[: int(np.searchsorted(hashes, _threshold(scaled)))]


def _hashes(sequence: bytes, k: int, scaled: int) -> Hashes:
    text = sequence.decode("ascii")
    sketch = MinHash(n=0, ksize=k, scaled=scaled)
    if scaled < 4:
        # sourmash keeps a sketch sorted as it grows, which is slow if it keeps most hashes.
        return np.array(sketch.seq_to_hashes(text, force=True), np.uint64)
    sketch.add_sequence(text, force=True)
    return np.fromiter(sketch.hashes, np.uint64, len(sketch))


def _threshold(scaled: int) -> np.uint64:
    return np.uint64((1 << 64) // scaled)


def counts_of(hashes: Hashes, scaled: int, max_scaled: int) -> list[int]:
    """Return the number of sorted hashes of a sketch at ``scaled``, at twice that, and so on up to ``max_scaled``."""
    levels = [1 << level for level in range(scaled.bit_length() - 1, max_scaled.bit_length())]
    coarser = (int(np.searchsorted(hashes, _threshold(level))) for level in levels[1:])
    return [len(hashes), *coarser]


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
        with tables.TableWriter(path, SKETCHES, published=False) as writer:
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
    return tables.read(folder / SKETCHED_RECORDS, SKETCHED)


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

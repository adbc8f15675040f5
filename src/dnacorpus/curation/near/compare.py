"""Compares the sketches of candidate pairs, in buckets of their hashes.

The job of every bucket chooses the same pairs (see `candidates`), reads the hashes of its bucket, and counts for each
pair the hashes in both sketches. The sums over all buckets are exact: they depend neither on the number of buckets nor
on the order of the files.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from dnacorpus.curation.components import Indices
from dnacorpus.curation.exact import Bucket
from dnacorpus.curation.near.candidates import SLOTS, candidates, chunks, min_containment
from dnacorpus.curation.near.sketch import count_hashes, ranges, read_hashes, read_records
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.parts import RECORD_KEY
from dnacorpus.settings.curation import NearSettings

HASHES_AT_ONCE = 1 << 22
"""Hashes of a bucket, and of pairs, that are held at once."""
_ROWS_AT_ONCE = 1 << 20


def near_pairs(sketches: Sequence[Path], bucket: Bucket, settings: NearSettings) -> Iterator[pa.Table]:
    """Yield the rows of the NEAR table of one bucket over the folders that `write_sketches` wrote.

    Memory: about 1 kB a record (signature 256 bytes, representatives 512, keys), 24 bytes for each of at most
    ``max_comparisons`` + 1 pairs a record, and 200 bytes for each of `HASHES_AT_ONCE` hashes. If ``min_ani`` is 0,
    nothing is compared and there are no rows. Raises CorpusError for a file that is not a sketch.
    """
    if not settings.min_ani:
        return
    records = _in_precedence(sketches)
    signatures = np.zeros((len(records), SLOTS), np.uint32)
    signatures[:] = records["slots"].explode(empty_as_null=False).to_numpy().reshape(-1, SLOTS)
    bases = records["bases"].to_numpy()
    containment = min_containment(settings)
    record, representative = candidates(signatures, bases, settings.max_comparisons, containment)
    del signatures
    sizes = _sizes(records, record, representative, settings.max_scaled)
    possible = sizes.min(axis=1) >= containment * sizes.max(axis=1)
    record, representative, most = record[possible], representative[possible], sizes[possible].max(axis=1)
    del sizes, possible
    shared = _shared(sketches, records, record, representative, bucket)
    sharing = np.flatnonzero(shared)
    keys = records.select(RECORD_KEY)
    for at in range(0, len(sharing), _ROWS_AT_ONCE):
        some = sharing[at : at + _ROWS_AT_ONCE]
        near = keys[representative[some]].rename({name: f"near_{name}" for name in RECORD_KEY})
        counts = pl.DataFrame({"shared": shared[some], "hashes": most[some]})
        yield pl.concat([keys[record[some]], near, counts], how="horizontal").to_arrow()


def _in_precedence(sketches: Sequence[Path]) -> pl.DataFrame:
    """Return the records of all folders, longest first, with the ``folder`` and ``row`` of each."""
    frames = [
        pl.DataFrame(read_records(folder)).with_row_index("row").with_columns(folder=pl.lit(number, pl.Int64))
        for number, folder in enumerate(sketches)
    ]
    return pl.concat(frames).sort(-pl.col("bases"), "accession", *RECORD_KEY)


def _sizes(records: pl.DataFrame, record: Indices, representative: Indices, max_scaled: int) -> Indices:
    """Return the numbers of hashes of both sketches of each pair at the larger ``scaled`` of the two: (pairs, 2)."""
    levels = max_scaled.bit_length()
    # Counts are taken from the end, because the last one of every record is that at the largest scaled.
    depth = records["counts"].list.len().to_numpy().astype(np.int64)
    counts = records["counts"].explode(empty_as_null=False).to_numpy()
    ends = np.cumsum(depth)
    if len(depth) and int(depth.max()) > levels:
        raise CorpusError(
            f"sketches: expected a scaled of at most {max_scaled}, found more; remove the sketches and run again"
        )
    common = np.minimum(depth[record], depth[representative])
    return np.stack([counts[ends[record] - common], counts[ends[representative] - common]], axis=1)


def _shared(
    sketches: Sequence[Path], records: pl.DataFrame, record: Indices, representative: Indices, bucket: Bucket
) -> Indices:
    """Return the number of hashes of a bucket that the two records of each pair share."""
    wanted = np.zeros(len(records), bool)
    wanted[record] = wanted[representative] = True
    rank_of = _ranks(records, len(sketches))
    total = sum(count_hashes(folder) for folder in sketches)
    passes = total // (bucket.count * HASHES_AT_ONCE) + 1
    shared = np.zeros(len(record), np.int64)
    for first, last in ranges(bucket.number, bucket.count, passes):
        of_folders = [read_hashes(folder, first, last) for folder in sketches]
        holders = np.concatenate(
            [np.empty(0, np.int64), *(ranks[rows] for ranks, (_, rows) in zip(rank_of, of_folders, strict=True))]
        )
        hashes = np.concatenate([np.empty(0, np.uint64), *(values for values, _ in of_folders)])
        kept = wanted[holders]
        shared += _count(hashes[kept], holders[kept], record, representative, len(records))
    return shared


def _ranks(records: pl.DataFrame, folders: int) -> list[Indices]:
    """Return for each folder the rank in precedence of each of its rows."""
    ranks = records.select("folder", "row").with_row_index("rank").sort("folder", "row")
    sizes = np.bincount(ranks["folder"].to_numpy(), minlength=folders)
    return np.split(ranks["rank"].to_numpy().astype(np.int64), np.cumsum(sizes)[:-1])


def _count(
    hashes: npt.NDArray[np.uint64], holders: Indices, record: Indices, representative: Indices, records: int
) -> Indices:
    """Return the number of hashes that both records of each pair have."""
    values, number, times = np.unique(hashes, return_inverse=True, return_counts=True)
    several = times[number] > 1
    held = holders[several] * len(values) + number[several]
    held.sort()
    holder, number = np.divmod(held, max(len(values), 1))
    ends = np.cumsum(np.bincount(holder, minlength=records))
    sizes = np.diff(ends, prepend=0)
    smaller = np.where(sizes[record] <= sizes[representative], record, representative)
    other = record + representative - smaller
    shared = np.zeros(len(record), np.int64)
    for some in chunks(sizes[smaller], HASHES_AT_ONCE):
        lengths = sizes[smaller[some]]
        stops = np.cumsum(lengths)
        if not stops[-1]:
            continue
        # The rows in ``held`` of the hashes of the smaller sketches, one sketch after another.
        rows = np.arange(stops[-1]) + np.repeat(ends[smaller[some]] - stops, lengths)
        sought = np.repeat(other[some], lengths) * len(values) + number[rows]
        index = np.minimum(np.searchsorted(held, sought), len(held) - 1)
        hits = np.concatenate([[0], np.cumsum(held[index] == sought)])
        shared[some] = hits[stops] - hits[stops - lengths]
    return shared

"""The part of the match stage that looks for near-duplicates: sketches compared in buckets of their hashes.

Every bucket job chooses the same pairs (see `candidates`), reads the hashes of its bucket, and counts for each pair
those that both sketches hold. The sums over all buckets are exact: they depend neither on the number of
buckets nor on the order of the files.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from dnacorpus.curation.exact import Bucket
from dnacorpus.curation.near.candidates import SLOTS, Indices, candidates, chunks, min_containment
from dnacorpus.curation.near.sketch import count_hashes, ranges, read_hashes, read_records
from dnacorpus.errors import CorpusError
from dnacorpus.settings.curation import NearSettings

HASHES_AT_ONCE = 1 << 22
"""Hashes of a bucket, and of pairs, that are held at once."""
_ROWS_AT_ONCE = 1 << 20
_KEY = ["division", "part", "ordinal"]


def near_pairs(sketches: Sequence[Path], bucket: Bucket, settings: NearSettings) -> Iterator[pa.Table]:
    """Yield the rows of the NEAR table of one bucket over the folders that `sketches.sketch` wrote.

    Memory: about 1 kB a record (signature 256 bytes, hubs 512, keys), 24 bytes for each of at most
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
    record, hub = candidates(signatures, bases, settings.max_comparisons, containment)
    del signatures
    sizes = _sizes(records, record, hub, settings.max_scaled)
    possible = sizes.min(axis=1) >= containment * sizes.max(axis=1)
    record, hub, most = record[possible], hub[possible], sizes[possible].max(axis=1)
    del sizes, possible
    shared = _shared(sketches, records, record, hub, bucket)
    sharing = np.flatnonzero(shared)
    keys = records.select(_KEY)
    for at in range(0, len(sharing), _ROWS_AT_ONCE):
        some = sharing[at : at + _ROWS_AT_ONCE]
        near = keys[hub[some]].rename({name: f"near_{name}" for name in _KEY})
        counts = pl.DataFrame({"shared": shared[some], "hashes": most[some]})
        yield pl.concat([keys[record[some]], near, counts], how="horizontal").to_arrow()


def _in_precedence(sketches: Sequence[Path]) -> pl.DataFrame:
    """Return the records of all folders, longest first, with the place of each: ``folder`` and ``row``."""
    frames = [
        pl.DataFrame(read_records(folder)).with_row_index("row").with_columns(folder=pl.lit(number, pl.Int64))
        for number, folder in enumerate(sketches)
    ]
    return pl.concat(frames).sort(-pl.col("bases"), "accession", *_KEY)


def _sizes(records: pl.DataFrame, record: Indices, hub: Indices, max_scaled: int) -> Indices:
    """Return how many hashes both sketches of each pair have at the larger ``scaled`` of the two: (pairs, 2)."""
    levels = max_scaled.bit_length()
    # Counted from the end: the last count of every record is that at the largest scaled.
    depth = records["counts"].list.len().to_numpy().astype(np.int64)
    counts = records["counts"].explode(empty_as_null=False).to_numpy()
    ends = np.cumsum(depth)
    if len(depth) and int(depth.max()) > levels:
        raise CorpusError(
            f"sketches: expected a scaled of at most {max_scaled}, found more; remove the sketches and run again"
        )
    common = np.minimum(depth[record], depth[hub])
    return np.stack([counts[ends[record] - common], counts[ends[hub] - common]], axis=1)


def _shared(sketches: Sequence[Path], records: pl.DataFrame, record: Indices, hub: Indices, bucket: Bucket) -> Indices:
    """Return how many hashes of a bucket the two records of each pair share."""
    wanted = np.zeros(len(records), bool)
    wanted[record] = wanted[hub] = True
    rank_of = _ranks(records, len(sketches))
    total = sum(count_hashes(folder) for folder in sketches)
    passes = total // (bucket.count * HASHES_AT_ONCE) + 1
    shared = np.zeros(len(record), np.int64)
    for first, last in ranges(bucket.number, bucket.count, passes):
        found = [read_hashes(folder, first, last) for folder in sketches]
        holders = np.concatenate([np.empty(0, np.int64), *(rank_of[at][rows] for at, (_, rows) in enumerate(found))])
        hashes = np.concatenate([np.empty(0, np.uint64), *(values for values, _ in found)])
        kept = wanted[holders]
        shared += _count(hashes[kept], holders[kept], record, hub, len(records))
    return shared


def _ranks(records: pl.DataFrame, folders: int) -> list[Indices]:
    """Return for each folder the place in precedence of each of its rows."""
    places = records.select("folder", "row").with_row_index("rank").sort("folder", "row")
    sizes = np.bincount(places["folder"].to_numpy(), minlength=folders)
    return np.split(places["rank"].to_numpy().astype(np.int64), np.cumsum(sizes)[:-1])


def _count(hashes: npt.NDArray[np.uint64], holders: Indices, record: Indices, hub: Indices, records: int) -> Indices:
    """Return for each pair the number of hashes that both of its records hold."""
    values, number, times = np.unique(hashes, return_inverse=True, return_counts=True)
    several = times[number] > 1
    held = holders[several] * len(values) + number[several]
    held.sort()
    holder, number = np.divmod(held, max(len(values), 1))
    ends = np.cumsum(np.bincount(holder, minlength=records))
    sizes = np.diff(ends, prepend=0)
    smaller = np.where(sizes[record] <= sizes[hub], record, hub)
    other = record + hub - smaller
    shared = np.zeros(len(record), np.int64)
    for some in chunks(sizes[smaller], HASHES_AT_ONCE):
        lengths = sizes[smaller[some]]
        stops = np.cumsum(lengths)
        if not stops[-1]:
            continue
        # Row by row of the smaller sketches, one after another: where it lies among all that are held.
        rows = np.arange(stops[-1]) + np.repeat(ends[smaller[some]] - stops, lengths)
        asked = np.repeat(other[some], lengths) * len(values) + number[rows]
        place = np.minimum(np.searchsorted(held, asked), len(held) - 1)
        hits = np.concatenate([[0], np.cumsum(held[place] == asked)])
        shared[some] = hits[stops] - hits[stops - lengths]
    return shared

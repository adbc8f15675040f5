"""Chooses pairs of records that may be near-duplicates: arrays in, pairs out, in time linear in the records.

The hashes of a sketch are divided into slots; its signature is the smallest hash of each slot. Two records agree in a
slot with a probability equal to their Jaccard index J (one-permutation MinHash; Li, Owen & Zhang, NIPS 2012), whatever
the ``scaled`` of either, because every sketch holds the smallest hashes. For records of similar length with
containment C = ANI^k, J = C / (2 - C): 0.21 for an ANI of 0.95 and k = 21, where 64 slots miss a pair once in two
million times.

Records with the same value in a band (a slot, or three consecutive slots) are compared with the first of them only,
their representative. So a family of a million records costs a million comparisons, not their square. Bands of three
slots separate a family from its genus, whose longer members would otherwise be the representatives everywhere. Bands
are also divided by length, on two overlapping grids, so that the representative of a short record is not always one of
the genomes that contain it.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from dnacorpus.curation.components import Indices
from dnacorpus.settings.curation import NearSettings

SLOTS = 64
"""Slots of a signature: 256 bytes for each record. A power of two; the format of sketches depends on it."""

_DEPTHS = (1, 3)
_ROWS_AT_ONCE = 1 << 16
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(32))


def min_containment(settings: NearSettings) -> float:
    """Return the minimum containment of near-duplicates: ANI^k.

    A k-mer is unchanged if all of its k bases are: with independent substitutions at a rate d, (1 - d)^k (Fan et al.,
    BMC Genomics 2015; for FracMinHash, Hera, Pierce-Ward & Koslicki, Genome Research 2023).
    """
    return float(settings.min_ani**settings.k)


def signature(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    """Return 32 bits of the smallest hash in each of the `SLOTS` slots, 0 for an empty one; ``hashes`` is sorted."""
    slots = np.zeros(SLOTS, np.uint32)
    descending = hashes[::-1]
    # The bits above those of the slot are evenly distributed. Of several hashes of a slot the last one assigned stays.
    numbers, bits = descending % np.uint64(SLOTS), (descending // np.uint64(SLOTS)).astype(np.uint32)
    slots[numbers.astype(np.int64)] = np.maximum(bits, 1)
    return slots


def candidates(
    signatures: npt.NDArray[np.uint32], bases: Indices, limit: int, containment: float
) -> tuple[Indices, Indices]:
    """Return the pairs to compare, as rows: records, and for each a representative before it.

    ``signatures`` (records by `SLOTS`) and ``bases`` are in the order of precedence, longest first. A record is
    compared with at most ``limit`` representatives, those that most bands propose, and with the first record that has
    the same signature. None of them is longer by more than a factor of 1 / ``containment``: most of a longer one could
    not be in the record.
    """
    proposed = _proposed(signatures, bases, containment)
    chosen = [_best(proposed[at : at + _ROWS_AT_ONCE], at, bases, limit, containment) for at in _starts(len(bases))]
    same = _first_of(_mixed(signatures.T))
    copies = np.flatnonzero((same != np.arange(len(bases))) & signatures.any(axis=1))
    pairs = np.concatenate([*chosen, np.stack([copies, same[copies]], axis=1)])
    pairs = np.unique(pairs[bases[pairs[:, 0]] >= containment * bases[pairs[:, 1]]], axis=0)
    return pairs[:, 0], pairs[:, 1]


def _starts(count: int) -> range:
    return range(0, count, _ROWS_AT_ONCE)


def _proposed(signatures: npt.NDArray[np.uint32], bases: Indices, containment: float) -> npt.NDArray[np.int32]:
    """Return the representative of each record in each band: itself if it is the first or its slot is empty."""
    rows = np.arange(len(bases), dtype=np.int32)
    width = max(1.0, 2 * -np.log2(containment))
    octaves = np.log2(np.maximum(bases, 1)) / width
    representatives = np.empty((len(bases), SLOTS * len(_DEPTHS)), np.int32)
    for slot in range(SLOTS):
        # Slots alternate between the two grids, so lengths that one grid separates are together on the other.
        size = np.floor(octaves + slot % 2 / 2).astype(np.uint32)
        for column, depth in enumerate(_DEPTHS):
            band = _mixed([size, *(signatures[:, (slot + step) % SLOTS] for step in range(depth))])
            representatives[:, slot * len(_DEPTHS) + column] = np.where(signatures[:, slot] > 0, _first_of(band), rows)
    return representatives


def _mixed(columns: npt.NDArray[np.uint32] | list[npt.NDArray[np.uint32]]) -> npt.NDArray[np.uint64]:
    # Two values that are equal by chance only propose a pair that the comparison then rejects.
    factor, other, half = _MIX
    mixed = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        mixed = (mixed ^ column) * factor
        mixed = (mixed ^ (mixed >> half)) * other
    return mixed


def _first_of(band: npt.NDArray[np.uint64]) -> Indices:
    rows = pl.DataFrame({"band": band}).with_row_index("row")
    return rows.select(pl.col("row").min().over("band").cast(pl.Int64)).to_series().to_numpy()


def _best(
    proposed: npt.NDArray[np.int32], start: int, bases: Indices, limit: int, containment: float
) -> npt.NDArray[np.int64]:
    """Return (record, representative) for those that most bands propose; ties go to the first in precedence."""
    total = len(bases)
    keys = ((np.arange(len(proposed)) + start)[:, np.newaxis] * total + proposed).ravel()
    keys, votes = np.unique(keys, return_counts=True)
    record, representative = np.divmod(keys, total)
    fits = (record != representative) & (bases[record] >= containment * bases[representative])
    record, representative, votes = record[fits], representative[fits], votes[fits]
    order = np.lexsort((representative, -votes, record))
    record, representative = record[order], representative[order]
    rank = np.arange(len(record)) - np.searchsorted(record, record)
    return np.stack([record, representative], axis=1)[rank < limit]


def chunks(sizes: Indices, limit: int) -> Iterator[slice]:
    """Yield slices that cover ``sizes`` in order, each with a sum of at most ``limit`` or with a single larger item."""
    sums = np.cumsum(sizes)
    at = 0
    while at < len(sizes):
        before = int(sums[at - 1]) if at else 0
        end = max(at + 1, int(np.searchsorted(sums, before + limit, side="right")))
        yield slice(at, end)
        at = end

"""Which records may be near-duplicates of each other: arrays in, pairs out, at a cost linear in the records.

Each sketch has a signature: of each slot of the hashes, the least hash. Two records have a slot in common with
the probability of their Jaccard index, J (one-permutation MinHash, Li, Owen & Zhang, NIPS 2012), whatever the
``scaled`` of either, since the least hashes are in every sketch. With containment C = ANI^k of records of like
length, J = C / (2 - C): 0.21 at an ANI of 0.95 and k = 21, where 64 slots miss a pair once in two million times.

Within each band (a slot, or three in a row) the records of one value are all compared with the first of them
alone, the hub. So a family of a million records costs a million comparisons, not their square. Three slots in a
row tell a family from its genus, whose longer members would otherwise be the hubs everywhere. Bands are parted
by length, on two grids that overlap, so that a short record never stands behind the genomes that contain it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

SLOTS = 64
"""Slots of a signature: 256 bytes a record. A power of two; the files of sketches depend on it."""

_DEPTHS = (1, 3)
_ROWS_AT_ONCE = 1 << 16
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(32))

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NearSettings:
    """How near-duplicates are found; each field is a key of the config's ``dedup`` section.

    ``k``: length of the k-mers. ``sketch_hashes``: hashes that a sketch has at least, where the record has as many
    k-mers. ``most_scaled``: largest ``scaled``, a power of two. ``hubs``: records that one record is compared
    with. ``near_ani``: least average nucleotide identity of near-duplicates; 0: they are not looked for.
    """

    k: int
    sketch_hashes: int
    most_scaled: int
    hubs: int
    near_ani: float

    @property
    def containment(self) -> float:
        """Least containment of near-duplicates: ANI^k.

        A k-mer is unchanged where none of its k bases is: with independent substitutions, (1 - d)^k (Fan et al.,
        BMC Genomics 2015; for FracMinHash, Hera, Pierce-Ward & Koslicki, Genome Research 2023).
        """
        return float(self.near_ani**self.k)


def signature(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    """Return of each of the `SLOTS` slots 32 bits of its least hash, 0 where it is empty; ``hashes`` are sorted."""
    found = np.zeros(SLOTS, np.uint32)
    down = hashes[::-1]
    # The bits above the slot's: even, whatever the size of the hash. Of several that go to a slot the last stays.
    found[(down % np.uint64(SLOTS)).astype(np.int64)] = np.maximum((down // np.uint64(SLOTS)).astype(np.uint32), 1)
    return found


def candidates(
    signatures: npt.NDArray[np.uint32], bases: Indices, hubs: int, containment: float
) -> tuple[Indices, Indices]:
    """Return the pairs to compare, as rows: each record, and a hub that stands before it.

    ``signatures`` (records by `SLOTS`) and ``bases`` are in the order of precedence, longest first. A record has
    at most ``hubs`` partners, those that most bands propose, and the first of those with its own signature. None
    of them is longer by more than a factor of 1 / ``containment``: the longer would contain too much else.
    """
    proposed = _proposed(signatures, bases, containment)
    chosen = [_best(proposed[at : at + _ROWS_AT_ONCE], at, bases, hubs, containment) for at in _starts(len(bases))]
    same = _first_of(_mixed(signatures.T))
    copies = np.flatnonzero((same != np.arange(len(bases))) & signatures.any(axis=1))
    pairs = np.concatenate([*chosen, np.stack([copies, same[copies]], axis=1)])
    pairs = np.unique(pairs[bases[pairs[:, 0]] >= containment * bases[pairs[:, 1]]], axis=0)
    return pairs[:, 0], pairs[:, 1]


def _starts(count: int) -> range:
    return range(0, count, _ROWS_AT_ONCE)


def _proposed(signatures: npt.NDArray[np.uint32], bases: Indices, containment: float) -> npt.NDArray[np.int32]:
    """Return the hub of each record in each band, itself where it is the first or has an empty slot."""
    rows = np.arange(len(bases), dtype=np.int32)
    width = max(1.0, 2 * -np.log2(containment))
    octaves = np.log2(np.maximum(bases, 1)) / width
    hubs = np.empty((len(bases), SLOTS * len(_DEPTHS)), np.int32)
    for slot in range(SLOTS):
        # Slots in turn on the two grids: lengths that one parts, the other does not.
        size = np.floor(octaves + slot % 2 / 2).astype(np.uint32)
        for place, depth in enumerate(_DEPTHS):
            band = _mixed([size, *(signatures[:, (slot + step) % SLOTS] for step in range(depth))])
            hubs[:, slot * len(_DEPTHS) + place] = np.where(signatures[:, slot] > 0, _first_of(band), rows)
    return hubs


def _mixed(columns: npt.NDArray[np.uint32] | list[npt.NDArray[np.uint32]]) -> npt.NDArray[np.uint64]:
    # Two values that meet by chance only propose a pair that the comparison refuses.
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
    proposed: npt.NDArray[np.int32], start: int, bases: Indices, hubs: int, containment: float
) -> npt.NDArray[np.int64]:
    """Return (record, hub) for the hubs that most bands propose; ties go to the first in precedence."""
    total = len(bases)
    keys = ((np.arange(len(proposed)) + start)[:, np.newaxis] * total + proposed).ravel()
    keys, votes = np.unique(keys, return_counts=True)
    record, hub = np.divmod(keys, total)
    fits = (record != hub) & (bases[record] >= containment * bases[hub])
    record, hub, votes = record[fits], hub[fits], votes[fits]
    order = np.lexsort((hub, -votes, record))
    record, hub = record[order], hub[order]
    rank = np.arange(len(record)) - np.searchsorted(record, record)
    return np.stack([record, hub], axis=1)[rank < hubs]


def chunks(sizes: Indices, limit: int) -> Iterator[slice]:
    """Yield slices that cover ``sizes`` in order, each of a sum near ``limit``, or of one larger item."""
    sums = np.cumsum(sizes)
    at = 0
    while at < len(sizes):
        before = int(sums[at - 1]) if at else 0
        end = max(at + 1, int(np.searchsorted(sums, before + limit, side="right")))
        yield slice(at, end)
        at = end

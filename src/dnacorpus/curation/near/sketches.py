"""The sketch stage: FracMinHash sketches of the records of a shard group. The one home of sourmash.

A sketch is the hashes of a record's canonical k-mers that lie below 2^64 / scaled (Irber et al., bioRxiv
2022.01.11.475838). ``scaled`` follows the record's length, so that a virus keeps all its k-mers and a bacterium
some thousands. Sketches nest: a hash that two of them share is below both thresholds, so that two records are
compared at the larger ``scaled`` by the hashes that they have in common.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sourmash.minhash import MinHash

from dnacorpus.curation.near.candidates import NearSettings, signature
from dnacorpus.curation.near.sketch import HASHES, RECORDS, HashRuns
from dnacorpus.errors import UsageError
from dnacorpus.schemas.curation import SKETCHED
from dnacorpus.schemas.parts import RECORDS as RECORDS_SCHEMA
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_directory
from dnacorpus.storage.part_reader import molecules
from dnacorpus.storage.results import Results

_KEYS = ["division", "part", "ordinal", "accession", "topology", "length", "ambiguous", "exclusion"]
_PIECE = 1 << 20


def sketch(results: Results, division: str, group: str, settings: NearSettings, out: Path) -> None:
    """Write into the folder ``out`` the SKETCHES and SKETCHED tables of a group's usable records.

    Both are empty where near-duplicates are switched off. Holds one record's bases (at most three times), the
    keys and signatures of the group (some 600 bytes a record), and `sketch_files.RUN_HASHES` hashes.
    """
    groups = results.groups(division)
    if group not in groups:
        raise UsageError(f"division {division}: no group {group!r}; there are {', '.join(sorted(groups))}")
    parts = groups[group] if settings.near_ani else []
    with whole_directory(out) as workspace:
        runs = HashRuns(workspace)
        with tables.TableWriter(workspace / RECORDS, SKETCHED, published=False) as writer:
            number = 0
            for part in parts:
                for row, sequence in _usable(results.tables(division, part)):
                    bases = row["length"] - row["ambiguous"]
                    scaled = scaled_for(bases, settings)
                    hashes = sketch_of(sequence, settings.k, scaled, circular=row["topology"] == "circular")
                    counts = counts_of(hashes, scaled, settings.most_scaled)
                    found = {"bases": bases, "scaled": scaled, "counts": counts, "slots": signature(hashes)}
                    names = ("division", "part", "ordinal", "accession")
                    writer.write_row({name: row[name] for name in names} | found, size=256)
                    runs.add(hashes, number)
                    number += 1
        runs.write(workspace / HASHES)


def _usable(folder: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    records = pl.DataFrame(tables.read(folder / "records.parquet", RECORDS_SCHEMA, _KEYS))
    rows = {row["ordinal"]: row for row in records.filter(pl.col("exclusion").is_null()).iter_rows(named=True)}
    for ordinal, sequence, _ in molecules(folder / "segments.parquet", rows):
        yield rows[ordinal], sequence


def scaled_for(bases: int, settings: NearSettings) -> int:
    """Return the largest power of two that leaves ``sketch_hashes`` of so many k-mers, from 1 to ``most_scaled``."""
    return min(settings.most_scaled, 1 << max(bases // settings.sketch_hashes, 1).bit_length() - 1)


def sketch_of(sequence: bytes, k: int, scaled: int, *, circular: bool) -> npt.NDArray[np.uint64]:
    """Return the distinct hashes of a sequence's canonical k-mers below 2^64 / ``scaled``, sorted.

    The hash is sourmash's: MurmurHash3 of the lesser strand's letters, seed 42. A window with another letter than
    A, C, G and T has none. The k-mers across the origin of a circular molecule are among them.
    """
    if circular and len(sequence) >= k:
        sequence += sequence[: k - 1]
    found = [_hashes(sequence[at : at + _PIECE + k - 1], k, scaled) for at in range(0, len(sequence), _PIECE)]
    hashes: npt.NDArray[np.uint64] = np.sort(np.concatenate([np.empty(0, np.uint64), *found]))
    hashes = hashes[np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]]
    return hashes if scaled == 1 else hashes[: int(np.searchsorted(hashes, _threshold(scaled)))]


def _hashes(sequence: bytes, k: int, scaled: int) -> npt.NDArray[np.uint64]:
    text = sequence.decode("ascii")
    sketch = MinHash(n=0, ksize=k, scaled=scaled)
    if scaled < 4:
        # sourmash keeps a sketch sorted as it grows, which is slow where it keeps most.
        return np.array(sketch.seq_to_hashes(text, force=True), np.uint64)
    sketch.add_sequence(text, force=True)
    return np.fromiter(sketch.hashes, np.uint64, len(sketch))


def _threshold(scaled: int) -> np.uint64:
    return np.uint64((1 << 64) // scaled)


def counts_of(hashes: npt.NDArray[np.uint64], scaled: int, most_scaled: int) -> list[int]:
    """Return how many of a sketch's sorted hashes remain at ``scaled``, at twice that, and so on to the most."""
    levels = [1 << level for level in range(scaled.bit_length() - 1, most_scaled.bit_length())]
    coarser = (int(np.searchsorted(hashes, _threshold(level))) for level in levels[1:])
    return [len(hashes), *coarser]

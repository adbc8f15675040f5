"""FracMinHash sketches of records. The one home of sourmash.

A sketch is the hashes of a record's canonical k-mers that lie below 2^64 / scaled (Irber et al., bioRxiv
2022.01.11.475838). ``scaled`` follows the record's length, so that a virus keeps all its k-mers and a bacterium
some thousands. Sketches nest: a hash that two of them share is below both thresholds, so that two records are
compared at the larger ``scaled`` by the hashes that they have in common.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sourmash.minhash import MinHash

from dnacorpus.curation.near.candidates import signature
from dnacorpus.curation.near.sketch import HASHES, HashRuns
from dnacorpus.curation.near.sketch import RECORDS as SKETCHED_FILE
from dnacorpus.schemas.curation import SKETCHED
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.settings.curation import NearSettings
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.part_reader import molecules

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

    Each record is given as `usable_records` yields it.
    Holds one record's bases (at most three times), the keys and signatures of all (some 600 bytes a record), and
    `sketch.RUN_HASHES` hashes.
    """
    runs = HashRuns(out)
    with tables.TableWriter(out / SKETCHED_FILE, SKETCHED, published=False) as writer:
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
    """Return the largest power of two that leaves ``min_hashes`` of so many k-mers, from 1 to ``max_scaled``."""
    return min(settings.max_scaled, 1 << max(bases // settings.min_hashes, 1).bit_length() - 1)


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


def counts_of(hashes: npt.NDArray[np.uint64], scaled: int, max_scaled: int) -> list[int]:
    """Return how many of a sketch's sorted hashes remain at ``scaled``, at twice that, and so on to the most."""
    levels = [1 << level for level in range(scaled.bit_length() - 1, max_scaled.bit_length())]
    coarser = (int(np.searchsorted(hashes, _threshold(level))) for level in levels[1:])
    return [len(hashes), *coarser]

"""Finds held-out rows whose k-mers are largely in train, or for a row of test in train and validation together.

The k-mers of whole records count, not only those of their rows, because the bases of records are published too.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from tqdm import tqdm

from dnacorpus.curation.kmer_index import KmerIndex, PositionSet
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import SEEN_KMERS
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.schemas.splits import TEST, TRAIN, VALIDATION
from dnacorpus.sequence.kmers import canonical_kmers, distinct, kmer_chunks
from dnacorpus.settings.curation import DecontaminationSettings
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.progress import hidden
from dnacorpus.storage.results import Results


class SeenKmers:
    """Which k-mers of an index occur in the records of one split and part; none if there is no index.

    Takes one bit for each k-mer of the index.
    """

    def __init__(self, index: Path | None) -> None:
        self._index = KmerIndex.open(index) if index else None
        self._positions = PositionSet(len(self._index) if self._index else 0)

    def add(self, sequence: bytes, *, circular: bool = False) -> None:
        """Add the k-mers of a record, including those across the origin of a circular one, or of a spliced row."""
        if self._index:
            for words in kmer_chunks(sequence, self._index.k, circular=circular):
                self._positions.add(self._index.positions(words))

    def write(self, path: Path) -> None:
        """Write their positions in the index, a table of SEEN_KMERS."""
        with TableWriter(path, SEEN_KMERS, published=False) as writer:
            for positions in self._positions.sorted():
                writer.write_table(pa.table({"position": positions}, schema=SEEN_KMERS))


def leaks(results: Results, divisions: list[str], index: Path, policy: DecontaminationSettings) -> pl.DataFrame:
    """Return pair_id and share of the held-out rows of all parts with a share above the policy's, sorted by pair_id.

    ``share`` is the share of the distinct canonical k-mers of a row that occur in train or, for a row of test, in
    train or validation. A row without any k-mer is not returned. Takes two bits for each k-mer of the index, and reads
    the held-out rows once, in batches. Raises CorpusError if a part, or its rows, and the index are of different runs.
    """
    known = KmerIndex.open(index)
    if known.k != policy.k:
        raise CorpusError(
            f"{index}: expected k-mers of {policy.k} bases, found {known.k}; remove it and the pairs and run again"
        )
    folders = [results.pairs(division, part) for division, part in results.part_keys(divisions)]
    train = _union(folders, TRAIN, len(known))
    earlier = {VALIDATION: [train], TEST: [train, _union(folders, VALIDATION, len(known))]}
    rows = [
        row
        for folder in tqdm(folders, desc="leaks", unit="part", disable=hidden())
        for row in _shares(folder, known, earlier)
        if row[1] > policy.max_overlap
    ]
    return pl.DataFrame(rows, schema={"pair_id": pl.String, "share": pl.Float64}, orient="row").sort("pair_id")


def seen_file(split: str) -> str:
    """Return the name of the table of the k-mers of the index that occur in a part's records of a split."""
    return f"seen_{split}.parquet"


def _union(folders: list[Path], split: str, size: int) -> PositionSet:
    """Return the positions of the k-mers that occur in the records of a split in any part."""
    union = PositionSet(size)
    for folder in folders:
        path = folder / seen_file(split)
        for batch in tables.batches(path, SEEN_KMERS, rows=1 << 20):
            positions = batch["position"].to_numpy()
            if len(positions) and not 0 <= positions[0] <= positions[-1] < size:
                raise CorpusError(
                    f"{path}: expected positions below {size}, found {positions[0]} to {positions[-1]}; the index is of"
                    " another run: remove the pairs and run again"
                )
            union.add(positions)
    return union


def _shares(folder: Path, index: KmerIndex, earlier: dict[str, list[PositionSet]]) -> Iterator[tuple[str, float]]:
    """Yield the rows of validation and test with the share of their k-mers that occur in an earlier split."""
    for split, of_earlier_splits in earlier.items():
        path = folder / f"{split}.parquet"
        for batch in tables.batches(path, PAIRS, ["pair_id", "sequence"], rows=64):
            for name, sequence in zip(batch["pair_id"].to_pylist(), batch["sequence"].to_pylist(), strict=True):
                words = distinct(canonical_kmers(sequence.encode("ascii"), index.k))
                if len(words) == 0:
                    continue
                positions = index.positions(words)
                if positions.max() < 0:
                    raise CorpusError(
                        f"{path}: expected the k-mers of row {name} in the index, found none; the index is of"
                        " another run: remove it and the pairs and run again"
                    )
                held = np.logical_or.reduce([split_kmers.holds(positions) for split_kmers in of_earlier_splits])
                yield name, float(np.count_nonzero(held) / len(words))

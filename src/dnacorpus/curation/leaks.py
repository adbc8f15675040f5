"""Held-out rows that train nearly contains: which k-mers of the held-out records train holds, row by row.

A row of test is judged by what train and validation hold together. Whole records count, not only their rows: their
bases are published too.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from tqdm import tqdm

from dnacorpus.curation.kmer_index import KmerIndex
from dnacorpus.curation.policies import LeakPolicy
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import MET
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.schemas.splits import TEST, TRAIN, VALIDATION
from dnacorpus.sequence.kmers import PlaceSet, canonical_kmers, distinct, kmer_chunks
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.results import Results


class Meeting:
    """The k-mers of an index that the records of one split and part hold; without an index there are none.

    Takes one bit for each k-mer of the index.
    """

    def __init__(self, index: Path | None) -> None:
        self._index = KmerIndex.open(index) if index else None
        self._met = PlaceSet(len(self._index) if self._index else 0)

    def add(self, sequence: bytes, *, circular: bool = False) -> None:
        """Look up the k-mers of a record, across the origin too where it is circular, or of a spliced row."""
        if self._index:
            for words in kmer_chunks(sequence, self._index.k, circular=circular):
                self._met.add(self._index.positions(words))

    def write(self, path: Path) -> None:
        """Write their places in the index, a table of MET."""
        with TableWriter(path, MET, published=False) as writer:
            for places in self._met.sorted():
                writer.write_table(pa.table({"position": places}, schema=MET))


def leaks(results: Results, divisions: list[str], index: Path, policy: LeakPolicy) -> pl.DataFrame:
    """Return pair_id and share of the held-out rows of all parts that earlier splits nearly contain, by pair_id.

    ``share`` is that of a row's distinct canonical k-mers that train, or of a test row validation, holds; only those
    above the policy's are returned. A row without any k-mer is never among them. Takes two bits for each k-mer of
    the index, and reads the held-out rows once, some at a time. Raises CorpusError when a part, or its rows, and the
    index are of different runs.
    """
    known = KmerIndex.open(index)
    if known.k != policy.k:
        raise CorpusError(
            f"{index}: expected words of {policy.k} bases, found {known.k}; remove it and the pairs and run again"
        )
    parts = [(division, part) for division in sorted(divisions) for part in results.parts(division)]
    folders = [results.pairs(division, part) for division, part in parts]
    train = _union(folders, TRAIN, len(known))
    before = {VALIDATION: [train], TEST: [train, _union(folders, VALIDATION, len(known))]}
    found = [
        row
        for folder in tqdm(folders, desc="leaks", unit="part", disable=None)
        for row in _shares(folder, known, before)
        if row[1] > policy.share
    ]
    return pl.DataFrame(found, schema={"pair_id": pl.String, "share": pl.Float64}, orient="row").sort("pair_id")


def met_by(split: str) -> str:
    """Return the name of a part's table of what the records of a split hold of the index."""
    return f"met_{split}.parquet"


def _union(folders: list[Path], split: str, size: int) -> PlaceSet:
    """Return the places that the records of a split in any part have met."""
    union = PlaceSet(size)
    for folder in folders:
        path = folder / met_by(split)
        for batch in tables.batches(path, MET, rows=1 << 20):
            places = batch["position"].to_numpy()
            if len(places) and not 0 <= places[0] <= places[-1] < size:
                raise CorpusError(
                    f"{path}: expected places below {size}, found {places[0]} to {places[-1]}; the index is of"
                    " another run: remove the pairs and run again"
                )
            union.add(places)
    return union


def _shares(folder: Path, index: KmerIndex, before: dict[str, list[PlaceSet]]) -> Iterator[tuple[str, float]]:
    """Give the rows of validation and test with the share of their k-mers that an earlier split holds."""
    for split, earlier in before.items():
        path = folder / f"{split}.parquet"
        for batch in tables.batches(path, PAIRS, ["pair_id", "sequence"], rows=64):
            for name, sequence in zip(batch["pair_id"].to_pylist(), batch["sequence"].to_pylist(), strict=True):
                words = distinct(canonical_kmers(sequence.encode("ascii"), index.k))
                if len(words) == 0:
                    continue
                places = index.positions(words)
                if places.max() < 0:
                    raise CorpusError(
                        f"{path}: expected the k-mers of row {name} in the index, found none; the index is of"
                        " another run: remove it and the pairs and run again"
                    )
                held = np.logical_or.reduce([found.holds(places) for found in earlier])
                yield name, float(np.count_nonzero(held) / len(words))

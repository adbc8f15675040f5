"""An index of k-mers: written once in bounded memory, then read from the disk by many jobs.

The folder has ``kmers.npy`` (uint64, sorted, distinct; see `sequence.kmers`), ``filter.npy`` (uint8: a bit for each
prefix, set if a k-mer has it, so that most other k-mers need no search) and ``index.json`` (``k`` and the count). The
index takes 8 bytes for each k-mer and the filter 2 to 4. Both are memory-mapped, so a job reads only what it looks up.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dnacorpus.errors import CorpusError
from dnacorpus.sequence.kmers import Words, distinct, kmer_chunks
from dnacorpus.storage.atomic import whole_directory, write_text

Positions = npt.NDArray[np.int64]
"""Positions in the sorted list of an index; -1 for a k-mer that is not in it."""

RUN_KMERS = 1 << 22
"""K-mers that are sorted at once, before they are appended to the files of their prefixes."""
_PREFIXES = 256


def write_index(sequences: Iterable[tuple[bytes, bool]], k: int, out: Path) -> None:
    """Write the index of the k-mers of some sequences, each given with whether it is circular, into the folder ``out``.

    The k-mers across the origin of a circular sequence are included. The sequences can be in any order. Holds one
    sequence, 130 MB for sorting, and 24 bytes for each k-mer of one prefix in 256. Temporary files take 16 bytes for
    each base.
    """
    with whole_directory(out) as workspace:
        sorter = _Sorter(workspace)
        for sequence, circular in sequences:
            for words in kmer_chunks(sequence, k, circular=circular):
                sorter.add(words)
        count = sorter.finish()
        write_text(workspace / "index.json", json.dumps({"k": k, "kmers": count}) + "\n")


class _Sorter:
    """Sorts k-mers in bounded memory: sorted runs are divided into files by prefix, and each file is then sorted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._run: list[Words] = []
        self._held = 0

    def add(self, words: Words) -> None:
        self._run.append(words)
        self._held += len(words)
        if self._held >= RUN_KMERS:
            self._spill()

    def finish(self) -> int:
        """Write ``kmers.npy`` and ``filter.npy`` and return the number of distinct k-mers."""
        self._spill()
        files = [path for path in map(self._file, range(_PREFIXES)) if path.exists()]
        for path in files:
            distinct(np.fromfile(path, "<u8")).tofile(path)
        count = sum(path.stat().st_size for path in files) // 8
        bits = _filter_bits(count)
        with (self._folder / "kmers.npy").open("wb") as kmers, (self._folder / "filter.npy").open("wb") as filters:
            _write_header(kmers, "<u8", count)
            _write_header(filters, "|u1", 1 << (bits - 3))
            for prefix in range(_PREFIXES):
                path = self._file(prefix)
                words = np.fromfile(path, "<u8") if path.exists() else np.empty(0, np.uint64)
                kmers.write(words.data)
                filters.write(_filter(words, bits, prefix).data)
                path.unlink(missing_ok=True)
        return count

    def _spill(self) -> None:
        if self._held == 0:
            return
        run = distinct(np.concatenate(self._run))
        self._run, self._held = [], 0
        starts = np.searchsorted(run, np.arange(_PREFIXES, dtype=np.uint64) << np.uint64(56))
        for prefix, words in enumerate(np.split(run, starts[1:])):
            if len(words):
                with self._file(prefix).open("ab") as file:
                    file.write(words.astype("<u8", copy=False).data)

    def _file(self, prefix: int) -> Path:
        return self._folder / f"{prefix:03}.run"


def _filter_bits(count: int) -> int:
    """Return the bits of a prefix: 16 to 32 prefixes for each k-mer, so at most 1 in 16 other k-mers is searched."""
    return max(11, count.bit_length() + 4)


def _filter(words: Words, bits: int, prefix: int) -> npt.NDArray[np.uint8]:
    """Return the bytes of the filter for the k-mers with one of the `_PREFIXES`."""
    offsets = (words >> np.uint64(64 - bits)).astype(np.int64) - (prefix << (bits - 8))
    flags = np.zeros(1 << (bits - 8), np.uint8)
    flags[offsets] = 1
    return np.packbits(flags, bitorder="little")


def _write_header(file: Any, kind: str, count: int) -> None:
    header = {"descr": kind, "fortran_order": False, "shape": (count,)}
    np.lib.format.write_array_header_1_0(file, header)


@dataclass(frozen=True, slots=True)
class KmerIndex:
    """An index written by `write_index`."""

    k: int
    kmers: Words
    filter: npt.NDArray[np.uint8]

    @classmethod
    def open(cls, folder: Path) -> "KmerIndex":
        """Map the index in a folder into memory; raises CorpusError if it is incomplete or damaged."""
        try:
            about = json.loads((folder / "index.json").read_text(encoding="utf-8"))
            k, count = int(about["k"]), int(about["kmers"])
            kmers, bits = (np.load(folder / name, mmap_mode="r") for name in ("kmers.npy", "filter.npy"))
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            raise CorpusError(
                f"{folder}: expected an index of k-mers, found: {error}; remove it and run again"
            ) from error
        if kmers.shape != (count,) or bits.shape != (1 << (_filter_bits(count) - 3),):
            raise CorpusError(
                f"{folder}: expected {count} k-mers and their filter, found {kmers.shape[0]} k-mers and"
                f" {bits.shape[0]} bytes; remove it and run again"
            )
        return cls(k, kmers, bits)

    def __len__(self) -> int:
        return len(self.kmers)

    def positions(self, words: Words) -> Positions:
        """Return the position of each k-mer in the sorted list, -1 for one that is not in it.

        In an index of 50 million, a k-mer takes about 300 ns, one that is not in the index 60 ns.
        """
        positions = np.full(len(words), -1, np.int64)
        bits = _filter_bits(len(self.kmers))
        prefixes = words >> np.uint64(64 - bits)
        flags = self.filter[(prefixes >> np.uint64(3)).view(np.int64)] >> (prefixes & np.uint64(7)).astype(np.uint8)
        candidates = np.flatnonzero(flags & 1)
        if len(candidates) == 0:
            return positions
        # Searches in ascending order read the list from start to end, not at random.
        candidates = candidates[np.argsort(words[candidates])]
        sought = words[candidates]
        places = np.searchsorted(self.kmers, sought)
        indexed = self.kmers[np.minimum(places, len(self.kmers) - 1)] == sought
        positions[candidates[indexed]] = places[indexed]
        return positions


class PositionSet:
    """A set of positions from 0 to ``size`` - 1, one bit each."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._bits = np.zeros(size // 8 + 1, np.uint8)

    def add(self, positions: Positions) -> None:
        """Add positions; those below 0 (not found) are ignored."""
        positions = positions[positions >= 0]
        np.bitwise_or.at(self._bits, positions >> 3, np.uint8(1) << (positions & 7).astype(np.uint8))

    def holds(self, positions: Positions) -> npt.NDArray[np.bool_]:
        """Return for each position whether it is in the set; those below 0 are not."""
        bits = (self._bits[positions >> 3] >> (positions & 7).astype(np.uint8)) & np.uint8(1)
        result: npt.NDArray[np.bool_] = bits.astype(np.bool_) & (positions >= 0)
        return result

    def sorted(self, at_once: int = 1 << 20) -> Iterator[Positions]:
        """Yield the positions in ascending order, those in ``at_once`` bytes of bits at a time."""
        for start in range(0, len(self._bits), at_once):
            bits = np.unpackbits(self._bits[start : start + at_once], bitorder="little")
            yield np.flatnonzero(bits) + 8 * start

"""Measures, on the shards, how much of every published held-out row also occurs in the published train.

The audit reads only what is published and shares no code with the modules that exclude leaks (`sequence.kmers`,
`kmer_index`, `leaks`): its k-mers ("words") are hashed by a polynomial, not packed into bits, sampled by FracMinHash
(Irber et al. 2022, "scaled"), and joined by sorting. It has three steps, so that one job reads the train of one group:
`list_words` of all held-out rows, `words_in_train` of one group, `audit_rows` of all held-out rows.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from tqdm import tqdm

from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import AUDIT, SEEN_KMERS
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.schemas.parts import SEGMENTS
from dnacorpus.schemas.splits import HELD_OUT, TRAIN
from dnacorpus.settings.curation import AuditSettings
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import write_text
from dnacorpus.storage.progress import hidden
from dnacorpus.storage.results import Results

Words = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]

LONGEST = 255
"""The largest k."""
_ROWS = 64
_BLOCK = 1 << 14  # windows hashed at once: as many as fit into a processor's cache
_FACTOR = 0x9E3779B97F4A7C15  # odd, so that it has an inverse; _mixed then spreads the bits
_LETTERS = {"A": 0xA24BAED4963EE407, "C": 0x9FB21C651E98DF25, "G": 0xD6E8FEB86659FD93, "T": 0xC2B2AE3D27D4EB4F}


@dataclass(frozen=True, slots=True)
class WordList:
    """The distinct sampled words of all held-out rows, sorted: one word of ``k`` bases in ``scaled`` is sampled."""

    words: Words
    k: int
    scaled: int

    def write(self, folder: Path) -> None:
        """Write ``words.npy`` and ``audit.json`` into a folder that exists."""
        np.save(folder / "words.npy", self.words)
        write_text(folder / "audit.json", json.dumps({"k": self.k, "scaled": self.scaled}) + "\n")

    @classmethod
    def open(cls, folder: Path) -> "WordList":
        """Read the list in a folder; raises CorpusError if it is incomplete or damaged."""
        try:
            about = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
            return cls(np.load(folder / "words.npy"), int(about["k"]), int(about["scaled"]))
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            raise CorpusError(f"{folder}: expected a list of words, found: {error}; remove it and run again") from error

    def sampled(self, sequence: str) -> tuple[Words, Positions]:
        """Return the sampled words of a sequence, and the start of each in it."""
        return _sampled(sequence, self.k, self.scaled)

    def positions(self, sought: Words) -> Positions:
        """Return the position of each word in the list, -1 for a word that is not in it."""
        if len(self.words) == 0:
            return np.full(len(sought), -1, np.int64)
        order = np.argsort(sought)  # searches in ascending order read the list from start to end, not at random
        positions = np.empty(len(sought), np.int64)
        positions[order] = np.searchsorted(self.words, sought[order])
        positions[self.words[np.minimum(positions, len(self.words) - 1)] != sought] = -1
        return positions


def list_words(results: Results, divisions: Iterable[str], settings: AuditSettings) -> WordList:
    """Return the distinct sampled words of all held-out rows.

    One word in ``scaled`` is sampled, the smallest power of two that leaves ``max_kmers`` of the bases of the
    held-out segments. Holds 40 bytes for each word.
    """
    folders = _folders(results, divisions)
    shards = [path for folder in folders for path in _shards(folder, "pairs", HELD_OUT)]
    scaled = 1
    while _held_out_bases(folders) // scaled > settings.max_kmers:
        scaled *= 2
    words = np.empty(0, np.uint64)
    pending: list[Words] = []
    waiting = 0
    for path in tqdm(shards, desc="audit list", unit="shard", disable=hidden()):
        for batch in tables.batches(path, PAIRS, ["sequence"], rows=_ROWS):
            pending.append(_sampled("N".join(batch["sequence"].to_pylist()), settings.k, scaled)[0])
            waiting += len(pending[-1])
            if waiting > max(len(words), 1 << 20):
                words, pending, waiting = _merged([words, *pending]), [], 0
    return WordList(_merged([words, *pending]), settings.k, scaled)


def words_in_train(shards: Path, listed: WordList) -> Positions:
    """Return the positions of the listed words that occur in the train shards of one group, ascending.

    ``shards`` is the folder of the group. Rows and segments count, and words across two segments of a record. Holds one
    byte for each word of the list, and one segment.
    """
    held = np.zeros(len(listed.words), np.bool_)
    for sequence in _train_bases(shards, listed.k):
        positions = listed.positions(listed.sampled(sequence)[0])
        held[positions[positions >= 0]] = True
    return np.flatnonzero(held)


def audit_rows(results: Results, divisions: Iterable[str], listed: WordList, seen: Iterable[Path]) -> pl.DataFrame:
    """Return a row of AUDIT for every held-out row of the shards, sorted by division, split and pair_id.

    ``seen`` are the SEEN_KMERS tables of `words_in_train` of all groups. Raises CorpusError if one is of another list.
    """
    train = np.zeros(len(listed.words), np.bool_)
    for path in sorted(seen):
        positions = tables.read(path, SEEN_KMERS)["position"].to_numpy()
        if len(positions) and positions.max() >= len(listed.words):
            raise CorpusError(
                f"{path}: expected positions below {len(listed.words)}, found {positions.max()}; it is of another list"
                " of words: remove it and run again"
            )
        train[positions] = True
    rows = [
        _shares(batch, listed, train).with_columns(split=pl.lit(split))
        for folder in tqdm(_folders(results, divisions), desc="audit", unit="group", disable=hidden())
        for split in HELD_OUT
        for path in _shards(folder, "pairs", [split])
        for batch in tables.batches(path, PAIRS, ["division", "kind", "pair_id", "sequence"], rows=_ROWS)
    ]
    audited = pl.concat([pl.DataFrame(AUDIT.empty_table()), *(frame.select(AUDIT.names) for frame in rows)])
    return audited.sort("division", "split", "pair_id")


def _shares(batch: pa.RecordBatch, listed: WordList, train: npt.NDArray[np.bool_]) -> pl.DataFrame:
    """Return the rows of a batch with the number of their sampled words and the share of these that occur in train."""
    sequences = batch["sequence"].to_pylist()
    words, starts = listed.sampled("N".join(sequences))
    ends = np.cumsum([len(sequence) + 1 for sequence in sequences])
    rows = np.searchsorted(ends, starts, side="right")
    pairs = pl.DataFrame({"row": rows, "position": listed.positions(words)}).unique()
    counts = (
        pairs.with_columns(held=pl.Series(train[pairs["position"].to_numpy()]))
        .group_by("row")
        .agg(kmers=pl.len().cast(pl.Int64), held=pl.col("held").sum())
    )
    frame = pl.DataFrame(batch.drop_columns("sequence")).with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
    return frame.join(counts, on="row", how="left", maintain_order="left").with_columns(
        share=pl.col("held") / pl.col("kmers"), kmers=pl.col("kmers").fill_null(0)
    )


def _folders(results: Results, divisions: Iterable[str]) -> list[Path]:
    return [results.shards(*key) for key in results.group_keys(sorted(divisions))]


def _shards(folder: Path, config: str, splits: Sequence[str]) -> list[Path]:
    if not (folder / "shards.json").is_file():
        raise CorpusError(f"{folder}: expected the shards of a group, found none; run dnacorpus shard for it first")
    paths = (folder / f"{config}-{split}.parquet" for split in splits)
    return [path for path in paths if path.exists()]  # a shard without rows is not written


def _held_out_bases(folders: Sequence[Path]) -> int:
    entries = (entry for folder in folders for entry in json.loads((folder / "shards.json").read_text()))
    return sum(entry["bases"] for entry in entries if entry["config"] == "segments" and entry["split"] in HELD_OUT)


def _train_bases(folder: Path, k: int) -> Iterator[str]:
    """Yield rows of train, joined by N, then its segments, each preceded by the last bases of the one before."""
    for path in _shards(folder, "pairs", [TRAIN]):
        for batch in tables.batches(path, PAIRS, ["sequence"], rows=_ROWS):
            yield "N".join(batch["sequence"].to_pylist())
    for path in _shards(folder, "segments", [TRAIN]):
        before = ""
        for batch in tables.batches(path, SEGMENTS, ["index", "sequence"], rows=1):
            index, sequence = batch["index"][0].as_py(), batch["sequence"][0].as_py()
            yield (before if index else "") + sequence
            before = ((before if index else "") + sequence)[1 - k :] if k > 1 else ""


def _merged(several: Sequence[Words]) -> Words:
    together = np.concatenate(several)
    together.sort()
    first = np.ones(len(together), np.bool_)
    np.not_equal(together[1:], together[:-1], out=first[1:])
    return together[first]


def _sampled(sequence: str, k: int, scaled: int) -> tuple[Words, Positions]:
    """Return the hashes below 2**64 / scaled of the windows of A, C, G and T, and the start of each window.

    The hash of a window is the mixed smaller of two sums, one for each strand, of letters times powers. The sum of a
    window is the difference of the sums up to its end and up to its start.
    """
    bases = np.frombuffer(sequence.encode("ascii"), np.uint8)
    hashes, starts = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for first in range(0, len(bases) - k + 1, _BLOCK):
        piece = bases[first : first + _BLOCK + k - 1]
        words, called = _hashes(piece, k)
        chosen = np.flatnonzero(called & (words <= np.uint64((2**64 - 1) // scaled)))
        hashes.append(words[chosen])
        starts.append(chosen + first)
    return np.concatenate(hashes), np.concatenate(starts)


def _hashes(piece: npt.NDArray[np.uint8], k: int) -> tuple[Words, npt.NDArray[np.bool_]]:
    """Return the hash of every window of a piece, and whether all its letters are A, C, G and T."""
    letters, partners, rising, falling = _constants()
    windows = len(piece) - k + 1
    # The letter at position i counts with the power i, divided by that of the window's start; that of the other
    # strand with the power of its distance from the window's end.
    ahead = _sums(letters[piece] * rising[: len(piece)])
    behind = _sums(partners[piece] * falling[: len(piece)])
    forward = (ahead[k:] - ahead[:-k]) * falling[:windows]
    reverse = (behind[k:] - behind[:-k]) * rising[k - 1 : k - 1 + windows]
    strange = np.concatenate(([0], np.cumsum(letters[piece] == 0)))
    return _mixed(np.minimum(forward, reverse)), strange[k:] == strange[:-k]


def _sums(values: Words) -> Words:
    return np.concatenate((np.zeros(1, np.uint64), np.cumsum(values)))


def _mixed(words: Words) -> Words:
    """Spread the bits by the finaliser of SplitMix64 (Steele et al. 2014)."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


@cache
def _constants() -> tuple[Words, Words, Words, Words]:
    """Return letter -> number, letter -> number of its partner, the powers of the factor and of its inverse."""
    letters, partners = np.zeros(256, np.uint64), np.zeros(256, np.uint64)
    for letter, partner in zip("ACGT", "TGCA", strict=True):
        letters[ord(letter)], partners[ord(letter)] = _LETTERS[letter], _LETTERS[partner]
    rising, falling = (
        np.cumprod(np.append(np.uint64(1), np.full(_BLOCK + LONGEST, factor, np.uint64)), dtype=np.uint64)
        for factor in (_FACTOR, pow(_FACTOR, -1, 2**64))
    )
    return letters, partners, rising, falling

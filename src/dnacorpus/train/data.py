"""From shards of pairs to the numbers a model reads: which rows, which span, which words.

Every choice is a digest of the row's pair_id, so it depends on neither the order of the files nor a clock.
The text a model of 0.1 M parameters can use is not bytes: it would spend its life learning to spell. Text is
therefore words, lower-cased; the vocabulary is the words that most train rows hold, and of a row the rarest
of them, which say the most. Names, accessions and numbers that few rows share fall out by themselves.
What the text says that was computed from the bases (evidence ``how`` = sequence) is blanked: the answer
must not stand in the question.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xxhash

from dnacorpus.errors import CorpusError

Tokens = npt.NDArray[np.int64]

UNKNOWN_BASE = 4
"""Any IUPAC code but A, C, G and T, which are 0 to 3; never a target."""
NO_WORD, SEPARATOR, FIRST_WORD = 5, 6, 7
"""After the bases in the joint vocabulary: what fills an absent word, what ends the text, the first word."""

COLUMNS = ["pair_id", "kind", "division", "organism", "species", "sequence", "text", "evidence", "informative"]
_WORD = re.compile(r"[a-z][a-z0-9'_-]*|\d[\d,.]*\d|\d")
_CODES = np.full(256, UNKNOWN_BASE, np.uint8)
_CODES[list(b"ACGT")] = range(4)


@dataclass(frozen=True, slots=True)
class Shard:
    """A Parquet file of pairs: ``name`` is its path in the dataset, which digests are taken of."""

    path: Path
    name: str
    division: str


@dataclass(frozen=True, slots=True)
class Row:
    """What is used of a pair; ``species`` is the organism where none is known."""

    pair_id: str
    division: str
    species: str
    sequence: str
    text: str


def digest(*parts: object) -> int:
    """Return the 64-bit digest of the parts, joined by colons."""
    return xxhash.xxh3_64_intdigest(":".join(map(str, parts)).encode("utf-8"))


def shares(available: Mapping[str, int], wanted: int) -> dict[str, int]:
    """Deal ``wanted`` rows to divisions as evenly as what each has allows; all of them where there are fewer."""
    left, dealt = wanted, dict.fromkeys(available, 0)
    for place, division in enumerate(sorted(available, key=lambda name: (available[name], name))):
        dealt[division] = min(available[division], -(-left // (len(available) - place)))
        left -= dealt[division]
    return dealt


def read_rows(shards: Sequence[Shard], wanted: int, row_bases: int, seed: int) -> list[Row]:
    """Read at most ``wanted`` rows, even over divisions, in the order of their digests.

    Of a division the informative gene rows are taken, and others only where it has none. Row groups are
    read in the order of their digests until there are enough, so a corpus is never read whole. A sequence
    longer than ``row_bases`` is cut to that many, the place by digest. Raises CorpusError for a file that
    is not pairs.
    """
    available: Counter[str] = Counter()
    for shard in shards:
        with _open(shard.path) as file:
            available[shard.division] += file.metadata.num_rows
    rows: list[Row] = []
    for division, share in shares(available, wanted).items():
        mine = [shard for shard in shards if shard.division == division]
        rows += [_row(values, row_bases, seed) for values in _chosen(mine, share, seed)]
    return sorted(rows, key=lambda row: digest(seed, row.pair_id))


def _chosen(shards: Sequence[Shard], share: int, seed: int) -> list[dict[str, Any]]:
    best, rest, found = [], [], 0
    for table in _tables(shards, seed):
        good = pc.and_(table["informative"], pc.equal(table["kind"], "gene"))
        best.append(_first(table.filter(good), share, seed))
        found += best[-1].num_rows
        if found >= share:
            break
        if not found:
            rest.append(_first(table, share, seed))
    kept = best if found else rest
    return _first(pa.concat_tables(kept), share, seed).to_pylist() if kept else []


def _first(table: pa.Table, count: int, seed: int) -> pa.Table:
    order = sorted(range(table.num_rows), key=[digest(seed, name) for name in table["pair_id"].to_pylist()].__getitem__)
    return table.take(pa.array(order[:count], pa.int64()))


def _tables(shards: Sequence[Shard], seed: int) -> Iterable[pa.Table]:
    groups = []
    for shard in shards:
        with _open(shard.path) as file:
            groups += [(digest(seed, shard.name, group), shard.path, group) for group in range(file.num_row_groups)]
    for _, path, group in sorted(groups):
        with _open(path) as file:
            yield file.read_row_group(group, columns=COLUMNS).select(COLUMNS)


def _open(path: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise CorpusError(f"{path}: expected a Parquet file of pairs, found: {error}; pull or build again") from error
    if missing := sorted(set(COLUMNS) - set(file.schema_arrow.names)):
        file.close()
        raise CorpusError(f"{path}: expected the columns of pairs, found no {', '.join(missing)}; build again")
    return file


def _row(values: dict[str, Any], row_bases: int, seed: int) -> Row:
    sequence = values["sequence"]
    if len(sequence) > row_bases:
        start = digest(seed, "cut", values["pair_id"]) % (len(sequence) - row_bases + 1)
        sequence = sequence[start : start + row_bases]
    text = without_bases(values["text"], values["evidence"])
    return Row(values["pair_id"], values["division"], values["species"] or values["organism"], sequence, text)


def without_bases(text: str, evidence: Iterable[dict[str, Any]] | None) -> str:
    """Return the text with blanks where its evidence says that it was computed from the bases."""
    for span in evidence or ():
        if span["how"] == "sequence":
            text = text[: span["start"]] + " " * (span["end"] - span["start"]) + text[span["end"] :]
    return text


def words(text: str) -> list[str]:
    """Return the words of a text, lower-cased, each once; a number is one word, separators and all."""
    return list(dict.fromkeys(_WORD.findall(text.lower())))


class Vocabulary:
    """The words that most rows hold, with the number of rows that hold each, as tokens."""

    def __init__(self, texts: Iterable[str], size: int, least: int = 3) -> None:
        """Take up to ``size`` words from ``texts``, none that fewer than ``least`` of them hold."""
        held = Counter(word for text in texts for word in words(text))
        common = sorted((word for word in held if held[word] >= least), key=lambda word: (-held[word], word))[:size]
        self._token = {word: FIRST_WORD + place for place, word in enumerate(common)}

    def __len__(self) -> int:
        return len(self._token)

    def encode(self, text: str, slots: int) -> Tokens:
        """Return ``slots`` tokens: the row's rarest known words in the order of the text, filled up in front."""
        known = [self._token[word] for word in words(text) if word in self._token]
        # Tokens are numbered from the commonest word on: the higher, the rarer.
        least = sorted(known, reverse=True)[:slots][-1:] or [FIRST_WORD]
        telling = [token for token in known if token >= least[0]]
        return np.array([NO_WORD] * (slots - len(telling)) + telling, np.int64)


def span_of(row: Row, span: int, turn: int, seed: int) -> Tokens:
    """Return ``span`` bases as tokens, the ``turn``-th time a row is used.

    Spans tile a row from its start, and the digest says which; a row shorter than a span is filled up
    with unknown bases.
    """
    tiles = max(1, len(row.sequence) // span)
    start = digest(seed, "span", row.pair_id, turn) % tiles * span
    tokens = np.full(span, UNKNOWN_BASE, np.int64)
    bases = encode_bases(row.sequence[start : start + span])
    tokens[: len(bases)] = bases
    return tokens


def encode_bases(sequence: str) -> npt.NDArray[np.uint8]:
    """Return A, C, G, T as 0 to 3 and every other letter as `UNKNOWN_BASE`."""
    return _CODES[np.frombuffer(sequence.encode("utf-8"), np.uint8)]


def sees_text(row: Row, turn: int, seed: int) -> bool:
    """Say whether training shows the text of a row, the ``turn``-th time it is used: for half of them, by digest."""
    return digest(seed, "text", row.pair_id, turn) % 2 == 0


def is_tried(row: Row, seed: int) -> bool:
    """Say whether a train row is left out to tune a baseline: those of a tenth of the species, as for real splits."""
    return digest(seed, "tuning", row.species) % 10 == 0

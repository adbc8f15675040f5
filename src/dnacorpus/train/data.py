"""Rows of pairs as the tokens that a model reads: choice of rows, spans and words.

Every choice is made by a digest of the row's pair_id, so it depends neither on the order of the files nor on a clock.
Text is encoded as lower-case words, because a model of 0.1 M parameters would spend its capacity on spelling bytes. The
vocabulary has the words that occur in the most train rows; of a row the rarest of them are used, which are the most
specific. Names, accessions and numbers of few rows are thus left out. Words computed from the sequence (evidence
``how`` = sequence) are blanked, because they would give away the bases to predict.
"""

import math
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

from dnacorpus.bounded import refuse_large_parquet
from dnacorpus.errors import CorpusError

Tokens = npt.NDArray[np.int64]

UNKNOWN_BASE = 4
"""Code of every IUPAC letter except A, C, G and T, which are 0 to 3; never a target."""
NO_WORD, SEPARATOR, FIRST_WORD = 5, 6, 7
"""Tokens after the bases: padding of absent words, end of the text, and the first word."""

COLUMNS = ["pair_id", "kind", "division", "organism", "species", "sequence", "text", "evidence", "informative"]
_WORD = re.compile(r"[a-z][a-z0-9'_-]*|\d[\d,.]*\d|\d")
_CODES = np.full(256, UNKNOWN_BASE, np.uint8)
_CODES[list(b"ACGT")] = range(4)


@dataclass(frozen=True, slots=True)
class PairShard:
    """A Parquet file of pairs: ``name`` is its path in the dataset, from which digests are computed."""

    path: Path
    name: str
    division: str


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """The used columns of a pair; ``species`` is the organism if the species is unknown."""

    pair_id: str
    division: str
    species: str
    sequence: str
    text: str


def digest(*parts: object) -> int:
    """Return the 64-bit digest of the parts, joined by colons."""
    return xxhash.xxh3_64_intdigest(":".join(map(str, parts)).encode("utf-8"))


def allotted(available: Mapping[str, int], wanted: int) -> dict[str, int]:
    """Divide ``wanted`` rows among divisions as evenly as their available rows allow; all rows if there are fewer."""
    left, shares = wanted, dict.fromkeys(available, 0)
    for index, division in enumerate(sorted(available, key=lambda name: (available[name], name))):
        remaining = len(available) - index
        shares[division] = min(available[division], math.ceil(left / remaining))
        left -= shares[division]
    return shares


def read_rows(shards: Sequence[PairShard], wanted: int, row_bases: int, seed: int) -> list[TrainingRow]:
    """Read at most ``wanted`` rows, evenly divided among divisions, in the order of their digests.

    Informative gene rows are used; other rows only of divisions without any. Row groups are read in the order of their
    digests until there are enough rows, so a large dataset is not read completely. A sequence longer than ``row_bases``
    is cut to that length at a position given by a digest. Raises CorpusError for a file that does not contain pairs.
    """
    available: Counter[str] = Counter()
    for shard in shards:
        with _open(shard.path) as file:
            available[shard.division] += file.metadata.num_rows
    rows: list[TrainingRow] = []
    for division, share in allotted(available, wanted).items():
        mine = [shard for shard in shards if shard.division == division]
        rows += [_row(values, row_bases, seed) for values in _chosen(mine, share, seed)]
    return sorted(rows, key=lambda row: digest(seed, row.pair_id))


def _chosen(shards: Sequence[PairShard], share: int, seed: int) -> list[dict[str, Any]]:
    genes, others, count = [], [], 0
    for table in _tables(shards, seed):
        informative = pc.and_(table["informative"], pc.equal(table["kind"], "gene"))
        genes.append(_first(table.filter(informative), share, seed))
        count += genes[-1].num_rows
        if count >= share:
            break
        if count == 0:
            others.append(_first(table, share, seed))
    tables = genes if count else others
    return _first(pa.concat_tables(tables), share, seed).to_pylist() if tables else []


def _first(table: pa.Table, count: int, seed: int) -> pa.Table:
    order = sorted(range(table.num_rows), key=[digest(seed, name) for name in table["pair_id"].to_pylist()].__getitem__)
    return table.take(pa.array(order[:count], pa.int64()))


def _tables(shards: Sequence[PairShard], seed: int) -> Iterable[pa.Table]:
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
    refuse_large_parquet(file.metadata, str(path))
    if missing := sorted(set(COLUMNS) - set(file.schema_arrow.names)):
        file.close()
        raise CorpusError(f"{path}: expected the columns of pairs, found no {', '.join(missing)}; build again")
    return file


def _row(values: dict[str, Any], row_bases: int, seed: int) -> TrainingRow:
    sequence = values["sequence"]
    if len(sequence) > row_bases:
        start = digest(seed, "cut", values["pair_id"]) % (len(sequence) - row_bases + 1)
        sequence = sequence[start : start + row_bases]
    text = without_bases(values["text"], values["evidence"])
    return TrainingRow(values["pair_id"], values["division"], values["species"] or values["organism"], sequence, text)


def without_bases(text: str, evidence: Iterable[dict[str, Any]] | None) -> str:
    """Return the text with blanks in place of the words that were computed from the sequence, according to evidence."""
    for span in evidence or ():
        if span["how"] == "sequence":
            text = text[: span["start"]] + " " * (span["end"] - span["start"]) + text[span["end"] :]
    return text


def words(text: str) -> list[str]:
    """Return the distinct words of a text in lower case; a number with its separators is one word."""
    return list(dict.fromkeys(_WORD.findall(text.lower())))


class Vocabulary:
    """The most frequent words of the train rows as tokens, numbered from the most frequent one."""

    def __init__(self, texts: Iterable[str], size: int, min_texts: int = 3) -> None:
        """Take the ``size`` most frequent words of ``texts`` that occur in at least ``min_texts`` of them."""
        counts = Counter(word for text in texts for word in words(text))
        frequent = [word for word, count in counts.items() if count >= min_texts]
        frequent.sort(key=lambda word: (-counts[word], word))
        self._token = {word: FIRST_WORD + rank for rank, word in enumerate(frequent[:size])}

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self._token)

    def encode(self, text: str, slots: int) -> Tokens:
        """Return ``slots`` tokens: the rarest known words of a text in its order, padded at the front."""
        known = [self._token[word] for word in words(text) if word in self._token]
        # Tokens are numbered from the most frequent word, so a higher token is a rarer word.
        rarest = set(sorted(known, reverse=True)[:slots])
        chosen = [token for token in known if token in rarest]
        return np.array([NO_WORD] * (slots - len(chosen)) + chosen, np.int64)


def span_of(row: TrainingRow, span: int, turn: int, seed: int) -> Tokens:
    """Return ``span`` bases as tokens, the ``turn``-th time a row is used.

    The row is tiled with spans from its start, and a digest chooses one. A row shorter than a span is padded with
    unknown bases.
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


def sees_text(row: TrainingRow, turn: int, seed: int) -> bool:
    """Return whether training shows the text of a row in its ``turn``-th use: in half of the cases, by digest."""
    return digest(seed, "text", row.pair_id, turn) % 2 == 0


def is_tuning_row(row: TrainingRow, seed: int) -> bool:
    """Return whether a train row is used to tune a baseline: the rows of a tenth of the species."""
    return digest(seed, "tuning", row.species) % 10 == 0

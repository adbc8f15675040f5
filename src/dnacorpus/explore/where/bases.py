"""Comparison of a queried sequence with the rows and records that have its digest, read from the shards."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from dnacorpus.errors import CorpusError
from dnacorpus.explore.where.files import Files
from dnacorpus.explore.where.parquet import ParquetRanges
from dnacorpus.schemas.nulls import refuse_nulls
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.schemas.parts import SEGMENTS
from dnacorpus.sequence.bases import canonical, canonical_digest, reverse_complement
from dnacorpus.storage.names import is_shard_path, shown

Row = dict[str, Any]

OTHER = "other bases"
"""The match of a row or record with the digest of the query but another sequence."""
MAX_CIRCULAR = 1 << 26
"""Longest query, in bases, that is also tried as a circular molecule: four times the longest known replicons."""

_PAIR = pa.schema([PAIRS.field(name) for name in ("pair_id", "kind", "sequence", "cluster", "copies")])
_SEGMENT = pa.schema([SEGMENTS.field(name) for name in ("accession", "start", "sequence")])


class Shards:
    """The shards of one dataset; one at a time is open."""

    def __init__(self, files: Files) -> None:
        """Open no shard yet."""
        self.files = files
        self._path = ""
        self._shard: ParquetRanges | None = None

    def shard(self, path: str, columns: pa.Schema) -> ParquetRanges | None:
        """Return a shard, or None if it is not in the dataset; raises CorpusError for a path that is no shard's.

        Raises as `ParquetRanges` does, too.
        """
        if not is_shard_path(path):
            raise CorpusError(
                f"{self.files.name}: index: expected the path of a shard, found {shown(path)!r}; do not use it"
            )
        if self._path != path:
            self._shard = None
            if self.files.size(path) is not None:
                self._shard = ParquetRanges(self.files, path, columns, cached=1)
            self._path = path
        return self._shard


class Comparison:
    """Compares one normalised sequence with the rows and records that have its digest.

    ``digests`` are (digest, circular) of the sequence as a linear and as a circular molecule. A match is ``same
    strand``, ``other strand``, ``other origin`` (of a circular record, on either strand), `OTHER`, or None if the shard
    is missing or `Files.max_compared` bytes were read.
    """

    def __init__(self, shards: Shards, sequence: bytes) -> None:
        """Compute the digests."""
        self._shards, self._sequence, self._left = shards, sequence, shards.files.max_compared
        self.digests = [(canonical_digest(sequence, circular=False), False)]
        if len(sequence) <= MAX_CIRCULAR:
            self.digests.append((canonical_digest(sequence, circular=True), True))

    def rows(self, entries: Sequence[Row]) -> list[Row]:
        """Return the rows of pairs of some index entries, sorted by file and row, without those that match `OTHER`.

        Raises CorpusError if a shard has another pair at the indexed row.
        """
        rows = [self._row(entry) for entry in sorted(entries, key=lambda entry: (entry["file"], entry["row"]))]
        return [row for row in rows if row["match"] != OTHER]

    def _row(self, entry: Row) -> Row:
        pair = self._pair(entry)
        config, division, name = entry["file"].split("/")[1:]
        return {
            "config": config,
            "division": division,
            "split": name.split("-")[0],
            **{key: entry[key] for key in ("file", "row", "accession", "pair_id")},
            **{key: pair[key] if pair else None for key in ("kind", "cluster", "copies")},
            "match": self._match(pair["sequence"], circular=False) if pair else None,
        }

    def _pair(self, entry: Row) -> Row | None:
        shard = self._shards.shard(entry["file"], _PAIR)
        if shard is None:
            return None
        group, index = shard.group_of(entry["row"])
        if not self._may_read(shard, group, _PAIR.names):
            return None
        found = shard.group(group, _PAIR.names).slice(index, 1)
        refuse_nulls(found, PAIRS, f"{self._shards.files.name}: {entry['file']}", entry["row"])
        row: Row = found.to_pylist()[0]
        if row["pair_id"] != entry["pair_id"]:
            raise CorpusError(
                f"{self._shards.files.name}: {entry['file']}: row {entry['row']}: expected pair {entry['pair_id']}, as"
                f" in index/, found {row['pair_id']}; {self._shards.files.advice()}"
            )
        return row

    def record(self, record: Row) -> str | None:
        """Return the match of a record of the index; None also if it was not kept: no shard has its sequence."""
        shard = self._shards.shard(record["segments"], _SEGMENT) if record["segments"] else None
        if shard is None:
            return None
        pieces: dict[int, str] = {}
        for group in shard.groups("accession", record["accession"], record["accession"]):
            names = shard.group(group, ("accession",))["accession"].to_pylist()
            indices = [index for index, name in enumerate(names) if name == record["accession"]]
            if not indices:
                continue
            if not self._may_read(shard, group, _SEGMENT.names):
                return None
            rows = shard.group(group, _SEGMENT.names)
            refuse_nulls(rows, SEGMENTS, f"{self._shards.files.name}: {record['segments']}: row group {group}")
            pieces |= {rows["start"][index].as_py(): rows["sequence"][index].as_py() for index in indices}
        bases = "".join(pieces[start] for start in sorted(pieces))
        return self._match(bases, record["topology"] == "circular")

    def _may_read(self, shard: ParquetRanges, group: int, names: Sequence[str]) -> bool:
        cost = shard.cost(group, names)
        if cost > self._left:
            return False
        self._left -= cost
        return True

    def _match(self, sequence: str, circular: bool) -> str:
        if not sequence.isascii():
            return OTHER
        bases = sequence.encode("ascii")
        if bases == self._sequence:
            return "same strand"
        if len(bases) != len(self._sequence):
            return OTHER
        if reverse_complement(bases) == self._sequence:
            return "other strand"
        if circular and canonical(bases, circular) == canonical(self._sequence, circular):
            return "other origin"
        return OTHER

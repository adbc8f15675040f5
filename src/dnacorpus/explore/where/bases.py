"""Whether the bases that a digest led to are those asked for: read from the shards, and compared."""

from collections.abc import Sequence
from typing import Any

from dnacorpus.errors import CorpusError
from dnacorpus.explore.where.files import Files, ParquetRanges
from dnacorpus.sequence.bases import canonical, canonical_digest, reverse_complement

Row = dict[str, Any]

OTHER = "other bases"
"""The same digest, and not the same bases."""
LONGEST_CIRCLE = 1 << 26
"""Most bases of a query that is tried as a circular molecule too; the longest known replicons are a fourth of it."""

_PAIR = ("pair_id", "kind", "sequence", "cluster", "copies")
_SEGMENT = ("accession", "start", "sequence")


class Shards:
    """The shards of one dataset, of which one at a time is open."""

    def __init__(self, files: Files) -> None:
        """Open none yet."""
        self.files = files
        self._path = ""
        self._shard: ParquetRanges | None = None

    def shard(self, path: str, columns: Sequence[str]) -> ParquetRanges | None:
        """Return a shard, or None where it is not here; raises as `ParquetRanges` does."""
        if self._path != path:
            self._shard = None
            if self.files.size(path) is not None:
                self._shard = ParquetRanges(self.files, path, columns, held=1)
            self._path = path
        return self._shard


class Comparison:
    """Compares one normalised sequence with the rows and records of its digests.

    ``digests`` are (digest, circular): the sequence's as a linear and as a circular molecule. A match is ``same
    strand``, ``other strand``, ``other origin`` (of a circular record, on either strand), `OTHER`, or None where the
    shard is not here or more would have to be read than `Files.most_compared`.
    """

    def __init__(self, shards: Shards, sequence: bytes) -> None:
        """Compute the digests."""
        self._shards, self._sequence, self._left = shards, sequence, shards.files.most_compared
        self.digests = [(canonical_digest(sequence, circular=False), False)]
        if len(sequence) <= LONGEST_CIRCLE:
            self.digests.append((canonical_digest(sequence, circular=True), True))

    def rows(self, found: Sequence[Row]) -> list[Row]:
        """Return the rows of pairs of some entries of the index, in the order of files, without those of `OTHER`.

        Raises CorpusError where the shard has another row at that place.
        """
        told = [self._row(entry) for entry in sorted(found, key=lambda entry: (entry["file"], entry["row"]))]
        return [row for row in told if row["match"] != OTHER]

    def _row(self, entry: Row) -> Row:
        config, division, name = entry["file"].split("/")[1:]
        held = self._pair(entry)
        return {
            "config": config,
            "division": division,
            "split": name.split("-")[0],
            **{key: entry[key] for key in ("file", "row", "accession", "pair_id")},
            **{key: held[key] if held else None for key in ("kind", "cluster", "copies")},
            "match": self._match(held["sequence"].encode("ascii"), circular=False) if held else None,
        }

    def _pair(self, entry: Row) -> Row | None:
        shard = self._shards.shard(entry["file"], _PAIR)
        if shard is None:
            return None
        group, place = shard.group_of(entry["row"])
        if not self._may_read(shard, group, _PAIR):
            return None
        row: Row = shard.group(group, _PAIR).slice(place, 1).to_pylist()[0]
        if row["pair_id"] != entry["pair_id"]:
            raise CorpusError(
                f"{self._shards.files.name}: {entry['file']}: row {entry['row']}: expected pair {entry['pair_id']}, as"
                f" index/ says, found {row['pair_id']}; {self._shards.files.advice()}"
            )
        return row

    def record(self, record: Row) -> str | None:
        """Return how a record of the index matches; None too for one that is not kept, whose bases are nowhere."""
        shard = self._shards.shard(record["segments"], _SEGMENT) if record["segments"] else None
        if shard is None:
            return None
        pieces: dict[int, str] = {}
        for group in shard.groups("accession", record["accession"], record["accession"]):
            names = shard.group(group, ("accession",))["accession"].to_pylist()
            here = [place for place, name in enumerate(names) if name == record["accession"]]
            if not here:
                continue
            if not self._may_read(shard, group, _SEGMENT):
                return None
            rows = shard.group(group, _SEGMENT)
            pieces |= {rows["start"][place].as_py(): rows["sequence"][place].as_py() for place in here}
        bases = "".join(pieces[start] for start in sorted(pieces))
        return self._match(bases.encode("ascii"), record["topology"] == "circular")

    def _may_read(self, shard: ParquetRanges, group: int, names: Sequence[str]) -> bool:
        cost = shard.cost(group, names)
        if cost > self._left:
            return False
        self._left -= cost
        return True

    def _match(self, bases: bytes, circular: bool) -> str:
        if bases == self._sequence:
            return "same strand"
        if len(bases) != len(self._sequence):
            return OTHER
        if reverse_complement(bases) == self._sequence:
            return "other strand"
        if circular and canonical(bases, circular) == canonical(self._sequence, circular):
            return "other origin"
        return OTHER

"""Excludes or flags rows whose bases are similar to those of excluded records, whatever record the rows are from.

A provirus, a viral gene in a vector, or a piece of a virus in a host's chromosome shares k-mers with the excluded
record of the virus. The row is excluded; the record that it is from is kept.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from dnacorpus.curation.biosafety.verdict import REASON
from dnacorpus.curation.kmer_index import Positions
from dnacorpus.pairs.rows import Exclusion, PairRow
from dnacorpus.sequence.kmers import Words, canonical_kmers, distinct

SIMILAR = "similar"
"""The value of the column ``biosafety`` in a row that is similar to an excluded record; not the name of a taxon."""


class Index(Protocol):
    """What is asked of an index of k-mers such as `kmer_index.KmerIndex`."""

    def positions(self, words: Words) -> Positions:
        """Return the position of each k-mer, -1 for one that the index does not hold."""


@dataclass(frozen=True, slots=True)
class RowGuard:
    """Finds rows with more than ``share`` of their distinct canonical ``k``-mers in ``index``.

    The index holds the k-mers of all excluded records together, so a sequence that is half one of them and half
    another is as similar as a whole copy of one.
    """

    index: Index
    k: int
    share: float

    def is_similar(self, sequence: bytes) -> bool:
        """Return whether a sequence (upper-case IUPAC) is similar; one without any k-mer never is."""
        words = canonical_kmers(sequence, self.k)
        indexed = self.index.positions(words) >= 0
        if not indexed.any():
            return False
        return len(distinct(words[indexed])) > self.share * len(distinct(words))

    def keep_out(self, results: Iterable[PairRow | Exclusion]) -> Iterator[PairRow | Exclusion]:
        """Yield the results of a record, with an Exclusion for the reason `REASON` in place of each similar row.

        The Exclusion accounts for the same unit (feature, paper or row) and the same number of bases as the row.
        """
        for result in results:
            yield _excluded(result) if isinstance(result, PairRow) and self._row_is_similar(result) else result

    def flag(self, results: Iterable[PairRow | Exclusion]) -> Iterator[PairRow | Exclusion]:
        """Yield the results of a record, with `SIMILAR` in the column ``biosafety`` of each similar row."""
        for result in results:
            if isinstance(result, PairRow) and self._row_is_similar(result):
                yield replace(result, values=result.values | {REASON: SIMILAR})
            else:
                yield result

    def _row_is_similar(self, row: PairRow) -> bool:
        return self.is_similar(row.values["sequence"].encode("ascii"))


def _excluded(row: PairRow) -> Exclusion:
    values = row.values
    unit = row.counts_as or "row"
    index = values["feature_index"] if unit == "feature" else None
    return Exclusion(unit, REASON, len(values["sequence"]), index)

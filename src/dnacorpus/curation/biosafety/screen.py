"""Keeps rows that are too like an excluded record out of a corpus, whatever record they are cut from.

A provirus, a virus's gene in a vector or a piece of one in a host's chromosome shares its k-mers with the
record that was left out. The row goes, its chromosome stays.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from dnacorpus.curation.biosafety.verdict import REASON
from dnacorpus.pairs.rows import Exclusion, PairRow
from dnacorpus.sequence.kmers import Places, Words, canonical_kmers, distinct

SIMILAR = "similar"
"""What the column ``biosafety`` says of a row that is too like an excluded record; no taxon is called so."""


class Index(Protocol):
    """An index of k-mers, as `kmer_index.KmerIndex`."""

    def positions(self, words: Words) -> Places:
        """Return the place of each k-mer, -1 for one that the index does not hold."""


@dataclass(frozen=True, slots=True)
class RowGuard:
    """Tells which sequences have more than ``share`` of their distinct canonical k-mers in an index.

    ``index`` holds the ``k``-mers of all excluded records together, so that a sequence that is like two of
    them by halves is as like as one that is like one.
    """

    index: Index
    k: int
    share: float

    def too_like(self, sequence: bytes) -> bool:
        """Tell whether a sequence, upper-case IUPAC, is too like; one without a whole k-mer never is."""
        words = canonical_kmers(sequence, self.k)
        there = self.index.positions(words) >= 0
        if not there.any():
            return False
        held = len(distinct(words[there]))
        return bool(held > self.share * len(distinct(words)))

    def keep_out(self, results: Iterable[PairRow | Exclusion]) -> Iterator[PairRow | Exclusion]:
        """Yield the results of a record, each row that is too like as an Exclusion with the reason `REASON`.

        What accounts for a feature or a paper goes on doing so. Bases are those that the row would have held.
        """
        for result in results:
            yield _excluded(result) if isinstance(result, PairRow) and self._holds(result) else result

    def flag(self, results: Iterable[PairRow | Exclusion]) -> Iterator[PairRow | Exclusion]:
        """Yield the results of a record, each row that is too like with `SIMILAR` in its column ``biosafety``."""
        for result in results:
            if isinstance(result, PairRow) and self._holds(result):
                yield replace(result, values=result.values | {REASON: SIMILAR})
            else:
                yield result

    def _holds(self, row: PairRow) -> bool:
        return self.too_like(row.values["sequence"].encode("ascii"))


def _excluded(row: PairRow) -> Exclusion:
    values = row.values
    unit = row.counts_as or "row"
    index = values["feature_index"] if unit == "feature" else None
    return Exclusion(unit, REASON, len(values["sequence"]), index)

"""Which features of a record get a row of their own, and why the others get none."""

from collections.abc import Sequence
from math import floor

import xxhash

from dnacorpus.pairs.feature_kinds import KINDS, why_untold
from dnacorpus.pairs.gene import informative
from dnacorpus.sequence.location import Interval, problem
from dnacorpus.text.qualifiers import FeatureRow, value, values


def untold(
    features: Sequence[FeatureRow], length: int, bounds: tuple[int, int], max_uninformative: float, key: str
) -> dict[int, str]:
    """Return the index of every feature that gets no row, and the reason.

    ``features`` are the rows of one record's table, ``length`` the record's bases, ``bounds`` the fewest
    and the most bases of a row. Reasons: source, kind, those
    of `location.problem`, unnamed, has_product, too_long, too_short; and uninformative, for as many hypothetical
    proteins and the like as go beyond the share ``max_uninformative`` of the record's features with rows. Which of
    them stay is chosen by the digest of ``key`` and their index.
    """
    placed = [(feature, problem(feature, length)) for feature in features]
    products = _Products([feature for feature, misplaced in placed if misplaced is None])
    reasons: dict[int, str] = {}
    for feature, misplaced in placed:
        reason = _reason_against(feature, misplaced, products)
        if reason is None and not bounds[0] <= (bases := local_bases(feature)) <= bounds[1]:
            reason = "too_long" if bases > bounds[1] else "too_short"
        if reason is not None:
            reasons[feature["index"]] = reason
    told = [feature for feature in features if feature["index"] not in reasons]
    empty = [feature["index"] for feature in told if not informative(feature)]
    if max_uninformative < 1:
        most = floor(max_uninformative / (1 - max_uninformative) * (len(told) - len(empty)))
        dealt = sorted(empty, key=lambda index: xxhash.xxh3_64_intdigest(f"{key}\0{index}".encode()))
        reasons |= dict.fromkeys(dealt[most:], "uninformative")
    return reasons


def local_bases(feature: FeatureRow) -> int:
    """Return how many bases of its own record a feature's parts span."""
    return sum(part["end"] - part["start"] for part in feature["parts"] if part["accession"] is None)


class _Products:
    """The coding sequences and RNAs of a record, which stand for the genes that they come from."""

    def __init__(self, features: Sequence[FeatureRow]) -> None:
        self._locus_tags: set[str] = set()
        self._by_gene: dict[str, list[Interval]] = {}
        self._spans: set[tuple[int, int, int]] = set()
        for feature in features:
            kind = KINDS.get(feature["kind"])
            if kind is None or kind.level == "genomic" or feature["kind"].endswith("peptide"):
                continue
            self._locus_tags.update(values(feature, "locus_tag"))
            for gene in values(feature, "gene"):
                self._by_gene.setdefault(gene.lower(), []).append((feature["start"], feature["end"]))
            self._spans.add((feature["start"], feature["end"], feature["strand"]))

    def stand_for(self, gene: FeatureRow) -> bool:
        """Tell whether one shares the gene's locus tag, or its span and strand, or its name and a base."""
        if (gene["start"], gene["end"], gene["strand"]) in self._spans:
            return True
        if not self._locus_tags.isdisjoint(values(gene, "locus_tag")):
            return True
        spans = self._by_gene.get((value(gene, "gene") or "").lower(), [])
        return any(start < gene["end"] and gene["start"] < end for start, end in spans)


def _reason_against(feature: FeatureRow, misplaced: str | None, products: _Products) -> str | None:
    silent = why_untold(feature)
    if silent in ("source", "kind"):
        return silent
    if reason := misplaced or silent:
        return reason
    return "has_product" if feature["kind"] == "gene" and products.stand_for(feature) else None

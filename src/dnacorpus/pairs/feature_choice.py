"""Which features of a record get a row of their own, and why the others get none."""

from collections.abc import Sequence
from math import floor

import xxhash

from dnacorpus.pairs.feature_kinds import KINDS, skip_reason
from dnacorpus.pairs.naming import informative
from dnacorpus.sequence.location import Interval, problem
from dnacorpus.text.qualifiers import FeatureRow, value, values


def skip_reasons(
    features: Sequence[FeatureRow], length: int, bounds: tuple[int, int], max_uninformative: float, key: str
) -> dict[int, str]:
    """Return the index of every feature that gets no row, and the reason.

    ``features`` are the rows of one record's table, ``length`` is the record's in bases, ``bounds`` are the fewest
    and the most bases of a row. Reasons: source, kind, those of `location.problem`, unnamed, has_product, too_long,
    too_short, and uninformative. The last is for hypothetical proteins and the like beyond the share
    ``max_uninformative`` of the record's features with rows; the digest of ``key`` and their index chooses which stay.
    """
    located = [(feature, problem(feature, length)) for feature in features]
    products = _Products([feature for feature, misplaced in located if misplaced is None])
    reasons: dict[int, str] = {}
    for feature, misplaced in located:
        reason = _reason_against(feature, misplaced, products)
        if reason is None and not bounds[0] <= (bases := local_bases(feature)) <= bounds[1]:
            reason = "too_long" if bases > bounds[1] else "too_short"
        if reason is not None:
            reasons[feature["index"]] = reason
    described = [feature for feature in features if feature["index"] not in reasons]
    empty = [feature["index"] for feature in described if not informative(feature)]
    if max_uninformative < 1:
        most = floor(max_uninformative / (1 - max_uninformative) * (len(described) - len(empty)))
        drawn = sorted(empty, key=lambda index: xxhash.xxh3_64_intdigest(f"{key}\0{index}".encode()))
        reasons |= dict.fromkeys(drawn[most:], "uninformative")
    return reasons


def local_bases(feature: FeatureRow) -> int:
    """Return how many bases of its own record a feature's parts span."""
    return sum(part["end"] - part["start"] for part in feature["parts"] if part["accession"] is None)


class _Products:
    """The coding sequences and RNAs of a record, whose rows replace those of the genes that they come from."""

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

    def include(self, gene: FeatureRow) -> bool:
        """Return whether a product has the gene's locus tag, or its span and strand, or its name and a base of it."""
        if (gene["start"], gene["end"], gene["strand"]) in self._spans:
            return True
        if not self._locus_tags.isdisjoint(values(gene, "locus_tag")):
            return True
        spans = self._by_gene.get((value(gene, "gene") or "").lower(), [])
        return any(start < gene["end"] and gene["start"] < end for start, end in spans)


def _reason_against(feature: FeatureRow, misplaced: str | None, products: _Products) -> str | None:
    undescribed = skip_reason(feature)
    if undescribed in ("source", "kind"):
        return undescribed
    if reason := misplaced or undescribed:
        return reason
    return "has_product" if feature["kind"] == "gene" and products.include(feature) else None

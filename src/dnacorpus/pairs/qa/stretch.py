"""One forward stretch of a record with its annotation, which questions are asked about.

A feature lies *within* the stretch if its whole annotated span does, and *touches* it if any of
its bases does; a feature across the origin of its molecule lies within no stretch. A name is used for a
feature only if no other feature that touches the stretch has it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import xxhash

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.naming import PRODUCTS, clear_product, gene_symbol, noun_claim
from dnacorpus.schemas.values import FEATURES_ON_SPAN
from dnacorpus.sequence.bases import reverse_complement
from dnacorpus.sequence.location import Interval, problem
from dnacorpus.text.claims import grouped
from dnacorpus.text.compose import Filling
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.qualifiers import FeatureRow, value, values

NameClaims = Mapping[str, Claim]
"""Claims of the clause ``qa.subject``: gene, or product, or kind and product."""


class Stretch:
    """The bases ``start`` to ``end`` (0-based, half-open) of a record, forward strand, none across the origin."""

    def __init__(self, context: Context, start: int, end: int) -> None:
        self.context, self.start, self.end, self.length = context, start, end, len(context.sequence)
        self.bases = context.sequence[start:end]
        self._touching = [f for f in context.features if f["kind"] != "source" and self._touches(f)]

    @cached_property
    def doubtful(self) -> frozenset[str]:
        """Kinds with a feature here that may or may not lie within the stretch."""
        return frozenset(
            feature["kind"]
            for feature in (*self._touching, *(f for f in self.context.features if not f["parts"]))
            if problem(feature, self.length) is not None or feature["end"] > self.length
        )

    def touching(self, *kinds: str) -> list[FeatureRow]:
        """Return the features of some kinds, or of all but source, that touch the stretch, in table order."""
        return [feature for feature in self._touching if not kinds or feature["kind"] in kinds]

    def within(self, *kinds: str) -> list[FeatureRow]:
        """Return the features of some kinds that lie within the stretch, in table order."""
        return [f for f in self.touching(*kinds) if f["kind"] not in self.doubtful and self._holds(f)]

    def intervals(self, feature: FeatureRow) -> list[Interval]:
        """Return the half-open intervals that a feature covers, introns included; two if it crosses the origin."""
        if feature["end"] <= self.length:
            return [(feature["start"], feature["end"])]
        return [(feature["start"], self.length), (0, feature["end"] - self.length)]

    @cached_property
    def genes(self) -> list[FeatureRow]:
        """The gene features that touch the stretch, by start.

        Empty if their kind is doubtful, if two start together, or if a coding sequence or RNA
        lies outside all of them, for then the table does not list all genes.
        """
        genes = sorted(self.touching("gene"), key=lambda gene: gene["start"])
        products = self.touching(*PRODUCTS)
        listed = all(any(g["start"] <= p["start"] and p["end"] <= g["end"] for g in genes) for p in products)
        distinct = len({gene["start"] for gene in genes}) == len(genes)
        certain = self.doubtful.isdisjoint(("gene", *PRODUCTS))
        return genes if listed and distinct and certain else []

    def is_within(self, feature: FeatureRow) -> bool:
        """Return whether a feature lies within the stretch."""
        return feature["kind"] not in self.doubtful and self._holds(feature)

    def name(self, feature: FeatureRow) -> NameClaims | None:
        """Return a feature's gene, else its product, if no other feature here has that name."""
        gene = gene_symbol(feature)
        if gene and self._is_only_one_called(feature, gene):
            return {"gene": self.context.source.qualifier(feature, "gene", gene)}
        named = self._with_product_of(feature)
        return {"product": self.context.source.qualifier(named, "product")} if named else None

    def product_name(self, feature: FeatureRow) -> NameClaims | None:
        """Return the kind and product of a coding sequence or RNA, if no other feature here has that product."""
        if feature["kind"] not in PRODUCTS or not self._has_unique_product(feature):
            return None
        return {"kind": self.kind(feature), "product": self.context.source.qualifier(feature, "product")}

    def kind(self, feature: FeatureRow) -> Claim:
        """Claim the noun of a feature's key."""
        return noun_claim(self.context.source, feature)

    def coordinates(self, feature: FeatureRow) -> dict[str, Claim]:
        """Claim the first and last position of a feature on the stretch, 1-based and closed."""
        return {
            "first": self.position(feature, feature["start"]),
            "last": self.position(feature, feature["end"] - 1),
        }

    def position(self, feature: FeatureRow, base: int) -> Claim:
        """Claim the 1-based position on the stretch of a base of the record (0-based) that a feature covers."""
        return self.context.source.of_feature(feature, "location", grouped(base - self.start + 1))

    def together(self, text: str) -> Claim:
        """Claim a text that follows from all features of the stretch."""
        return self.context.source.annotation(text, FEATURES_ON_SPAN)

    def coding_bases(self, feature: FeatureRow) -> bytes:
        """Return the bases of a feature of the stretch, spliced, in its own direction."""
        pieces = ((self.context.sequence[part["start"] : part["end"]], part["strand"]) for part in feature["parts"])
        return b"".join(reverse_complement(bases) if strand == -1 else bases for bases, strand in pieces)

    @cached_property
    def words(self) -> str:
        """The names and notes of all features that touch the stretch, in lower case."""
        return "\n".join(
            text.lower()
            for feature in self._touching
            for key in ("gene", "gene_synonym", "locus_tag", "old_locus_tag", "product", "standard_name", "note")
            for text in values(feature, key)
        )

    def with_symbol(self, gene: str) -> list[FeatureRow]:
        """Return the features that touch the stretch and have that gene symbol, in any case."""
        return self._by_symbol.get(gene.lower(), [])

    def _touches(self, feature: FeatureRow) -> bool:
        return any(low < self.end and self.start < high for low, high in self.intervals(feature))

    def _holds(self, feature: FeatureRow) -> bool:
        return bool(self.start <= feature["start"] and feature["end"] <= self.end)

    def _is_only_one_called(self, feature: FeatureRow, gene: str) -> bool:
        others = self.with_symbol(gene)
        alone = all(sum(other["kind"] == kind for other in others) <= 1 for kind in ("gene", feature["kind"]))
        return alone and all(_may_be_one(other, feature) for other in others)

    @cached_property
    def _by_symbol(self) -> dict[str, list[FeatureRow]]:
        found: dict[str, list[FeatureRow]] = {}
        for feature in self._touching:
            if gene := gene_symbol(feature):
                found.setdefault(gene.lower(), []).append(feature)
        return found

    @cached_property
    def _product_features(self) -> dict[str, list[FeatureRow]]:
        found: dict[str, list[FeatureRow]] = {}
        for feature in self.touching(*PRODUCTS):
            found.setdefault((value(feature, "product") or "").lower(), []).append(feature)
        return found

    def _has_unique_product(self, feature: FeatureRow) -> bool:
        product = clear_product(feature)
        return product is not None and len(self._product_features[product.lower()]) == 1

    def _with_product_of(self, feature: FeatureRow) -> FeatureRow | None:
        """Return the feature whose product names this one: itself, or the only product of a gene."""
        locus = value(feature, "locus_tag")
        of_locus = [f for f in self.touching("gene", *PRODUCTS) if locus and value(f, "locus_tag") == locus]
        products = [f for f in of_locus if f["kind"] != "gene"] if feature["kind"] == "gene" else [feature]
        if len(products) != 1 or products[0]["kind"] not in PRODUCTS or not self._has_unique_product(products[0]):
            return None
        one_gene = sum(other["kind"] == "gene" for other in of_locus) <= 1
        return products[0] if one_gene and all(_may_be_one(other, feature) for other in of_locus) else None


def _may_be_one(one: FeatureRow, other: FeatureRow) -> bool:
    """Return whether two features of one name can be the same gene: a base in common, and the strand."""
    common = one["start"] < other["end"] and other["start"] < one["end"]
    return bool(common and one["strand"] == other["strand"])


def anchors(features: Sequence[FeatureRow], length: int) -> list[FeatureRow]:
    """Return the features that a stretch may be placed around: genes, or if there are none their products."""
    for kinds in (("gene",), PRODUCTS):
        found = [f for f in features if f["kind"] in kinds and problem(f, length) is None and f["end"] <= length]
        if found:
            return found
    return []


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer: clauses of ``templates.toml`` and the claims that fill them."""

    question: str
    asked: Mapping[str, Filling]
    answer: str
    answered: Mapping[str, Filling]


QuestionFamily = Callable[[Stretch, str], Iterator[Exchange]]
"""Yields the exchanges of one family about a stretch, in an order that a key draws."""


def draw(key: str, what: object) -> int:
    """Return a number for ``what``, drawn by the digest of ``key``: the same each time."""
    return xxhash.xxh3_64_intdigest(f"{key}\0{what}".encode())


def shuffled(key: str, what: str, features: Sequence[FeatureRow]) -> list[FeatureRow]:
    """Return features in the order that ``key`` draws for the purpose ``what``."""
    return sorted(features, key=lambda feature: draw(key, f"{what}{feature['index']}"))


def name_text(stretch: Stretch, key: str, feature: FeatureRow, name: NameClaims) -> ComposedText:
    """Return a feature's name in a phrasing that ``key`` chooses for it."""
    return stretch.context.phrase("qa.subject", f"{key}{feature['index']}", name)


def named(
    stretch: Stretch, key: str, what: str, features: Sequence[FeatureRow]
) -> Iterator[tuple[FeatureRow, ComposedText]]:
    """Yield the features that have a name on the stretch, each with the name, shuffled as `shuffled` does."""
    for feature in shuffled(key, what, features):
        if name := stretch.name(feature):
            yield feature, name_text(stretch, key, feature, name)

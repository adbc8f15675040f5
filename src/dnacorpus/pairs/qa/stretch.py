"""One forward stretch of a record and what is annotated on it: what questions are asked about.

A feature lies *within* the stretch where its whole annotated span does, and *touches* it where any of
its bases does; one across the origin of its molecule lies within no stretch. A name stands for a
feature only where nothing else that touches the stretch bears it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import xxhash

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.sequence.bases import reverse_complement
from dnacorpus.sequence.location import problem
from dnacorpus.text.claims import grouped
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.qualifiers import FeatureRow, value, values
from dnacorpus.text.templates import Filling, phrase
from dnacorpus.text.wording import present, says_nothing

PRODUCTS = ("CDS", "tRNA", "rRNA", "ncRNA", "tmRNA")
"""FeatureRow keys whose ``/product`` is that of a gene; an mRNA's names the transcript."""

SPAN = "span/features"
"""The field of what follows from the features on the row's span taken together."""

_CALLED_GENE = re.compile(r"\bgenes?\b", re.IGNORECASE)

Name = Mapping[str, Claim]
"""Claims of the clause ``qa.subject``: gene, or product, or kind and product."""


class Stretch:
    """The bases ``start`` to ``end`` (0-based, half-open) of a record, forward strand, none across the origin."""

    def __init__(self, context: Context, sequence: bytes, start: int, end: int) -> None:
        self.context, self.start, self.end, self.length = context, start, end, len(sequence)
        self.bases = sequence[start:end]
        self._sequence = sequence
        self._touching = [f for f in context.features if f["kind"] != "source" and self._touches(f)]

    @cached_property
    def doubtful(self) -> frozenset[str]:
        """Kinds with a feature here of which nobody can say whether it lies within the stretch."""
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

    def intervals(self, feature: FeatureRow) -> list[tuple[int, int]]:
        """Return where a feature covers the record, introns included, half-open; two runs across the origin."""
        if feature["end"] <= self.length:
            return [(feature["start"], feature["end"])]
        return [(feature["start"], self.length), (0, feature["end"] - self.length)]

    @cached_property
    def genes(self) -> list[FeatureRow]:
        """The gene features that touch the stretch, by start.

        Empty where their kind is in doubt, where two start together, or where a coding sequence or RNA
        lies outside all of them: the table does not tell all genes as such then.
        """
        found = sorted(self.touching("gene"), key=lambda gene: gene["start"])
        products = self.touching(*PRODUCTS)
        told = all(any(g["start"] <= p["start"] and p["end"] <= g["end"] for g in found) for p in products)
        distinct = len({gene["start"] for gene in found}) == len(found)
        certain = self.doubtful.isdisjoint(("gene", *PRODUCTS))
        return found if told and distinct and certain else []

    def is_within(self, feature: FeatureRow) -> bool:
        """Tell whether a feature lies within the stretch."""
        return feature["kind"] not in self.doubtful and self._holds(feature)

    def name(self, feature: FeatureRow) -> Name | None:
        """Name a feature by its gene, else by its product, where the name stands for it alone."""
        gene = symbol(feature)
        if gene and self._is_sole_bearer(feature, gene):
            return {"gene": self.context.source.qualifier(feature, "gene", gene)}
        bearer = self._product_of(feature)
        return {"product": self.context.source.qualifier(bearer, "product")} if bearer else None

    def product_name(self, feature: FeatureRow) -> Name | None:
        """Name a coding sequence or RNA by its kind and product, where the product stands for it alone."""
        if feature["kind"] not in PRODUCTS or not self._is_sole_product(feature):
            return None
        return {"kind": self.kind(feature), "product": self.context.source.qualifier(feature, "product")}

    def kind(self, feature: FeatureRow) -> Claim:
        """Claim what a feature's key means, in words."""
        noun = KINDS[feature["kind"]].noun
        if noun == feature["kind"]:
            return self.context.source.verbatim(noun, f"features[{feature['index']}]/kind")
        return self.context.source.of_feature(feature, "kind", noun)

    def coordinates(self, feature: FeatureRow) -> dict[str, Claim]:
        """Claim the first and last position of a feature on the stretch, 1-based and closed."""
        return {
            "first": self.position(feature, feature["start"]),
            "last": self.position(feature, feature["end"] - 1),
        }

    def position(self, feature: FeatureRow, place: int) -> Claim:
        """Claim a position on the stretch, 1-based, that a feature covers at ``place`` of the record."""
        return self.context.source.of_feature(feature, "location", grouped(place - self.start + 1))

    def together(self, text: str) -> Claim:
        """Claim what follows from all features of the stretch together."""
        return self.context.source.annotation(text, SPAN)

    def coding_bases(self, feature: FeatureRow) -> bytes:
        """Return the bases of a feature of the stretch, spliced, in its own direction."""
        pieces = ((self._sequence[part["start"] : part["end"]], part["strand"]) for part in feature["parts"])
        return b"".join(reverse_complement(bases) if strand == -1 else bases for bases, strand in pieces)

    @cached_property
    def words(self) -> str:
        """All that the features which touch the stretch say in words, in lower case."""
        return "\n".join(
            text.lower()
            for feature in self._touching
            for key in ("gene", "gene_synonym", "locus_tag", "old_locus_tag", "product", "standard_name", "note")
            for text in values(feature, key)
        )

    def bearers(self, gene: str) -> list[FeatureRow]:
        """Return the features that touch the stretch and have a gene of that name, whatever its case."""
        return self._by_symbol.get(gene.lower(), [])

    def _touches(self, feature: FeatureRow) -> bool:
        return any(low < self.end and self.start < high for low, high in self.intervals(feature))

    def _holds(self, feature: FeatureRow) -> bool:
        return bool(self.start <= feature["start"] and feature["end"] <= self.end)

    def _is_sole_bearer(self, feature: FeatureRow, gene: str) -> bool:
        bearers = self.bearers(gene)
        alone = all(sum(bearer["kind"] == kind for bearer in bearers) <= 1 for kind in ("gene", feature["kind"]))
        return alone and all(_agree(bearer, feature) for bearer in bearers)

    @cached_property
    def _by_symbol(self) -> dict[str, list[FeatureRow]]:
        found: dict[str, list[FeatureRow]] = {}
        for feature in self._touching:
            if gene := symbol(feature):
                found.setdefault(gene.lower(), []).append(feature)
        return found

    @cached_property
    def _product_features(self) -> dict[str, list[FeatureRow]]:
        found: dict[str, list[FeatureRow]] = {}
        for feature in self.touching(*PRODUCTS):
            found.setdefault((value(feature, "product") or "").lower(), []).append(feature)
        return found

    def _is_sole_product(self, feature: FeatureRow) -> bool:
        product = product_of(feature)
        return product is not None and len(self._product_features[product.lower()]) == 1

    def _product_of(self, feature: FeatureRow) -> FeatureRow | None:
        """Return the feature whose product names this one: itself, or the one product of a gene."""
        locus = value(feature, "locus_tag")
        bearers = [f for f in self.touching("gene", *PRODUCTS) if locus and value(f, "locus_tag") == locus]
        found = [f for f in bearers if f["kind"] != "gene"] if feature["kind"] == "gene" else [feature]
        if len(found) != 1 or found[0]["kind"] not in PRODUCTS or not self._is_sole_product(found[0]):
            return None
        alone = sum(bearer["kind"] == "gene" for bearer in bearers) <= 1
        return found[0] if alone and all(_agree(bearer, feature) for bearer in bearers) else None


def _agree(one: FeatureRow, other: FeatureRow) -> bool:
    """Tell whether two features that bear one name can be one thing: a base in common, and the strand."""
    common = one["start"] < other["end"] and other["start"] < one["end"]
    return bool(common and one["strand"] == other["strand"])


def symbol(feature: FeatureRow) -> str | None:
    """Return a feature's ``/gene`` where it is a name by which biologists know it: no locus tag, no description."""
    gene = value(feature, "gene")
    tags = {tag.lower() for tag in values(feature, "locus_tag")}
    if gene is None or not present(gene) or says_nothing(gene) or gene.lower() in tags or len(gene) > 40:
        return None
    return None if _CALLED_GENE.search(gene) else gene


def product_of(feature: FeatureRow) -> str | None:
    """Return a feature's ``/product`` where it says what is made, in no more than 120 characters."""
    product = value(feature, "product")
    if product is None or not present(product) or says_nothing(product) or not 3 <= len(product) <= 120:
        return None
    return None if product in (value(feature, "gene"), value(feature, "locus_tag")) else product


def anchors(features: Sequence[FeatureRow], length: int) -> list[FeatureRow]:
    """Return the features round which a stretch may lie: genes, or where there are none their products."""
    for kinds in (("gene",), PRODUCTS):
        found = [f for f in features if f["kind"] in kinds and problem(f, length) is None and f["end"] <= length]
        if found:
            return found
    return []


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer: clauses of ``templates.toml`` and the claims that fill them."""

    ask: str
    asked: Mapping[str, Filling]
    tell: str
    told: Mapping[str, Filling]


Family = Callable[[Stretch, str], Iterator[Exchange]]
"""The exchanges of one family about a stretch, in an order that a key chooses; none where it has none."""


def draw(key: str, what: object) -> int:
    """Return a number that a key draws for something, the same each time."""
    return xxhash.xxh3_64_intdigest(f"{key}\0{what}".encode())


def shuffled(key: str, what: str, features: Sequence[FeatureRow]) -> list[FeatureRow]:
    """Return features in the order that a key draws for a purpose."""
    return sorted(features, key=lambda feature: draw(key, f"{what}{feature['index']}"))


def worded(key: str, feature: FeatureRow, name: Name) -> ComposedText:
    """Say a feature's name in a phrasing that the key chooses for it."""
    return phrase("qa.subject", f"{key}{feature['index']}", {**name})


def named(
    stretch: Stretch, key: str, what: str, features: Sequence[FeatureRow]
) -> Iterator[tuple[FeatureRow, ComposedText]]:
    """Yield those of some features that have a name on the stretch with that name, shuffled."""
    for feature in shuffled(key, what, features):
        if name := stretch.name(feature):
            yield feature, worded(key, feature, name)

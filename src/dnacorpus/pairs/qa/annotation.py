"""Families of questions about what is annotated on a stretch: how many, where, what, next to what.

The functions are `exchanges.Family`; nothing here knows a phrasing: `compose` has them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.pairs.qa.stretch import PRODUCTS, Exchange, Stretch, draw, named, product_of, shuffled, symbol, worded
from dnacorpus.text.claims import grouped
from dnacorpus.text.evidence import Claim
from dnacorpus.text.qualifiers import FeatureRow, value
from dnacorpus.text.templates import Filling
from dnacorpus.text.wording import alike, present

COUNTED = ("gene", "CDS", "tRNA", "rRNA", "ncRNA", "mobile_element", "repeat_region")
"""The feature keys that are counted."""
_CLEAR = 20
"""Bases on either side of a position that has no gene, which no other feature covers either."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """What makes a cluster: at least ``genes`` in a row on one strand, at most ``distance`` bases between two."""

    genes: int
    distance: int


def counts(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask how many features of a kind lie within; of the kinds that the record annotates, one may be absent here."""
    annotated = {feature["kind"] for feature in stretch.context.features}
    kinds = [kind for kind in COUNTED if kind in annotated and kind not in stretch.doubtful]
    found = {kind: len(stretch.within(kind)) for kind in kinds if kind != "gene" or stretch.genes}
    absent = [kind for kind, number in found.items() if not number]
    passed_over = set(sorted(absent, key=lambda kind: draw(key, kind))[1:])
    for kind in sorted(found.keys() - passed_over, key=lambda kind: draw(key, f"count{kind}")):
        noun = KINDS[kind].noun if found[kind] == 1 else KINDS[kind].plural
        told = stretch.together(f"{grouped(found[kind]) if found[kind] else 'no'} {noun}")
        asked = {"kinds": stretch.together(KINDS[kind].plural)}
        yield Exchange("qa.count.ask", asked, "qa.count.tell", {"count": told})


def places(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the coordinates of a gene, coding sequence or RNA, unless it is the whole stretch."""
    for feature in shuffled(key, "place", stretch.within("gene", *PRODUCTS)):
        name = stretch.name(feature) if feature["kind"] == "gene" else stretch.product_name(feature)
        size = feature["end"] - feature["start"]
        if name and ("gene" in name or "kind" in name) and 1 < size < len(stretch.bases):
            asked = {"subject": worded(key, feature, name)}
            yield Exchange("qa.place.ask", asked, "qa.place.tell", stretch.coordinates(feature))


def strands(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask on which strand a gene, coding sequence or RNA is annotated."""
    for feature, subject in named(stretch, key, "strand", stretch.within("gene", *PRODUCTS)):
        if strand := stretch.context.source.strand(feature):
            yield Exchange("qa.strand.ask", {"subject": subject}, "qa.strand.tell", {**strand})


def products(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the product of a gene by its symbol, or of a coding sequence or RNA by its place.

    A symbol that is part of the product's name, spelt so or otherwise, is not asked by: it would give the answer.
    """
    makers = stretch.touching(*PRODUCTS)
    for feature in shuffled(key, "product", stretch.within(*PRODUCTS)):
        if (product := product_of(feature)) is None or feature["pseudo"]:
            continue
        told = {"product": stretch.context.source.qualifier(feature, "product")}
        gene, locus = symbol(feature), value(feature, "locus_tag")
        bearers = stretch.bearers(gene) if gene else []
        # The peptides of a polyprotein bear its gene and have products of their own.
        sole = sum(other["kind"] in PRODUCTS for other in bearers) == 1
        sole &= not any(other["kind"].endswith("_peptide") for other in bearers)
        sole &= alike(gene or "") not in alike(product)
        by_place = {"kind": stretch.kind(feature), **stretch.coordinates(feature)}
        place = (feature["kind"], feature["start"], feature["end"])
        if sole and draw(key, f"by{feature['index']}") % 2:
            asked = {"gene": stretch.context.source.qualifier(feature, "gene")}
        elif sum((other["kind"], other["start"], other["end"]) == place for other in makers) > 1:
            continue
        else:
            tag = {"locus": stretch.context.source.qualifier(feature, "locus_tag")} if present(locus) else {}
            asked = by_place | (tag if draw(key, f"tag{feature['index']}") % 2 else {})
        yield Exchange("qa.product.ask", asked, "qa.product.tell", told)


def positions(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask which gene is annotated at a position: one gene alone, or none and no other feature near."""
    with_gene, without = _positions_with_gene(stretch, key), _positions_without(stretch, key)
    yield from chain(without, with_gene) if draw(key, "at") % 3 == 0 else chain(with_gene, without)


def _positions_with_gene(stretch: Stretch, key: str) -> Iterator[Exchange]:
    for gene, subject in named(stretch, key, "at", stretch.genes):
        if position := _position_in(stretch, gene, key):
            yield Exchange("qa.at.ask", {"position": position}, "qa.at.tell", {"subject": subject})


def _positions_without(stretch: Stretch, key: str) -> Iterator[Exchange]:
    covered = [run for feature in stretch.touching() for run in stretch.intervals(feature)]
    gaps = [(low, high) for low, high in _free(stretch.start, stretch.end, covered) if high - low > 2 * _CLEAR]
    for low, high in sorted(gaps, key=lambda gap: draw(key, gap)) if stretch.genes else ():
        place = low + _CLEAR + draw(key, low) % (high - low - 2 * _CLEAR)
        asked = {"position": stretch.together(grouped(place - stretch.start + 1))}
        yield Exchange("qa.at.ask", asked, "qa.at.tell", {"none": stretch.together("no gene")})


def _position_in(stretch: Stretch, gene: FeatureRow, key: str) -> Claim | None:
    others = [run for other in stretch.genes if other is not gene for run in stretch.intervals(other)]
    low, high = max(gene["start"], stretch.start), min(gene["end"], stretch.end)
    free = _free(low, high, others)
    if len(gene["parts"]) > 1 or not free:
        return None
    low, high = max(free, key=lambda run: run[1] - run[0])
    return stretch.position(gene, low + draw(key, gene["index"]) % (high - low))


def _free(low: int, high: int, runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the parts of ``low`` to ``high`` that no run covers."""
    found = []
    for start, end in sorted(runs):
        if low < min(start, high):
            found.append((low, min(start, high)))
        low = max(low, end)
    return [*found, (low, high)] if low < high else found


def extremes(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the longest or shortest annotated coding sequence; a tie or a pseudogene among them is not asked."""
    coding = [(sum(part["end"] - part["start"] for part in f["parts"]), f) for f in stretch.within("CDS")]
    coding.sort(key=lambda entry: entry[0])
    if len(coding) < 2 or any(feature["pseudo"] for _, feature in coding):
        return
    ends = [("shortest", coding[0], coding[1]), ("longest", coding[-1], coding[-2])]
    for which, (length, feature), (next_length, _) in ends[:: 1 if draw(key, "extreme") % 2 else -1]:
        name = stretch.name(feature)
        if name and length != next_length:
            bases = stretch.context.source.of_feature(feature, "location", grouped(length))
            told: dict[str, Filling] = {"subject": worded(key, feature, name), "bases": bases}
            yield Exchange(f"qa.{which}.ask", {}, "qa.extreme.tell", told)


def neighbours(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask which gene begins next after, or last before, the start of a gene; both lie within."""
    for left, right in sorted(pairwise(stretch.genes), key=lambda pair: draw(key, f"next{pair[0]['index']}")):
        names = stretch.name(left), stretch.name(right)
        if names[0] and names[1] and stretch.is_within(left) and stretch.is_within(right):
            pair = worded(key, left, names[0]), worded(key, right, names[1])
            turned = draw(key, f"turn{left['index']}") % 2
            asked, told = pair[:: -1 if turned else 1]
            ask = "qa.before.ask" if turned else "qa.after.ask"
            yield Exchange(ask, {"subject": asked}, "qa.neighbour.tell", {"subject": told})


def clusters(stretch: Stretch, key: str, cluster: Cluster) -> Iterator[Exchange]:
    """Ask whether genes within stand in a cluster on one strand; two largest of one size are not asked."""
    genes = [gene for gene in stretch.genes if stretch.is_within(gene)]
    if len(genes) < cluster.genes:
        return
    runs = [[genes[0]]]
    for left, right in pairwise(genes):
        near = right["start"] - left["end"] <= cluster.distance
        if near and left["strand"] == right["strand"] != 0:
            runs[-1].append(right)
        else:
            runs.append([right])
    runs.sort(key=len)
    asked: dict[str, Filling] = {
        "number": stretch.together(grouped(cluster.genes)),
        "distance": stretch.together(grouped(cluster.distance)),
    }
    largest = runs[-1]
    told: dict[str, Filling]
    if len(largest) < cluster.genes:
        told = {"none": stretch.together("no such cluster")}
        yield Exchange("qa.cluster.ask", asked, "qa.cluster.tell", told)
        return
    first, last = stretch.name(largest[0]), stretch.name(largest[-1])
    if first and last and (len(runs) == 1 or len(runs[-2]) < len(largest)):
        told = {
            "count": stretch.together(f"{grouped(len(largest))} genes"),
            "first": worded(key, largest[0], first),
            "last": worded(key, largest[-1], last),
        }
        yield Exchange("qa.cluster.ask", asked, "qa.cluster.tell", told)

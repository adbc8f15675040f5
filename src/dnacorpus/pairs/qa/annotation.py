"""Families of questions about the annotation of a stretch: how many, where, which strand, what, next to what.

The functions are values of `stretch.QuestionFamily`; the phrasings are in ``templates.toml``.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.pairs.naming import PRODUCTS, clear_product, gene_symbol
from dnacorpus.pairs.qa.stretch import Exchange, Stretch, draw, name_text, named, shuffled
from dnacorpus.sequence.location import Interval
from dnacorpus.settings.pairs import QaSettings
from dnacorpus.text.claims import grouped
from dnacorpus.text.compose import Filling
from dnacorpus.text.evidence import Claim
from dnacorpus.text.qualifiers import FeatureRow, value
from dnacorpus.text.wording import alike, present

COUNTED = ("gene", "CDS", "tRNA", "rRNA", "ncRNA", "mobile_element", "repeat_region")
"""The feature keys that are counted."""
_CLEAR = 20
"""Bases on either side of a position without a gene that must be free of other features too."""


def counts(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask how many features of a kind lie within; for at most one kind of the record the answer is none."""
    annotated = {feature["kind"] for feature in stretch.context.features}
    kinds = [kind for kind in COUNTED if kind in annotated and kind not in stretch.doubtful]
    counted = {kind: len(stretch.within(kind)) for kind in kinds if kind != "gene" or stretch.genes}
    absent = [kind for kind, number in counted.items() if not number]
    left_out = set(sorted(absent, key=lambda kind: draw(key, kind))[1:])
    for kind in sorted(counted.keys() - left_out, key=lambda kind: draw(key, f"count{kind}")):
        number = counted[kind]
        noun = KINDS[kind].noun if number == 1 else KINDS[kind].plural
        count = stretch.together(f"{grouped(number) if number else 'no'} {noun}")
        asked = {"kinds": stretch.together(KINDS[kind].plural)}
        yield Exchange("qa.count.ask", asked, "qa.count.tell", {"count": count})


def locations(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the coordinates of a gene, coding sequence or RNA, unless it is the whole stretch."""
    for feature in shuffled(key, "place", stretch.within("gene", *PRODUCTS)):
        name = stretch.name(feature) if feature["kind"] == "gene" else stretch.product_name(feature)
        size = feature["end"] - feature["start"]
        if name and ("gene" in name or "kind" in name) and 1 < size < len(stretch.bases):
            asked = {"subject": name_text(stretch, key, feature, name)}
            yield Exchange("qa.place.ask", asked, "qa.place.tell", stretch.coordinates(feature))


def strands(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask on which strand a gene, coding sequence or RNA is annotated."""
    for feature, subject in named(stretch, key, "strand", stretch.within("gene", *PRODUCTS)):
        if strand := stretch.context.source.strand(feature):
            yield Exchange("qa.strand.ask", {"subject": subject}, "qa.strand.tell", strand)


def products(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the product of a gene given its symbol, or of a coding sequence or RNA given its location.

    A symbol that is part of the product's name in any spelling is not used: it would give the answer away.
    """
    with_product = stretch.touching(*PRODUCTS)
    for feature in shuffled(key, "product", stretch.within(*PRODUCTS)):
        if (product := clear_product(feature)) is None or feature["pseudo"]:
            continue
        if _symbol_means_product(stretch, feature, product) and draw(key, f"by{feature['index']}") % 2:
            asked = {"gene": stretch.context.source.qualifier(feature, "gene")}
        elif sum(_same_location(other, feature) for other in with_product) > 1:
            continue
        else:
            asked = {"kind": stretch.kind(feature), **stretch.coordinates(feature)}
            if present(value(feature, "locus_tag")) and draw(key, f"tag{feature['index']}") % 2:
                asked["locus"] = stretch.context.source.qualifier(feature, "locus_tag")
        answered = {"product": stretch.context.source.qualifier(feature, "product")}
        yield Exchange("qa.product.ask", asked, "qa.product.tell", answered)


def _symbol_means_product(stretch: Stretch, feature: FeatureRow, product: str) -> bool:
    """Return whether a feature's gene symbol belongs to this product alone and is no part of the product's name."""
    gene = gene_symbol(feature)
    others = stretch.with_symbol(gene) if gene else []
    # The peptides of a polyprotein have its gene but other products.
    if any(other["kind"].endswith("_peptide") for other in others):
        return False
    return sum(other["kind"] in PRODUCTS for other in others) == 1 and alike(gene or "") not in alike(product)


def _same_location(one: FeatureRow, other: FeatureRow) -> bool:
    return all(bool(one[key] == other[key]) for key in ("kind", "start", "end"))


def positions(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask which gene is annotated at a position: exactly one, or none and no other feature near."""
    with_gene, without = _positions_with_gene(stretch, key), _positions_without(stretch, key)
    yield from chain(without, with_gene) if draw(key, "at") % 3 == 0 else chain(with_gene, without)


def _positions_with_gene(stretch: Stretch, key: str) -> Iterator[Exchange]:
    for gene, subject in named(stretch, key, "at", stretch.genes):
        if position := _position_in(stretch, gene, key):
            yield Exchange("qa.at.ask", {"position": position}, "qa.at.tell", {"subject": subject})


def _positions_without(stretch: Stretch, key: str) -> Iterator[Exchange]:
    covered = [interval for feature in stretch.touching() for interval in stretch.intervals(feature)]
    gaps = [(low, high) for low, high in _free(stretch.start, stretch.end, covered) if high - low > 2 * _CLEAR]
    if not stretch.genes:
        return
    for low, high in sorted(gaps, key=lambda gap: draw(key, gap)):
        base = low + _CLEAR + draw(key, low) % (high - low - 2 * _CLEAR)
        asked = {"position": stretch.together(grouped(base - stretch.start + 1))}
        yield Exchange("qa.at.ask", asked, "qa.at.tell", {"none": stretch.together("no gene")})


def _position_in(stretch: Stretch, gene: FeatureRow, key: str) -> Claim | None:
    others = [interval for other in stretch.genes if other is not gene for interval in stretch.intervals(other)]
    low, high = max(gene["start"], stretch.start), min(gene["end"], stretch.end)
    free = _free(low, high, others)
    if len(gene["parts"]) > 1 or not free:
        return None
    low, high = max(free, key=lambda interval: interval[1] - interval[0])
    return stretch.position(gene, low + draw(key, gene["index"]) % (high - low))


def _free(low: int, high: int, covered: Sequence[Interval]) -> list[Interval]:
    """Return the parts of ``low`` to ``high`` that no interval covers."""
    free = []
    for start, end in sorted(covered):
        if low < min(start, high):
            free.append((low, min(start, high)))
        low = max(low, end)
    return [*free, (low, high)] if low < high else free


def extremes(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the longest or shortest annotated coding sequence; not if two are equal or one is a pseudogene."""
    coding = [(sum(part["end"] - part["start"] for part in f["parts"]), f) for f in stretch.within("CDS")]
    coding.sort(key=lambda entry: entry[0])
    if len(coding) < 2 or any(feature["pseudo"] for _, feature in coding):
        return
    ends = [("shortest", coding[0], coding[1]), ("longest", coding[-1], coding[-2])]
    if draw(key, "extreme") % 2 == 0:
        ends.reverse()
    for which, (length, feature), (next_length, _) in ends:
        name = stretch.name(feature)
        if name and length != next_length:
            bases = stretch.context.source.of_feature(feature, "location", grouped(length))
            answered: dict[str, Filling] = {"subject": name_text(stretch, key, feature, name), "bases": bases}
            yield Exchange(f"qa.{which}.ask", {}, "qa.extreme.tell", answered)


def neighbours(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask which gene begins next after, or last before, the start of a gene; both lie within."""
    for left, right in sorted(pairwise(stretch.genes), key=lambda pair: draw(key, f"next{pair[0]['index']}")):
        left_name, right_name = stretch.name(left), stretch.name(right)
        if not left_name or not right_name or not stretch.is_within(left) or not stretch.is_within(right):
            continue
        first, second = name_text(stretch, key, left, left_name), name_text(stretch, key, right, right_name)
        if draw(key, f"turn{left['index']}") % 2:
            yield Exchange("qa.before.ask", {"subject": second}, "qa.neighbour.tell", {"subject": first})
        else:
            yield Exchange("qa.after.ask", {"subject": first}, "qa.neighbour.tell", {"subject": second})


def clusters(stretch: Stretch, key: str, settings: QaSettings) -> Iterator[Exchange]:
    """Ask whether genes within form a cluster on one strand; not if two clusters are equally large."""
    genes = [gene for gene in stretch.genes if stretch.is_within(gene)]
    if len(genes) < settings.min_cluster_genes:
        return
    runs = [[genes[0]]]
    for left, right in pairwise(genes):
        near = right["start"] - left["end"] <= settings.max_cluster_distance
        if near and left["strand"] == right["strand"] != 0:
            runs[-1].append(right)
        else:
            runs.append([right])
    runs.sort(key=len)
    asked: dict[str, Filling] = {
        "number": stretch.together(grouped(settings.min_cluster_genes)),
        "distance": stretch.together(grouped(settings.max_cluster_distance)),
    }
    largest = runs[-1]
    answered: dict[str, Filling]
    if len(largest) < settings.min_cluster_genes:
        answered = {"none": stretch.together("no such cluster")}
        yield Exchange("qa.cluster.ask", asked, "qa.cluster.tell", answered)
        return
    first, last = stretch.name(largest[0]), stretch.name(largest[-1])
    if first and last and (len(runs) == 1 or len(runs[-2]) < len(largest)):
        answered = {
            "count": stretch.together(f"{grouped(len(largest))} genes"),
            "first": name_text(stretch, key, largest[0], first),
            "last": name_text(stretch, key, largest[-1], last),
        }
        yield Exchange("qa.cluster.ask", asked, "qa.cluster.tell", answered)

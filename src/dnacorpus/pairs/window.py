"""Windows: which stretches of a record get a row, and the text about each.

A window is a stretch of fixed size that never crosses the origin. Positions in the text are those of the window's
own bases, 1-based and closed; only the window's location on the record is given in the record's positions.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.pairs.loci import Loci, Presence
from dnacorpus.pairs.naming import (
    begins_with_kind,
    has_experiment,
    informative,
    kind_claim,
    product_claim,
    repeat_claim,
)
from dnacorpus.schemas.values import FEATURES_ON_SPAN
from dnacorpus.sequence.bases import gc_and_ambiguous
from dnacorpus.sequence.location import Interval
from dnacorpus.settings.pairs import WindowSettings
from dnacorpus.text.claims import grouped
from dnacorpus.text.compose import Filling, join
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.qualifiers import FeatureRow, has, value, values
from dnacorpus.text.wording import cut, is_hedged, present, present_title, remark

_SHARES = {"start": "the start", "end": "the end", "middle": "a middle part", "part": "a part"}
"""The field of a claim that follows from all features with a base on the row's span."""
_LONGEST_NOTE = 120


def tiles(length: int, settings: WindowSettings) -> list[Interval]:
    """Return the half-open windows of a record of ``length`` bases, by start.

    With a stride of at most a window's size every base is in a window. A tail shorter than ``min_share`` of a window
    is replaced by a whole window that ends with the record, and so overlaps the one before.
    """
    if length <= settings.bases:
        return [(0, length)] if settings.short_records and length else []
    windows: list[Interval] = []
    for start in range(0, length, settings.stride or settings.bases):
        tail = length - start
        if tail <= settings.bases:
            windows.append((start if tail >= settings.min_share * settings.bases else length - settings.bases, length))
            break
        windows.append((start, start + settings.bases))
    return windows


def evenly(count: int, most: int) -> list[int]:
    """Return ``most`` numbers below ``count``, evenly spread and ascending; all if ``most`` is 0 or not less."""
    if most == 0 or most >= count:
        return list(range(count))
    return [(2 * number + 1) * count // (2 * most) for number in range(most)]


def describe_window(
    context: Context, loci: Loci, span: Interval, key: str, most_features: int
) -> tuple[ComposedText, bool]:
    """Return the text about a window, and whether any locus on it has an informative name.

    ``span`` is the window's half-open interval of the record; ``key`` chooses the phrasings. If there
    are more than ``most_features`` loci, that many are described, named ones first, spread over the window. Features
    are counted by kind unless all of them are described.
    """
    start, end = span
    texts = [*_identity(context, key, end - start), _location(context, start, end, key)]
    gc, _ = gc_and_ambiguous(context.sequence[start:end])
    if gc is not None:
        texts.append(context.phrase("window.gc", key, {"gc": context.source.computed(f"{100 * gc:.1f}")}))
    here = loci.present(start, end)
    chosen = _chosen(here, most_features)
    counts = _counts(context, loci, start, end)
    if counts and (len(here) > most_features or not loci.all_in_loci(start, end)):
        texts.append(context.phrase("window.counts", key, {"counts": counts}))
    elif not here and loci.annotated:
        nothing = context.source.annotation("nothing", FEATURES_ON_SPAN)
        texts.append(context.phrase("window.nothing", key, {"nothing": nothing}))
    if any(presence.parts for presence in chosen):
        texts.append(context.phrase("window.counting", key, {}))
    texts += [_presence(context, presence, start, f"{key}{number}") for number, presence in enumerate(chosen)]
    return join(texts), any(informative(_main(presence)) for presence in here)


def _chosen(here: Sequence[Presence], most: int) -> list[Presence]:
    if len(here) <= most:
        return list(here)
    named = [number for number, one in enumerate(here) if one.locus.is_gene and informative(_main(one))]
    others = sorted(set(range(len(here))) - set(named))
    chosen = [named[number] for number in evenly(len(named), most)]
    if len(chosen) < most:
        chosen += [others[number] for number in evenly(len(others), most - len(chosen))]
    return [here[number] for number in sorted(chosen)]


def _main(presence: Presence) -> FeatureRow:
    return presence.locus.product or presence.locus.features[0]


def _identity(context: Context, key: str, bases: int) -> list[ComposedText]:
    record, source = context.record, context.source
    title = cut(record["definition"].strip(), 400) if present_title(record["definition"]) else None
    claims = {
        "length": source.computed(grouped(bases)),
        "accession": source.verbatim(record["accession"], "accession"),
    }
    if title:
        claims["definition"] = source.verbatim(title, "definition")
    texts = [context.phrase("window.record", key, claims)]
    organism = context.organism.get("organism")
    if organism and organism.text.lower() not in (title or "").lower():
        texts.append(context.phrase("window.organism", key, {"organism": organism}))
    return texts


def _location(context: Context, start: int, end: int, key: str) -> ComposedText:
    record, source = context.record, context.source
    claims = {
        "first": source.annotation(grouped(start + 1), "span"),
        "last": source.annotation(grouped(end), "span"),
        "total": source.annotation(grouped(record["length"]), "length"),
    }
    if record["topology"] == "circular":
        claims["topology"] = source.verbatim("circular", "topology")
    if present(record["molecule_type"]):
        claims["molecule"] = source.verbatim(record["molecule_type"], "molecule_type")
    return context.phrase("window.place", key, claims)


def _counts(context: Context, loci: Loci, start: int, end: int) -> list[Claim]:
    counted = loci.kinds(start, end)
    nouns = {key: (kind.noun, kind.plural) for key, kind in KINDS.items()}
    nouns |= {key: (f"{key} feature", f"{key} features") for key in sorted(counted.keys() - KINDS.keys())}
    return [_count(context, counted[key], *both) for key, both in nouns.items() if counted[key]]


def _count(context: Context, number: int, singular: str, plural: str) -> Claim:
    return context.source.annotation(f"{grouped(number)} {singular if number == 1 else plural}", FEATURES_ON_SPAN)


def _presence(context: Context, presence: Presence, offset: int, key: str) -> ComposedText:
    source, feature = context.source, presence.feature
    thing = _thing(context, presence, key)
    if not presence.parts:
        between = source.of_feature(feature, "location", "between segments")
        return context.phrase("window.between", key, {"thing": thing, "between": between})
    if presence.share != "whole":
        share = source.of_feature(feature, "location", _SHARES[presence.share])
        thing = context.phrase("window.cut", key, {"cut": share, "thing": thing})
    elif partial := source.partial(presence.locus.product or feature):
        thing = context.phrase("window.incomplete", key, {"thing": thing, "partial": partial})
    thing = _with_segments(context, presence, thing, key)
    first = min(low for low, _ in presence.parts) - offset
    end = max(high for _, high in presence.parts) - offset
    claims: dict[str, Filling] = {"thing": thing, **source.strand(feature)}
    if end - first == 1:
        claims["position"] = source.of_feature(feature, "location", grouped(end))
    else:
        claims["first"] = source.of_feature(feature, "location", grouped(first + 1))
        claims["last"] = source.of_feature(feature, "location", grouped(end))
    return context.phrase("window.feature", key, claims)


def _with_segments(context: Context, presence: Presence, thing: ComposedText | Claim, key: str) -> ComposedText | Claim:
    feature = presence.feature
    segments = _segments(feature, context.record["length"])
    if segments < 2:
        return thing
    source = context.source
    claims: dict[str, Filling] = {"thing": thing}
    claims["segments"] = source.of_feature(feature, "location", grouped(segments))
    if presence.share != "whole":
        claims["inside"] = source.of_feature(feature, "location", grouped(len(presence.parts)))
    return context.phrase("window.segments", key, claims)


def _segments(feature: FeatureRow, length: int) -> int:
    """Count the parts of a feature; two that meet at the origin of a molecule of ``length`` bases are one."""
    parts = feature["parts"] if feature["strand"] == 1 else feature["parts"][::-1]
    joints = [left for left, right in pairwise(parts) if left["end"] == length and right["start"] == 0]
    return len(parts) - len(joints)


def _thing(context: Context, presence: Presence, key: str) -> ComposedText | Claim:
    """Name a locus within a sentence: the gene thrA (b0002), predicted to encode aspartate kinase."""
    first, gene_product = presence.locus.features[0], presence.locus.product
    main, source = _main(presence), context.source
    name = _name(context, first, main, key)
    claims: dict[str, Filling] = {"name": name} if name else {}
    coding = main["kind"] == "CDS" and not main["pseudo"]
    product = product_claim(source, main, uninformative_too=coding, strict=False)
    if presence.locus.is_gene and (main["pseudo"] or first["pseudo"]):
        marked = main if main["pseudo"] else first
        flag = "pseudogene" if has(marked, "pseudogene") else "pseudo"
        claims["pseudo"] = source.of_feature(marked, flag, "pseudogene")
        return context.phrase("window.pseudo", key, claims | product)
    is_mrna, is_gene = KINDS[main["kind"]].subject == "subject.mrna", presence.locus.is_gene
    if is_mrna or not is_gene or context.is_one_of_several(main):
        return _element(context, main, name, product, key)
    if gene_product is not None and gene_product["kind"] != "CDS":
        return context.phrase("window.rna", key, claims | product | {"kind": _kind(context, gene_product)})
    if has_experiment(main, product):
        claims["encodes"] = source.of_feature(main, "experiment", "encodes")
    if product:
        # "predicted" would repeat the product's own "putative".
        clause = "window.putative" if is_hedged(product["product"].text) else "window.gene"
        return context.phrase(clause, key, claims | product)
    return name or context.phrase("window.unnamed", key, {"kind": _kind(context, first)})


def _name(context: Context, first: FeatureRow, main: FeatureRow, key: str) -> ComposedText | None:
    claims: dict[str, Claim] = {}
    for slot, qualifier in (("gene", "gene"), ("locus", "locus_tag")):
        named = first if present(value(first, qualifier)) else main
        text = value(named, qualifier)
        if text and present(text) and text not in [claim.text for claim in claims.values()]:
            claims[slot] = context.source.qualifier(named, qualifier, text)
    return context.phrase("window.name", key, claims) if claims else None


def _element(
    context: Context, feature: FeatureRow, name: ComposedText | None, product: Mapping[str, Claim], key: str
) -> ComposedText:
    claims: dict[str, Filling] = {"kind": _kind(context, feature)}
    if repeat := repeat_claim(context.source, feature):
        claims |= repeat
    elif product:
        claims["label"] = product["product"]
    else:
        claims |= _label(context, feature)
    if begins_with_kind(claims.get("label"), claims["kind"]):
        del claims["kind"]
    if name and "family" not in claims:
        claims["name"] = name
    return context.phrase("window.element", key, claims)


def _label(context: Context, feature: FeatureRow) -> dict[str, Claim]:
    for key in ("standard_name", "bound_moiety", "satellite"):
        text = value(feature, key)
        if text and present(text):
            return {"label": context.source.qualifier(feature, key, text)}
    for text in values(feature, "note"):
        note = remark(text)
        short = cut(note, _LONGEST_NOTE, words=False) if note else None
        if short and short.count("(") == short.count(")"):
            return {"note": context.source.qualifier(feature, "note", short)}
    return {}


def _kind(context: Context, feature: FeatureRow) -> Claim:
    return kind_claim(context.source, feature, always_normalised=True)

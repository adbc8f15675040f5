"""Windows: which stretches of a record get a row, and what is said of each.

A window is a stretch of stated size; none goes across the origin. Its coordinates in the text are
those of its own bases, 1-based and closed; only its place on the record is told in the record's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dnacorpus.errors import UsageError
from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.pairs.gene import holds_kind, informative, vouched
from dnacorpus.pairs.loci import Loci, Presence
from dnacorpus.sequence.bases import gc_and_ambiguous
from dnacorpus.text.claims import grouped
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.qualifiers import FeatureRow, has, value, values
from dnacorpus.text.templates import Filling, join, phrase
from dnacorpus.text.wording import cut, doubts_itself, present, remark, says_nothing

_SHARES = {"start": "the start", "end": "the end", "middle": "a middle part", "part": "a part"}
_HERE = "span/features"
"""The field of what follows from the features with a base on the row's span, taken together."""
_CLASS_KEYS = {"ncRNA": "ncRNA_class", "regulatory": "regulatory_class", "mobile_element": "mobile_element_type"}


_LONGEST_NOTE = 120


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """How records are cut into windows, and how much is told of each.

    ``bases``: size of a window. ``stride``: from one start to the next; 0: as ``bases``, no overlap.
    ``min_share``: a tail of less than this share of a window is not left alone. ``max_n_share``: a
    stretch with a larger share of N gives no row. ``most_features``: more are not told one by one.
    ``most_windows``: of one record; 0: no such limit. ``short_records``: a record no longer than a
    window, which has a row of its own, has a window as well. Raises UsageError for what cannot be.
    """

    bases: int
    stride: int
    min_share: float
    max_n_share: float
    most_features: int
    most_windows: int
    short_records: bool

    def __post_init__(self) -> None:
        least = {"bases": 1, "stride": 0, "min_share": 0, "max_n_share": 0, "most_features": 1, "most_windows": 0}
        for name, bound in least.items():
            if (found := getattr(self, name)) < bound or ("share" in name and found > 1):
                expected = f"{bound} to 1" if "share" in name else f"at least {bound}"
                raise UsageError(f"windows.{name}: expected {expected}, found {found}; correct the config")


def tiles(length: int, settings: WindowSettings) -> list[tuple[int, int]]:
    """Return the half-open windows of a record of ``length`` bases, by start.

    With a stride of at most a window's size every base is in one. A tail shorter than ``min_share``
    of a window gives way to a whole window that ends with the record, and so begins further back.
    """
    if length <= settings.bases:
        return [(0, length)] if settings.short_records and length else []
    found: list[tuple[int, int]] = []
    for start in range(0, length, settings.stride or settings.bases):
        tail = length - start
        if tail <= settings.bases:
            found.append((start if tail >= settings.min_share * settings.bases else length - settings.bases, length))
            break
        found.append((start, start + settings.bases))
    return found


def evenly(count: int, most: int) -> list[int]:
    """Return ``most`` numbers below ``count``, evenly spread and ascending; all where ``most`` is 0 or not less."""
    if most == 0 or most >= count:
        return list(range(count))
    return [(2 * number + 1) * count // (2 * most) for number in range(most)]


def describe_window(  # noqa: PLR0917 - a window of a record and how to tell it
    context: Context, loci: Loci, start: int, end: int, key: str, sequence: bytes, most_features: int
) -> tuple[ComposedText, bool]:
    """Say what a window is of and what lies on it; tell as well whether anything annotated there has a telling name.

    ``sequence`` is the window's bases, start..end of the record; ``key`` chooses the phrasings. Of
    more than ``most_features`` loci that many are told, those that are named first, spread over the
    window. Features are counted by kind wherever not all of them are told.
    """
    passages = [*_of_what(context, key, len(sequence)), _place(context, start, end, key)]
    gc, _ = gc_and_ambiguous(sequence)
    if gc is not None:
        passages.append(phrase("window.gc", key, {"gc": context.source.computed(f"{100 * gc:.1f}")}))
    found = loci.present(start, end)
    chosen = _chosen(found, most_features)
    counts = _counts(context, loci, start, end)
    if counts and (len(found) > most_features or not loci.all_told(start, end)):
        passages.append(phrase("window.counts", key, {"counts": counts}))
    elif not found and loci.annotated:
        nothing = context.source.annotation("nothing", _HERE)
        passages.append(phrase("window.nothing", key, {"nothing": nothing}))
    if any(one.parts for one in chosen):
        passages.append(phrase("window.counting", key, {}))
    passages += [_presence(context, one, start, f"{key}{number}") for number, one in enumerate(chosen)]
    return join(passages), any(informative(_main(one)) for one in found)


def _chosen(found: Sequence[Presence], most: int) -> list[Presence]:
    if len(found) <= most:
        return list(found)
    named = [place for place, one in enumerate(found) if one.locus.is_gene and informative(_main(one))]
    others = sorted(set(range(len(found))) - set(named))
    places = [named[number] for number in evenly(len(named), most)]
    if len(places) < most:
        places += [others[number] for number in evenly(len(others), most - len(places))]
    return [found[place] for place in sorted(places)]


def _main(one: Presence) -> FeatureRow:
    return one.locus.product or one.locus.features[0]


def _of_what(context: Context, key: str, bases: int) -> list[ComposedText]:
    record, source = context.record, context.source
    title = cut(record["definition"].strip(), 400) if present(record["definition"]) else None
    claims = {
        "length": source.computed(grouped(bases)),
        "accession": source.verbatim(record["accession"], "accession"),
    }
    if title:
        claims["definition"] = source.verbatim(title, "definition")
    passages = [phrase("window.record", key, {**claims})]
    organism = context.organism.get("organism")
    if organism and organism.text.lower() not in (title or "").lower():
        passages.append(phrase("window.organism", key, {"organism": organism}))
    return passages


def _place(context: Context, start: int, end: int, key: str) -> ComposedText:
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
    return phrase("window.place", key, {**claims})


def _counts(context: Context, loci: Loci, start: int, end: int) -> list[Claim]:
    found = loci.kinds(start, end)
    names = {kind: (told.noun, told.plural) for kind, told in KINDS.items()}
    names |= {kind: (f"{kind} feature", f"{kind} features") for kind in sorted(found.keys() - KINDS.keys())}
    return [_count(context, found[kind], *words) for kind, words in names.items() if found[kind]]


def _count(context: Context, number: int, singular: str, plural: str) -> Claim:
    return context.source.annotation(f"{grouped(number)} {singular if number == 1 else plural}", _HERE)


def _presence(context: Context, one: Presence, offset: int, key: str) -> ComposedText:
    source, feature = context.source, one.feature
    thing = _thing(context, one, key)
    if not one.parts:
        between = source.of_feature(feature, "location", "between segments")
        return phrase("window.between", key, {"thing": thing, "between": between})
    if one.share != "whole":
        share = source.of_feature(feature, "location", _SHARES[one.share])
        thing = phrase("window.cut", key, {"cut": share, "thing": thing})
    elif partial := source.partial(feature if one.locus.product is None else one.locus.product):
        thing = phrase("window.incomplete", key, {"thing": thing, "partial": partial})
    thing = _with_segments(context, one, thing, key)
    first, end = min(low for low, _ in one.parts) - offset, max(high for _, high in one.parts) - offset
    claims: dict[str, Filling] = {"thing": thing, **source.strand(feature)}
    if end - first == 1:
        claims["position"] = source.of_feature(feature, "location", grouped(end))
    else:
        claims["first"] = source.of_feature(feature, "location", grouped(first + 1))
        claims["last"] = source.of_feature(feature, "location", grouped(end))
    return phrase("window.feature", key, claims)


def _with_segments(context: Context, one: Presence, thing: ComposedText | Claim, key: str) -> ComposedText | Claim:
    feature = one.feature
    segments = _segments(feature, context.record["length"])
    if segments < 2:
        return thing
    source = context.source
    claims: dict[str, Filling] = {"thing": thing}
    claims["segments"] = source.of_feature(feature, "location", grouped(segments))
    if one.share != "whole":
        claims["inside"] = source.of_feature(feature, "location", grouped(len(one.parts)))
    return phrase("window.segments", key, claims)


def _segments(feature: FeatureRow, length: int) -> int:
    """Count the parts of a feature; two that meet at the origin of a molecule of ``length`` bases are one."""
    parts = feature["parts"] if feature["strand"] == 1 else feature["parts"][::-1]
    joints = [left for left, right in pairwise(parts) if left["end"] == length and right["start"] == 0]
    return len(parts) - len(joints)


def _thing(context: Context, one: Presence, key: str) -> ComposedText | Claim:
    """Name a locus as it stands in a sentence: the gene thrA (b0002), predicted to encode aspartate kinase."""
    first, product = one.locus.features[0], one.locus.product
    main = _main(one)
    name = _name(context, first, main, key)
    claims: dict[str, Filling] = {"name": name} if name else {}
    product_told = _product(context, main)
    told: dict[str, Filling] = {**product_told}
    if one.locus.is_gene and (main["pseudo"] or first["pseudo"]):
        marked = main if main["pseudo"] else first
        flag = "pseudogene" if has(marked, "pseudogene") else "pseudo"
        claims["pseudo"] = context.source.of_feature(marked, flag, "pseudogene")
        return phrase("window.pseudo", key, claims | told)
    if KINDS[main["kind"]].subject == "subject.mrna" or not one.locus.is_gene:
        return _element(context, main, name, told, key)
    if product is not None and product["kind"] != "CDS":
        return phrase("window.rna", key, claims | told | {"kind": _kind(context, product)})
    if vouched(main, product_told):
        told["encodes"] = context.source.of_feature(main, "experiment", "encodes")
    if told:
        # "predicted" would say again what the product's own "putative" says
        doubted = doubts_itself(product_told["product"].text)
        return phrase("window.putative" if doubted else "window.gene", key, claims | told)
    return name or phrase("window.unnamed", key, {"kind": _kind(context, first)})


def _name(context: Context, first: FeatureRow, main: FeatureRow, key: str) -> ComposedText | None:
    claims: dict[str, Claim] = {}
    for slot, qualifier in (("gene", "gene"), ("locus", "locus_tag")):
        named = first if present(value(first, qualifier)) else main
        text = value(named, qualifier)
        if text and present(text) and text not in [claim.text for claim in claims.values()]:
            claims[slot] = context.source.qualifier(named, qualifier, text)
    return phrase("window.name", key, {**claims}) if claims else None


def _product(context: Context, feature: FeatureRow) -> dict[str, Claim]:
    product = (value(feature, "product") or "").rstrip(" .;,")
    names = {value(feature, "locus_tag"), value(feature, "gene")}
    # Old records name a tRNA by its letter, which is a label and no product.
    if not present(product) or product in names or (len(product) < 3 and feature["kind"] != "CDS"):
        return {}
    if says_nothing(product) and (feature["pseudo"] or feature["kind"] != "CDS"):
        return {}
    return {"product": context.source.qualifier(feature, "product", cut(product, 200))}


def _element(
    context: Context, feature: FeatureRow, name: ComposedText | None, told: dict[str, Filling], key: str
) -> ComposedText:
    claims: dict[str, Filling] = {"kind": _kind(context, feature)}
    family = value(feature, "rpt_family")
    mobile = (value(feature, "mobile_element_type") or "").partition(":")[2].strip()
    if present(mobile):
        claims["label"] = context.source.qualifier(feature, "mobile_element_type", mobile)
    elif family and present(family):
        claims["family"] = context.source.qualifier(feature, "rpt_family", family)
    elif told:
        claims["label"] = told["product"]
    else:
        claims |= _label(context, feature)
    if holds_kind(claims):
        del claims["kind"]
    if name and "family" not in claims:
        claims["name"] = name
    return phrase("window.element", key, claims)


def _label(context: Context, feature: FeatureRow) -> dict[str, Claim]:
    for key in ("standard_name", "bound_moiety", "satellite"):
        text = value(feature, key)
        if text and present(text):
            return {"label": context.source.qualifier(feature, key, text)}
    notes = (remark(text) for text in values(feature, "note"))
    whole = (short for text in notes if text and (short := cut(text, _LONGEST_NOTE, words=False)))
    note = next((short for short in whole if short.count("(") == short.count(")")), None)
    return {"note": context.source.qualifier(feature, "note", note)} if note else {}


def _kind(context: Context, feature: FeatureRow) -> Claim:
    key = _CLASS_KEYS.get(feature["kind"])
    named = (value(feature, key) or "").partition(":")[0].strip() if key else ""
    if key and present(named):
        return context.source.normalised(named.replace("_", " "), f"features[{feature['index']}]/{key}")
    noun, field = KINDS[feature["kind"]].noun, f"features[{feature['index']}]/kind"
    plain = noun == feature["kind"]
    return context.source.verbatim(noun, field) if plain else context.source.annotation(noun, field)

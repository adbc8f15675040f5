"""What a feature says of itself, clause by clause, from its fields alone.

A clause is said only where its field says something. Certainty is kept: "is predicted to encode",
and "encodes" only where ``/experiment`` answers for the verb. What its qualifiers add is in `details`.
"""

import re
from collections.abc import Mapping
from itertools import pairwise

import xxhash

from dnacorpus.pairs.context import Context, name_key
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.pairs.gene_details import details
from dnacorpus.text.claims import grouped
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.qualifiers import FeatureRow, has, value, values
from dnacorpus.text.templates import Filling, join, phrase
from dnacorpus.text.wording import alike, cut, doubts_itself, present, prose, remark, says_nothing, states_place

_CLASS_KEYS = {
    "ncRNA": "ncRNA_class",
    "regulatory": "regulatory_class",
    "mobile_element": "mobile_element_type",
}
_PSEUDOGENES = ("allelic", "processed", "unitary", "unprocessed")
_SHORTEST_INTRON = 15
"""Bases: nucleomorphs have introns of 18, and what is shorter is a frameshift or a gap in an alignment."""
_NAMES = ("gene", "locus_tag", "product", "note", "mobile_element_type", "rpt_family", "standard_name")
_LABELS = ("product", "standard_name", "satellite")
_LONGEST_NAME = 60
_RNA_NAME = re.compile(r"RNAs?\b|ribozyme|transcript\b|riboswitch")
_CALLED_GENE = re.compile(r"\s(?:pseudo)?gene$")
_SENTENCE_END = re.compile(r"[.;:]\s|[.;:]$")
_AFTER_NAME = re.compile(r"[ .;,]*(?:/\w+=\S.*|\{ECO:.*)?$", re.DOTALL)


def describe_feature(
    context: Context, feature: FeatureRow, key: str, length: int, sides: tuple[int, int] = (0, 0)
) -> ComposedText:
    """Say what a feature is and, for one ``key`` in two or where there are ``sides``, where it lies.

    ``length`` is that of the row's sequence in bases, ``sides`` how many of them lie before and beyond the feature
    on the forward strand. A text that leaves out place, strand and length
    stays true for the reverse complement and for a crop.
    """
    identity = _identity(context, feature, key)
    told = [claim.text for claim in identity.claims if claim.field.rpartition("/")[2] in _NAMES]
    more = details(context, feature, key, told)
    choice = xxhash.xxh3_64_intdigest(f"{key}order".encode()) % 4
    # Bases that are not the feature must not pass for it: with flanks the place is always told.
    if choice < 2 and not any(sides):
        return join([identity, *more])
    place = _place(context, feature, key, length, sides)
    return join([identity, *place, *more] if choice == 2 else [identity, *more, *place])


def informative(feature: FeatureRow) -> bool:
    """Tell whether a feature's names say more than that something is there."""
    product, gene, locus_tag = (value(feature, key) or "" for key in ("product", "gene", "locus_tag"))
    if feature["kind"].endswith("peptide"):
        return feature["kind"] != "mat_peptide" or (present(product) and not says_nothing(product))
    if present(product) and (says_nothing(product) or product != locus_tag):
        return not says_nothing(product)
    if feature["kind"] not in ("gene", "CDS", "mRNA", "misc_RNA"):
        return True
    notes = values(feature, "note") + values(feature, "function")
    named = present(gene) and gene != locus_tag and not says_nothing(gene)
    return named or any(prose(note) for note in notes)


def holds_kind(claims: Mapping[str, Filling]) -> bool:
    """Tell whether the label begins with the kind of thing that it names, as "mRNA-pl" of an mRNA does."""
    label, kind = claims.get("label"), claims["kind"]
    return isinstance(label, Claim) and isinstance(kind, Claim) and label.text.lower().startswith(kind.text.lower())


def vouched(feature: FeatureRow, product: Mapping[str, Claim]) -> bool:
    """Tell whether an experiment answers for the ``product`` that is told of a feature.

    ``/experiment`` may hold a curator's inference, or vouch for nothing but that something is expressed there.
    """
    if not any("inference" not in text.lower() for text in values(feature, "experiment")):
        return False
    return "product" in product and not says_nothing(text := product["product"].text) and not doubts_itself(text)


def _identity(context: Context, feature: FeatureRow, key: str) -> ComposedText:
    told, product = KINDS[feature["kind"]], _product(context, feature)
    if feature["pseudo"] and (told.subject in ("subject.cds", "subject.rna", "subject.mrna") or told.noun == "gene"):
        subject = _subject(context, feature, key, "subject.cds" if told.noun == "gene" else told.subject)
        return phrase("gene.pseudo", key, {"subject": subject, "pseudo": _pseudogene(context, feature), **product})
    called = _called(context, feature, product)
    if called or told.subject == "subject.element" or (not product and told.subject != "subject.peptide"):
        return _as_element(context, feature, key, called)
    claims: dict[str, Filling] = {"subject": _subject(context, feature, key, told.subject), **product}
    if told.subject == "subject.mrna":
        return phrase("gene.transcript", key, claims)
    if vouched(feature, product):
        claims["encodes"] = context.source.of_feature(feature, "experiment", "encodes")
    # "predicted" would say again what the product's own "putative" says
    doubted = "product" in product and doubts_itself(product["product"].text)
    kind = _kind(context, feature)
    if told.subject == "subject.peptide" and not (product and holds_kind({"label": product["product"], "kind": kind})):
        return phrase("gene.putative_peptide" if doubted else "gene.peptide", key, claims | {"kind": kind})
    return phrase("gene.putative" if doubted else "gene.product", key, claims)


def _as_element(context: Context, feature: FeatureRow, key: str, called: Claim | None) -> ComposedText:
    subject = _subject(context, feature, key, "subject.element")
    element = _element(context, feature)
    name = called or (element["label"] if holds_kind(element) else None)
    if name:
        return phrase("gene.called", key, {"subject": subject, "name": name})
    return phrase("gene.element", key, {"subject": subject} | element)


def _called(context: Context, feature: FeatureRow, product: Mapping[str, Claim]) -> Claim | None:
    """Claim the name of a feature whose key names nothing: "control region" of a misc_feature."""
    if feature["kind"] == "misc_RNA":
        # A spacer is no RNA that something encodes.
        return product["product"] if product and not _RNA_NAME.search(product["product"].text) else None
    if feature["kind"] == "gene" and _CALLED_GENE.search(value(feature, "gene") or ""):
        return context.source.qualifier(feature, "gene")
    if feature["kind"] not in ("misc_feature", "misc_recomb", "misc_signal", "misc_structure"):
        return None
    notes = [note for text in values(feature, "note") if (note := remark(text))]
    named = any(present(value(feature, key)) for key in _LABELS)
    if named or not notes or len(notes[0]) > _LONGEST_NAME or _SENTENCE_END.search(notes[0]) or states_place(notes[0]):
        return None
    return context.source.qualifier(feature, "note", notes[0])


def _pseudogene(context: Context, feature: FeatureRow) -> Claim:
    if not has(feature, "pseudogene"):
        return context.source.of_feature(feature, "pseudo", "pseudogene")
    kind = (value(feature, "pseudogene") or "").lower()
    return context.source.of_feature(
        feature, "pseudogene", f"{kind} pseudogene" if kind in _PSEUDOGENES else "pseudogene"
    )


def _subject(context: Context, feature: FeatureRow, key: str, clause: str) -> ComposedText:
    claims: dict[str, Filling] = {**context.organism}
    # An RNA gene called as its product is has said its name when it has said its product.
    repeats = clause == "subject.rna" and alike(value(feature, "gene") or "") == alike(value(feature, "product") or "-")
    if clause != "subject.element" and not repeats:
        claims |= _name(context, feature)
    named = "gene" in claims or "locus" in claims
    if clause in ("subject.rna", "subject.mrna") or (clause == "subject.cds" and not named):
        claims["kind"] = _kind(context, feature)
    return phrase(clause, key, claims)


def _name(context: Context, feature: FeatureRow) -> dict[str, Claim]:
    key = name_key(feature)
    if key is None:
        return {}
    return {"gene" if key == "gene" else "locus": context.source.qualifier(feature, key)}


def _product(context: Context, feature: FeatureRow) -> dict[str, Claim]:
    product = _AFTER_NAME.sub("", value(feature, "product") or "")
    gene, locus_tag = value(feature, "gene") or "", value(feature, "locus_tag") or ""
    # Old records name a tRNA by its letter, which is a label and no product.
    if not present(product) or (len(product) < 3 and feature["kind"] != "CDS"):
        return {}
    names = {alike(locus_tag)}
    if KINDS[feature["kind"]].subject != "subject.rna":
        same = alike(gene)
        names |= {same, f"{same}p", f"{same}gene"}
    if alike(product) in names - {""}:
        return {}
    if says_nothing(product) and (feature["pseudo"] or feature["kind"].endswith("peptide")):
        return {}
    return {"product": context.source.qualifier(feature, "product", cut(product, 200))}


def _kind(context: Context, feature: FeatureRow) -> Claim:
    key = _CLASS_KEYS.get(feature["kind"])
    named = (value(feature, key) or "").partition(":")[0].strip() if key else ""
    if key and present(named):
        shown = named.replace("_", " ")
        field = f"features[{feature['index']}]/{key}"
        return context.source.verbatim(shown, field) if shown == named else context.source.normalised(shown, field)
    noun = KINDS[feature["kind"]].noun
    if noun == feature["kind"]:
        return context.source.verbatim(noun, f"features[{feature['index']}]/kind")
    return context.source.of_feature(feature, "kind", noun)


def _element(context: Context, feature: FeatureRow) -> dict[str, Filling]:
    claims: dict[str, Filling] = {"kind": _kind(context, feature)}
    family = value(feature, "rpt_family")
    mobile = (value(feature, "mobile_element_type") or "").partition(":")[2].strip()
    number = value(feature, "number")
    name = name_key(feature)
    if present(mobile):
        return claims | {"label": context.source.qualifier(feature, "mobile_element_type", mobile)}
    if family and present(family):
        return claims | {"family": context.source.qualifier(feature, "rpt_family", family)}
    if number and present(number) and feature["kind"] in ("exon", "intron"):
        return claims | {"number": context.source.qualifier(feature, "number"), **_name(context, feature)}
    if name:
        return claims | (
            {"label": _name(context, feature).popitem()[1]} if feature["kind"] == "gene" else _name(context, feature)
        )
    for key in _LABELS:
        text = value(feature, key)
        if text and present(text) and len(text) <= 80:
            return claims | {"label": context.source.qualifier(feature, key, text)}
    return claims


def _place(context: Context, feature: FeatureRow, key: str, length: int, sides: tuple[int, int]) -> list[ComposedText]:
    source, molecule = context.source, context.record["length"]
    accession = {"accession": source.verbatim(source.accession, "accession")}
    across = feature["end"] > molecule
    segments = len(feature["parts"]) - across
    location = source.coordinates(feature, molecule) | source.strand(feature) | accession
    clauses: list[tuple[str, dict[str, Claim]]] = [("gene.location", location)]
    if feature["strand"] == 0:
        clauses.append(("gene.strands", {"strands": source.of_feature(feature, "location", "both strands")}))
    if segments > 1:
        clause, slot = ("gene.spliced", "exons") if _spliced(context, feature) else ("gene.segments", "segments")
        clauses.append((clause, {slot: source.of_feature(feature, "location", grouped(segments))}))
    if across:
        clauses.append(("gene.origin", {"origin": source.of_feature(feature, "location", "spans the origin")}))
    if partial := source.partial(feature):
        clauses.append(("gene.partial", {"partial": partial}))
    if any(sides):
        ends = zip(("before", "beyond"), sides[:: feature["strand"]], strict=True)
        told = {end: source.of_feature(feature, "location", grouped(bases)) for end, bases in ends if bases}
        clauses.append(("gene.flanks", told))
    elif length > 1:
        clauses.append(("gene.length", {"length": source.computed(grouped(length))}))
    residues = len("".join((value(feature, "translation") or "").split()))
    if residues > 1:
        shown = f"{grouped(residues)} amino acids"
        clauses.append(("gene.protein", {"residues": source.of_feature(feature, "translation", shown)}))
    return [phrase(clause, key, {**claims}) for clause, claims in clauses]


def _spliced(context: Context, feature: FeatureRow) -> bool:
    """Tell whether a feature's parts are exons: RNA or coding, no slippage, an intron's length between any two."""
    if KINDS[feature["kind"]].level == "genomic" or feature["kind"].endswith("peptide") or feature["pseudo"]:
        return False
    lineage = context.record["lineage"] or []
    bacterial = lineage[:1] in (["Bacteria"], ["Archaea"]) and "organelle" not in context.replicon
    if has(feature, "ribosomal_slippage") or (bacterial and feature["kind"] != "tRNA"):
        return False
    if feature["strand"] == 0 or has(feature, "trans_splicing"):
        return has(feature, "trans_splicing")
    ordered = sorted(feature["parts"], key=lambda part: part["start"])
    return all(right["start"] - left["end"] >= _SHORTEST_INTRON for left, right in pairwise(ordered))

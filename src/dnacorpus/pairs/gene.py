"""The text about one feature, clause by clause, from its fields alone.

A clause is written only if its field is informative. Certainty is kept: "is predicted to encode", and "encodes" only
if ``/experiment`` supports the verb. What the other qualifiers add is in `gene_details`.
"""

import re
from collections.abc import Mapping
from itertools import pairwise

import xxhash

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_kinds import KINDS, NON_CODING
from dnacorpus.pairs.gene_details import details
from dnacorpus.pairs.naming import begins_with_kind, has_experiment, kind_claim, name_key, product_claim, repeat_claim
from dnacorpus.text.claims import ClaimSource, grouped
from dnacorpus.text.compose import Filling, join
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.qualifiers import FeatureRow, has, value, values
from dnacorpus.text.wording import alike, is_hedged, present, remark, states_place

_PSEUDOGENES = ("allelic", "processed", "unitary", "unprocessed")
_RNA_SUBJECTS = ("subject.rna", "subject.mrna", "subject.transcript")
_SHORTEST_INTRON = 15
"""Bases: nucleomorphs have introns of 18; a shorter gap between parts is a frameshift or a gap in an alignment."""
_NAMES = ("gene", "locus_tag", "product", "note", "mobile_element_type", "rpt_family", "standard_name")
_LABELS = ("product", "standard_name", "satellite")
_LONGEST_NAME = 60
_RNA_NAME = re.compile(r"RNAs?\b|ribozyme|transcript\b|riboswitch")
_ENDS_IN_GENE = re.compile(r"\s(?:pseudo)?gene$")
_SENTENCE_END = re.compile(r"[.;:]\s|[.;:]$")


def describe_feature(
    context: Context, feature: FeatureRow, key: str, length: int, sides: tuple[int, int] = (0, 0)
) -> ComposedText:
    """Return a text of what a feature is and, for one ``key`` in two or if there are ``sides``, of where it lies.

    ``length`` is that of the row's sequence in bases, ``sides`` how many of them lie before and after the feature
    on the forward strand. A text without position, strand and length is also true of the reverse complement and of
    a crop.
    """
    identity = _identity(context, feature, key)
    names = [claim.text for claim in identity.claims if claim.field.rpartition("/")[2] in _NAMES]
    more = details(context, feature, key, names)
    choice = xxhash.xxh3_64_intdigest(f"{key}order".encode()) % 4
    # With flanks the position is always given, so that their bases are not taken for the feature's.
    if choice < 2 and not any(sides):
        return join([identity, *more])
    location = _location(context, feature, key, length, sides)
    return join([identity, *location, *more] if choice == 2 else [identity, *more, *location])


def _identity(context: Context, feature: FeatureRow, key: str) -> ComposedText:
    kind, source = KINDS[feature["kind"]], context.source
    about_nothing = feature["pseudo"] or feature["kind"].endswith("peptide")
    product = product_claim(source, feature, uninformative_too=not about_nothing, strict=True)
    is_gene = kind.noun == "gene"
    clause = "subject.transcript" if context.is_one_of_several(feature) else kind.subject
    if feature["pseudo"] and (clause in ("subject.cds", *_RNA_SUBJECTS) or is_gene):
        subject = _subject(context, feature, key, "subject.cds" if is_gene else clause)
        return context.phrase(
            "gene.pseudo", key, {"subject": subject, "pseudo": _pseudogene(source, feature), **product}
        )
    called = _called(context, feature, product)
    if called or kind.subject == "subject.element" or (not product and kind.subject != "subject.peptide"):
        return _as_element(context, feature, key, called)
    claims: dict[str, Filling] = {"subject": _subject(context, feature, key, clause), **product}
    if clause == "subject.mrna":
        return context.phrase("gene.transcript", key, claims)
    if clause == "subject.transcript" or feature["kind"] in NON_CODING:
        return context.phrase("gene.rna", key, claims)
    if has_experiment(feature, product):
        claims["encodes"] = source.of_feature(feature, "experiment", "encodes")
    # "predicted" would repeat the product's own "putative".
    hedged = "product" in product and is_hedged(product["product"].text)
    if kind.subject == "subject.peptide":
        noun = kind_claim(source, feature)
        if not begins_with_kind(product.get("product"), noun):
            return context.phrase("gene.putative_peptide" if hedged else "gene.peptide", key, claims | {"kind": noun})
    return context.phrase("gene.putative" if hedged else "gene.product", key, claims)


def _as_element(context: Context, feature: FeatureRow, key: str, called: Claim | None) -> ComposedText:
    subject = _subject(context, feature, key, "subject.element")
    if called:
        return context.phrase("gene.called", key, {"subject": subject, "name": called})
    element = _element(context.source, feature)
    if begins_with_kind(element.get("label"), element["kind"]):
        return context.phrase("gene.called", key, {"subject": subject, "name": element["label"]})
    return context.phrase("gene.element", key, {"subject": subject, **element})


def _called(context: Context, feature: FeatureRow, product: Mapping[str, Claim]) -> Claim | None:
    """Claim the name of a feature whose key names nothing: "control region" of a misc_feature."""
    source = context.source
    if feature["kind"] == "misc_RNA":
        # A spacer is no RNA; a transcript of a coding gene is one, whatever its product is called.
        is_rna = context.is_of_other_gene(feature) or not product or _RNA_NAME.search(product["product"].text)
        return None if is_rna else product["product"]
    if feature["kind"] == "gene" and _ENDS_IN_GENE.search(value(feature, "gene") or ""):
        return source.qualifier(feature, "gene")
    if feature["kind"] not in ("misc_feature", "misc_recomb", "misc_signal", "misc_structure"):
        return None
    notes = [note for text in values(feature, "note") if (note := remark(text))]
    named = any(present(value(feature, key)) for key in _LABELS)
    if named or not notes or len(notes[0]) > _LONGEST_NAME or _SENTENCE_END.search(notes[0]) or states_place(notes[0]):
        return None
    return source.qualifier(feature, "note", notes[0])


def _pseudogene(source: ClaimSource, feature: FeatureRow) -> Claim:
    if not has(feature, "pseudogene"):
        return source.of_feature(feature, "pseudo", "pseudogene")
    kind = (value(feature, "pseudogene") or "").lower()
    return source.of_feature(feature, "pseudogene", f"{kind} pseudogene" if kind in _PSEUDOGENES else "pseudogene")


def _subject(context: Context, feature: FeatureRow, key: str, clause: str) -> ComposedText:
    claims: dict[str, Filling] = {**context.organism}
    # The product of an RNA gene that is called as its product is also gives the gene's name.
    is_rna = clause in ("subject.rna", "subject.transcript")
    repeats = is_rna and alike(value(feature, "gene") or "") == alike(value(feature, "product") or "-")
    if clause != "subject.element" and not repeats:
        claims |= _name(context.source, feature)
    named = "gene" in claims or "locus" in claims
    if clause in _RNA_SUBJECTS or (clause == "subject.cds" and not named):
        claims["kind"] = kind_claim(context.source, feature)
    return context.phrase(clause, key, claims)


def _name(source: ClaimSource, feature: FeatureRow) -> dict[str, Claim]:
    key = name_key(feature)
    if key is None:
        return {}
    return {"gene" if key == "gene" else "locus": source.qualifier(feature, key)}


def _element(source: ClaimSource, feature: FeatureRow) -> dict[str, Claim]:
    """Claim the kind of an element and its name: of a mobile element or repeat, else a number, gene or label."""
    claims = {"kind": kind_claim(source, feature)}
    if repeat := repeat_claim(source, feature):
        return claims | repeat
    name, number = _name(source, feature), value(feature, "number")
    if number and present(number) and feature["kind"] in ("exon", "intron"):
        return claims | {"number": source.qualifier(feature, "number")} | name
    if name and feature["kind"] == "gene":
        (label,) = name.values()
        return claims | {"label": label}
    if name:
        return claims | name
    for key in _LABELS:
        text = value(feature, key)
        if text and present(text) and len(text) <= 80:
            return claims | {"label": source.qualifier(feature, key, text)}
    return claims


def _location(
    context: Context, feature: FeatureRow, key: str, length: int, sides: tuple[int, int]
) -> list[ComposedText]:
    source, molecule = context.source, context.record["length"]
    accession = {"accession": source.verbatim(source.accession, "accession")}
    across = feature["end"] > molecule
    segments = len(feature["parts"]) - across
    location = source.coordinates(feature, molecule) | source.strand(feature) | accession
    clauses: list[tuple[str, dict[str, Claim]]] = [("gene.location", location)]
    if feature["strand"] == 0:
        clauses.append(("gene.strands", {"strands": source.of_feature(feature, "location", "both strands")}))
    if segments > 1:
        clause, slot = ("gene.spliced", "exons") if _is_spliced(context, feature) else ("gene.segments", "segments")
        clauses.append((clause, {slot: source.of_feature(feature, "location", grouped(segments))}))
    if across:
        clauses.append(("gene.origin", {"origin": source.of_feature(feature, "location", "spans the origin")}))
    if partial := source.partial(feature):
        clauses.append(("gene.partial", {"partial": partial}))
    if any(sides):
        clauses.append(("gene.flanks", _flanks(source, feature, sides)))
    elif length > 1:
        clauses.append(("gene.length", {"length": source.computed(grouped(length))}))
    residues = len("".join((value(feature, "translation") or "").split()))
    if residues > 1:
        shown = f"{grouped(residues)} amino acids"
        clauses.append(("gene.protein", {"residues": source.of_feature(feature, "translation", shown)}))
    return [context.phrase(clause, key, claims) for clause, claims in clauses]


def _flanks(source: ClaimSource, feature: FeatureRow, sides: tuple[int, int]) -> dict[str, Claim]:
    """Claim how many bases of the row lie before and beyond a feature, in its own direction."""
    before, beyond = sides
    if feature["strand"] == -1:
        before, beyond = beyond, before
    claims = {}
    if before:
        claims["before"] = source.of_feature(feature, "location", grouped(before))
    if beyond:
        claims["beyond"] = source.of_feature(feature, "location", grouped(beyond))
    return claims


def _is_spliced(context: Context, feature: FeatureRow) -> bool:
    """Return whether a feature's parts are exons: RNA or coding, no slippage, an intron's length between any two."""
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

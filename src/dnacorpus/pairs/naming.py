"""The names of a feature, and the claims of them: gene, product, class, kind. Every kind of row uses these."""

import re
from collections.abc import Mapping

from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.text.claims import ClaimSource
from dnacorpus.text.compose import Filling
from dnacorpus.text.evidence import Claim
from dnacorpus.text.qualifiers import FeatureRow, value, values
from dnacorpus.text.wording import alike, cut, is_hedged, is_uninformative, present, prose

PRODUCTS = ("CDS", "tRNA", "rRNA", "ncRNA", "tmRNA")
"""Feature keys whose ``/product`` is the product of a gene; that of an mRNA names the transcript."""
_CLASS_KEYS = {"ncRNA": "ncRNA_class", "regulatory": "regulatory_class", "mobile_element": "mobile_element_type"}
_HAS_WORD_GENE = re.compile(r"\bgenes?\b", re.IGNORECASE)
_EVIDENCE = re.compile(r"/\w+=\S|\{ECO:")


def name_key(feature: FeatureRow) -> str | None:
    """Return the qualifier that names a feature: gene, else locus_tag, else None."""
    if present(value(feature, "gene")):
        return "gene"
    return "locus_tag" if present(value(feature, "locus_tag")) else None


def gene_symbol(feature: FeatureRow) -> str | None:
    """Return a feature's ``/gene`` if it is a symbol that biologists use: no locus tag and no description."""
    gene = value(feature, "gene")
    tags = {tag.lower() for tag in values(feature, "locus_tag")}
    if gene is None or not present(gene) or is_uninformative(gene) or gene.lower() in tags or len(gene) > 40:
        return None
    return None if _HAS_WORD_GENE.search(gene) else gene


def clear_product(feature: FeatureRow) -> str | None:
    """Return a feature's ``/product`` if it is informative and has 3 to 120 characters."""
    product = value(feature, "product")
    if product is None or not present(product) or is_uninformative(product) or not 3 <= len(product) <= 120:
        return None
    return None if product in (value(feature, "gene"), value(feature, "locus_tag")) else product


def product_claim(
    source: ClaimSource, feature: FeatureRow, *, uninformative_too: bool, strict: bool
) -> dict[str, Claim]:
    """Claim ``product``; nothing if there is none, or if it repeats the gene or the locus tag.

    Hypothetical proteins and the like are claimed only if ``uninformative_too``. If ``strict``, what a tool appended
    to the name is cut off ("/id=PRO_0000447477"), and another spelling of the gene is a repetition as well ("Vif" of
    vif, "Erv46p" of ERV46), except for an RNA gene, which is called as its product is.
    """
    written = value(feature, "product") or ""
    product = (_EVIDENCE.split(written, maxsplit=1)[0] if strict else written).rstrip(" .;,")
    # Old records name a tRNA by its letter, which is a label and no product.
    if not present(product) or (len(product) < 3 and feature["kind"] != "CDS"):
        return {}
    if is_uninformative(product) and not uninformative_too:
        return {}
    if (_is_spelling_of_name if strict else _is_name)(feature, product):
        return {}
    shown = cut(product, 200)  # nothing remains of 200 semicolons and a letter
    return {"product": source.qualifier(feature, "product", shown)} if shown else {}


def _is_name(feature: FeatureRow, product: str) -> bool:
    return product in (value(feature, "locus_tag"), value(feature, "gene"))


def _is_spelling_of_name(feature: FeatureRow, product: str) -> bool:
    names = {alike(value(feature, "locus_tag") or "")}
    if KINDS[feature["kind"]].subject not in ("subject.rna", "subject.transcript"):
        gene = alike(value(feature, "gene") or "")
        names |= {gene, f"{gene}p", f"{gene}gene"}
    return alike(product) in names - {""}


def noun_claim(source: ClaimSource, feature: FeatureRow) -> Claim:
    """Claim the noun of a feature's key: coding sequence, tRNA."""
    noun = KINDS[feature["kind"]].noun
    if noun == feature["kind"]:
        return source.verbatim(noun, f"features[{feature['index']}]/kind")
    return source.of_feature(feature, "kind", noun)


def kind_claim(source: ClaimSource, feature: FeatureRow, *, always_normalised: bool = False) -> Claim:
    """Claim what kind of thing a feature is: its class (``/ncRNA_class`` and the like), else the noun of its key.

    If ``always_normalised``, a class is claimed as normalised even where it is copied as it is written.
    """
    key = _CLASS_KEYS.get(feature["kind"])
    written = (value(feature, key) or "").partition(":")[0].strip() if key else ""
    if not key or not present(written):
        return noun_claim(source, feature)
    shown, field = written.replace("_", " "), f"features[{feature['index']}]/{key}"
    if shown == written and not always_normalised:
        return source.verbatim(shown, field)
    return source.normalised(shown, field)


def repeat_claim(source: ClaimSource, feature: FeatureRow) -> dict[str, Claim]:
    """Claim the name of a mobile element as ``label``, or else the family of a repeat as ``family``."""
    mobile = (value(feature, "mobile_element_type") or "").partition(":")[2].strip()
    if present(mobile):
        return {"label": source.qualifier(feature, "mobile_element_type", mobile)}
    family = value(feature, "rpt_family")
    if family and present(family):
        return {"family": source.qualifier(feature, "rpt_family", family)}
    return {}


def begins_with_kind(label: Filling | None, kind: Filling) -> bool:
    """Return whether a label begins with the kind of thing that it names, as "mRNA-pl" of an mRNA does."""
    return isinstance(label, Claim) and isinstance(kind, Claim) and label.text.lower().startswith(kind.text.lower())


def has_experiment(feature: FeatureRow, product: Mapping[str, Claim]) -> bool:
    """Return whether an experiment supports the ``product`` that a text gives.

    ``/experiment`` may hold a curator's inference, or support only that something is expressed there.
    """
    if all("inference" in text.lower() for text in values(feature, "experiment")) or "product" not in product:
        return False
    name = product["product"].text
    return not is_uninformative(name) and not is_hedged(name)


def informative(feature: FeatureRow) -> bool:
    """Return whether a feature's names say more than that something is there."""
    product, gene, locus_tag = (value(feature, key) or "" for key in ("product", "gene", "locus_tag"))
    if feature["kind"].endswith("peptide"):
        return feature["kind"] != "mat_peptide" or (present(product) and not is_uninformative(product))
    if present(product) and (is_uninformative(product) or product != locus_tag):
        return not is_uninformative(product)
    if feature["kind"] not in ("gene", "CDS", "mRNA", "misc_RNA"):
        return True
    notes = values(feature, "note") + values(feature, "function")
    named = present(gene) and gene != locus_tag and not is_uninformative(gene)
    return named or any(prose(note) for note in notes)

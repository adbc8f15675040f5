"""Every feature key of the INSDC feature table: described, with its nouns, or not, with the reason.

Format: the INSDC Feature Table Definition, appendix II, and the keys that it replaced, which old
records still have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dnacorpus.text.qualifiers import value, values
from dnacorpus.text.wording import present, remark


@dataclass(frozen=True, slots=True)
class FeatureKind:
    """A feature key that gets a text: the molecule its bases represent, its nouns, its ``subject`` clause."""

    level: str  # genomic | transcript | cds
    noun: str
    plural: str
    subject: str = "subject.element"


def _element(noun: str, plural: str | None = None) -> FeatureKind:
    return FeatureKind("genomic", noun, plural or f"{noun}s")


def _peptide(noun: str) -> FeatureKind:
    return FeatureKind("cds", noun, f"{noun}s", "subject.peptide")


def _transcript(noun: str) -> FeatureKind:
    return FeatureKind("transcript", noun, f"{noun}s", "subject.mrna")


def _rna(noun: str, plural: str | None = None) -> FeatureKind:
    return FeatureKind("transcript", noun, plural or f"{noun}s", "subject.rna")


KINDS: dict[str, FeatureKind] = {
    "gene": _element("gene"),
    "CDS": FeatureKind("cds", "coding sequence", "coding sequences", "subject.cds"),
    "mat_peptide": _peptide("mature peptide"),
    "sig_peptide": _peptide("signal peptide"),
    "transit_peptide": _peptide("transit peptide"),
    "propeptide": _peptide("propeptide"),
    "mRNA": _transcript("mRNA"),
    "precursor_RNA": _transcript("precursor RNA"),
    "prim_transcript": _transcript("primary transcript"),
    "tRNA": _rna("tRNA"),
    "rRNA": _rna("rRNA"),
    "ncRNA": _rna("non-coding RNA"),
    "tmRNA": _rna("tmRNA"),
    "scRNA": _rna("scRNA"),
    "snRNA": _rna("snRNA"),
    "snoRNA": _rna("snoRNA"),
    "misc_RNA": FeatureKind("transcript", "RNA", "other RNAs", "subject.transcript"),
    "operon": _element("operon"),
    "exon": _element("exon"),
    "intron": _element("intron"),
    "5'UTR": _element("5' untranslated region"),
    "3'UTR": _element("3' untranslated region"),
    "V_region": _element("variable region"),
    "C_region": _element("constant region"),
    "N_region": _element("N region"),
    "S_region": _element("switch region"),
    "V_segment": _element("variable segment"),
    "D_segment": _element("diversity segment"),
    "J_segment": _element("joining segment"),
    "mobile_element": _element("mobile element"),
    "repeat_region": _element("repeat region"),
    "repeat_unit": _element("repeat unit"),
    "satellite": _element("satellite repeat"),
    "LTR": _element("long terminal repeat"),
    "regulatory": _element("regulatory element"),
    "promoter": _element("promoter"),
    "enhancer": _element("enhancer"),
    "terminator": _element("terminator"),
    "attenuator": _element("attenuator"),
    "RBS": _element("ribosome binding site"),
    "-10_signal": _element("-10 signal"),
    "-35_signal": _element("-35 signal"),
    "CAAT_signal": _element("CAAT signal"),
    "GC_signal": _element("GC signal"),
    "TATA_signal": _element("TATA signal"),
    "polyA_signal": _element("polyA signal"),
    "misc_signal": _element("miscellaneous signal"),
    "protein_bind": _element("protein binding site"),
    "primer_bind": _element("primer binding site"),
    "misc_binding": _element("binding site"),
    "rep_origin": _element("replication origin"),
    "oriT": _element("transfer origin"),
    "D-loop": _element("D-loop"),
    "centromere": _element("centromere"),
    "telomere": _element("telomere"),
    "stem_loop": _element("stem-loop"),
    "misc_structure": _element("structural element"),
    "misc_recomb": _element("recombination site"),
    "iDNA": _element("intervening DNA", "stretches of intervening DNA"),
    "misc_feature": _element("miscellaneous feature"),
}
"""Feature key -> its words, in the order in which a record's contents are listed."""

NON_CODING = ("ncRNA", "scRNA", "snRNA", "snoRNA")
"""Keys of RNAs that may be a gene's only product, or one of several beside a messenger RNA."""

NOT_DESCRIBED: dict[str, str] = {
    "source": "it is about the whole record, whose text describes it",
    "gap": "its bases are not known",
    "assembly_gap": "its bases are not known",
    "STS": "a marker between two primers; its name in a database is unrelated to the bases",
    "polyA_site": "one base, where a transcript ends",
    "modified_base": "one base, whose modification the sequence does not show",
    "variation": "about another allele, whose bases are not in the record",
    "misc_difference": "about another reading, whose bases are not in the record",
    "conflict": "about another reading, whose bases are not in the record",
    "old_sequence": "about an earlier version of the sequence",
    "unsure": "its bases are in doubt",
    "allele": "about another allele, whose bases are not in the record",
    "mutation": "about another allele, whose bases are not in the record",
    "virion": "a key of old records for a whole genome, which the record's text describes",
}
"""Feature keys that get no text, and why."""

_NEEDS_LABEL = frozenset({"misc_feature", "misc_signal", "misc_structure", "misc_recomb", "repeat_unit", "satellite"})
"""Keys that mean nothing without a qualifier."""
_LABELS = ("standard_name", "function", "product", "bound_moiety", "satellite", "rpt_family")


def skip_reason(feature: Mapping[str, Any]) -> str | None:
    """Return why a feature, a row of the features table, gets no text wherever it lies; None if it gets one.

    One of source, kind (not described), unnamed (its kind is described, but none of its qualifiers names it).
    """
    kind = feature["kind"]
    if kind not in KINDS:
        return "source" if kind == "source" else "kind"
    notes = values(feature, "note")
    if kind == "repeat_region":
        # "tandem" or "inverted" alone is not a name, "long_terminal_repeat" is.
        ltr = (value(feature, "rpt_type") or "").lower() == "long_terminal_repeat"
        named = ltr or present(value(feature, "rpt_family")) or any(remark(note) for note in notes)
    elif kind == "regulatory":
        named = present(value(feature, "regulatory_class")) or any(remark(note) for note in notes)
    elif kind == "misc_binding":
        named = present(value(feature, "bound_moiety"))
    else:
        labels = (present(value(feature, key)) for key in _LABELS)
        named = kind not in _NEEDS_LABEL or any(labels) or any(remark(note) for note in notes)
    return None if named else "unnamed"

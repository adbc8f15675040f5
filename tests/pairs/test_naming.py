"""Names of features: which are informative, and which claims they give."""

from typing import Any

import pytest
from support.flatfile import record
from support.readrecord import read_record

from dnacorpus.pairs.naming import (
    begins_with_kind,
    clear_product,
    gene_symbol,
    has_experiment,
    informative,
    kind_claim,
    name_key,
    product_claim,
    repeat_claim,
)
from dnacorpus.text.claims import ClaimSource
from dnacorpus.text.wording import is_uninformative

SOURCE = ("source", "1..300", [("organism", "Escherichia coli")])
CLAIMS = ClaimSource("NC_000001.1")


def feature(kind: str, *qualifiers: tuple[str, str | None]) -> dict[str, Any]:
    text = record(sequence="ACG" * 100, features=[SOURCE, (kind, "1..90", qualifiers)])
    return read_record(text.encode(), lambda accession: None).features[1]


def product(kind: str, *qualifiers: tuple[str, str | None], uninformative_too=True, strict=True) -> str | None:
    claims = product_claim(CLAIMS, feature(kind, *qualifiers), uninformative_too=uninformative_too, strict=strict)
    return claims["product"].text if claims else None


def test_a_feature_is_named_by_its_gene_else_by_its_locus_tag():
    assert name_key(feature("CDS", ("gene", "thrA"), ("locus_tag", "b0002"))) == "gene"
    assert name_key(feature("CDS", ("gene", "unknown"), ("locus_tag", "b0002"))) == "locus_tag"
    assert name_key(feature("CDS")) is None


@pytest.mark.parametrize(
    ("gene", "symbol"),
    [("thrA", "thrA"), ("b0002", None), ("B0002", None), ("cytb gene", None), ("orf12", None), ("x" * 41, None)],
)
def test_a_gene_symbol_is_no_locus_tag_and_no_description(gene, symbol):
    assert gene_symbol(feature("CDS", ("gene", gene), ("locus_tag", "b0002"))) == symbol


@pytest.mark.parametrize(
    ("written", "clear"),
    [("kinase", "kinase"), ("hypothetical protein", None), ("ab", None), ("thrA", None), ("k" * 121, None)],
)
def test_a_clear_product_is_informative_and_of_a_readable_length(written, clear):
    assert clear_product(feature("CDS", ("gene", "thrA"), ("product", written))) == clear


def test_a_product_that_repeats_the_gene_in_another_spelling_is_claimed_in_windows_only():
    qualifiers = ("gene", "ERV46"), ("product", "Erv46p")
    assert product("CDS", *qualifiers) is None
    assert product("CDS", *qualifiers, strict=False) == "Erv46p"
    assert product("CDS", ("gene", "vif"), ("product", "vif"), strict=False) is None


def test_what_a_tool_appended_to_a_product_is_cut_off_where_strict():
    written = "Huntingtin fragment. /id=PRO_0000447477"
    assert product("mat_peptide", ("product", written)) == "Huntingtin fragment"
    assert product("mat_peptide", ("product", written), strict=False) == written


def test_an_uninformative_product_is_claimed_on_request():
    qualifier = ("product", "hypothetical protein")
    assert product("CDS", qualifier) == "hypothetical protein"
    assert product("CDS", qualifier, uninformative_too=False) is None


def test_a_trna_is_not_named_by_a_letter():
    assert product("tRNA", ("product", "F")) is None


@pytest.mark.parametrize(
    ("kind", "qualifiers", "text", "how"),
    [
        ("ncRNA", [("ncRNA_class", "snoRNA")], "snoRNA", "verbatim"),
        ("ncRNA", [("ncRNA_class", "antisense_RNA")], "antisense RNA", "normalised"),
        ("mobile_element", [("mobile_element_type", "transposon:Tn5")], "transposon", "verbatim"),
        ("regulatory", [], "regulatory element", "annotation"),
        ("tRNA", [], "tRNA", "verbatim"),
        ("CDS", [], "coding sequence", "annotation"),
    ],
)
def test_the_kind_of_a_feature_is_its_class_or_the_noun_of_its_key(kind, qualifiers, text, how):
    claim = kind_claim(CLAIMS, feature(kind, *qualifiers))
    assert (claim.text, claim.how) == (text, how)
    in_window = kind_claim(CLAIMS, feature(kind, *qualifiers), always_normalised=True)
    assert (in_window.text, in_window.how) == (text, "normalised" if qualifiers else how)


def test_a_mobile_element_has_a_label_and_a_repeat_a_family():
    mobile = repeat_claim(CLAIMS, feature("mobile_element", ("mobile_element_type", "transposon:Tn5")))
    assert {slot: claim.text for slot, claim in mobile.items()} == {"label": "Tn5"}
    repeat = repeat_claim(CLAIMS, feature("repeat_region", ("rpt_family", "Alu")))
    assert {slot: claim.text for slot, claim in repeat.items()} == {"family": "Alu"}
    assert repeat_claim(CLAIMS, feature("repeat_region")) == {}


def test_a_label_may_begin_with_the_kind():
    kind = CLAIMS.verbatim("mRNA", "features[1]/kind")
    assert begins_with_kind(CLAIMS.verbatim("mRNA-pl", "features[1]/product"), kind)
    assert not begins_with_kind(CLAIMS.verbatim("pl", "features[1]/product"), kind)
    assert not begins_with_kind(None, kind)


@pytest.mark.parametrize(
    ("product", "answer"),
    [
        ("conserved hypothetical membrane protein", True), ("putative uncharacterized protein YhbX", True),
        ("predicted: uncharacterized LOC5", True), ("Protein of unknown function (DUF1234)", True),
        ("putative protein", True), ("putative kinase", False), ("membrane protein", False),
    ],
)  # fmt: skip
def test_a_feature_is_uninformative_if_its_product_is(product, answer):
    assert is_uninformative(product) is answer
    assert informative(feature("CDS", ("product", product))) is not answer


def test_a_signal_peptide_is_informative_by_its_kind():
    for product, kind, answer in (
        ("hypothetical protein", "sig_peptide", True),
        ("hypothetical protein", "mat_peptide", False),
        ("nsp5", "mat_peptide", True),
    ):
        assert informative(feature(kind, ("product", product))) is answer


@pytest.mark.parametrize(
    ("kind", "qualifiers", "answer"),
    [
        ("CDS", [("product", "hypothetical protein"), ("gene", "yaaA")], False),
        ("CDS", [("product", "cytochrome b")], True),
        ("CDS", [("product", "NEQ308"), ("locus_tag", "NEQ308")], False),
        ("CDS", [("gene", "thrA")], True),
        ("CDS", [("gene", "orf12")], False),
        ("gene", [("locus_tag", "b0001")], False),
        ("gene", [("locus_tag", "b0001"), ("note", "remnant of an old prophage")], True),
        ("tRNA", [], True),
        ("ncRNA", [("product", "LSR1"), ("locus_tag", "LSR1")], True),
    ],
)
def test_informative(kind, qualifiers, answer):
    assert informative(feature(kind, *qualifiers)) is answer


@pytest.mark.parametrize(
    ("name", "experiment", "supported"),
    [("DNA ligase", "EXISTENCE:assay", True), ("putative kinase", "seen", False), ("kinase, putative", "seen", False),
     ("hypothetical protein", "EXISTENCE:proteomics", False), ("DNA ligase", "Curator Inference", False)],
)  # fmt: skip
def test_an_experiment_supports_a_product_that_is_informative_and_not_hedged(name, experiment, supported):
    coding = feature("CDS", ("product", name), ("experiment", experiment))
    claims = product_claim(CLAIMS, coding, uninformative_too=True, strict=True)
    assert has_experiment(coding, claims) is supported
    assert not has_experiment(coding, {})
    assert not has_experiment(feature("CDS", ("product", name)), claims)

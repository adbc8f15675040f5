"""What qualifiers add to the text of a feature: code, function, replicon, neighbours, notes."""

import pytest
from support.described import SOURCE, everywhere, gene_texts, nowhere
from support.each import each


def test_the_genetic_code_is_given_unless_standard():
    assert everywhere(
        gene_texts("CDS", "11..100", ("transl_table", "11")), "11", "bacterial, archaeal and plant plastid"
    )
    assert everywhere(gene_texts("CDS", "11..100", ("transl_table", "99")), "enetic code", "99")
    assert nowhere(gene_texts("CDS", "11..100", ("transl_table", "1")), "code")
    assert nowhere(gene_texts("CDS", "11..100"), "code")


def test_an_identifier_of_a_program_is_no_accession():
    for identifier in each(["gnl|Bakta|EXA_0001", "gnl|Prokka|EXA_0001", "lcl|prot_1"]):
        texts = gene_texts(
            "CDS", "11..100", ("locus_tag", "EXA_0001"), ("product", "kinase"), ("protein_id", identifier)
        )
        assert nowhere(texts, "protein accession", "|")
    assert everywhere(
        gene_texts("CDS", "11..100", ("gene", "thrA"), ("protein_id", "AAC1.1")), "protein accession AAC1.1"
    )


def test_function_ec_terms_events_anticodon_names_and_note():
    texts = gene_texts(
        "CDS", "11..100", ("gene", "thrA"), ("locus_tag", "b0002"), ("product", "aspartate kinase"),
        ("function", "threonine biosynthesis"), ("EC_number", "2.7.2.4"), ("EC_number", "1.1.1.3"),
        ("EC_number", "oops"),
        ("GO_function", "GO:0004072 - aspartate kinase activity [Evidence IEA]"), ("protein_id", "NP_1.1"),
        ("db_xref", "GI:1"), ("db_xref", "GeneID:945803"), ("ribosomal_slippage", None), ("exception", "RNA editing"),
        ("exception", "reasons given in citation"), ("note", "bifunctional enzyme of the threonine pathway."),
    )  # fmt: skip
    assert everywhere(
        texts, "threonine biosynthesis", "EC numbers", "2.7.2.4 and 1.1.1.3", "ribosomal slippage and RNA editing"
    )
    assert everywhere(texts, "locus tag b0002, ", "protein accession NP_1.1 and ", "cross-reference GeneID:945803")
    assert everywhere(texts, "term", "aspartate kinase activity", ": bifunctional enzyme of the threonine pathway.")
    assert nowhere(texts, "GI:", "oops", "reasons", "IEA", "..  ")
    assert everywhere(gene_texts("tRNA", "11..90", ("anticodon", "(pos:40..42,aa:Phe,seq:gaa)")), "anticodon", "GAA")


def test_a_note_that_repeats_the_product_is_left_out():
    texts = gene_texts("CDS", "11..100", ("product", "30S ribosomal protein S8"), ("note", "30S ribosomal protein S8"))
    assert all(text.count("ribosomal protein") == 1 for text in each(texts))


@pytest.mark.parametrize(
    ("value", "told"),
    [("mitochondrion", "mitochondrion"), ("plastid:chloroplast", "chloroplast")],
)
def test_the_replicon_of_a_gene_is_named(value, told):
    source = ("source", "1..1200", [("organism", "Zea mays"), ("organelle", value)])
    texts = gene_texts("", "", features=[source, ("CDS", "11..100", [("gene", "rbcL"), ("product", "RuBisCO L1")])])
    assert everywhere(texts, f"the {told}")
    assert nowhere(texts, "plastid:")


def test_neighbours_are_named_genes_next_to_it():
    features = [
        SOURCE, ("gene", "1..90", [("gene", "a1")]), ("CDS", "1..90", [("gene", "a1")]),
        ("gene", "300..390", [("gene", "c3")]), ("CDS", "100..190", [("gene", "b2"), ("product", "x1")]),
    ]  # fmt: skip
    assert everywhere(gene_texts("", "", features=features), "a1 and c3")
    lone = [SOURCE, ("CDS", "1..90", [("locus_tag", "T_1")]), ("CDS", "100..190", [("gene", "b2"), ("product", "x1")])]
    assert nowhere(gene_texts("", "", features=lone), "T_1", "next to", "neighbour")

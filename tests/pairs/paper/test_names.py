"""The names by which a paper may mention what a record holds."""

import pytest
from support.paper_names import names


def test_the_names_of_a_record():
    cds = ("CDS", "1..90", [
        ("gene", "rpoB"), ("gene_synonym", "groN; nitB"), ("locus_tag", "TST_0001"), ("old_locus_tag", "OLD1"),
        ("product", "RNA polymerase subunit beta"), ("protein_id", "NP_1.1"),
    ])  # fmt: skip
    found = [(name.kind, name.sought, name.text, name.field) for name in names(cds)]
    assert found == [
        ("accession", "NC_000001.1", "NC_000001.1", "accession"),
        ("accession", "NC_000001", "NC_000001", "accession"),
        ("locus_tag", "TST_0001", "TST_0001", "features[1]/locus_tag"),
        ("locus_tag", "OLD1", "OLD1", "features[1]/old_locus_tag"),
        ("gene", "rpoB", "rpoB", "features[1]/gene"),
        ("gene", "groN", "groN", "features[1]/gene_synonym"),
        ("gene", "nitB", "nitB", "features[1]/gene_synonym"),
        ("product", "RNA polymerase subunit beta", "RNA polymerase subunit beta", "features[1]/product"),
        ("strain", "MG1655", "MG1655", "features[0]/strain"),
        ("organism", "Escherichia coli", "Escherichia coli", "organism"),
        ("organism", "E. coli", "Escherichia coli", "organism"),
    ]
    assert {name.about for name in names(cds) if name.kind in ("gene", "locus_tag", "product")} == {"rpoB"}


@pytest.mark.parametrize(
    "product",
    ["hypothetical protein", "membrane protein", "DUF1 family protein", "transporter", "gp12", "tRNA", "envelope"],
)
def test_a_class_of_products_is_not_a_name(product):
    assert "product" not in {name.kind for name in names(("CDS", "1..90", [("product", product)]))}


@pytest.mark.parametrize(
    ("organism", "sought"),
    [
        ("Zika virus", ["Zika virus"]),
        ("Tobacco mosaic virus", ["Tobacco mosaic virus"]),
        ("Escherichia coli str. K-12", ["Escherichia coli str. K-12", "Escherichia coli", "E. coli"]),
        ("uncultured bacterium", []),
        ("synthetic construct", []),
        ("Bacillus sp. X1", []),
        ("Genus species", []),
        ("Unknown Unclassified.", []),
    ],
)
def test_organism_names_that_are_searched_for(organism, sought):
    assert [name.sought for name in names(organism=organism) if name.kind == "organism"] == sought


def test_a_placeholder_of_a_strain_is_not_searched_for():
    source = ("source", "1..300", [("organism", "Genus species"), ("strain", "strain"), ("isolate", "PL9")])
    assert [name.sought for name in names(source=source) if name.kind == "strain"] == ["PL9"]


def test_features_beyond_the_rows_bases_give_no_names():
    inside, outside = ("gene", "1..90", [("gene", "recA")]), ("gene", "80..120", [("gene", "recB")])
    assert {name.text for name in names(inside, outside, end=100) if name.kind == "gene"} == {"recA"}
    assert {name.text for name in names(inside, outside) if name.kind == "gene"} == {"recA", "recB"}

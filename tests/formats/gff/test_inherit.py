"""What features take from those above them, in GFF3 and GTF alike."""

import pytest
from support.each import each
from support.gff import gtf, line, read, rows, variants


def values(found, *columns):
    return {(row["kind"], *(row[column] for column in columns)) for row in found}


FUNANNOTATE = [
    line("gene", 61, 400, attributes="ID=F_1;Name=ABC1;"),
    line("mRNA", 61, 400, attributes="ID=F_1-T1;Parent=F_1;product=Transcription factor;Dbxref=PFAM:PF00001;"),
    line("exon", 61, 170, attributes="ID=F_1-T1.exon1;Parent=F_1-T1;"),
    line("exon", 301, 400, attributes="ID=F_1-T1.exon2;Parent=F_1-T1;"),
    line("CDS", 61, 170, attributes="ID=F_1-T1.cds;Parent=F_1-T1;", phase=0),
    line("CDS", 301, 400, attributes="ID=F_1-T1.cds;Parent=F_1-T1;", phase=1),
]
NAMED = {("gene", "ABC1", None), ("mRNA", "ABC1", "Transcription factor"), ("CDS", "ABC1", "Transcription factor")}


def test_name_of_the_gene_and_product_of_the_transcript_are_those_of_the_cds():
    for name, order, _ in each(variants(FUNANNOTATE)):
        assert values(rows(order), "gene", "product") == NAMED, name


def test_product_of_the_cds_is_that_of_its_mrna():
    lines = [text.replace("product=Transcription factor;", "") for text in FUNANNOTATE]
    lines = [text + "product=Transcription factor" if "\tCDS\t" in text else text for text in lines]
    for name, order, _ in each(variants(lines)):
        assert values(rows(order), "gene", "product") == NAMED, name


def test_gtf_gives_the_same_names():
    names = {"gene_id": "F_1", "transcript_id": "F_1-T1"}
    lines = [
        gtf("gene", 61, 400, gene_id="F_1", gene_name="ABC1"),
        gtf("transcript", 61, 400, **names, product="Transcription factor"),
        gtf("exon", 61, 170, **names),
        gtf("exon", 301, 400, **names),
        gtf("CDS", 61, 170, "+", 0, **names),
        gtf("CDS", 301, 400, "+", 1, **names),
    ]
    for name, order, _ in each(variants(lines)):
        assert values(rows(order), "gene", "product", "locus_tag") == {(*fact, "F_1") for fact in NAMED}, name


def test_own_names_come_first_and_other_kinds_take_no_product():
    lines = [
        line("gene", 1, 90, attributes="ID=g;Name=abc;locus_tag=L_1"),
        line("mRNA", 1, 90, attributes="ID=t;Parent=g;gene=own;product=of the mRNA"),
        line("CDS", 1, 90, attributes="ID=c;Parent=t;product=of the CDS", phase=0),
        line("exon", 1, 90, attributes="ID=x;Parent=g"),
        line("five_prime_UTR", 1, 9, attributes="ID=u;Parent=t"),
        line("tRNA", 1, 90, attributes="ID=r;Parent=g"),
    ]
    assert values(rows(lines), "gene", "locus_tag", "product") == {
        ("gene", "abc", "L_1", None),
        ("mRNA", "own", "L_1", "of the mRNA"),
        ("CDS", "own", "L_1", "of the CDS"),
        ("exon", "abc", "L_1", None),
        ("5'UTR", "own", "L_1", None),
        ("tRNA", "abc", "L_1", None),
    }


def test_files_of_ncbi_state_products_themselves():
    lines = [text.rstrip(";") + f";gbkey={text.split(chr(9))[2]}" for text in FUNANNOTATE]
    assert ("CDS", None) in values(rows(lines), "product")


PSEUDO = [
    ("gene", "ID=g;gbkey=Gene;gene=psA;pseudo=true"),
    ("pseudogene", "ID=g;Name=psA"),
    ("gene", "ID=g;Name=psA;pseudogene=unprocessed"),
    ("gene", "ID=g;Name=psA;biotype=processed_pseudogene"),
    ("gene", "ID=g;Name=psA;pseudo="),
]


@pytest.mark.parametrize(("kind", "attributes"), PSEUDO, ids=[f"{kind} {text[5:]}" for kind, text in PSEUDO])
def test_what_lies_below_a_pseudogene_is_pseudo(kind, attributes):
    lines = [
        line(kind, 61, 400, attributes=attributes),
        line("transcript", 61, 400, attributes="ID=t;Parent=g"),
        line("exon", 61, 400, attributes="ID=x;Parent=t"),
        line("CDS", 61, 400, attributes="ID=c;Parent=t;product=x kinase", phase=0),
        line("CDS", 71, 400, attributes="ID=d;Parent=g;product=x kinase", phase=0),
    ]
    for name, order, _ in each(variants(lines)):
        found = rows(order)
        assert len(found) == 4
        assert all(row["pseudo"] for row in each(found)), name


def test_what_lies_below_a_pseudogenic_transcript_is_pseudo_and_the_gene_is_not():
    lines = [
        line("gene", 61, 400, attributes="ID=g;Name=abc;pseudo=false"),
        line("pseudogenic_transcript", 61, 400, attributes="ID=t;Parent=g"),
        line("CDS", 61, 400, attributes="ID=c;Parent=t", phase=0),
        line("mRNA", 61, 400, attributes="ID=u;Parent=g"),
    ]
    assert [row["pseudo"] for row in rows(lines)] == [False, True, True, False]


def test_biotypes_of_gtf_tell_pseudogenes():
    names = {"gene_id": "g", "gene_biotype": "unprocessed_pseudogene"}
    lines = [
        gtf("gene", 61, 400, **names),
        gtf("transcript", 61, 400, **names, transcript_id="t"),
        gtf("exon", 61, 400, **names, transcript_id="t"),
    ]
    assert [row["pseudo"] for row in rows(lines)] == [True, True]


def test_a_long_chain_and_a_circle_of_parents_end():
    chain = [line("region", 1, 9, attributes=f"ID=r{n};Parent=r{n + 1};gene=g{n}") for n in range(2000)]
    found = rows(chain)
    assert [row["gene"] for row in found[:2]] == ["g0", "g1"]
    circle = read([line("CDS", 1, 9, attributes=f"ID=c{n};Parent=c{(n + 1) % 3}", phase=0) for n in range(3)])
    assert len(list(circle.features())) == 3


GENE_TYPES = "tRNA_gene rRNA_gene snoRNA_gene snRNA_gene lncRNA_gene miRNA_gene transposable_element_gene ncRNA_gene"


@pytest.mark.parametrize("kind", [*GENE_TYPES.split(), "pseudogene", "processed_pseudogene", "unitary_pseudogene"])
def test_types_of_genes_are_genes_and_give_their_name(kind):
    lines = [line(kind, 61, 400, attributes="ID=g;Name=abcD"), line("tRNA", 61, 400, attributes="ID=t;Parent=g")]
    for name, order, _ in each(variants(lines)):
        pseudo = kind.endswith("pseudogene")
        assert values(rows(order), "gene", "pseudo") == {("gene", "abcD", pseudo), ("tRNA", "abcD", pseudo)}, name


def test_segments_and_groups_of_genes_and_pseudogenic_parts_are_no_genes():
    for kind in ("V_gene_segment", "gene_group", "pseudogenic_tRNA", "pseudogenic_region"):
        assert rows([line(kind, 1, 90, attributes="ID=a")])[0]["kind"] != "gene", kind


@pytest.mark.parametrize(("above", "lost"), [("gene", "gene"), ("mRNA", "product")])
def test_nothing_is_inherited_from_the_other_strand(above, lost):
    lines = [
        line("gene", 61, 400, attributes="ID=g;Name=abc"),
        line("mRNA", 61, 400, attributes="ID=t;Parent=g;product=kinase"),
        line("CDS", 61, 400, attributes="ID=c;Parent=t", phase=0),
    ]
    lines = [text.replace("\t+\t", "\t-\t") if f"\t{above}\t" in text else text for text in lines]
    for name, order, _ in each(variants(lines)):
        assert ("CDS", None) in values(rows(order), lost), name


TWO_CDS = [
    line("mRNA", 61, 500, attributes="ID=t"),
    line("CDS", 61, 300, attributes="ID=c;Parent=t;product=kinase", phase=0),
    line("CDS", 201, 500, attributes="ID=d;Parent=t;product={}", phase=0),
]


@pytest.mark.parametrize(("second", "product"), [("kinase", "kinase"), ("ligase", None)])
def test_an_mrna_takes_a_product_only_if_all_its_cds_have_it(second, product):
    for name, order, _ in each(variants([text.format(second) for text in TWO_CDS])):
        found = rows(order)
        assert [row["product"] for row in found if row["kind"] == "mRNA"] == [product], name
        assert {row["product"] for row in found if row["kind"] == "CDS"} == {"kinase", second}, name


@pytest.mark.parametrize(("second", "product"), [("kinase", "kinase"), ("ligase", None)])
def test_a_cds_of_two_transcripts_takes_a_product_only_if_both_have_it(second, product):
    lines = [
        line("mRNA", 61, 500, attributes="ID=t;product=kinase"),
        line("mRNA", 61, 400, attributes=f"ID=u;product={second}"),
        line("CDS", 61, 300, attributes="ID=c;Parent=t,u", phase=0),
    ]
    for name, order, _ in each(variants(lines)):
        assert ("CDS", product) in values(rows(order), "product"), name


def test_an_mrna_of_two_genes_takes_only_what_both_state():
    lines = [
        line("gene", 61, 500, attributes="ID=g;Name=abc;locus_tag=L_1"),
        line("gene", 61, 500, attributes="ID=h;Name=xyz;locus_tag=L_1"),
        line("gene", 61, 500, attributes="ID=i;locus_tag=L_1"),
    ]
    for parents in each(["g,h", "g,i", "i,g"]):
        written = [*lines, line("mRNA", 61, 500, attributes=f"ID=t;Parent={parents}")]
        written.append(line("CDS", 61, 300, attributes="ID=c;Parent=t", phase=0))
        for name, order, _ in each(variants(written)):
            found = values(rows(order), "gene", "locus_tag")
            assert {("mRNA", None, "L_1"), ("CDS", None, "L_1")} <= found, name


def test_a_bare_transcript_has_the_gene_id_of_its_cds():
    names = {"gene_id": "g1", "transcript_id": "g1.t1"}
    lines = [line("transcript", 61, 400, attributes="g1.t1"), gtf("CDS", 61, 400, "+", 0, **names)]
    for written in each([lines, [line("gene", 61, 400, attributes="g1"), *lines]]):
        for name, order, _ in each(variants(written)):
            assert {row["locus_tag"] for row in rows(order)} == {"g1"}, name


@pytest.mark.parametrize("key", ["product", "Product", "PRODUCT"])
def test_known_keys_are_read_in_any_case(key):
    lines = [
        line("mRNA", 61, 400, attributes=f"ID=t;{key}=kinase;Gene=abc;Locus_Tag=L_1"),
        line("CDS", 61, 400, attributes="ID=c;Parent=t", phase=0),
    ]
    for name, order, _ in each(variants(lines)):
        found = values(rows(order), "gene", "locus_tag", "product")
        assert found == {(kind, "abc", "L_1", "kinase") for kind in ("mRNA", "CDS")}, name

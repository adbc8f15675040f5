"""Column 9 in the forms that people have, and columns too many."""

import pytest
from support.each import each
from support.gff import SEQ, facts, gtf, line, places, read, reasons, rows, variants


def qualifiers(row):
    return {item["key"]: item["value"] for item in row["qualifiers"]}


BRAKER = [
    line("gene", 61, 500, attributes="g1"),
    line("transcript", 61, 500, attributes="g1.t1"),
    gtf("start_codon", 61, 63, "+", 0, transcript_id="g1.t1", gene_id="g1"),
    gtf("CDS", 61, 170, "+", 0, transcript_id="g1.t1", gene_id="g1"),
    gtf("exon", 61, 170, transcript_id="g1.t1", gene_id="g1"),
    gtf("intron", 171, 299, transcript_id="g1.t1", gene_id="g1"),
    gtf("CDS", 300, 497, "+", 1, transcript_id="g1.t1", gene_id="g1"),
    gtf("exon", 300, 500, transcript_id="g1.t1", gene_id="g1"),
    gtf("stop_codon", 498, 500, "+", 0, transcript_id="g1.t1", gene_id="g1"),
]
BRAKER_FACTS = [
    ("gene", ((60, 500),), 1, "g1"),
    ("mRNA", ((60, 170), (299, 500)), 1, "g1"),
    ("CDS", ((60, 170), (299, 500)), 1, "g1"),
    ("intron", ((170, 299),), 1, "g1"),
]


@pytest.mark.parametrize(
    ("old", "new"),
    [("g1", "g1"), ("g1", "1_g"), ("\tg1.t1", "\tg1.t1;")],
    ids=["AUGUSTUS", "GeneMark", "semicolon"],
)
def test_bare_ids_name_gene_and_transcript(old, new):
    lines = [
        text.replace("g1.t1", "1_t").replace(old, new) if new == "1_g" else text.replace(old, new) for text in BRAKER
    ]
    for name, order, other_strand in each(variants(lines)):
        annotation = read(order)
        found = facts(list(annotation.features()), other_strand, "locus_tag")
        gene = new if new == "1_g" else "g1"
        assert found == sorted([(*fact[:3], gene) for fact in BRAKER_FACTS], key=repr), name
        assert annotation.flaws == [], name


def test_a_bare_word_of_other_types_means_nothing():
    assert places(rows([line("repeat_region", 1, 9, attributes="MER5A"), line("gene", 1, 9, attributes=".")])) == [
        ("repeat_region", "1..9"), ("gene", "1..9"),
    ]  # fmt: skip


JGI = [
    line("exon", 61, 170, attributes='name "fgenesh1_pg.1"; transcriptId 76324'),
    line("CDS", 61, 170, attributes='name "fgenesh1_pg.1"; proteinId 76324; exonNumber 1', phase=0),
    line("start_codon", 61, 63, attributes='name "fgenesh1_pg.1"'),
    line("exon", 301, 400, attributes='name "fgenesh1_pg.1"; transcriptId 76324'),
    line("CDS", 301, 400, attributes='name "fgenesh1_pg.1"; proteinId 76324; exonNumber 2', phase=1),
    line("exon", 451, 500, "-", 'name "fgenesh1_pg.2"; transcriptId 76325'),
    line("CDS", 451, 500, "-", 'name "fgenesh1_pg.2"; proteinId 76325; exonNumber 1', 0),
]


def test_lines_of_one_name_are_one_gene_in_files_of_jgi():
    for name, order, other_strand in each(variants(JGI)):
        annotation = read(order)
        found = facts(list(annotation.features()), other_strand, "locus_tag")
        assert found == sorted(
            [
                ("mRNA", ((60, 170), (300, 400)), 1, "fgenesh1_pg.1"),
                ("CDS", ((60, 170), (300, 400)), 1, "fgenesh1_pg.1"),
                ("mRNA", ((450, 500),), -1, "fgenesh1_pg.2"),
                ("CDS", ((450, 500),), -1, "fgenesh1_pg.2"),
            ],
            key=repr,
        ), name
        assert annotation.flaws == [], name
        for row in each(list(annotation.features())):
            assert "name" not in qualifiers(row)
            assert "exonNumber" not in qualifiers(row)


def test_gff3_that_names_gene_and_transcript_as_gtf_does():
    lines = [
        line("gene", 61, 400, attributes="gene_id=g1"),
        line("mRNA", 61, 400, attributes="gene_id=g1;transcript_id=t1"),
        line("exon", 61, 170, attributes="gene_id=g1;transcript_id=t1"),
        line("exon", 301, 400, attributes="gene_id=g1;transcript_id=t1"),
        line("CDS", 61, 170, attributes="gene_id=g1;transcript_id=t1", phase=0),
        line("CDS", 301, 400, attributes="gene_id=g1;transcript_id=t1", phase=1),
    ]
    for name, order, other_strand in each(variants(lines)):
        found = facts(rows(order), other_strand, "locus_tag")
        assert found == sorted(
            [
                ("gene", ((60, 400),), 1, "g1"),
                ("mRNA", ((60, 170), (300, 400)), 1, "g1"),
                ("CDS", ((60, 170), (300, 400)), 1, "g1"),
            ],
            key=repr,
        ), name


@pytest.mark.parametrize(
    ("column", "gene", "note", "flaws"),
    [
        ('ID="g1"; Name="abcA"; Note="has ; in it"', "abcA", "has ; in it", ["quotes"]),
        ("ID = g1 ; Name = abcA ; Note = has it", "abcA", "has it", []),
        ('"ID=g1;Name=abcA;Note=a ""word"" or two"', "abcA", 'a "word" or two', ["quotes"]),
        ('ID=g1;Name=abcA;Note="one, with a comma"', "abcA", "one, with a comma", ["quotes"]),
        ('ID=g1;Name=abcA;Note=a "word, or" two', "abcA", 'a "word; or" two', []),
        ('ID=g1;Name=abcA;Note=5" end;Alias=3"', "abcA", '5" end', []),
        ('ID=g1;Name=";Note="', '"', '"', []),
        ('ID=g1;Name=abcA;Note="open; to the end', "abcA", '"open', []),
        ("id=g1;Name=abcA;Note=x", "abcA", "x", []),
        ('"gene_id ""g1""; gene_name ""abcA""; note ""x, y"";"', "abcA", "x, y", ["quotes"]),
    ],
)
def test_quotes_round_values_and_blanks_round_keys_are_no_part_of_them(column, gene, note, flaws):
    annotation = read([line("gene", 1, 9, attributes=column)])
    (row,) = annotation.features()
    assert (row["gene"], qualifiers(row).get("note")) == (gene, note)
    assert reasons(annotation) == flaws
    assert all(key == key.strip().strip('"') for key in qualifiers(row))


def test_blanks_round_names_do_not_hide_the_parent():
    lines = [
        line("gene", 61, 170, attributes="ID = g1 ; Name = abc"),
        line("mRNA", 61, 170, attributes="ID=m1 ; Parent = g1 ; product = foo kinase"),
        line("CDS", 61, 170, attributes='"ID=c1;Parent=m1"', phase=0),
        line("CDS", 71, 170, attributes="id=c2;parent=m1", phase=0),
    ]
    annotation = read(lines)
    for row in each(list(annotation.features())[1:]):
        assert (row["gene"], row["product"]) == ("abc", "foo kinase")
        assert row["qualifiers"] == []
    assert reasons(annotation) == ["quotes"]


@pytest.mark.parametrize(("extra", "flaws"), [("\t", []), ("\t \t", []), ("\t5_prime_partial true", ["extra_columns"])])
def test_a_tenth_column_costs_nothing(extra, flaws):
    gene = line("gene", 1, 90, attributes="ID=g;Name=abc") + extra
    cds = [line("CDS", a, b, attributes="ID=c;Parent=g", phase=0) for a, b in ((1, 30), (61, 90))]
    annotation = read([gene, cds[0] + extra, cds[1]])
    assert places(annotation.features()) == [("gene", "1..90"), ("CDS", "join(1..30,61..90)")]
    assert reasons(annotation) == flaws * 2


def test_a_carriage_return_in_a_value_is_a_blank():
    (row,) = rows([line("gene", 1, 9, attributes="ID=g;Note=one\rtwo%0Dthree")])
    assert qualifiers(row)["note"] == "one two three"
    assert SEQ

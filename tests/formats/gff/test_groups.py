"""Which lines are one feature, whatever their order and strand."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.gff import facts, gtf, line, places, read, reasons, rows, variants

TWO_PARENTS = [
    line("gene", 101, 500, attributes="ID=G;Name=abc"),
    line("mRNA", 101, 500, attributes="ID=T1;Parent=G"),
    line("mRNA", 151, 500, attributes="ID=T2;Parent=G"),
    line("exon", 101, 200, attributes="Parent=T1"),
    line("exon", 151, 200, attributes="Parent=T2"),
    line("exon", 301, 500, attributes="Parent=T1,T2"),
]
SHARED_CDS = [
    line("CDS", 121, 200, attributes="{}Parent=T1;product=kinase A", phase=0),
    line("CDS", 163, 200, attributes="{}Parent=T2;product=kinase B", phase=0),
    line("CDS", 301, 400, attributes="{}Parent=T2,T1", phase=1),
]


def of_cds(found, other_strand=False):
    return facts([row for row in found if row["kind"] == "CDS"], other_strand)


@pytest.mark.parametrize("identifier", ["", "ID=c;"], ids=["without ID", "one ID"])
def test_a_line_of_several_parents_belongs_to_each(identifier):
    lines = TWO_PARENTS + [text.format(identifier) for text in SHARED_CDS]
    for name, order, other_strand in each(variants(lines)):
        found = of_cds(rows(order), other_strand)
        assert found == [("CDS", ((120, 200), (300, 400)), 1), ("CDS", ((162, 200), (300, 400)), 1)], name


def test_one_cds_of_several_transcripts_with_one_id_is_one_feature():
    cds = [line("CDS", a, b, attributes="ID=c;Parent=T1,T2", phase=0) for a, b in ((161, 200), (301, 400))]
    for name, order, other_strand in each(variants(TWO_PARENTS + cds)):
        assert of_cds(rows(order), other_strand) == [("CDS", ((160, 200), (300, 400)), 1)], name


def test_a_segment_with_an_id_and_several_parents_is_a_part_in_each():
    cds = [text.format(f"ID=c{number};") for number, text in enumerate(SHARED_CDS)]
    cds = [text.replace(";product=kinase A", "").replace(";product=kinase B", "") for text in cds]
    for name, order, other_strand in each(variants(TWO_PARENTS + cds)):
        found = of_cds(rows(order), other_strand)
        assert found == [("CDS", ((120, 200), (300, 400)), 1), ("CDS", ((162, 200), (300, 400)), 1)], name


ONE_ID = [
    line("mRNA", 61, 170, attributes="ID=A"),
    line("CDS", 61, 100, attributes="ID=CDS;Parent=A;product=protein A", phase=0),
    line("CDS", 131, 170, attributes="ID=CDS;Parent=A;product=protein A", phase=2),
    line("mRNA", 301, 500, "-", "ID=B"),
    line("CDS", 401, 500, "-", "ID=CDS;Parent=B;product=protein B", 0),
    line("CDS", 301, 320, "-", "ID=CDS;Parent=B;product=protein B", 2),
]


@pytest.mark.parametrize("strand", ["-", "+"])
def test_one_id_under_two_parents_is_two_features(strand):
    lines = [text.replace("\t-\t", f"\t{strand}\t") for text in ONE_ID]
    sign = -1 if strand == "-" else 1
    second = ((400, 500), (300, 320))[::-sign]
    for name, order, other_strand in each(variants(lines)):
        annotation = read(order)
        found = [row for row in annotation.features() if row["kind"] == "CDS"]
        expected = [("CDS", second, sign, "protein B"), ("CDS", ((60, 100), (130, 170)), 1, "protein A")]
        assert facts(found, other_strand, "product") == sorted(expected, key=repr), name
        assert "shared_id" in reasons(annotation), name


@pytest.mark.parametrize("names", [("", ""), (";Name=trnL", ";Name=trnS")], ids=["no names", "names"])
def test_one_id_on_both_strands_is_two_genes_with_their_own_children(names):
    lines = [
        line("gene", 61, 170, "+", f"ID=trn{names[0]}"),
        line("tRNA", 61, 90, "+", "ID=t;Parent=trn"),
        line("gene", 301, 400, "-", f"ID=trn{names[1]}"),
        line("tRNA", 321, 390, "-", "ID=t;Parent=trn"),
    ]
    for name, order, other_strand in each(variants(lines)):
        annotation = read(order)
        found = facts(list(annotation.features()), other_strand, "gene")
        first, second = (text.rpartition("=")[2] or None for text in names)
        assert found == sorted(
            [
                ("gene", ((60, 170),), 1, first),
                ("gene", ((300, 400),), -1, second),
                ("tRNA", ((60, 90),), 1, first),
                ("tRNA", ((320, 390),), -1, second),
            ],
            key=repr,
        ), name
        assert reasons(annotation).count("shared_id") == 2, name


def test_one_id_of_two_genes_on_a_strand_is_two_genes_with_their_own_children():
    lines = [
        line("gene", 61, 170, attributes="ID=g"),
        line("mRNA", 61, 170, attributes="ID=t;Parent=g"),
        line("exon", 61, 90, attributes="Parent=t"),
        line("exon", 121, 170, attributes="Parent=t"),
        line("gene", 301, 400, attributes="ID=g"),
        line("mRNA", 301, 400, attributes="ID=t;Parent=g"),
        line("exon", 301, 400, attributes="Parent=t"),
    ]
    annotation = read(lines)
    assert places(annotation.features()) == [
        ("gene", "61..170"), ("gene", "301..400"), ("mRNA", "join(61..90,121..170)"), ("mRNA", "301..400"),
    ]  # fmt: skip
    assert "shared_id" in reasons(annotation)


def test_both_strands_are_one_feature_if_a_line_or_one_above_states_trans_splicing():
    parts = [(701, 800, "-"), (101, 200, "+")]
    for attributes in ("ID=c;exception=trans-splicing", "ID=c;part={}", "ID=c;Parent=g"):
        gene = [line("gene", a, b, s, "ID=g;exception=trans-splicing") for a, b, s in parts]
        cds = [line("CDS", a, b, s, attributes.format(n), 0) for n, (a, b, s) in enumerate(parts, 1)]
        for lines in (gene + cds, cds + gene):
            found = [place for place in places(rows(lines)) if place[0] == "CDS"]
            assert found == [("CDS", "join(complement(701..800),101..200)")], attributes
    apart = read([line("CDS", a, b, s, "ID=c", 0) for a, b, s in parts])
    assert places(apart.features()) == [("CDS", "complement(701..800)"), ("CDS", "101..200")]
    assert apart.flaws == [(3, "shared_id")]


MITOCHONDRION = [
    gtf("gene", 61, 170, gene_id="gp3", transcript_id="", gbkey="Gene", gene="ND6"),
    gtf("CDS", 61, 167, "+", 0, gene_id="gp3", transcript_id="unknown_transcript_1", gbkey="CDS", product="six"),
    gtf("stop_codon", 168, 170, "+", 0, gene_id="gp3", transcript_id="unknown_transcript_1", gbkey="CDS"),
    gtf("gene", 301, 500, "-", gene_id="gp4", transcript_id="", gbkey="Gene", gene="ND5"),
    gtf("CDS", 304, 500, "-", 0, gene_id="gp4", transcript_id="unknown_transcript_1", gbkey="CDS", product="five"),
    gtf("stop_codon", 301, 303, "-", 0, gene_id="gp4", transcript_id="unknown_transcript_1", gbkey="CDS"),
    gtf("exon", 521, 560, gene_id="gt1", transcript_id="unknown_transcript_1", gbkey="tRNA", gene="trnL"),
    gtf("exon", 571, 600, gene_id="gt2", transcript_id="unknown_transcript_1", gbkey="tRNA", gene="trnS"),
]


def test_a_transcript_id_belongs_to_its_gene():
    for name, order, other_strand in each(variants(MITOCHONDRION)):
        annotation = read(order)
        found = facts(list(annotation.features()), other_strand, "gene", "product")
        assert found == sorted(
            [
                ("gene", ((60, 170),), 1, "ND6", None),
                ("CDS", ((60, 170),), 1, "ND6", "six"),
                ("gene", ((300, 500),), -1, "ND5", None),
                ("CDS", ((300, 500),), -1, "ND5", "five"),
                ("tRNA", ((520, 560),), 1, "trnL", None),
                ("tRNA", ((570, 600),), 1, "trnS", None),
            ],
            key=repr,
        ), name
        assert annotation.flaws == [], name
        for row in annotation.features():
            assert "transcript_id" not in {item["key"] for item in row["qualifiers"]}


def test_proteins_of_one_gene_without_transcripts_are_apart():
    names = {"gene_id": "g", "transcript_id": "unknown_transcript_1", "gbkey": "CDS"}
    found = rows([
        gtf("CDS", 61, 87, "+", 0, **names, protein_id="P1"),
        gtf("stop_codon", 88, 90, "+", 0, **names, protein_id="P1"),
        gtf("CDS", 101, 117, "+", 0, **names, protein_id="P2"),
        gtf("stop_codon", 118, 120, "+", 0, **names, protein_id="P2"),
    ])  # fmt: skip
    assert places(found) == [("CDS", "61..90"), ("CDS", "101..120")]


def refgene(*exons, **more):
    names = {"gene_id": "MIR1", "transcript_id": "NR_1", **more}
    return [gtf("exon", a, b, strand, exon_number=number, **names) for number, a, b, strand in exons]


@pytest.mark.parametrize(
    "exons",
    [
        [(1, 61, 120, "+"), (1, 301, 360, "-"), (2, 401, 460, "-")],
        [(1, 61, 120, "+"), (1, 301, 360, "+"), (2, 401, 460, "+")],
    ],
    ids=["strands", "numbers"],
)
def test_a_transcript_at_two_places_is_two(exons):
    sign = -1 if exons[-1][3] == "-" else 1
    expected = [((60, 120),), ((300, 360), (400, 460))[::sign]]
    for order in (exons, exons[::-1], [exons[1], exons[2], exons[0]]):
        annotation = read(refgene(*order))
        found = sorted(tuple((p["start"], p["end"]) for p in row["parts"]) for row in annotation.features())
        assert found == sorted(expected)
        assert reasons(annotation) == ["shared_id"]


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize("cds", [False, True])
def test_each_line_of_a_transcript_takes_its_own_exons(strand, cds):
    names = {"gene_id": "g", "transcript_id": "t"}
    lines = [
        gtf("transcript", 61, 160, strand, **names),
        gtf("transcript", 301, 460, strand, **names),
        gtf("exon", 61, 90, strand, **names),
        gtf("exon", 121, 160, strand, **names),
        gtf("exon", 301, 460, strand, **names),
        *([gtf("CDS", 71, 90, strand, 0, **names), gtf("CDS", 311, 400, strand, 0, **names)] if cds else []),
    ]
    sign = 1 if strand == "+" else -1
    kind = "mRNA" if cds else "misc_RNA"
    expected = [(kind, ((60, 90), (120, 160))[::sign], sign), (kind, ((300, 460),), sign)]
    expected += [("CDS", ((70, 90),), sign), ("CDS", ((310, 400),), sign)] if cds else []
    for name, order, other_strand in each(variants(lines)):
        assert facts(rows(order), other_strand) == sorted(expected, key=repr), name


def test_lines_that_repeat_others_are_read_once():
    lines = [line("CDS", a, b, attributes="ID=c", phase=0) for a, b in ((61, 90), (121, 160), (201, 260))]
    annotation = read(lines + lines)
    assert places(annotation.features()) == [("CDS", "join(61..90,121..160,201..260)")]
    assert reasons(annotation) == ["repeated"] * 3
    exons = [gtf("exon", a, b, gene_id="g", transcript_id="t") for a, b in ((61, 90), (121, 160))]
    assert places(rows(exons + exons)) == [("misc_RNA", "join(61..90,121..160)")]


def test_overlapping_lines_of_one_id_are_two_features():
    lines = [line("CDS", a, b, attributes="ID=c", phase=0) for a, b in ((61, 90), (121, 160), (71, 90), (121, 170))]
    annotation = read(lines)
    assert places(annotation.features()) == [("CDS", "join(61..90,121..160)"), ("CDS", "join(71..90,121..170)")]
    assert annotation.flaws == [(4, "shared_id")]


def test_parts_may_share_two_bases_by_ribosomal_slippage():
    for back in (0, 1, 2):
        cds = [
            line("CDS", 61, 100, attributes="ID=c", phase=0),
            line("CDS", 101 - back, 200, attributes="ID=c", phase=0),
        ]
        assert places(rows(cds)) == [("CDS", f"join(61..100,{101 - back}..200)")]


@given(st.permutations(range(9)), st.booleans())
def test_the_order_of_many_parts_does_not_matter(order, minus):
    strand = "-" if minus else "+"
    lines = [line("CDS", 100 * n + 1, 100 * n + 50, strand, "ID=c", 0) for n in order]
    joined = ",".join(f"{100 * n + 1}..{100 * n + 50}" for n in range(9))
    assert places(rows(lines)) == [("CDS", f"complement(join({joined}))" if minus else f"join({joined})")]


def test_a_protein_of_the_same_lines_makes_no_second_cds():
    lines = [
        line("gene", 61, 400, attributes="ID=G"),
        line("mRNA", 61, 400, attributes="ID=G.1;Parent=G"),
        line("protein", 61, 400, attributes="ID=G.1-Protein;Derives_from=G.1"),
        line("exon", 61, 170, attributes="Parent=G.1"),
        line("exon", 301, 400, attributes="Parent=G.1"),
        line("CDS", 61, 170, attributes="Parent=G.1,G.1-Protein;", phase=0),
        line("CDS", 301, 400, attributes="Parent=G.1,G.1-Protein;", phase=1),
    ]
    for name, order, other_strand in each(variants(lines)):
        assert of_cds(rows(order), other_strand) == [("CDS", ((60, 170), (300, 400)), 1)], name


def test_a_cds_of_many_parents_is_one_of_each_of_a_hundred():
    parents = ",".join(f"t{number}" for number in range(150))
    annotation = read([line("CDS", 1, 9, attributes=f"Parent={parents}", phase=0)])
    assert places(annotation.features()) == [("CDS", "1..9")] * 100
    assert set(reasons(annotation)) == {"parent"}


@st.composite
def any_line(draw):
    """Draw a line of GFF3 or GTF whose name and parents are few, so that lines share them by chance."""
    kind = draw(st.sampled_from(["gene", "mRNA", "tRNA", "transcript", "exon", "exon", "CDS", "CDS", "five_prime_UTR"]))
    start = draw(st.integers(1, 60))
    place = (kind, start, start + draw(st.integers(0, 20)), draw(st.sampled_from("+-")))
    if draw(st.booleans()):
        names = {"gene_id": draw(st.sampled_from("gh")), "transcript_id": draw(st.sampled_from("tuv"))}
        return gtf(*place, draw(st.sampled_from([0, 1, "."])), **names)
    name = draw(st.sampled_from(["", "ID=a;", "ID=b;", "ID=c;"]))
    parents = draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=2))
    return line(*place, name + (f"Parent={','.join(parents)}" if parents else ""), draw(st.sampled_from([0, 1, "."])))


@given(st.lists(any_line(), max_size=14))
def test_parts_lie_on_one_strand_and_do_not_overlap_whatever_the_lines(lines):
    annotation = read(lines) if lines else None
    found = list(annotation.features()) if annotation else []
    spans = set()
    for row in found:
        parts = sorted((part["start"], part["end"]) for part in row["parts"])
        spans.update(parts)
        assert row["strand"] != 0
        assert row["operator"] == "order" or all(one[1] - 2 <= other[0] for one, other in pairwise(parts)), lines
    for text in lines:
        columns = text.split("\t")
        start, end = int(columns[3]) - 1, int(columns[4])
        assert any(low <= start and end <= high for low, high in spans) or columns[2] in ("mRNA", "tRNA", "transcript")

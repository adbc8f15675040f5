"""A feature one of whose lines is rejected keeps its row, but its parts are not joined: it gives no pair."""

import pytest
from support.each import each
from support.gff import gtf, line, places, read, reasons, variants

from dnacorpus.sequence.location import problem

GENE = [
    line("gene", 61, 500, attributes="ID=g1;Name=abc"),
    line("mRNA", 61, 500, attributes="ID=t1;Parent=g1"),
    line("exon", 61, 100, attributes="ID=x1;Parent=t1"),
    line("exon", 131, 171, attributes="ID=x2;Parent=t1"),
    line("exon", 301, 500, attributes="ID=x3;Parent=t1"),
    line("CDS", 61, 100, attributes="ID=c1;Parent=t1;product=kinase", phase=0),
    line("CDS", 131, 171, attributes="ID=c1;Parent=t1;product=kinase", phase=2),
    line("CDS", 301, 400, attributes="ID=c1;Parent=t1;product=kinase", phase=0),
    line("gene", 601, 700, attributes="ID=g2;Name=xyz"),
    line("CDS", 601, 700, attributes="ID=c2;Parent=g2;product=other", phase=0),
]
GTF = [
    gtf("exon", 61, 100, gene_id="G", transcript_id="T", transcript_biotype="tRNA"),
    gtf("exon", 131, 171, gene_id="G", transcript_id="T", transcript_biotype="tRNA"),
    gtf("exon", 301, 500, gene_id="G", transcript_id="T", transcript_biotype="tRNA"),
    gtf("CDS", 601, 697, "+", 0, gene_id="H", transcript_id="U"),
    gtf("stop_codon", 698, 700, "+", 0, gene_id="H", transcript_id="U"),
]


def spoiled(text, how):
    columns = text.split("\t")
    if how == "coordinates":
        columns[3] = "0"
    elif how == "strand":
        columns[6] = "x"
    elif how == "phase":
        columns[7] = "7"
    elif how == "reversed":
        columns[3], columns[4] = columns[4], columns[3]
    elif how == "columns":
        columns = columns[:5]
    elif how == "blanks":
        return " ".join(columns)
    return "\t".join(columns)


HOW = ["coordinates", "strand", "phase", "reversed", "columns", "blanks"]


def doubtful(lines, number, how):
    """Return the keys of the features that give no pair if a line is spoiled, and the flaws."""
    annotation = read([*lines[:number], spoiled(lines[number], how), *lines[number + 1 :]])
    found = list(annotation.features())
    assert len(found) == len(annotation.entries)
    return {(row["kind"], row["start"]) for row in found if problem(row, 1000) == "order"}, annotation


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize(
    ("number", "lost"), [(2, "mRNA"), (3, "mRNA"), (4, "mRNA"), (5, "CDS"), (6, "CDS"), (7, "CDS")]
)
def test_a_spoiled_line_costs_its_feature_the_pair(how, number, lost):
    found, annotation = doubtful(GENE, number, how)
    assert {kind for kind, _ in found} >= {lost}
    assert all(start < 400 for _, start in found)
    assert how in ("columns", "blanks") or {kind for kind, _ in found} == {lost}
    assert "incomplete" in reasons(annotation)


@pytest.mark.parametrize("how", HOW[:4])
def test_whatever_the_order_of_lines(how):
    for name, order, other_strand in each(variants([spoiled(text, how) if text == GENE[6] else text for text in GENE])):
        if how in ("reversed", "coordinates") and other_strand:  # it would be right there
            continue
        found = read(order).features()
        assert {row["kind"] for row in found if row["operator"] == "order"} == {"CDS"}, name


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize(("number", "lost"), [(0, "tRNA"), (1, "tRNA"), (2, "tRNA"), (4, "CDS")])
def test_a_spoiled_line_of_gtf(how, number, lost):
    found, annotation = doubtful(GTF, number, how)
    assert {kind for kind, _ in found} == {lost}
    assert "incomplete" in reasons(annotation)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("number", [0, 1, 8, 9])
def test_a_spoiled_line_that_is_the_only_one_costs_only_its_feature(how, number):
    found, annotation = doubtful(GENE, number, how)
    assert found == set()
    # Without the line of the mRNA its exons are one.
    assert len(annotation.entries) == (5 if number == 1 else 4)


def test_a_feature_of_one_line_left_is_ordered_too():
    lines = [spoiled(text, "coordinates") if text in GENE[6:8] else text for text in GENE]
    assert ("CDS", "order(61..100)") in places(read(lines).features())
    minus = [text.replace("\t+\t", "\t-\t") for text in lines]
    assert ("CDS", "complement(order(61..100))") in places(read(minus).features())


def test_segments_and_transcripts_made_of_them_lack_the_line_too():
    lines = [GENE[0], GENE[1].replace("500", "400")]
    lines += [text.replace("ID=c1", f"ID=c.{number}") for number, text in enumerate(GENE[5:8])]
    for number in (2, 3, 4):
        found, _ = doubtful(lines, number, "coordinates")
        assert {kind for kind, _ in found} == {"CDS", "mRNA"}


def test_lines_without_a_parent_beside_a_spoiled_one_are_whole():
    lines = [line("CDS", 100 * n + 1, 100 * n + 90, attributes=f"ID=c{n}", phase=0) for n in range(5)]
    for how in each(HOW):
        assert doubtful(lines, 2, how)[0] == set()


def test_a_spoiled_line_of_a_cds_that_two_transcripts_share_in_part():
    lines = [
        line("mRNA", 61, 500, attributes="ID=t1"),
        line("mRNA", 61, 500, attributes="ID=t2"),
        line("exon", 61, 500, attributes="Parent=t1,t2"),
        line("CDS", 61, 100, attributes="ID=c;Parent=t1,t2", phase=0),
        line("CDS", 131, 171, attributes="ID=c;Parent=t1", phase=2),
        line("CDS", 301, 400, attributes="ID=c;Parent=t1,t2", phase=0),
    ]
    whole = places(read(lines).features())[2:]
    assert whole == [("CDS", "join(61..100,131..171,301..400)"), ("CDS", "join(61..100,301..400)")]
    found, _ = doubtful(lines, 5, "coordinates")
    assert found == {("CDS", 60)}
    ordered = [
        text for _, text in places(read([*lines[:5], spoiled(lines[5], "strand")]).features()) if "order" in text
    ]
    assert ordered == ["order(61..100,131..171)", "order(61..100)"]


OUTSIDE = [
    line("mRNA", 61, 500, attributes="ID=t"),
    line("exon", 61, 200, attributes="Parent=t"),
    line("exon", 301, 500, attributes="Parent=t"),
]


@pytest.mark.parametrize(
    ("spans", "strand", "outside"),
    [
        ([(71, 200), (301, 390)], "+", False),
        ([(71, 201)], "+", True),
        ([(60, 100)], "+", True),
        ([(71, 400)], "+", True),
        ([(71, 160)], "-", True),
    ],
)
def test_a_cds_outside_the_exons_or_strand_of_its_transcript_gives_no_pair(spans, strand, outside):
    lines = OUTSIDE + [line("CDS", a, b, strand, "ID=c;Parent=t", 0) for a, b in spans]
    for name, order, _ in each(variants(lines)):
        annotation = read(order)
        (row,) = (row for row in annotation.features() if row["kind"] == "CDS")
        assert (row["operator"] == "order") is outside, name
        assert reasons(annotation) == (["incomplete", "outside"] if outside else [])


def test_a_trans_spliced_cds_may_lie_on_the_strand_opposite_to_its_transcript():
    lines = [*OUTSIDE, line("CDS", 71, 160, "-", "ID=c;Parent=t;exception=trans-splicing", 0)]
    assert reasons(read(lines)) == []


def test_a_cds_across_the_origin_lies_in_the_exons_on_both_sides():
    lines = [line("region", 1, 1000, attributes="ID=r;Is_circular=true")]
    lines += [line("mRNA", 901, 1100, attributes="ID=t"), line("CDS", 911, 1090, attributes="ID=c;Parent=t", phase=0)]
    lines += [line("exon", a, b, attributes="Parent=t") for a, b in ((901, 1000), (1, 100))]
    assert "outside" not in reasons(read(lines))


@pytest.mark.parametrize("strand", ["+", "-"])
def test_a_line_across_the_origin_is_read_by_the_length_of_the_region(strand):
    lines = [line("CDS", 901, 90, strand, "ID=c", 0), line("region", 1, 1000, attributes="ID=r;Is_circular=true")]
    expected = "join(901..1000,1..90)"
    for order in (lines, lines[::-1]):
        annotation = read(order)
        found = dict(places(annotation.features()))["CDS"]
        assert found == (expected if strand == "+" else f"complement({expected})")
        assert reasons(annotation) == []
    assert reasons(read([lines[0], line("region", 1, 1000, attributes="ID=r")])) == ["reversed"]

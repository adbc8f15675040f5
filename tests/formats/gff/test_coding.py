"""Coding sequences in segments with an ID each, their codons, and transcripts without exon lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.gff import facts, gtf, line, places, read, reasons, rows, variants

SEGMENTS = [(71, 100), (131, 171), (301, 400)]
PHASES = [0, 0, 1]


def segments(spans=SEGMENTS, phases=PHASES, parent="A.1", **more):
    extra = "".join(f";{key}={value}" for key, value in more.items())
    return [
        line("CDS", a, b, attributes=f"ID={parent}.CDS.{n};Parent={parent}{extra}", phase=phase)
        for n, ((a, b), phase) in enumerate(zip(spans, phases, strict=True), 1)
    ]


def transcript(start, end, name="A.1"):
    return [
        line("gene", start, end, attributes="ID=A;Name=ABC1"),
        line("mRNA", start, end, attributes=f"ID={name};Parent=A"),
    ]


def coding(found):
    return [row for row in found if row["kind"] == "CDS"]


@pytest.mark.parametrize("phases", [PHASES, [".", ".", "."], [0, ".", 1]], ids=["phases", "none", "some"])
def test_segments_with_an_id_each_are_one_cds(phases):
    lines = transcript(71, 400) + segments(phases=phases, product="auxin kinase")
    for name, order, other_strand in each(variants(lines)):
        annotation = read(order)
        found = facts(list(annotation.features()), other_strand, "gene", "product")
        spliced = ((70, 100), (130, 171), (300, 400))
        assert found == sorted(
            [
                ("gene", ((70, 400),), 1, "ABC1", None),
                ("mRNA", spliced, 1, "ABC1", "auxin kinase"),
                ("CDS", spliced, 1, "ABC1", "auxin kinase"),
            ],
            key=repr,
        ), name
        assert annotation.flaws == []
        (row,) = coding(annotation.features())
        assert row["codon_start"] == (None if phases[0] == "." else 1)


def test_segments_beside_exon_lines_are_one_cds():
    exons = [line("exon", a, b, attributes=f"ID=x{a};Parent=A.1") for a, b in ((61, 100), (131, 171), (301, 500))]
    for name, order, other_strand in each(variants(transcript(61, 500) + exons + segments())):
        found = facts(rows(order), other_strand)
        assert ("CDS", ((70, 100), (130, 171), (300, 400)), 1) in found, name
        assert ("mRNA", ((60, 100), (130, 171), (300, 500)), 1) in found, name
        assert len(found) == 3


def test_cds_that_overlap_start_at_other_codons_and_are_apart():
    lines = transcript(61, 400) + segments([(71, 400), (101, 400)], [0, 0])
    for name, order, other_strand in each(variants(lines)):
        annotation = read(order)
        found = facts(coding(annotation.features()), other_strand)
        assert found == [("CDS", ((100, 400),), 1), ("CDS", ((70, 400),), 1)], name
        assert annotation.flaws == []


def test_cds_of_other_proteins_or_products_of_one_transcript_are_apart():
    spans, phases = [(71, 100), (201, 260)], [0, 0]
    for key in ("protein_id", "product", "locus_tag"):
        first, second = (segments(spans, phases, **{key: value}) for value in ("one", "two"))
        found = coding(rows([*transcript(61, 400), first[0], second[1]]))
        assert places(found) == [("CDS", "71..100"), ("CDS", "201..260")], key


def test_segments_whose_phases_do_not_go_on_are_not_joined_and_give_no_pair():
    for name, order, _ in each(variants(transcript(71, 400) + segments(phases=[0, 2, 1]))):
        annotation = read(order)
        found = coding(annotation.features())
        assert len(found) == 3, name
        assert all(row["operator"] == "order" for row in each(found)), name
        assert reasons(annotation).count("segments") == 3


def test_lines_of_a_cds_with_its_own_id_are_not_taken_for_segments():
    first = [line("CDS", a, b, attributes="ID=c1;Parent=A.1", phase=0) for a, b in ((71, 100), (131, 160))]
    lines = transcript(61, 400) + first + segments([(201, 260)], [0])
    assert places(coding(rows(lines))) == [("CDS", "join(71..100,131..160)"), ("CDS", "201..260")]


def test_cds_of_a_gene_without_transcript_are_apart():
    lines = [line("gene", 61, 400, attributes="ID=A"), *segments([(71, 100), (201, 260)], [0, 0], parent="A")]
    assert places(coding(rows(lines))) == [("CDS", "71..100"), ("CDS", "201..260")]


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=2, max_size=9), st.booleans())
def test_any_number_of_segments_with_right_phases_are_one(sizes, minus):
    spans, at = [], 1
    for gap, size in sizes:
        spans.append((at + gap, at + gap + size - 1))
        at += gap + size + 2
    order = spans[::-1] if minus else spans
    phases, bases = {}, 0
    for start, end in order:
        phases[start] = -bases % 3
        bases += end - start + 1
    strand = "-" if minus else "+"
    lines = [line("mRNA", 1, at, strand, "ID=t")]
    lines += [line("CDS", a, b, strand, f"ID=c{a};Parent=t", phases[a]) for a, b in spans]
    joined = f"join({','.join(f'{a}..{b}' if a < b else str(a) for a, b in spans)})"
    assert places(coding(rows(lines))) == [("CDS", f"complement({joined})" if minus else joined)]


@pytest.mark.parametrize(
    ("exons", "spans"),
    [([(61, 500)], [(61, 150), (201, 290)]), ([(61, 190), (251, 500)], [(61, 150), (261, 350)])],
    ids=["one exon", "two exons"],
)
@pytest.mark.parametrize("names", ["", "Derives_from", "Name"])
def test_cds_whose_gap_is_not_an_intron_are_proteins_of_their_own(exons, spans, names):
    lines = transcript(61, 500) + [line("exon", a, b, attributes="Parent=A.1") for a, b in exons]
    for n, text in enumerate(segments(spans, [0, 0])):
        lines.append(f"{text};{names}=ORF{n}" if names else text)
    for name, order, other_strand in each(variants(lines)):
        annotation = read(order)
        found = facts(coding(annotation.features()), other_strand)
        assert found == sorted((("CDS", ((a - 1, b),), 1) for a, b in spans), key=repr), name
        assert annotation.flaws == []


def test_cds_that_derive_from_different_genes_are_apart():
    first, second = (segments([(71, 100), (131, 160)], [0, 0], Derives_from=gene) for gene in ("g1", "g2"))
    assert len(coding(rows([*transcript(61, 400), first[0], second[1]]))) == 2


def test_segments_of_two_proteins_of_a_transcript_are_two_cds():
    lines = transcript(61, 800)
    lines += [line("exon", a, b, attributes="Parent=A.1") for a, b in ((61, 200), (301, 600), (701, 800))]
    lines += segments([(101, 200), (301, 321), (501, 600), (701, 750)], [0, 2, 0, 2])
    for name, order, other_strand in each(variants(lines)):
        found = facts(coding(rows(order)), other_strand)
        assert found == [
            ("CDS", ((100, 200), (300, 321)), 1),
            ("CDS", ((500, 600), (700, 750)), 1),
        ], name


def test_a_segment_within_a_codon_beside_a_gap_that_is_no_intron_gives_no_pair():
    lines = [*transcript(61, 500), line("exon", 61, 500, attributes="Parent=A.1")]
    for name, order, _ in each(variants(lines + segments([(61, 150), (201, 289)], [0, 1]))):
        annotation = read(order)
        assert all(row["operator"] == "order" for row in coding(annotation.features())), name
        assert reasons(annotation).count("segments") == 2


def test_segments_at_a_slippage_within_an_exon_are_one_cds():
    lines = [*transcript(61, 500), line("exon", 61, 500, attributes="Parent=A.1")]
    for start in (150, 151, 152):
        found = coding(rows(lines + segments([(61, 150), (start, 299)], [0, 0])))
        assert len(found) == 1, start


@pytest.mark.parametrize(("second", "damaged"), [(201, True), (151, False)], ids=["no intron", "slippage"])
def test_cds_lines_without_id_whose_gap_is_not_an_intron_give_no_pair(second, damaged):
    lines = [*transcript(61, 500), line("exon", 61, 500, attributes="Parent=A.1")]
    lines += [line("CDS", a, b, attributes="Parent=A.1", phase=0) for a, b in ((61, 150), (second, 290))]
    for name, order, _ in each(variants(lines)):
        annotation = read(order)
        (row,) = coding(annotation.features())
        assert (row["operator"] == "order") is damaged, name
        assert reasons(annotation) == (["incomplete", "segments"] if damaged else [])


@pytest.mark.parametrize("gene", [[line("gene", 100, 700, "-", "ID=A")], []], ids=["gene", "missing parent"])
@pytest.mark.parametrize(
    ("phases", "count", "damaged"), [((2, 0, 0), 1, False), ((2, 1, 0), 3, True), ((0, 0, 0), 3, False)]
)
def test_segments_of_a_gene_or_of_a_missing_parent_are_known_by_their_phases(gene, phases, count, damaged):
    spans = [(100, 201), (300, 399), (500, 700)]
    lines = gene + [
        line("CDS", a, b, "-", f"ID=c{a};Parent=A", phase) for (a, b), phase in zip(spans, phases, strict=True)
    ]
    for name, order, _ in each(variants(lines)):
        found = coding(read(order).features())
        assert len(found) == count, name
        assert all((row["operator"] == "order") is damaged for row in each(found)), name


# Transcripts without exon lines

PIECES = [
    line("five_prime_UTR", 61, 70, attributes="ID=A.1.u1;Parent=A.1"),
    line("CDS", 71, 100, attributes="ID=A.1.c;Parent=A.1", phase=0),
    line("CDS", 131, 400, attributes="ID=A.1.c;Parent=A.1", phase=0),
    line("three_prime_UTR", 401, 420, attributes="ID=A.1.u2;Parent=A.1"),
    line("three_prime_UTR", 471, 500, attributes="ID=A.1.u2;Parent=A.1"),
]


def test_exons_are_the_union_of_cds_and_utrs():
    for name, order, other_strand in each(variants(transcript(61, 500) + PIECES)):
        annotation = read(order)
        found = facts(list(annotation.features()), other_strand)
        assert ("mRNA", ((60, 100), (130, 420), (470, 500)), 1) in found, name
        assert annotation.flaws == []


def test_exons_of_two_transcripts_that_share_lines():
    shared = [text.replace("Parent=A.1", "Parent=A.1,A.2") for text in PIECES[:3]]
    lines = [*transcript(61, 500), line("mRNA", 61, 400, attributes="ID=A.2;Parent=A"), *shared, *PIECES[3:]]
    for name, order, other_strand in each(variants(lines)):
        found = facts(rows(order), other_strand)
        assert ("mRNA", ((60, 100), (130, 420), (470, 500)), 1) in found, name
        assert ("mRNA", ((60, 100), (130, 400)), 1) in found, name


def test_exons_of_a_gtf_transcript_include_the_stop_codon():
    names = {"gene_id": "g", "transcript_id": "t"}
    lines = [
        gtf("transcript", 61, 403, **names),
        gtf("5UTR", 61, 70, **names),
        gtf("CDS", 71, 100, "+", 0, **names),
        gtf("CDS", 131, 400, "+", 0, **names),
        gtf("stop_codon", 401, 403, "+", 0, **names),
    ]
    for name, order, other_strand in each(variants(lines)):
        found = facts(rows(order), other_strand)
        assert ("mRNA", ((60, 100), (130, 403)), 1) in found, name
        assert ("CDS", ((70, 100), (130, 403)), 1) in found, name


def test_a_transcript_longer_than_its_pieces_is_not_known_and_gives_no_pair():
    annotation = read(transcript(61, 500) + PIECES[1:3])
    assert places(annotation.features())[1] == ("mRNA", "order(61..100,131..500)")
    assert reasons(annotation) == ["exons", "incomplete"]


def test_a_transcript_without_introns_or_of_ncbi_stays_as_its_line():
    assert places(rows(transcript(61, 500) + PIECES[1:2]))[1] == ("mRNA", "61..500")
    ncbi = [f"{text};gbkey=mRNA" if "\tmRNA\t" in text else text for text in transcript(61, 500) + PIECES]
    assert ("mRNA", "61..500") in places(rows(ncbi))


# Codons


@pytest.mark.parametrize("stop", [(401, 403), (398, 400)], ids=["behind", "within"])
def test_codons_of_gff3_are_part_of_the_cds(stop):
    lines = [
        *transcript(71, 403),
        line("start_codon", 71, 73, attributes="ID=s;Parent=A.1", phase=0),
        line("CDS", 71, 100, attributes="Parent=A.1", phase=0),
        line("CDS", 131, 400, attributes="Parent=A.1", phase=0),
        line("stop_codon", *stop, attributes="Parent=A.1", phase=0),
    ]
    for name, order, other_strand in each(variants(lines)):
        annotation = read(order)
        found = facts(coding(annotation.features()), other_strand)
        assert found == [("CDS", ((70, 100), (130, max(400, stop[1]))), 1)], name
        assert len(annotation.entries) == 3


def test_a_stop_codon_of_a_gene_without_transcript_is_part_of_its_cds():
    lines = [
        line("gene", 71, 403, attributes="ID=A"),
        line("CDS", 71, 400, attributes="ID=c;Parent=A", phase=0),
        line("stop_codon", 401, 403, attributes="Parent=A", phase=0),
    ]
    for name, order, other_strand in each(variants(lines)):
        assert facts(coding(rows(order)), other_strand) == [("CDS", ((70, 403),), 1)], name


def test_a_codon_of_gff3_without_a_cds_is_a_flaw():
    annotation = read([*transcript(71, 400), line("stop_codon", 401, 403, attributes="Parent=A.1")])
    assert reasons(annotation) == ["codon"]


@pytest.mark.parametrize(("biotype", "kind"), [("lncRNA", "ncRNA"), ("tRNA", "tRNA"), ("unheard_of", "misc_RNA")])
def test_what_is_only_called_transcript_is_named_by_its_cds_or_biotype(biotype, kind):
    for attribute in (f"biotype={biotype}", f"transcript_type={biotype}"):
        bare = line("transcript", 71, 400, attributes=f"ID=t;{attribute}")
        assert places(rows([bare])) == [(kind, "71..400")]
        assert places(rows([bare, line("CDS", 71, 400, attributes="ID=c;Parent=t", phase=0)]))[0][0] == "mRNA"
    names = {"gene_id": "g", "transcript_id": "t", "transcript_biotype": biotype}
    assert places(rows([gtf("transcript", 71, 400, **names)])) == [(kind, "71..400")]

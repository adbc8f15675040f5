"""GFF3 and GTF of many sources: any annotation reads the same from each form, as far as the form states it."""

import shutil
import subprocess

import gffutils
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import each
from support.gff import SEQ, VERSION, facts, line, places, read, reasons, rows
from support.gff_forms import FORMS, Gene, Transcript

SPLICED = [name for name, form in FORMS.items() if form.rna]


def gene(number, strand, exons, left=(3, 4), right=(4, 6)):
    """Return a gene with a transcript of all exons and, if there are two or more, one without the last."""
    made = [Transcript(1, tuple(exons), (exons[0][0] + left[0], exons[-1][1] - right[0]))]
    if len(exons) > 1:
        made.append(Transcript(2, tuple(exons[:-1]), (exons[0][0] + left[1], exons[-2][1] - right[1])))
    return Gene(number, strand, tuple(made))


def fit(genes, form):
    """Return genes without what a form has no place for."""
    if form.prokaryotes:
        firsts = [(each, each.transcripts[0].exons[0]) for each in genes]
        return [Gene(each.number, each.strand, (Transcript(1, (exon,), exon),)) for each, exon in firsts]
    if form.untranslated:
        return list(genes)
    whole = [
        tuple(Transcript(t.number, t.exons, (t.exons[0][0], t.exons[-1][1])) for t in each.transcripts)
        for each in genes
    ]
    return [Gene(each.number, each.strand, found) for each, found in zip(genes, whole, strict=True)]


GENES = [
    gene(1, "+", [(101, 150), (201, 260), (321, 400)]),
    gene(2, "-", [(601, 650), (701, 760), (821, 900), (1001, 1030)]),
    gene(3, "-", [(1201, 1290)]),
    gene(4, "+", [(1401, 1420), (1501, 1560)]),
]


@st.composite
def genes(draw):
    made, at = [], 1
    for number in range(1, draw(st.integers(1, 4)) + 1):
        exons = []
        for gap, size in draw(st.lists(st.tuples(st.integers(20, 60), st.integers(14, 60)), min_size=1, max_size=4)):
            exons.append((at + gap, at + gap + size - 1))
            at += gap + size
        left, right = (draw(st.tuples(st.integers(0, 4), st.integers(0, 4))) for _ in range(2))
        made.append(gene(number, draw(st.sampled_from("+-")), exons, left, right))
    return made


def facts_of(annotation):
    found = [row for row in annotation.features() if row["kind"] != "misc_feature"]  # the protein of TAIR
    return facts(found, False, "gene", "locus_tag", "product")


@pytest.mark.parametrize("name", FORMS)
def test_a_form_gives_the_features_that_it_states(name):
    form = FORMS[name]
    made = fit(GENES, form)
    written = form.write(made)
    for lines in (written, written[::-1], sorted(written, key=lambda text: int(text.split("\t")[3]))):
        annotation = read(lines)
        assert facts_of(annotation) == form.facts(made)
        assert set(reasons(annotation)) == form.flaws


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=12)
@given(made=genes())
def test_any_annotation_in_a_form_gives_the_features_that_it_states(name, made):
    form = FORMS[name]
    made = fit(made, form)
    assert facts_of(read(form.write(made))) == form.facts(made)


@settings(max_examples=12)
@given(made=genes(), chance=st.randoms(use_true_random=False))
def test_lines_of_any_form_in_any_order(made, chance):
    for form in FORMS.values():
        fitted = fit(made, form)
        written = form.write(fitted)
        chance.shuffle(written)
        assert facts_of(read(written)) == form.facts(fitted)


def located(annotation, kinds):
    return sorted((row[0], row[1], row[2]) for row in facts(list(annotation.features()), False) if row[0] in kinds)


@settings(max_examples=12)
@given(made=genes())
def test_all_forms_of_one_annotation_have_the_same_coding_sequences(made):
    found = {
        name: located(read(FORMS[name].write(made)), {"CDS"})
        for name in each(SPLICED)
        if FORMS[name].cds and FORMS[name].untranslated
    }
    assert len(found) > 20
    assert {name for name, places in found.items() if places != found["NCBI GFF3"]} == set()


# gffutils and gffread

GFFUTILS_DIFFERS = {
    "JGI": "it has no transcripts: `name` is an attribute like others",
    "BRAKER GTF": "a bare word is no id",
    "Excel": "quotes are part of the first key",
}
GFFREAD_DIFFERS = {
    "FlyBase": "it gives a line of several parents to the first alone",
    "JGI": "it has no transcripts: `name` is an attribute like others",
    "NCBI GTF": 'it stops at transcript_id ""',
    "Excel": "quotes are part of the first key",
}


def ours(annotation):
    """Return strand, exons and coding parts of all mRNAs and CDS, ascending, as sets."""
    found = facts(list(annotation.features()), False)
    exons = {(strand, tuple(sorted(parts))) for kind, parts, strand in found if kind in ("mRNA", "misc_RNA")}
    return exons, {(strand, tuple(sorted(parts))) for kind, parts, strand in found if kind == "CDS"}


def with_stop(spans, strand, codons):
    """Return coding parts with the stop codon that GTF leaves out."""
    spans = sorted(spans)
    if codons and strand == 1:
        spans[-1] = (spans[-1][0], spans[-1][1] + 3)
    elif codons:
        spans[0] = (spans[0][0] - 3, spans[0][1])
    return tuple(spans)


def by_gffutils(lines, codons):
    text = "\n".join([VERSION, *lines])
    made = gffutils.create_db(
        text, ":memory:", from_string=True, merge_strategy="create_unique", disable_infer_genes=True, verbose=False,
        disable_infer_transcripts=any("\ttranscript\t" in text for text in lines),
    )  # fmt: skip
    exons, coding = set(), set()
    for kind in ("mRNA", "transcript"):
        for transcript in made.features_of_type(kind):
            strand = 1 if transcript.strand == "+" else -1
            parts = {
                name: sorted((part.start - 1, part.end) for part in made.children(transcript, featuretype=name))
                for name in ("exon", "CDS")
            }
            exons |= {(strand, tuple(parts["exon"]))} if parts["exon"] else set()
            coding |= {(strand, with_stop(parts["CDS"], strand, codons))} if parts["CDS"] else set()
    return exons, coding


def by_gffread(lines, folder):
    path = folder / "a.gff"
    path.write_text("\n".join([VERSION, *lines, ""]), encoding="utf-8")
    command = ["gffread", path, "--table", "@strand,@exons,@cds"]
    table = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60).stdout
    exons, coding = set(), set()
    for row in table.splitlines():
        sign, *columns = row.split("\t")
        strand = 1 if sign == "+" else -1
        spans = [
            [(int(a) - 1, int(b)) for a, b in (span.split("-") for span in text.split(","))] if "-" in text else []
            for text in columns
        ]
        exons |= {(strand, tuple(sorted(spans[0])))}
        coding |= {(strand, tuple(sorted(spans[1])))} if spans[1] else set()
    return exons, coding


def has_codons(lines):
    """Tell whether CDS lines exclude the stop codon."""
    return any("\tstop_codon\t" in text and 'transcript_id "' in text for text in lines)


@pytest.mark.parametrize("name", SPLICED)
def test_gffutils_finds_the_same_exons_and_coding_parts(name):
    lines = FORMS[name].write(fit(GENES, FORMS[name]))
    exons, coding = by_gffutils(lines, has_codons(lines))
    found = ours(read(lines))
    if name in GFFUTILS_DIFFERS:
        assert (exons, coding) != found
        return
    assert coding == found[1] or not FORMS[name].cds
    assert exons in (found[0], set())  # where there are no exon lines it makes none


@pytest.mark.skipif(shutil.which("gffread") is None, reason="gffread is not installed")
@pytest.mark.parametrize("name", SPLICED)
def test_gffread_finds_the_same_exons_and_coding_parts(name, tmp_path):
    lines = FORMS[name].write(fit(GENES, FORMS[name]))
    exons, coding = by_gffread(lines, tmp_path)
    found = ours(read(lines))
    if name in GFFREAD_DIFFERS:
        assert (exons, coding) != found
        return
    assert (exons, coding) == found


def test_splice_sites_of_genomethreader_are_no_features():
    annotation = read([line("five_prime_cis_splice_site", 10, 11), line("exon", 1, 9, attributes="ID=e")])
    assert places(annotation.features()) == [("exon", "1..9")]
    assert annotation.omitted == {"five_prime_cis_splice_site": 1}


def test_frames_of_rast_are_no_phases():
    (row,) = rows([line("CDS", 34, 336, "-", "ID=fig|1.1.peg.1;Name=a protein", 1).replace("tool", "FIG")])
    assert (row["codon_start"], row["product"], SEQ) == (None, "a protein", SEQ)

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.flatfile import record
from support.oracle import read as biopython

from dnacorpus.formats.genbank.header import accession_and_length, read_header
from dnacorpus.formats.genbank.locus import read_locus
from dnacorpus.formats.genbank.reader import sections_of
from dnacorpus.formats.refusal import RefusalError

REFERENCES = [
    {
        "authors": "Smith,J., Jones,K.L. and Miller,A.",
        "title": "A title that is long enough to be wrapped over more than a single line of the flat file, twice",
        "journal": "J. Test. Biol. 12 (3), 45-67 (2001)",
        "pubmed": "11111111",
        "remark": "Publication Status: Online-Only",
    },
    {"bases": "bases 1 to 4; 6 to 8", "consrtm": "NCBI Genome Project", "title": "Direct Submission", "pubmed": "22"},
    {"bases": "sites", "authors": "Doe,J.", "pubmed": "11111111"},
]
COMMENT = """REVIEWED REFSEQ: This record has been curated by NCBI staff. The
reference sequence is identical to XX1.

##Genome-Annotation-Data-START##
Annotation Provider :: NCBI
Annotation Name     :: GCF_000001405.40-RS_2023_10
Features Annotated  :: Gene; mRNA; CDS;
                       ncRNA
##Genome-Annotation-Data-END##
COMPLETENESS: full length."""


def header_of(text):
    return read_header(sections_of(text.encode()).header)


def test_a_full_header_equals_biopythons():
    text = record(
        "NZ_X1.2",
        "ACGTACGT",
        topology="circular",
        molecule_type="ss-RNA",
        organism="Severe acute respiratory syndrome coronavirus 2 isolate Wuhan-Hu-1 with a very long name",
        lineage=["Viruses", "Riboviria", "Orthornavirae", "Pisuviricota", "Nidovirales", "Coronaviridae"],
        definition="Some organism, complete genome of a length that has to be wrapped, strain X. 12.",
        keywords=["RefSeq", "complete genome"],
        dblink=["BioProject: PRJNA1", "BioSample: SAMN2", "Assembly: GCF_000000003.1"],
        references=REFERENCES,
        comment=COMMENT,
    )  # fmt: skip
    ours, theirs = header_of(text), biopython(text)[0]
    notes = theirs.annotations
    assert (ours.accession, ours.definition) == (theirs.id, theirs.description)
    assert (ours.organism, list(ours.lineage)) == (notes["organism"], notes["taxonomy"])
    assert (ours.locus.topology, ours.locus.molecule_type) == (notes["topology"], notes["molecule_type"])
    assert (list(ours.keywords), ours.comment) == (notes["keywords"], notes["comment"])
    blocks = {block: {} for block, _, _ in ours.structured_comment}
    for block, key, value in ours.structured_comment:
        blocks[block][key] = value
    assert blocks == notes["structured_comment"]
    assert [
        (r.authors or "", r.consortium or "", r.title or "", r.journal or "", str(r.pmid), r.remark or "")
        for r in ours.references
    ] == [(r.authors, r.consrtm, r.title, r.journal, r.pubmed_id, r.comment) for r in notes["references"]]
    assert [r.bases for r in ours.references] == ["bases 1 to 8", "bases 1 to 4; 6 to 8", "sites"]
    assert ours.pmids == [11111111, 22]
    assert (ours.bioproject, ours.biosample, ours.assembly) == ("PRJNA1", "SAMN2", "GCF_000000003.1")
    assert (ours.refseq_status, ours.locus.date, ours.genome) == (
        "reviewed",
        datetime.date(2020, 1, 1),
        "GCF_000000003.1",
    )


def test_absent_fields_are_none_or_empty():
    ours = read_header("LOCUS       X1          12 bp    DNA\n")
    assert (ours.accession, ours.genome, ours.definition, ours.organism, ours.comment) == ("X1", "X1", None, None, None)
    assert (ours.lineage, ours.keywords, ours.references, ours.structured_comment, ours.pmids) == ((), (), (), (), [])
    assert (ours.refseq_status, ours.assembly_unit, ours.contig, ours.master_lines) == (None, None, None, False)


@pytest.mark.parametrize(
    ("lines", "accession"),
    [
        ("ACCESSION   X1 X2\nVERSION     X1.3  GI:123", "X1.3"),
        ("ACCESSION   X1 X2\nVERSION     ", "X1"),
        ("ACCESSION   .\nVERSION     .", "LOC"),
        ("ACCESSION   ", "LOC"),
        ("VERSION     GI:123\nACCESSION   X1;", "X1"),
        ("ACCESSION   unknown", "LOC"),
        ("ACCESSION   <unknown id>\nVERSION     <unknown id>", "LOC"),
        ("ACCESSION   NoAccession\nVERSION     No Accession", "LOC"),
        ("ACCESSION   X1\nVERSION     unknown", "X1"),
        ("ACCESSION   unknown_7", "unknown_7"),
    ],
)
def test_accession_is_version_then_accession_then_locus(lines, accession):
    assert read_header(f"LOCUS       LOC        12 bp    DNA\n{lines}\n").accession == accession


def test_genome_falls_back_from_assembly_to_sample_to_the_record():
    assert header_of(record("X1.1", comment=COMMENT)).genome == "GCF_000001405.40"
    assert header_of(record("X1.1", dblink=["BioProject: P1", "BioSample: SAMN2"])).genome == "SAMN2"
    assert header_of(record("X1.1", dblink=["BioProject: P1"])).genome == "X1.1"


@pytest.mark.parametrize(
    ("definition", "unit"),
    [
        ("Homo sapiens chromosome 1, GRCh38.p14 Primary Assembly.", "primary"),
        ("Homo sapiens unplaced genomic scaffold, GRCh38.p14 Primary Assembly HSCHRUN_1.", "unplaced"),
        ("Homo sapiens chromosome 1 genomic patch of type FIX, GRCh38.p14 PATCHES HG1_PATCH.", "patch"),
        ("Homo sapiens chromosome 1 genomic scaffold, GRCh38.p14 alternate locus group ALT_REF_LOCI_1 X.", "alternate"),
        ("Escherichia coli, complete genome.", None),
    ],
)
def test_assembly_unit(definition, unit):
    assert header_of(record("X1.1", definition=definition)).assembly_unit == unit


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "LOCUS       NC_1      16569 bp    DNA     circular PRI 31-OCT-2014",
            ("NC_1", 16569, "DNA", "circular", "PRI", "2014-10-31"),
        ),
        (
            "LOCUS       HUMX      2000 bp ss-mRNA             PRI       15-SEP-1990",
            ("HUMX", 2000, "ss-mRNA", "linear", "PRI", "1990-09-15"),
        ),
        (
            "LOCUS       LISOD      756 bp    DNA             BCT       30-JUN-1993",
            ("LISOD", 756, "DNA", "linear", "BCT", "1993-06-30"),
        ),
        (
            "LOCUS       HG531_PATCH 1000000 bp DNA HTG 18-JUN-2011",
            ("HG531_PATCH", 1000000, "DNA", "linear", "HTG", "2011-06-18"),
        ),
        (
            "LOCUS       pBAD30                  4923 bp    DNA     circular",
            ("pBAD30", 4923, "DNA", "circular", None, None),
        ),
        (
            "LOCUS       two words 12 bp ds-DNA CIRCULAR SYN 99-FOO-2000",
            ("two words", 12, "ds-DNA", "circular", "SYN", None),
        ),
        (
            "LOCUS       A_very_long_name_of_a_contig_by_a_tool1234 bp DNA linear",
            ("A_very_long_name_of_a_contig_by_a_tool", 1234, "DNA", "linear", None, None),
        ),
        (
            "LOCUS       1234 bp DNA",
            ("", 1234, "DNA", "linear", None, None),
        ),
        (
            "LOCUS       X1 76 bp tRNA RNA 15-SEP-1986",
            ("X1", 76, "tRNA", "linear", "RNA", "1986-09-15"),
        ),
        (
            "LOCUS       X1 76 bp BCT 31-FEB-1986",
            ("X1", 76, None, "linear", "BCT", None),
        ),
    ],
)
def test_locus_lines_of_old_and_other_programs(line, expected):
    locus = read_locus(line)
    date = locus.date and locus.date.isoformat()
    assert (locus.name, locus.length, locus.molecule_type, locus.topology, locus.division, date) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["LOCUS       p1  120 bp ds-DNA", "            circular SYN 04-FEB-2021"],
            ("p1", 120, "circular", "2021-02-04"),
        ),
        (
            ["LOCUS       p1", "            120 bp ds-DNA", " circular 04-FEB-2021"],
            ("p1", 120, "circular", "2021-02-04"),
        ),
        (["LOCUS       p1  120 bp   DNA linear", "19-AUG-2014"], ("p1", 120, "linear", "2014-08-19")),
        (["LOCUS       p1  120 bp   DNA", "circular"], ("p1", 120, "circular", None)),
        (["LOCUS       p1  120 bp   DNA", "DEFINITION  A circular plasmid."], ("p1", 120, "linear", None)),
        (["LOCUS       p1  120 bp   DNA", "DEF1NITION  circular"], ("p1", 120, "linear", None)),
        (["LOCUS       p1  120 bp   DNA", "            a circular one"], ("p1", 120, "linear", None)),
        (["LOCUS       p1  120 bp   DNA", "", "            circular"], ("p1", 120, "linear", None)),
    ],
)
def test_a_locus_line_goes_on_below_if_all_words_are_its_own(lines, expected):
    header = read_header("\n".join([*lines, "KEYWORDS    ."]))
    date = header.locus.date and header.locus.date.isoformat()
    assert (header.locus.name, header.locus.length, header.locus.topology, date) == expected


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,25}", fullmatch=True)


@given(NAMES, st.integers(1, 10**9), st.sampled_from(["bp", " bp", " BP"]))
def test_the_number_of_bases_tells_where_a_name_ends_and_the_length_begins(name, bases, unit):
    header = read_header(f"LOCUS       {name}{bases}{unit}   DNA   linear  19-AUG-2014\nACCESSION   \nVERSION\n", bases)
    assert (header.accession, header.locus.name, header.locus.length) == (name, name, bases)


@given(NAMES, st.integers(1, 10**9), st.none() | st.integers(0, 10**9), st.booleans())
def test_the_accession_tells_it_too_whatever_bases_there_are(name, length, bases, versioned):
    name = name.replace(".", "_")
    version = f"{name}.1" if versioned else ""
    header = read_header(f"LOCUS       {name}{length} bp   DNA\nACCESSION   {name}\nVERSION     {version}\n", bases)
    assert (header.locus.name, header.locus.length, header.accession) == (name, length, version or name)


@pytest.mark.parametrize(
    ("word", "bases", "expected"),
    [
        ("XYZ123draft2_contig000001120", 120, ("XYZ123draft2_contig000001", 120)),
        ("w.thymelicus_acteon.SP_TA_344_1180", 180, ("w.thymelicus_acteon.SP_TA_344_1", 180)),
        ("contig_11111", 11, ("contig_111", 11)),
        ("contig_11111", 1, ("contig_1111", 1)),
        ("contig0000000000000000000000000120", 120, ("contig0000000000000000000000000", 120)),
        ("contig-5", 5, ("contig-", 5)),
        ("1120", 120, ("1", 120)),
        ("contig_11111", 121, None),
        ("contig_11111", 0, None),
        ("contig0", 0, None),
        ("contig0", 10, None),
    ],
)
def test_name_and_length_without_a_blank(word, bases, expected):
    line = f"LOCUS       {word} bp   DNA   linear\nACCESSION   \n"
    if expected:
        locus = read_header(line, bases).locus
        assert (locus.name, locus.length) == expected
    else:
        with pytest.raises(RefusalError, match=f"found '{word}' and {bases or 'no'} bases") as refused:
            read_header(line, bases)
        assert refused.value.reason == "locus"


def test_a_protein_is_one_even_if_its_name_and_length_run_together():
    with pytest.raises(RefusalError, match="LOCUS of 143 aa"):
        read_header("LOCUS       protein_143 aa\n", 140)


@pytest.mark.parametrize("length", ["-120", "0x78", "1e3", "12.5"])
def test_a_length_that_is_no_number_is_bad(length):
    with pytest.raises(RefusalError) as refused:
        read_header(f"LOCUS       X1   {length} bp   DNA\n", 120)
    assert refused.value.reason == "bad_locus"


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("1001..1120", "EE000001.1:1001-1120"),
        ("complement(5001..5150)", "EE000001.1:c5150-5001"),
        ("complement(5001..\n            5150)", "EE000001.1:c5150-5001"),
        ("join(1..9, 20..29)", "EE000001.1:join(1..9,20..29)"),
    ],
)
def test_a_stretch_of_a_record_has_its_region_in_its_name_and_is_linear(region, name):
    text = f"LOCUS       EE000001   120 bp    DNA     circular BCT 01-JAN-2020\nACCESSION   EE000001 REGION: {region}\n"
    header = read_header(f"{text}VERSION     EE000001.1\n")
    assert (header.accession, header.genome, header.locus.topology) == (name, name, "linear")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("LOCUS       NP_1     143 aa            linear   PRI 01-JAN-2000", "protein"),
        ("LOCUS       X1 and more", "bad_locus"),
        (f"LOCUS       X1   {'9' * 30} bp DNA", "bad_locus"),
        (f"LOCUS       X1{' ' * 100_000}9 bp DNA", "bad_locus"),
        ("LOCUS", "bad_locus"),
        ("LOCUS       X1   many bp DNA", "bad_locus"),
        ("LOCUS       12 bp", "header"),
        ("", "bad_locus"),
    ],
)
def test_refusals(line, reason):
    with pytest.raises(RefusalError) as refused:
        read_header(line)
    assert refused.value.reason == reason


def test_master_records_state_a_number_of_records():
    header = header_of(record("NZ_ABCD00000000.1", unit="rc", locus_length=55, wgs="NZ_ABCD01000001-NZ_ABCD01000055"))
    assert (header.locus.unit, header.locus.length, header.master_lines) == ("rc", 55, True)


def test_a_broken_structured_comment_is_kept_as_text():
    header = header_of(
        record("X1.1", comment="##Assembly-Data-START## ; Method :: X\nmore text\n##Assembly-Data-END##")
    )
    assert header.comment == "##Assembly-Data-START## ; Method :: X\nmore text\n##Assembly-Data-END##"
    assert header.structured_comment == ()
    header = header_of(record("X1.1", comment="##A-START##\nno delimiter\nKey :: value\nmore\n##A-END##\nend"))
    assert (header.comment, header.structured_comment) == ("no delimiter\nend", (("A", "Key", "value more"),))


def test_a_region_of_antismash_is_a_stretch_and_its_note_no_value():
    note = "NOTE: This is a single region extracted from a larger record!"
    comment = (
        "##antiSMASH-Data-START##\nVersion      :: 7.0.0\nRun date     :: 2023-02-27 13:28:17\n"
        f"{note}\nOrig. start  :: 1000\nOrig. end    :: 1240\n##antiSMASH-Data-END##"
    )
    header = header_of(record("NZ_EXAM01000003.1", "ACGT" * 60, topology="circular", comment=comment))
    assert (header.accession, header.locus.topology) == ("NZ_EXAM01000003.1:1001-1240", "linear")
    assert header.comment == note
    assert [value for _, _, value in header.structured_comment] == ["7.0.0", "2023-02-27 13:28:17", "1000", "1240"]
    for other in each(["Orig. start  :: 1000", "Orig. end    :: {self.location.end}", "Method :: x"]):
        whole = header_of(
            record("NZ_EXAM01000003.1", comment=f"##antiSMASH-Data-START##\n{other}\n##antiSMASH-Data-END##")
        )
        assert whole.accession == "NZ_EXAM01000003.1"


@pytest.mark.parametrize(
    ("stated", "pmid"),
    [("999999999", 999999999), ("00022 ", 22), ("22 [see erratum]", 22), ("1000000000", None), ("9" * 18, None),
        ("0", None), ("x", None)],
)  # fmt: skip
def test_a_pubmed_id_has_at_most_nine_digits(stated, pmid):
    text = f"LOCUS       A 5 bp DNA\nACCESSION   A\nREFERENCE   1\n   PUBMED   {stated}\n"
    assert [reference.pmid for reference in read_header(text).references] == [pmid]


def test_contig_is_verbatim_without_its_line_breaks():
    contig = (
        "join(AAAA01000001.1:1..12345,gap(100),complement(AAAA01000002.1:1..99999),gap(unk100),AAAA01000003.1:1..5)"
    )
    assert header_of(record("X1.1", contig=contig)).contig == contig


def test_accession_and_length_of_a_rejected_record():
    assert accession_and_length(record("NC_1.2", "ACGT")) == ("NC_1.2", 4)
    assert accession_and_length("LOCUS       X1      7071 AA Protein\n") == ("X1", 0)
    assert accession_and_length("LOCUS       X1\n") == ("X1", 0)
    assert accession_and_length("XOCUS\nVERSION     NC_1.2\n") == ("NC_1.2", 0)
    assert accession_and_length("") == (None, 0)

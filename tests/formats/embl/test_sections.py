"""EMBL records give what their GenBank form gives; Biopython writes the one from the other, and reads both."""

import contextlib
import datetime
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.embl import as_embl, biopython
from support.flatfile import record
from support.oracle import parts
from support.readrecord import read_record

from dnacorpus.formats.genbank.reader import FlatFile
from dnacorpus.formats.refusal import RefusalError

BASES = "GGTATCGACAAGGAATGGCCGAGGAGACGCTAGAATATTGGAGTGTCGCTACGCAGTTAGCACGAGAATGTGACC" * 4
FEATURES = [
    ("source", "1..300", [("organism", "Zea mays"), ("mol_type", "genomic DNA"), ("db_xref", "taxon:4577")]),
    ("gene", "complement(<1..>99)", [("gene", "abcA"), ("locus_tag", "T_1")]),
    ("CDS", "complement(join(1..30,40..66))", [
        ("gene", "abcA"), ("codon_start", "1"), ("transl_table", "11"),
        ("product", "a long name, in words" + ", in words" * 12), ("protein_id", "NP_1.1"), ("translation", "MKV" * 40),
    ]),
    ("misc_feature", "order(1..9,20..29)", [("note", "see http://x.org/a=b; (in part) /not a key")]),
    ("repeat_region", "join(290..300,1..5)", [("rpt_type", "tandem")]),
]  # fmt: skip
REFERENCES = [
    {"authors": "Doe,J.", "title": "On DNA", "journal": "J. 1 (1), 2-3 (2001)", "pubmed": "77"},
    {"consrtm": "The Project", "journal": "Submitted"},
]
SAME = (
    "accession", "organism", "taxid", "species", "genus", "lineage", "topology", "length", "locus_length",
    "definition", "keywords", "pmids", "features", "digest", "exclusion", "source_qualifiers", "gc", "genome",
)  # fmt: skip

EMBL = """ID   X56734; SV 1; circular; genomic DNA; STD; PLN; 120 BP.
XX
AC   X56734; S46826;
XX
PR   Project:PRJNA12345;
XX
DT   12-SEP-1991 (Rel. 29, Created)
DT   25-NOV-2005 (Rel. 85, Last updated, Version 11)
XX
DE   Trifolium repens mRNA for non-cyanogenic
DE   beta-glucosidase
XX
KW   beta-glucosidase; plasmid.
XX
OS   Trifolium repens (white clover)
OC   Eukaryota; Viridiplantae; Streptophyta;
OC   Trifolium.
OG   Mitochondrion
XX
RN   [5]
RC   Publication Status: Online-Only
RP   1-60, 70-120
RX   DOI; 10.1007/BF00039495.
RX   PUBMED; 1907511.
RA   Oxtoby E., Dunn M.A.;
RT   "Nucleotide sequence of
RT   clover";
RL   Plant Mol. Biol. 17(2):209-219(1991).
XX
RN   [6]
RG   The Clover Project
RT   ;
RL   Submitted (19-NOV-1990) to the INSDC.
XX
DR   BioSample; SAMEA123.
DR   MD5; 0123.
XX
CC   A comment
CC   in two lines.
CC   ##Assembly-Data-START##
CC   Assembly Method :: Velvet
CC   ##Assembly-Data-END##
XX
FH   Key             Location/Qualifiers
FH
FT   source          1..120
FT                   /organism="Trifolium repens"
FT                   /mol_type="genomic DNA"
FT                   /db_xref="taxon:3899"
FT   CDS             join(110..120,1..10)
FT                   /product="a protein with a name that goes on in the next
FT                   line"
FT                   /citation=[6]
FT                   /translation="MDFIV
FT                   AIF"
XX
SQ   Sequence 120 BP; 1 A; 1 C; 1 G; 1 T; 0 other;
     aaacaaacca aatatggatt ttattgtagc catatttgct ctgtttgtta ttagctcatt        60
     cacaattact tccacaaatg cagttgaagc ttctactctt cttgacatag gtaacctgag       120
//
"""


def nothing(_accession):
    return None


def read(text):
    raws = list(FlatFile(io.BytesIO(text.encode()), "x.embl"))
    assert [raw.flaw for raw in raws] == [None] * len(raws)
    return [read_record(raw.data, nothing) for raw in raws]


@pytest.mark.parametrize("topology", ["linear", "circular"])
@pytest.mark.parametrize("accession", ["NC_000001.1", "contig_1.2"])
def test_the_embl_form_of_a_record_gives_the_same_record(topology, accession):
    text = record(
        accession, BASES, FEATURES, topology=topology, organism="Zea mays", references=REFERENCES,
        lineage=["Eukaryota", "Viridiplantae", "Zea"], definition="Zea mays chromosome 1, complete sequence.",
    )  # fmt: skip
    (genbank,), (embl,) = read(text), read(as_embl(text))
    for column in each(SAME):
        assert embl.row[column] == genbank.row[column], column
    assert embl.features == genbank.features
    assert embl.sequence == genbank.sequence
    assert (embl.row["source"], genbank.row["source"]) == ("embl", "gbff")
    for ours, theirs in each(zip(embl.references, genbank.references, strict=True)):
        for key in each(["pmid", "title", "consortium"]):
            assert ours[key] == theirs[key]


def test_every_line_of_the_header_is_read():
    (found,), (theirs,) = read(EMBL), biopython(EMBL)
    row = found.row
    assert (row["accession"], row["definition"]) == (theirs.id, theirs.description)
    assert (row["topology"], row["molecule_type"], row["date"]) == ("circular", "DNA", datetime.date(2005, 11, 25))
    assert (row["organism"], row["taxid"]) == ("Trifolium repens", 3899)
    assert (
        row["lineage"] == theirs.annotations["taxonomy"] == ["Eukaryota", "Viridiplantae", "Streptophyta", "Trifolium"]
    )
    assert row["keywords"] == theirs.annotations["keywords"]
    assert (row["bioproject"], row["biosample"], row["genome"]) == ("PRJNA12345", "SAMEA123", "SAMEA123")
    assert row["comment"] == "A comment\nin two lines."
    assert row["structured_comment"] == [{"block": "Assembly-Data", "key": "Assembly Method", "value": "Velvet"}]
    first, second = found.references
    assert first == {
        "index": 0, "bases": "bases 1 to 60; 70 to 120", "authors": "Oxtoby E., Dunn M.A.", "consortium": None,
        "title": "Nucleotide sequence of clover", "journal": "Plant Mol. Biol. 17(2):209-219(1991).", "pmid": 1907511,
        "remark": "Publication Status: Online-Only",
    }  # fmt: skip
    assert (second["consortium"], second["title"]) == ("The Clover Project", None)
    assert str(theirs.seq).upper() == found.sequence.decode()


def test_citations_refer_to_the_place_of_a_reference_as_in_genbank():
    (found,) = read(EMBL)
    assert [pair["value"] for pair in found.features[1]["qualifiers"] if pair["key"] == "citation"] == ["[2]"]


def test_features_are_those_of_biopython():
    (found,), (theirs,) = read(EMBL), biopython(EMBL)
    for ours, other in each(zip(found.features, theirs.features, strict=True)):
        assert ours["kind"] == other.type
        assert [(p["accession"], p["start"], p["end"], p["strand"]) for p in ours["parts"]] == parts(other.location)
    assert found.features[1]["product"] == theirs.features[1].qualifiers["product"][0]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("ID   contig_1; ; circular; DNA; ; PRO; 120 BP.\nAC   contig_1;\n", ("contig_1", "circular", "DNA")),
        ("ID   AARPCG     standard; circular RNA; PLN; 120 BP.\nAC   X1;\nSV   X1.3\n", ("X1.3", "circular", "RNA")),
        ("ID   AARPCG standard; DNA; PLN; 120 BP.\nAC   X1;\n", ("X1", "linear", "DNA")),
        ("ID   XXX; XXX; linear; XXX; XXX; XXX; 120 BP.\nAC   *;\n", ("XXX", "linear", None)),
        ("ID   AE000001;\n", ("AE000001", "linear", None)),
        ("ID   1    standard; DNA; HTG; 120 BP.\nAC   chromosome:GRCh38:1:1:9:1\nSV   1.GRCh38\n",
         ("chromosome:GRCh38:1:1:9:1", "linear", "DNA")),
        ("ID   X1; SV 2; linear; viral cRNA; STD; VRL; 120 BP.\nAC   X1;\n", ("X1.2", "linear", "cRNA")),
    ],
)  # fmt: skip
def test_lines_of_other_programs_and_earlier_releases(lines, expected):
    (found,) = read(lines + EMBL[EMBL.index("FH   Key") :])
    assert (found.row["accession"], found.row["topology"], found.row["molecule_type"]) == expected
    assert found.row["exclusion"] is None
    assert len(found.features) == 2


@pytest.mark.parametrize(
    ("name", "organism", "expected"),
    [
        ("Trifolium repens (white clover)", "Trifolium repens", "Trifolium repens"),
        ("Influenza A virus (A/PR/8/1934(H1N1))", "Influenza A virus (A/PR/8/1934(H1N1))", None),
        ("Trifolium repens (white clover)", "", "Trifolium repens"),
        ("Homo sapiens", "Pan troglodytes", "Homo sapiens"),
    ],
)
def test_the_common_name_is_no_part_of_the_organism(name, organism, expected):
    text = EMBL.replace("OS   Trifolium repens (white clover)", f"OS   {name}")
    text = text.replace('/organism="Trifolium repens"', f'/organism="{organism}"')
    (found,) = read(text)
    assert found.row["organism"] == (expected or name)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_several_records_and_their_flaws(end):
    second = EMBL.replace("X56734", "X99999")
    text = (EMBL + second.removesuffix("//\n") + EMBL + "stray\n").replace("\n", end)
    raws = list(FlatFile(io.BytesIO(text.encode()), "x.embl"))
    assert [raw.flaw for raw in raws] == [None, "unterminated", None, "no_locus"]
    assert b"".join(raw.data for raw in raws) == text.encode()
    found = read_record(raws[0].data, nothing)
    assert (found.row["accession"], found.row["length"], len(found.features)) == ("X56734.1", 120, 2)


def test_a_damaged_first_record_leaves_the_next(tmp_path, run):
    (tmp_path / "x.embl").write_text("JD" + EMBL[2:] + EMBL.replace("X56734", "X99999") + EMBL.removesuffix("//\n"))
    assert run("parse", "--division", "mine", "--gbff", tmp_path / "x.embl", "--out", tmp_path / "out")[0] == 0
    raws = list(FlatFile(io.BytesIO((tmp_path / "x.embl").read_bytes()), "x"))
    assert [raw.flaw for raw in raws] == ["no_locus", None, "unterminated"]


def test_proteins_masters_and_wrong_lengths_are_told_apart():
    protein = EMBL.replace("genomic DNA; STD; PLN; 120 BP", "PRT; STD; PLN; 120 AA")
    with pytest.raises(RefusalError) as refused:
        read(protein)
    assert refused.value.reason == "protein"
    head = EMBL[: EMBL.index("SQ   ")] + "//\n"
    (master,) = read(head.replace("STD; PLN; 120 BP", "SET; PLN; 31 SQ"))
    assert master.row["exclusion"] == "master"
    (wrong,) = read(EMBL.replace("PLN; 120 BP", "PLN; 121 BP"))
    assert wrong.row["exclusion"] == "length_mismatch"
    (empty,) = read(head + "")
    assert empty.row["exclusion"] == "no_sequence"


@given(
    st.integers(0, EMBL.count("\n") - 1), st.sampled_from(["", "junk", "FT", "RN   [", "OC   ;;.", "SQ   ", "ID   "])
)
def test_a_changed_line_costs_at_most_its_record(number, line):
    lines = EMBL.split("\n")
    lines[number] = line
    for raw in FlatFile(io.BytesIO(("\n".join(lines) + "\n" + EMBL).encode()), "x"):
        if raw.flaw is None:
            try:
                found = read_record(raw.data, nothing)
            except RefusalError:
                continue
            assert found.row["length"] == len(found.sequence)


@pytest.mark.mirror
def test_real_files_give_what_biopython_gives(shared):
    for path in each(sorted((shared / "odd" / "embl").glob("*.embl")), at_least=5):
        text = path.read_text()
        ours = {}
        for raw in FlatFile(io.BytesIO(text.encode()), path.name):
            with contextlib.suppress(RefusalError):
                found = read_record(raw.data, nothing)
                ours[found.row["accession"]] = found
        for theirs in biopython(text) if "no_FH" not in path.name else []:
            if theirs.annotations["molecule_type"] == "protein":
                continue
            found = ours.pop(theirs.id)
            assert (found.row["definition"] or "").rstrip(".") == theirs.description.rstrip(".")
            assert found.sequence.decode() == str(theirs.seq).upper()
            assert found.row["topology"] == theirs.annotations["topology"]
            assert found.row["lineage"] == theirs.annotations["taxonomy"]
            assert [r["pmid"] for r in found.references] == [
                int(r.pubmed_id) if r.pubmed_id else None for r in theirs.annotations["references"]
            ]
            assert [f["kind"] for f in found.features] == [f.type for f in theirs.features]
            for ours_feature, other in zip(found.features, theirs.features, strict=True):
                spans = [(p["accession"], p["start"], p["end"], p["strand"]) for p in ours_feature["parts"]]
                assert spans == parts(other.location)
        assert set(ours) <= {"AE000001"}, "Biopython does not read its ID line"

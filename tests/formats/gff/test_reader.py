import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.errors import CorpusError
from dnacorpus.formats.genbank.features import GenBankFeature, feature_row
from dnacorpus.formats.gff.names import kind_of
from dnacorpus.formats.gff.reader import read_gff
from dnacorpus.formats.sniff import ForeignFormatError, format_of, refuse_foreign
from dnacorpus.schemas.parts import FEATURES

SEQ = "NC_000001.1"
VERSION = "##gff-version 3"
REGION = f"{SEQ}\tRefSeq\tregion\t1\t1000\t.\t+\t.\tID=r;Dbxref=taxon:9;gbkey=Src;genome=genomic;mol_type=genomic DNA"
CIRCULAR = f"{REGION};Is_circular=true"


def line(kind, start, end, strand="+", attributes="", phase=".", seqid=SEQ):  # noqa: PLR0917
    return f"{seqid}\tRefSeq\t{kind}\t{start}\t{end}\t.\t{strand}\t{phase}\t{attributes}"


def read(*lines, seqid=SEQ):
    return read_gff([f"{text}\n".encode() for text in (VERSION, *lines)], "made.gff")[seqid]


def rows(*lines, length=None):
    return list(read(*lines).features(length))


def places(found):
    return [(row["kind"], row["location"]) for row in found]


def qualifiers(row):
    return [(item["key"], item["value"]) for item in row["qualifiers"]]


GENE = [
    line("gene", 100, 900, "-", "ID=g;gbkey=Gene;gene=abc;locus_tag=L_1;gene_synonym=a1,a2;old_locus_tag=X1,X2"),
    line("mRNA", 100, 900, "-", "ID=t;Parent=g;gbkey=mRNA;product=abc%2C variant 1;transcript_id=NM_1.1"),
    line("exon", 700, 900, "-", "ID=e1;Parent=t;gbkey=mRNA"),
    line("exon", 100, 300, "-", "ID=e2;Parent=t;gbkey=mRNA"),
    line("CDS", 700, 800, "-", "ID=c;Parent=t;gbkey=CDS;product=abc protein;protein_id=NP_1.1;transl_table=4", 1),
    line("CDS", 200, 300, "-", "ID=c;Parent=t;gbkey=CDS;product=abc protein;protein_id=NP_1.1;transl_table=4", 2),
]


def test_a_spliced_gene_has_the_rows_of_its_flat_file():
    found = rows(REGION, *GENE)
    assert places(found) == [
        ("source", "1..1000"),
        ("gene", "complement(100..900)"),
        ("mRNA", "complement(join(100..300,700..900))"),
        ("CDS", "complement(join(200..300,700..800))"),
    ]
    assert [row["index"] for row in found] == [0, 1, 2, 3]
    assert found[2]["product"] == "abc, variant 1"
    coding = found[3]
    parts = [{"accession": None, "start": a, "end": b, "strand": -1} for a, b in ((699, 800), (199, 300))]
    assert coding["parts"] == parts
    assert (coding["start"], coding["end"], coding["strand"], coding["operator"]) == (199, 800, -1, "join")
    assert (coding["codon_start"], coding["transl_table"], coding["protein_id"]) == (2, 4, "NP_1.1")
    assert (coding["gene"], coding["locus_tag"]) == ("abc", "L_1")
    assert qualifiers(coding) == [("gene_synonym", "a1; a2"), ("old_locus_tag", "X1"), ("old_locus_tag", "X2")]
    assert ("transcript_id", "NM_1.1") in qualifiers(found[2])


def test_rows_are_those_of_the_features_table():
    found = rows(REGION, *GENE)
    names = [name for name in FEATURES.names if name not in ("accession", "ordinal")]
    assert all(set(row) == set(names) for row in each(found))
    schema = pa.schema([FEATURES.field(name) for name in names])
    assert pa.Table.from_pylist(found, schema=schema).to_pylist() == found


@given(st.permutations(GENE))
def test_the_order_of_lines_does_not_matter(lines):
    found = {row["kind"]: row | {"index": 0} for row in rows(REGION, *lines)}
    assert found == {row["kind"]: row | {"index": 0} for row in rows(REGION, *GENE)}


@pytest.mark.parametrize(
    ("strand", "lines", "location", "end"),
    [
        ("+", [(900, 1050)], "join(900..1000,1..50)", 1050),
        ("-", [(900, 1050)], "complement(join(900..1000,1..50))", 1050),
        ("+", [(900, 950), (980, 1050), (1100, 1150)], "join(900..950,980..1000,1..50,100..150)", 1150),
        ("-", [(1100, 1150), (900, 1050)], "complement(join(900..1000,1..50,100..150))", 1150),
        ("+", [(900, 1000), (1, 50)], "join(900..1000,1..50)", 1050),
        ("-", [(1, 50), (900, 1000)], "complement(join(900..1000,1..50))", 1050),
        ("+", [(900, 50)], "join(900..1000,1..50)", 1050),
    ],
)
def test_across_the_origin(strand, lines, location, end):
    spans = [line("CDS", a, b, strand, "ID=c;gbkey=CDS", 0) for a, b in lines]
    (found,) = rows(f"##sequence-region {SEQ} 1 1000", CIRCULAR, *spans)[1:]
    assert (found["location"], found["start"], found["end"]) == (location, 899, end)
    assert all(0 <= part["start"] < part["end"] <= 1000 for part in each(found["parts"]))


def test_the_length_of_the_bases_counts_where_the_file_has_none():
    whole = CIRCULAR.replace("\t1\t", "\t2\t")
    annotation = read(whole, line("CDS", 900, 1050, "+", "ID=c;gbkey=CDS", 0))
    assert annotation.region.length is None
    assert [row["end"] for row in annotation.features(1000)] == [1000, 1050]
    assert places(annotation.features(1000))[1] == ("CDS", "join(900..1000,1..50)")
    assert places(annotation.features())[1] == ("CDS", "900..1050")


def test_coordinates_beyond_a_linear_molecule_are_kept():
    (found,) = rows(REGION, line("CDS", 900, 1050, "+", "ID=c;gbkey=CDS", 0))[1:]
    assert (found["end"], found["location"]) == (1050, "900..1050")


def test_trans_splicing_follows_the_parts_and_order_is_kept():
    gene = "ID=g;gbkey=Gene;gene=rps12;exception=trans-splicing"
    found = rows(
        REGION,
        line("gene", 100, 200, "+", f"{gene};part=2"),
        line("gene", 700, 800, "-", f"{gene};part=1"),
        line("CDS", 700, 800, "-", "ID=c;Parent=g;gbkey=CDS;exception=trans-splicing", 0),
        line("CDS", 150, 200, "+", "ID=c;Parent=g;gbkey=CDS;exception=trans-splicing", 0),
        line("CDS", 100, 120, "+", "ID=c;Parent=g;gbkey=CDS;exception=trans-splicing", 0),
        line("exon", 1, 5, "+", "ID=o;gbkey=exon;is_ordered=true"),
        line("exon", 9, 9, "+", "ID=o;gbkey=exon;is_ordered=true"),
    )
    assert places(found)[1:] == [
        ("gene", "join(complement(700..800),100..200)"),
        ("CDS", "join(complement(700..800),150..200,100..120)"),
        ("exon", "order(1..5,9)"),
    ]
    assert found[2]["strand"] == 0
    assert ("trans_splicing", None) in qualifiers(found[2])
    assert found[3]["operator"] == "order"


@pytest.mark.parametrize(
    ("strand", "ranges", "location", "flags"),
    [
        ("+", "start_range=.,100", "<100..200", (True, False)),
        ("-", "start_range=.,100", "complement(<100..200)", (True, False)),
        ("+", "end_range=200,.", "100..>200", (False, True)),
        ("-", "start_range=.,100;end_range=200,.", "complement(<100..>200)", (True, True)),
        ("+", "partial=true", "100..200", (False, False)),
        ("+", "start_range=90,100", "100..200", (False, False)),
        ("+", "start_range=.%2C100", "<100..200", (True, False)),
        ("+", "start_range=.,77", "<100..200", (True, False)),
    ],
)
def test_partial_ends(strand, ranges, location, flags):
    (found,) = rows(line("gene", 100, 200, strand, f"ID=g;gbkey=Gene;{ranges}"))
    assert (found["location"], (found["partial_start"], found["partial_end"])) == (location, flags)


def test_partial_ends_of_a_spliced_feature_are_at_its_ends():
    parts = [line("CDS", a, a + 9, "-", "ID=c;gbkey=CDS;end_range=309,.", 0) for a in (300, 200, 100)]
    assert places(rows(*parts)) == [("CDS", "complement(join(100..109,200..209,300..>309))")]


@pytest.mark.parametrize(
    ("feature_type", "gbkey", "kind"),
    [
        ("pseudogene", "Gene", "gene"),
        ("region", "Src", "source"),
        ("biological_region", "Region", "misc_feature"),
        ("lnc_RNA", "ncRNA", "ncRNA"),
        ("transcript", "misc_RNA", "misc_RNA"),
        ("five_prime_UTR", "5'UTR", "5'UTR"),
        ("mature_protein_region_of_CDS", "Prot", "mat_peptide"),
        ("signal_peptide_region_of_CDS", "Prot", "sig_peptide"),
        ("transit_peptide_region_of_CDS", "Prot", "transit_peptide"),
        ("propeptide_region_of_CDS", "Prot", "propeptide"),
        ("V_gene_segment", "V_segment", "V_segment"),
        ("CDS", None, "CDS"),
        ("lnc_RNA", None, "ncRNA"),
        ("promoter", None, "regulatory"),
        ("chromosome_band", None, "misc_feature"),
        ("gene", "not a key", "gene"),
    ],
)
def test_kinds(feature_type, gbkey, kind):
    assert kind_of(feature_type, gbkey) == kind


def test_qualifiers_are_those_of_a_flat_file():
    (found,) = rows(
        line(
            "CDS", 1, 9, "+",
            "ID=c;Name=NP_1.1;gbkey=CDS;Dbxref=GenBank:NP_1.1,GeneID:7,HGNC:HGNC:1;Note=a%3B b%2C c,d;"
            "Ontology_term=GO:0000001;go_function=binds%2C well|0000001||IEA;go_process=runs|0000002|99|IDA;"
            "inference=COORDINATES: x,y;exception=ribosomal slippage,RNA editing;transl_except=(pos:1..3%2Caa:Trp);"
            "ec_number=1.1.1.1,2.2.2.2;product=p%0Aq;pseudo=true;description=long one",
            2,
        )
    )  # fmt: skip
    assert (found["product"], found["pseudo"], found["codon_start"]) == ("p q", True, 3)
    assert qualifiers(found) == [
        ("db_xref", "GeneID:7"),
        ("db_xref", "HGNC:HGNC:1"),
        ("GO_function", "GO:0000001 - binds, well [Evidence IEA]"),
        ("GO_process", "GO:0000002 - runs [Evidence IDA] [PMID 99]"),
        ("inference", "COORDINATES: x"),
        ("inference", "y"),
        ("ribosomal_slippage", None),
        ("exception", "RNA editing"),
        ("transl_except", "(pos:1..3,aa:Trp)"),
        ("EC_number", "1.1.1.1"),
        ("EC_number", "2.2.2.2"),
        ("note", "a; b, c; d; long one"),
    ]


@pytest.mark.parametrize(
    ("kind", "attributes", "expected"),
    [
        ("lnc_RNA", "gbkey=ncRNA", [("ncRNA_class", "lncRNA")]),
        ("riboswitch", "gbkey=regulatory;regulatory_class=riboswitch", [("regulatory_class", "riboswitch")]),
        ("promoter", "", [("regulatory_class", "promoter")]),
        ("exon", "gbkey=exon;exon_number=3", [("number", "3")]),
        ("exon", "gbkey=exon;exon_number=3;number=3a", [("number", "3a")]),
        ("biological_region", "gbkey=Region;Name=R;Note=repeat", [("note", "repeat; Region: R")]),
        (
            "region",
            "gbkey=Src;genome=chloroplast;nat-host=Oak",
            [("organelle", "plastid:chloroplast"), ("host", "Oak")],
        ),
        ("region", "gbkey=Src;genome=chromosome;old-name=X;focus=true", [("focus", None)]),
        ("CDS", "Ontology_term=GO:1,GO:2", [("db_xref", "GO:1"), ("db_xref", "GO:2")]),
        ("gene", "Note=50%25 of;colour=red;empty=;;bare", [("colour", "red"), ("note", "50% of")]),
    ],
)
def test_single_qualifiers(kind, attributes, expected):
    (found,) = rows(line(kind, 1, 9, "+", attributes))
    assert qualifiers(found) == expected


def test_the_region_of_a_sequence():
    found = read(
        "#!genome-build-accession NCBI_Assembly:GCF_000000001.1",
        f"##sequence-region {SEQ} 1 1000",
        "##species https://www.ncbi.nlm.nih.gov/Taxonomy/Browser/wwwtax.cgi?id=11",
        CIRCULAR.replace("Dbxref=taxon:9;", "") + ";strain=S",
    ).region
    assert (found.length, found.circular, found.taxid, found.organism) == (1000, True, 11, None)
    assert (found.genome, found.mol_type, found.assembly) == ("genomic", "genomic DNA", "GCF_000000001.1")
    assert found.qualifiers == [("mol_type", "genomic DNA"), ("strain", "S")]
    assert read(REGION).region.taxid == 9
    assert read("##species Homo sapiens", line("gene", 1, 9)).region.organism == "Homo sapiens"


def test_a_region_of_other_tools_is_source_where_it_is_the_whole():
    found = rows(f"##sequence-region {SEQ} 1 1000", line("contig", 1, 1000), line("region", 5, 9))
    assert [row["kind"] for row in found] == ["source", "misc_feature"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (f"{SEQ}\tRefSeq\tgene\t1\t9\t.\t+\t.", "columns"),
        (line("gene", 0, 9), "coordinates"),
        (line("gene", "1.5", 9), "coordinates"),
        (line("gene", 1, 10**30), "coordinates"),
        (line("gene", 9, 1), "reversed"),
        (line("gene", 1, 9, "x"), "strand"),
        (line("CDS", 1, 9, "+", "ID=x", 3), "phase"),
        (f"##sequence-region {SEQ} one 1000", "directive"),
    ],
)
def test_an_invalid_line_costs_only_itself(bad, reason):
    found = read(REGION, *GENE[:3], bad, *GENE[3:])
    assert list(found.features()) == rows(REGION, *GENE)
    assert found.flaws == [(6, reason)]


def test_a_line_without_columns_belongs_to_no_sequence():
    found = read_gff([b"##gff-version 3\n", REGION.encode(), b"\n", b"rubbish\n"], "made.gff")
    assert {name: annotation.flaws for name, annotation in found.items()} == {SEQ: [], "": [(4, "columns")]}


def test_minor_flaws_cost_nothing():
    found = read(line("gene", 1, 9, "+", "ID=g;Note=91% of it;locus_tag=L%zz"), line("CDS", 1, 9, "+", "Parent=no", 0))
    first, second = found.features()
    assert qualifiers(first) == [("note", "91% of it")]
    assert (first["locus_tag"], second["kind"]) == ("L%zz", "CDS")
    assert found.flaws == [(2, "escape"), (3, "parent")]


def test_exons_without_their_transcript_form_one():
    lost = [text for text in GENE if "\tmRNA\t" not in text]
    found = read(*lost)
    assert places(found.features()) == [
        ("gene", "complement(100..900)"),
        ("mRNA", "complement(join(100..300,700..900))"),
        ("CDS", "complement(join(200..300,700..800))"),
    ]
    assert found.flaws == [(3, "parent"), (4, "parent"), (5, "parent")]


def test_an_exon_of_many_missing_transcripts_forms_a_hundred():
    found = read(line("exon", 1, 9, attributes="Parent=" + ",".join(f"t{number}" for number in range(150))))
    assert places(found.features()) == [("misc_RNA", "1..9")] * 100
    assert found.flaws == [(2, "parent")]


def test_an_exon_before_its_transcripts_is_a_part_of_each():
    found = read(
        line("exon", 1, 9, attributes="Parent=t1,t2,t3"),
        line("mRNA", 1, 90, attributes="ID=t1"),
        line("mRNA", 1, 80, attributes="ID=t2"),
    )
    assert places(found.features()) == [("misc_RNA", "1..9"), ("mRNA", "1..9"), ("mRNA", "1..9")]
    assert found.flaws == [(2, "parent")]


def test_exons_of_a_gene_are_features_and_one_exon_may_have_two_transcripts():
    found = rows(
        line("gene", 1, 90, "+", "ID=g;gbkey=Gene;gene=abc"),
        line("exon", 1, 20, "+", "ID=x1;Parent=g;gbkey=exon"),
        line("mRNA", 1, 90, "+", "ID=t1;Parent=g;gbkey=mRNA"),
        line("mRNA", 1, 60, "+", "ID=t2;Parent=g;gbkey=mRNA"),
        line("exon", 1, 20, "+", "Parent=t1,t2"),
        line("exon", 80, 90, "+", "Parent=t1"),
        line("exon", 50, 60, "+", "Parent=t2"),
    )
    assert places(found) == [
        ("gene", "1..90"),
        ("exon", "1..20"),
        ("mRNA", "join(1..20,80..90)"),
        ("mRNA", "join(1..20,50..60)"),
    ]
    assert found[1]["gene"] == "abc"


def test_cds_lines_without_an_id_are_joined_by_their_parent():
    cds = [line("CDS", a, a + 9, "+", "Parent=t", 0) for a in (10, 40)]
    found = read(line("mRNA", 10, 49, "+", "ID=t"), *cds)
    assert places(found.features()) == [("mRNA", "join(10..19,40..49)"), ("CDS", "join(10..19,40..49)")]
    assert found.flaws == []


def test_one_id_on_two_sequences_or_two_types_is_not_one_feature():
    other = "NC_000002.1"
    texts = [
        line("gene", 1, 9, "+", "ID=g"),
        line("gene", 5, 9, "+", "ID=g", seqid=other),
        line("CDS", 1, 9, "+", "ID=g", 0),
    ]
    found = read_gff([text.encode() for text in texts], "made.gff")
    assert list(found) == [SEQ, other]
    assert places(found[SEQ].features()) == [("gene", "1..9"), ("CDS", "1..9")]
    assert places(found[other].features()) == [("gene", "5..9")]


def test_a_circle_of_parents_ends():
    found = rows(line("gene", 1, 9, "+", "ID=a;Parent=b"), line("CDS", 1, 9, "+", "ID=b;Parent=a", 0))
    assert [row["gene"] for row in found] == [None, None]


def test_alignments_are_counted_and_left_out():
    found = read(REGION, line("cDNA_match", 1, 9, "+", "ID=a;Target=NM_1.1 1 9 +"), line("match", 1, 9))
    assert (len(list(found.features())), found.omitted) == (1, {"cDNA_match": 1, "match": 1})


@pytest.mark.parametrize("ending", ["##FASTA", f">{SEQ}"])
def test_bases_end_the_annotation(ending):
    found = read_gff([f"{text}\n".encode() for text in (VERSION, REGION, ending, f">{SEQ}", "ACGT")], "made.gff")
    assert {name: (len(each.entries), each.flaws) for name, each in found.items()} == {SEQ: (1, [])}


def test_line_ends_marks_and_names():
    lines = [b"\xef\xbb\xbf##gff-version 3\r\n", b"\r\n", REGION.replace(SEQ, f"gi|5|ref|{SEQ}|").encode() + b"\r\n"]
    found = read_gff(lines, "made.gff")
    assert (list(found), found[SEQ].flaws, found[SEQ].region.mol_type) == ([SEQ], [], "genomic DNA")
    assert read_gff([], "empty.gff") == {}


# GTF


def gtf(kind, start, end, strand="+", phase=".", **attributes):
    return line(kind, start, end, strand, " ".join(f'{key} "{value}";' for key, value in attributes.items()), phase)


NAMES = {"gene_id": "L_1", "transcript_id": "unassigned_transcript_1", "gbkey": "CDS", "locus_tag": "L_1"}


@pytest.mark.parametrize(
    ("strand", "cds", "stop", "location"),
    [
        ("+", [(10, 18)], [(19, 21)], "10..21"),
        ("-", [(10, 18)], [(7, 9)], "complement(7..18)"),
        ("+", [(10, 18)], [(19, 19), (40, 41)], "join(10..19,40..41)"),
        ("-", [(40, 48)], [(39, 39), (10, 11)], "complement(join(10..11,39..48))"),
        ("+", [(10, 18)], [(40, 42)], "join(10..18,40..42)"),
        ("+", [(10, 18)], [(16, 18)], "10..18"),
        ("+", [(10, 18), (30, 35)], [(36, 38)], "join(10..18,30..38)"),
        ("-", [(30, 35), (10, 18)], [(7, 9)], "complement(join(7..18,30..35))"),
        ("+", [(10, 18)], [], "10..18"),
    ],
)
def test_the_stop_codon_belongs_to_the_cds(strand, cds, stop, location):
    coding = [gtf("CDS", a, b, strand, 0, **NAMES, product="a; b") for a, b in cds]
    stops = [gtf("stop_codon", a, b, strand, 0, **NAMES) for a, b in stop]
    for lines in (coding + stops, stops + coding):
        found = read(*lines)
        (row,) = found.features()
        assert (row["location"], row["codon_start"], row["product"]) == (location, 1, "a; b")
        assert found.flaws == []


def test_a_start_codon_outside_its_cds_is_a_flaw():
    cds = gtf("CDS", 10, 18, "+", 0, **NAMES)
    assert read(cds, gtf("start_codon", 10, 12, "+", 0, **NAMES)).flaws == []
    assert read(cds, gtf("start_codon", 20, 22, "+", 0, **NAMES)).flaws == [(3, "codon")]
    assert read(gtf("stop_codon", 20, 22, "+", 0, **NAMES)).flaws == [(2, "codon")]


def test_codons_beyond_the_first_hundred_of_a_cds_are_flaws():
    cds = gtf("CDS", 10, 18, "+", 0, **NAMES)
    found = read(cds, *[gtf("stop_codon", 19, 21, "+", 0, **NAMES)] * 102)
    assert places(found.features()) == [("CDS", "10..21")]
    assert found.flaws == [(103, "codon"), (104, "codon")]


def test_quotation_marks_inside_a_gtf_value_belong_to_it():
    found = rows(gtf("CDS", 1, 9, note='the "b" chain; "c"', tag="x") + ' db_xref "GO:1" ; note "open')
    assert qualifiers(found[0])[-2:] == [("db_xref", "GO:1"), ("note", 'the "b" chain; "c"')]


def test_a_gtf_of_ncbi():
    names = {"gene_id": "abc", "db_xref": "GeneID:7", "gene": "abc"}
    found = read(
        gtf("gene", 1, 90, "-", transcript_id="", gbkey="Gene", **names, description="a gene", pseudo="true"),
        gtf("transcript", 1, 90, "-", transcript_id="NM_1.1", gbkey="mRNA", **names, product='5" end; 3'),
        gtf("exon", 61, 90, "-", transcript_id="NM_1.1", gbkey="mRNA", exon_number=1, **names),
        gtf("exon", 1, 30, "-", transcript_id="NM_1.1", gbkey="mRNA", exon_number=2, **names),
        gtf("CDS", 61, 80, "-", 0, transcript_id="NM_1.1", gbkey="CDS", protein_id="NP_1.1", **names),
        gtf("CDS", 10, 30, "-", 2, transcript_id="NM_1.1", gbkey="CDS", protein_id="NP_1.1", **names),
        gtf("stop_codon", 7, 9, "-", 0, transcript_id="NM_1.1", gbkey="CDS", protein_id="NP_1.1", **names),
    )
    first, rna, coding = found.features()
    assert (first["location"], first["gene"], first["pseudo"], first["locus_tag"]) == (
        "complement(1..90)",
        "abc",
        True,
        None,
    )
    assert qualifiers(first) == [("db_xref", "GeneID:7"), ("note", "a gene")]
    assert (rna["kind"], rna["location"], rna["product"]) == ("mRNA", "complement(join(1..30,61..90))", '5" end; 3')
    assert qualifiers(rna) == [("transcript_id", "NM_1.1"), ("db_xref", "GeneID:7")]
    assert (coding["location"], coding["protein_id"]) == ("complement(join(7..30,61..80))", "NP_1.1")
    assert qualifiers(coding) == [("db_xref", "GeneID:7")]
    assert found.flaws == []


def test_exons_define_the_transcripts_of_an_old_gtf():
    one, two = (
        {"gene_id": "g", "transcript_id": "t1"},
        {"gene_id": "g", "transcript_id": "t2", "gene_biotype": "lncRNA"},
    )
    found = read(
        gtf("exon", 1, 30, **one),
        gtf("exon", 61, 90, **one),
        gtf("CDS", 10, 30, "+", 0, **one),
        gtf("exon", 200, 300, **two),
    )
    assert places(found.features()) == [("mRNA", "join(1..30,61..90)"), ("CDS", "10..30"), ("ncRNA", "200..300")]
    assert {row["locus_tag"] for row in found.features()} == {"g"}
    assert found.flaws == []


def test_a_gtf_of_ensembl():
    names = {"gene_id": "ENSG1", "gene_name": "abc", "gene_biotype": "protein_coding"}
    lines = [
        gtf("exon", 1, 30, transcript_id="T1", **names),
        gtf("gene", 1, 90, **names),
        gtf("transcript", 1, 90, transcript_id="T1", transcript_biotype="protein_coding", **names),
        gtf("exon", 61, 90, transcript_id="T1", **names),
    ]
    found = rows(*lines)
    assert places(found) == [("gene", "1..90"), ("mRNA", "join(1..30,61..90)")]
    assert [(row["gene"], row["locus_tag"]) for row in found] == [("abc", "ENSG1")] * 2


# Generated annotations and damaged lines


WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]) | st.just(" "), min_size=1, max_size=30)
VALUES = WORDS.map(lambda text: " ".join(text.split())).filter(lambda text: text and text[0] != '"')


@st.composite
def made(draw):
    edges = sorted(draw(st.sets(st.integers(1, 10**9), min_size=2, max_size=10)))
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    kind = draw(st.sampled_from(["gene", "CDS", "tRNA", "misc_feature", "exon"]))
    strand = draw(st.sampled_from("+-"))
    names = draw(st.dictionaries(st.sampled_from(["gene", "locus_tag", "product", "protein_id", "note"]), VALUES))
    return kind, strand, spans, names, draw(st.booleans()), draw(st.booleans()), draw(st.integers(0, 2))


def escaped(value):
    return "".join(f"%{ord(sign):02X}" if sign in "%;,=&\t" else sign for sign in value)


def as_gff(number, feature):
    kind, strand, spans, names, low, high, phase = feature
    attributes = "".join(f";{key}={escaped(value)}" for key, value in names.items())
    ends = f";start_range=.,{spans[0][0]}" * low + f";end_range={spans[-1][1]},." * high
    gbkey = "Gene" if kind == "gene" else kind
    return [line(kind, a, b, strand, f"ID=f{number};gbkey={gbkey}{attributes}{ends}", phase) for a, b in spans]


def as_row(number, feature):
    kind, strand, spans, names, low, high, phase = feature
    texts = [str(a) if a == b else f"{a}..{b}" for a, b in spans]
    texts[0] = "<" * low + texts[0]
    first, dots, last = texts[-1].rpartition("..")
    texts[-1] = f"{first}{dots}{'>' * high}{last}"
    text = texts[0] if len(texts) == 1 else f"join({','.join(texts)})"
    pairs = [(key, names[key]) for key in ("gene", "locus_tag", "product", "protein_id") if key in names]
    pairs += [("codon_start", str(phase + 1))] if kind == "CDS" else []
    pairs += [("note", names["note"])] if "note" in names else []
    return feature_row(GenBankFeature(kind, text if strand == "+" else f"complement({text})", pairs), number, 0, False)


@given(st.lists(made(), max_size=6), st.randoms(use_true_random=False))
def test_generated_annotations_are_read_back(features, chance):
    groups = [as_gff(number, feature) for number, feature in enumerate(features)]
    for group in groups:
        chance.shuffle(group)
    found = read_gff([text.encode() for group in groups for text in group], "made.gff")
    got = list(found[SEQ].features()) if features else []
    for row, feature in zip(got, features, strict=True):
        assert row == as_row(row["index"], feature)


ALPHABET = [*b'\t\t\t\n\n#;=%,"<>@+-.0123456789 IDParent', 0, 255]


def invalid_columns(data):
    """Return why a line is invalid by its columns alone, or None: what `flaws` must say of it."""
    columns = data.split(b"\t")
    if len(columns) < 9:
        return "columns"
    if not all(1 <= len(text) <= 18 and text.isdigit() and text[:1] != b"0" for text in columns[3:5]):
        return "coordinates"
    if columns[6] not in (b"+", b"-", b".", b"?"):
        return "strand"
    return None if columns[7] in (b"0", b"1", b"2", b".") else "phase"


def lines_of_features(data):
    """Return line number -> text of the lines that should be features, up to the bases."""
    found = {}
    for number, raw in enumerate(data.splitlines(keepends=True), 1):
        text = raw.rstrip(b"\r\n")
        if text.startswith((b"##FASTA", b">")):
            break
        if text.strip() and not text.startswith(b"#"):
            found[number] = text
    return found


@given(st.integers(0, 10**9), st.integers(1, 25))
def test_every_damaged_line_is_counted_or_the_file_refused(seed, changes):
    chance = random.Random(seed)
    ncbi = [gtf("CDS", 10, 18, "+", 0, **NAMES), gtf("stop_codon", 19, 21, "+", 0, **NAMES)]
    data = bytearray(
        "\n".join([VERSION, f"##sequence-region {SEQ} 1 1000", CIRCULAR, *GENE, *ncbi, "##FASTA"]).encode()
    )
    for _ in range(changes):
        at = chance.randrange(len(data))
        data[at : at + chance.choice((0, 1, 1, 9))] = bytes(chance.choices(ALPHABET, k=chance.choice((0, 1, 3))))
    lines = lines_of_features(bytes(data))
    verdicts = {number: invalid_columns(text) for number, text in lines.items()}
    try:
        annotations = read_gff(bytes(data).splitlines(keepends=True), "made.gff").values()
    except ForeignFormatError:
        assert all(verdicts.values()) or not data.startswith(b"##gff-version 3")
        return
    flaws = [flaw for annotation in annotations for flaw in annotation.flaws]
    by_columns = {number: reason for number, reason in flaws if reason in ("columns", "coordinates", "strand", "phase")}
    assert by_columns == {number: reason for number, reason in verdicts.items() if reason}
    entries = [entry for annotation in annotations for entry in annotation.entries]
    intervals = sum(len(entry.spans) + len(entry.exons or ()) for entry in entries) // 5
    omitted = sum(sum(annotation.omitted.values()) for annotation in annotations)
    reversed_lines = sum(reason == "reversed" for _, reason in flaws)
    # A codon of GTF may lie in its CDS, and then has no interval of its own.
    codons = sum(text.split(b"\t")[2:3] in ([b"start_codon"], [b"stop_codon"]) for text in lines.values())
    assert intervals + omitted + reversed_lines + codons + len(by_columns) >= len(lines)
    for annotation in annotations:
        assert len(list(annotation.features())) == len(annotation.entries)


@given(st.lists(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), max_size=8))
def test_any_bytes_are_refused_by_name_or_counted(lines):
    refused, annotations = "", []
    try:
        annotations = list(read_gff(lines, "made.gff").values())
    except CorpusError as error:
        refused = str(error)
    assert not refused or refused.startswith("made.gff: expected GFF3 or GTF, found ")
    assert [len(list(one.features())) for one in annotations] == [len(one.entries) for one in annotations]


# Other formats


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("@r1\nACGT\n+\nIIII\n", "FASTQ"),
        ("@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:5\n", "SAM"),
        ("r1\t0\tchr1\t7\t60\t4M\t*\t0\t0\tACGT\tIIII\n", "SAM"),
        ("BAM\x01\x00\x00\x00\x00", "BAM"),
        ("CRAM\x03\x00", "CRAM"),
        ("##fileformat=VCFv4.3\n#CHROM\tPOS\n", "VCF"),
        ("BCF\x02\x02", "BCF"),
        ("track type=wiggle_0 name=x\nfixedStep chrom=chr1 start=1 step=1\n5\n", "WIG"),
        ("# made\nvariableStep chrom=chr1\n1 5\n", "WIG"),
        ("track type=bedGraph\nchr1\t0\t9\t1.5\n", "bedGraph"),
        ("chr1\t0\t9\t1.5\n", "bedGraph"),
        ("browser position chr1:1-9\n", "BED"),
        ("chr1\t0\t9\tname\t0\t+\n", "BED"),
        ("chr1\t0\t9\n", "BED"),
        ("LOCUS       X 5 bp DNA\n", "GenBank"),
        ("ID   X; SV 1; linear\n", "EMBL"),
        (">X\nACGT\n", "FASTA"),
        ("\x1f\x8b\x08", "gzip"),
        ("PK\x03\x04", "zip"),
        ("%PDF-1.7\n", "PDF"),
        ("<!DOCTYPE html>\n", "HTML"),
        ("\x1a\x41\x27\x43", "2bit"),
        ("ID   SOCS5_HUMAN             Reviewed;         536 AA.\n", "UniProt"),
    ],
)
def test_other_formats_are_refused_by_name(text, name):
    lines = text.encode("latin-1").splitlines(keepends=True)
    assert format_of(lines) == name
    with pytest.raises(ForeignFormatError, match=rf"^reads\.x: expected GFF3 or GTF, found {name}: .+; \w+"):
        read_gff(lines, "reads.x")
    refuse_foreign(lines, "reads.x", "FASTA", accepted=(name,))


def test_a_file_without_a_readable_line_is_refused():
    with pytest.raises(
        ForeignFormatError, match=r"a\.gff: expected GFF3 or GTF, found no readable line.*line 2: 'gene'"
    ):
        read_gff([b"\n", b"gene\n", b"body\n"], "a.gff")
    assert issubclass(ForeignFormatError, CorpusError)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ([], None),
        ([VERSION], "GFF3"),
        (["#gtf-version 2.2", REGION], "GTF"),
        ([REGION], "GFF3"),
        ([gtf("CDS", 1, 9, "+", 0, gene_id="g")], "GTF"),
    ],
)
def test_gff_and_gtf_are_not_foreign(head, name):
    lines = [text.encode() for text in head]
    assert format_of(lines) == name
    read_gff(lines, "a.gff")


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("regulatory_region", "regulatory"),
        ("CRISPR", "repeat_region"),
        ("oriC", "rep_origin"),
        ("oriV", "rep_origin"),
        ("oriT", "oriT"),
        ("signal_peptide", "sig_peptide"),
    ],
)
def test_types_of_bakta_are_those_of_a_flat_file(kind, key):
    for strand in each("+-"):
        assert [row["kind"] for row in rows(line(kind, 1, 90, strand, attributes="ID=a"))] == [key]


def test_an_exon_that_claims_to_be_the_source_states_no_length():
    annotation = read(line("exon", 1, 9, attributes="ID=x;Parent=t;gbkey=Src;Is_circular=true"))
    assert annotation.region.length is None

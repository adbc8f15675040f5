"""What features say of themselves, kind by kind: the cases that real records hold, and that no fact is told twice."""

import random
import re

import pytest
from support import oracle
from support.described import SOURCE, bound_texts, everywhere, gene_passages, gene_texts, nowhere
from support.each import each
from support.flatfile import record
from support.readrecord import read_record
from support.rederive import problems

from dnacorpus.formats.record import Record
from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.pairs.gene import describe_feature
from dnacorpus.sequence import genetic_code
from dnacorpus.text.templates import Templates

BASES = "".join(random.Random(3).choices("ACGT", k=1200))
EUKARYOTE = {"organism": "Zea mays", "lineage": ["Eukaryota", "Viridiplantae"]}


def read(*features, **options) -> tuple[Record, str]:
    text = record(sequence=BASES, features=[SOURCE, *features], **options)
    found = read_record(text.encode(), lambda accession: None)
    found.row.update(division="bacteria", part="bacteria.1", release="1", ordinal=0)
    return found, text


def texts(kind: str, location: str, *qualifiers: tuple[str, str | None], others=(), **options) -> list[str]:
    """Every text that the first feature gets under forty keys, each derived again by Biopython."""
    found, text = read((kind, location, qualifiers), *others, **options)
    context, feature, seen = Context(found.row, found.features, found.sequence), found.features[1], oracle.read(text)[0]
    length = sum(part["end"] - part["start"] for part in feature["parts"])
    passages = [describe_feature(context, feature, str(key), length) for key in range(40)]
    sequence = str(seen.features[1].extract(seen.seq))
    about = {"kind": "gene", "accession": found.row["accession"], "feature_index": 1, "sequence": sequence, "pmids": []}
    for passage in passages:
        row = about | {"text": passage.text, "evidence": list(passage.evidence)}
        assert problems(row, seen) == [], passage.text
        assert re.search(r"\s\s|\.\.(?!\d)| [.,;]|None|\(\)|\ban? an? ", passage.text) is None, passage.text
        assert passage.text.endswith(".")
    return [passage.text for passage in passages]


def placed(found: list[str]) -> list[str]:
    """The texts that tell where the feature lies."""
    return [text for text in found if "NC_000001.1" in text]


def test_parts_are_called_exons_if_splicing_explains_them():
    mrna = ("gene", "adh1"), ("product", "alcohol dehydrogenase")
    spliced = "join(1..30,101..130,301..330)"
    assert everywhere(placed(texts("mRNA", spliced, *mrna, **EUKARYOTE)), "3 exons")
    assert everywhere(placed(texts("CDS", f"complement({spliced})", *mrna, **EUKARYOTE)), "3 exons")
    for found in (
        texts("CDS", spliced, *mrna),  # a bacterium
        texts("CDS", spliced, *mrna, ("pseudo", None), **EUKARYOTE),
        texts("CDS", "join(1..30,30..60)", *mrna, ("ribosomal_slippage", None), **EUKARYOTE),
        texts("CDS", "join(1..30,33..60)", *mrna, **EUKARYOTE),
        texts("repeat_region", spliced, ("rpt_family", "Alu"), **EUKARYOTE),
    ):
        assert everywhere(placed(found), "segments")
        assert nowhere(found, "exon", "splic")
    trans = texts("CDS", "join(1..30,complement(101..130))", *mrna, ("trans_splicing", None), **EUKARYOTE)
    assert everywhere(placed(trans), "2 exons", "both strands", "trans-splicing")
    assert nowhere(texts("CDS", "1..90", *mrna, **EUKARYOTE), "exon", "segment")


def test_a_polyprotein_counts_its_mature_peptides():
    inside = [("mat_peptide", place, [("product", "nsp")]) for place in ("1..30", "31..60", "61..90")]
    beyond = [("mat_peptide", "200..230", []), ("mat_peptide", "complement(31..60)", [])]
    whole = texts("CDS", "1..93", ("product", "genome polyprotein"), others=[*inside, *beyond])
    assert everywhere(whole, "3 mature peptides")
    assert nowhere(texts("CDS", "1..93", ("product", "genome polyprotein"), others=inside[:1]), "mature peptide")
    assert nowhere(texts("CDS", "1..93", ("product", "some kinase"), others=inside), "mature peptide")


def test_a_peptide_counts_once_and_in_the_frame_of_its_polyprotein():
    peptides = ["1..30", "1..30", "31..60", "61..75", "join(61..69,69..98)", "99..128", "92..97", "34..60"]
    others = [("mat_peptide", place, [("product", f"nsp{number}")]) for number, place in enumerate(peptides)]
    slipped = [("product", "polyprotein 1ab"), ("ribosomal_slippage", None)]
    # 1..30, 31..60, the one across the shift, 99..128 behind it; and 34..60, a piece of one
    assert everywhere(texts("CDS", "join(1..69,69..131)", *slipped, others=others), "5 mature peptides")
    assert everywhere(texts("CDS", "1..78", ("product", "polyprotein 1a"), others=others), "4 mature peptides")
    turned = [("mat_peptide", f"complement({place})", []) for place in ("61..90", "31..60", "30..44", "31..60")]
    assert everywhere(texts("CDS", "complement(1..90)", ("product", "polyprotein"), others=turned), "2 mature peptides")
    partial = [("mat_peptide", place, []) for place in ("<1..29", "30..59", "31..60")]
    begun = texts("CDS", "<1..90", ("product", "polyprotein"), ("codon_start", "3"), others=partial)
    assert everywhere(begun, "2 mature peptides")


def test_recoded_codons_are_counted():
    known = ("product", "formate dehydrogenase")
    two = [("transl_except", f"(pos:{place},aa:Sec)") for place in ("31..33", "complement(61..63)")]
    assert everywhere(texts("CDS", "1..90", known, *two), "2 codons", "selenocysteine")
    stop = ("transl_except", "(pos:90,aa:TERM)")
    assert everywhere(texts("CDS", "1..90", known, stop), "1 partial codon", "a stop")
    note = ("note", "TAA stop codon is completed by the addition of 3' A residues to the mRNA")
    assert nowhere(texts("CDS", "1..90", known, stop, note), "partial codon")
    assert nowhere(texts("CDS", "1..90", known, ("transl_except", "(pos:1..3,aa:Met)")), "Met", "codon")


@pytest.mark.parametrize("table", [*genetic_code.NAMES, 99])
def test_genetic_codes_have_the_names_that_biopython_gives_them(table):
    if table == 99:
        assert everywhere(texts("CDS", "1..90", ("transl_table", "99")), "99")
    else:
        assert everywhere(texts("CDS", "1..90", ("transl_table", str(table))), genetic_code.NAMES[table], str(table))


def test_a_hedged_product_is_not_called_predicted_as_well():
    found = texts("CDS", "1..93", ("gene", "yaaA"), ("product", "putative transcriptional regulator"))
    assert everywhere(found, "putative transcriptional regulator")
    assert nowhere(found, "predict", "encodes")
    assert nowhere(texts("CDS", "1..93", ("product", "kinase, putative")), "predict", "encodes")
    peptide = texts("mat_peptide", "1..93", ("product", "putative protease"))
    assert everywhere(peptide, "mature peptide", "putative protease")
    assert nowhere(peptide, "predict", "encodes")


def test_a_name_that_begins_with_its_kind_does_not_follow_the_kind():
    assert everywhere(texts("mat_peptide", "1..90", ("product", "mature peptide 2")), "mature peptide 2")
    assert nowhere(texts("mat_peptide", "1..90", ("product", "mature peptide 2")), "peptide mature")
    named = texts("telomere", "1..90", ("standard_name", "telomere TEL01L"))
    assert everywhere(named, "telomere TEL01L")
    assert nowhere(named, "telomere telomere")


def frees(kind: str, *qualifiers: tuple[str, str | None]) -> list[bool]:
    """Whether a feature's texts are free of orientation, for those that do not tell its place."""
    found, _ = read((kind, "1..90", qualifiers))
    passages = [
        describe_feature(Context(found.row, found.features, found.sequence), found.features[1], str(key), 90)
        for key in range(40)
    ]
    return [passage.orientation_free for passage in passages if "NC_000001.1" not in passage.text]


@pytest.mark.parametrize(
    ("note", "free"),
    [("copied from bases 12..34 of it", False), ("has a deletion of 1,200 bp in it", False),
     ("its start codon is GTG", False),
     ("transcribed from the comp strand only", False), ("lies upstream of the promoter", False),
     ("at position seven of the cluster", False), ("the left end of the transposon", False),
     ("catalyzes transposition of its composite", True), ("binds single strand breaks of DNA", True)],
)  # fmt: skip
def test_a_note_that_states_positions_is_not_orientation_free(note, free):
    assert set(frees("CDS", ("product", "some kinase"), ("note", note))) == {free}
    assert set(frees("misc_feature", ("note", note))) == {free}


def test_a_repeat_unit_is_not_orientation_free():
    assert set(frees("repeat_region", ("rpt_family", "Alu"), ("rpt_unit_seq", "attcg"))) == {False}
    assert set(frees("repeat_region", ("rpt_family", "Alu"), ("rpt_type", "direct"))) == {True}


def test_a_trans_spliced_gene_has_no_neighbours():
    around = [("gene", "200..260", [("gene", "rps7")]), ("gene", "400..460", [("gene", "ndhB")])]
    known = ("gene", "rps12"), ("product", "ribosomal protein S12")
    assert everywhere(texts("CDS", "1..90", *known, others=around), "rps7")
    assert nowhere(texts("CDS", "join(1..30,complement(300..330))", *known, others=around), "rps7", "ndhB")
    trans = ("trans_splicing", None)
    assert nowhere(texts("CDS", "join(1..30,300..330)", *known, trans, others=around), "rps7", "ndhB")


def test_odd_values_are_cut_to_their_readable_part():
    assert nowhere(texts("misc_binding", "1..90", ("bound_moiety", "ori iteron 2(O")), "(")
    found = texts("gene", "1..90", ("gene", "flavivirus polyprotein gene"), ("db_xref", "HGNC:HGNC:53537"))
    assert everywhere(found, "a flavivirus polyprotein gene", " HGNC:53537")
    assert nowhere(found, "the gene flavivirus", "HGNC:HGNC")
    lsc = texts("misc_feature", "1..90", ("note", "large single-copy region (LSC)"))
    assert everywhere(lsc, "a large single-copy region (LSC)")


def test_the_length_of_a_protein_is_given():
    found = texts("CDS", "1..93", ("product", "some kinase"), ("translation", "M" * 30))
    assert everywhere(placed(found), "30 amino acids")
    assert nowhere([text for text in found if text not in placed(found)], "amino acids")


def test_a_pseudogene_is_named_with_its_kind():
    assert everywhere(
        texts("gene", "1..90", ("gene", "x1"), ("pseudogene", "unprocessed")), "an unprocessed pseudogene"
    )
    assert everywhere(texts("gene", "1..90", ("gene", "x1"), ("pseudogene", "processed")), "a processed pseudogene")
    found = texts("gene", "1..90", ("gene", "x1"), ("pseudogene", "unknown"))
    assert everywhere(found, "a pseudogene")
    assert nowhere(found, "unknown")


def test_the_anticodon_of_a_trna_is_written_as_rna():
    whole = ("product", "tRNA-Phe"), ("anticodon", "(pos:40..42,aa:Phe,seq:gaa)"), ("codon_recognized", "UUC")
    assert everywhere(texts("tRNA", "1..76", *whole), "GAA", "UUC", "tRNA-Phe")
    assert everywhere(texts("tRNA", "1..76", whole[0], ("anticodon", "(pos:40..42,aa:Ser,seq:tga)")), "UGA")
    assert nowhere(texts("tRNA", "1..76", whole[0], ("codon_recognized", "AUC or so")), "or so")


def test_a_name_equal_to_the_product_is_given_once():
    same = texts("rRNA", "1..90", ("gene", "5.8S rRNA"), ("product", "5.8S ribosomal RNA"))
    assert all(text.count("5.8S") == 1 for text in each(same))
    for product in ("InfA", "infA", "InfAp"):
        assert nowhere(texts("CDS", "1..90", ("gene", "infA"), ("product", product)), "InfA")
    assert everywhere(texts("CDS", "1..90", ("gene", "infA"), ("product", "initiation factor InfA")), "factor InfA")


def test_notes_do_not_repeat_earlier_clauses():
    known = ("gene", "RIB5"), ("locus_tag", "tP(AGG)C"), ("product", "riboflavin synthase")
    found = texts("CDS", "1..90", *known, ("note", "tP(AGG)C; Riboflavin synthase; catalyzes the last step of it"))
    assert everywhere(found, ": catalyzes the last step of it.")
    assert all(text.lower().count("riboflavin synthase") == 1 for text in each(found))
    assert nowhere(texts("CDS", "1..90", *known, ("note", "Riboflavin synthase.")), ": Riboflavin")


def test_functions_do_not_repeat_the_product():
    found = texts(
        "CDS", "1..90", ("product", "DNA ligase 1"), ("function", "DNA-ligase 1"), ("function", "repair of it")
    )
    assert everywhere(found, "repair of it")
    assert nowhere(found, "functions", "DNA-ligase")


def test_synonyms_are_names_and_not_locus_tags():
    known = ("gene", "TP53"), ("product", "tumor protein p53")
    found = texts("CDS", "1..90", *known, ("gene_synonym", "BCC7; TP53; ECK0001; JW4367; TRP53"))
    assert everywhere(found, "BCC7 and TRP53")
    assert nowhere(found, "ECK", "JW4367")
    # an exon has no name of its own
    assert nowhere(texts("exon", "1..90", known[0], ("gene_synonym", "BCC7")), "BCC7")


def test_a_transcript_has_a_name_and_no_protein():
    found = texts("mRNA", "1..90", ("gene", "WRAP53"), ("product", "telomerase factor, transcript variant 4"))
    assert everywhere(found, "WRAP53", "telomerase factor, transcript variant 4")
    assert nowhere(found, "encode", "code for", "predict")


def test_a_spacer_is_not_described_as_an_encoded_rna():
    found = texts("misc_RNA", "1..90", ("product", "internal transcribed spacer 1"))
    assert everywhere(found, "internal transcribed spacer 1")
    assert nowhere(found, "encode", "code for", "RNA")
    found = texts("misc_RNA", "1..90", ("product", "6S RNA"))
    assert everywhere(found, "RNA", "product", "6S RNA")
    assert nowhere(found, "encod", "code for", "RNA gene")


ABC = ("gene", "ABC")
MRNA = ("mRNA", "101..900", [ABC, ("product", "alpha kinase, transcript variant X1")])
CDS = ("CDS", "101..400", [ABC, ("product", "alpha kinase isoform X1")])
X2 = ("product", "alpha kinase, transcript variant X2")


@pytest.mark.parametrize("others", [[MRNA, CDS], [MRNA], [CDS], []])
def test_a_misc_rna_is_an_rna_of_its_gene_and_no_rna_gene(others):
    synonym = ("gene_synonym", "KIN2")
    found = texts("misc_RNA", "join(101..500,700..900)", ABC, X2, synonym, others=others, **EUKARYOTE)
    assert everywhere(found, "ABC", "RNA", "alpha kinase, transcript variant X2")
    assert nowhere(found, "RNA gene", "RNA locus", "encod", "code for", "specify", "predict", "KIN2")


def test_a_misc_rna_of_a_coding_gene_is_an_rna_whatever_its_product_is_called():
    found = texts("misc_RNA", "101..500", ABC, ("product", "alpha kinase"), others=[CDS])
    assert everywhere(found, "RNA", "ABC", "alpha kinase")
    assert nowhere(found, "an alpha kinase", "RNA gene")


def test_an_rna_of_a_pseudogene_is_no_rna_gene():
    psi = ("gene", "PSI")
    for kind, others in (("misc_RNA", []), ("ncRNA", [("gene", "101..900", [psi, ("pseudo", None)])])):
        found = texts(kind, "101..500", psi, ("pseudo", None), others=others)
        assert everywhere(found, "RNA", "PSI", "a pseudogene")
        assert nowhere(found, "RNA gene", "RNA locus", "encod", "predict")


@pytest.mark.parametrize("shared", [("gene", "ABC"), ("locus_tag", "LOC_7")])
@pytest.mark.parametrize("other", ["CDS", "mRNA"])
def test_a_non_coding_rna_of_a_coding_gene_is_no_rna_gene(shared, other):
    others = [(other, "101..400", [shared, ("product", "alpha kinase")])]
    found = texts("ncRNA", "101..500", shared, ("ncRNA_class", "lncRNA"), X2, others=others)
    assert everywhere(found, "lncRNA", shared[1], "alpha kinase, transcript variant X2")
    assert nowhere(found, "lncRNA gene", "lncRNA locus", "encod", "code for", "predict")


def test_a_non_coding_rna_of_no_other_gene_is_a_gene_that_bears_a_product_name():
    product = ("product", "uncharacterized LOC17, transcript variant X2")
    found = texts("ncRNA", "101..500", ("gene", "lnc5"), ("ncRNA_class", "lncRNA"), product, others=[CDS])
    assert everywhere(found, "lncRNA gene", "lnc5", product[1])
    assert nowhere(found, "encod", "code for", "specify")
    assert everywhere(texts("tRNA", "1..73", ("gene", "trnA"), ("product", "tRNA-Ala")), "tRNA gene", "predict")


def test_notes_are_cut_before_what_curators_tools_append():
    tail = "Nuclear localization signal. /evidence=ECO:0000255; propagated from UniProtKB/Swiss-Prot (P04637.4)"
    assert everywhere(texts("misc_feature", "1..90", ("note", tail)), "Nuclear localization signal")
    assert nowhere(texts("misc_feature", "1..90", ("note", tail)), "ECO", "Swiss-Prot")
    found = texts("mat_peptide", "1..90", ("product", "Huntingtin fragment. /id=PRO_0000447477"))
    assert everywhere(found, "Huntingtin fragment")
    assert nowhere(found, "PRO_")


@pytest.mark.parametrize(
    ("kind", "qualifiers", "wanted"),
    [
        ("misc_feature", [("note", "control region")], ["a control region"]),
        ("misc_feature", [("note", "One sentence. And another")], ["a miscellaneous feature", "One sentence. And"]),
        ("misc_signal", [("note", "operator-l3")], ["operator-l3"]),
        ("misc_recomb", [("note", "attP core")], ["attP core"]),
        ("exon", [("number", "2"), ("gene", "atpF")], ["exon 2 of the gene atpF"]),
        ("intron", [("number", "1")], ["intron 1"]),
        ("exon", [("gene", "HTT")], ["an exon of the gene HTT"]),
        ("intron", [], ["an intron"]),
        ("5'UTR", [], ["a 5' untranslated region"]),
        ("3'UTR", [("gene", "HBB")], ["a 3' untranslated region of the gene HBB"]),
        ("centromere", [("note", "CEN1")], ["a centromere", "CEN1"]),
        ("telomere", [], ["a telomere"]),
        ("stem_loop", [], ["a stem-loop"]),
        ("protein_bind", [("bound_moiety", "LexA")], ["a protein binding site", "LexA"]),
        ("misc_binding", [("bound_moiety", "Sp1"), ("bound_moiety", "ATF")], ["Sp1 and ATF"]),
        ("regulatory", [("regulatory_class", "riboswitch"), ("bound_moiety", "thiamine pyrophosphate"),
                        ("note", "TPP riboswitch")], ["a riboswitch", "thiamine pyrophosphate", "TPP riboswitch"]),
        ("repeat_region", [("rpt_family", "CRISPR"), ("rpt_type", "direct"), ("rpt_unit_seq", "attcg")],
         ["the family CRISPR", "direct", "ATTCG"]),
        ("operon", [("operon", "lac")], ["an operon", "lac"]),
        ("transit_peptide", [("gene", "RBCS")], ["a transit peptide", "RBCS"]),
        ("propeptide", [("product", "activation peptide"), ("gene", "INS")], ["propeptide", "activation peptide"]),
        ("prim_transcript", [("gene", "xist")], ["a primary transcript of the gene xist"]),
        ("J_segment", [("gene", "IGHJ6")], ["a joining segment of the gene IGHJ6"]),
        ("oriT", [], ["a transfer origin"]),
        ("snoRNA", [("gene", "U3"), ("product", "U3 snoRNA")], ["U3 snoRNA"]),
        ("TATA_signal", [], ["a TATA signal"]),
        ("-35_signal", [], ["a -35 signal"]),
        ("LTR", [("note", "LTR of RLG_Lisa_3B_090_F24-1")], ["LTR of RLG_Lisa_3B_090_F24-1"]),
        ("CDS", [("operon", "thr"), ("gene", "thrA"), ("product", "aspartate kinase 1")], ["operon", " thr"]),
    ],
)  # fmt: skip
def test_kinds_are_described_with_their_qualifiers(kind, qualifiers, wanted):
    found = texts(kind, "11..100", *qualifiers)
    assert everywhere(found, *wanted), found[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_clean_texts_with_few_and_with_many_qualifiers(kind):
    bare = texts(kind, "11..100")
    assert everywhere(bare, "Escherichia coli")
    much = [("gene", "abcD"), ("locus_tag", "T_1"), ("product", "thing of it"), ("note", "a note on all of this"),
            ("function", "working hard"), ("db_xref", "GeneID:1")]  # fmt: skip
    full = texts(kind, "complement(<11..100)", *much)
    assert everywhere(full, "working hard", "GeneID:1")
    assert len(set(bare + full)) > 20


def test_every_clause_of_records_and_features_has_eight_phrasings_and_four_for_each_set_of_slots():
    mine = [
        (clause, slots) for clause, slots, _ in Templates.load().phrasings()
        if clause.startswith(("record.", "gene.", "subject."))
    ]  # fmt: skip
    clauses = [clause for clause, _ in mine]
    assert {clause for clause in each(clauses) if clauses.count(clause) < 8} == set()
    assert {key for key in each(mine) if mine.count(key) < 4} == set()


@pytest.mark.parametrize(
    ("product", "experiment", "vouched"),
    [("DNA ligase", "EXISTENCE:assay", True), ("putative kinase", "seen", False), ("kinase, putative", "seen", False),
     ("hypothetical protein", "EXISTENCE:proteomics", False), ("DNA ligase", "Curator Inference", False)],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["CDS", "mat_peptide"])
def test_encodes_needs_an_experiment_and_an_unhedged_product(kind, product, experiment, vouched):
    found = texts(kind, "1..93", ("product", product), ("experiment", experiment))
    assert (everywhere if vouched else nowhere)(found, "encodes")
    assert nowhere(found, *([] if vouched else ["xperiment"]))


def test_certainty_follows_experiment():
    named = (("gene", "thrA"), ("product", "aspartate kinase"))
    predicted = gene_texts("CDS", "11..100", *named)
    shown = gene_texts("CDS", "11..100", *named, ("experiment", "EXISTENCE:Mass spectrometry[PMID:123]"))
    assert everywhere(predicted, "predict", "thrA", "aspartate kinase", "Escherichia coli")
    assert nowhere(predicted, " encodes ")
    assert everywhere(shown, "encodes aspartate kinase")
    assert nowhere(shown, "predict")


def test_a_gene_without_a_symbol_is_named_by_its_locus_tag():
    texts = gene_texts("CDS", "11..100", ("locus_tag", "b0001"), ("product", "hypothetical protein"))
    assert all(text.count("b0001") == 1 and "hypothetical protein" in text for text in each(texts))


def test_a_product_that_repeats_the_name_is_left_out():
    texts = gene_texts("CDS", "11..100", ("locus_tag", "NEQ308"), ("product", "NEQ308"))
    assert all(text.count("NEQ308") == 1 and "coding sequence" in text for text in each(texts))


def test_half_of_the_texts_leave_out_the_location():
    passages = gene_passages("CDS", "complement(11..100)", ("gene", "thrA"), ("product", "aspartate kinase"))
    free = [passage for passage in passages if passage.orientation_free]
    assert 8 <= len(free) <= 32
    assert nowhere({passage.text for passage in free}, "strand", "bases", "100", "11")
    bound = {passage.text for passage in passages if not passage.orientation_free}
    assert everywhere(bound, "reverse strand", "90 bases", "NC_000001.1", "11", "100")


def test_locations_of_every_form():
    assert everywhere(bound_texts("join(11..20,31..40,1001..1010)"), "3 segments", "forward strand", "1,010")
    assert everywhere(bound_texts("join(11..20,complement(31..40))"), "both strands", "2 segments")
    assert nowhere(bound_texts("join(11..20,complement(31..40))"), "forward", "reverse")
    assert everywhere(bound_texts("<11..100"), "incomplete at the 5' end")
    assert everywhere(bound_texts("complement(<11..100)"), "incomplete at the 3' end")
    assert everywhere(bound_texts("complement(<11..>100)"), "incomplete at both ends")
    assert nowhere(bound_texts("11..100"), "incomplete", "segments", "origin")
    assert everywhere(bound_texts("501"), "position 501")
    assert nowhere(bound_texts("501"), "1 bases", "501 to 501")


def test_a_feature_across_the_origin():
    texts = bound_texts("join(1101..1200,1..50)", topology="circular")
    assert everywhere(texts, "1,101", "50", "spans the origin", "circular")
    assert nowhere(texts, "segments")
    assert everywhere(
        bound_texts("join(1001..1010,1101..1200,1..50)", topology="circular"), "2 segments", "spans the origin"
    )


def test_a_pseudogene_is_not_said_to_encode_anything():
    for flag in (("pseudo", None), ("pseudogene", "unprocessed")):
        texts = gene_texts("CDS", "11..100", ("gene", "thrA"), flag, ("product", "aspartate kinase"))
        assert everywhere(texts, "pseudogene", "aspartate kinase")
        assert nowhere(texts, "encode", "code for")
    assert everywhere(gene_texts("gene", "11..100", ("gene", "thrA"), ("pseudo", None)), "thrA", "pseudogene")


@pytest.mark.parametrize(
    ("kind", "qualifiers", "wanted"),
    [
        ("tRNA", [("gene", "trnP"), ("product", "tRNA-Pro")], ["tRNA", "trnP", "tRNA-Pro"]),
        ("tRNA", [("product", "F")], ["the tRNA F"]),
        ("ncRNA", [("ncRNA_class", "RNase_P_RNA"), ("product", "P RNA x")], ["RNase P RNA"]),
        ("mRNA", [("gene", "HBB"), ("product", "beta globin")], ["mRNA", "HBB", "beta globin"]),
        ("mat_peptide", [("gene", "pol"), ("product", "nsp5")], ["mature peptide", "pol", "nsp5"]),
        ("sig_peptide", [("product", "hypothetical protein")], ["a signal peptide"]),
        ("mobile_element", [("mobile_element_type", "insertion sequence:IS6110")], ["the insertion sequence IS6110"]),
        ("mobile_element", [("mobile_element_type", "transposon")], ["a transposon"]),
        ("repeat_region", [("rpt_family", "Alu")], ["a repeat region of the family Alu"]),
        ("regulatory", [("regulatory_class", "ribosome_binding_site")], ["a ribosome binding site"]),
        ("regulatory", [("regulatory_class", "promoter"), ("gene", "lacZ")], ["a promoter of the gene lacZ"]),
        ("rep_origin", [], ["a replication origin"]),
        ("D-loop", [], ["a D-loop"]),
        ("LTR", [], ["a long terminal repeat"]),
        ("gene", [("gene", "lacZ")], ["the gene lacZ"]),
    ],
)
def test_kinds_of_features(kind, qualifiers, wanted):
    texts = gene_texts(kind, "11..100", *qualifiers)
    assert everywhere(texts, *wanted)
    assert nowhere(texts, "None", "hypothetical")


def test_a_product_of_punctuation_is_none():
    assert gene_texts("CDS", "1..9", ("gene", "thrA"), ("product", ";" * 300 + "x")) == gene_texts(
        "CDS", "1..9", ("gene", "thrA")
    )

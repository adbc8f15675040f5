"""What records and features say of themselves: every clause, its absence, and its derivation by Biopython."""

import gzip
import re

import pytest
from support import oracle
from support.described import BASES, KEYS, SOURCE, everywhere, gene_texts, nowhere, read
from support.each import each
from support.flatfile import record
from support.rederive import problems
from support.settings import pair_settings

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.pairs.record import describe_record
from dnacorpus.pairs.rows import PairRow, rows_of_record


def record_texts(**options) -> set[str]:
    """Every text that a record gets under forty keys."""
    options.setdefault("sequence", BASES)
    found = read(record(**options))
    context = Context(found.row, found.features, found.sequence)
    return {describe_record(context, key).text for key in KEYS}


def test_a_record_text_has_title_molecule_and_organism():
    texts = record_texts(
        definition="Escherichia coli K-12, complete genome.",
        topology="circular",
        features=[SOURCE],
        keywords=["RefSeq"],
    )
    gc = f"{100 * (BASES.count('G') + BASES.count('C')) / 1200:.1f}%"
    assert everywhere(texts, "Escherichia coli K-12, complete genome", "NC_000001.1", "circular", "DNA", "1,200", gc)
    assert everywhere(texts, "Bacteria, Pseudomonadota and Escherichia")
    # the title names the organism, RefSeq is no subject matter, and nothing is annotated
    assert nowhere(texts, "comes from", "keyword", "annotat", "None", "BioProject", "source", "summary")
    assert len(texts) > 10


def test_a_record_text_names_the_organism_if_the_title_does_not():
    assert everywhere(record_texts(definition="Unnamed isolate.", features=[SOURCE]), "Escherichia coli")


def test_source_items_occur_once_and_only_if_informative():
    source = (
        "source", "1..1200",
        [("organism", "Zika virus"), ("strain", "MR 766"), ("isolate", "missing"), ("host", "Homo sapiens"),
         ("country", "Brazil: Rio"), ("collection_date", "12-Apr-2014"), ("segment", "L"), ("plasmid", "unnamed")],
    )  # fmt: skip
    texts = record_texts(definition="Zika virus strain MR 766 segment L, complete sequence.", features=[source])
    assert everywhere(texts, "the host Homo sapiens", "Brazil: Rio", "12-Apr-2014")
    assert nowhere(texts, "missing", "unnamed", "plasmid", "isolate")
    assert all(text.count("MR 766") == 1 and text.count("segment L") == 1 for text in each(texts))


@pytest.mark.parametrize("organism", ["Genus species", "unspecified", "null", "Unknown Unclassified.", "Unknown."])
def test_a_placeholder_of_a_program_is_no_organism(organism):
    source = (
        "source", "1..1200", [("organism", organism), ("strain", "strain"), ("plasmid", "pEXA"), ("isolate", "PL 9")],
    )  # fmt: skip
    options = {"definition": f"{organism} strain strain.", "organism": organism, "lineage": ["Unclassified"]}
    if organism != "Genus species":
        options["definition"] = "Trial."
    texts = record_texts(features=[source], **options)
    assert everywhere(texts, "NC_000001.1", "PL 9")
    assert nowhere(texts, organism, "nclassified", "strain", "lineage", "host")
    named = ("CDS", "11..100", [("gene", "exaA"), ("product", "example kinase")])
    assert nowhere(gene_texts(*named, features=[source, named], **options), organism)


def test_an_unnamed_plasmid_has_no_name_in_the_text():
    source = ("source", "1..1200", [("organism", "Escherichia coli"), ("plasmid", "unnamed1")])
    assert nowhere(record_texts(definition="Something.", features=[source]), "unnamed")
    named = ("CDS", "11..100", [("gene", "thrA"), ("product", "aspartate kinase")])
    assert nowhere(gene_texts(*named, features=[source, named]), "unnamed", "plasmid")


def test_a_record_with_several_source_features_uses_none():
    second = ("source", "601..1200", [("organism", "Homo sapiens"), ("tissue_type", "liver")])
    assert nowhere(record_texts(features=[("source", "1..600", SOURCE[2]), second]), "liver", "tissue")


def test_contents_count_in_singular_and_plural():
    features = [
        SOURCE, ("gene", "1..90", [("gene", "a")]), ("CDS", "1..90", [("gene", "a")]),
        ("tRNA", "100..170", [("product", "tRNA-Ala")]), ("tRNA", "200..270", [("product", "tRNA-Val")]),
        ("misc_feature", "300..310", []),
    ]  # fmt: skip
    assert everywhere(record_texts(features=features), "1 gene, 1 coding sequence, 2 tRNAs and 1 miscellaneous feature")


def test_links_and_keywords():
    texts = record_texts(
        dblink=["BioProject: PRJNA1", "BioSample: SAMN2", "Assembly: GCF_000000001.1"],
        keywords=["RefSeq", "beta-globin", "Alu repeat"],
    )
    assert everywhere(texts, "assembly GCF_000000001.1, ", "BioProject PRJNA1 and ", "BioSample SAMN2")
    assert everywhere(texts, "beta-globin and Alu repeat")


def test_the_refseq_summary_is_in_the_text_without_boilerplate():
    comment = (
        "REVIEWED REFSEQ: This record has been curated by NCBI staff.\nSummary: This gene encodes a globin\n"
        "that carries oxygen. [provided by RefSeq, Jul 2008]."
    )
    texts = record_texts(comment=comment)
    assert everywhere(texts, "This gene encodes a globin that carries oxygen.")
    assert nowhere(texts, "curated by NCBI", "Jul 2008", "oxygen..")


def test_a_third_partys_summary_is_left_out():
    assert nowhere(record_texts(comment="Summary: Their own words. [supplied by OMIM]"), "Their own words")


def test_a_long_definition_is_cut_at_a_boundary():
    texts = record_texts(definition="word " * 200 + "end.")
    assert nowhere(texts, "end")
    assert everywhere(texts, "word word")


def test_a_fasta_record_has_title_length_and_gc_only():
    row = {"source": "fna", "accession": "NZ_X1.1", "definition": "Vibrio sp. contig 1", "topology": "linear"}
    rest = ("organism", "molecule_type", "keywords", "comment", "bioproject", "biosample", "assembly")
    context = Context(dict.fromkeys(rest) | {"lineage": [], "structured_comment": []} | row, [], b"ACGTAA")
    texts = {describe_record(context, key).text for key in KEYS}
    assert everywhere(texts, "Vibrio sp. contig 1", "NZ_X1.1", "6", "33.3%")
    assert nowhere(texts, "linear", "None", "organism", "DNA")


def test_a_record_without_any_called_base_has_no_gc():
    assert nowhere(record_texts(sequence="N" * 60), "GC", "%")


ODD_RECORD = record(
    sequence=BASES,
    topology="circular",
    organism="Candidatus Ängström sp.",
    definition="Candidatus Ängström sp. plasmid pÅ-1, complete sequence.",
    dblink=["BioProject: PRJNA1"],
    keywords=["tuf gene"],
    comment="Summary: Codes for α-amylase in\nmany cells. [provided by RefSeq, May 2010]",
    features=[
        ("source", "1..1200", [("organism", "Candidatus Ängström sp."), ("strain", "β-7"), ("plasmid", "pÅ-1")]),
        ("gene", "1..90", [("gene", "tufα"), ("locus_tag", "T_0001")]),
        ("CDS", "1..90", [("gene", "tufα"), ("locus_tag", "T_0001"), ("product", "α-amylase"), ("transl_table", "11")]),
        ("CDS", "complement(join(<101..130,161..190))", [("product", "ABC transporter permease"), ("note", "n/a")]),
        ("CDS", "join(1101..1200,1..50)", [("gene", "wrp"), ("experiment", "seen"), ("product", "wrap protein W")]),
        ("CDS", "join(201..230,complement(251..280))", [("trans_splicing", None), ("product", "mixed protein 2")]),
        ("CDS", "join(301..330,330..360)", [("ribosomal_slippage", None), ("product", "pol polyprotein")]),
        ("CDS", "401..>490", [("pseudo", None), ("product", "old kinase")]),
        ("tRNA", "500..570", [("product", "tRNA-Phe"), ("anticodon", "(pos:530..532,aa:Phe,seq:gaa)")]),
        ("ncRNA", "600..640", [("ncRNA_class", "antisense_RNA"), ("product", "anti-x"), ("db_xref", "RFAM:RF1")]),
        ("mobile_element", "700..760", [("mobile_element_type", "transposon:Tn5")]),
        ("regulatory", "800..820", [("regulatory_class", "TATA_box"), ("gene", "tufα")]),
        ("rep_origin", "900", []),
        ("mat_peptide", "4..60", [("gene", "tufα"), ("product", "amylase chain")]),
    ],
)  # fmt: skip


def rows(text: str, keys: int = 1):
    """Rows of a record, under several versions of its accession so that every phrasing has its turn."""
    for number in range(1, keys + 1):
        turned = text.replace("NC_000001.1", f"NC_000001.{number}")
        found = read(turned)
        results = rows_of_record(
            Context(found.row, found.features, found.sequence), found.references, pair_settings(10_000)
        )
        yield from ((result.values, turned) for result in results if isinstance(result, PairRow))


def test_every_claim_is_rederived_independently():
    kinds = set()
    for row, text in each(rows(ODD_RECORD, keys=25)):
        assert problems(row, oracle.read(text)[0]) == [], row["text"]
        kinds.add(row["feature_kind"])
    assert len(kinds) == 8


def test_the_rederivation_reports_a_false_claim():
    row, text = next(iter(rows(ODD_RECORD)))
    seen = oracle.read(text)[0]
    assert problems({**row, "text": row["text"] + " Homo sapiens."}, seen)
    assert problems({**row, "sequence": row["sequence"][::-1]}, seen)
    for number in range(len(row["evidence"])):
        changed = [dict(span) for span in row["evidence"]]
        changed[number]["start"] += 1
        assert problems({**row, "evidence": changed}, seen), changed[number]
        moved = [dict(span) for span in row["evidence"]]
        moved[number]["field"], moved[number]["how"] = "features[3]/product", "verbatim"
        assert problems({**row, "evidence": moved}, seen), moved[number]


def test_texts_are_clean_prose():
    for row, _ in each(rows(ODD_RECORD, keys=10)):
        text = row["text"]
        assert re.search(r"\s\s|\.\.(?!\d)| [.,;]|None|\(\)|\ba [aeio]\w+ molecule", text) is None, text
        assert text.endswith(".")


@pytest.mark.mirror
def test_claims_of_real_records_are_rederived_independently(mirror):
    checked = 0
    for path in each(sorted(mirror.glob("*/*.gbff.gz"))):
        for text in each(re.findall(r"^LOCUS .*?^//\n", _gunzip(path), re.M | re.S)):
            # Biopython reads edited LOCUS lines (NC_..._REF) otherwise than they mean
            if len(text) < 400_000 and "\n        1 " in text and "_REF" not in text[:200]:
                seen = oracle.read(text)[0]
                for row, _ in rows(text):
                    assert problems(row, seen) == [], row["text"]
                    checked += 1
    assert checked > 1000


def _gunzip(path) -> str:
    return gzip.decompress(path.read_bytes()).decode("utf-8", "replace")


def test_every_kind_has_a_noun_and_a_plural():
    assert all(kind.noun and kind.plural and kind.level in ("genomic", "transcript", "cds") for kind in KINDS.values())

"""Names of a record, where they stand in a text, and which passages they choose: brute force is the oracle."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.paper_names import gene, names
from support.settings import passage_settings

from dnacorpus.pairs.paper.names import ENGLISH, KINDS_OF_NAMES
from dnacorpus.pairs.paper.passages import Search, choose, describing_records
from dnacorpus.settings.pairs import PassageSettings

LIMITS = passage_settings(4, 5, 2000, 10)


def named(text: str, *features: tuple, **options) -> list[tuple[str, str]]:
    """(kind, words) of what a text names."""
    return [(name.kind, text[start:end]) for name, start, end in Search(names(*features, **options)).hits(text)]


def paper(*passages: str | tuple[str, str], **more) -> dict:
    rows = [
        {"section": one[0], "text": one[1]} if isinstance(one, tuple) else {"section": "", "text": one}
        for one in passages
    ]
    plain = {"pmid": 11, "title": "Title", "abstract": "Abstract", "records": 1, "records_with_rows": ["NC_000001.1"]}
    return plain | {"passages": rows} | more


def chosen(*papers: dict, limits: PassageSettings = LIMITS, features: tuple = (gene("rpoB"),)) -> list[tuple]:
    found = choose(names(*features), papers, limits)
    for one in found:
        whole = next(paper for paper in papers if paper["pmid"] == one.pmid)["passages"][one.index]["text"]
        assert one.text in whole
        assert one.text[one.start : one.end].lower() == one.name.sought.lower()
        assert limits.min_length <= len(one.text) <= limits.max_length
    return [(one.pmid, one.index, one.name.kind, one.text[one.start : one.end]) for one in found]


@pytest.mark.parametrize(
    ("symbol", "text", "stands"),
    [
        ("rpoB", "Then rpoB was cut.", True),
        ("rpoB", "Then rpob was cut.", False),
        ("rpoB", "Then (rpoB) was cut, rpoB-like.", True),
        ("rpoB", "The rpoBC operon, XrpoB, rpoB2, rpoB-1, pre-rpoB and rpoB.1.", False),
        ("was", "It was a gene, and was gene too.", False),
        ("WAS", "It was WAS that we saw.", True),
        ("Was", "Was this seen? The Was gene.", False),
        ("for", "We looked for genes.", False),
        ("can", "The protein can gene.", False),
        ("tra", "All tra are alike.", False),
        ("tra", "Of the tra genes three are left.", True),
        ("tra", "Of the gene tra three are left.", False),
        ("Tra", "Of the gene Tra three are left.", True),
        ("white", "The white eyes of the flies.", False),
        ("white", "The white gene of the flies.", True),
        ("E1", "Of E1 there is nothing.", False),
        ("E1", "Of protein E1 there is nothing.", True),
        ("S", "S. aureus, S phase, group S.", False),
        ("S", "The S gene of the virus.", True),
        ("S", "All S genes of the virus, cluster S gene, the actin S locus.", False),
        ("N", "Any protein N-termini, gene N-like.", False),
        ("N", "Any protein N of them.", True),
        ("A", "A gene of the virus, a protein A.", False),
        ("16S", "All 16S were read.", False),
        ("p53", "Here p53 is meant.", True),
        ("K-12", "K\u201112 is meant.", True),
    ],
)
def test_when_a_symbol_means_the_gene(symbol, text, stands):
    assert ("gene" in {kind for kind, _ in named(text, gene(symbol))}) is stands


@pytest.mark.parametrize(
    ("strain", "text", "stands"),
    [
        ("H37Rv", "We grew H37Rv.", True),
        ("168", "We grew 168 of them.", False),
        ("168", "We grew strain 168 of them.", True),
        ("Nagoya", "We went to Nagoya.", False),
        ("Nagoya", "The Nagoya strain grew.", True),
        ("wild", "The strain wild grew.", True),
        ("type", "The type strain grew.", False),
    ],
)
def test_when_a_strain_counts_without_a_word_beside_it(strain, text, stands):
    source = ("source", "1..300", [("organism", "Escherichia coli"), ("strain", strain)])
    assert ("strain" in {kind for kind, _ in named(text, source=source)}) is stands


def test_products_and_organisms_are_found_in_any_case():
    product = ("CDS", "1..90", [("product", "Cytochrome b")])
    assert named("The CYTOCHROME B of E. coli and of ESCHERICHIA COLI", product) == [
        ("product", "CYTOCHROME B"), ("organism", "E. coli"), ("organism", "ESCHERICHIA COLI"),
    ]  # fmt: skip
    assert named("\u0130\u0130 cytochrome b \u0130", product) == [("product", "cytochrome b")]


def test_both_ends_of_a_range_are_found_and_other_versions_are_not():
    assert named("All of NC_000000\u2013NC_000001 here.") == [("accession", "NC_000001")]
    assert named("NC_000001.1-NC_000009.1") == [("accession", "NC_000001.1")]
    assert named("NC_000001.2 and XNC_000001 and NC_0000011") == []


def test_the_short_name_of_a_species_needs_the_long_one_in_the_paper():
    only_short = "The genome of E. coli was read."
    assert chosen(paper(only_short)) == []
    assert chosen(paper(only_short, title="On Escherichia coli")) == [(11, 0, "organism", "E. coli")]


WORDS = st.sampled_from(
    ["rpoB", "rpoBC", "recA", "RNA", "polymerase", "the", "TST_0001", "(", "-", ", ", ".", "1", "Β", "İ"]
)


@given(st.lists(st.tuples(WORDS, st.sampled_from(["", " "])), max_size=30))
def test_hits_are_those_of_a_search_for_each_name(pieces):
    text = "".join(word + blank for word, blank in pieces)
    features = (gene("rpoB", locus_tag="TST_0001"), gene("recA", product="RNA polymerase"))
    expected = set()
    for sought, flags in (("rpoB", 0), ("recA", 0), ("TST_0001", 0), ("RNA polymerase", re.IGNORECASE)):
        before = "" if sought.startswith("TST") else r"(?<!\w-)"
        hit = re.search(rf"(?<!\w){before}{re.escape(sought)}(?!\w)(?![-.]\d)", text, flags)
        if hit:
            expected.add((hit.start(), hit.end()))
    hits = Search(names(*features)).hits(text)
    assert {(start, end) for _, start, end in hits} == expected
    assert [start for _, start, _ in hits] == sorted(start for _, start, _ in hits)


def test_the_best_names_come_first_and_then_other_ones():
    features = (gene("recA"), gene("recB"), ("gene", "1..90", [("locus_tag", "TST_0001")]))
    passages = [
        "Of Escherichia coli.",
        "Of recA once.",
        "Of recA again.",
        "Of recB too.",
        "Of TST_0001.",
        "Of NC_000001.",
    ]
    found = chosen(paper(*passages), limits=passage_settings(10, 5, 99, 10), features=features)
    assert [place for _, place, *_ in found] == [5, 4, 1, 3, 2, 0]
    assert chosen(paper(*passages), limits=passage_settings(3, 5, 99, 10), features=features) == found[:3]
    assert chosen(paper(*passages), limits=passage_settings(0, 5, 99, 10), features=features) == []


def test_the_order_of_the_papers_is_that_of_their_pmids():
    first, second = paper("Of rpoB here."), paper("Of rpoB there.", pmid=12)
    assert chosen(first, second) == chosen(second, first) == [(11, 0, "gene", "rpoB"), (12, 0, "gene", "rpoB")]


@pytest.mark.parametrize(
    "section",
    [
        "References", "Acknowledgements", "Acknowledgment", "5. Funding", "Author contributions",
        "Authors' contributions", "Competing interests", "Conflict of Interest", "Results > Funding Statement",
        "Ethics statement", "Declarations", "Author Contributions > Writing", "Supplementary Material",
        "Supporting Information", "IV. Abbreviations", "Declaration of competing interest",
        "Institutional Review Board Statement", "Informed Consent Statement",
    ],
)  # fmt: skip
def test_sections_that_are_not_about_the_record(section):
    assert chosen(paper((section, "The gene rpoB and NC_000001.1 are here."))) == []


@pytest.mark.parametrize("section", ["Data availability", "Availability of data and materials", "Data Access"])
def test_a_data_statement_counts_only_if_it_names_the_accession(section):
    told = paper((section, "The gene rpoB of Escherichia coli."), (section, "All of rpoB is in NC_000001 now."))
    assert chosen(told) == [(11, 1, "accession", "NC_000001")]


@pytest.mark.parametrize("section", ["Results", "3.2. Reference genes", "Contribution of rpoB", "Evidence", ""])
def test_other_sections_are_used_whatever_their_title(section):
    assert len(chosen(paper((section, "The gene rpoB of Escherichia coli.")))) == 1


def test_the_section_is_the_last_title_without_its_number():
    def section(title: str) -> str:
        (one,) = choose(names(gene("rpoB")), [paper((title, "The gene rpoB."))], LIMITS)
        return one.section

    assert section("2. Results > 2.1. Genes of rpo.") == "Genes of rpo"
    assert section("IV. Discussion:") == "Discussion"
    assert section("16S rRNA") == "16S rRNA"
    assert section("Figure 2") == "Figure 2"
    assert section("") == ""


def test_a_passage_that_lists_many_genes_is_linked_by_none():
    features = tuple(gene(f"abc{number}", product=f"Abcdefase number {number}") for number in range(12))
    listed = ", ".join(f"abc{number}" for number in range(11))
    assert chosen(paper(f"Found: {listed}."), features=features) == []
    assert chosen(paper(f"Found in MG1655: {listed}."), features=features) == [(11, 0, "strain", "MG1655")]
    assert len(chosen(paper(f"Found: {listed[:-7]}."), features=features)) == 1
    tagged = tuple(("gene", "1..90", [("locus_tag", f"TST_{number:04}")]) for number in range(11))
    listed = ", ".join(f"TST_{number:04}" for number in range(11))
    assert chosen(paper(f"Found: {listed}."), features=tagged) == []
    assert chosen(paper(f"Found: {listed}.", records=2), features=tagged) == []
    assert chosen(paper(f"NC_000001.1: {listed}."), features=tagged) == [(11, 0, "accession", "NC_000001.1")]
    assert len(chosen(paper(f"Found: {listed[:-10]}.", records=2), features=tagged)) == 1
    twice = paper(", ".join(f"abc{n} (Abcdefase number {n})" for n in range(10)))
    assert len(chosen(twice, features=features)) == 1  # ten genes, each by two names


def test_a_paper_of_many_records_is_linked_by_accession_or_locus_tag_only():
    features = (gene("rpoB", locus_tag="TST_0001"),)
    told = ["Of rpoB in MG1655.", "Of TST_0001 too.", "Of NC_000001 last."]
    of_many = paper(*told, records=2)
    assert [kind for *_, kind, _ in chosen(of_many, features=features)] == ["accession", "locus_tag"]
    assert len(chosen(paper(*told), features=features)) == 3


def test_a_paragraph_of_the_abstract_is_left_out():
    assert chosen(paper("Of rpoB here.", abstract="We read. Of rpoB here.")) == []
    assert chosen(paper("Of rpoB here.", abstract=None)) != []


def test_long_passages_are_cut_at_the_ends_of_sentences():
    sentence = "We grew it in Fig. 2 by E. coli of 1.5 mm et al. 2001. "
    text = sentence * 5 + "Then rpoB was seen. " + sentence * 5

    def shown(longest: int, text: str = text) -> str | None:
        found = choose(names(gene("rpoB")), [paper(text.strip())], passage_settings(4, 5, longest, 10))
        return found[0].text if found else None

    assert shown(2000) == text.strip()
    assert shown(400) == (sentence * 5 + "Then rpoB was seen. " + sentence * 1).strip()
    assert shown(340) == (sentence * 5 + "Then rpoB was seen. " + sentence * 0).strip()
    assert shown(290) == ("Then rpoB was seen. " + sentence * 4).strip()
    assert shown(80) == ("Then rpoB was seen. " + sentence).strip()
    assert shown(19) == "Then rpoB was seen."
    assert shown(18) is None
    assert shown(400, "no end " * 90 + "rpoB") is None


@given(
    st.lists(st.sampled_from(["Then rpoB was seen.", "No.", "Not e.g. here (Fig. 2).", "And E. coli!"]), min_size=1),
    st.integers(5, 90),
)
def test_a_cut_is_within_the_limit_and_holds_the_words(sentences, longest):
    text = " ".join(sentences)
    for one in choose(names(gene("rpoB")), [paper(text)], passage_settings(4, 5, longest, 10)):
        assert len(one.text) <= longest
        assert one.text in text
        assert one.text[one.start : one.end] == "rpoB"
        assert one.text == one.text.strip()
        assert one.text[-1] in ".!)"


def test_a_short_passage_is_left_out():
    assert chosen(paper("rpoB."), limits=passage_settings(4, 6, 99, 10)) == []
    assert len(chosen(paper("rpoB."), limits=passage_settings(4, 5, 99, 10))) == 1


def test_the_records_that_a_paper_names_describe_it_first():
    citing = [f"NC_00000{number}.1" for number in range(6)]
    told = paper("First NC_000004, then NC_000002.1 and NC_000004.", title="Of NC_000005")
    assert describing_records(told, citing[::-1], None) == describing_records(told, citing, 6) == citing
    assert describing_records(told, citing, 1) == ["NC_000005.1"]
    assert describing_records(told, citing, 2) == ["NC_000004.1", "NC_000005.1"]
    assert describing_records(told, citing[::-1], 4) == [citing[number] for number in (0, 2, 4, 5)]
    assert describing_records(paper(title=None, abstract=None), citing[::-1], 2) == citing[:2]


def test_kinds_of_names_and_excluded_english_words():
    assert {name.kind for name in names(gene("rpoB", locus_tag="T_01", product="Subunit beta two"))} == set(
        KINDS_OF_NAMES
    )
    assert all(word == word.lower() for word in ENGLISH)

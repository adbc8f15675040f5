"""Merging several sources of a paper in any order; ids, years and names."""

import itertools

import pytest

from dnacorpus.papers.paper import (
    Paper,
    Paragraph,
    attribution,
    doi_of,
    initials,
    merged,
    pmcid_of,
    pmcid_version,
    pmid_of,
    year_of,
)

OPEN = frozenset({"CC0", "CC-BY"})
PUBMED = Paper("pubmed", 1, "PMC1", "10.1000/p", "Pubmed.", "J. Tests", 2001, "From PubMed.", None, ("Ng A",))
EUROPEPMC = Paper("europepmc", 1, None, "10.1000/e", "Europe.", None, 2002, "From Europe.", "CC-BY", ("Ng AB",))
JATS = Paper("jats", 1, None, None, "Jats", "Tests", 2003, "From JATS.", "CC-BY-4.0")


def every_order(*papers: Paper) -> dict:
    """Merge the papers in every order and check that all results are equal."""
    rows = [merged(order, OPEN) for order in itertools.permutations(papers)]
    assert all(row == rows[0] for row in rows)
    return rows[0]


def test_fields_come_from_the_first_source_that_has_them():
    row = every_order(PUBMED, EUROPEPMC, JATS)
    assert (row["title"], row["journal"], row["year"], row["abstract"]) == ("Jats", "Tests", 2003, "From JATS.")
    assert (row["pmcid"], row["doi"], row["license"], row["open"]) == ("PMC1", "10.1000/e", "CC-BY-4.0", True)
    assert row["source"] == "jats"
    assert row["attribution"] == "Ng AB. Tests. 2003. https://doi.org/10.1000/e"
    two = every_order(PUBMED, EUROPEPMC)
    assert (two["abstract"], two["source"], two["journal"]) == ("From Europe.", "europepmc", "J. Tests")


def test_source_is_that_of_the_abstract():
    bare = Paper("jats", 1, title="Jats", license="CC-BY-4.0")
    row = every_order(PUBMED, bare)
    assert (row["title"], row["abstract"], row["source"], row["open"]) == ("Jats", "From PubMed.", "pubmed", True)
    assert every_order(bare)["source"] == "jats"


def test_paragraphs_come_from_the_first_source_that_has_any():
    stated = (Paragraph("Results", 0, "One."), Paragraph("", 1, "Two."))
    printed = (Paragraph("", 0, "Printed.", 3),)
    scan = Paper("pdf", 1, paragraphs=printed, version=7)
    row = every_order(PUBMED, scan, Paper("jats", 1, paragraphs=stated, version=2), Paper("jats", 1, abstract="Old."))
    assert row["passages"] == [
        {"section": "Results", "paragraph": 0, "text": "One.", "page": None},
        {"section": "", "paragraph": 1, "text": "Two.", "page": None},
    ]
    assert (row["version"], row["source"], row["abstract"]) == (2, "jats", "Old.")
    row = every_order(PUBMED, scan, Paper("pmc", 1, license="CC-BY", version=4))
    assert (row["version"], row["source"], row["license"]) == (7, "pubmed", "CC-BY")
    assert row["passages"] == [{"section": "", "paragraph": 0, "text": "Printed.", "page": 3}]
    assert (every_order(PUBMED)["passages"], every_order(PUBMED)["version"]) == ([], 1)


def test_a_paper_is_closed_if_one_source_contradicts():
    denial = Paper("pubmed", 1, license="CC-BY-NC")
    row = every_order(JATS, EUROPEPMC, denial)
    assert (row["license"], row["open"]) == ("CC-BY-NC", False)
    unknown = every_order(PUBMED)
    assert (unknown["license"], unknown["open"]) == (None, False)
    assert merged([JATS], frozenset({"CC0"}))["open"] is False


def test_a_paper_is_retracted_if_any_source_says_so():
    assert not every_order(JATS, PUBMED)["retracted"]
    assert every_order(JATS, Paper("pubmed", 1, retracted=True))["retracted"]


def test_the_latest_revision_of_a_source_is_used():
    old = Paper("pubmed", 1, title="Old.", revised="2019-12-31")
    new = Paper("pubmed", 1, title="New.", revised="2020-01-01")
    assert every_order(old, new, Paper("pubmed", 1, title="Undated."))["title"] == "New."
    first = Paper("pubmed", 1, title="First.", version=1, revised="2021-01-01")
    assert every_order(first, Paper("pubmed", 1, title="Second.", version=2))["title"] == "Second."
    assert every_order(Paper("jats", 1, title="B"), Paper("jats", 1, title="A"))["title"] == "A"


def test_attribution():
    many = [f"Author{number} A" for number in range(12)]
    line = attribution(many, "Nature", 2020, None)
    assert line == f"{', '.join(many[:10])} et al. Nature. 2020."
    assert attribution([], None, None, "10.1000/1") == "https://doi.org/10.1000/1"
    assert attribution([], None, None, None) is None
    assert "\n" not in line


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (pmid_of, " 12 ", 12), (pmid_of, "0", None), (pmid_of, "PMC1", None), (pmid_of, "1" * 10, None),
        (pmid_of, "٣", None), (pmid_of, None, None),
        (pmcid_of, "123", "PMC123"), (pmcid_of, "PMC123.2", "PMC123"), (pmcid_of, "NBK1", None), (pmcid_of, None, None),
        (pmcid_version, "PMC1.12", 12), (pmcid_version, "PMC1", 1), (pmcid_version, "1.2", 1), (pmcid_version, None, 1),
        (doi_of, "https://doi.org/10.1000/a(b)c", "10.1000/a(b)c"), (doi_of, "doi:10.1000/X", "10.1000/X"),
        (doi_of, "10.1186/2047-783X-19-24.", "10.1186/2047-783X-19-24"),
        (doi_of, "10.1002/(SICI)1:1<1::AID-P1>3.0.CO;2-#", "10.1002/(SICI)1:1<1::AID-P1>3.0.CO;2-#"),
        (doi_of, "S0140-6736", None), (doi_of, None, None),
        (year_of, "1998 Dec-1999 Jan", 1998), (year_of, "12345", None), (year_of, "", None),
        (initials, "Jean-Pierre A.", "JPA"), (initials, "CM", "CM"), (initials, "Östen", "Ö"), (initials, None, ""),
    ],
)  # fmt: skip
def test_ids_years_and_initials(read, text, value):
    assert read(text) == value

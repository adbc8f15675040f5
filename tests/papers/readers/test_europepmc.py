"""Europe PMC's JSON in its shapes, and the errors that it sends as answers."""

import json

import pytest

from dnacorpus.errors import CorpusError
from dnacorpus.papers.readers.europepmc import read_europepmc

RESULT = {
    "id": "37258680", "source": "MED", "pmid": "37258680", "pmcid": "PMC55", "doi": "10.1038/x", "license": "cc by",
    "title": "On <i>E. coli</i>.", "authorString": "Ng A, The Group, Li B.", "pubYear": "2023",
    "abstractText": "<h4>Background</h4>Growth (<100 g).<h4>Results</h4>More.", "dateOfRevision": "2023-05-06",
    "journalInfo": {"yearOfPublication": 2022, "journal": {"title": "Nature"}}, "pubTypeList": {"pubType": ["Review"]},
}  # fmt: skip


def wrapped(value):
    """Wrap every value in a list, as getpapers does."""
    if isinstance(value, dict):
        return {key: [wrapped(item)] for key, item in value.items()}
    return [wrapped(item) for item in value] if isinstance(value, list) else value


def read(document) -> list | None:
    return read_europepmc(json.dumps(document).encode())


def one(**changes):
    (paper,) = read({"resultList": {"result": [RESULT | changes]}})
    return paper


@pytest.mark.parametrize(
    "document",
    [
        {"version": "6.9", "resultList": {"result": [RESULT]}},
        {"downloaded": True, "full": RESULT},
        [wrapped(RESULT)],
        RESULT,
    ],
)
def test_all_forms_of_an_answer_give_the_same_paper(document):
    (paper,) = read(document)
    assert (paper.source, paper.pmid, paper.pmcid, paper.doi) == ("europepmc", 37258680, "PMC55", "10.1038/x")
    assert (paper.title, paper.journal, paper.year) == ("On E. coli.", "Nature", 2023)
    assert paper.abstract == "Background: Growth (<100 g). Results: More."
    assert paper.authors == ("Ng A", "The Group", "Li B")
    assert (paper.license, paper.retracted, paper.revised) == ("CC-BY", False, "2023-05-06")


def test_authors_and_journal_are_html_too():
    paper = one(authorString="Ng&amp;Co A, <i>Group</i> B.", journalInfo={"journal": {"title": "J &amp; <i>Tests</i>"}})
    assert (paper.authors, paper.journal) == (("Ng&Co A", "Group B"), "J & Tests")


def test_the_lite_form_and_id_lists():
    lite = {
        "id": "1",
        "source": "MED",
        "pmid": "1",
        "title": "T",
        "journalTitle": "Lancet",
        "pubType": "review; journal article",
    }
    papers = read({"resultList": {"result": [lite, {"id": "2", "source": "MED", "pmid": "2"}]}})
    assert [(paper.pmid, paper.journal) for paper in papers] == [(1, "Lancet")]
    preprint = {"id": "PPR1", "source": "PPR", "doi": "10.1101/1", "title": "T"}
    assert read({"resultList": {"result": [preprint]}})[0].pmid is None
    assert read({"resultList": {"result": []}}) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [("cc by-nc-nd", "CC-BY-NC-ND"), ("cc0", "CC0-1.0"), ("cc", None), ("TDM", None), (None, None), ("", None)],
)
def test_licences(code, expected):
    assert one(license=code).license == expected


@pytest.mark.parametrize(
    "mark",
    [
        {"pubTypeList": {"pubType": ["Journal Article", "Retracted Publication"]}},
        {"pubType": "retracted publication; journal article"},
        {"commentCorrectionList": {"commentCorrection": [{"type": "Retraction in", "id": "9"}]}},
    ],
)
def test_retractions(mark):
    assert one(**mark).retracted
    assert not one(pubTypeList={"pubType": ["Retraction of Publication"]}).retracted


@pytest.mark.parametrize("document", [[], {}, [1, 2], {"pmid": "1"}, {"resultList": "x"}, "text", 7, None, [{"id": 1}]])
def test_other_json_is_not_europe_pmcs(document):
    assert read(document) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"errCode":404,"errMsg":"Invalid page size provided."}', "error 404: Invalid page size"),
        (b'{"resultList": {"result": [', "expected JSON, found: "),
        (b"<html>502</html>", "expected JSON, found: "),
        (b"\xff\xff\xff", "expected JSON, found: "),
        (b"[" * 200_000, "expected JSON, found: "),
    ],
)
def test_damage_and_error_answers_are_described(content, message):
    with pytest.raises(CorpusError, match=message):
        read_europepmc(content)

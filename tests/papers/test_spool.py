"""The spool of wanted papers: by PMID, or by PMC id and DOI."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.papers.paper import Paper, Paragraph
from dnacorpus.papers.spool import PaperSpool


def test_the_spool_keeps_wanted_papers_by_pmid(tmp_path):
    long = Paragraph("Results", 0, "é" * 100_000)
    with PaperSpool(tmp_path / "new", {1, 2, 3}) as spool:
        spool.add(Paper("pubmed", 2, title="Two"))
        spool.add(Paper("pubmed", 9, title="Not wanted"))
        spool.add(Paper("jats", 1, paragraphs=(long,)))
        spool.add(Paper("jats", 2, title="Two again"))
        assert list((tmp_path / "new").iterdir()) == []  # nothing that a killed run would leave
        found = list(spool.papers())
        assert found == list(spool.papers())
    assert [(pmid, [paper.title for paper in papers]) for pmid, papers in found] == [
        (1, [None]),
        (2, ["Two", "Two again"]),
    ]
    assert found[0][1][0].paragraphs == (long,)


NAMED = [
    Paper("pubmed", 1, pmcid="PMC1", doi="10.1000/A"),
    Paper("pubmed", 2, doi="10.1000/b"),
    Paper("europepmc", 1, doi="10.1000/a"),
    Paper("pubmed", 3, doi="10.1000/twice"),
    Paper("pubmed", 4, doi="10.1000/TWICE"),
    Paper("jats", None, pmcid="pmc1", title="by its PMC id"),
    Paper("jats", None, doi="10.1000/B", title="by its DOI"),
    Paper("jats", None, doi="10.1000/twice", title="claimed by two"),
    Paper("jats", None, pmcid="PMC1", doi="10.1000/b", title="claims two"),
    Paper("jats", None, pmcid="PMC9", title="unknown"),
    Paper("jats", None, title="nameless"),
]


@pytest.mark.parametrize("order", [range(11), range(10, -1, -1), (5, 8, 0, 7, 2, 10, 6, 1, 4, 3, 9)])
def test_a_paper_without_a_pmid_is_identified_by_pmc_id_or_doi(tmp_path, order):
    with PaperSpool(tmp_path, {1, 2, 3, 4}) as spool:
        for place in order:
            spool.add(NAMED[place])
        found = {pmid: sorted(paper.title for paper in papers if paper.title) for pmid, papers in spool.papers()}
        assert all(paper.pmid == pmid for pmid, papers in each(spool.papers()) for paper in papers)
    assert found == {1: ["by its PMC id"], 2: ["by its DOI"], 3: [], 4: []}


PAPERS = st.builds(
    Paper, st.just("jats"), st.none() | st.integers(1, 4), st.none() | st.sampled_from(["PMC1", "PMC2"]),
    st.none() | st.sampled_from(["10.1000/a", "10.1000/b"]), st.text(max_size=3),
)  # fmt: skip


@given(st.lists(PAPERS, max_size=12), st.sets(st.integers(1, 4)))
def test_the_spool_agrees_with_a_search_through_all_papers(tmp_path_factory, papers, wanted):
    expected: dict[int, list[str]] = {pmid: [] for pmid in wanted if any(paper.pmid == pmid for paper in papers)}
    for paper in papers:
        names = {paper.pmcid, paper.doi} - {None}
        owners = {other.pmid for other in papers if other.pmid in wanted and names & {other.pmcid, other.doi}}
        owner = {paper.pmid} if paper.pmid else owners
        if len(owner) == 1 and owner <= set(expected):
            expected[owner.pop()].append(paper.title)
    with PaperSpool(tmp_path_factory.getbasetemp(), wanted) as spool:
        for paper in papers:
            spool.add(paper)
        found = {pmid: sorted(paper.title for paper in entries) for pmid, entries in spool.papers()}
    assert found == {pmid: sorted(titles) for pmid, titles in expected.items()}

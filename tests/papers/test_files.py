"""Reading a folder of papers: kinds, names that tell an id, damage, and the spool that keeps what is wanted."""

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.errors import CorpusError
from dnacorpus.papers import files as paper_files
from dnacorpus.papers.files import in_directory, read_file, read_files
from dnacorpus.papers.paper import Paper, Paragraph
from dnacorpus.papers.spool import PaperSpool

PUBMED = """<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>7</PMID></MedlineCitation></PubmedArticle>
  </PubmedArticleSet>"""
JATS = """<article><front><article-meta><article-id pub-id-type="{}">{}</article-id></article-meta></front>
  <body><p>Text.</p></body></article>"""
PMC = {"pmcid": "PMC12", "version": 3, "pmid": 7, "license_code": "CC BY", "title": "T", "is_retracted": False}


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_content_decides_the_kind(tmp_path):
    kinds = {
        "a.xml": (PUBMED, "pubmed"),
        "b.XML.gz": (gzip.compress(PUBMED.encode()), "pubmed"),
        "c.nxml": (JATS.format("pmid", 7), "jats"),
        "d.json": (json.dumps(PMC), "pmc"),
        "e.json": ('{"resultList": {"result": []}}', "europepmc"),
        "f.json": ("[1]", "other"),
        "g.xml": ("<root/>", "other"),
        "h.txt": (PUBMED, "other"),
    }
    for name, (content, kind) in kinds.items():
        assert read_file(put(tmp_path, name, content))[0] == kind, name
    found: list[Paper] = []
    counted, damaged = read_files(in_directory(tmp_path), found.append)
    assert counted == {"pubmed": 2, "jats": 1, "pmc": 1, "europepmc": 1, "other": 3}
    assert damaged == []
    assert [paper.source for paper in found] == ["pubmed", "pubmed", "jats", "pmc"]
    assert (found[3].license, found[3].version) == ("CC-BY", 3)


def test_a_pmc_file_is_told_by_its_name(tmp_path):
    (paper,) = read_file(put(tmp_path, "PMC12.4.xml", JATS.format("doi", "10.1000/x")))[1]
    assert (paper.pmcid, paper.version) == ("PMC12", 4)
    (paper,) = read_file(put(tmp_path, "PMC12.5.xml.gz", gzip.compress(JATS.format("pmc", 12).encode())))[1]
    assert (paper.pmcid, paper.version) == ("PMC12", 5)
    (paper,) = read_file(put(tmp_path, "PMC13.5.xml", JATS.format("pmc", 12)))[1]
    assert (paper.pmcid, paper.version) == ("PMC12", 1)
    (paper,) = read_file(put(tmp_path, "77.xml", JATS.format("pmcid-ver", "PMC12.2")))[1]
    assert (paper.pmid, paper.pmcid, paper.version) == (None, "PMC12", 2)


def test_damage_costs_the_file_and_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(paper_files, "MAX_BYTES", 100_000)
    put(tmp_path, "good.xml", PUBMED)
    put(tmp_path, "cut/a.xml", PUBMED[:-20])
    put(tmp_path, "cut/b.xml.gz", gzip.compress(PUBMED.encode())[:-9])
    put(tmp_path, "bomb.xml.gz", gzip.compress(b" " * 100_001))
    put(tmp_path, "deep.xml", JATS.format("pmid", 7).replace("Text.", "<b>" * 4000 + "</b>" * 4000))
    put(tmp_path, "empty.xml", "")
    put(tmp_path, "not.pdf", "rubbish")
    found: list[Paper] = []
    counted, damaged = read_files(in_directory(tmp_path), found.append)
    assert counted == {"pubmed": 1, "unreadable": 6}
    names = ["bomb.xml.gz", "cut/a.xml", "cut/b.xml.gz", "deep.xml", "empty.xml", "not.pdf"]
    assert [line.partition(": ")[0] for line in damaged] == names
    assert all(line.partition(": ")[2].startswith("expected ") for line in damaged)
    assert [paper.pmid for paper in found] == [7]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    put(tmp_path, "a.xml", PUBMED).chmod(0)
    assert read_files(in_directory(tmp_path), print)[0] == {"unreadable": 1}


def test_an_unreadable_place_says_why(tmp_path):
    with pytest.raises(CorpusError, match="expected a readable file, found: No such file"):
        read_file(tmp_path / "gone.xml")


def test_the_spool_keeps_what_is_wanted_by_pmid(tmp_path):
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
def test_a_paper_without_a_pmid_is_told_by_its_names(tmp_path, order):
    with PaperSpool(tmp_path, {1, 2, 3, 4}) as spool:
        for place in order:
            spool.add(NAMED[place])
        found = {pmid: sorted(paper.title for paper in papers if paper.title) for pmid, papers in spool.papers()}
        assert all(paper.pmid == pmid for pmid, papers in spool.papers() for paper in papers)
    assert found == {1: ["by its PMC id"], 2: ["by its DOI"], 3: [], 4: []}


PAPERS = st.builds(
    Paper, st.just("jats"), st.none() | st.integers(1, 4), st.none() | st.sampled_from(["PMC1", "PMC2"]),
    st.none() | st.sampled_from(["10.1000/a", "10.1000/b"]), st.text(max_size=3),
)  # fmt: skip


@given(st.lists(PAPERS, max_size=12), st.sets(st.integers(1, 4)))
def test_the_spool_does_as_a_search_through_all_papers_would(tmp_path_factory, papers, wanted):
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

"""Reading a folder of papers: kinds of files, ids in file names, and damage."""

import gzip
import json
import os
import re
from pathlib import Path

import pytest
from support.each import each
from support.lowered import lower

from dnacorpus.errors import CorpusError
from dnacorpus.papers import files as paper_files
from dnacorpus.papers.files import in_directory, read_file, read_files
from dnacorpus.papers.paper import Paper

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
        "f.json": ("[1]", "other json"),
        "g.xml": ("<root/>", "other xml"),
        "h.txt": (PUBMED, "xml with another ending"),
    }
    for name, (content, kind) in each(kinds.items()):
        assert read_file(put(tmp_path, name, content))[0] == kind, name
    found: list[Paper] = []
    counted, damaged, _ = read_files(in_directory(tmp_path), found.append)
    assert counted == {
        "pubmed": 2,
        "jats": 1,
        "pmc": 1,
        "europepmc without papers": 1,
        "other json": 1,
        "other xml": 1,
        "xml with another ending": 1,
    }
    assert damaged == []
    assert [paper.source for paper in found] == ["pubmed", "pubmed", "jats", "pmc"]
    assert (found[3].license, found[3].version) == ("CC-BY", 3)


def test_a_pmc_file_is_identified_by_its_name(tmp_path):
    (paper,) = read_file(put(tmp_path, "PMC12.4.xml", JATS.format("doi", "10.1000/x")))[1]
    assert (paper.pmcid, paper.version) == ("PMC12", 4)
    (paper,) = read_file(put(tmp_path, "PMC12.5.xml.gz", gzip.compress(JATS.format("pmc", 12).encode())))[1]
    assert (paper.pmcid, paper.version) == ("PMC12", 5)
    (paper,) = read_file(put(tmp_path, "PMC13.5.xml", JATS.format("pmc", 12)))[1]
    assert (paper.pmcid, paper.version) == ("PMC12", 1)
    (paper,) = read_file(put(tmp_path, "77.xml", JATS.format("pmcid-ver", "PMC12.2")))[1]
    assert (paper.pmid, paper.pmcid, paper.version) == (None, "PMC12", 2)


def test_a_damaged_file_is_skipped_and_listed(tmp_path, monkeypatch):
    lower(monkeypatch, "PAPER_FILE", 100_000)
    put(tmp_path, "good.xml", PUBMED)
    put(tmp_path, "cut/a.xml", PUBMED[:-20])
    put(tmp_path, "cut/b.xml.gz", gzip.compress(PUBMED.encode())[:-9])
    put(tmp_path, "bomb.xml.gz", gzip.compress(b" " * 100_001))
    put(tmp_path, "deep.xml", JATS.format("pmid", 7).replace("Text.", "<b>" * 4000 + "</b>" * 4000))
    put(tmp_path, "empty.xml", "")
    put(tmp_path, "not.pdf", "rubbish")
    found: list[Paper] = []
    counted, damaged, _ = read_files(in_directory(tmp_path), found.append)
    assert counted == {"pubmed": 1, "unreadable": 6}
    names = ["bomb.xml.gz", "cut/a.xml", "cut/b.xml.gz", "deep.xml", "empty.xml", "not.pdf"]
    assert [line.partition(": ")[0] for line in damaged] == names
    assert all(line.partition(": ")[2].startswith("expected ") for line in each(damaged))
    assert [paper.pmid for paper in found] == [7]


def test_a_bomb_costs_its_file_and_names_the_limit(tmp_path, monkeypatch):
    lower(monkeypatch, "XML_ELEMENTS", 1000)
    lower(monkeypatch, "JSON_VALUES", 1000)
    put(tmp_path, "good.xml", PUBMED)
    put(tmp_path, "jats.xml.gz", gzip.compress(JATS.format("pmid", 8).replace("Text.", "<a/>" * 1000).encode()))
    put(tmp_path, "pubmed.xml", PUBMED.replace("<PubmedArticleSet>", "<PubmedArticleSet>" + "<a/>" * 1000))
    put(tmp_path, "lists.json", "[" + "[]," * 1000 + "1]")
    found: list[Paper] = []
    counted, damaged, _ = read_files(in_directory(tmp_path), found.append)
    assert counted == {"pubmed": 1, "unreadable": 3}
    assert [re.fullmatch(r"(\S+): .*\(limit (\w+)\).*", line).groups() for line in damaged] == [
        ("jats.xml.gz", "XML_ELEMENTS"), ("lists.json", "JSON_VALUES"), ("pubmed.xml", "XML_ELEMENTS")
    ]  # fmt: skip


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_a_file_that_exhausts_memory_costs_itself(tmp_path, monkeypatch, error):
    def failing(content: bytes) -> list[Paper]:
        if b"Owls" in content:
            raise error
        return []

    monkeypatch.setattr(paper_files, "read_jats", failing)
    put(tmp_path, "a.xml", JATS.format("pmid", 7).replace("Text.", "Owls."))
    put(tmp_path, "b.xml", JATS.format("pmid", 7))
    counted, damaged, _ = read_files(in_directory(tmp_path), list[Paper]().append)
    assert counted == {"unreadable": 1, "other xml": 1}
    assert re.match(r"a.xml: expected (an input that fits in memory|a few levels of nesting), found", damaged[0])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_read_permission_is_listed(tmp_path):
    put(tmp_path, "a.xml", PUBMED).chmod(0)
    assert read_files(in_directory(tmp_path), print)[0] == {"unreadable": 1}


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match="expected a readable file, found: No such file"):
        read_file(tmp_path / "gone.xml")

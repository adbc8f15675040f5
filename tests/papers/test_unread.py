"""Files that no papers are read from: what they are, and how the user learns of them."""

import gzip

import pytest

from dnacorpus.papers.files import in_directory, read_files, unread
from dnacorpus.papers.unread import kind_of

FILES = {
    "a.ris": ("TY  - JOUR\nTI  - A title\nER  - \n", "ris"),
    "b.txt": ("\ufeff\nTY  - JOUR\n", "ris"),
    "c.bib": ("% exported\n@article{key,\n title = {A}}\n", "bibtex"),
    "d.bib": ("@Comment{x}\n@BOOK (key, title = 1)", "bibtex"),
    "e.enw": ("%0 Journal Article\n%T A title\n", "endnote"),
    "f.html": ("<!DOCTYPE html>\n<html><body>Sign in</body></html>", "html"),
    "g.txt": ("<?xml version='1.0'?><PubmedArticleSet/>", "xml with another ending"),
    "h.nbib": ("PMID- 1\nTI  - A title.\n", "medline"),
    "i.docx": ("PK\x03\x04", "other"),
    "j.csv": ("PMID,Title\n1,A\n", "other"),
    "LICENSE": ("", "other"),
    "k.json": ("[1]", "other json"),
    "l.xml": ("<eSummaryResult/>", "other xml"),
    "m.xml": ("<PubmedArticleSet/>", "pubmed without papers"),
    "n.json": ('{"resultList": {"result": []}}', "europepmc without papers"),
    "o.txt": ("PMID- \n", "other"),
    "p.nbib": ("PMID- 0\n", "medline without papers"),
}


@pytest.mark.parametrize("name", FILES)
def test_the_kind_of_a_file(name, tmp_path):
    content, kind = FILES[name]
    (tmp_path / name).write_text(content)
    assert read_files(in_directory(tmp_path), lambda paper: None).kinds == {kind: 1}
    (tmp_path / name).rename(tmp_path / f"{name}.gz")
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content.encode()))
    assert read_files(in_directory(tmp_path), lambda paper: None).kinds == {kind: 1}


def test_files_that_are_not_read_are_counted_by_kind(tmp_path):
    for name, (content, _) in FILES.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "cut.txt.gz").write_bytes(gzip.compress(b"PMID- 1")[:-9])
    told = unread(read_files(in_directory(tmp_path), lambda paper: None).kinds)
    assert told == (
        "2 bibtex, 1 endnote, 1 europepmc without papers, 1 html, 1 medline without papers, 5 other, 1 other json,"
        " 1 other xml, 1 pubmed without papers, 2 ris, 1 xml with another ending"
    )
    assert unread({"pubmed": 3, "unreadable": 2}) == ""


def test_only_the_beginning_of_a_file_decides():
    assert kind_of(b"%" + b"a" * 5000 + b"\n@article{") == "other"
    assert kind_of(b"") == kind_of(b"\x00" * 100) == "other"

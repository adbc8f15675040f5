"""The folder of real papers: the kind of each file, several files on one paper, and PDFs."""

import re

import pytest
from support.each import each
from support.realfiles import UNREADABLE_PAPERS

from dnacorpus.papers.files import in_directory, read_file, read_files
from dnacorpus.papers.readers.pdf.process import PdfReader
from dnacorpus.papers.spool import PaperSpool

pytestmark = pytest.mark.mirror

PDFS = {
    "enanibus_biopython__best-practices-bioinfo-software": ("10.3389/fgene.2014.00199", "CC-BY-3.0"),
    "enanibus_biopython__freedom-in-bioinfo": ("10.3389/fgene.2014.00259", "CC-BY-3.0"),
    "enanibus_biopython__ten-rules-computational-research": ("10.1371/journal.pcbi.1003506", "CC-BY-4.0"),
    "enanibus_biopython__ten-rules-reproducible-computational-research": ("10.1371/journal.pcbi.1003285", "CC-BY"),
    "lokesh-venkatesh_mitogenome_evolution__A_Dynamic_Mobile_DNA_Family_in_the_Yeast_Mitochondrial_Genome": (
        "10.1534/g3.115.017822", "CC-BY-3.0",
    ),
    "mummer4_mummer__XFiles": (None, None),
    "ropensci_fulltext__example2": ("10.1371/journal.pone.0107412", "CC-BY-4.0"),
}  # fmt: skip
"""DOI and licence of each PDF, as read by a person on its first and last page."""


def test_every_real_file_is_counted_by_its_kind(real_papers):
    found = []
    kinds, damaged, _ = read_files(in_directory(real_papers), found.append)
    assert len(found) > 600
    assert sum(kinds.values()) == sum(path.is_file() for path in real_papers.rglob("*"))
    assert {line.split(": ")[0] for line in damaged} == set(UNREADABLE_PAPERS)
    assert kinds == {
        "pubmed": 44,
        "jats": 48,
        "europepmc": 13,
        "europepmc without papers": 1,
        "medline": 1,
        "pdf": 7,
        "unreadable": 1,
    } | {
        "other": 5,
        "other xml": 1,
    }


def test_several_files_agree_on_a_paper(real_papers, tmp_path):
    """Papers of which there are both a full text and an answer of Europe PMC."""
    wanted = {34027066, 34065068, 34072415, 34172799, 34210999}
    with PaperSpool(tmp_path, wanted) as spool:
        read_files(in_directory(real_papers / "jats"), spool.add)
        read_files(in_directory(real_papers / "europepmc"), spool.add)
        found = dict(spool.papers())
    assert set(found) == wanted
    for entries in each(found.values()):
        assert {paper.source for paper in entries} == {"jats", "europepmc"}  # three full texts state no PMID
        assert len({paper.doi for paper in entries}) == 1
        titles = {re.sub(r"\W", "", paper.title or "").lower() for paper in entries}
        assert len(titles) == 1


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def test_pdfs_are_read_in_order_and_on_the_right_page(real_papers):
    """The oracle is PyMuPDF's plain text of a page: every paragraph must start on its page."""
    pymupdf = pytest.importorskip("pymupdf")
    with PdfReader() as reader:
        for path in each(sorted((real_papers / "pdf").glob("*.pdf"))):
            kind, (paper,), _ = read_file(path, reader)
            assert kind == "pdf"
            assert (paper.doi, paper.license) == PDFS[path.stem], path
            with pymupdf.open(path) as document:
                pages = [letters(page.get_text()) for page in document]
            assert letters(paper.title) in pages[0]
            for paragraph in each(paper.paragraphs):
                words = paragraph.text.split()
                assert letters("".join(words[:4])) in pages[paragraph.page - 1], (path, paragraph.text[:60])
                assert sum(letters(word) in "".join(pages) for word in words) > 0.97 * len(words), paragraph.text
            numbers = [paragraph.page for paragraph in paper.paragraphs]
            assert numbers == sorted(numbers), path
            assert len(paper.paragraphs) > 5
            # At least half of the longer paragraphs occur word for word on one page, so columns are not mixed.
            longer = [letters(paragraph.text) for paragraph in paper.paragraphs if len(paragraph.text) > 200]
            whole = sum(any(text in page for page in pages) for text in longer)
            assert whole >= 0.5 * len(longer), path

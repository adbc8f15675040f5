"""Real papers as one folder: what each file is, what several files say of one paper, and the PDFs."""

import re
from pathlib import Path

import pytest

from dnacorpus.papers.files import in_directory, read_file, read_files
from dnacorpus.papers.readers.pdf.process import PdfReader
from dnacorpus.papers.spool import PaperSpool

pytestmark = pytest.mark.mirror

UNREADABLE = {"jats/JATS4R__auths-affs-test2.xml": "a prefix that nothing declares"}
"""Files that no strict XML reader takes, and why."""
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
"""DOI and licence that a person reads on the first and last page of each PDF."""


@pytest.fixture(scope="module")
def folder(mirror) -> Path:
    """The papers beside the real mirror."""
    path = mirror.parent / "papers"
    if not path.is_dir():
        pytest.skip(f"no real papers at {path}")
    return path


def test_kinds_are_decided_by_content_and_every_file_is_counted(folder):
    found = []
    kinds, damaged = read_files(in_directory(folder), found.append)
    assert len(found) > 600
    assert sum(kinds.values()) == sum(path.is_file() for path in folder.rglob("*"))
    assert {line.split(": ")[0] for line in damaged} == set(UNREADABLE)
    assert kinds == {"pubmed": 44, "jats": 48, "europepmc": 14, "other": 7, "pdf": 7, "unreadable": 1}


def test_what_is_said_of_a_paper_by_several_files_agrees(folder, tmp_path):
    """The seven papers that stand here both as full text and as Europe PMC's answer."""
    wanted = {34027066, 34065068, 34072415, 34172799, 34210999}
    with PaperSpool(tmp_path, wanted) as spool:
        read_files(in_directory(folder / "jats"), spool.add)
        read_files(in_directory(folder / "europepmc"), spool.add)
        found = dict(spool.papers())
    assert set(found) == wanted
    for entries in found.values():
        assert {paper.source for paper in entries} == {"jats", "europepmc"}  # three full texts state no PMID
        assert len({paper.doi for paper in entries}) == 1
        titles = {re.sub(r"\W", "", paper.title or "").lower() for paper in entries}
        assert len(titles) == 1


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def test_pdfs_are_read_in_order_and_say_where(folder):
    """PyMuPDF's plain text of a page is the oracle: what we join must stand there, and start on that page."""
    pymupdf = pytest.importorskip("pymupdf")
    with PdfReader() as reader:
        for path in sorted((folder / "pdf").glob("*.pdf")):
            kind, (paper,) = read_file(path, reader)
            assert kind == "pdf"
            assert (paper.doi, paper.license) == PDFS[path.stem], path
            with pymupdf.open(path) as document:
                pages = [letters(page.get_text()) for page in document]
            assert letters(paper.title) in pages[0]
            for paragraph in paper.paragraphs:
                words = paragraph.text.split()
                assert letters("".join(words[:4])) in pages[paragraph.page - 1], (path, paragraph.text[:60])
                assert sum(letters(word) in "".join(pages) for word in words) > 0.97 * len(words), paragraph.text
            numbers = [paragraph.page for paragraph in paper.paragraphs]
            assert numbers == sorted(numbers), path
            assert len(paper.paragraphs) > 5
            # Three in four of the longer passages stand word for word in one page's text, so columns are not mixed.
            longer = [letters(paragraph.text) for paragraph in paper.paragraphs if len(paragraph.text) > 200]
            whole = sum(any(text in page for page in pages) for text in longer)
            assert whole >= 0.5 * len(longer), path

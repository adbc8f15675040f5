"""A paper from its PDF: title, DOI, licence, abstract, and ids from the file name."""

import pytest
from support.pdflines import HEIGHT, column, prose

from dnacorpus.errors import CorpusError
from dnacorpus.papers.paper import Paper
from dnacorpus.papers.readers.pdf.layout import Line, Page
from dnacorpus.papers.readers.pdf.paper import Document, identified_by_file_name, paper_of_pdf


def document(*pages: list[Line], **more) -> Document:
    return Document(tuple(Page(HEIGHT, tuple(lines)) for lines in pages), **more)


def first_page(*more: str) -> list[Line]:
    title = [
        Line(1, 60, 90, 400, 110, 20, "Of owls and of mice"),
        Line(1, 60, 112, 300, 132, 20, "in the night forest"),
    ]
    return title + column(prose("alpha", 12), 60, 200) + column(list(more), 60, 500, 480, size=8.0)


def test_title_doi_and_licence():
    grant = "This is an open access article under the terms of the CC BY 4.0 license."
    paper = paper_of_pdf(document(first_page("doi:10.1000/owls.", "123", grant), title="Microsoft Word - owls.doc"))
    assert (paper.title, paper.doi, paper.license) == (
        "Of owls and of mice in the night forest",
        "10.1000/owls.123",
        "CC-BY-4.0",
    )
    stated = paper_of_pdf(
        document(first_page(), title="Something that page one does not say", metadata=("doi:10.1000/m",))
    )
    assert (stated.title, stated.doi, stated.license) == ("Of owls and of mice in the night forest", "10.1000/m", None)
    assert paper_of_pdf(document(first_page(), title="of mice in the Night")).title == "of mice in the Night"
    two = paper_of_pdf(document(first_page("doi:10.1000/a and 10.1000/b are cited")))
    assert two.doi is None
    parts = paper_of_pdf(document(first_page("10.1000/a.g001 and doi:10.1000/A, and 10.1000/a.s1")))
    assert parts.doi == "10.1000/A"
    head = [Line(1, 60, 20, 200, 28, 8, "https://doi.org/10.1000/head")]
    assert paper_of_pdf(document(head + first_page("10.1000/a and 10.1000/b"))).doi == "10.1000/head"


def test_a_pdf_says_in_its_title_or_abstract_that_it_is_retracted():
    stamped = [Line(1, 60, 66, 400, 86, 20, "RETRACTED ARTICLE:"), *first_page()]
    paper = paper_of_pdf(document(stamped))
    assert (paper.title, paper.retracted) == ("RETRACTED ARTICLE: Of owls and of mice in the night forest", True)
    said = column(
        ["Abstract: This article has been withdrawn at the", "request of the owls that wrote it."], 60, 150, 480
    )
    assert paper_of_pdf(document(first_page() + said)).retracted
    assert not paper_of_pdf(document(first_page())).retracted


def test_a_licence_that_is_only_mentioned_is_not_granted():
    talk = "Many owls prefer Creative Commons Attribution (CC BY) to all other ways of night."
    assert paper_of_pdf(document(first_page(talk))).license is None
    grant = "© The owls. Distributed under http://creativecommons.org/licenses/", "by/4.0/ by the forest."
    assert paper_of_pdf(document(first_page(*grant))).license == "CC-BY-4.0"
    assert paper_of_pdf(document(first_page(*grant, "", "Figures CC BY-NC-ND."))).license == "CC-BY-NC-ND"
    link = ("https://creativecommons.org/licenses/by-nc/4.0/",)
    assert paper_of_pdf(document(first_page(*grant), links=link)).license == "CC-BY-NC-4.0"


def test_the_abstract_is_not_among_the_paragraphs():
    run_in = ["Abstract: The owls of the night are quiet, and they", "are seen by none of the mice that they come for."]
    head = column(run_in, 60, 150, 480)
    paper = paper_of_pdf(document(first_page() + head))
    assert paper.abstract == " ".join(run_in).removeprefix("Abstract: ")
    assert [(paragraph.paragraph, paragraph.text) for paragraph in paper.paragraphs] == [
        (0, " ".join(prose("alpha", 12)))
    ]


def test_a_scan_is_refused():
    with pytest.raises(
        CorpusError, match="expected text, found 4 letters on 2 pages: a scan; run text recognition on it first"
    ):
        paper_of_pdf(document([Line(1, 0, 0, 9, 9, 9, "owls")], []))


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("12.pdf", (12, None, None, 1)), ("PMC12.pdf", (None, "PMC12", None, 1)),
        ("PMC12.3.PDF", (None, "PMC12", None, 3)),
        ("10.1000_a_b.c.pdf", (None, None, "10.1000/a_b.c", 1)), ("paper.pdf", (None, None, None, 1)),
        ("12.pdf.gz", (12, None, None, 1)), ("0.pdf", (None, None, None, 1)), ("1234567890.pdf", (None, None, None, 1)),
    ],
)  # fmt: skip
def test_ids_from_file_names(name, ids):
    paper = identified_by_file_name(Paper("pdf"), name)
    assert (paper.pmid, paper.pmcid, paper.doi, paper.version) == ids

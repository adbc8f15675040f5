"""A paper as its PDF tells it: title, DOI and licence found in the text of the first and the last page.

None of them has a field of its own in a PDF that could be relied on; what is not plain is left unknown.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

from dnacorpus.errors import CorpusError
from dnacorpus.papers.licenses import family, licenses_in, stated_license, strictest
from dnacorpus.papers.paper import Paper, Passage, abstract_of, doi_of, pmcid_of, pmcid_version, pmid_of
from dnacorpus.papers.readers.pdf.layout import Line, Page, columns_of, rows, running_lines
from dnacorpus.papers.readers.pdf.paragraphs import paragraphs_of
from dnacorpus.papers.readers.pdf.passages import ABSTRACTS, passages_of_columns
from dnacorpus.papers.readers.pdf.pdf_words import joined, letters_of, words_of

_GRANT = re.compile(
    r"distributed|licen[sc]ed|under (?:the|a|an) |terms of|permits?\b|open[\s-]access|copyright|©|\(c\)", re.I
)
_OPENEST = frozenset({"CC0", "CC-PDM", "CC-BY", "CC-BY-SA"})
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>|,;]+")
_TITLE = range(15, 401)
"""Lengths of a title."""
_LEAST_LETTERS = 100
"""A paper whose pages hold fewer letters than this in all is a picture of a paper."""


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a PDF: its pages, its metadata, and the addresses that the first two pages and the last link."""

    pages: tuple[Page, ...]
    title: str = ""
    metadata: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


def paper_of_pdf(document: Document) -> Paper:
    """Return the paper of one PDF; its ids may be unknown, see `named_by_file`.

    Raises CorpusError where there is next to no text.
    """
    letters = sum(char.isalpha() for page in document.pages for line in page.lines for char in line.text)
    if letters < _LEAST_LETTERS:
        raise CorpusError(
            f"expected text, found {letters} letters on {len(document.pages)} pages: a scan; recognise its text first"
        )
    columns = columns_of(document.pages)
    title = title_of(document, columns)
    passages = passages_of_columns(columns, title)
    abstract = " ".join(passage.text for passage in passages if _in_abstract(passage))
    rest = [passage for passage in passages if not _in_abstract(passage)]
    return Paper(
        "pdf",
        doi=stated_doi(document),
        title=title,
        abstract=abstract_of(abstract),
        license=license_of(document),
        passages=tuple(replace(passage, paragraph=place) for place, passage in enumerate(rest)),
    )


def named_by_file(paper: Paper, name: str) -> Paper:
    """Return a paper with what its file's name says: ``<pmid>.pdf``, ``PMC<id>[.<version>].xml``, a DOI with _ for /.

    A name of another form says nothing. The version of a PMC file counts for that article alone.
    """
    stem = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE).rpartition(".")[0]
    if re.fullmatch(r"PMC\d+(?:\.\d+)?", stem, re.IGNORECASE):
        if paper.pmcid is None or paper.pmcid == pmcid_of(stem):
            return replace(paper, pmcid=pmcid_of(stem), version=max(paper.version, pmcid_version(stem)))
    elif paper.source == "pdf" and pmid_of(stem) is not None:
        return replace(paper, pmid=pmid_of(stem))
    elif paper.source == "pdf" and re.fullmatch(r"10\.\d{4,9}_\S+", stem):
        return replace(paper, doi=stem.replace("_", "/", 1))
    return paper


def title_of(document: Document, columns: Sequence[Sequence[Line]]) -> str | None:
    """Return the title: that of the metadata where page 1 bears it out, else the largest text of page 1, or None."""
    first = [line for column in columns for line in column if line.page == 1]
    printed = letters_of(" ".join(line.text for line in first))
    stated = " ".join(document.title.split())
    if len(stated.split()) >= 3 and letters_of(stated) in printed:
        return stated
    vocabulary = words_of(columns)
    if not first:
        return None
    usual = median(line.size for line in first)
    groups = [list(group) for _, group in groupby(first, key=lambda line: round(line.size))]
    texts = [(group[0].size, joined(group, vocabulary)) for group in groups]
    titles = [
        (size, text) for size, text in texts if size > 1.05 * usual and len(text.split()) >= 3 and len(text) in _TITLE
    ]
    return max(titles, key=lambda title: title[0])[1] if titles else None


def stated_doi(document: Document) -> str | None:
    """Return the DOI of the metadata, or the one that page 1 names, in its head or foot or as the only one; or None."""
    found = [doi for text in (document.title, *document.metadata) if (doi := _bare_doi(text))]
    if found:
        return found[0]
    if not document.pages:
        return None
    page = document.pages[0]
    margin = [line for line in page.lines if line.y1 < 0.12 * page.height or line.y0 > 0.88 * page.height]
    return _only(_dois(margin)) or _only(_dois(page.lines))


def license_of(document: Document) -> str | None:
    """Return the licence that the first two pages or the last one state, or None.

    An open one counts only where the words around it grant something; a restriction counts anywhere there.
    """
    texts = list(_statements([*document.pages[:2], *document.pages[2:][-1:]]))
    granted = stated_license(document.links, [text for text in texts if _GRANT.search(text)])
    if granted is None:
        return None
    named = [licence for text in texts for licence in licenses_in(text)]
    return strictest([granted, *(licence for licence in named if family(licence) not in _OPENEST)])


def _statements(pages: Sequence[Page]) -> Iterable[str]:
    """Yield the paragraphs of pages, and their heads and feet, with addresses that a line's end divides whole too."""
    columns = [*columns_of(pages), *(rows(lines) for lines in running_lines(pages) if lines)]
    vocabulary = words_of(columns)
    for paragraph in paragraphs_of(columns):
        text = joined(paragraph.lines, vocabulary)
        yield text
        if "creativecommons" in text:
            yield re.sub(r"(?<=[/.-])\s+", "", text)


def _in_abstract(passage: Passage) -> bool:
    return passage.section.casefold() in ABSTRACTS


def _dois(lines: Iterable[Line]) -> list[str]:
    """Return the DOIs that lines name, made whole where one ends on a slash, full stop or hyphen at a line's end."""
    text = "\n".join(line.text.strip() for line in lines)
    whole = re.sub(r"(10\.\d{4,9}/\S*[./-]|10\.\d{4,9}/)\n(?=\w)", r"\1", text)
    return [doi for match in _DOI.finditer(whole) if (doi := _bare_doi(match[0]))]


def _bare_doi(text: str) -> str | None:
    doi = doi_of(text)
    return doi.rstrip(".,;:)]}'\"”’") if doi else None


def _only(dois: list[str]) -> str | None:
    """Return the one DOI that all others are parts of (its figures and supplements), or None."""
    names = sorted({doi.lower() for doi in dois}, key=len)
    if not names or not all(name.startswith(names[0]) for name in names):
        return None
    return next(doi for doi in dois if doi.lower() == names[0])

"""A paper from its PDF: title, DOI and licence are looked for in the text of the first and last pages.

A PDF has no reliable field for any of them; what is not clearly stated is left unknown.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

from dnacorpus.errors import CorpusError
from dnacorpus.papers.licenses import family, licenses_in, stated_license, strictest
from dnacorpus.papers.paper import Paper, Paragraph, abstract_or_none, doi_of, pmcid_of, pmcid_version, pmid_of
from dnacorpus.papers.readers.pdf.layout import Line, Page, columns_of, rows, running_lines
from dnacorpus.papers.readers.pdf.lines import count_words, group_lines, join_lines, letters_of
from dnacorpus.papers.readers.pdf.paragraphs import ABSTRACTS, paragraphs_of_columns
from dnacorpus.papers.retraction import is_retracted

_GRANT = re.compile(
    r"distributed|licen[sc]ed|under (?:the|a|an) |terms of|permits?\b|open[\s-]access|copyright|©|\(c\)", re.I
)
_OPEN = frozenset({"CC0", "CC-PDM", "CC-BY", "CC-BY-SA"})
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>|,;]+")
_DOI_START = re.compile(r"10\.\d{4,9}/")
_DIVIDED = re.compile(r"(?<!\S)(\S*[./-])\n(?=\w)")
_PMC_FILE = re.compile(r"PMC\d+(?:\.\d+)?", re.IGNORECASE)
_GZ = re.compile(r"\.gz$", re.IGNORECASE)
_DOI_FILE = re.compile(r"10\.\d{4,9}_\S+")
_BROKEN_URL = re.compile(r"(?<=[/.-])\s+")
_TITLE_LENGTHS = range(15, 401)
_MIN_LETTERS = 100
"""A PDF with fewer letters on all its pages is a scan."""


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a PDF: its pages, its metadata, and the addresses linked from the first two pages and the last."""

    pages: tuple[Page, ...]
    title: str = ""
    metadata: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


def paper_of_pdf(document: Document) -> Paper:
    """Return the paper of one PDF; its ids may be unknown, see `identified_by_file_name`.

    Raises CorpusError when there is almost no text.
    """
    letters = sum(char.isalpha() for page in document.pages for line in page.lines for char in line.text)
    if letters < _MIN_LETTERS:
        raise CorpusError(
            f"expected text, found {letters} letters on {len(document.pages)} pages: a scan;"
            " run text recognition on it first"
        )
    columns = columns_of(document.pages)
    title = title_of(document, columns)
    paragraphs = paragraphs_of_columns(columns, title)
    abstract = abstract_or_none(" ".join(paragraph.text for paragraph in paragraphs if _in_abstract(paragraph)))
    body = [paragraph for paragraph in paragraphs if not _in_abstract(paragraph)]
    return Paper(
        "pdf",
        doi=stated_doi(document),
        title=title,
        abstract=abstract,
        license=license_of(document),
        retracted=is_retracted(title, abstract),
        paragraphs=tuple(replace(paragraph, paragraph=index) for index, paragraph in enumerate(body)),
    )


def identified_by_file_name(paper: Paper, name: str) -> Paper:
    """Return a paper with the ids in its file's name.

    The forms are ``<pmid>.pdf``, ``PMC<id>[.<version>].xml`` (or another ending), and for a PDF a DOI with _ in place
    of its first /. A name of another form is ignored, and so is a PMC id that contradicts the one stated in the file.
    """
    stem = _GZ.sub("", name).rpartition(".")[0]
    if _PMC_FILE.fullmatch(stem):
        if paper.pmcid is None or paper.pmcid == pmcid_of(stem):
            return replace(paper, pmcid=pmcid_of(stem), version=max(paper.version, pmcid_version(stem)))
    elif paper.source == "pdf" and pmid_of(stem) is not None:
        return replace(paper, pmid=pmid_of(stem))
    elif paper.source == "pdf" and _DOI_FILE.fullmatch(stem):
        return replace(paper, doi=stem.replace("_", "/", 1))
    return paper


def title_of(document: Document, columns: Sequence[Sequence[Line]]) -> str | None:
    """Return the title in the metadata if page 1 has it, else the text in the largest type on page 1, or None."""
    first = [line for column in columns for line in column if line.page == 1]
    printed = letters_of(" ".join(line.text for line in first))
    stated = " ".join(document.title.split())
    if len(stated.split()) >= 3 and letters_of(stated) in printed:
        return stated
    vocabulary = count_words(columns)
    if not first:
        return None
    usual = median(line.size for line in first)
    groups = [list(group) for _, group in groupby(first, key=lambda line: round(line.size))]
    texts = [(group[0].size, join_lines(group, vocabulary)) for group in groups]
    titles = [
        (size, text)
        for size, text in texts
        if size > 1.05 * usual and len(text.split()) >= 3 and len(text) in _TITLE_LENGTHS
    ]
    return max(titles, key=lambda title: title[0])[1] if titles else None


def stated_doi(document: Document) -> str | None:
    """Return the DOI in the metadata, or the only one in the head and foot of page 1, or on page 1; or None."""
    for text in (document.title, *document.metadata):
        if doi := _bare_doi(text):
            return doi
    if not document.pages:
        return None
    page = document.pages[0]
    margin = [line for line in page.lines if line.y1 < 0.12 * page.height or line.y0 > 0.88 * page.height]
    return _only(_dois(margin)) or _only(_dois(page.lines))


def license_of(document: Document) -> str | None:
    """Return the licence stated on the first two pages or the last, or None.

    An open licence counts only in a text that grants something; a restriction counts in any text of these pages.
    """
    texts = list(_statements([*document.pages[:2], *document.pages[2:][-1:]]))
    granted = stated_license(document.links, [text for text in texts if _GRANT.search(text)])
    if granted is None:
        return None
    mentioned = [licence for text in texts for licence in licenses_in(text)]
    return strictest([granted, *(licence for licence in mentioned if family(licence) not in _OPEN)])


def _statements(pages: Sequence[Page]) -> Iterable[str]:
    """Yield the paragraphs, heads and feet of pages; those with a divided address once more, with it joined."""
    columns = [*columns_of(pages), *(rows(lines) for lines in running_lines(pages) if lines)]
    vocabulary = count_words(columns)
    for group in group_lines(columns):
        text = join_lines(group.lines, vocabulary)
        yield text
        if "creativecommons" in text:
            yield _BROKEN_URL.sub("", text)


def _in_abstract(paragraph: Paragraph) -> bool:
    return paragraph.section.casefold() in ABSTRACTS


def _dois(lines: Iterable[Line]) -> list[str]:
    """Return the DOIs in lines; a DOI that is divided after a slash, full stop or hyphen is joined."""
    text = "\n".join(line.text.strip() for line in lines)
    whole = _DIVIDED.sub(lambda word: word[1] + "\n" * (_DOI_START.search(word[1]) is None), text)
    return [doi for match in _DOI.finditer(whole) if (doi := _bare_doi(match[0]))]


def _bare_doi(text: str) -> str | None:
    doi = doi_of(text)
    return doi.rstrip(".,;:)]}'\"”’") if doi else None


def _only(dois: list[str]) -> str | None:
    """Return the DOI that all others start with (those of its figures and supplements), or None."""
    names = sorted({doi.lower() for doi in dois}, key=len)
    if not names or not all(name.startswith(names[0]) for name in names):
        return None
    return next(doi for doi in dois if doi.lower() == names[0])

"""PubMed XML: the papers of a PubmedArticleSet, and the selection of entries from a long one.

Format: the PubmedArticle DTD, https://dtd.nlm.nih.gov/ncbi/pubmed/out/, articles and book chapters, as E-utilities
and PubMed's yearly files give them. PubMed has no field for the licence; a publisher may state one in
CopyrightInformation.
"""

from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple
from xml.etree import ElementTree  # expat fetches no external entity and bounds internal ones
from xml.etree.ElementTree import Element

from dnacorpus.errors import CorpusError
from dnacorpus.papers.html_text import collapse_blanks, with_label
from dnacorpus.papers.licenses import stated_license
from dnacorpus.papers.markup import chunks_of, elements, root_name, text_of
from dnacorpus.papers.paper import (
    Paper,
    abstract_or_none,
    author,
    distinct_authors,
    doi_of,
    pmcid_of,
    pmid_of,
    year_of,
)
from dnacorpus.papers.retraction import is_retracted

_ENTRIES_OF = {
    "PubmedArticleSet": ("PubmedArticle", "PubmedBookArticle"),
    "PubmedArticle": ("PubmedArticle",),
    "PubmedBookArticleSet": ("PubmedBookArticle",),
    "PubmedBookArticle": ("PubmedBookArticle",),
    "MedlineCitationSet": ("MedlineCitation",),
    "MedlineCitation": ("MedlineCitation",),
    "BookDocumentSet": ("BookDocument",),
    "BookDocument": ("BookDocument",),
}
"""Names of entries by that of the root; MEDLINE's files up to 2016 have citations without PubMed's envelope."""
ROOTS = frozenset(_ENTRIES_OF)
"""Names of root elements."""

_PMID_PATHS = {"PubmedArticle": "MedlineCitation/PMID", "PubmedBookArticle": "BookDocument/PMID"}
"""Path of an entry's own PMID, by the entry's name; comments and references hold the PMIDs of other papers."""
_NO_TITLES = ("", "[not available].", "[not available]")
_SET = "PubmedArticleSet"
_DELETED = frozenset({"DeleteCitation", "DeleteDocument"})
_ERROR = "ERROR"
_ENTRIES = frozenset({*_PMID_PATHS, *_DELETED, _ERROR})
_MAX_ERROR_LETTERS = 200


class Selection(NamedTuple):
    """The wanted entries of a document, as a document, their PMIDs, and the wanted PMIDs that it deletes, sorted."""

    document: bytes
    pmids: frozenset[int]
    deleted: tuple[int, ...]


def read_pubmed(content: bytes) -> Iterator[Paper]:
    """Yield the papers of one PubMed XML document; entries without a PMID are left out.

    Raises CorpusError, with line and column, when the document is not well formed.
    """
    names = frozenset(_ENTRIES_OF.get(root_name(content), ()))
    for element in elements(chunks_of(content), names):
        if element.tag not in names:
            continue
        paper = _article(element) if element.tag in ("PubmedArticle", "MedlineCitation") else _book(element)
        if paper.pmid is not None:
            yield paper


def deleted_pmids(content: bytes) -> frozenset[int]:
    """Return the PMIDs that a document deletes.

    Raises CorpusError, with line and column, when the document is not well formed.
    """
    if b"<Delete" not in content:
        return frozenset()
    deletions = (element for element in elements(chunks_of(content), _DELETED) if element.tag in _DELETED)
    return frozenset(pmid for deletion in deletions for pmid in _deleted(deletion))


def pmids_in(content: bytes) -> set[int]:
    """Return the PMIDs of the entries of a PubmedArticleSet.

    Raises CorpusError, with line and column, when the document is not well formed, is not a PubmedArticleSet, or
    holds an ERROR.
    """
    return {pmid for entry in _entries(chunks_of(content)) if (pmid := _pmid(entry)) is not None}


def select_entries(chunks: Iterable[bytes], wanted: Container[int]) -> Selection:
    """Return the entries and deletions of the wanted PMIDs in a document, which is given in chunks of bytes.

    The entries keep their order, and `read_pubmed` reads the same papers from them; a document without wanted
    entries becomes an empty PubmedArticleSet. Memory holds the wanted entries. Raises CorpusError as
    `pmids_in` does.
    """
    entries: list[str] = []
    pmids: set[int] = set()
    deleted: set[int] = set()
    for element in _entries(chunks):
        if element.tag in _DELETED:
            deleted.update(pmid for pmid in _deleted(element) if pmid in wanted)
        elif (pmid := _pmid(element)) is not None and pmid in wanted:
            pmids.add(pmid)
            element.tail = None
            entries.append(ElementTree.tostring(element, encoding="unicode"))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<{_SET}>", *entries, f"</{_SET}>", ""]
    return Selection("\n".join(lines).encode(), frozenset(pmids), tuple(sorted(deleted)))


def _pmid(entry: Element) -> int | None:
    return pmid_of(entry.findtext(_PMID_PATHS[entry.tag])) if entry.tag in _PMID_PATHS else None


def _deleted(deletion: Element) -> set[int]:
    return {pmid for item in deletion.iter("PMID") if (pmid := pmid_of(item.text)) is not None}


def _entries(chunks: Iterable[bytes]) -> Iterator[Element]:
    """Yield entries and deletions one at a time; each is emptied before the next is read."""
    root = "nothing"
    for element in elements(chunks, _ENTRIES, next_step=""):
        root = element.tag  # of the last one
        if element.tag in _PMID_PATHS or element.tag in _DELETED:
            yield element
        elif element.tag == _ERROR:
            message = (collapse_blanks("".join(element.itertext())) or "")[:_MAX_ERROR_LETTERS]
            raise CorpusError(f"expected a {_SET}, found an {_ERROR}: {message}")
    if root != _SET:
        raise CorpusError(f"expected a {_SET}, found {root}")


def _article(entry: Element) -> Paper:
    citation = entry if entry.tag == "MedlineCitation" else entry.find("MedlineCitation")
    if citation is None:
        return Paper("pubmed")
    # References list ids of other papers under the same name: only the list directly in PubmedData is of this one.
    ids = _ids(entry.find("PubmedData/ArticleIdList"))
    locations = citation.findall("Article/ELocationID")
    valid = (item for item in locations if item.get("EIdType") == "doi" and item.get("ValidYN", "Y") == "Y")
    doi = ids.get("doi") or next((text for item in valid if (text := text_of(item))), None)
    types = citation.findall("Article/PublicationTypeList/PublicationType")
    notes = citation.findall("CommentsCorrectionsList/CommentsCorrections")
    title = _title(citation.find("Article/ArticleTitle"), citation.find("Article/VernacularTitle"))
    abstract = _abstract(citation.find("Article/Abstract"))
    dates = [citation.find("Article/Journal/JournalIssue/PubDate"), citation.find("Article/ArticleDate")]
    return Paper(
        "pubmed",
        pmid=pmid_of(text_of(citation.find("PMID"))),
        pmcid=pmcid_of(ids.get("pmc")),
        doi=doi_of(doi),
        title=title,
        journal=text_of(citation.find("Article/Journal/Title"))
        or text_of(citation.find("MedlineJournalInfo/MedlineTA")),
        year=next((year for date in dates if (year := _year(date))), None),
        abstract=abstract,
        license=_license(citation.find("Article/Abstract")),
        authors=_authors(citation.find("Article/AuthorList")),
        retracted=is_retracted(
            title,
            abstract,
            types=(text_of(item) or "" for item in types),
            relations=(item.get("RefType", "") for item in notes),
        ),
        version=_version(citation.find("PMID")),
        revised=_iso_date(citation.find("DateRevised")),
    )


def _book(entry: Element) -> Paper:
    document = entry if entry.tag == "BookDocument" else entry.find("BookDocument")
    if document is None:
        return Paper("pubmed")
    ids = _ids(entry.find("PubmedBookData/ArticleIdList")) | _ids(document.find("ArticleIdList"))
    book = text_of(document.find("Book/BookTitle"))
    title = _title(document.find("ArticleTitle"), document.find("VernacularTitle"))
    abstract = _abstract(document.find("Abstract"))
    types = document.findall("PublicationType")
    lists = [*document.findall("AuthorList"), *document.findall("Book/AuthorList")]
    return Paper(
        "pubmed",
        pmid=pmid_of(text_of(document.find("PMID"))),
        pmcid=pmcid_of(ids.get("pmc")),
        doi=doi_of(ids.get("doi")),
        title=title or book,
        journal=book if title else None,
        year=_year(document.find("Book/PubDate")) or _year(document.find("ContributionDate")),
        abstract=abstract,
        license=_license(document.find("Abstract")),
        authors=next((authors for item in lists if (authors := _authors(item))), ()),
        retracted=is_retracted(title or book, abstract, types=(text_of(item) or "" for item in types)),
        version=_version(document.find("PMID")),
        revised=_iso_date(document.find("DateRevised")),
    )


def _ids(id_list: Element | None) -> dict[str, str]:
    items = [] if id_list is None else id_list.findall("ArticleId")
    ids: dict[str, str] = {}
    for item in items:
        if text := text_of(item):
            ids.setdefault(item.get("IdType", ""), text)
    return ids


def _title(title: Element | None, vernacular: Element | None) -> str | None:
    text = text_of(title)
    return text_of(vernacular) if (text or "").lower() in _NO_TITLES else text


def _abstract(abstract: Element | None) -> str | None:
    pieces = []
    for piece in [] if abstract is None else abstract.findall("AbstractText"):
        label = piece.get("Label")
        if text := text_of(piece):
            pieces.append(with_label(None if label and label.upper() == "UNLABELLED" else label, text))
    return abstract_or_none(" ".join(pieces))


def _license(abstract: Element | None) -> str | None:
    statement = text_of(abstract.find("CopyrightInformation")) if abstract is not None else None
    return stated_license([], [statement] if statement else [])


def _year(date: Element | None) -> int | None:
    if date is None:
        return None
    return year_of(text_of(date.find("Year"))) or year_of(text_of(date.find("MedlineDate")))


def _version(pmid: Element | None) -> int:
    if pmid is None:
        return 1
    return pmid_of(pmid.get("Version")) or 1


def _iso_date(date: Element | None) -> str:
    if date is None:
        return ""
    return "-".join((text_of(date.find(part)) or "").zfill(2) for part in ("Year", "Month", "Day"))


def _authors(author_list: Element | None) -> tuple[str, ...]:
    if author_list is None or author_list.get("Type") == "editors":
        return ()
    return distinct_authors(
        author(text_of(item.find("LastName")), text_of(item.find("Initials"))) or text_of(item.find("CollectiveName"))
        for item in author_list.findall("Author")
        if item.get("ValidYN", "Y") == "Y"
    )

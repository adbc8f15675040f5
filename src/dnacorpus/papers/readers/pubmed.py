"""PubMed XML: articles and book chapters of a PubmedArticleSet, as E-utilities and the baseline give them.

Format: the PubmedArticle DTD, https://dtd.nlm.nih.gov/ncbi/pubmed/out/. PubMed states no licence; what
publishers write into CopyrightInformation is all there is.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dnacorpus.papers.licenses import stated_license
from dnacorpus.papers.markup import elements, labelled, text_of
from dnacorpus.papers.paper import Paper, abstract_of, author, doi_of, named, pmcid_of, pmid_of, year_of

ROOTS = frozenset({"PubmedArticleSet", "PubmedArticle", "PubmedBookArticleSet", "PubmedBookArticle"})
"""Names of root elements."""

_ENTRIES = frozenset({"PubmedArticle", "PubmedBookArticle"})
_RETRACTED = frozenset({"RetractionIn", "PartialRetractionIn", "RetractedandRepublishedIn"})
_NO_TITLES = ("", "[not available].", "[not available]")


def read_pubmed(content: bytes) -> Iterator[Paper]:
    """Yield the papers of one PubMed XML document, those without a PMID left out.

    Raises CorpusError, with line and column, when the document is not well formed.
    """
    for element in elements(content, _ENTRIES):
        paper = _article(element) if element.tag == "PubmedArticle" else _book(element)
        if paper.pmid is not None:
            yield paper


def _article(entry: Element) -> Paper:
    citation = entry.find("MedlineCitation")
    if citation is None:
        return Paper("pubmed")
    # References list ids of other papers under the same name: only the list directly in PubmedData is ours.
    ids = _ids(entry.find("PubmedData/ArticleIdList"))
    locations = citation.findall("Article/ELocationID")
    valid = (item for item in locations if item.get("EIdType") == "doi" and item.get("ValidYN", "Y") == "Y")
    doi = ids.get("doi") or next((text for item in valid if (text := text_of(item))), None)
    notes = {item.get("RefType") for item in citation.findall("CommentsCorrectionsList/CommentsCorrections")}
    types = {(text_of(item) or "").lower() for item in citation.findall("Article/PublicationTypeList/PublicationType")}
    dates = [citation.find("Article/Journal/JournalIssue/PubDate"), citation.find("Article/ArticleDate")]
    return Paper(
        "pubmed",
        pmid=pmid_of(text_of(citation.find("PMID"))),
        pmcid=pmcid_of(ids.get("pmc")),
        doi=doi_of(doi),
        title=_title(citation.find("Article/ArticleTitle"), citation.find("Article/VernacularTitle")),
        journal=text_of(citation.find("Article/Journal/Title"))
        or text_of(citation.find("MedlineJournalInfo/MedlineTA")),
        year=next((year for date in dates if (year := _year(date))), None),
        abstract=_abstract(citation.find("Article/Abstract")),
        license=_license(citation.find("Article/Abstract")),
        authors=_authors(citation.find("Article/AuthorList")),
        retracted=bool(notes & _RETRACTED) or "retracted publication" in types,
        version=_version(citation.find("PMID")),
        revised=_iso_date(citation.find("DateRevised")),
    )


def _book(entry: Element) -> Paper:
    document = entry.find("BookDocument")
    if document is None:
        return Paper("pubmed")
    ids = _ids(entry.find("PubmedBookData/ArticleIdList")) | _ids(document.find("ArticleIdList"))
    book = text_of(document.find("Book/BookTitle"))
    title = _title(document.find("ArticleTitle"), document.find("VernacularTitle"))
    lists = [*document.findall("AuthorList"), *document.findall("Book/AuthorList")]
    return Paper(
        "pubmed",
        pmid=pmid_of(text_of(document.find("PMID"))),
        pmcid=pmcid_of(ids.get("pmc")),
        doi=doi_of(ids.get("doi")),
        title=title or book,
        journal=book if title else None,
        year=_year(document.find("Book/PubDate")) or _year(document.find("ContributionDate")),
        abstract=_abstract(document.find("Abstract")),
        license=_license(document.find("Abstract")),
        authors=next((authors for item in lists if (authors := _authors(item))), ()),
        version=_version(document.find("PMID")),
        revised=_iso_date(document.find("DateRevised")),
    )


def _ids(found: Element | None) -> dict[str, str]:
    items = [] if found is None else found.findall("ArticleId")
    ids: dict[str, str] = {}
    for item in items:
        if text := text_of(item):
            ids.setdefault(item.get("IdType", ""), text)
    return ids


def _title(title: Element | None, vernacular: Element | None) -> str | None:
    shown = text_of(title)
    return shown if (shown or "").lower() not in _NO_TITLES else text_of(vernacular)


def _abstract(abstract: Element | None) -> str | None:
    pieces = []
    for piece in [] if abstract is None else abstract.findall("AbstractText"):
        label = piece.get("Label")
        if text := text_of(piece):
            pieces.append(labelled(None if label and label.upper() == "UNLABELLED" else label, text))
    return abstract_of(" ".join(pieces))


def _license(abstract: Element | None) -> str | None:
    statement = text_of(abstract.find("CopyrightInformation")) if abstract is not None else None
    return stated_license([], [statement] if statement else [])


def _year(date: Element | None) -> int | None:
    if date is None:
        return None
    return year_of(text_of(date.find("Year"))) or year_of(text_of(date.find("MedlineDate")))


def _version(pmid: Element | None) -> int:
    return pmid_of(pmid.get("Version")) or 1 if pmid is not None else 1


def _iso_date(date: Element | None) -> str:
    if date is None:
        return ""
    return "-".join((text_of(date.find(part)) or "").zfill(2) for part in ("Year", "Month", "Day"))


def _authors(found: Element | None) -> tuple[str, ...]:
    if found is None or found.get("Type") == "editors":
        return ()
    return named(
        author(text_of(item.find("LastName")), text_of(item.find("Initials"))) or text_of(item.find("CollectiveName"))
        for item in found.findall("Author")
        if item.get("ValidYN", "Y") == "Y"
    )

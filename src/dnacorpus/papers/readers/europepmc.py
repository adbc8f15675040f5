"""Europe PMC's JSON: answers of its search service, as sent, or as pygetpapers and getpapers store them.

Format: https://europepmc.org/RestfulWebService, resultType core or lite. getpapers wraps every value in a list.
Titles and abstracts hold HTML.
"""

from collections.abc import Iterator
from typing import Any

from dnacorpus.bounded import JsonError, read_json
from dnacorpus.errors import CorpusError
from dnacorpus.papers.html_text import text_of_html
from dnacorpus.papers.licenses import stated_license
from dnacorpus.papers.paper import Paper, abstract_or_none, distinct_authors, doi_of, pmcid_of, pmid_of, year_of
from dnacorpus.papers.retraction import is_retracted


def read_europepmc(content: bytes) -> list[Paper] | None:
    """Return the papers of one JSON document, or None when it is not Europe PMC's.

    Results without a title (resultType idlist) are left out. Raises CorpusError when the document is not JSON, or
    is an error message of Europe PMC.
    """
    try:
        document = read_json(content)
    except JsonError as error:
        raise CorpusError(f"expected JSON, found: {error}; get the file again") from error
    if isinstance(document, dict) and "errCode" in document:
        raise CorpusError(
            f"expected papers, found Europe PMC's error {document['errCode']}: {document.get('errMsg')}; ask again"
        )
    results = _results(document)
    if results is None:
        return None
    papers = [_paper(result) for result in results]
    return [paper for paper in papers if paper.title is not None]


def _results(document: Any) -> list[dict[str, Any]] | None:
    """Return the results of a search answer, of a list of results, or of a single one; None for anything else."""
    results: Any = document
    if isinstance(document, dict):
        results = [document]
        if isinstance(document.get("resultList"), dict):
            results = document["resultList"].get("result", [])
        elif isinstance(document.get("full"), dict):
            results = [document["full"]]
    if not isinstance(results, list) or not all(_is_result(result) for result in results):
        return None
    is_answer = isinstance(document, dict) and "resultList" in document
    return results if results or is_answer else None


def _is_result(result: Any) -> bool:
    return isinstance(result, dict) and {"id", "source"} <= set(result)


def _paper(result: dict[str, Any]) -> Paper:
    types = [*_texts(result, "pubTypeList", "pubType"), *_texts(result, "pubType")]
    title = text_of_html(_first(result, "title"))
    abstract = abstract_or_none(text_of_html(_first(result, "abstractText")))
    years = (*_texts(result, "pubYear"), *_texts(result, "journalInfo", "yearOfPublication"))
    journals = (*_texts(result, "journalInfo", "journal", "title"), *_texts(result, "journalTitle"))
    authors = (text_of_html(_first(result, "authorString")) or "").rstrip(". ").split(", ")
    return Paper(
        "europepmc",
        pmid=pmid_of(_first(result, "pmid")),
        pmcid=pmcid_of(_first(result, "pmcid")),
        doi=doi_of(_first(result, "doi") or _first(result, "DOI")),
        title=title,
        journal=text_of_html(next(iter(journals), None)),
        year=next((year for text in years if (year := year_of(text))), None),
        abstract=abstract,
        license=stated_license(_texts(result, "license")),
        authors=distinct_authors(" ".join(name.split()) for name in authors),
        retracted=is_retracted(
            title,
            abstract,
            types=(name for text in types for name in text.split(";")),
            relations=_texts(result, "commentCorrectionList", "commentCorrection", "type"),
        ),
        revised=_first(result, "dateOfRevision") or "",
    )


def _first(result: dict[str, Any], key: str) -> str | None:
    return next(_texts(result, key), None)


def _texts(value: Any, *path: str) -> Iterator[str]:
    """Yield the texts at a path of keys; lists on the way are searched item by item."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item, *path)
    elif path:
        if isinstance(value, dict) and path[0] in value:
            yield from _texts(value[path[0]], *path[1:])
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)

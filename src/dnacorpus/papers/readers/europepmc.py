"""Europe PMC's JSON: answers of its search service, as given, or as pygetpapers and getpapers keep them.

Format: https://europepmc.org/RestfulWebService, resultType core or lite. getpapers' files wrap every
value in a list. Titles and abstracts hold HTML.
"""

import json
from collections.abc import Iterator
from typing import Any

from dnacorpus.errors import CorpusError
from dnacorpus.papers.licenses import stated_license
from dnacorpus.papers.markup import collapsed, text_of_html
from dnacorpus.papers.paper import Paper, abstract_of, doi_of, named, pmcid_of, pmid_of, year_of


def read_europepmc(content: bytes) -> list[Paper] | None:
    """Return the papers of one JSON document, or None when it is not Europe PMC's.

    Results without a title (resultType idlist) are left out. Raises CorpusError when the document is not
    JSON, or is Europe PMC's way of saying that a request failed.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"expected JSON, found: {error}; get the file anew") from error
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
    found: Any = document
    if isinstance(document, dict):
        found = [document]
        if isinstance(document.get("resultList"), dict):
            found = document["resultList"].get("result", [])
        elif isinstance(document.get("full"), dict):
            found = [document["full"]]
    if not isinstance(found, list) or not all(_is_result(result) for result in found):
        return None
    return found if found or (isinstance(document, dict) and "resultList" in document) else None


def _is_result(result: Any) -> bool:
    return isinstance(result, dict) and {"id", "source"} <= set(result)


def _paper(result: dict[str, Any]) -> Paper:
    kinds = {text.lower() for text in (*_texts(result, "pubTypeList", "pubType"), *_texts(result, "pubType"))}
    notes = {text.lower() for text in _texts(result, "commentCorrectionList", "commentCorrection", "type")}
    years = (*_texts(result, "pubYear"), *_texts(result, "journalInfo", "yearOfPublication"))
    journals = (*_texts(result, "journalInfo", "journal", "title"), *_texts(result, "journalTitle"))
    authors = (_first(result, "authorString") or "").rstrip(". ").split(", ")
    return Paper(
        "europepmc",
        pmid=pmid_of(_first(result, "pmid")),
        pmcid=pmcid_of(_first(result, "pmcid")),
        doi=doi_of(_first(result, "doi") or _first(result, "DOI")),
        title=text_of_html(_first(result, "title")),
        journal=collapsed(next(iter(journals), None)),
        year=next((year for text in years if (year := year_of(text))), None),
        abstract=abstract_of(text_of_html(_first(result, "abstractText"))),
        license=stated_license(_texts(result, "license")),
        authors=named(" ".join(name.split()) for name in authors),
        retracted="retraction in" in notes or any("retracted publication" in kind for kind in kinds),
        revised=_first(result, "dateOfRevision") or "",
    )


def _first(result: dict[str, Any], key: str) -> str | None:
    return next(_texts(result, key), None)


def _texts(value: Any, *path: str) -> Iterator[str]:
    """Yield the texts at a path of keys, through lists wherever they stand."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item, *path)
    elif path:
        if isinstance(value, dict) and path[0] in value:
            yield from _texts(value[path[0]], *path[1:])
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        # JSON can escape halves of a character, which UTF-8 cannot hold.
        yield str(value).encode("utf-8", errors="replace").decode("utf-8")

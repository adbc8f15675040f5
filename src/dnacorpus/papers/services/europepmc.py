"""A client of Europe PMC's web service: search by PubMed id, and open full texts.

Protocol: https://europepmc.org/RestfulWebService. Errors come as JSON with status 200. A search is a POST request,
because its query is longer than a URL may be.
"""

import dataclasses
import json
import logging
from collections.abc import Iterable, Sequence
from typing import Any

from dnacorpus.bounded import JsonError, read_json, whole_number
from dnacorpus.errors import CorpusError, RemoteError
from dnacorpus.papers.markup import parse_xml
from dnacorpus.papers.paper import pmcid_of
from dnacorpus.sources.http import ABSENT, Client, Policy, Response, body
from dnacorpus.storage.retry import RetryableError

logger = logging.getLogger(__name__)

BASE = "https://www.ebi.ac.uk/europepmc/webservices/rest/"
_PER_SECOND = 5.0
_BATCH = 100
_LARGEST_PAGE = 1000
_MAX_ATTEMPTS = 3  # at a full text that is not well formed
_PASSING_CODES = (408, 429)


def policy(contact: str, patience: Policy) -> Policy:
    """Return ``patience`` with Europe PMC's limit of five requests a second and, if not empty, ``contact``."""
    return dataclasses.replace(patience, contact=contact or patience.contact, per_second=_PER_SECOND)


class EuropePmc:
    """The service at one address; ``client`` should have a `policy`. All methods may raise RemoteError."""

    def __init__(self, client: Client, base: str = BASE, page_size: int = _LARGEST_PAGE) -> None:
        self._client, self._base, self._page_size = client, base.rstrip("/") + "/", page_size

    def core(self, pmids: Iterable[int]) -> bytes:
        """Return the entries of PubMed ids as one document, which `readers.europepmc.read_europepmc` reads.

        Entries are sorted by PMID; an unknown PMID has none.
        """
        wanted = sorted(set(pmids))
        known: dict[int, Any] = {}
        for start in range(0, len(wanted), _BATCH):
            known |= self._batch(wanted[start : start + _BATCH])
        results = [known[pmid] for pmid in wanted if pmid in known]
        return json.dumps({"hitCount": len(results), "resultList": {"result": results}}).encode()

    def full_text(self, pmcid: str) -> bytes | None:
        """Return the JATS XML of an article, or None if Europe PMC does not have it or it is not open.

        Raises CorpusError for a malformed PMC id, and for a text that is damaged three times.
        """
        identifier = pmcid_of(pmcid)
        if identifier is None:
            raise CorpusError(f"{pmcid}: expected a PMC id such as PMC13900, found another form; remove it")
        url = f"{self._base}{identifier}/fullTextXML"
        faults: list[str] = []

        def receive(response: Response) -> bytes | None:
            if response.status_code in ABSENT:
                return None
            content = body(response)
            fault = _fault(content)
            if fault is None:
                return content
            faults.append(fault)
            # An article that stays damaged is left out; it does not end the run.
            if len(faults) == _MAX_ATTEMPTS:
                raise CorpusError(
                    f"{url}: expected an article in XML, found {_MAX_ATTEMPTS} times: {fault}; the article is left out"
                )
            raise RetryableError(fault)

        return self._client.request("GET", url, receive)

    def _batch(self, pmids: Sequence[int]) -> dict[int, Any]:
        """Return the results for at most `_BATCH` PubMed ids, by id."""
        wanted = {str(pmid) for pmid in pmids}
        query = f"({' OR '.join(f'EXT_ID:{pmid}' for pmid in pmids)}) AND SRC:MED"
        form = {"query": query, "resultType": "core", "format": "json", "pageSize": str(self._page_size)}
        known: dict[int, Any] = {}
        mark: str | None = "*"
        marks: set[str] = set()
        hits = 0
        # The last page repeats its cursor mark. Once all hits are in, the empty page after them is not asked for.
        while mark is not None and mark not in marks and not 0 < hits <= len(known):
            marks.add(mark)
            page = self._client.request("POST", f"{self._base}searchPOST", _page, form=form | {"cursorMark": mark})
            results = page["resultList"]["result"]
            known |= {int(result["id"]): result for result in results if _is_of(result, wanted)}
            hits = _number(page.get("hitCount"))
            mark = page.get("nextCursorMark")
        if len(known) < hits:
            logger.warning("%s: %d of %d results arrived; the others count as unknown", self._base, len(known), hits)
        return known


def _page(response: Response) -> dict[str, Any]:
    """Return one page of a search; raises RemoteError for an error that does not pass."""
    if response.status_code in ABSENT:
        raise RemoteError(
            f"{response.url}: expected Europe PMC's search, found no such address; correct services.europepmc"
        )
    content = body(response)
    try:
        page = read_json(content)
    except JsonError as error:
        raise RetryableError(f"no JSON: {error}") from error
    if not isinstance(page, dict):
        raise RetryableError("JSON that is not an object")
    if "errCode" in page:
        code, problem = _number(page["errCode"]), f"error {page['errCode']}: {page.get('errMsg')}"
        if code >= 500 or code in _PASSING_CODES:
            raise RetryableError(problem)
        raise RemoteError(
            f"{response.url}: expected results, found {problem}; report it as a bug: the request was wrong"
        )
    results = page.get("resultList")
    if not isinstance(results, dict) or not isinstance(results.get("result"), list):
        raise RetryableError("JSON without a resultList")
    if not isinstance(page.get("nextCursorMark"), str | None):
        raise RetryableError("a nextCursorMark that is not a text")
    return page


def _is_of(result: Any, wanted: set[str]) -> bool:
    return isinstance(result, dict) and result.get("source") == "MED" and str(result.get("id")) in wanted


def _number(value: Any) -> int:
    return whole_number(str(value)) or 0


def _fault(content: bytes) -> str | None:
    """Return what is wrong with the XML of an article, or None."""
    try:
        root = parse_xml(content)
    except CorpusError as error:
        return str(error)
    return None if next(root.iter("article"), None) is not None else f"{root.tag} without an article"

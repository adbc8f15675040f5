"""Europe PMC's web service: what it says of PubMed ids, and its open full texts.

Protocol: https://europepmc.org/RestfulWebService. Errors come as JSON with status 200; a search is a POST,
for its query is longer than a URL may be.
"""

import dataclasses
import json
import logging
from collections.abc import Iterable, Sequence
from typing import Any

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
_TRIES = 3  # of a full text that is not legible, before it counts as such
_PASSING_CODES = (408, 429)


def policy(contact: str, patience: Policy) -> Policy:
    """Return a patience held to Europe PMC's five requests a second; an empty contact changes nothing."""
    return dataclasses.replace(patience, contact=contact or patience.contact, per_second=_PER_SECOND)


class EuropePmc:
    """The service behind a client, which should keep to `policy`; all of it may raise RemoteError."""

    def __init__(self, client: Client, base: str = BASE, page_size: int = _LARGEST_PAGE) -> None:
        self._client, self._base, self._page_size = client, base.rstrip("/") + "/", page_size

    def core(self, pmids: Iterable[int]) -> bytes:
        """Return what the service knows of PubMed ids, as one document for `europepmc.read_europepmc`.

        Results stand by ascending PMID, each once; an unknown PMID has none.
        """
        wanted = sorted(set(pmids))
        known: dict[int, Any] = {}
        for start in range(0, len(wanted), _BATCH):
            known |= self._batch(wanted[start : start + _BATCH])
        results = [known[pmid] for pmid in wanted if pmid in known]
        return json.dumps({"hitCount": len(results), "resultList": {"result": results}}).encode()

    def full_text(self, pmcid: str) -> bytes | None:
        """Return the JATS XML of an article, or None when there is none here or it is not open.

        Raises CorpusError for what is no PMC id, and for a text that stays illegible.
        """
        identifier = pmcid_of(pmcid)
        if identifier is None:
            raise CorpusError(f"{pmcid}: expected a PMC id such as PMC13900, found something else; leave it out")
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
            # An article that is broken for good costs itself; the run goes on without it.
            if len(faults) == _TRIES:
                raise CorpusError(f"{url}: expected an article in XML, found {_TRIES} times: {fault}; leave it out")
            raise RetryableError(fault)

        return self._client.request("GET", url, receive)

    def _batch(self, pmids: Sequence[int]) -> dict[int, Any]:
        """Return the results of at most `_BATCH` PubMed ids, by id."""
        wanted = {str(pmid) for pmid in pmids}
        query = f"({' OR '.join(f'EXT_ID:{pmid}' for pmid in pmids)}) AND SRC:MED"
        form = {"query": query, "resultType": "core", "format": "json", "pageSize": str(self._page_size)}
        known: dict[int, Any] = {}
        mark: str | None = "*"
        marks, hits = set[str](), 0
        # The mark of the last page repeats; where all hits are in, the empty page after it need not be asked for.
        while mark is not None and mark not in marks and not 0 < hits <= len(known):
            marks.add(mark)
            page = self._client.request("POST", f"{self._base}searchPOST", _page, form=form | {"cursorMark": mark})
            results = page["resultList"]["result"]
            known |= {int(result["id"]): result for result in results if _is_of(result, wanted)}
            hits = _number(page.get("hitCount"))
            mark = page.get("nextCursorMark")
        if len(known) < hits:
            logger.warning("%s: %d of %d results came; the rest count as unknown", self._base, len(known), hits)
        return known


def _page(response: Response) -> dict[str, Any]:
    """Return one page of a search; raises RemoteError for an error that asking again will not mend."""
    if response.status_code in ABSENT:
        raise RemoteError(f"{response.url}: expected Europe PMC's search, found no such place; correct its address")
    content = body(response)
    try:
        page = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RetryableError(f"no JSON: {error}") from error
    if not isinstance(page, dict):
        raise RetryableError("JSON that is no object")
    if "errCode" in page:
        code, found = _number(page["errCode"]), f"error {page['errCode']}: {page.get('errMsg')}"
        if code >= 500 or code in _PASSING_CODES:
            raise RetryableError(found)
        raise RemoteError(f"{response.url}: expected results, found {found}; report it: the request was wrong")
    results = page.get("resultList")
    if not isinstance(results, dict) or not isinstance(results.get("result"), list):
        raise RetryableError("JSON without a resultList")
    if not isinstance(page.get("nextCursorMark"), str | None):
        raise RetryableError("a nextCursorMark that is no text")
    return page


def _is_of(result: Any, wanted: set[str]) -> bool:
    return isinstance(result, dict) and result.get("source") == "MED" and str(result.get("id")) in wanted


def _number(value: Any) -> int:
    return int(value) if str(value).isascii() and str(value).isdecimal() else 0


def _fault(content: bytes) -> str | None:
    """Return what is wrong with an answer that should be an article, or None."""
    try:
        root = parse_xml(content)
    except CorpusError as error:
        return str(error)
    return None if next(root.iter("article"), None) is not None else f"{root.tag} without an article"

"""A loopback server that behaves like Europe PMC: searches by EXT_ID, open full texts, errors with status 200.

The cursor is that of Solr: a page has the mark of the next page, and an empty page has its own mark.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from support.servers.service import Answer, Service

_JSON = "application/json;charset=UTF-8"
_LONGEST_URL = 12_000


@dataclass
class EuropePmcServer(Service):
    """The handle of a running service."""

    results: dict[int, dict[str, Any]] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)

    def add(self, pmid: int, **changes: Any) -> None:
        """Add a paper; its result is updated with ``changes``."""
        self.results[pmid] = result(pmid) | changes

    def respond(self, method: str, path: str, values: dict[str, str], target: str) -> Answer:
        """Return a page of a search, or a full text."""
        if len(target) > _LONGEST_URL:
            return Answer(414, b"", "text/plain")
        if (method, path) in {("GET", "search"), ("POST", "searchPOST")}:
            return Answer(200, json.dumps(self._search(values), ensure_ascii=False).encode(), _JSON)
        text = self.texts.get(path.removesuffix("/fullTextXML")) if path.endswith("/fullTextXML") else None
        return Answer(404, b"", _JSON) if text is None else Answer(200, text, "application/xml;charset=UTF-8")

    def _search(self, values: dict[str, str]) -> dict[str, Any]:
        size = int(values.get("pageSize", "25"))
        if not 1 <= size <= 1000:
            return {
                "errCode": 404,
                "errMsg": "Invalid page size provided. Valid size is between 1 and 1000",
            }
        asked = re.fullmatch(r"\((EXT_ID:\d+(?: OR EXT_ID:\d+)*)\) AND SRC:MED", values.get("query", ""))
        if asked is None or values.get("format") != "json" or values.get("resultType") != "core":
            return {"errCode": 400, "errMsg": "This server supports only searches for EXT_ID in core JSON"}
        ids = {int(pmid) for pmid in re.findall(r"\d+", asked[1])}
        # Sorted by relevance: a client cannot rely on the order.
        hits = sorted((pmid for pmid in ids if pmid in self.results), key=lambda pmid: str(pmid)[::-1])
        mark = values.get("cursorMark", "*")
        start = 0 if mark == "*" else int(mark.removeprefix("AoIIQ/+").removesuffix("=="))
        page = hits[start : start + size]
        return {
            "version": "6.9",
            "hitCount": len(hits),
            "nextCursorMark": f"AoIIQ/+{start + len(page)}==" if page else mark,
            "resultList": {"result": [self.results[pmid] for pmid in page]},
        }


def result(pmid: int) -> dict[str, Any]:
    """Return the result of a made-up paper."""
    return {
        "id": str(pmid), "source": "MED", "pmid": str(pmid), "pmcid": f"PMC{pmid}", "doi": f"10.1000/made.{pmid}",
        "title": f"A made-up paper, number {pmid}.", "authorString": "Ng A, Li B.", "pubYear": "2026",
        "journalInfo": {"yearOfPublication": 2026, "journal": {"title": "Made Up"}},
        "abstractText": "<h4>Background</h4>Nothing (&lt;1 g) was grown.", "isOpenAccess": "Y", "inEPMC": "Y",
        "license": "cc by",
    }  # fmt: skip

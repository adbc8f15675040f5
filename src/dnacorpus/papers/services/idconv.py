"""A client of NCBI's ID converter, which gives the PMC id of a PMID.

Protocol: https://pmc.ncbi.nlm.nih.gov/tools/id-converter-api/; a request has at most 200 ids of one type.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from dnacorpus.bounded import JsonError, read_json
from dnacorpus.errors import RemoteError
from dnacorpus.papers.paper import pmcid_of, pmid_of
from dnacorpus.sources.http import Client, Response, body, redacted
from dnacorpus.storage.retry import RetryableError

BASE = "https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles/"
"""NCBI's address since 2025; the earlier address redirects to it."""
BATCH = 200
"""Largest number of ids in one request."""

_MAX_MESSAGE_LETTERS = 200


def pmcids(client: Client, base: str, pmids: Iterable[int], email: str = "") -> dict[int, str]:
    """Return the PMC id ("PMC123") of each of these papers that has one, by PMID.

    Raises RemoteError, with the server's message, when it refuses a request or keeps sending unreadable answers.
    """
    asked = sorted(set(pmids))
    converted: dict[int, str] = {}
    for start in range(0, len(asked), BATCH):
        converted |= _batch(client, base, asked[start : start + BATCH], email)
    return converted


def _batch(client: Client, base: str, pmids: list[int], email: str) -> dict[int, str]:
    query = {"ids": ",".join(map(str, pmids)), "idtype": "pmid", "format": "json", "tool": "dnacorpus"}
    if email:
        query["email"] = email
    wanted = set(pmids)

    def receive(response: Response) -> dict[int, str]:
        content = body(response)
        answer = _json(content)
        if response.status_code == 400:
            raise RemoteError(
                f"{redacted(base)}: expected PMC ids for PMIDs {pmids[0]} to {pmids[-1]}, found status 400:"
                f" {_message(answer, content)}; check services.idconv"
            )
        if answer.get("status") != "ok" or not isinstance(answer.get("records"), list):
            raise RetryableError(f"no records: {_message(answer, content)}")
        return dict(pair for record in answer["records"] if (pair := _pair(record)) and pair[0] in wanted)

    return client.request("GET", f"{base}?{urlencode(query)}", receive, absent=(400,))


def _pair(record: Any) -> tuple[int, str] | None:
    """Return the PMID and the PMC id of a record; None if it is an error or lacks one of them."""
    if not isinstance(record, dict) or record.get("status") == "error":
        return None
    # A PMID is a number in one version of the service and a text in another.
    pmid = pmid_of(str(record.get("pmid"))) or pmid_of(str(record.get("requested-id")))
    pmcid = pmcid_of(str(record.get("pmcid") or ""))
    return (pmid, pmcid) if pmid and pmcid else None


def _json(content: bytes) -> dict[str, Any]:
    try:
        answer = read_json(content)
    except JsonError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _message(answer: dict[str, Any], content: bytes) -> str:
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    message = first.get("message") if isinstance(first, dict) else answer.get("message")
    return (
        " ".join(str(message or content.decode("utf-8", errors="replace")).split())[:_MAX_MESSAGE_LETTERS] or "nothing"
    )

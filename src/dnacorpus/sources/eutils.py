"""NCBI's E-utilities: requests to efetch, with NCBI's pace, its key and its errors.

Protocol: NBK25497 and NBK25499. Every request is a POST, so that the key is in the form and in no URL. Errors
arrive as a status or as a body with status 200: JSON from the gateway (limits, keys), text or XML from the database.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from dnacorpus.bounded import JsonError, read_json
from dnacorpus.errors import RemoteError
from dnacorpus.sources.http import POLICY, Client, Policy, Response, body, redacted
from dnacorpus.storage.retry import RetryableError

BASE = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
"""NCBI's own address."""
KEY_VARIABLE = "NCBI_API_KEY"
"""The environment variable that holds the key; without a key NCBI allows fewer requests a second."""

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)

_TOOL = "dnacorpus"
# NCBI allows 3 requests a second, 10 with a key, for all programs at one address together.
_PER_SECOND, _PER_SECOND_WITH_KEY = 2.5, 8.0
_MAX_MESSAGE = 200
# Patterns of the whole address: parsers of URLs differ about users and backslashes, and neither is accepted here.
_NCBI = re.compile(r"https://(?:[a-z0-9-]+\.)*ncbi\.nlm\.nih\.gov(?::443)?(?:/[^\s\\]*)?", re.ASCII | re.IGNORECASE)
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:[0-9]+/[^\s\\]*")
_UNKNOWN_IDS = re.compile(r"idlistisempty|cannotprocessidlist|failedto(?:understandid|retrieve)|invaliduid")
_BLANKS = re.compile(r"[\s+]+")


def key_of(environ: Mapping[str, str]) -> str | None:
    """Return the API key of an environment, or None. It must never be printed."""
    return environ.get(KEY_VARIABLE, "").strip() or None


def key_for(base: str, key: str | None, *, loopback: bool = False) -> str | None:
    """Return the key if requests to ``base`` may carry it, else None with a warning.

    A key is sent to hosts at or below ncbi.nlm.nih.gov over https, and to no other: ``base`` may come from a config
    that somebody else wrote. ``loopback`` also allows 127.0.0.1; it is for tests and no config can set it.
    """
    if key is None or _NCBI.fullmatch(base) or (loopback and _LOOPBACK.fullmatch(base)):
        return key
    logger.warning(
        "%s: the key in %s is not sent there: it is for https addresses of ncbi.nlm.nih.gov",
        redacted(base),
        KEY_VARIABLE,
    )
    return None


def policy(contact: str, key: str | None, patience: Policy = POLICY) -> Policy:
    """Return ``patience`` with the pace of E-utilities: 2.5 requests a second, 8 with a key."""
    per_second = _PER_SECOND_WITH_KEY if key else _PER_SECOND
    return replace(patience, contact=contact or patience.contact, per_second=per_second)


class Eutils:
    """E-utilities at one address. ``client`` keeps the pace, so all requests there must share it.

    The key is sent only where `key_for` allows it.
    """

    def __init__(
        self, client: Client, base: str = BASE, key: str | None = None, email: str = "", *, loopback_key: bool = False
    ) -> None:
        key = key_for(base, key, loopback=loopback_key)
        self._client, self._key = client, key
        self._url = base.rstrip("/") + "/efetch.fcgi"
        self.where = redacted(self._url)
        """The address of efetch, for messages."""
        self._identity = {"tool": _TOOL} | ({"email": email} if email else {}) | ({"api_key": key} if key else {})

    def efetch(self, form: Mapping[str, str], receive: Callable[[Response], Answer]) -> Answer:
        """Send an efetch request, and return what ``receive`` makes of the response, whose body is unread.

        ``receive`` may raise RetryableError to repeat the request. It also gets responses of status 400 by which the
        database refuses the ids. Raises RemoteError after the last attempt, for a wrong key and for a redirect.
        """

        def inspected(response: Response) -> Answer:
            if response.status_code == 400:
                self._check_refusal(body(response))
            return receive(response)

        return self._client.request("POST", self._url, inspected, form={**form, **self._identity}, absent=(400,))

    def nuccore(self, accessions: Sequence[str], receive: Callable[[Response], Answer]) -> Answer | None:
        """Request GenBank flat files with bases from NCBI Nucleotide, as `efetch` does.

        Returns None when the request is refused because of its accessions; one unknown accession is enough.
        """
        form = {"db": "nuccore", "id": ",".join(accessions), "rettype": "gbwithparts", "retmode": "text"}
        return self.efetch(form, lambda response: None if response.status_code == 400 else receive(response))

    def error_message(self, content: bytes) -> str:
        """Return the error in a body as one short line, with the key blanked."""
        message = _json_error(content) or content.decode("utf-8", errors="replace")
        line = " ".join(message.split()) or "nothing"
        # The gateway's errors repeat the key of the request.
        return (line.replace(self._key, "***") if self._key else line)[:_MAX_MESSAGE]

    def _check_refusal(self, content: bytes) -> None:
        """Raise if a response of status 400 comes from the gateway or is about the key, not about the ids."""
        message = _json_error(content) or ""
        if "api key" in message.lower():
            raise RemoteError(
                f"{self.where}: expected the key in {KEY_VARIABLE} to be valid, found: {self.error_message(content)};"
                " correct it, or unset it to continue without a key"
            )
        if content.lstrip().startswith((b"{", b"<")) and not unknown_ids(content):
            raise RetryableError(f"status 400: {self.error_message(content)}")


def unknown_ids(content: bytes) -> bool:
    """Tell whether a body is efetch's message that it does not know the ids.

    Some of these messages have blanks between their letters.
    """
    head = content[:4000].decode("utf-8", errors="replace").lower().lstrip()
    if head.startswith("<"):
        # Only the text of an error element counts: an abstract may contain the same words.
        message, closed, _ = head.partition("<error>")[2].partition("</error>")
        head = message if closed else ""
    return not head.startswith(("{", "locus")) and bool(_UNKNOWN_IDS.search(_BLANKS.sub("", head)))


def _json_error(content: bytes) -> str | None:
    """Return the message of a JSON error; None for any other body."""
    if not content.lstrip().startswith(b"{"):
        return None
    try:
        answer = read_json(content)
    except JsonError:
        return None
    result = answer.get("esearchresult")
    message = answer.get("error") or (result.get("ERROR") if isinstance(result, dict) else None)
    return str(message) if message else None

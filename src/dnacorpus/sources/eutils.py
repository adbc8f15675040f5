"""NCBI's E-utilities: papers of PubMed and records of Nucleotide by efetch.

Protocol: NBK25497 and NBK25499. Every request is a POST, so that the key stands in its form and in no URL. Errors
come as statuses and as bodies of status 200: JSON where the gateway speaks (limits, keys), text or XML where
the database does.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from dnacorpus.errors import CorpusError, RemoteError
from dnacorpus.papers.readers.pubmed_entries import pmids_of
from dnacorpus.sources.http import POLICY, Client, PassingError, Policy, Response, body, redacted

BASE = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
"""NCBI's own address."""
BATCH = 200
"""The most PMIDs of one request."""
KEY_VARIABLE = "NCBI_API_KEY"
"""The environment variable that holds the key; without it all goes slower."""

Answer = TypeVar("Answer")

_TOOL = "dnacorpus"
# NCBI allows 3 and 10; what other programs of the same address ask counts too.
_PER_SECOND, _PER_SECOND_WITH_KEY = 2.5, 8.0
_SHOWN = 200
_ERROR = re.compile(r"<error>(.*?)</error>", re.DOTALL)
_UNKNOWN_IDS = re.compile(r"idlistisempty|cannotprocessidlist|failedto(?:understandid|retrieve)|invaliduid")


def key_of(environ: Mapping[str, str]) -> str | None:
    """Return the API key of an environment, or None; nothing may print it."""
    return environ.get(KEY_VARIABLE, "").strip() or None


def policy(contact: str, key: str | None, patience: Policy = POLICY) -> Policy:
    """Return how E-utilities want to be asked: 2.5 requests a second, 8 with a key; else as ``patience``."""
    per_second = _PER_SECOND_WITH_KEY if key else _PER_SECOND
    return replace(patience, contact=contact or patience.contact, per_second=per_second)


class Eutils:
    """E-utilities at one address; ``client`` keeps the pace, so all that asks there shares it."""

    def __init__(self, client: Client, base: str = BASE, key: str | None = None, email: str = "") -> None:
        self._client, self._key = client, key
        self._url = base.rstrip("/") + "/efetch.fcgi"
        self._where = redacted(self._url)
        self._who = {"tool": _TOOL} | ({"email": email} if email else {}) | ({"api_key": key} if key else {})

    def pubmed(self, pmids: Sequence[int]) -> tuple[list[bytes], list[int]]:
        """Return PubmedArticleSet documents, as served, that hold these papers, and the PMIDs that none holds.

        At most `BATCH` PMIDs, else ValueError. Those that the first document lacks are asked for once more, by
        themselves: PubMed leaves out papers without a word. So there are at most two documents.
        Raises RemoteError when no answer was legible to the last.
        """
        if len(pmids) > BATCH:
            raise ValueError(f"expected at most {BATCH} PMIDs, found {len(pmids)}")
        documents: list[bytes] = []
        missing = list(dict.fromkeys(pmids))
        for _ in range(2):
            if missing:
                document, held = self._papers(missing)
                documents += [document] if held.intersection(missing) else []
                missing = [pmid for pmid in missing if pmid not in held]
        return documents, missing

    def nuccore(self, accessions: Sequence[str], receive: Callable[[Response], Answer]) -> Answer | None:
        """Ask for GenBank flat files with bases, and return what ``receive`` makes of the answer, its body unread.

        ``receive`` may raise PassingError, which asks again. None: the request was refused because of its
        accessions; one bad one is enough. Raises RemoteError.
        """
        form = {"db": "nuccore", "id": ",".join(accessions), "rettype": "gbwithparts", "retmode": "text"}
        return self._efetch(form, lambda response: None if response.status_code == 400 else receive(response))

    def complaint(self, content: bytes) -> str:
        """Return what a body says in place of data, in one short line; a key that it repeats is blanked."""
        said = _error_of(content) or content.decode("utf-8", errors="replace")
        line = " ".join(said.split()) or "nothing"
        # The gateway's errors name the key that was sent.
        return (line.replace(self._key, "***") if self._key else line)[:_SHOWN]

    def _papers(self, pmids: Sequence[int]) -> tuple[bytes, set[int]]:
        def receive(response: Response) -> tuple[bytes, set[int]]:
            content = body(response)
            try:
                return content, pmids_of(content)
            except CorpusError as error:
                if unknown_ids(content):
                    return b"", set()
                said = self.complaint(content)
                if response.status_code == 400:
                    raise RemoteError(
                        f"{self._where}: expected PubMed XML, found status 400: {said}; check the address"
                    ) from None
                wrong = self.complaint(str(error).encode()) if content.lstrip().startswith(b"<") else said
                raise PassingError(wrong) from None

        form = {"db": "pubmed", "id": ",".join(map(str, pmids)), "retmode": "xml"}
        return self._efetch(form, receive)

    def _efetch(self, form: Mapping[str, str], receive: Callable[[Response], Answer]) -> Answer:
        def inspected(response: Response) -> Answer:
            if response.history:
                # A redirected POST has become a GET that asks for nothing.
                raise RemoteError(
                    f"{self._where}: expected an answer, found a redirect, status {response.history[0].status_code};"
                    " correct the address of E-utilities"
                )
            if response.status_code == 400:
                self._refused(body(response))
            return receive(response)

        return self._client.ask("POST", self._url, inspected, form={**form, **self._who}, absent=(400,))

    def _refused(self, content: bytes) -> None:
        """Raise where a refusal is not the database's own, in words about the request."""
        said = _error_of(content) or ""
        if "api key" in said.lower():
            raise RemoteError(
                f"{self._where}: expected the key in {KEY_VARIABLE} to be valid, found: {self.complaint(content)};"
                " correct it, or unset it to go on without"
            )
        if content.lstrip().startswith((b"{", b"<")) and not unknown_ids(content):
            raise PassingError(f"status 400: {self.complaint(content)}")


def unknown_ids(content: bytes) -> bool:
    """Tell whether a body is efetch's complaint that it does not know the ids; such lines come l i k e  t h i s."""
    head = content[:4000].decode("utf-8", errors="replace").lower().lstrip()
    if head.startswith("<"):
        # What papers say among other things is no complaint.
        found = _ERROR.search(head)
        head = found[1] if found else ""
    return not head.startswith(("{", "locus")) and bool(_UNKNOWN_IDS.search(re.sub(r"[\s+]+", "", head)))


def _error_of(content: bytes) -> str | None:
    """Return the message of a JSON error, or None for a body of another kind."""
    if not content.lstrip().startswith(b"{"):
        return None
    try:
        answer = json.loads(content)
    except ValueError:
        return None
    result = answer.get("esearchresult")
    said = answer.get("error") or (result.get("ERROR") if isinstance(result, dict) else None)
    return str(said) if said else None

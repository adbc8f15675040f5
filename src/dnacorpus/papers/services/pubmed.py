"""Papers from PubMed, requested by PMID from NCBI's efetch."""

from collections.abc import Sequence

from dnacorpus.errors import CorpusError, RemoteError
from dnacorpus.papers.readers.pubmed import pmids_in
from dnacorpus.sources.eutils import Eutils, unknown_ids
from dnacorpus.sources.http import Response, body
from dnacorpus.storage.retry import RetryableError

BATCH = 200
"""The largest number of PMIDs in one request."""


def fetch_papers(eutils: Eutils, pmids: Sequence[int]) -> tuple[list[bytes], list[int]]:
    """Return PubmedArticleSet documents, as served, that hold these papers, and the PMIDs that none of them holds.

    PMIDs that the first document lacks are requested a second time, because PubMed sometimes leaves out papers
    without an error. So there are at most two documents.
    Raises ValueError for more than `BATCH` PMIDs, RemoteError when no response was readable.
    """
    if len(pmids) > BATCH:
        raise ValueError(f"expected at most {BATCH} PMIDs, found {len(pmids)}")
    documents: list[bytes] = []
    missing = list(dict.fromkeys(pmids))
    for _ in range(2):
        if missing:
            document, held = _request(eutils, missing)
            if held.intersection(missing):
                documents.append(document)
            missing = [pmid for pmid in missing if pmid not in held]
    return documents, missing


def _request(eutils: Eutils, pmids: Sequence[int]) -> tuple[bytes, set[int]]:
    """Return the document of one request and the PMIDs of the papers in it."""

    def receive(response: Response) -> tuple[bytes, set[int]]:
        content = body(response)
        try:
            return content, pmids_in(content)
        except CorpusError as error:
            if unknown_ids(content):
                return b"", set()
            message = eutils.error_message(content)
            if response.status_code == 400:
                raise RemoteError(
                    f"{eutils.where}: expected PubMed XML, found status 400: {message}; check the address"
                ) from None
            if content.lstrip().startswith(b"<"):
                message = eutils.error_message(str(error).encode())
            raise RetryableError(message) from None

    form = {"db": "pubmed", "id": ",".join(map(str, pmids)), "retmode": "xml"}
    return eutils.efetch(form, receive)

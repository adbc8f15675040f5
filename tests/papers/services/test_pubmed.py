"""PubMed by efetch, from a local server: what counts as an answer, what is requested again, where the key appears."""

import logging
import traceback
from collections.abc import Iterator

import pytest
from support.servers import eutils as stand_in
from support.servers.eutils import EutilsServer, article, article_set, rate_limit, serve
from support.servers.service import ERROR_PAGE

from dnacorpus.errors import RemoteError
from dnacorpus.papers.readers.pubmed import read_pubmed
from dnacorpus.papers.services.pubmed import BATCH, fetch_papers
from dnacorpus.sources.eutils import Eutils
from dnacorpus.sources.http import Client, Policy

QUICK = Policy(attempts=3, first_wait=0.0)
KEY = "0123456789abcdef0123456789abcdef0123"


@pytest.fixture
def server() -> Iterator[EutilsServer]:
    with serve() as running:
        running.papers = {pmid: article(pmid) for pmid in range(1, 31)}
        yield running


def fetch(server: EutilsServer, *pmids: int, key: str | None = None) -> tuple[list[bytes], list[int]]:
    with Client(QUICK) as client:
        return fetch_papers(Eutils(client, server.url, key, "a@example.org", loopback_key=True), pmids)


def held(documents: list[bytes]) -> list[int | None]:
    return [paper.pmid for document in documents for paper in read_pubmed(document)]


def test_documents_are_returned_as_served(server: EutilsServer) -> None:
    documents, missing = fetch(server, 3, 1, 3, key=KEY)
    assert documents == [article_set(article(3), article(1))]
    assert missing == []
    (request,) = server.log
    assert (request.method, request.path) == ("POST", stand_in.EFETCH)
    assert request.form == {
        "db": "pubmed", "id": "3,1", "retmode": "xml", "tool": "dnacorpus", "email": "a@example.org", "api_key": KEY,
    }  # fmt: skip


def test_without_key_and_email_the_form_names_only_the_tool(server: EutilsServer) -> None:
    with Client(QUICK) as client:
        fetch_papers(Eutils(client, server.url.rstrip("/")), [1])
    assert server.log[0].form == {"db": "pubmed", "id": "1", "retmode": "xml", "tool": "dnacorpus"}


def test_no_pmids_no_request_and_at_most_one_batch(server: EutilsServer) -> None:
    assert fetch(server) == ([], [])
    with pytest.raises(ValueError, match="at most 200 PMIDs, found 201"):
        fetch(server, *range(1, BATCH + 2))
    assert server.log == []


def test_missing_pmids_are_requested_once_more(server: EutilsServer) -> None:
    server.hidden_once = {"2", "5"}
    documents, missing = fetch(server, 1, 2, 99, 5, 98)
    assert [request.ids for request in server.log] == [["1", "2", "99", "5", "98"], ["2", "99", "5", "98"]]
    assert (held(documents), missing) == ([1, 2, 5], [99, 98])
    assert len(documents) == 2


def test_ids_of_comments_and_references_are_not_the_papers(server: EutilsServer) -> None:
    assert fetch(server, 500_001, 600_001) == ([], [500_001, 600_001])
    assert fetch(server, 1, 500_001, 600_001)[1] == [500_001, 600_001]


def test_books_count_as_papers(server: EutilsServer) -> None:
    book = "<PubmedBookArticle><BookDocument><PMID>40</PMID><Book><BookTitle>B</BookTitle></Book></BookDocument>"
    server.papers[40] = book + "</PubmedBookArticle>"
    documents, missing = fetch(server, 40, 1)
    assert (held(documents), missing) == ([40, 1], [])


@pytest.mark.parametrize(
    ("status", "body"), [(200, stand_in.NO_IDS_XML), (400, stand_in.NO_IDS_XML), (200, article_set())]
)
def test_only_unknown_ids(server: EutilsServer, status: int, body: bytes) -> None:
    server.fault("db=pubmed", status=status, body=body, times=2)
    assert fetch(server, 1, 2) == ([], [1, 2])
    assert len(server.log) == 2


WRONG = {
    "truncated": {"cut": 700},
    "broken off": {"cut": 700, "broken": True},
    "empty": {"body": b""},
    "error element": {"body": stand_in.ERROR_XML},
    "error in a set": {"body": b"<PubmedArticleSet><ERROR>backend</ERROR></PubmedArticleSet>"},
    "another document": {"body": b"<eSummaryResult/>"},
    "rate limit in 200": {"body": rate_limit(), "kind": stand_in.JSON},
    "esearch error": {"body": stand_in.SEARCH_ERROR, "kind": stand_in.JSON},
    "HTML page": {"body": ERROR_PAGE, "kind": stand_in.HTML},
    "HTML called XML": {"body": ERROR_PAGE},
    "text": {"body": b"Error: no connection", "kind": stand_in.TEXT},
    "429": {"status": 429, "body": rate_limit(), "kind": stand_in.JSON, "retry_after": "0"},
    "503": {"status": 503, "body": ERROR_PAGE, "kind": stand_in.HTML},
    "gateway": {"status": 400, "body": b'{"error":"error forwarding request"}', "kind": stand_in.JSON},
    "proxy": {"status": 400, "body": ERROR_PAGE, "kind": stand_in.HTML},
    "words like an error": {"body": article_set(article(1, "We failed to retrieve it."))[:-30]},
}


@pytest.mark.parametrize("fault", WRONG.values(), ids=WRONG.keys())
def test_an_unreadable_response_is_requested_again(server: EutilsServer, fault: dict[str, object]) -> None:
    server.fault("db=pubmed", times=2, **fault)
    documents, missing = fetch(server, 1, 2)
    assert (held(documents), missing, len(server.log)) == ([1, 2], [], 3)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("truncated", r"expected well-formed XML, found: .*line \d+, column \d+"),
        ("error element", "found an ERROR: Error: External viewer error"),
        ("another document", "expected a PubmedArticleSet, found eSummaryResult"),
        ("rate limit in 200", "API rate limit exceeded"),
        ("esearch error", "Search Backend failed: Exception: 'retstart' cannot be larger than 9998"),
        ("text", "Error: no connection"),
        ("gateway", "status 400: error forwarding request"),
    ],
)
def test_the_last_error_names_the_message_of_the_server(server: EutilsServer, fault: str, message: str) -> None:
    server.fault("db=pubmed", times=99, **WRONG[fault])
    with pytest.raises(RemoteError, match=message) as error:
        fetch(server, 1)
    assert len(server.log) == 3
    assert "efetch.fcgi: expected" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_refused_request_is_not_repeated(server: EutilsServer) -> None:
    server.fault("db=pubmed", status=400, body=b"Unknown parameter", kind=stand_in.TEXT)
    with pytest.raises(RemoteError, match="expected PubMed XML, found status 400: Unknown parameter; check"):
        fetch(server, 1)
    server.keys = {"another"}
    with pytest.raises(RemoteError, match="the key in NCBI_API_KEY to be valid, found: API key invalid; correct it"):
        fetch(server, 1, key=KEY)
    assert len(server.log) == 2


def test_a_redirect_is_an_error(server: EutilsServer) -> None:
    server.fault("db=pubmed", redirect=server.url + "efetch.fcgi")
    with pytest.raises(RemoteError, match=r"efetch.fcgi: expected .*301"):
        fetch(server, 1)


@pytest.mark.parametrize(
    "repeated", [rate_limit(KEY), f"Error: {KEY} is busy".encode(), f"<e><ERROR>{KEY}</ERROR></e>".encode()]
)
def test_no_key_in_logs_errors_and_addresses(
    server: EutilsServer, repeated: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server.keys = {"another"}
    with caplog.at_level(logging.DEBUG):
        for fault in (*WRONG.values(), {"body": repeated}, {"status": 400, "body": repeated}, {}):
            server.faults.clear()
            server.fault("db=pubmed", times=99, **fault)
            with pytest.raises(RemoteError) as error:
                fetch(server, 1, key=KEY)
            assert KEY not in "".join(traceback.format_exception(error.value))
    assert caplog.text
    assert KEY not in caplog.text
    assert not [request for request in server.log if KEY in request.path or KEY in request.agent]
    assert {request.form["api_key"] for request in server.log} == {KEY}


@pytest.mark.parametrize(("per_second", "batch"), [(40.0, 10), (2.5, 200)], ids=["40", "2.5"])
def test_requests_per_second_stay_under_the_limit(server: EutilsServer, per_second: float, batch: int) -> None:
    pmids = list(range(1, 1001))
    server.papers = {pmid: article(pmid) for pmid in pmids if pmid != 500}
    server.hidden_once, server.limit = {"7"}, int(per_second)
    server.fault("db=pubmed", status=503, body=ERROR_PAGE)
    found: list[int | None] = []
    absent: list[int] = []
    with Client(Policy(attempts=3, first_wait=0.0, per_second=per_second)) as client:
        eutils = Eutils(client, server.url)
        for start in range(0, len(pmids), batch):
            documents, missing = fetch_papers(eutils, pmids[start : start + batch])
            found += held(documents)
            absent += missing
    assert sorted(pmid or 0 for pmid in found) == sorted(server.papers)
    assert absent == [500]
    assert len(server.log) == 1000 // batch + 3
    assert server.busiest() <= int(per_second)
    assert {request.status for request in server.log} == {200, 503}

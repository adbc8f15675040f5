"""Europe PMC's service: searches in batches and pages, errors inside 200, full texts that are none."""

import json
import logging
from collections.abc import Iterator

import pytest
from support.each import each
from support.servers.europepmc import EuropePmcServer, result
from support.servers.pmc import article_xml
from support.servers.service import serve

from dnacorpus.errors import CorpusError, RemoteError
from dnacorpus.papers.paper import Paper
from dnacorpus.papers.readers.europepmc import read_europepmc
from dnacorpus.papers.readers.jats import read_jats
from dnacorpus.papers.services.europepmc import EuropePmc, policy
from dnacorpus.sources.http import Client, Policy

QUICK = Policy(attempts=3, first_wait=0.0)
JSON = "application/json;charset=UTF-8"
TEXT = "PMC7/fullTextXML"


@pytest.fixture
def server() -> Iterator[EuropePmcServer]:
    with serve(EuropePmcServer()) as running:
        yield running


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(QUICK) as opened:
        yield opened


@pytest.fixture
def service(server: EuropePmcServer, client: Client) -> EuropePmc:
    return EuropePmc(client, server.url)


def papers(content: bytes) -> list[Paper]:
    found = read_europepmc(content)
    assert found is not None
    return found


def pmids(content: bytes) -> list[int | None]:
    return [paper.pmid for paper in papers(content)]


def answered(server: EuropePmcServer, times: int = 1, **document: object) -> None:
    """Let the next searches be answered with a document."""
    server.fault("searchPOST", content=json.dumps(document).encode(), content_type=JSON, times=times)


def test_results_are_requested_in_batches_and_sorted_by_pmid(server: EuropePmcServer, service: EuropePmc) -> None:
    known = range(1, 500, 2)
    for pmid in known:
        server.add(pmid)
    content = service.core([*range(500, 0, -1), 7, 7])
    assert pmids(content) == list(known)
    assert [request.values["query"].count("EXT_ID:") for request in server.log] == [100] * 5
    assert {(request.method, request.target) for request in server.log} == {("POST", "/searchPOST")}
    assert content == service.core(range(1, 501))
    assert papers(content)[3] == papers(json.dumps([result(7)]).encode())[0]


@pytest.mark.parametrize(("size", "pages"), [(1, 9), (2, 5), (3, 3), (1000, 1)])
def test_all_pages_of_a_search_are_requested(server: EuropePmcServer, client: Client, size: int, pages: int) -> None:
    for pmid in range(1, 10):
        server.add(pmid)
    assert pmids(EuropePmc(client, server.url, size).core(range(1, 50))) == list(range(1, 10))
    assert len(server.log) == pages
    assert len({request.values["cursorMark"] for request in server.log}) == pages


@pytest.mark.parametrize("missing", ["hitCount", "nextCursorMark"])
def test_a_search_ends_without_a_hit_count_and_without_a_cursor_mark(
    server: EuropePmcServer, service: EuropePmc, missing: str
) -> None:
    page = {"hitCount": 1, "nextCursorMark": "m", "resultList": {"result": [result(7)]}}
    answered(server, times=2, **{key: value for key, value in page.items() if key != missing})
    assert pmids(service.core([7])) == [7]
    assert len(server.log) == (2 if missing == "hitCount" else 1)


def test_missing_results_are_logged(
    server: EuropePmcServer, service: EuropePmc, caplog: pytest.LogCaptureFixture
) -> None:
    answered(server, times=2, hitCount=3, nextCursorMark="m", resultList={"result": [result(7)]})
    with caplog.at_level(logging.WARNING):
        assert pmids(service.core([7, 8, 9])) == [7]
    assert "1 of 3 results arrived" in caplog.text


def test_no_pmids_and_unknown_pmids_give_no_results(server: EuropePmcServer, service: EuropePmc) -> None:
    assert papers(service.core([])) == []
    assert server.log == []
    assert papers(service.core([1])) == []
    assert len(server.log) == 1


def test_results_of_other_papers_are_left_out(server: EuropePmcServer, service: EuropePmc) -> None:
    preprint = result(7) | {"source": "PPR", "title": "A preprint"}
    strange = [result(8), preprint, result(7), preprint, {"id": ["7"], "source": "MED"}, "7", None]
    answered(server, hitCount=7, resultList={"result": strange})
    assert [paper.title for paper in papers(service.core([7]))] == ["A made-up paper, number 7."]


def test_text_beyond_ascii_is_unchanged(server: EuropePmcServer, service: EuropePmc) -> None:
    server.add(7, title="Über β-actin \ud83e\uddec".encode("utf-16", "surrogatepass").decode("utf-16"))
    (paper,) = papers(service.core([7]))
    assert paper.title == "Über β-actin \U0001f9ec"


@pytest.mark.parametrize("code", [500, 503, "500", 429])
def test_temporary_errors_with_status_200_are_retried(
    server: EuropePmcServer, service: EuropePmc, code: int | str
) -> None:
    server.add(7)
    answered(server, times=2, errCode=code, errMsg="Busy")
    assert pmids(service.core([7])) == [7]
    answered(server, times=3, errCode=code, errMsg="Busy")
    with pytest.raises(RemoteError, match=f"last of 3 attempts: error {code}: Busy"):
        service.core([7])


def test_permanent_errors_with_status_200_are_not_retried(server: EuropePmcServer, client: Client) -> None:
    with pytest.raises(RemoteError, match=r"searchPOST: expected results, found error 404: Invalid page size provided"):
        EuropePmc(client, server.url, 1001).core([7])
    assert len(server.log) == 1


@pytest.mark.parametrize(
    "content",
    [
        b'{"hitCount":1,"resultList":{"resu',
        b"",
        b"[]",
        b"{}",
        b'{"resultList":{"result":{}}}',
        b'{"nextCursorMark":7,"resultList":{"result":[]}}',
        b"<responseWrapper/>",
    ],
)
def test_answers_that_are_not_a_result_page_are_retried(
    server: EuropePmcServer, service: EuropePmc, content: bytes
) -> None:
    server.add(7)
    server.fault("searchPOST", content=content, content_type=JSON, times=2)
    assert pmids(service.core([7])) == [7]
    assert len(server.log) == 3


@pytest.mark.parametrize("kind", [{"status": 503, "content": b"busy", "content_type": "text/plain"}, {"send": 20}])
@pytest.mark.parametrize("path", ["searchPOST", TEXT])
def test_temporary_faults_are_retried(
    server: EuropePmcServer, service: EuropePmc, path: str, kind: dict[str, object]
) -> None:
    server.add(7)
    server.texts["PMC7"] = article_xml("PMC7")
    server.fault(path, times=2, **kind)
    assert pmids(service.core([7])) == [7]
    assert service.full_text("PMC7") == article_xml("PMC7")
    assert len(server.log) == 4


def test_a_missing_search_address_is_an_error(server: EuropePmcServer, client: Client) -> None:
    with pytest.raises(RemoteError, match=r"found no such address; correct services\.europepmc"):
        EuropePmc(client, f"{server.url}old/").core([7])


def test_a_full_text_is_returned_as_served(server: EuropePmcServer, service: EuropePmc) -> None:
    server.texts["PMC7"] = article_xml("PMC7")
    content = service.full_text("PMC7")
    assert content == article_xml("PMC7") == service.full_text("7")
    assert [paper.pmcid for paper in read_jats(content or b"")] == ["PMC7"]


def test_a_missing_full_text_is_none(server: EuropePmcServer, service: EuropePmc) -> None:
    assert service.full_text("PMC8") is None
    assert [(request.path, request.status) for request in server.log] == [("PMC8/fullTextXML", 404)]


@pytest.mark.parametrize("content", [article_xml("PMC7")[:-30], b"", b"<error>Busy</error>", b'{"errCode":500}'])
def test_a_damaged_full_text_is_requested_again(server: EuropePmcServer, service: EuropePmc, content: bytes) -> None:
    server.texts["PMC7"] = article_xml("PMC7")
    server.fault(TEXT, content=content, content_type="application/xml", times=2)
    assert service.full_text("PMC7") == article_xml("PMC7")
    server.texts["PMC7"] = content
    with pytest.raises(
        CorpusError, match=rf"{TEXT}: expected an article in XML, found 3 times: .*; the article is left out"
    ) as no:
        service.full_text("PMC7")
    assert not isinstance(no.value, RemoteError)
    assert len(server.log) == 6


def test_a_full_text_may_have_a_namespace_or_be_in_a_set(server: EuropePmcServer, service: EuropePmc) -> None:
    text = b'<!DOCTYPE a SYSTEM "j.dtd"><a:set xmlns:a="https://jats.nlm.nih.gov"><a:article>&nbsp;</a:article></a:set>'
    server.texts["PMC7"] = text
    assert service.full_text("PMC7") == text


@pytest.mark.parametrize("rubbish", ["", "PMC", "PMC7/../search", "MED/7"])
def test_a_malformed_pmc_id_is_refused_without_a_request(
    server: EuropePmcServer, service: EuropePmc, rubbish: str
) -> None:
    with pytest.raises(CorpusError, match="expected a PMC id"):
        service.full_text(rubbish)
    assert server.log == []


def test_the_policy_allows_five_requests_a_second() -> None:
    patience = Policy(attempts=2, first_wait=0.5, contact="a@example.org", per_second=99.0)
    assert policy("", patience) == Policy(attempts=2, first_wait=0.5, contact="a@example.org", per_second=5.0)
    assert policy("b@example.org", patience).contact == "b@example.org"


def test_retries_count_towards_the_rate_limit(server: EuropePmcServer) -> None:
    server.fault("PMC1/", status=503, content_type="text/plain", times=2)
    with Client(policy("me@example.org", QUICK)) as client:
        service = EuropePmc(client, server.url)
        assert [service.full_text(f"PMC{number}") for number in range(1, 9)] == [None] * 8
    assert len(server.log) == 10
    assert server.most_in_a_second() <= 5
    assert all("me@example.org" in request.headers["User-Agent"] for request in each(server.log))

"""The ID converter against the stand-in."""

import json
from collections.abc import Iterator

import pytest
from support.servers import eutils as stand_in
from support.servers.eutils import IDCONV, OLD_IDCONV, EutilsServer, serve
from support.servers.service import ERROR_PAGE

from dnacorpus.errors import RemoteError
from dnacorpus.papers.services.idconv import pmcids
from dnacorpus.sources.http import Client, Policy

QUICK = Policy(attempts=3, first_wait=0.0)


@pytest.fixture
def server() -> Iterator[EutilsServer]:
    with serve() as running:
        running.pmcids = {11: "PMC1", 12: "PMC2.1", 1300: "PMC3"}
        yield running


def convert(server: EutilsServer, *pmids: int, path: str = IDCONV, email: str = "") -> dict[int, str]:
    with Client(QUICK) as client:
        return pmcids(client, server.root + path, pmids, email)


@pytest.mark.parametrize("text", [False, True], ids=["numbers", "text"])
def test_papers_with_and_without_a_pmc_id(server: EutilsServer, text: bool) -> None:
    server.text_pmids = text
    assert convert(server, 12, 99, 11, 12, email="a@example.org") == {11: "PMC1", 12: "PMC2"}
    (request,) = server.log
    assert request.method == "GET"
    assert request.path == (f"{IDCONV}?ids=11%2C12%2C99&idtype=pmid&format=json&tool=dnacorpus&email=a%40example.org")


def test_at_most_200_ids_at_a_time(server: EutilsServer) -> None:
    assert convert(server, *range(1, 1402)) == {11: "PMC1", 12: "PMC2", 1300: "PMC3"}
    assert [len(request.ids) for request in server.log] == [200] * 7 + [1]
    assert [name for request in server.log for name in request.ids] == [str(pmid) for pmid in range(1, 1402)]


def test_no_pmids_send_no_request(server: EutilsServer) -> None:
    assert convert(server) == {}
    assert server.log == []


def test_the_old_address_redirects_to_the_new_one(server: EutilsServer) -> None:
    assert convert(server, 11, path=OLD_IDCONV) == {11: "PMC1"}
    assert [request.status for request in server.log] == [301, 200]


def test_a_refusal_has_the_message_of_the_server(server: EutilsServer) -> None:
    with pytest.raises(RemoteError, match=r"PMIDs -5 to 11, found status 400: All values of .*Positive Integers"):
        convert(server, 11, -5)
    assert len(server.log) == 1
    server.fault(IDCONV, status=400, body=b"no JSON", kind=stand_in.TEXT)
    with pytest.raises(RemoteError, match=r"status 400: no JSON; check services\.idconv"):
        convert(server, 11)


WRONG = [
    {"cut": 40},
    {"cut": 40, "broken": True},
    {"body": b"[]", "kind": stand_in.JSON},
    {"body": b'{"status": "error", "message": "backend"}', "kind": stand_in.JSON},
    {"body": b'{"status": "ok"}', "kind": stand_in.JSON},
    {"body": ERROR_PAGE, "kind": stand_in.HTML},
    {"status": 503, "body": b"busy", "kind": stand_in.TEXT},
    {"status": 429, "body": stand_in.rate_limit(), "kind": stand_in.JSON, "retry_after": "0"},
]


@pytest.mark.parametrize("fault", WRONG)
def test_an_unreadable_answer_is_retried(server: EutilsServer, fault: dict[str, object]) -> None:
    server.fault(IDCONV, times=2, **fault)
    assert convert(server, 11) == {11: "PMC1"}
    assert len(server.log) == 3
    server.fault(IDCONV, times=3, **fault)
    with pytest.raises(RemoteError, match="at the last of 3 attempts"):
        convert(server, 11)


def test_records_with_errors_and_other_types_are_accepted(server: EutilsServer) -> None:
    records = [
        {"requested-id": "11", "pmcid": "PMC5"},
        {"requested-id": "11", "pmid": 12, "pmcid": "PMC6"},
        {"pmid": 13, "pmcid": "PMC7", "status": "error", "errmsg": "no"},
        {"pmid": 14, "pmcid": None},
        {"pmid": 15},
        {"pmid": 999, "pmcid": "PMC8"},
        {"pmid": 16, "pmcid": "MID9"},
        "17",
        {},
    ]
    server.fault(IDCONV, body=json.dumps({"status": "ok", "records": records}).encode(), kind=stand_in.JSON)
    assert convert(server, *range(11, 18)) == {11: "PMC5", 12: "PMC6"}

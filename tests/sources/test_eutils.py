import logging
from pathlib import Path

import pytest
from support.flatfile import record
from support.servers.eutils import serve

from dnacorpus.errors import RemoteError
from dnacorpus.sources.eutils import BASE, Eutils, key_for, key_of, policy
from dnacorpus.sources.http import Client, Policy
from dnacorpus.sources.nuccore import nuccore_at

KEY = "0123456789abcdef0123456789abcdef0123"


def test_key_of_the_environment() -> None:
    assert key_of({"NCBI_API_KEY": f" {KEY}\n"}) == KEY
    assert key_of({"NCBI_API_KEY": " "}) is None
    assert key_of({}) is None


def test_a_key_raises_the_pace() -> None:
    patience = Policy(attempts=2, contact="b@example.org")
    assert policy("a@example.org", None, patience) == Policy(attempts=2, contact="a@example.org", per_second=2.5)
    assert policy("", KEY, patience) == Policy(attempts=2, contact="b@example.org", per_second=8.0)


@pytest.mark.parametrize(
    "base",
    [
        BASE,
        "https://ncbi.nlm.nih.gov/x/",
        "HTTPS://EUTILS.NCBI.NLM.NIH.GOV:443/entrez",
        "https://eutils.ncbi.nlm.nih.gov",
    ],
)
def test_a_key_is_for_the_hosts_of_ncbi_over_https(base: str, caplog: pytest.LogCaptureFixture) -> None:
    assert key_for(base, KEY) == KEY
    assert not caplog.records


@pytest.mark.parametrize(
    "base",
    [
        "http://eutils.ncbi.nlm.nih.gov/entrez/eutils/", "https://eutils.example.org/", "https://evilncbi.nlm.nih.gov/",
        "https://ncbi.nlm.nih.gov.example.org/", "https://ncbi.nlm.nih.gov@example.org/",
        "https://example.org\\@ncbi.nlm.nih.gov/", "https://example.org/https://ncbi.nlm.nih.gov/",
        "https://example.org#.ncbi.nlm.nih.gov/", "https://eutils.ncbi.nlm.nih.gov:8443/", "https://u:p@ncbi.nlm.nih.gov/",
        "https://nlm.nih.gov/", "http://127.0.0.1:80/", "http://localhost:80/", "https://ncbi.nlm.n\u0131h.gov/",
    ],
)  # fmt: skip
def test_a_key_is_withheld_from_any_other_address_with_one_line(base: str, caplog: pytest.LogCaptureFixture) -> None:
    assert key_for(base, KEY) is None
    (line,) = caplog.messages
    assert "NCBI_API_KEY is not sent there" in line
    assert KEY not in line


def test_without_a_key_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    assert key_for("http://example.org/", None) is None
    assert not caplog.records


def test_the_loopback_of_tests_opens_no_other_address() -> None:
    assert key_for("http://127.0.0.1:81/a/", KEY, loopback=True) == KEY
    for base in ("http://127.0.0.1.example.org:81/", "http://127.0.0.1:81@example.org/", "http://example.org:81/"):
        assert key_for(base, KEY, loopback=True) is None


def test_a_service_named_by_a_config_gets_records_requests_without_the_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with serve() as server:
        server.records["NC_000001.1"] = record("NC_000001.1", "GATTACA")
        with nuccore_at(server.url, KEY, Policy(attempts=2, first_wait=0.0)) as nuccore:
            assert nuccore(["NC_000001.1"], tmp_path / "a.gbff") == []
        assert [request.form.get("id") for request in server.log] == ["NC_000001.1"]
        assert not [request for request in server.log if "api_key" in request.form]
    assert len([line for line in caplog.messages if "is not sent there" in line]) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_request_with_the_key_is_never_followed(status: int) -> None:
    with serve() as trusted, serve() as foreign, Client(Policy(attempts=3, first_wait=0.0)) as client:
        trusted.fault("db=nuccore", redirect=foreign.url + "efetch.fcgi", status=status, times=9)
        service = Eutils(client, trusted.url, KEY, loopback_key=True)
        with pytest.raises(RemoteError, match=rf"efetch\.fcgi: expected an answer, found a redirect, status {status}"):
            service.nuccore(["NC_000001.1"], lambda response: response.status_code)
        assert [request.form["api_key"] for request in trusted.log] == [KEY]
        assert foreign.log == []

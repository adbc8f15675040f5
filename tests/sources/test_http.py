import email.utils
import gzip
import socket
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.each import each
from support.lowered import lowered
from support.servers.refseq import RefSeqServer, serve
from support.servers.releases import write_release
from support.servers.tls import serve as serve_tls

from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.limits import TEXT_ANSWER, Limit
from dnacorpus.sources.http import ABSENT, Client, Policy, Response, body, content_length, redacted

QUICK = Policy(attempts=4, first_wait=0.0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RefSeqServer]:
    with serve(write_release(tmp_path / "release")) as running:
        yield running


def number(server: RefSeqServer, policy: Policy = QUICK) -> str | None:
    def receive(response: Response) -> str | None:
        return None if response.status_code in ABSENT else body(response).decode().strip()

    with Client(policy) as client:
        return client.request("GET", server.url + "RELEASE_NUMBER", receive)


@pytest.mark.parametrize("status", [403, 408, 429, 500, 502, 503])
def test_retryable_statuses_are_requested_again(server: RefSeqServer, status: int) -> None:
    server.fault("RELEASE_NUMBER", status=status, times=3)
    assert number(server) == "7"
    assert [request.status for request in server.log] == [status, status, status, 200]


@pytest.mark.parametrize("kind", [{"send": 1}, {"send": 0, "reset": True}, {"page": "text/html; charset=UTF-8"}])
def test_broken_responses_are_requested_again(server: RefSeqServer, kind: dict[str, object]) -> None:
    server.fault("RELEASE_NUMBER", times=2, **kind)
    assert number(server) == "7"
    assert len(server.log) == 3


def test_used_up_attempts_are_a_remote_error(server: RefSeqServer) -> None:
    server.fault("RELEASE_NUMBER", status=503, times=99)
    with pytest.raises(RemoteError, match=r"RELEASE_NUMBER: .* at the last of 4 attempts: status 503.*run again"):
        number(server)
    assert len(server.log) == 4


@pytest.mark.parametrize("status", [400, 401, 451])
def test_permanent_errors_are_requested_once(server: RefSeqServer, status: int) -> None:
    server.fault("RELEASE_NUMBER", status=status, times=99)
    with pytest.raises(RemoteError, match=f"found {status} "):
        number(server)
    assert len(server.log) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_an_absent_file_is_no_error(server: RefSeqServer, status: int) -> None:
    server.fault("RELEASE_NUMBER", status=status)
    assert number(server) is None
    assert len(server.log) == 1


def test_waits_grow_up_to_the_longest_and_vary(server: RefSeqServer, waits: list[float]) -> None:
    server.fault("RELEASE_NUMBER", status=503, times=99)
    with pytest.raises(RemoteError):
        number(server, Policy(attempts=6, first_wait=2.0, longest_wait=10.0))
    bounds = [2.0, 4.0, 8.0, 10.0, 10.0]
    assert len(waits) == len(bounds)
    assert all(bound / 2 <= wait <= bound for wait, bound in each(zip(waits, bounds, strict=True)))
    assert waits != bounds


def test_retry_after_is_respected(server: RefSeqServer, waits: list[float]) -> None:
    later = email.utils.formatdate(time.time() + 120, usegmt=True)
    for asked in ("17", later, "soon", "100000"):
        server.fault("RELEASE_NUMBER", status=429, retry_after=asked)
    assert number(server, Policy(attempts=5, first_wait=0.0)) == "7"
    assert waits[0] == 17.0
    assert 100 < waits[1] <= 120
    assert waits[2:] == [0.0, 300.0]


def test_each_retry_is_logged(server: RefSeqServer, caplog: pytest.LogCaptureFixture) -> None:
    server.fault("RELEASE_NUMBER", status=503)
    number(server)
    assert "RELEASE_NUMBER: attempt 1: status 503 Service Unavailable; trying again in 0.0 s" in caplog.text


@pytest.mark.parametrize("contact", ["", "someone@example.org"])
def test_user_agent_names_the_program_and_contact(
    server: RefSeqServer, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DNACORPUS_CONTACT", contact)
    number(server)
    number(server, Policy(contact="cluster@example.org"))
    agents = [request.headers["User-Agent"] for request in server.log]
    assert agents[0].startswith("dnacorpus/")
    assert agents[0].endswith(f"builder{'; ' + contact if contact else ''})")
    assert agents[1].endswith("; cluster@example.org)")
    assert {request.headers["Accept-Encoding"] for request in server.log} == {"identity"}


def test_no_server_is_a_remote_error() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Client(QUICK) as client, pytest.raises(RemoteError, match=f"127.0.0.1:{port}/.*4 attempts"):
        client.request("GET", f"http://127.0.0.1:{port}/", body)


def test_a_silent_server_times_out() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        policy = Policy(attempts=2, first_wait=0.0, read=0.05)
        with Client(policy) as client, pytest.raises(RemoteError, match=r"2 attempts: .*timed out"):
            client.request("GET", f"http://127.0.0.1:{port}/", body)


def test_a_bad_url_is_a_usage_error() -> None:
    with Client(QUICK) as client, pytest.raises(UsageError, match=r"http://\*/: expected an http"):
        client.request("GET", "http://*/", body)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_each_attempt_uses_a_new_connection(server: RefSeqServer, method: str) -> None:
    server.fault("RELEASE_NUMBER", status=403, times=2)
    with Client(QUICK) as client:
        for _ in range(2):
            client.request(method, server.url + "RELEASE_NUMBER", lambda response: response.content)
    connections = [request.connection for request in server.log]
    assert len(set(connections)) == 3
    assert connections[2] == connections[3]


def test_a_form_is_the_body_of_a_post(server: RefSeqServer) -> None:
    server.fault("RELEASE_NUMBER", status=503)
    with Client(QUICK) as client:
        form = {"db": "nuccore", "id": "A,B", "api_key": "s3cret"}
        assert client.request("POST", server.url + "RELEASE_NUMBER", body, form=form) == b"7\n"
    assert [(request.method, request.path, request.status) for request in server.log] == [
        ("POST", "/RELEASE_NUMBER", 503),
        ("POST", "/RELEASE_NUMBER", 200),
    ]
    assert {request.body for request in server.log} == {b"db=nuccore&id=A%2CB&api_key=s3cret"}
    assert not any("s3cret" in value for request in each(server.log) for value in request.headers.values())


@pytest.mark.parametrize("status", [400, 404, 503])
def test_absent_statuses_can_be_chosen(server: RefSeqServer, status: int) -> None:
    server.fault("RELEASE_NUMBER", status=status)
    with Client(QUICK) as client:
        url = server.url + "RELEASE_NUMBER"
        assert client.request("GET", url, lambda response: response.status_code, absent=(status,)) == status
    assert len(server.log) == 1


def test_a_404_outside_absent_is_an_error(server: RefSeqServer) -> None:
    server.fault("RELEASE_NUMBER", status=404)
    with Client(QUICK) as client, pytest.raises(RemoteError, match="found 404"):
        client.request("GET", server.url + "RELEASE_NUMBER", body, absent=(400,))


def test_pace_holds_in_every_second_with_retries(server: RefSeqServer) -> None:
    server.fault("RELEASE_NUMBER", status=503)
    with Client(Policy(attempts=3, first_wait=0.0, per_second=2.5)) as client:
        for _ in range(4):
            client.request("GET", server.url + "RELEASE_NUMBER", body)
    arrivals = [request.at for request in server.log]
    assert len(arrivals) == 5
    assert all(sum(start <= at < start + 1 for at in arrivals) <= 2 for start in each(arrivals))


def test_a_pace_below_one_a_second_is_a_pause(server: RefSeqServer) -> None:
    with Client(Policy(per_second=0.8)) as client:
        for _ in range(2):
            client.request("GET", server.url + "RELEASE_NUMBER", body)
    first, second = (request.at for request in server.log)
    assert second - first >= 1.25


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://me:pw@host/a?id=7&api_key=9&x=1", "https://***@host/a?id=7&api_key=***&x=1"),
        ("url: /e.fcgi?db=x&API_KEY=S (Caused by", "url: /e.fcgi?db=x&API_KEY=*** (Caused by"),
        ("'http://h/?key=a' and <http://h/?token=b>", "'http://h/?key=***' and <http://h/?token=***>"),
        ("http://u:p@ss@host/x", "http://***@host/x"),
        ("Failed to parse: http://u:p/w@host/", "Failed to parse: http://***@host/"),
        ("http://host:8080/a@b?monkey&keys=1", "http://host:8080/a@b?monkey&keys=1"),
        ("viral/viral.1.genomic.gbff.gz: MD5", "viral/viral.1.genomic.gbff.gz: MD5"),
    ],
)
def test_redacted_removes_secrets(text: str, expected: str) -> None:
    assert redacted(text) == expected
    assert redacted(expected) == expected


@pytest.mark.parametrize(
    "kind",
    [{"status": 503}, {"status": 401}, {"send": 1}, {"headers": {"Location": "http://u:s3cret@h:1/x"}, "status": 301}],
    ids=str,
)
def test_no_secret_of_a_url_is_logged_or_raised(
    server: RefSeqServer, kind: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    server.fault("RELEASE_NUMBER", times=99, **kind)
    url = server.url.replace("://", "://user:s3cret@") + "RELEASE_NUMBER?api_key=s3cret&token=s3cret"
    check_hidden(url, caplog)


@pytest.mark.parametrize("url", ["http://u:s3cret@*/?key=s3cret", "http://u:s3/s3cret@h/", "ftp://u:s3cret@h/"])
def test_no_secret_of_a_bad_url_is_raised(url: str, caplog: pytest.LogCaptureFixture) -> None:
    check_hidden(url, caplog)


def test_no_secret_is_raised_without_a_server(caplog: pytest.LogCaptureFixture) -> None:
    check_hidden("http://u:s3cret@127.0.0.1:9/?api_key=s3cret", caplog)


def check_hidden(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with Client(QUICK) as client, pytest.raises(CorpusError) as caught:
        client.request("GET", url, body)
    assert "***" in str(caught.value)
    printed = "".join(traceback.format_exception(caught.value))
    assert "s3cret" not in printed + caplog.text


def test_a_redirect_never_lowers_https_to_http(
    server: RefSeqServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_tls(tmp_path) as secure, Client(QUICK) as client:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure.certificate))
        secure.redirects = {
            "/plain": server.url + "RELEASE_NUMBER",
            "/shouted": server.url.replace("http:", "HTTP:") + "RELEASE_NUMBER",
            "/second": "/plain",
            "/relative": "/RELEASE_NUMBER",
            "/absolute": secure.url + "RELEASE_NUMBER",
            "/same": secure.url.removeprefix("https:") + "RELEASE_NUMBER",
        }
        for name in ("plain", "shouted", "second"):
            with pytest.raises(RemoteError, match="expected an encrypted connection, found a redirect to http://127"):
                client.request("GET", secure.url + name, body)
        with pytest.raises(RemoteError, match="expected an encrypted connection"):
            client.request("HEAD", secure.url + "plain", body)
        assert server.log == []
        for name in ("relative", "absolute", "same"):
            assert client.request("GET", secure.url + name, body) == b"7\n"


def test_http_may_be_raised_to_https(server: RefSeqServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_tls(tmp_path) as secure, Client(QUICK) as client:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure.certificate))
        server.fault("RELEASE_NUMBER", status=301, headers={"Location": secure.url})
        assert client.request("GET", server.url + "RELEASE_NUMBER", body) == b"7\n"
        assert secure.log == ["/"]


def test_an_endless_text_is_read_up_to_the_limit(server: RefSeqServer) -> None:
    server.fault("RELEASE_NUMBER", endless=True)
    with (
        Client(QUICK) as client,
        pytest.raises(RemoteError, match=rf"expected at most {TEXT_ANSWER:,} bytes \(limit TEXT_ANSWER\), found more"),
    ):
        client.request("GET", server.url + "RELEASE_NUMBER", body)
    (request,) = server.log
    assert request.sent < TEXT_ANSWER + (16 << 20)


def test_a_text_may_be_as_long_as_its_limit(server: RefSeqServer) -> None:
    def made(number: int) -> Limit:
        return lowered("TEXT_ANSWER", number)

    url = server.url + "RELEASE_NUMBER"
    with Client(QUICK) as client:
        assert client.request("GET", url, lambda answer: body(answer, made(2)) + body(answer, made(2))) == b"7\n7\n"
        with pytest.raises(RemoteError, match=r"expected at most 1 bytes \(limit TEXT_ANSWER\), found more"):
            client.request("GET", url, lambda response: body(response, made(1)))


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "identity, gzip"])
def test_a_content_encoding_that_was_not_asked_for_is_refused(server: RefSeqServer, encoding: str) -> None:
    (server.root / "RELEASE_NUMBER").write_bytes(gzip.compress(bytes(1 << 20)))
    server.fault("RELEASE_NUMBER", headers={"Content-Encoding": encoding}, times=9)
    with Client(QUICK) as client, pytest.raises(RemoteError, match=r"expected no Content-Encoding, found '"):
        client.request("GET", server.url + "RELEASE_NUMBER", body)
    assert len(server.log) == 1


def test_the_encoding_identity_is_none(server: RefSeqServer) -> None:
    server.fault("RELEASE_NUMBER", headers={"Content-Encoding": "Identity"})
    assert number(server) == "7"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_body_of_a_redirect_is_not_read(server: RefSeqServer, method: str) -> None:
    server.fault("first", status=302, headers={"Location": server.url + "RELEASE_NUMBER"}, endless=True)
    with Client(QUICK) as client:
        if method == "GET":
            assert client.request(method, server.url + "first", body) == b"7\n"
        else:
            with pytest.raises(RemoteError, match="found a redirect, status 302"):
                client.request(method, server.url + "first", body, form={"a": "b"})
    assert server.log[0].sent < 16 << 20


@pytest.mark.parametrize("value", ["Mon, 01 Jan 99999999999 00:00:00 GMT", "Mon, 01 Jan 2024 00:00:00 +99999999999999"])
def test_a_retry_after_beyond_any_calendar_is_ignored(server: RefSeqServer, value: str) -> None:
    server.fault("RELEASE_NUMBER", status=503, headers={"Retry-After": value})
    assert number(server) == "7"


@pytest.mark.parametrize("target", ["http://[::1/x", "http://a\u2100b/".encode().decode("latin-1"), "http://a/\xff"])
def test_a_redirect_to_no_address_is_a_remote_error(server: RefSeqServer, target: str) -> None:
    server.fault("RELEASE_NUMBER", status=302, headers={"Location": target}, times=9)
    with pytest.raises(RemoteError, match="expected the address of a redirect"):
        number(server)


@pytest.mark.parametrize(
    ("value", "expected"), [("12", 12), ("9" * 5000, None), ("\u0663", None), ("-1", None), ("", None)]
)
def test_content_length_is_a_plain_number(value: str, expected: int | None) -> None:
    response = Response()
    response.headers["Content-Length"] = value
    assert content_length(response) == expected

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.servers.refseq import RefSeqServer, serve
from support.servers.releases import VIRAL, write_release
from urllib3.connection import HTTPConnection

from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.sources.http import Policy
from dnacorpus.sources.mirror import Mirror, opened
from dnacorpus.sources.resumable import Partial

QUICK = Policy(attempts=4, first_wait=0.0)
FILE = "viral/viral.2.genomic.gbff.gz"
LARGE = {"viral.2.genomic.gbff.gz": os.urandom(300_000)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_release(tmp_path / "release", VIRAL | LARGE)


@pytest.fixture
def server(root: Path) -> Iterator[RefSeqServer]:
    with serve(root) as running:
        yield running


@pytest.fixture
def uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make urllib3 take a short body for a whole one, as the older one that requests also accepts does."""
    request = HTTPConnection.request

    def lenient(self: HTTPConnection, *arguments: Any, **options: Any) -> None:
        request(self, *arguments, **options | {"enforce_content_length": False})

    monkeypatch.setattr(HTTPConnection, "request", lenient)


@pytest.fixture(params=["directory", "http"])
def mirror(request: pytest.FixtureRequest, root: Path, server: RefSeqServer) -> Iterator[Mirror]:
    with opened(str(root) if request.param == "directory" else server.url.rstrip("/"), QUICK) as source:
        yield source


def test_directory_and_http_mirror_return_the_same(mirror: Mirror, tmp_path: Path) -> None:
    arrived: list[int] = []
    assert mirror.release() == "7"
    assert mirror.names("viral") == sorted(VIRAL)
    assert mirror.names("plant") == []
    assert mirror.size(FILE) == 300_000
    assert mirror.size("viral/viral.3.genomic.gbff.gz") is None
    assert (mirror.text("release-catalog/release7.files.installed") or "").count("\n") == len(VIRAL)
    assert mirror.text("release-catalog/release8.files.installed") is None
    assert mirror.retrieve(FILE, tmp_path / "file", arrived.append)
    assert (tmp_path / "file").read_bytes() == LARGE["viral.2.genomic.gbff.gz"]
    assert sum(arrived) == 300_000
    assert not mirror.retrieve("viral/viral.3.genomic.gbff.gz", tmp_path / "absent", arrived.append)
    assert not (tmp_path / "absent").exists()
    assert mirror.where("RELEASE_NUMBER").endswith("/RELEASE_NUMBER")


def test_a_directory_is_linked_by_its_absolute_path(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with opened("release") as source:
        source.retrieve(FILE, tmp_path / "link", lambda _: None)
    assert (tmp_path / "link").readlink() == root / FILE


@pytest.mark.parametrize("path", ["../victim", "viral/../../victim", "viral/.."])
def test_a_directory_gives_no_file_outside_it(root: Path, tmp_path: Path, path: str) -> None:
    (root.parent / "victim").write_text("precious")
    with opened(str(root)) as source, pytest.raises(CorpusError, match="expected a path inside"):
        source.retrieve(path, tmp_path / "link", lambda _: None)
    assert not (tmp_path / "link").is_symlink()


def test_one_connection_serves_all_requests(server: RefSeqServer, tmp_path: Path) -> None:
    with opened(server.url, QUICK) as source:
        source.release()
        source.names("viral")
        source.size(FILE)
        source.retrieve(FILE, tmp_path / "file", lambda _: None)
        source.size(FILE)
        source.release()
    assert len(server.log) == 6
    assert len({request.connection for request in server.log}) == 1


def retrieve(server: RefSeqServer, target: Path) -> list[int]:
    arrived: list[int] = []
    with opened(server.url, QUICK) as source:
        assert source.retrieve(FILE, target, arrived.append)
    assert target.read_bytes() == LARGE["viral.2.genomic.gbff.gz"]
    assert sum(arrived) == 300_000
    return [request.status for request in server.log]


def check_resumed(server: RefSeqServer, target: Path) -> None:
    server.fault(FILE, send=100_000)
    server.fault(FILE, send=50_000)
    assert retrieve(server, target) == [200, 206, 206]
    assert [request.headers.get("Range") for request in server.log] == [None, "bytes=100000-", "bytes=150000-"]
    assert server.log[1].headers["If-Range"].startswith('"')


def test_a_short_body_is_resumed(server: RefSeqServer, tmp_path: Path) -> None:
    check_resumed(server, tmp_path / "file")


@pytest.mark.usefixtures("uncounted")
def test_a_short_body_is_detected_by_its_length(server: RefSeqServer, tmp_path: Path) -> None:
    server.fault("RELEASE_NUMBER", send=0)
    with opened(server.url, QUICK) as source:
        assert source.release() == "7"
    server.log.clear()
    check_resumed(server, tmp_path / "file")


def test_without_an_etag_last_modified_allows_resuming(server: RefSeqServer, tmp_path: Path) -> None:
    server.fault(FILE, send=100_000, drop=("ETag",))
    assert retrieve(server, tmp_path / "file") == [200, 206]
    assert server.log[1].headers["If-Range"].endswith("GMT")


def test_without_a_validator_a_file_starts_over(server: RefSeqServer, tmp_path: Path) -> None:
    server.fault(FILE, send=100_000, drop=("ETag", "Last-Modified"))
    assert retrieve(server, tmp_path / "file") == [200, 200]


def test_a_weak_etag_does_not_allow_resuming(server: RefSeqServer, tmp_path: Path) -> None:
    server.fault(FILE, send=100_000, headers={"ETag": 'W/"about the same"'})
    assert retrieve(server, tmp_path / "file") == [200, 206]
    assert server.log[1].headers["If-Range"].endswith("GMT")


@pytest.mark.parametrize("wrong", [{"headers": {"Content-Range": "bytes 7-299999/300000"}}, {"status": 416}], ids=str)
def test_a_wrong_range_starts_over(server: RefSeqServer, tmp_path: Path, wrong: dict[str, object]) -> None:
    server.fault(FILE, send=100_000)
    server.fault(FILE, **wrong)
    assert retrieve(server, tmp_path / "file") == [200, wrong.get("status", 206), 200]
    assert "Range" not in server.log[2].headers


def test_received_bytes_survive_a_busy_server(server: RefSeqServer, tmp_path: Path) -> None:
    server.fault(FILE, send=100_000)
    server.fault(FILE, status=503, times=2)
    assert retrieve(server, tmp_path / "file") == [200, 503, 503, 206]


def test_a_changed_file_starts_over(server: RefSeqServer, root: Path, tmp_path: Path) -> None:
    (root / FILE).write_bytes(b"older" * 1000)
    server.fault(FILE, send=100)
    server.fault(FILE, status=503)
    arrived: list[int] = []

    def change(count: int) -> None:
        arrived.append(count)
        (root / FILE).write_bytes(LARGE["viral.2.genomic.gbff.gz"])

    with opened(server.url, QUICK) as source:
        assert source.retrieve(FILE, tmp_path / "file", change)
    assert [request.status for request in server.log] == [200, 503, 200]
    assert (tmp_path / "file").read_bytes() == LARGE["viral.2.genomic.gbff.gz"]
    assert sum(arrived) == 300_000


def test_a_reset_connection_is_retried(server: RefSeqServer, tmp_path: Path) -> None:
    server.fault(FILE, send=20_000, reset=True, times=2)
    assert len(retrieve(server, tmp_path / "file")) == 3


@pytest.mark.parametrize("kind", ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"])
def test_an_html_page_is_not_the_file(server: RefSeqServer, tmp_path: Path, kind: str) -> None:
    server.fault(FILE, page=kind)
    assert retrieve(server, tmp_path / "file") == [200, 200]


def test_an_incomplete_file_is_a_remote_error(server: RefSeqServer, tmp_path: Path) -> None:
    server.fault(FILE, send=10, times=99)
    with opened(server.url, QUICK) as source, pytest.raises(RemoteError, match=r"viral\.2\.genomic.*4 attempts"):
        source.retrieve(FILE, tmp_path / "file", lambda _: None)


def test_a_missing_content_length_is_a_remote_error(server: RefSeqServer) -> None:
    server.fault(FILE, drop=("Content-Length",), times=99)
    with opened(server.url, QUICK) as source, pytest.raises(RemoteError, match="no Content-Length"):
        source.size(FILE)


def test_a_directory_without_a_release_is_refused(tmp_path: Path) -> None:
    with opened(str(tmp_path / "nowhere")) as source, pytest.raises(UsageError, match=r"nowhere: .*no such directory"):
        source.release()
    with opened(str(tmp_path)) as source, pytest.raises(UsageError, match=r"RELEASE_NUMBER.*a directory without it"):
        source.release()


def test_a_server_without_a_release_is_refused(server: RefSeqServer, root: Path) -> None:
    (root / "RELEASE_NUMBER").write_text("soon\n")
    with opened(server.url, QUICK) as source:
        with pytest.raises(RemoteError, match=r"http://.*/RELEASE_NUMBER: expected a release number"):
            source.release()
        (root / "RELEASE_NUMBER").unlink()
        with pytest.raises(RemoteError, match=r"http://.*/RELEASE_NUMBER: .*no such file"):
            source.release()


def test_text_that_is_not_utf8_is_refused(root: Path) -> None:
    (root / "RELEASE_NUMBER").write_bytes(b"\xff\xfe7")
    with opened(str(root)) as source, pytest.raises(CorpusError, match="RELEASE_NUMBER: expected UTF-8"):
        source.release()


def test_a_partial_file_is_completed(server: RefSeqServer, tmp_path: Path) -> None:
    content, arrived = LARGE["viral.2.genomic.gbff.gz"], list[int]()
    with opened(server.url, QUICK) as source:
        source.retrieve(FILE, first := Partial(tmp_path / "first"), arrived.append)
        second = Partial(tmp_path / "second")
        second.start_over(first.validator)
        second.extend([content[:200_000]], arrived.append)
        server.log.clear()
        assert source.retrieve(FILE, second, arrived.append)
        assert source.retrieve(FILE, second, arrived.append)  # 416: nothing is missing
    assert [(request.status, request.sent) for request in server.log] == [(206, 100_000), (416, 0)]
    assert (second.received, second.md5) == (300_000, hashlib.md5(content).hexdigest())
    assert (tmp_path / "second").read_bytes() == content
    assert sum(arrived) == 600_000


def test_a_range_that_ends_early_is_continued(server: RefSeqServer, tmp_path: Path) -> None:
    server.fault(FILE, send=100_000)
    server.fault(FILE, send=50_000, headers={"Content-Length": "50000"})
    assert retrieve(server, tmp_path / "file") == [200, 206, 206]


def test_bytes_before_a_stalled_socket_are_kept(server: RefSeqServer, tmp_path: Path) -> None:
    server.fault(FILE, send=100_000, stall=True)
    server.fault(FILE, stall=True, send=0)
    with opened(server.url, Policy(attempts=4, first_wait=0.0, read=0.2)) as source:
        assert source.retrieve(FILE, tmp_path / "file", lambda _: None)
    assert (tmp_path / "file").read_bytes() == LARGE["viral.2.genomic.gbff.gz"]
    assert [request.headers.get("Range") for request in server.log] == [None, "bytes=100000-", "bytes=100000-"]


def test_received_bytes_survive_a_passing_404(server: RefSeqServer, tmp_path: Path) -> None:
    server.fault(FILE, send=100_000)
    server.fault(FILE, status=404)
    target = Partial(tmp_path / "file")
    with opened(server.url, QUICK) as source:
        assert not source.retrieve(FILE, target, lambda _: None)
        assert source.retrieve(FILE, target, lambda _: None)
    assert [request.status for request in server.log] == [200, 404, 206]
    assert (tmp_path / "file").read_bytes() == LARGE["viral.2.genomic.gbff.gz"]


def test_complete_urls_and_absolute_paths_are_retrieved(server: RefSeqServer, root: Path, tmp_path: Path) -> None:
    with opened("http://nowhere.invalid/", QUICK) as source:
        assert source.size(server.url + FILE) == 300_000
        assert source.where(server.url + FILE) == server.url + FILE
    with opened(str(tmp_path / "nowhere")) as source:
        assert source.retrieve(str(root / FILE), target := Partial(tmp_path / "file"), lambda _: None)
    assert target.path.readlink() == root / FILE
    assert target.md5 == hashlib.md5(LARGE["viral.2.genomic.gbff.gz"]).hexdigest()


def test_the_password_of_a_mirror_is_sent_and_not_logged(server: RefSeqServer, root: Path) -> None:
    (root / "RELEASE_NUMBER").unlink()
    location = server.url.replace("://", "://user:s3cret@")
    with opened(location, QUICK) as source, pytest.raises(RemoteError) as caught:
        source.release()
    assert "Authorization" in server.log[0].headers
    assert "://***@127.0.0.1" in str(caught.value)
    assert "s3cret" not in str(caught.value) + source.where(FILE)
    with pytest.raises(UsageError) as refused, opened("ftp://user:s3cret@host/"):
        pass
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("mirror", ["ftp://ftp.ncbi.nlm.nih.gov/refseq/release/", "s3://bucket/release"])
def test_other_urls_are_refused(mirror: str) -> None:
    with pytest.raises(UsageError, match="expected a directory or an http"), opened(mirror):
        pass

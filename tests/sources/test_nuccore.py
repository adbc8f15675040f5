"""Records by accession against the stand-in: every record asked for that exists, whole, once, in order."""

import gc
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from Bio import SeqIO
from support.flatfile import record
from support.lowered import lower
from support.servers import eutils as stand_in
from support.servers.eutils import EutilsServer, serve
from support.servers.refseq import serve as serve_files
from support.servers.service import ERROR_PAGE

from dnacorpus.errors import RemoteError
from dnacorpus.sources.eutils import Eutils
from dnacorpus.sources.http import Client, Policy
from dnacorpus.sources.nuccore import BATCH, retrieve

QUICK = Policy(attempts=3, first_wait=0.0)
KEY = "fedcba9876543210fedcba9876543210fedc"
NAMES = [f"NC_{number:06}.1" for number in range(1, 46)]


@pytest.fixture
def server() -> Iterator[EutilsServer]:
    with serve() as running:
        running.records = {name: record(name, "ACGTTGCA" * (60 + at)) for at, name in enumerate(NAMES)}
        running.records["NC_000002.2"] = record("NC_000002.2", "GATTACA")
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "raw" / "records.gbff"


def get(server: EutilsServer, target: Path, *accessions: str, key: str | None = None) -> list[str]:
    with Client(QUICK) as client:
        return retrieve(Eutils(client, server.url, key, loopback_key=True), accessions, target)


def versions(target: Path) -> list[str]:
    return [found.id for found in SeqIO.parse(StringIO(target.read_text()), "genbank")]


def test_records_are_written_as_served(server: EutilsServer, target: Path) -> None:
    assert get(server, target, NAMES[2], NAMES[0]) == []
    assert target.read_text() == server.records[NAMES[2]] + server.records[NAMES[0]]
    (request,) = server.log
    assert request.form == {
        "db": "nuccore", "id": "NC_000003.1,NC_000001.1", "rettype": "gbwithparts", "retmode": "text",
        "tool": "dnacorpus",
    }  # fmt: skip
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_batches_keep_the_order_of_the_accessions(server: EutilsServer, target: Path) -> None:
    asked = sorted(NAMES, key=lambda name: name[::-1])
    assert get(server, target, *asked) == []
    assert versions(target) == asked
    assert [len(request.ids) for request in server.log] == [BATCH, BATCH, 5]


def test_the_servers_order_does_not_matter(server: EutilsServer, target: Path) -> None:
    body = "".join(server.records[name] for name in NAMES[2::-1]).encode()
    server.fault("db=nuccore", body=body, kind=stand_in.TEXT)
    assert get(server, target, *NAMES[:3]) == []
    assert versions(target) == NAMES[:3]


def test_versions(server: EutilsServer, target: Path) -> None:
    assert get(server, target, "NC_000002", "nc_000002.1", "NC_000002.2", "NC_000003", NAMES[2], "NC_000002") == []
    assert versions(target) == ["NC_000002.2", "NC_000002.1", "NC_000003.1"]
    server.fault("NC_000001.7", body=server.records[NAMES[0]].encode(), kind=stand_in.TEXT, times=2)
    assert get(server, target, "NC_000001.7") == ["NC_000001.7"]


def test_a_secondary_accession(server: EutilsServer, target: Path) -> None:
    merged = server.records[NAMES[0]].replace("ACCESSION   NC_000001", "ACCESSION   NC_000001 X12345\n            X6")
    server.fault("X12345", body=merged.encode(), kind=stand_in.TEXT)
    assert get(server, target, "X12345", "X6") == []
    assert target.read_text() == merged


@pytest.mark.parametrize("manner", ["silent", "line", "text", "status"])
def test_accessions_that_do_not_exist(server: EutilsServer, target: Path, manner: str) -> None:
    server.unknown = manner
    assert get(server, target, NAMES[0], "NC_999999.1", NAMES[1], "GCF_000001.1") == ["NC_999999.1", "GCF_000001.1"]
    assert versions(target) == NAMES[:2]
    doubtful = ["NC_999999.1", "GCF_000001.1"] if manner == "silent" else server.log[0].ids
    assert [request.ids for request in server.log[1:]] == [[name] for name in doubtful]


@pytest.mark.parametrize("manner", ["silent", "line", "text", "status"])
def test_no_accession_exists(server: EutilsServer, target: Path, manner: str) -> None:
    server.unknown = manner
    assert get(server, target, "NC_999999.1") == ["NC_999999.1"]
    assert target.read_bytes() == b""
    assert len(server.log) == 2


def test_missing_accessions_are_requested_once_more(server: EutilsServer, target: Path) -> None:
    server.hidden_once = {NAMES[1], NAMES[22]}
    assert get(server, target, *NAMES[:30]) == []
    assert versions(target) == NAMES[:30]
    assert [len(request.ids) for request in server.log] == [20, 1, 10, 1]


WRONG = {
    "truncated": {"cut": 500},
    "broken off": {"cut": 500, "broken": True},
    "without the end": {"cut": -4},
    "rate limit in 200": {"body": stand_in.rate_limit(KEY), "kind": stand_in.JSON},
    "error element": {"body": stand_in.ERROR_XML, "kind": stand_in.TEXT},
    "HTML page": {"body": ERROR_PAGE, "kind": stand_in.HTML},
    "HTML called text": {"body": ERROR_PAGE, "kind": stand_in.TEXT},
    "another format": {"body": b">NC_000001.1\nACGT\n", "kind": stand_in.TEXT},
    "503": {"status": 503, "body": ERROR_PAGE, "kind": stand_in.HTML},
    "proxy": {"status": 400, "body": ERROR_PAGE, "kind": stand_in.HTML},
    "gateway": {"status": 400, "body": b'{"error":"error forwarding request"}', "kind": stand_in.JSON},
}


@pytest.mark.parametrize("fault", WRONG.values(), ids=WRONG.keys())
def test_an_unreadable_response_is_requested_again(
    server: EutilsServer, target: Path, fault: dict[str, object]
) -> None:
    server.fault("db=nuccore", times=2, **fault)
    assert get(server, target, *NAMES[:3]) == []
    assert target.read_text() == "".join(server.records[name] for name in NAMES[:3])
    assert len(server.log) == 3


def test_a_response_cut_after_a_record_is_completed(server: EutilsServer, target: Path) -> None:
    server.fault("db=nuccore", body=server.records[NAMES[0]].encode(), kind=stand_in.TEXT)
    assert get(server, target, *NAMES[:3]) == []
    assert versions(target) == NAMES[:3]


@pytest.mark.parametrize("fault", [*WRONG.values(), {"body": b"Error: busy", "kind": stand_in.TEXT}])
def test_used_up_attempts_leave_no_file(
    server: EutilsServer, target: Path, fault: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    server.fault(f"id={NAMES[20]}", times=99, **fault)
    with pytest.raises(RemoteError, match=r"efetch\.fcgi: expected") as error:
        get(server, target, *NAMES[:21], key=KEY)
    assert len(server.log) == 4
    assert KEY not in f"{error.value} {caplog.text}"
    gc.collect()
    assert list(target.parent.iterdir()) == []


def test_an_earlier_file_stays_when_all_fails(server: EutilsServer, target: Path) -> None:
    get(server, target, NAMES[0])
    server.fault("db=nuccore", times=99, cut=10)
    with pytest.raises(RemoteError, match="a record without its end, after 0 complete records"):
        get(server, target, NAMES[1])
    assert versions(target) == NAMES[:1]


def test_a_wrong_key_is_not_an_unknown_accession(server: EutilsServer, target: Path) -> None:
    server.keys = {"another"}
    with pytest.raises(RemoteError, match="the key in NCBI_API_KEY to be valid"):
        get(server, target, NAMES[0], key=KEY)
    server.fault("db=nuccore", redirect=server.url + "efetch.fcgi")
    with pytest.raises(RemoteError, match="301"):
        get(server, target, NAMES[0])


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"headers": {"Content-Encoding": "gzip"}}, "expected no Content-Encoding, found 'gzip'"),
        ({"endless": True}, r"expected at most 1,048,576 bytes \(limit UNSTATED_DOWNLOAD\), found more"),
    ],
)
def test_records_are_read_as_they_are_and_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: dict[str, object], message: str
) -> None:
    lower(monkeypatch, "UNSTATED_DOWNLOAD", 1 << 20)
    (tmp_path / "efetch.fcgi").write_text(record(NAMES[0], "GATTACA"))
    with serve_files(tmp_path) as server, Client(QUICK) as client:
        assert retrieve(Eutils(client, server.url), NAMES[:1], tmp_path / "a.gbff") == []
        server.fault("efetch", **fault)
        with pytest.raises(RemoteError, match=message):
            retrieve(Eutils(client, server.url), NAMES[:1], tmp_path / "b.gbff")
        assert not (tmp_path / "b.gbff").exists()
        assert server.log[-1].sent < 16 << 20

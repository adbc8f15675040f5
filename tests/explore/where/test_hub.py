"""The where verb on a published dataset: what is asked of the Hub, how much of it, and what it does when it fails."""

import json
from pathlib import Path

import pytest
from support.hubverbs import content
from support.madeindex import accession, made_results
from support.manifests import manifest_json
from support.queries import ask
from support.servers.hub import HubServer
from support.smallrelease import bases

from dnacorpus.dataset import index
from dnacorpus.dataset.hub import ATTEMPTS, Hub
from dnacorpus.errors import RemoteError, UsageError
from dnacorpus.explore.where.files import Published, open_files

REPO = "tester/corpus"


@pytest.fixture
def hub(built: Path, hub_server: HubServer) -> HubServer:
    """A Hub that holds the small dataset."""
    hub_server.put(REPO, {".gitattributes": b""} | content(built / "dataset"))
    return hub_server


def read(hub: HubServer) -> set[str]:
    """Return the files of which bytes were asked for."""
    return {path.split("/resolve/")[1].split("/", 1)[1] for path in hub.paths("GET", "/resolve/")}


def test_the_answers_are_those_of_the_folder(hub, built):
    asked = ["NC_000001.1", "NC_000002", "AB000012.1", "NC_000009.1", "NC_000010.1", "Oryza sativa", "1020", "Nemo"]
    asked += [bases("first", 900), bases("chloroplast", 900)[5:] + bases("chloroplast", 900)[:5], "ACGT" * 9]
    assert ask(open_files(REPO), *asked) == ask(built / "dataset", *asked)


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("NC_000001.1", {"index/accessions.parquet"}),
        ("AB000012", {"index/accessions.parquet"}),
        ("Oryza sativa", {"index/taxa.parquet"}),
        ("NC_000099.1", {"index/accessions.parquet", "manifest.json"}),
        ("ACGT" * 9, {"index/digests.parquet", "manifest.json"}),
    ],
)
def test_nothing_but_the_index_is_read(hub, text, files):
    ask(open_files(REPO), text)
    assert read(hub) == files


def test_for_a_sequence_the_shard_that_holds_it_is_read_and_no_other(hub):
    (answer,) = ask(open_files(REPO), bases("first", 900))
    index_files = {"index/accessions.parquet", "index/digests.parquet"}
    assert read(hub) - index_files == {answer["rows"][0]["file"], answer["records"][0]["segments"]}
    assert {row["match"] for row in answer["rows"] + answer["records"]} == {"same strand"}


def test_of_a_large_index_little_is_sent(hub_server, tmp_path):
    results, paths = made_results(tmp_path / "results", 200_000)
    index.write(results, ["viral"], paths, tmp_path / "dataset")
    (tmp_path / "dataset" / "manifest.json").write_text(manifest_json())
    hub_server.put(REPO, content(tmp_path / "dataset"))
    for text, name in ((accession(99_999), "accessions"), ("Phagus species50", "taxa"), ("ACGT" * 9, "digests")):
        hub_server.log.clear()
        (answer,) = ask(open_files(REPO), text)
        assert (answer["status"] == "kept") == (name != "digests")
        size = len(hub_server.repositories[REPO].commits[-1].files[f"index/{name}.parquet"].content)
        sent = sum(request.sent for request in hub_server.log)
        assert sent < 250_000
        assert 4 * sent < size
        ranged = [request for request in hub_server.log if request.range]
        assert {request.status for request in ranged} <= {206, 302, 200}
        assert len(hub_server.log) < 16


def test_rows_beyond_the_limit_are_listed_without_comparison(hub, monkeypatch):
    monkeypatch.setattr(Published, "max_compared", 10)
    (answer,) = ask(open_files(REPO), bases("first", 900))
    assert {row["match"] for row in answer["rows"] + answer["records"]} == {None}
    assert (answer["status"], len(answer["rows"]), len(answer["records"])) == ("kept", 1, 1)


def test_a_revision_is_asked_as_it_was(hub, built):
    first = hub.repositories[REPO].commits[-1]
    hub.repositories[REPO].tags["v7"] = first.oid
    hub.put(REPO, {"index/accessions.parquet": b"other"})
    for revision in ("v7", first.oid):
        assert ask(open_files(REPO, revision), "NC_000001.1") == ask(built / "dataset", "NC_000001.1")
    with pytest.raises(RemoteError, match="revision v8: expected a branch, tag or commit, found none"):
        open_files(REPO, "v8")


def test_a_commit_in_between_changes_nothing(hub, built):
    files = open_files(REPO)
    hub.put(REPO, {"index/accessions.parquet": b"other"})
    assert ask(files, "NC_000001.1") == ask(built / "dataset", "NC_000001.1")


def test_another_origin_does_not_see_the_token(hub):
    ask(open_files(REPO), "NC_000001.1", "Oryza sativa", bases("first", 900))
    tokens = {request.host.split(":")[0]: set() for request in hub.log}
    for request in hub.log:
        tokens[request.host.split(":")[0]].add(request.token)
    assert tokens == {"127.0.0.1": {hub.token}, "localhost": {""}}


@pytest.mark.parametrize(
    "fault",
    [{"status": 503}, {"status": 429, "headers": {"ratelimit": '"api";r=0;t=3'}}, {"send": 7}, {"reset": True}],
)
@pytest.mark.parametrize("path", ["/resolve/", "/_cdn/"])
def test_a_temporary_error_does_no_harm(hub, built, waits, path, fault):
    hub.fault(path, method="GET", times=2, **fault)
    assert ask(open_files(REPO), "NC_000001.1") == ask(built / "dataset", "NC_000001.1")
    assert len(waits) >= (0 if path == "/resolve/" and "send" in fault else 2)


def test_a_lasting_error_is_reported_without_secrets(hub, waits):
    hub.fault("/_cdn/", method="GET", status=503, times=99)
    with pytest.raises(
        RemoteError, match=r"^tester/corpus: index/accessions\.parquet: status 503.* at attempt"
    ) as told:
        ask(open_files(REPO), "NC_000001.1")
    assert told.value.exit_code == 3
    assert hub.token not in str(told.value)
    assert hub.signature not in str(told.value)
    assert len(waits) == ATTEMPTS - 1


def test_a_hub_that_knows_no_ranges_is_read_all_the_same(hub, built, monkeypatch):
    monkeypatch.setattr("support.servers.hub._Handler._ranged", lambda _self, content: (200, {}, content))
    assert ask(open_files(REPO), "NC_000001.1") == ask(built / "dataset", "NC_000001.1")


def test_a_repository_without_an_index_is_a_usage_error(hub_server):
    hub_server.put(REPO, {"README.md": b"hello"})
    with pytest.raises(
        UsageError, match=r"corpus@\w{8}: index/accessions\.parquet: expected this file, found none; ch"
    ):
        ask(open_files(REPO), "NC_000001.1")


def test_a_missing_repository_is_a_remote_error(hub_server):
    with pytest.raises(RemoteError, match=r"found none .* \(the Hub was asked because there is no folder a/b here\)"):
        open_files("a/b")
    with pytest.raises(UsageError, match="expected ORG/NAME"):
        open_files("a--b/c")


def test_bytes_of_a_file_are_those_asked_for(hub, built):
    whole = (built / "dataset" / "manifest.json").read_bytes()
    one = Hub(REPO)
    commit = one.head().commit
    for start, end in ((0, 1), (5, 50), (0, len(whole)), (len(whole) - 3, len(whole))):
        assert one.read("manifest.json", commit, start, end) == whole[start:end]


def test_the_verb(hub, built, run, monkeypatch):
    monkeypatch.chdir(built)
    code, out, _ = run("where", REPO, "NC_000001.1", "--json", "--revision", "main")
    assert code == 0
    assert [json.loads(out)] == ask(built / "dataset", "NC_000001.1")

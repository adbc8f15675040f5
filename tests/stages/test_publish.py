import json
import shutil
import socket
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hubverbs import content, finish, held, kill_when, start
from support.servers.hub import HubServer
from support.servers.hub_repository import Blob
from support.smalldataset import small_dataset

from dnacorpus.dataset.hub import ATTEMPTS, BranchMovedError
from dnacorpus.dataset.manifest import ManifestEntry
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.stages import publish
from dnacorpus.stages import publish as module
from dnacorpus.stages.publish import BATCH_BYTES, BATCH_FILES, batches

REPO = "tester/corpus"


@pytest.fixture(scope="module")
def built(small_datasets: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two datasets, the second of fewer divisions, and one with a damaged file."""
    damaged = tmp_path_factory.mktemp("datasets") / "damaged"
    return small_datasets | {"damaged": small_dataset(damaged, ("plastid",), "plastid.1.genomic.gbff.gz")}


@pytest.fixture
def dataset(built: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of a dataset that a test may change."""
    return Path(shutil.copytree(built["second"], tmp_path / "dataset"))


@pytest.fixture
def hub(hub_server: HubServer) -> HubServer:
    return hub_server


def titles(hub: HubServer) -> list[str]:
    return [commit.title for commit in hub.repositories[REPO].commits]


def test_one_commit_holds_what_the_manifest_names_and_is_tagged(hub: HubServer, dataset: Path) -> None:
    expected = content(dataset)
    (dataset / ".snakemake_timestamp").touch()
    (dataset / "data" / "notes.txt").write_text("not of the dataset")
    result = publish.run(dataset, REPO)
    repository = hub.repositories[REPO]
    assert held(hub, REPO) == expected
    assert len(repository.commits) == 2
    assert titles(hub)[1] == f"RefSeq release 7: {len(expected)} files, {result.tag}"
    assert result.tag.startswith("v7-")
    assert repository.tags == {result.tag: result.commit} == {result.tag: repository.commits[-1].oid}
    assert (result.files, result.changed, result.deleted) == (len(expected), len(expected), 0)
    assert not repository.private


def test_large_files_go_to_storage_without_the_token(hub: HubServer, dataset: Path) -> None:
    publish.run(dataset, REPO)
    sent = [request for request in hub.log if request.method == "PUT"]
    assert len(sent) == len(list(dataset.rglob("*.parquet")))
    assert {request.token for request in sent} == {""}
    assert {request.token for request in hub.log if "/api/" in request.path} == {hub.token}


def test_again_it_changes_nothing(hub: HubServer, dataset: Path) -> None:
    first = publish.run(dataset, REPO)
    hub.log.clear()
    second = publish.run(dataset, REPO)
    assert second.unchanged
    assert (second.commit, second.tag) == (first.commit, first.tag)
    assert {request.method for request in hub.log} == {"GET"}


def test_a_tag_that_was_not_reached_is_made_up_for(hub: HubServer, dataset: Path) -> None:
    result = publish.run(dataset, REPO)
    hub.repositories[REPO].tags.clear()
    again = publish.run(dataset, REPO)
    assert again.unchanged
    assert hub.repositories[REPO].tags == {result.tag: result.commit}


def test_the_next_release_replaces_the_last_in_one_commit(hub: HubServer, built: dict[str, Path]) -> None:
    first = publish.run(built["first"], REPO)
    hub.put(REPO, {"figure.svg": b"<svg/>"})
    hub.log.clear()
    second = publish.run(built["second"], REPO)
    assert held(hub, REPO) == content(built["second"]) | {"figure.svg": b"<svg/>"}
    assert len(hub.repositories[REPO].commits) == 4
    assert second.deleted == len(set(content(built["first"])) - set(content(built["second"])))
    assert set(hub.repositories[REPO].tags) == {first.tag, second.tag}
    shared = {path for path, data in content(built["first"]).items() if content(built["second"]).get(path) == data}
    assert second.changed == second.files - len(shared)
    assert shared


def test_a_release_can_be_gone_back_to(hub: HubServer, built: dict[str, Path]) -> None:
    first = publish.run(built["first"], REPO)
    publish.run(built["second"], REPO)
    back = publish.run(built["first"], REPO)
    assert held(hub, REPO) == content(built["first"])
    assert back.tag == first.tag
    assert hub.repositories[REPO].tags[first.tag] == first.commit


def test_a_repository_of_something_else_is_refused(hub: HubServer, dataset: Path) -> None:
    hub.put(REPO, {".gitattributes": b"", "README.md": b"# mine\n", "mine.parquet": b"PAR1"})
    with pytest.raises(UsageError, match=r"tester/corpus: .*found mine.parquet and no manifest.json"):
        publish.run(dataset, REPO)
    assert titles(hub) == ["by hand"]


def test_a_tag_that_stands_elsewhere_is_refused_before_anything_is_sent(hub: HubServer, built: dict[str, Path]) -> None:
    publish.run(built["first"], REPO, tag="v1")
    hub.log.clear()
    with pytest.raises(UsageError, match=r"tag v1: expected to be free, found at commit .*choose another --tag"):
        publish.run(built["second"], REPO, tag="v1")
    assert {request.method for request in hub.log} <= {"GET", "HEAD"}


@pytest.mark.parametrize("damage", ["longer", "other", "missing"])
def test_a_folder_that_is_not_its_manifests_is_refused(hub: HubServer, dataset: Path, damage: str) -> None:
    path = next((dataset / "data" / "pairs").rglob("*.parquet"))
    data = path.read_bytes()
    changed = {"longer": data + b"x", "other": data[:-1] + bytes([data[-1] ^ 1])}
    path.unlink() if damage == "missing" else path.write_bytes(changed[damage])
    with pytest.raises(CorpusError, match=f"{path}: .*build the dataset again") as caught:
        publish.run(dataset, REPO)
    assert caught.value.exit_code == 1
    assert hub.log == []


def test_a_damaged_part_is_published_only_on_request(hub: HubServer, built: dict[str, Path]) -> None:
    with pytest.raises(CorpusError, match=r"plastid/plastid.1 .*--incomplete"):
        publish.run(built["damaged"], REPO)
    assert hub.log == []
    publish.run(built["damaged"], REPO, incomplete=True)
    assert held(hub, REPO) == content(built["damaged"])


def test_a_folder_without_a_manifest_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"manifest.json: expected the manifest of a dataset"):
        publish.run(tmp_path, REPO)


@pytest.mark.parametrize(
    "repo", ["corpus", "a/b/c", "tester/", "tester/a b", "../corpus", "tester/a--b", "tester/.git"]
)
def test_a_bad_name_is_a_usage_error(dataset: Path, repo: str) -> None:
    with pytest.raises(UsageError, match="expected ORG/NAME"):
        publish.run(dataset, repo)


def test_private(hub: HubServer, dataset: Path) -> None:
    publish.run(dataset, REPO, private=True)
    assert hub.repositories[REPO].private
    publish.run(dataset, REPO, private=True)
    publish.run(dataset, "tester/open")
    with pytest.raises(UsageError, match="found a public one"):
        publish.run(dataset, "tester/open", private=True)


def test_another_commit_in_between_stops_it(hub: HubServer, dataset: Path) -> None:
    hub.fault("/objects/batch", then=lambda: hub.put(REPO, {"theirs.txt": b"theirs"}))
    with pytest.raises(BranchMovedError, match=r"main was changed by another commit meanwhile .*run again") as caught:
        publish.run(dataset, REPO)
    assert caught.value.exit_code == 3
    assert titles(hub) == ["initial commit", "by hand"]
    assert hub.repositories[REPO].tags == {}


def test_a_commit_whose_answer_is_lost_counts(hub: HubServer, dataset: Path, waits: list[float]) -> None:
    hub.fault("/commit/", reset=True)
    result = publish.run(dataset, REPO)
    assert held(hub, REPO) == content(dataset)
    assert len(hub.repositories[REPO].commits) == 2
    assert hub.repositories[REPO].tags == {result.tag: result.commit}
    assert waits


@pytest.mark.parametrize("path", ["README.md", "ledger.parquet"])
def test_what_the_hub_holds_is_compared_before_the_tag(hub: HubServer, dataset: Path, path: str) -> None:
    def tamper() -> None:
        files = hub.repositories[REPO].commits[-1].files
        files[path] = Blob(files[path].content[::-1], files[path].lfs)

    hub.fault("/commit/", then=tamper)
    with pytest.raises(RemoteError, match=f"found {path} different; it is not tagged"):
        publish.run(dataset, REPO)
    assert hub.repositories[REPO].tags == {}
    publish.run(dataset, REPO)
    assert held(hub, REPO) == content(dataset)


def test_killed_it_sends_only_what_is_missing(hub: HubServer, built: dict[str, Path], tmp_path: Path) -> None:
    dataset = built["first"]
    hub.fault("/_lfs/", method="PUT", hang=True, after=5, times=99)
    process = start("publish", dataset, REPO, hub.environment(tmp_path / "home"))
    kill_when(process, lambda: hub.faults[0].times < 99 and len(hub.paths("PUT")) == 5)
    before = set(hub.paths("PUT"))
    assert titles(hub) == ["initial commit"]
    hub.faults.clear()
    hub.log.clear()
    code, out, err = finish("publish", dataset, REPO, hub.environment(tmp_path / "home"))
    assert code == 0, out + err
    again = hub.paths("PUT")
    assert not before & set(again)
    assert len(again) == len(set(again)) == len(list(dataset.rglob("*.parquet"))) - 5
    assert held(hub, REPO) == content(dataset)
    assert "sending: " in err


@pytest.mark.parametrize(
    "path", ["/api/datasets/tester/corpus", "/create", "/tree/", "/preupload/", "/batch", "/_lfs/", "/commit/", "/tag/"]
)
def test_passing_trouble_is_waited_for(hub: HubServer, dataset: Path, waits: list[float], path: str) -> None:
    hub.fault(path, status=503, headers={"Retry-After": "17"})
    hub.fault(path, status=429, headers={"ratelimit": '"api";r=0;t=55'})
    publish.run(dataset, REPO)
    assert held(hub, REPO) == content(dataset)
    assert len(hub.repositories[REPO].commits) == 2
    assert Counter(int(wait) // 10 for wait in waits)[1] == 1
    assert max(waits) in (55.0, 56.0)


def test_patience_ends_in_one_line(hub: HubServer, dataset: Path, waits: list[float]) -> None:
    hub.fault("/api/", status=502, times=99)
    with pytest.raises(RemoteError, match=f"tester/corpus: .*502.* at attempt {ATTEMPTS}; check the network") as caught:
        publish.run(dataset, REPO)
    assert "\n" not in str(caught.value)
    assert len(hub.log) == ATTEMPTS
    assert waits == [1.0, 2.0, 4.0, 8.0]


def test_a_refused_connection_is_a_remote_error(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
    monkeypatch.setenv("HF_TOKEN", "hf_secret_test")
    with pytest.raises(RemoteError, match=r"tester/corpus: .*check the network and http://127.0.0.1"):
        publish.run(dataset, REPO)
    assert len(waits) == ATTEMPTS - 1


@pytest.mark.parametrize(
    ("token", "said"),
    [("hf_wrong", r"not accepted \(401\)"), ("hf_secret_reader", r"does not permit this \(403\).* tester ")],
)
def test_a_token_without_write_access_is_reported(
    hub: HubServer, dataset: Path, monkeypatch: pytest.MonkeyPatch, token: str, said: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(RemoteError, match=said) as caught:
        publish.run(dataset, REPO)
    assert token not in str(caught.value)
    assert hub.repositories == {}


def test_without_a_token_it_says_how_to_log_in(hub: HubServer, dataset: Path, tmp_path: Path) -> None:
    environment = hub.environment(tmp_path / "home")
    del environment["HF_TOKEN"]
    code, _, err = finish("publish", dataset, REPO, environment)
    assert code == 2
    assert "set HF_TOKEN, or run `hf auth login`" in err
    assert hub.log == []
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "token").write_text(hub.token)
    assert finish("publish", dataset, REPO, environment)[0] == 0


def test_no_secret_is_logged(hub: HubServer, dataset: Path, tmp_path: Path) -> None:
    hub.fault("/_lfs/", method="PUT", status=503, times=2)
    hub.fault("/tag/", status=400, message=f"bad request with Authorization: Bearer {hub.token}")
    code, out, err = finish("publish", dataset, REPO, hub.environment(tmp_path / "home"))
    assert code == 3
    assert "503" in err
    assert "bad request" in err
    for secret in (hub.token, hub.signature):
        assert secret not in out + err
        assert not [name for name, data in content(tmp_path).items() if secret.encode() in data]
        assert secret.encode() not in b"".join(held(hub, REPO).values())


@given(st.lists(st.integers(0, 3 * BATCH_BYTES // 2), max_size=3 * BATCH_FILES))
def test_batches_keep_order_and_bounds(sizes: list[int]) -> None:
    files = [ManifestEntry(f"{number}.parquet", size, "") for number, size in enumerate(sizes)]
    made = list(batches(files))
    assert [file for batch in made for file in batch] == files
    for batch in made:
        assert 1 <= len(batch) <= BATCH_FILES
        assert len(batch) == 1 or sum(file.bytes for file in batch) <= BATCH_BYTES


def test_many_batches_make_one_commit(hub: HubServer, dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_FILES", 3)
    publish.run(dataset, REPO)
    assert held(hub, REPO) == content(dataset)
    assert len(hub.paths("POST", "/commit/")) == 1


def test_a_manifest_from_another_version_is_refused(dataset: Path) -> None:
    manifest = json.loads((dataset / "manifest.json").read_text())
    (dataset / "manifest.json").write_text(json.dumps(manifest | {"format": 999}))
    with pytest.raises(CorpusError, match=r"expected format \d+, found 999"):
        publish.run(dataset, REPO)


def test_a_symbolic_link_is_not_published(hub: HubServer, dataset: Path, tmp_path: Path) -> None:
    shutil.move(dataset / "README.md", tmp_path / "elsewhere")
    (dataset / "README.md").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CorpusError, match=r"README.md: expected a file of the dataset, found a symbolic link"):
        publish.run(dataset, REPO)

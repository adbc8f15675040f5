import errno
import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from support.each import each
from support.hubverbs import content, finish, held, kill_when, start
from support.lowered import lower
from support.servers.hub import HubServer

from dnacorpus.dataset.hub import ATTEMPTS
from dnacorpus.dataset.pull import ATTEMPTS as DOWNLOADS
from dnacorpus.dataset.pull import pull
from dnacorpus.dataset.verify import verify
from dnacorpus.errors import CorpusError, RemoteError, UsageError

REPO = "tester/corpus"
SHARD = "data/pairs/viral/train-00000-of-00001.parquet"


@pytest.fixture(scope="module")
def built(small_datasets: dict[str, Path]) -> dict[str, Path]:
    return small_datasets


@pytest.fixture
def hub(built: dict[str, Path], hub_server: HubServer) -> HubServer:
    """A Hub that holds the first dataset, tagged."""
    commit = hub_server.put(REPO, {".gitattributes": b""} | content(built["first"]))
    hub_server.repositories[REPO].tags["v7-first"] = commit.oid
    return hub_server


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "pulled"


def oid(dataset: Path, path: str = SHARD) -> str:
    return hashlib.sha256((dataset / path).read_bytes()).hexdigest()


def asked(hub: HubServer) -> list[str]:
    """Return the files of the dataset that were asked for, with the manifest, in order."""
    return [path.split("/", 6)[6] for path in hub.paths("HEAD", "/resolve/")]


def test_a_whole_pull_is_the_dataset(hub: HubServer, built: dict[str, Path], dest: Path) -> None:
    result = pull(REPO, dest)
    assert content(dest) == content(built["first"])
    assert verify(dest)["files"] == result.files == result.total == len(content(dest))
    assert not result.partial
    assert result.commit == hub.repositories[REPO].commits[-1].oid


def test_another_origin_does_not_see_the_token(hub: HubServer, dest: Path) -> None:
    pull(REPO, dest)
    tokens: dict[str, set[str]] = {}
    for request in hub.log:
        tokens.setdefault(request.host.partition(":")[0], set()).add(request.token)
    assert tokens == {"127.0.0.1": {hub.token}, "localhost": {""}}


def test_again_it_downloads_nothing_but_the_manifest(hub: HubServer, dest: Path) -> None:
    pull(REPO, dest)
    hub.log.clear()
    assert pull(REPO, dest).downloaded == 0
    assert asked(hub) == ["manifest.json"]


def test_what_was_damaged_here_is_mended(hub: HubServer, built: dict[str, Path], dest: Path) -> None:
    pull(REPO, dest)
    data = (dest / SHARD).read_bytes()
    (dest / SHARD).write_bytes(data[:-1] + b"x")
    (dest / "README.md").unlink()
    hub.log.clear()
    assert pull(REPO, dest).downloaded == 2
    assert sorted(asked(hub)) == ["README.md", SHARD, "manifest.json"]
    assert content(dest) == content(built["first"])


@pytest.mark.parametrize(
    ("choice", "pattern"),
    [
        ({"config": "pairs"}, "data/pairs/*"),
        ({"division": "viral"}, "data/*/viral/*"),
        ({"split": "train"}, "data/*/train-*"),
        ({"config": "pairs", "division": "viral", "split": "train"}, SHARD),
    ],
)
def test_a_part(hub: HubServer, built: dict[str, Path], dest: Path, choice: dict[str, str], pattern: str) -> None:
    result = pull(REPO, dest, **choice)
    whole = content(built["first"])
    expected = set(fnmatch.filter(whole, pattern)) | {"README.md", "ledger.parquet"}
    told = json.loads((dest / "pull.json").read_text())
    assert told == {"commit": result.commit, "files": sorted(expected), "repo": REPO}
    assert set(content(dest)) == expected | {"manifest.json", "pull.json"}
    assert all(content(dest)[path] == whole[path] for path in expected)
    assert (result.partial, result.files, result.total) == (True, len(expected) + 1, len(whole))


def test_parts_add_up_to_the_whole(hub: HubServer, built: dict[str, Path], dest: Path) -> None:
    pull(REPO, dest, division="viral")
    pull(REPO, dest, division="plant")
    present = json.loads((dest / "pull.json").read_text())["files"]
    assert {path.split("/")[2] for path in present if path.startswith("data/")} == {"viral", "plant"}
    hub.log.clear()
    pull(REPO, dest)
    assert not [path for path in asked(hub) if "/viral/" in path or "/plant/" in path]
    assert content(dest) == content(built["first"])
    verify(dest)


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"config": "pears"}, "--config pears: expected one of features, pairs, records, segments"),
        ({"division": "fungi"}, "--division fungi: expected one of plant, plastid, viral"),
        ({"split": "dev"}, "--split dev: expected one of test, train, validation"),
        ({"division": "plastid", "split": "test"}, "--split test: expected one of train, division plastid"),
    ],
)
def test_an_unknown_choice_names_what_there_is(hub: HubServer, dest: Path, choice: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        pull(REPO, dest, **choice)
    assert asked(hub) == ["manifest.json"]


def test_a_revision_stays_what_it_was(hub: HubServer, built: dict[str, Path], dest: Path) -> None:
    hub.put(REPO, {"README.md": b"# another\n", SHARD: b"PAR1 another PAR1"})
    pull(REPO, dest, revision="v7-first")
    assert content(dest) == content(built["first"])


def test_a_commit_during_the_pull_changes_nothing(hub: HubServer, built: dict[str, Path], dest: Path) -> None:
    before = hub.repositories[REPO].commits[-1].oid
    hub.fault("/resolve/", then=lambda: hub.put(REPO, content(built["second"])))
    result = pull(REPO, dest)
    assert result.commit == before != hub.repositories[REPO].commits[-1].oid
    assert content(dest) == content(built["first"])


def test_a_newer_release_takes_the_place_of_an_older(hub: HubServer, built: dict[str, Path], dest: Path) -> None:
    pull(REPO, dest)
    hub.put(REPO, content(built["second"]))
    result = pull(REPO, dest)
    assert content(dest) == content(built["second"])
    assert not (dest / "data" / "pairs" / "plant").exists()
    assert 0 < result.downloaded < result.total
    verify(dest)


def test_a_part_of_a_newer_release_keeps_nothing_of_the_older(
    hub: HubServer, built: dict[str, Path], dest: Path
) -> None:
    pull(REPO, dest)
    hub.put(REPO, content(built["second"]))
    pull(REPO, dest, config="pairs", division="viral")
    new = content(built["second"])
    here = content(dest)
    told = json.loads(here.pop("pull.json"))["files"]
    assert set(here) == {*told, "manifest.json"}
    assert {path: new[path] for path in here} == here


def test_wrong_bytes_are_asked_for_again(hub: HubServer, built: dict[str, Path], dest: Path) -> None:
    hub.fault(f"/_cdn/{oid(built['first'])}", method="GET", corrupt=True, times=DOWNLOADS - 1)
    hub.fault("/README.md", method="GET", corrupt=True)
    pull(REPO, dest)
    assert content(dest) == content(built["first"])


def test_wrong_bytes_never_get_a_final_name(hub: HubServer, built: dict[str, Path], dest: Path) -> None:
    hub.fault(f"/_cdn/{oid(built['first'])}", method="GET", corrupt=True, times=99)
    with pytest.raises(
        RemoteError, match=rf"tester/corpus: {SHARD}: expected the manifest's bytes, .*sha256"
    ) as caught:
        pull(REPO, dest)
    assert caught.value.exit_code == 3
    assert 99 - hub.faults[0].times == DOWNLOADS
    assert not (dest / SHARD).exists()
    assert not (dest / "manifest.json").exists()
    whole = content(built["first"])
    assert all(whole[path] == data for path, data in each(content(dest).items()))
    hub.faults.clear()
    pull(REPO, dest)
    assert content(dest) == whole


def test_a_wrong_manifest_is_refused(hub: HubServer, dest: Path) -> None:
    hub.fault("/manifest.json", method="GET", corrupt=True, times=99)
    with pytest.raises(
        RemoteError, match=r"manifest.json: expected the bytes of its own list of files, found other bytes"
    ):
        pull(REPO, dest)
    assert content(dest) == {}


def test_a_short_body_is_gone_on_with(
    hub: HubServer, built: dict[str, Path], dest: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The client goes on at whole chunks, of 10 MB otherwise.
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 500)
    hub.fault(f"/_cdn/{oid(built['first'])}", method="GET", send=1000)
    pull(REPO, dest)
    assert content(dest) == content(built["first"])
    ranges = [request.range for request in hub.log if request.path.endswith(oid(built["first"]))]
    assert ranges == ["", "bytes=1000-"]


@pytest.mark.parametrize(
    "place", ["GET /api/datasets/tester/corpus", "POST /paths-info/", "GET /README.md", "GET /_cdn/"]
)
def test_passing_trouble_is_waited_for(
    hub: HubServer, built: dict[str, Path], dest: Path, waits: list[float], place: str
) -> None:
    method, path = place.split()
    hub.fault(path, method=method, status=503, headers={"Retry-After": "17"})
    hub.fault(path, method=method, status=429, headers={"ratelimit": '"resolvers";r=0;t=55'})
    pull(REPO, dest)
    assert content(dest) == content(built["first"])
    assert {int(wait) // 10 for wait in waits} == {1, 5}


@pytest.mark.parametrize("status", [503, 429])
def test_a_file_that_cannot_be_looked_up_at_first(
    hub: HubServer, built: dict[str, Path], dest: Path, waits: list[float], status: int
) -> None:
    hub.fault(f"/{SHARD}", method="HEAD", status=status, times=4)
    pull(REPO, dest)
    assert content(dest) == content(built["first"])
    assert waits


def test_patience_ends_in_one_line(hub: HubServer, dest: Path, waits: list[float]) -> None:
    hub.fault("/_cdn/", status=504, times=999)
    with pytest.raises(RemoteError, match=f"tester/corpus: .*504.* at attempt {ATTEMPTS}; check the network") as caught:
        pull(REPO, dest)
    assert "\n" not in str(caught.value)
    assert hub.signature not in str(caught.value)


def test_killed_it_downloads_only_what_is_missing(
    hub: HubServer, built: dict[str, Path], dest: Path, tmp_path: Path
) -> None:
    hub.fault("/_cdn/", method="GET", hang=True, after=6, times=99)
    process = start("pull", REPO, dest, hub.environment(tmp_path / "home"))
    whole = content(built["first"])
    kill_when(process, lambda: hub.faults[0].times == 99 - 4 and len(set(whole) & set(content(dest))) >= 6)
    before = set(whole) & set(content(dest))
    assert not (dest / "manifest.json").exists()
    assert list(dest.glob(".pull.tmp-*"))
    hub.faults.clear()
    hub.log.clear()
    code, out, err = finish("pull", REPO, dest, hub.environment(tmp_path / "home"))
    assert code == 0, out + err
    assert not before & set(asked(hub))
    assert content(dest) == whole


@pytest.mark.parametrize("path", [".dnacorpus.lock.mine", ".pull.mine", ".pull.tmp-x"])
def test_a_file_whose_name_only_begins_as_the_temporary_ones_is_refused(hub: HubServer, dest: Path, path: str) -> None:
    dest.mkdir()
    (dest / path).write_text("mine")
    with pytest.raises(UsageError, match="expected an empty folder or a pulled dataset, found this file"):
        pull(REPO, dest)
    assert content(dest) == {path: b"mine"}


def test_what_a_killed_pull_left_does_not_hinder_the_next(hub: HubServer, built: dict[str, Path], dest: Path) -> None:
    for path in (".dnacorpus.lock", ".pull.tmp-other-17/half", ".pull.json.tmp-other-17"):
        (dest / path).parent.mkdir(parents=True, exist_ok=True)
        (dest / path).write_text("half")
    pull(REPO, dest)
    assert content(built["first"]).items() <= content(dest).items()
    assert verify(dest)["absent"] == 0


def test_no_secret_is_logged_or_kept(hub: HubServer, built: dict[str, Path], dest: Path, tmp_path: Path) -> None:
    environment = hub.environment(tmp_path / "home")
    hub.fault("/_cdn/", method="GET", send=100, times=2)
    hub.fault("/_cdn/", method="GET", status=429, headers={"Retry-After": "0"})
    hub.fault("/_cdn/", method="GET", status=400, message=f"signature of {hub.token} expired", after=5)
    code, out, err = finish("pull", REPO, dest, environment)
    assert code == 3
    assert "expired" in err
    assert finish("pull", REPO, dest, environment)[0] == 0
    for secret in (hub.token, hub.signature):
        assert secret not in out + err
        assert not [name for name, data in content(tmp_path).items() if secret.encode() in data]


def test_a_full_disk_is_not_the_networks_fault(
    hub: HubServer, dest: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("huggingface_hub.HfApi.hf_hub_download", full)
    with pytest.raises(CorpusError, match=r"tester/corpus: manifest.json: No space left on device; check") as caught:
        pull(REPO, dest)
    assert caught.value.exit_code == 1
    assert waits == []


def test_other_things_are_left_alone(hub: HubServer, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("\\begin{document}")
    with pytest.raises(UsageError, match=r"expected an empty folder or a pulled dataset, found this"):
        pull(REPO, tmp_path)
    with pytest.raises(UsageError, match=r"expected a folder, found a file"):
        pull(REPO, tmp_path / "thesis.tex")
    assert (tmp_path / "thesis.tex").read_text() == "\\begin{document}"


@pytest.mark.parametrize(
    "path", ["../evil.parquet", "/tmp/evil.parquet", "data/../../evil", ".git/config", "a\\b", "pull.json", "", "a//b"]
)
def test_a_manifest_cannot_reach_outside(hub: HubServer, built: dict[str, Path], dest: Path, path: str) -> None:
    manifest = json.loads((built["first"] / "manifest.json").read_text())
    manifest["files"][3]["path"] = path
    hub.put(REPO, {"manifest.json": json.dumps(manifest).encode(), path: b"evil"})
    with pytest.raises(CorpusError, match=r"expected a plain relative path, found "):
        pull(REPO, dest)
    assert content(dest.parent) == {}


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (b"<html>", "expected JSON"),
        (b"[1]", "expected a JSON object, found"),
        (b'{"format": 2, "files": [], "inputs": []}', "expected the keys .* found no config, ledger, versions"),
    ],
)
def test_a_manifest_that_is_none_is_refused(hub: HubServer, dest: Path, manifest: bytes, said: str) -> None:
    hub.put(REPO, {"manifest.json": manifest})
    with pytest.raises(CorpusError, match=f"tester/corpus: manifest.json at .*{said}"):
        pull(REPO, dest)


def test_missing_and_closed_repositories_have_different_errors(
    hub: HubServer, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.put("tester/other", {"README.md": b"# no dataset of ours\n"})
    hub.put("tester/private", {"README.md": b"# private\n"})
    hub.repositories["tester/private"].private = True
    with pytest.raises(UsageError, match=r"tester/other: manifest.json .*no dnacorpus dataset"):
        pull("tester/other", dest)
    with pytest.raises(RemoteError, match=r"tester/none: .*expected a dataset repository, found none \(404\)"):
        pull("tester/none", dest)
    with pytest.raises(RemoteError, match=r"revision v0: expected a branch, tag or commit, found none \(404\)"):
        pull(REPO, dest, revision="v0")
    del hub.repositories[REPO].commits[-1].files[SHARD]
    with pytest.raises(RemoteError, match=rf"{SHARD}: expected the file, found none \(404\)"):
        pull(REPO, dest)
    monkeypatch.setenv("HF_TOKEN", hub.reader)
    hub.repositories[REPO].gated = True
    with pytest.raises(
        RemoteError, match=r"gated \(403\): accept its conditions at http://127.*/datasets/tester/corpus"
    ):
        pull(REPO, dest)
    monkeypatch.setenv("HF_TOKEN", "hf_nobody")
    with pytest.raises(RemoteError, match=r"or a private one that this login cannot access"):
        pull("tester/private", dest)


def test_it_loads_as_people_load_it(hub: HubServer, built: dict[str, Path], tmp_path: Path) -> None:
    environment = os.environ | hub.environment(tmp_path / "home")
    script = """
import datasets, sys
pairs = datasets.load_dataset(sys.argv[1], "pairs", split="train")
one = datasets.load_dataset(sys.argv[1], "pairs-viral", split="validation", streaming=True)
print(len(pairs), sum(len(row["sequence"]) for row in pairs), len(list(one)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, REPO], env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    train = pl.read_parquet(built["first"] / "data/pairs/*/train-*.parquet")
    validation = pl.read_parquet(built["first"] / "data/pairs/viral/validation-*.parquet")
    expected = [train.height, train["sequence"].str.len_bytes().sum(), validation.height]
    assert [int(number) for number in done.stdout.split()] == expected


@pytest.mark.mirror
@pytest.mark.parametrize("xet", [False, True])
def test_an_independent_stand_in(mirror: Path, built: dict[str, Path], dest: Path, tmp_path: Path, xet: bool) -> None:
    server = mirror.parent.parent / "tools" / "fakehub" / "fakehub.py"
    if not server.is_file():
        pytest.skip(f"no independent stand-in at {server}")
    with subprocess.Popen(
        [sys.executable, str(server), "--root", str(tmp_path / "hub"), "--port", "0", "--page", "5"]
        + (["--xet"] if xet else []),
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[2]
            environment = {"HF_ENDPOINT": url, "HF_TOKEN": "hf_test", "HF_HOME": str(tmp_path / "home")}
            environment |= {} if xet else {"HF_HUB_DISABLE_XET": "1"}
            for verb, first, second in (("publish", built["first"], REPO), ("pull", REPO, dest)):
                code, out, err = finish(verb, first, second, environment)
                assert code == 0, out + err
                assert "hf_test" not in out + err
            assert content(dest) == content(built["first"])
            code, out, err = finish("publish", built["second"], REPO, environment)
            assert code == 0, out + err
            shutil.rmtree(dest)
            assert finish("pull", REPO, dest, environment)[0] == 0
            assert content(dest) == content(built["second"])
        finally:
            process.terminate()


def test_what_publish_sent_is_what_pull_brings(hub: HubServer, built: dict[str, Path], dest: Path) -> None:
    assert held(hub, REPO) == content(built["first"])
    pull(REPO, dest)
    assert held(hub, REPO) == content(dest)


GIGABYTE = 1 << 30


@pytest.mark.parametrize("path", ["/_cdn/", "/resolve/"])
def test_a_file_is_read_no_further_than_the_manifest_states(hub: HubServer, dest: Path, path: str) -> None:
    hub.fault(path, method="GET", longer=GIGABYTE)
    with pytest.raises(RemoteError, match=r"expected [\d,]+ bytes, found more; check HF_ENDPOINT"):
        pull(REPO, dest)
    assert sum(file.stat().st_size for file in dest.rglob("*") if file.is_file()) < GIGABYTE / 100
    assert not list(dest.glob(".pull.tmp-*"))


def test_a_file_that_the_hub_says_is_longer_is_not_begun(hub: HubServer, built: dict[str, Path], dest: Path) -> None:
    manifest = json.loads((built["first"] / "manifest.json").read_text())
    entry = next(file for file in manifest["files"] if file["path"] == SHARD)
    entry["bytes"] -= 1
    hub.put(REPO, {"manifest.json": json.dumps(manifest).encode()})
    with pytest.raises(RemoteError, match=rf"expected {entry['bytes']:,} bytes, found {entry['bytes'] + 1:,}"):
        pull(REPO, dest)
    assert not (dest / SHARD).exists()


@pytest.mark.parametrize("path", ["/api/datasets/", "/resolve/", "/_cdn/"])
def test_an_encoding_that_was_not_asked_for_is_refused(hub: HubServer, dest: Path, path: str) -> None:
    hub.fault(path, method="GET", encoding="gzip")
    with pytest.raises(RemoteError, match="expected no Content-Encoding, found 'gzip'"):
        pull(REPO, dest)


def test_an_endless_answer_of_the_hub_is_refused(hub: HubServer, dest: Path, monkeypatch) -> None:
    lower(monkeypatch, "HUB_ANSWER", 1 << 20)
    hub.fault("/api/datasets/", method="GET", longer=GIGABYTE)
    with pytest.raises(RemoteError, match=r"at most 1,048,576 bytes \(limit HUB_ANSWER\), found more"):
        pull(REPO, dest)


def test_a_manifest_larger_than_any_is_not_downloaded(hub: HubServer, dest: Path, monkeypatch) -> None:
    lower(monkeypatch, "JSON_BYTES", 100)
    with pytest.raises(RemoteError, match=r"manifest.json at .*at most 100 bytes \(limit JSON_BYTES\)"):
        pull(REPO, dest)
    assert not hub.paths("GET", "/resolve/")


@pytest.mark.parametrize("name", ["data", "README.md", "data/pairs"])
def test_nothing_is_written_through_a_symbolic_link(hub: HubServer, dest: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (dest / name).parent.mkdir(parents=True)
    (dest / name).symlink_to(elsewhere)
    with pytest.raises(UsageError, match=f"{name}: expected a file or folder, found a symbolic link; remove it"):
        pull(REPO, dest)
    assert list(elsewhere.iterdir()) == []


def test_two_pulls_into_one_folder_take_turns(
    hub: HubServer, built: dict[str, Path], dest: Path, tmp_path: Path
) -> None:
    environment = hub.environment(tmp_path / "home")
    first, second = (start("pull", REPO, dest, environment) for _ in range(2))
    outputs = [process.communicate(timeout=120) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], outputs
    assert content(dest) == content(built["first"])
    assert sorted(output.count("downloaded=0") for output, _ in outputs) == [0, 1]

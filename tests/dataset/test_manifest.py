import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from support.manifests import manifest_json

from dnacorpus.dataset.manifest import ManifestEntry, git_sha1, linked, parse, problem, read, read_pulled, select
from dnacorpus.errors import CorpusError, UsageError


def manifest(*paths: str, releases: tuple[str, ...] = ("7",)) -> bytes:
    """Return a manifest; data/CONFIG/DIVISION/SPLIT-... makes a shard."""
    files: list[dict[str, Any]] = []
    for path in paths:
        file: dict[str, Any] = {"path": path, "bytes": 1, "sha256": "00" * 32}
        if path.startswith("data/"):
            _, config, division, name = path.split("/")
            file |= {"config": config, "division": division, "split": name.partition("-")[0], "rows": 2, "bases": 30}
        files.append(file)
    return manifest_json(files, inputs=[{"release": name} for name in releases]).encode()


PATHS = (
    "README.md", "data/pairs/plant/train-0", "data/pairs/viral/test-0", "data/pairs/viral/train-0",
    "data/records/viral/train-0", "index/taxa.parquet", "ledger.parquet",
)  # fmt: skip


@pytest.mark.parametrize(
    ("config", "division", "split", "chosen"),
    [
        (None, None, None, PATHS),
        ("pairs", None, None, PATHS[1:4]),
        (None, "viral", None, PATHS[2:5]),
        (None, None, "test", PATHS[2:3]),
        ("pairs", "viral", "train", PATHS[3:4]),
    ],
)
def test_select(config: str | None, division: str | None, split: str | None, chosen: tuple[str, ...]) -> None:
    found = [entry.path for entry in select(parse(manifest(*PATHS), "m"), config, division, split)]
    always = {"README.md", "ledger.parquet"}
    assert len(found) == len(set(found))
    assert set(found) == {*chosen, *always}


def test_what_is_not_there_cannot_be_selected() -> None:
    whole = parse(manifest(*PATHS), "m")
    with pytest.raises(UsageError, match="--split test: expected one of train, config pairs, division plant"):
        select(whole, "pairs", "plant", "test")
    with pytest.raises(UsageError, match="--config pairs: expected one of none"):
        select(parse(manifest("README.md"), "m"), "pairs", None, None)


def test_the_tag_says_release_and_content() -> None:
    content = manifest(*PATHS)
    assert parse(content, "m").tag == f"v7-{hashlib.sha256(content).hexdigest()[:8]}"
    assert parse(manifest(releases=("9", "7", "9")), "m").tag.startswith("v7+9-")
    assert parse(manifest(releases=()), "m").tag.startswith("v0-")


def test_read(tmp_path: Path) -> None:
    content = manifest(*PATHS)
    with pytest.raises(UsageError, match=r"manifest.json: expected the manifest of a dataset, found no such file"):
        read(tmp_path)
    (tmp_path / "manifest.json").write_bytes(content)
    found = read(tmp_path)
    assert [entry.path for entry in found.entries] == list(PATHS)
    assert found.entries[1] == ManifestEntry(PATHS[1], 1, "00" * 32, "pairs", "plant", "train", rows=2, bases=30)
    assert found.entry == ManifestEntry("manifest.json", len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("content", [b"", b"null", b'{"format": 1}', b'{"format": 2}', b'{"format": 2, "files": [1]}'])
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(CorpusError, match=r"^m: expected .*found"):
        parse(content, "m")


@pytest.mark.parametrize("key", ["config", "files", "inputs", "ledger", "versions"])
def test_a_manifest_that_lacks_a_key_is_refused(key: str) -> None:
    document = json.loads(manifest(*PATHS))
    del document[key]
    with pytest.raises(CorpusError, match=f"^m: expected the keys .*, found no {key};"):
        parse(json.dumps(document).encode(), "m")


SHARD = {
    "path": "data/a",
    "bytes": 1,
    "sha256": "00" * 32,
    "config": "pairs",
    "division": "a",
    "split": "test",
    "rows": 1,
}
TABLE = {"path": "ledger.parquet", "bytes": 1, "sha256": "00" * 32}


@pytest.mark.parametrize("file", ["x", {"path": "x"}, SHARD, SHARD | {"bases": "many"}, SHARD | {"bases": None},
    *(TABLE | {"rows": 1, "bases": bases} for bases in ("abc", None, [1], True, -1)), TABLE | {"rows": "1"},
    TABLE | {"division": 1}, TABLE | {"split": "a/b"}])  # fmt: skip
def test_an_entry_that_lacks_a_key_or_has_a_wrong_value_is_named(file: object) -> None:
    with pytest.raises(CorpusError, match=r"^m: files\[1\]: expected an object with path, bytes, sha256 .* found "):
        parse(manifest_json([{"path": "a", "bytes": 1, "sha256": "00" * 32}, file]).encode(), "m")


@pytest.mark.parametrize("content", ["{", "[]", '{"files": []}'])
def test_a_damaged_pull_json_is_named(tmp_path: Path, content: str) -> None:
    assert read_pulled(tmp_path) is None
    (tmp_path / "pull.json").write_text(content)
    with pytest.raises(CorpusError, match=r"pull.json: expected .*found.*pull the dataset again"):
        read_pulled(tmp_path)


@pytest.mark.parametrize("path", ["../a", "/a", "a/../b", ".hidden/a", "a//b", "./a", "a\\b", "", ".", "manifest.json",
    "manifest.json/x", "pull.json/x", "a/.git/x", "a\x1b[2J", "a\u202eb", "a\nb", "data/\x00", "a\u3164b",
    "/".join("a" * 600)])  # fmt: skip
def test_a_path_that_leaves_the_folder(path: str) -> None:
    content = manifest_json([{"path": path, "bytes": 1, "sha256": "00" * 32}]).encode()
    with pytest.raises(CorpusError, match="expected a plain relative path"):
        parse(content, "m")


def test_problem(tmp_path: Path) -> None:
    path = tmp_path / "a"
    entry = ManifestEntry("a", 3, hashlib.sha256(b"ACG").hexdigest())
    assert problem(path, entry) == "missing"
    path.write_bytes(b"AC")
    assert problem(path, entry) == "expected 3 bytes, found 2"
    path.write_bytes(b"ACT")
    assert problem(path, entry) == f"expected sha256 {entry.sha256}, found {hashlib.sha256(b'ACT').hexdigest()}"
    path.write_bytes(b"ACG")
    assert problem(path, entry) == ""


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
        (b"test content\n", "d670460b4b4aece5915caf5c68d12f560a9fe3e4"),
    ],
)
def test_git_sha1(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / "a").write_bytes(content)
    assert git_sha1(tmp_path / "a") == name


def test_no_path_goes_through_another_file() -> None:
    with pytest.raises(CorpusError, match=r"expected the file 'README.md', found 'README.md/r' below it"):
        parse(manifest("README.md", "README.md/r"), "m")
    with pytest.raises(CorpusError, match="expected each path once, found 'a' again"):
        parse(manifest("a", "a"), "m")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"[" * 100_000, "expected JSON, found: "),
        (b'{"format": Infinity}', "expected JSON, found: Infinity, which is not JSON"),
        (b'{"format": ' + b"9" * 5000 + b"}", "expected JSON, found: "),
        (manifest_json([{"path": "a", "bytes": float("inf")}]).encode(), "expected JSON, found: Infinity"),
        (manifest_json(config=None).encode(), "config: expected the names of divisions, found null"),
        (manifest_json(inputs=None).encode(), "inputs: expected a list, found null"),
        (manifest_json(inputs=[{"release": 7}]).encode(), r"inputs\[0\]: expected an object with the release"),
        (manifest_json(ledger=[{"x": 1}]).encode(), r"ledger\[0\]: expected an object with unit, status"),
        (manifest_json(versions={"polars": None}).encode(), "versions: expected the version of each package"),
        (manifest_json([SHARD | {"bases": 5, "division": "../x"}]).encode(), r"files\[0\]: expected"),
        (manifest_json([SHARD | {"bases": 1 << 70}]).encode(), r"files\[0\]: expected"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_named(content: bytes, named: str) -> None:
    with pytest.raises(CorpusError, match=f"^m: {named}"):
        parse(content, "m")


def test_a_link_is_named_by_its_first_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "pairs").mkdir(parents=True)
    (tmp_path / "dataset").mkdir()
    (tmp_path / "dataset" / "data").symlink_to(tmp_path / "elsewhere")
    assert linked(tmp_path / "dataset", "data/pairs/x") == "data"
    assert linked(tmp_path / "elsewhere", "pairs/x") == ""

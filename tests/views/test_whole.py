import json
from pathlib import Path

import pytest
from support.manifests import manifest_json

from dnacorpus.dataset.manifest import Manifest, parse
from dnacorpus.views.whole import VIEW, whole_view


@pytest.fixture
def manifest() -> Manifest:
    return parse(manifest_json(inputs=[{"release": "7"}]).encode(), "m")


def write(out: Path, manifest: Manifest, *paths: str) -> None:
    with whole_view(out, "made", manifest) as files:
        for path in paths:
            (out / path).write_text(path)
            files.append({"path": path, "rows": 1})


def test_the_list_of_files_is_written_last(tmp_path: Path, manifest: Manifest) -> None:
    write(tmp_path, manifest, "b", "a")
    assert json.loads((tmp_path / VIEW).read_text()) == {
        "view": "made",
        "dataset": {"tag": manifest.tag, "manifest_sha256": manifest.entry.sha256},
        "files": [{"path": "a", "rows": 1}, {"path": "b", "rows": 1}],
    }


def test_a_run_that_fails_leaves_no_list(tmp_path: Path, manifest: Manifest) -> None:
    write(tmp_path, manifest, "a")
    with pytest.raises(RuntimeError), whole_view(tmp_path, "made", manifest):
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_files_of_an_earlier_run_are_removed_but_no_others(tmp_path: Path, manifest: Manifest) -> None:
    out = tmp_path / "out"
    write(out, manifest, "a", "b")
    (out / "mine").write_text("x")
    (tmp_path / "outside").write_text("x")
    view = json.loads((out / VIEW).read_text())
    view["files"] += [{"path": "../outside"}, {"path": 5}]
    (out / VIEW).write_text(json.dumps(view))
    write(out, manifest, "b")
    assert sorted(path.name for path in out.iterdir()) == ["b", "mine", VIEW]
    assert (tmp_path / "outside").exists()


def test_nothing_is_removed_through_a_symbolic_link(tmp_path: Path, manifest: Manifest) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a").write_text("precious")
    write(out, manifest)
    (out / "folder").symlink_to(elsewhere)
    (out / "file").symlink_to(elsewhere / "a")
    (out / VIEW).write_text(json.dumps({"files": [{"path": "folder/a"}, {"path": "file"}]}))
    write(out, manifest, "b")
    assert (elsewhere / "a").read_text() == "precious"
    assert sorted(path.name for path in out.iterdir()) == ["b", "file", "folder", VIEW]


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b"[]",
        b'{"files": [5]}',
        b'{"files": 5}',
        b"\xff",
        b'{"files": [{"path": "%b"}]}' % (b"a/" * 4000 + b"a"),
    ],
    ids=["deep", "list", "no object", "no list", "no text", "long path"],
)
def test_a_list_that_cannot_be_read_is_written_again(tmp_path: Path, manifest: Manifest, content: bytes) -> None:
    (tmp_path / VIEW).write_bytes(content)
    write(tmp_path, manifest, "a")
    assert [file["path"] for file in json.loads((tmp_path / VIEW).read_text())["files"]] == ["a"]

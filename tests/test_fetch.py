import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers.refseq import RefSeqServer, serve
from servers.releases import VIRAL, write_release

from dnacorpus.catalog import catalog
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.fetch import fetch
from dnacorpus.release import parts_of, read_parts
from dnacorpus.remote import Policy

QUICK = Policy(attempts=3, first_wait=0.0)
FLAT, FASTA = "viral.2.genomic.gbff.gz", "viral.2.1.genomic.fna.gz"
FILES = [FASTA, "viral.2.2.genomic.fna.gz", FLAT]
WITH_SUMS = pytest.mark.parametrize("sums", [True, False], ids=["md5", "no md5"])
BOTH = pytest.mark.parametrize("remote", [False, True], ids=["directory", "http"])


class Release:
    """A release, its server and its catalogue; ``fetch`` gives part.json of part viral.2."""

    def __init__(self, folder: Path, server: RefSeqServer) -> None:
        self.root, self.server = server.root, server
        self.catalog, self.out = folder / "catalog.tsv", folder / "raw" / "viral" / "viral.2"
        catalog(str(self.root), "viral", self.catalog, 1 << 30)

    def fetch(self, remote: bool = True) -> dict[str, Any]:
        fetch(self.server.url if remote else str(self.root), self.catalog, "viral.2", self.out, QUICK)
        description: dict[str, Any] = json.loads((self.out / "part.json").read_text())
        return description

    def requests(self, name: str) -> list[int]:
        return [request.status for request in self.server.log if name in request.path]


@pytest.fixture
def sums() -> bool:
    return True


@pytest.fixture
def release(tmp_path: Path, sums: bool) -> Iterator[Release]:
    with serve(write_release(tmp_path / "release", sums=sums)) as server:
        yield Release(tmp_path, server)


def status(description: dict[str, Any], name: str) -> dict[str, Any]:
    return next(file for file in description["files"] if file["file"] == name)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@WITH_SUMS
@BOTH
def test_a_part_is_fetched_whole(release: Release, remote: bool) -> None:
    description = release.fetch(remote)
    assert names(release.out) == sorted([*FILES, "part.json"])
    assert [description[key] for key in ("division", "part", "release")] == ["viral", "viral.2", "7"]
    assert [file["file"] for file in description["files"]] == FILES
    for file in description["files"]:
        content = VIRAL[file["file"]]
        assert (release.out / file["file"]).read_bytes() == content
        assert file == {
            "file": file["file"],
            "kind": "gbff" if "gbff" in file["file"] else "fna",
            "bytes": len(content),
            "md5": hashlib.md5(content).hexdigest(),
            "status": "ok",
            "detail": "",
        }
    links = [(release.out / name).is_symlink() for name in FILES]
    assert links == [not remote] * 3


def damage_nothing(root: Path) -> None:
    """Leave the release as it is."""


def cut(root: Path) -> None:
    (root / "viral" / FLAT).write_bytes(VIRAL[FLAT][:-3])


def empty(root: Path) -> None:
    (root / "viral" / FLAT).write_bytes(b"")


def remove(root: Path) -> None:
    (root / "viral" / FLAT).unlink()


def page(root: Path) -> None:
    (root / "viral" / FLAT).write_bytes(b"<!DOCTYPE html>".ljust(len(VIRAL[FLAT])))


@WITH_SUMS
@pytest.mark.parametrize("damage", [damage_nothing, cut, empty, remove, page])
def test_part_json_does_not_tell_a_directory_from_a_server(release: Release, damage: Any) -> None:
    damage(release.root)
    release.fetch(remote=False)
    description = (release.out / "part.json").read_bytes()
    assert list(json.loads(description)) == sorted(json.loads(description))
    assert str(release.root).encode() not in description
    release.fetch(remote=True)
    assert (release.out / "part.json").read_bytes() == description


@BOTH
@pytest.mark.parametrize(
    ("sums", "damage", "detail"),
    [
        (True, cut, r"MD5: expected [0-9a-f]{32} by release7\.files\.installed, found [0-9a-f]{32}"),
        (True, page, r"MD5: expected "),
        (True, remove, r"file: expected in the mirror, found none"),
        (False, cut, r"size: expected \d+ bytes by the catalogue, found \d+"),
        (False, page, r"gzip: expected the first bytes 1f8b, found 3c21"),
        (False, empty, r"gzip: expected the first bytes 1f8b, found none"),
        (False, remove, r"file: expected in the mirror, found none"),
    ],
)
def test_a_damaged_file_costs_itself(release: Release, remote: bool, damage: Any, detail: str) -> None:
    damage(release.root)
    description = release.fetch(remote)
    flat = status(description, FLAT)
    assert flat["status"] == "unreadable"
    assert re.match(detail, flat["detail"])
    found = release.root / "viral" / FLAT
    content = found.read_bytes() if found.exists() else None
    assert flat["bytes"] == (content if content is None else len(content))
    assert flat["md5"] == (content if content is None else hashlib.md5(content).hexdigest())
    assert names(release.out) == sorted({*FILES, "part.json"} - {FLAT})
    assert [file["status"] for file in description["files"]] == ["ok", "ok", "unreadable"]


def test_wrong_bytes_are_fetched_once_more(release: Release) -> None:
    release.server.fault(FLAT, corrupt=True)
    assert status(release.fetch(), FLAT)["status"] == "ok"
    assert release.requests(FLAT) == [200, 200]
    assert (release.out / FLAT).read_bytes() == VIRAL[FLAT]


def test_bytes_wrong_twice_are_given_up(release: Release) -> None:
    release.server.fault(FLAT, corrupt=True, times=99)
    flat = status(release.fetch(), FLAT)
    assert flat["status"] == "unreadable"
    assert flat["detail"].endswith(f"found {flat['md5']}")
    assert release.requests(FLAT) == [200, 200]


@pytest.mark.parametrize(
    "kind",
    [
        {"status": 403},
        {"status": 429, "retry_after": "0"},
        {"status": 503, "retry_after": "0"},
        {"send": 60},
        {"send": 60, "drop": ("ETag", "Last-Modified")},
        {"send": 60, "reset": True},
        {"page": "text/html"},
        {"page": "application/x-gzip"},
        {"status": 404},
    ],
    ids=str,
)
def test_a_server_that_stumbles_does_not_matter(release: Release, kind: dict[str, Any]) -> None:
    release.server.fault(FLAT, **kind)
    release.server.fault(FASTA, **kind)
    description = release.fetch()
    assert {file["status"] for file in description["files"]} == {"ok"}
    assert [(release.out / name).read_bytes() for name in FILES] == [VIRAL[name] for name in FILES]
    assert len(release.requests(FLAT)) == 2


@WITH_SUMS
@pytest.mark.parametrize("kind", [{"status": 503}, {"send": 5}, {"page": "text/html"}], ids=str)
def test_a_network_that_fails_ends_the_job(release: Release, kind: dict[str, Any]) -> None:
    release.server.fault(FLAT, times=99, **kind)
    with pytest.raises(RemoteError, match=rf"viral/{FLAT}: .*3 attempts"):
        release.fetch()
    assert not release.out.exists()
    assert names(release.out.parent) == []


@WITH_SUMS
def test_a_page_is_never_data(release: Release) -> None:
    release.server.fault(FLAT, page="application/x-gzip", times=99)
    assert status(release.fetch(), FLAT)["status"] == "unreadable"
    assert not (release.out / FLAT).exists()


def test_a_failure_leaves_the_earlier_fetch_alone(release: Release) -> None:
    release.fetch()
    release.server.fault(FLAT, status=503, times=99)
    with pytest.raises(RemoteError):
        release.fetch()
    assert names(release.out) == sorted([*FILES, "part.json"])


def test_fetching_again_makes_good_what_was_damaged(release: Release) -> None:
    cut(release.root)
    assert status(release.fetch(remote=False), FLAT)["status"] == "unreadable"
    (release.root / "viral" / FLAT).write_bytes(VIRAL[FLAT])
    assert status(release.fetch(remote=False), FLAT)["status"] == "ok"
    assert (release.out / FLAT).read_bytes() == VIRAL[FLAT]


@BOTH
def test_a_mirror_of_another_release_is_refused(release: Release, remote: bool) -> None:
    (release.root / "RELEASE_NUMBER").write_text("8\n")
    complaint = r"RELEASE_NUMBER: release changed under us: expected 7 by the catalogue, found 8; .* `name`"
    with pytest.raises(RemoteError, match=complaint):
        release.fetch(remote)
    assert not release.out.exists()
    assert release.requests("genomic") == []


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_a_release_that_changes_on_the_way_is_refused(release: Release, after: int) -> None:
    release.server.change_release("8", after=after)
    with pytest.raises(RemoteError, match="release changed under us: expected 7"):
        release.fetch()
    assert not release.out.exists()


@pytest.mark.parametrize("kind", [{"corrupt": True}, {"status": 404}], ids=str)
def test_a_new_release_explains_a_wrong_file(release: Release, kind: dict[str, Any]) -> None:
    release.server.change_release("8", after=4)
    release.server.fault(FLAT, times=99, **kind)
    with pytest.raises(RemoteError, match="release changed under us"):
        release.fetch()
    assert release.requests(FLAT) == [kind.get("status", 200)]


def test_one_connection_and_one_job(release: Release) -> None:
    release.fetch()
    assert release.server.paths() == [
        "/RELEASE_NUMBER",
        *(f"/viral/{name}" for name in FILES),
        "/RELEASE_NUMBER",
    ]
    assert len({request.connection for request in release.server.log}) == 1


@pytest.mark.parametrize("sums", [False])
def test_a_file_whose_size_the_catalogue_does_not_know_is_taken(release: Release) -> None:
    text = release.catalog.read_text().replace(f"\t{len(VIRAL[FLAT])}\t", "\t\t")
    release.catalog.write_text(text)
    assert status(release.fetch(), FLAT)["status"] == "ok"


def test_a_part_that_is_not_in_the_catalogue(release: Release) -> None:
    with pytest.raises(UsageError, match=r"part 'viral\.3': expected one of the 3 parts of .*\(viral\.1, viral\.2, "):
        fetch(str(release.root), release.catalog, "viral.3", release.out)


def test_a_catalogue_that_is_not_one(release: Release) -> None:
    release.catalog.write_text("part\n")
    with pytest.raises(CorpusError, match=r"catalog\.tsv: line 1"):
        release.fetch()


def test_a_file_that_cannot_be_read_is_not_taken_for_damaged(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Path.open

    def refuse(path: Path, *args: Any, **options: Any) -> Any:
        if path.name == f"{FLAT}.part":
            raise OSError(5, "Input/output error")
        return plain(path, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CorpusError, match=rf"release/viral/{FLAT}: expected a legible file, found: .*Input/output"):
        release.fetch(remote=False)


def test_nothing_is_drawn_where_nobody_looks(release: Release, capfd: pytest.CaptureFixture[str]) -> None:
    release.fetch()
    assert capfd.readouterr() == ("", "")


@pytest.mark.mirror
@BOTH
@pytest.mark.parametrize("division", ["viral", "mitochondrion", "archaea"])
def test_real_parts(mirror: Path, tmp_path: Path, division: str, remote: bool) -> None:
    listed = tmp_path / "catalog.tsv"
    catalog(str(mirror), division, listed, 1 << 30)
    with serve(mirror) as server:
        for part, rows in parts_of(read_parts(listed)).items():
            out = tmp_path / part
            fetch(server.url if remote else str(mirror), listed, part, out, QUICK)
            files = json.loads((out / "part.json").read_text())["files"]
            assert [(f["file"], str(f["bytes"]), f["md5"], f["status"]) for f in files] == [
                (row["file"], row["bytes"], row["md5"], "ok") for row in rows
            ]
            for row in rows:
                place = out / row["file"]
                assert place.is_symlink() != remote
                assert hashlib.md5(place.read_bytes()).hexdigest() == row["md5"]

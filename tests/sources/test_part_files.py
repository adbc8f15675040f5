import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.each import each
from support.lowered import lower
from support.servers.refseq import RefSeqServer, serve
from support.servers.releases import VIRAL, write_release

from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.sources.http import Policy
from dnacorpus.sources.part_files import fetch_part
from dnacorpus.sources.release_catalog import write_catalog
from dnacorpus.sources.resumable import Partial, Partials
from dnacorpus.storage.catalog import COLUMNS, parts_of, read_parts

QUICK = Policy(attempts=3, first_wait=0.0)
FLAT, FASTA = "viral.2.genomic.gbff.gz", "viral.2.1.genomic.fna.gz"
FILES = [FASTA, "viral.2.2.genomic.fna.gz", FLAT]
WITH_SUMS = pytest.mark.parametrize("sums", [True, False], ids=["md5", "no md5"])
BOTH = pytest.mark.parametrize("remote", [False, True], ids=["directory", "http"])


class Release:
    """A release, its server and its catalog; ``fetch`` gives part.json of part viral.2."""

    def __init__(self, folder: Path, server: RefSeqServer) -> None:
        self.root, self.server = server.root, server
        self.catalog, self.out = folder / "catalog.tsv", folder / "raw" / "viral" / "viral.2"
        write_catalog(str(self.root), "viral", self.catalog, 1 << 30)

    def fetch(self, remote: bool = True, **options: Any) -> dict[str, Any]:
        fetch_part(self.server.url if remote else str(self.root), self.catalog, "viral.2", self.out, QUICK, **options)
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
def test_a_part_is_fetched_completely(release: Release, remote: bool) -> None:
    description = release.fetch(remote)
    assert names(release.out) == sorted([*FILES, "part.json"])
    assert [description[key] for key in ("division", "part", "release")] == ["viral", "viral.2", "7"]
    assert [file["file"] for file in description["files"]] == FILES
    for file in each(description["files"]):
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
def test_part_json_is_the_same_from_a_directory_and_a_server(release: Release, damage: Any) -> None:
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
        (False, cut, r"size: expected \d+ bytes by the catalog, found \d+"),
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


def test_a_file_that_is_wrong_twice_is_unreadable(release: Release) -> None:
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
def test_passing_server_errors_do_not_matter(release: Release, kind: dict[str, Any]) -> None:
    release.server.fault(FLAT, **kind)
    release.server.fault(FASTA, **kind)
    description = release.fetch()
    assert {file["status"] for file in description["files"]} == {"ok"}
    assert [(release.out / name).read_bytes() for name in FILES] == [VIRAL[name] for name in FILES]
    assert len(release.requests(FLAT)) == 2


@WITH_SUMS
@pytest.mark.parametrize("kind", [{"status": 503}, {"send": 5}, {"page": "text/html"}], ids=str)
def test_a_failing_network_ends_the_job(release: Release, kind: dict[str, Any]) -> None:
    release.server.fault(FLAT, times=99, **kind)
    with pytest.raises(RemoteError, match=rf"viral/{FLAT}: .*3 attempts"):
        release.fetch()
    assert not release.out.exists()
    assert names(release.out.parent) == [".viral.2.partial"]
    for path in each((release.out.parent / ".viral.2.partial").glob("viral*[0-9]")):
        assert VIRAL[path.name.rpartition(".")[0]].startswith(path.read_bytes())


@WITH_SUMS
def test_an_html_page_is_never_data(release: Release) -> None:
    release.server.fault(FLAT, page="application/x-gzip", times=99)
    assert status(release.fetch(), FLAT)["status"] == "unreadable"
    assert not (release.out / FLAT).exists()


def test_a_failure_leaves_the_earlier_fetch_alone(release: Release) -> None:
    release.fetch()
    release.server.fault(FLAT, status=503, times=99)
    with pytest.raises(RemoteError):
        release.fetch()
    assert names(release.out) == sorted([*FILES, "part.json"])


def test_fetching_again_repairs_a_damaged_file(release: Release) -> None:
    cut(release.root)
    assert status(release.fetch(remote=False), FLAT)["status"] == "unreadable"
    (release.root / "viral" / FLAT).write_bytes(VIRAL[FLAT])
    assert status(release.fetch(remote=False), FLAT)["status"] == "ok"
    assert (release.out / FLAT).read_bytes() == VIRAL[FLAT]


@BOTH
def test_a_mirror_of_another_release_is_refused(release: Release, remote: bool) -> None:
    (release.root / "RELEASE_NUMBER").write_text("8\n")
    complaint = r"RELEASE_NUMBER: release changed: expected 7 by the catalog, found 8; .* `name`"
    with pytest.raises(RemoteError, match=complaint):
        release.fetch(remote)
    assert not release.out.exists()
    assert release.requests("genomic") == []


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_a_release_that_changes_during_the_fetch_is_refused(release: Release, after: int) -> None:
    release.server.change_release("8", after=after)
    with pytest.raises(RemoteError, match="release changed: expected 7"):
        release.fetch()
    assert not release.out.exists()


@pytest.mark.parametrize("kind", [{"corrupt": True}, {"status": 404}], ids=str)
def test_a_new_release_explains_a_wrong_file(release: Release, kind: dict[str, Any]) -> None:
    release.server.change_release("8", after=4)
    release.server.fault(FLAT, times=99, **kind)
    with pytest.raises(RemoteError, match="release changed"):
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
def test_a_file_of_unknown_size_is_fetched(release: Release) -> None:
    text = release.catalog.read_text().replace(f"\t{len(VIRAL[FLAT])}\t", "\t\t")
    release.catalog.write_text(text)
    assert status(release.fetch(), FLAT)["status"] == "ok"


def test_a_part_that_is_not_in_the_catalog(release: Release) -> None:
    with pytest.raises(UsageError, match=r"part 'viral\.3': expected one of the 3 parts of .*\(viral\.1, viral\.2, "):
        fetch_part(str(release.root), release.catalog, "viral.3", release.out)


def test_a_damaged_catalog_is_refused(release: Release) -> None:
    release.catalog.write_text("part\n")
    with pytest.raises(CorpusError, match=r"catalog\.tsv: line 1"):
        release.fetch()


def test_an_unreadable_local_file_is_not_called_damaged(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Path.open

    def refuse(path: Path, *args: Any, **options: Any) -> Any:
        if path.name.startswith(FLAT):
            raise OSError(5, "Input/output error")
        return plain(path, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CorpusError, match=rf"release/viral/{FLAT}: expected a readable file, found: .*Input/output"):
        release.fetch(remote=False)


PROCESS = f"{FLAT}.elsewhere-1"


def leave(release: Release, content: bytes, etag: str | None = None) -> None:
    """Leave what a killed process would have left of the flat file."""
    place = release.root / "viral" / FLAT
    folder = release.out.parent / ".viral.2.partial"
    folder.mkdir(parents=True)
    (folder / PROCESS).write_bytes(content)
    tag = f'"{place.stat().st_size:x}-{place.stat().st_mtime_ns:x}"' if etag is None else etag
    state = {"file": FLAT, "url": f"{release.server.url}viral/{FLAT}", "validator": tag}
    (folder / f"{PROCESS}.json").write_text(json.dumps(state))


@WITH_SUMS
def test_a_download_resumes_where_another_process_stopped(release: Release, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    leave(release, VIRAL[FLAT][:50])
    assert status(release.fetch(), FLAT)["status"] == "ok"
    (request,) = [request for request in release.server.log if FLAT in request.path]
    assert (request.status, request.headers["Range"]) == (206, "bytes=50-")
    assert request.sent == len(VIRAL[FLAT]) - 50
    assert (release.out / FLAT).read_bytes() == VIRAL[FLAT]
    assert names(release.out.parent) == ["viral.2"]
    assert f"viral.2: {FLAT}: 50 B already here" in caplog.messages


@WITH_SUMS
def test_a_complete_file_is_not_sent_again(release: Release, sums: bool) -> None:
    leave(release, VIRAL[FLAT])
    assert status(release.fetch(), FLAT)["status"] == "ok"
    assert release.requests(FLAT) == ([] if sums else [416])
    assert (release.out / FLAT).read_bytes() == VIRAL[FLAT]


@pytest.mark.parametrize("etag", ['"another"', ""])
def test_bytes_of_another_version_are_not_resumed(release: Release, etag: str) -> None:
    leave(release, b"x" * 50, etag)
    assert status(release.fetch(), FLAT)["status"] == "ok"
    assert release.requests(FLAT) == [200]
    assert (release.out / FLAT).read_bytes() == VIRAL[FLAT]


def test_wrong_bytes_of_an_earlier_process_cost_one_more_try(release: Release) -> None:
    leave(release, b"x" * 50)
    assert status(release.fetch(), FLAT)["status"] == "ok"
    assert release.requests(FLAT) == [206, 200]


@pytest.mark.parametrize("state", ["", "[]", "{}", '{"file": 1, "url": 2, "validator": 3}'])
def test_bytes_without_a_state_file_are_not_used(release: Release, state: str) -> None:
    leave(release, VIRAL[FLAT][:50])
    (release.out.parent / ".viral.2.partial" / f"{PROCESS}.json").write_text(state)
    assert status(release.fetch(), FLAT)["status"] == "ok"
    assert release.requests(FLAT) == [200]


def test_the_longest_download_is_resumed(release: Release) -> None:
    leave(release, VIRAL[FLAT][:50])
    folder = release.out.parent / ".viral.2.partial"
    shorter = folder / PROCESS.replace("elsewhere-1", "elsewhere-2")
    shorter.write_bytes(VIRAL[FLAT][:40])
    (folder / f"{shorter.name}.json").write_bytes((folder / f"{PROCESS}.json").read_bytes())
    release.server.fault(FLAT, status=503, times=99)
    with pytest.raises(RemoteError):
        release.fetch()
    kept = [path for path in folder.iterdir() if path.name.startswith(FLAT) and path.suffix != ".json"]
    assert [path.read_bytes() for path in kept] == [VIRAL[FLAT][:50]]
    assert kept[0].name not in {PROCESS, shorter.name}


def test_a_process_resumes_its_own_download(release: Release) -> None:
    release.server.fault(FLAT, send=50)
    release.server.fault(FLAT, status=503, times=2)
    with pytest.raises(RemoteError):
        release.fetch()
    release.fetch()
    assert release.requests(FLAT) == [200, 503, 503, 206]
    assert release.requests(FASTA) == [200]


def test_an_orphan_does_not_change_a_resumed_download(release: Release) -> None:
    leave(release, VIRAL[FLAT][:50])
    with (release.out.parent / ".viral.2.partial" / PROCESS).open("ab") as orphan:
        release.fetch()
        orphan.write(b"of a killed run")
    assert (release.out / FLAT).read_bytes() == VIRAL[FLAT]


def test_two_fetches_at_once_end_in_an_error_or_correctly(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    move = Partial.move

    def steal(partial: Partial, target: Path) -> None:
        partial.path.unlink()
        move(partial, target)

    monkeypatch.setattr(Partial, "move", steal)
    with pytest.raises(CorpusError, match="another fetch of the same part is running"):
        release.fetch()
    assert not release.out.exists()


def test_a_full_disk_is_named(release: Release, tmp_path: Path) -> None:
    partial = Partial(tmp_path / "file")
    partial.path.symlink_to("/dev/full")
    with pytest.raises(CorpusError, match=r"file: expected to write 4 bytes, found: .*No space left.*free some disk"):
        partial.extend([b"ACGT"], lambda _: None)


def test_no_password_is_written_to_disk(release: Release) -> None:
    release.server.fault(FLAT, send=50)
    release.server.fault(FLAT, status=503, times=2)
    release.server.url = release.server.url.replace("://", "://user:s3cret@")
    with pytest.raises(RemoteError) as caught:
        release.fetch()
    left = list((release.out.parent / ".viral.2.partial").iterdir())
    assert len(left) == 6
    assert not any(b"s3cret" in path.read_bytes() for path in each(left))
    assert "s3cret" not in str(caught.value)
    release.fetch()
    assert release.requests(FLAT) == [200, 503, 503, 206]


@BOTH
@pytest.mark.parametrize("pinned", [False, True])
def test_a_pinned_file_missing_from_the_release_is_gone(release: Release, remote: bool, pinned: bool) -> None:
    remove(release.root)
    flat = status(release.fetch(remote, pinned=pinned, successor=lambda _: pytest.fail("not an accession")), FLAT)
    lacking = ("unreadable", "file: expected in the mirror, found none")
    assert (flat["status"], flat["detail"]) == (("gone", "gone from release 7") if pinned else lacking)
    assert flat["bytes"] is flat["md5"] is None


NAME = "GCF_000000001.1_moss"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[RefSeqServer, Path]]:
    """A folder of files that belong to no release, its server, and the path of a catalog."""
    (tmp_path / "moss").mkdir()
    for kind in ("gbff.gz", "fna.gz", "gff.gz"):
        (tmp_path / "moss" / f"{NAME}_genomic.{kind}").write_bytes(VIRAL[FLAT] + kind.encode())
    (tmp_path / "moss" / "own.gff").write_bytes(b"##gff-version 3\n")
    with serve(tmp_path / "moss") as server:
        yield server, tmp_path / "catalog.tsv"


def write_rows(path: Path, *rows: tuple[str, str, str, str, bytes | None]) -> None:
    """Write a catalog of part moss.1 from (release, kind, file, url, content)."""
    lines = ["\t".join(COLUMNS)]
    for release, kind, file, url, content in rows:
        sums = ("", "") if content is None else (str(len(content)), hashlib.md5(content).hexdigest())
        lines.append("\t".join((release, "moss", "moss.1", "00000", kind, file, url, *sums)))
    path.write_text("\n".join(lines) + "\n")


def fetch_moss(path: Path, **options: Any) -> list[dict[str, Any]]:
    out = path.parent / "raw" / "moss.1"
    fetch_part(str(path.parent / "nowhere"), path, "moss.1", out, QUICK, **options)
    files: list[dict[str, Any]] = json.loads((out / "part.json").read_text())["files"]
    kept = {file["file"] for file in files if file["status"] == "ok"}
    assert names(out) == sorted(kept | {"part.json"})
    return files


def test_files_of_other_sources_need_no_mirror(elsewhere: tuple[RefSeqServer, Path]) -> None:
    server, path = elsewhere
    places = sorted(place for place in server.root.iterdir() if place.name != "own.gff")
    content = {place.name: place.read_bytes() for place in server.root.iterdir()}
    write_rows(
        path,
        *(("assemblies", kind_of(p.name), p.name, server.url + p.name, content[p.name]) for p in places),
        ("local", "gff", "own.gff", str(server.root / "own.gff"), None),
    )
    server.fault("fna", corrupt=True)
    files = fetch_moss(path)
    assert [(f["file"], f["kind"], f["status"]) for f in files] == [
        *((place.name, kind_of(place.name), "ok") for place in places),
        ("own.gff", "gff", "ok"),
    ]
    for name, expected in each(content.items()):
        arrived = path.parent / "raw" / "moss.1" / name
        assert arrived.read_bytes() == expected
        assert arrived.is_symlink() == (name == "own.gff")
    assert server.paths() == [f"/{p.name}" for p in places for _ in range(1 + ("fna" in p.name))]


def kind_of(name: str) -> str:
    return next(kind for kind in ("gbff", "fna", "gff") if f".{kind}" in name)


def test_a_file_gone_from_another_source_has_a_tombstone(elsewhere: tuple[RefSeqServer, Path]) -> None:
    server, path = elsewhere
    secret = server.url.replace("://", "://user:s3cret@")
    write_rows(
        path,
        ("assemblies", "gbff", "GCF_000000009.1_fern_genomic.gbff.gz", f"{secret}none.gz?api_key=s3cret", b"x"),
        ("assemblies", "fna", "fern.fna.gz", f"{server.url}410.gz", b"x"),
        ("local", "gff", "NC_000009.2.gff", str(server.root / "none.gff"), None),
    )
    server.fault("410", status=410, times=2)
    after = {"GCF_000000009.1": "GCF_000000009.2"}
    files = fetch_moss(path, successor=after.get)
    assert {file["status"] for file in files} == {"gone"}
    assert [file["detail"] for file in files] == [
        f"gone from {server.url.replace('://', '://***@')}none.gz?api_key=***; replaced by GCF_000000009.2",
        f"gone from {server.url}410.gz",
        "gone from its folder",
    ]


def test_a_local_file_that_changed_is_unreadable(elsewhere: tuple[RefSeqServer, Path]) -> None:
    server, path = elsewhere
    write_rows(path, ("local", "gff", "own.gff", str(server.root / "own.gff"), b"as it was"))
    (file,) = fetch_moss(path)
    assert file["status"] == "unreadable"
    assert re.match("MD5: expected [0-9a-f]{32} by the catalog, found", file["detail"])


def test_accessions_are_requested_from_nuccore(elsewhere: tuple[RefSeqServer, Path]) -> None:
    _, path = elsewhere
    asked = []

    def nuccore(accessions: Sequence[str], target: Path) -> list[str]:
        asked.append(list(accessions))
        target.write_bytes(b"LOCUS\n")
        return ["NC_000003.1", "NC_000001.1"]

    write_rows(path, ("nuccore", "gbff", "moss.1.genomic.gbff", "nuccore:NC_000001.1,NC_000002.1,NC_000003.1", None))
    files = fetch_moss(path, nuccore=nuccore, successor={"NC_000003.1": "NC_000003.2"}.get)
    assert asked == [["NC_000001.1", "NC_000002.1", "NC_000003.1"]]
    assert (files[0]["file"], files[0]["bytes"], files[0]["status"]) == ("moss.1.genomic.gbff", 6, "ok")
    gone = {"kind": "gbff", "bytes": None, "md5": None, "status": "gone"}
    assert files[1:] == [
        {"file": "NC_000001.1", "detail": "gone from nuccore", **gone},
        {"file": "NC_000003.1", "detail": "gone from nuccore; replaced by NC_000003.2", **gone},
    ]
    asked.clear()
    write_rows(path, ("nuccore", "gbff", "moss.1.genomic.gbff", "nuccore:NC_000001.1,NC_000003.1", None))
    files = fetch_moss(path, nuccore=nuccore)
    assert [(file["file"], file["status"]) for file in files] == [
        ("moss.1.genomic.gbff", "gone"), ("NC_000001.1", "gone"), ("NC_000003.1", "gone"),
    ]  # fmt: skip
    with pytest.raises(UsageError, match=r"part moss\.1: expected access to nuccore"):
        fetch_moss(path)


@pytest.mark.parametrize("column", ["file", "division"])
def test_a_part_with_contradictory_rows_is_refused(release: Release, column: str) -> None:
    text = release.catalog.read_text()
    changed = (
        text.replace(f"\t{FILES[1]}\t", f"\t{FASTA}\t")
        if column == "file"
        else text.replace("\tviral\t", "\tplant\t", 3)
    )
    release.catalog.write_text(changed)
    with pytest.raises(CorpusError, match=rf"catalog\.tsv: part viral\.2: expected . .*{column[0]}"):
        release.fetch()


def test_no_progress_bar_without_a_terminal(release: Release, capfd: pytest.CaptureFixture[str]) -> None:
    release.fetch()
    assert capfd.readouterr() == ("", "")


@pytest.mark.mirror
@BOTH
@pytest.mark.parametrize("division", ["viral", "mitochondrion", "archaea"])
def test_real_parts(mirror: Path, tmp_path: Path, division: str, remote: bool) -> None:
    listed = tmp_path / "catalog.tsv"
    write_catalog(str(mirror), division, listed, 1 << 30)
    with serve(mirror) as server:
        for part, rows in each(parts_of(read_parts(listed)).items()):
            out = tmp_path / part
            fetch_part(server.url if remote else str(mirror), listed, part, out, QUICK)
            files = json.loads((out / "part.json").read_text())["files"]
            assert [(f["file"], str(f["bytes"]), f["md5"], f["status"]) for f in files] == [
                (row["file"], row["bytes"], row["md5"], "ok") for row in rows
            ]
            for row in each(rows):
                place = out / row["file"]
                assert place.is_symlink() != remote
                assert hashlib.md5(place.read_bytes()).hexdigest() == row["md5"]


def test_a_connection_that_breaks_often_but_progresses_is_kept(tmp_path):
    content = gzip.compress(random.Random(1).randbytes(9 << 20), compresslevel=0, mtime=0)
    with serve(write_release(tmp_path / "release", {"viral.1.genomic.gbff.gz": content})) as server:
        write_catalog(str(server.root), "viral", tmp_path / "catalog.tsv", 1 << 30)
        server.fault("gbff", send=(1 << 20) + 1, times=8)
        fetch_part(
            server.url, tmp_path / "catalog.tsv", "viral.1", tmp_path / "out", Policy(attempts=2, first_wait=0.0)
        )
    assert (tmp_path / "out" / "viral.1.genomic.gbff.gz").read_bytes() == content


def test_a_connection_without_progress_is_given_up(tmp_path):
    content = random.Random(1).randbytes(1 << 20)
    with serve(write_release(tmp_path / "release", {"viral.1.genomic.gbff.gz": content})) as server:
        write_catalog(str(server.root), "viral", tmp_path / "catalog.tsv", 1 << 30)
        server.fault("gbff", send=1000, times=10**6)
        with pytest.raises(RemoteError, match="last of 3 attempts"):
            fetch_part(server.url, tmp_path / "catalog.tsv", "viral.1", tmp_path / "out", QUICK)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("file", ["part.json", "PART.json", ".part.json.tmp-host-1", "own.gff"])
def test_no_catalog_writes_through_a_link(elsewhere: tuple[RefSeqServer, Path], file: str) -> None:
    server, path = elsewhere
    victim = server.root / "own.gff"
    before = victim.read_bytes()
    write_rows(path, ("local", "gff", file, str(victim), None))
    if file == "own.gff":
        fetch_moss(path)
    else:
        with pytest.raises(CorpusError, match="expected a plain file name without folders"):
            fetch_moss(path)
        assert not (path.parent / "raw").exists()
    assert victim.read_bytes() == before


def test_the_mirror_gives_a_catalog_no_file_outside_it(release: Release) -> None:
    victim = release.root.parent / "victim"
    victim.write_text("precious")
    text = release.catalog.read_text().replace(f"viral/{FLAT}", "../victim")
    release.catalog.write_text(text)
    with pytest.raises(CorpusError, match=r"expected a path inside the mirror, found '\.\./victim'"):
        release.fetch(remote=False)
    assert victim.read_text() == "precious"
    assert not release.out.exists()


FOUND_MORE = "size: expected {} bytes by the catalog, found more"


@WITH_SUMS
def test_a_download_stops_beyond_the_size_in_the_catalog(release: Release) -> None:
    release.server.fault(FLAT, method="GET", endless=True, times=2)
    file = status(release.fetch(), FLAT)
    assert (file["status"], file["bytes"], file["md5"]) == ("unreadable", None, None)
    assert file["detail"] == FOUND_MORE.format(len(VIRAL[FLAT]))
    sent = [request.sent for request in release.server.log if FLAT in request.path and request.method == "GET"]
    assert len(sent) == 2
    assert all(amount < len(VIRAL[FLAT]) + (16 << 20) for amount in sent)
    assert names(release.out) == sorted([*set(FILES) - {FLAT}, "part.json"])
    assert not list(release.out.parent.glob(".*"))


def test_an_endless_file_that_ends_at_the_second_try_is_right(release: Release) -> None:
    release.server.fault(FLAT, method="GET", endless=True)
    assert status(release.fetch(), FLAT)["status"] == "ok"


def test_one_byte_more_than_the_catalog_states_is_wrong(elsewhere: tuple[RefSeqServer, Path]) -> None:
    server, path = elsewhere
    content = (server.root / "own.gff").read_bytes()
    write_rows(path, ("assemblies", "gff", "own.gff", f"{server.url}own.gff", content))
    text = path.read_text()
    path.write_text(text.replace(f"\t{len(content)}\t", f"\t{len(content) - 1}\t"))
    (file,) = fetch_moss(path)
    assert (file["status"], file["detail"]) == ("unreadable", FOUND_MORE.format(len(content) - 1))
    path.write_text(text)
    (file,) = fetch_moss(path)
    assert file["status"] == "ok"


def test_what_an_earlier_run_left_beyond_the_size_is_discarded(release: Release) -> None:
    url = f"{release.server.url}viral/{FLAT}"
    left = Partials(release.out).file(FLAT, url)
    left.start_over('"a tag"')
    left.extend([bytes(len(VIRAL[FLAT]) + 1)], lambda _: None)
    assert status(release.fetch(), FLAT)["status"] == "ok"
    (request,) = [request for request in release.server.log if FLAT in request.path]
    assert "Range" not in request.headers


def test_a_file_of_unstated_size_has_a_limit(
    elsewhere: tuple[RefSeqServer, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, path = elsewhere
    lower(monkeypatch, "UNSTATED_DOWNLOAD", 1 << 20)
    write_rows(path, ("assemblies", "gff", "own.gff", f"{server.url}own.gff", None))
    server.fault("own.gff", endless=True)
    with pytest.raises(RemoteError, match=r"own\.gff: expected at most 1,048,576 bytes .*, found more"):
        fetch_moss(path)
    assert not [left for left in (path.parent / "raw").rglob("*") if left.is_file() and left.stat().st_size > 1000]
    (file,) = fetch_moss(path)
    assert file["status"] == "ok"


def test_local_files_are_labelled_by_the_whole_catalog(tmp_path: Path) -> None:
    rows = []
    for number, name in enumerate(("a/contigs.fna", "b/contigs.fna", "c/own.fna"), 1):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(f">contig_1\n{'ACGT' * number}\n")
        row = {"release": "local", "division": "mine", "part": f"mine.{number}", "group": "0", "kind": "fna"}
        row |= {"file": path.name, "url": str(path), "bytes": str(path.stat().st_size)}
        rows.append(row | {"md5": hashlib.md5(path.read_bytes()).hexdigest()})
    catalog = tmp_path / "mine.tsv"
    catalog.write_text(
        "".join("\t".join(line) + "\n" for line in [COLUMNS, *([row[c] for c in COLUMNS] for row in rows)])
    )
    labels = []
    for row in rows:
        fetch_part("none", catalog, row["part"], tmp_path / row["part"], QUICK)
        labels.append(json.loads((tmp_path / row["part"] / "part.json").read_text())["labels"])
    first, second = (f"contigs-{row['md5'][:8]}" for row in rows[:2])
    assert labels == [{"contigs.fna": first}, {"contigs.fna": second}, {"own.fna": "own"}]

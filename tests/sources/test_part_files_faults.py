"""Fetch against a hostile network: seeded random faults, and a process that is killed."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.servers.refseq import RefSeqServer, serve
from support.servers.releases import write_release

from dnacorpus.errors import RemoteError
from dnacorpus.sources.http import Policy
from dnacorpus.sources.part_files import fetch_part
from dnacorpus.sources.release_catalog import write_catalog

POLICY = Policy(attempts=4, first_wait=0.0, read=0.15)
MAGIC = b"\x1f\x8b"
FILES = {
    name: MAGIC + random.Random(name).randbytes(200_000 + 30_000 * place)
    for place, name in enumerate(
        ["viral.1.genomic.gbff.gz", "viral.1.1.genomic.fna.gz", "viral.1.2.genomic.fna.gz", "viral.1.3.genomic.fna.gz"]
    )
}


class World:
    """A release and its server, a catalog, and one place to fetch to."""

    def __init__(self, folder: Path, server: RefSeqServer) -> None:
        self.folder, self.server = folder, server
        self.out = folder / "raw" / "viral" / "viral.1"
        write_catalog(str(server.root), "viral", folder / "catalog.tsv", 1 << 30)

    def fetch(self) -> list[dict[str, str]]:
        fetch_part(self.server.url, self.folder / "catalog.tsv", "viral.1", self.out, POLICY)
        files: list[dict[str, str]] = json.loads((self.out / "part.json").read_text())["files"]
        return files


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RefSeqServer]:
    with serve(write_release(tmp_path_factory.mktemp("hostile") / "release", FILES)) as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, server: RefSeqServer) -> World:
    server.faults.clear()
    server.releases.clear()
    server.log.clear()
    return World(tmp_path, server)


def fault(dice: random.Random) -> dict[str, object]:
    """Return one fault that a server may have with a file."""
    send = dice.randrange(100_000)
    kind: dict[str, object] = dice.choice(
        [
            {"status": dice.choice([403, 408, 500, 502, 503])},
            {"status": dice.choice([429, 503]), "retry_after": "0"},
            {"send": send},
            {"send": send, "reset": True},
            {"send": send, "drop": ("ETag", "Last-Modified")},
            {"send": send, "drop": ("ETag",)},
            {"send": send, "drop": ("Content-Length",)},
            {"send": send, "headers": {"ETag": 'W/"weak"'}},
            {"corrupt": True},
            {"corrupt": True, "send": send},
            {"page": "text/html"},
            {"page": "application/x-gzip"},
            {"status": 404},
            {"headers": {"ETag": '"another node"'}},
        ]
    )
    return kind | {"times": dice.choice([1, 1, 1, 2, 5])}


@pytest.mark.parametrize("seed", range(100))
def test_every_byte_is_right_or_the_failure_is_clear(world: World, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(dice.randrange(1, 7)):
        world.server.fault(dice.choice(list(FILES)), method="GET", **fault(dice))
    if seed % 10 == 0:
        # Two of them end one attempt each; more would only take longer.
        world.server.fault(dice.choice(list(FILES)), send=dice.randrange(100_000), stall=True)
    if seed % 7 == 0:
        world.server.change_release("8", after=dice.randrange(9))
    # A failed job is run again, as Snakemake does; what was left by the first must not harm the second.
    for _ in range(3):
        try:
            files = world.fetch()
        except RemoteError:
            assert not world.out.exists()
            continue
        check(world.out, files)
        assert not list(world.out.parent.glob(".*"))
        return
    assert world.server.releases, "three runs in a row failed"


def check(out: Path, files: list[dict[str, str]]) -> None:
    """Check that what stands under a final name is the original, and that nothing else does."""
    right = {file["file"] for file in files if file["status"] == "ok"}
    assert {path.name for path in out.iterdir()} == right | {"part.json"}
    assert {file["file"] for file in files} == set(FILES)
    for file in files:
        if file["status"] == "ok":
            assert (out / file["file"]).read_bytes() == FILES[file["file"]]
            assert file["md5"] == hashlib.md5(FILES[file["file"]]).hexdigest()
        else:
            assert file["status"] == "unreadable"
            assert "expected" in file["detail"]


def test_the_faults_are_not_all_harmless_nor_all_fatal(tmp_path: Path) -> None:
    kinds = [fault(random.Random(seed)) for seed in range(100)]
    for name in ("status", "send", "corrupt", "page", "drop", "headers"):
        assert sum(name in kind for kind in kinds) > 5


def size_left(out: Path) -> int:
    """Return the bytes that have arrived in the partial folder."""
    folder = out.parent / f".{out.name}.partial"
    return sum(path.stat().st_size for path in folder.glob("*") if path.suffix != ".json")


def command(world: World) -> list[str]:
    verb = [sys.executable, "-m", "dnacorpus", "fetch", "--mirror", world.server.url]
    return [*verb, "--catalog", str(world.folder / "catalog.tsv"), "--part", "viral.1", "--out", str(world.out)]


@pytest.mark.parametrize("share", [0.1, 0.6])
def test_a_killed_fetch_resumes_with_the_missing_bytes(world: World, share: float) -> None:
    total = sum(len(content) for content in FILES.values())
    world.server.fault("genomic", slow=0.02, times=99)
    with subprocess.Popen(command(world), stderr=subprocess.PIPE) as first:
        deadline = time.monotonic() + 30
        while size_left(world.out) < share * total:
            assert first.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.005)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    assert not world.out.exists()
    left = size_left(world.out)
    assert share * total <= left < total
    world.server.faults.clear()
    world.server.log.clear()
    second = subprocess.run(command(world), capture_output=True, check=True, text=True)
    assert "already here" in second.stderr
    asked = [request for request in world.server.log if "genomic" in request.path]
    assert sum(request.sent for request in asked) == total - left
    check(world.out, json.loads((world.out / "part.json").read_text())["files"])
    assert [path.name for path in world.out.parent.iterdir()] == ["viral.1"]


def test_a_command_that_fails_ends_with_its_code(world: World) -> None:
    world.server.change_release("8")
    run = subprocess.run(command(world), capture_output=True, check=False, text=True)
    assert run.returncode == 3
    assert run.stderr.count("\n") == 1
    assert "release changed: expected 7 by the catalog, found 8" in run.stderr
    assert not world.out.exists()

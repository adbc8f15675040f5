"""Verbs that are killed or interrupted anywhere: no half-written file under a final name, and the next run is whole."""

import random
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.each import each
from support.hubverbs import content, held
from support.kills import killed, started
from support.madedataset import genes, write_dataset
from support.servers.hub import HubServer

from dnacorpus.cli.main import main

REPO = "tester/corpus"
MOMENTS = 20
Verb = list[object]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("kills") / "dataset", genes(species=8))


def final(folder: Path) -> dict[str, bytes]:
    """Return path -> bytes of the files below a folder that are not under a temporary name."""
    found = content(folder) if folder.exists() else {}
    return {path: data for path, data in found.items() if not any(part.startswith(".") for part in Path(path).parts)}


def moments(seed: str, whole: Mapping[str, bytes], changes: int) -> list[dict[str, int]]:
    """Return seeded moments: half of them up to that many changes to files, half sizes that no file can exceed."""
    draw, largest = random.Random(seed), max(map(len, whole.values()))
    return [
        {"moment": draw.randint(1, changes)} if number % 2 else {"size": draw.randrange(1, largest)}
        for number in range(MOMENTS)
    ]


def check_kills(verb: Verb, out: Path, *, changes: int = 40, compared: str = "") -> None:
    """Kill a verb that writes ``out`` at each moment, and compare what is there, then the next run, with a whole run.

    Only files whose names end with ``compared`` have the same bytes in every run.
    """
    assert main([str(word) for word in verb]) == 0
    whole = final(out)
    ends = []
    for moment in each(moments(str(verb[0]), whole, changes)):
        shutil.rmtree(out)
        ends.append(killed(verb, out.parent, **moment).returncode)
        found = final(out)
        assert found.keys() <= whole.keys(), moment
        assert differing(found, whole, compared) == set(), moment
        assert main([str(word) for word in verb]) == 0, moment
        assert final(out).keys() == whole.keys(), moment
        assert differing(final(out), whole, compared) == set(), moment
        assert [path.name for path in out.rglob(".*")] == [], moment
        assert [path.name for path in out.parent.glob(".*")] == [], moment
    assert {-signal.SIGKILL, -signal.SIGXFSZ} <= set(ends) <= {0, -signal.SIGKILL, -signal.SIGXFSZ}


def differing(found: Mapping[str, bytes], whole: Mapping[str, bytes], compared: str) -> set[str]:
    """Return the paths that end with ``compared`` of the files with other bytes than in a whole run."""
    return {path for path, data in found.items() if path.endswith(compared) and data != whole[path]}


def test_documents_that_is_killed_leaves_whole_files_and_goes_on(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    check_kills(["documents", dataset, "--out", out, "--limit", 3, "-q"], out)


def test_pull_that_is_killed_leaves_whole_files_and_goes_on(
    small_datasets: dict[str, Path], hub_server: HubServer, tmp_path: Path
) -> None:
    hub_server.put(REPO, {".gitattributes": b""} | content(small_datasets["second"]))
    out = tmp_path / "pulled"
    check_kills(["pull", REPO, out, "-q"], out)


def test_validate_that_is_killed_leaves_whole_files_and_goes_on(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    check_kills(["validate", dataset, "--out", out, "--preset", "off", "-q"], out, changes=10, compared="curve.svg")


def test_publish_that_is_killed_leaves_one_commit_of_all_files_or_none(
    small_datasets: dict[str, Path], hub_server: HubServer, tmp_path: Path
) -> None:
    whole = small_datasets["second"]
    verb: Verb = ["publish", whole, "--repo", REPO, "-q"]
    assert main([str(word) for word in verb]) == 0
    requests = len(hub_server.log)
    tags = set(hub_server.repositories[REPO].tags)
    draw = random.Random("publish")
    ends = []
    for _ in range(MOMENTS):
        hub_server.repositories.clear()
        hub_server.objects.clear()
        with started(verb) as process:
            hub_server.fault("/", after=draw.randrange(requests), then=process.kill)
            ends.append(process.wait())
        hub_server.faults.clear()
        there = held(hub_server, REPO) if REPO in hub_server.repositories else {}
        assert there in ({}, content(whole))
        assert main([str(word) for word in verb]) == 0
        assert held(hub_server, REPO) == content(whole)
        assert set(hub_server.repositories[REPO].tags) == tags
        assert len([commit for commit in hub_server.repositories[REPO].commits if len(commit.files) > 1]) == 1
    assert set(ends) <= {0, -signal.SIGKILL}
    assert ends.count(-signal.SIGKILL) > MOMENTS / 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", [1, 4, 9])
def test_an_interrupted_verb_says_one_line_and_leaves_nothing(
    dataset: Path, tmp_path: Path, number: signal.Signals, moment: int
) -> None:
    out = tmp_path / "out"
    done = killed(["documents", dataset, "--out", out, "--limit", 3, "-q"], out, moment=moment, number=number)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, "", "dnacorpus documents: interrupted\n")
    assert not (out / "view.json").exists()
    assert [path.name for path in out.rglob(".*")] == []

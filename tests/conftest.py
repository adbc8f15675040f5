"""Fixtures of all tests: the real mirror if present, the command line in process, a build, a stand-in for the Hub."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support.servers.hub import HubServer, serve
from support.stages import build, release

from dnacorpus.cli.main import main

if "CI" not in os.environ:  # there hypothesis has a profile of its own, without deadlines too
    settings.register_profile("dnacorpus", deadline=None)
    settings.load_profile("dnacorpus")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The release folder of the real mirror: $DNACORPUS_MIRROR, else ../shared/data/release."""
    path = Path(os.environ.get("DNACORPUS_MIRROR", REPOSITORY.parent / "shared" / "data" / "release"))
    if not (path / "RELEASE_NUMBER").is_file():
        pytest.skip(f"no real mirror at {path}; set DNACORPUS_MIRROR to a folder in RefSeq release layout")
    return path.resolve()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a `dnacorpus` command line and return exit code, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder of one build of `stages.texts`, made in process; copy what a test is to change."""
    folder = tmp_path_factory.mktemp("built")
    build(folder / "results", release(folder / "mirror"))
    return folder / "results"


@pytest.fixture
def hub_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """An empty stand-in for the Hub, named by HF_ENDPOINT; its lists of files come in pages of 7."""
    with serve(page=7) as running:
        for name, value in running.environment(tmp_path / "home").items():
            monkeypatch.setenv(name, value)
        # The client reads this one when it is imported.
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
        yield running


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the code under test asked to sleep; it does not sleep."""
    recorded: list[float] = []
    monkeypatch.setattr(time, "sleep", recorded.append)
    return recorded

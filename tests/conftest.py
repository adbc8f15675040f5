"""Fixtures of all tests: the real mirror if present, the command line in process, a build, a stand-in for the Hub."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support.repository import REPOSITORY
from support.servers.hub import HubServer, serve
from support.smalldataset import small_dataset
from support.stages import build, release

from dnacorpus.cli.main import main

# In CI hypothesis tries the same examples each time, by a profile of its own; `make nightly` tries others, and more.
settings.register_profile("dnacorpus", deadline=None)
settings.register_profile("nightly", deadline=None, derandomize=False, max_examples=500, print_blob=True)
if profile := os.environ.get("HYPOTHESIS_PROFILE", "" if "CI" in os.environ else "dnacorpus"):
    settings.load_profile(profile)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, those that run the workflow or read the real mirror, so that no worker ends alone.

    The workers take whole files in this order (`--dist loadfile --no-loadscope-reorder`), so that each fixture of a
    module is made once.
    """
    length: dict[Path, int] = {}
    for item in items:
        marked = 2 * (item.get_closest_marker("workflow") is not None) + (item.get_closest_marker("mirror") is not None)
        length[item.path] = max(length.get(item.path, 0), marked)
    items.sort(key=lambda item: -length[item.path])


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The release folder of the real mirror: $DNACORPUS_MIRROR, else ../shared/data/release."""
    path = Path(os.environ.get("DNACORPUS_MIRROR", REPOSITORY.parent / "shared" / "data" / "release"))
    if not (path / "RELEASE_NUMBER").is_file():
        pytest.skip(f"no real mirror at {path}; set DNACORPUS_MIRROR to a folder in RefSeq release layout")
    return path.resolve()


@pytest.fixture(scope="session")
def shared(mirror: Path) -> Path:
    """The folder of the real mirror, with odd records and files of other tools beside it."""
    if not (mirror.parent / "odd").is_dir():
        pytest.skip(f"no odd records beside {mirror}")
    return mirror.parent


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


@pytest.fixture(scope="session")
def small_datasets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two small datasets, the second of fewer divisions; copy what a test is to change."""
    folder = tmp_path_factory.mktemp("small")
    return {
        "first": small_dataset(folder / "first"),
        "second": small_dataset(folder / "second", ("plastid", "viral")),
    }


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

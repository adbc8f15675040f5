"""What all tests share: the real mirror, where there is one, and the command line run in process."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
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

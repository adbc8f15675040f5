"""The wheel: it holds its data files, and those who use a dataset need neither the repository nor the extra `build`."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from support.repository import REPOSITORY
from support.servers.hub import serve
from support.workflow import environment

pytestmark = pytest.mark.workflow

ABSENT = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {modules!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of the files of the repository that are not ignored, built offline."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, folder)
    shutil.copytree(
        REPOSITORY / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )  # a build writes beside its source
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    flags = ["--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "wheel", "-q", *flags, "-w", "dist", "."], cwd=folder, check=True)
    (path,) = (folder / "dist").glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel) -> Path:
    """The wheel in a folder of its own, from which none of the packages of the extra `build` can be imported."""
    folder = wheel.parent.parent / "installed"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--target", folder, wheel], check=True)
    with open(REPOSITORY / "pyproject.toml", "rb") as file:
        extra = tomllib.load(file)["project"]["optional-dependencies"]["build"]
    names = {re.split(r"[\[>]", requirement)[0] for requirement in extra} - {
        "typing_extensions"
    }  # the Hub client needs it
    modules = {module for module, found in packages_distributions().items() if names & set(found)}
    assert {"Bio", "gb_io", "snakemake", "sourmash"} <= modules
    (folder / "sitecustomize.py").write_text(ABSENT.format(modules=modules))
    return folder


@pytest.fixture
def verb(installed, tmp_path):
    """Run `dnacorpus` of the wheel in an empty folder."""

    def run(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        program = "import dnacorpus, sys; from dnacorpus.cli.main import main; sys.exit(main(sys.argv[1:]))"
        env = {**environment(), **variables, "PYTHONPATH": str(installed)}
        return subprocess.run(
            [sys.executable, "-c", program, *map(str, arguments)],
            cwd=tmp_path, capture_output=True, text=True, check=False, env=env,
        )  # fmt: skip

    return run


def test_the_wheel_holds_every_data_file_of_the_package(wheel):
    held = set(ZipFile(wheel).namelist())
    sources = REPOSITORY / "src"
    files = {path.relative_to(sources).as_posix() for path in (sources / "dnacorpus").rglob("*") if path.is_file()}
    wanted = {name for name in files if "__pycache__" not in name}
    assert "dnacorpus/text/templates.toml" in wanted
    assert wanted <= held, sorted(wanted - held)
    assert not [name for name in held if name.startswith(("tests/", "workflow/"))]


def test_the_verbs_of_a_datasets_users_run(built, verb, tmp_path):
    dataset = tmp_path / "dataset"
    shutil.copytree(built / "dataset", dataset)
    row = pl.read_parquet(dataset / "data" / "pairs" / "*" / "train-*.parquet").row(0, named=True)
    where = f"{row['accession']}:1-50"
    for arguments in (
        ["--help"],
        ["pull", "--help"],
        ["verify", dataset],
        ["where", dataset, where],
        ["explain", dataset, row["pair_id"]],
        ["documents", dataset, "--out", "documents"],
        ["report", dataset, "--out", "report"],
        ["find", built, "--gene", "abc1"],
    ):
        done = verb(*arguments)
        assert done.returncode == 0, (arguments, done.stderr)
    assert (tmp_path / "documents").is_dir()
    assert "<html" in (tmp_path / "report" / "index.html").read_text()
    assert row["accession"] in verb("where", dataset, where).stdout


def test_publish_and_pull_run(built, verb, tmp_path):
    shutil.copytree(built / "dataset", tmp_path / "dataset")
    with serve() as hub:
        variables = {key: str(value) for key, value in hub.environment(home=tmp_path).items()}
        sent = verb("publish", "dataset", "--repo", "tester/corpus", **variables)
        assert sent.returncode == 0, sent.stderr
        got = verb("pull", "tester/corpus", "pulled", **variables)
        assert got.returncode == 0, got.stderr
    assert verb("verify", "pulled").returncode == 0


def test_a_stage_names_the_extra_that_it_needs(built, verb):
    done = verb("simulate", "simulated", "--bases", "100000", "--seed", "1")
    assert done.returncode == 2
    done = verb("sketch", "--build", built, "--division", "viral", "--group", "00000", "--out", "sketch")
    assert done.returncode == 2
    assert "pip install '.[build]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_package_of_the_wheel_is_what_runs(installed, tmp_path):
    program = "import dnacorpus; print(dnacorpus.__file__)"
    env = {**environment(), "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True, env=env
    )
    assert done.stdout.startswith(f"{installed}{os.sep}")

"""Damaged datasets: every command that reads one ends with exit code 0, or with a short message and another code."""

import contextlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.fuzzing import JSON, TEXT, HangError, bounded, damaged, examples
from support.restated import odd_value, restate

from dnacorpus.cli.main import main
from dnacorpus.dataset import manifest

ACCESSION = "NC_000100.1"
COMMANDS: dict[str, Callable[[Path, Path], list[object]]] = {
    "documents": lambda dataset, out: ["documents", dataset, "--out", out, "-q"],
    "explain": lambda dataset, _: ["explain", dataset, PAIR[dataset]],
    "find": lambda dataset, _: ["find", dataset, "--gene", "abc1"],
    "report": lambda dataset, out: ["report", dataset, "--out", out, "-q"],
    "verify": lambda dataset, _: ["verify", dataset],
    "where": lambda dataset, _: ["where", dataset, ACCESSION, "Arabidopsis thaliana"],
}
MOST_LINES = 30
PAIR: dict[Path, str] = {}
"""A pair_id of each dataset."""


@pytest.fixture(scope="module")
def dataset(small_datasets: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = Path(shutil.copytree(small_datasets["first"], tmp_path_factory.mktemp("dataset") / "copy"))
    PAIR[copy] = pq.read_table(min((copy / "data" / "pairs").rglob("*.parquet")))["pair_id"][0].as_py()
    return copy


def run(command: str, dataset: Path) -> int:
    """Run a command on a dataset; check that it ends in time, by itself, and with a few lines if it fails."""
    out = dataset.parent / "out"
    shutil.rmtree(out, ignore_errors=True)
    printed, complaints = io.StringIO(), io.StringIO()
    with bounded(), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complaints):
        try:
            code = main([str(argument) for argument in COMMANDS[command](dataset, out)])
        except SystemExit as stop:
            code = int(stop.code or 0)
    message = complaints.getvalue()
    assert "Traceback" not in message
    if code:
        assert printed.getvalue() + message, f"{command} failed without a message"
        assert message.count("\n") <= MOST_LINES, message
    return code


def test_the_undamaged_dataset_is_read_by_all_commands(dataset: Path) -> None:
    for command in each(COMMANDS):
        assert run(command, dataset) == 0


@examples(300)
@given(data=st.data())
def test_a_damaged_manifest(dataset: Path, data: st.DataObject) -> None:
    content = data.draw(damaged([(dataset / manifest.MANIFEST).read_bytes()], JSON))
    with bounded():
        manifest.parse(content, "manifest.json")


@pytest.mark.parametrize("command", sorted(COMMANDS))
@examples(15)
@given(data=st.data())
def test_a_command_on_a_damaged_manifest(dataset: Path, command: str, data: st.DataObject) -> None:
    with replaced(dataset / manifest.MANIFEST, data, JSON):
        run(command, dataset)


@pytest.mark.parametrize("command", sorted(COMMANDS))
@examples(15)
@given(data=st.data())
def test_a_command_on_a_damaged_file_of_the_dataset(dataset: Path, command: str, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(dataset.rglob("*.parquet"))))
    with replaced(path, data, TEXT):
        code = run(command, dataset)
    assert command != "verify" or code == 1


@pytest.mark.parametrize("command", sorted(COMMANDS))
@examples(15)
@given(data=st.data())
def test_a_command_on_a_damaged_file_that_the_manifest_states(dataset: Path, command: str, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(dataset.rglob("*.parquet"))))
    with kept(dataset / manifest.MANIFEST), replaced(path, data, TEXT):
        restate(dataset, path)
        run(command, dataset)


@pytest.mark.parametrize("command", sorted(COMMANDS))
@examples(60)
@given(data=st.data())
def test_a_command_on_a_table_with_one_odd_value(dataset: Path, command: str, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in sorted(dataset.rglob("*.parquet")) if rows_of(path)]))
    with kept(dataset / manifest.MANIFEST), kept(path):
        odd_value(Random(data.draw(st.integers(0, 2**32 - 1))), path)
        restate(dataset, path)
        run(command, dataset)


def rows_of(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)


@contextlib.contextmanager
def kept(path: Path):
    """Write a file back as it was at the end."""
    before = path.read_bytes()
    try:
        yield
    finally:
        path.write_bytes(before)


@contextlib.contextmanager
def replaced(path: Path, data: st.DataObject, mutations: dict):
    """Damage a file for a while; damage that leaves the bytes as they were is not used."""
    with kept(path):
        before = path.read_bytes()
        path.write_bytes(data.draw(damaged([before], mutations).filter(lambda content: content != before)))
        yield


def test_a_reader_without_end_is_stopped() -> None:
    with pytest.raises(HangError), bounded():
        while True:
            pass

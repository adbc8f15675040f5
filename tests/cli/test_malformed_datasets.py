"""Every verb that reads a dataset, given one whose manifest, index or shards somebody has changed: one line."""

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.each import each
from support.hubverbs import content
from support.mutations import flip, truncate
from support.restated import change_rows, odd_value, restate
from support.servers.hub import HubServer, serve

from dnacorpus.cli.main import main

REPO = "tester/corpus"
Run = Callable[..., tuple[int, str, str]]
ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 5, 1.5, 1 << 70, float("inf"), float("nan"), "", "x", "abc", [], ["a"], [None], [{"x": 1}], {},
    {"a": None}, "../outside", "/etc/passwd", "a\x1b[2J", "\ud800", "manifest.json", "pull.json/x", "README.md/x",
    "data", "٣",
)  # fmt: skip
SHARD = "data/pairs/viral/train-00000-of-00001.parquet"


@pytest.fixture(scope="module")
def whole(small_datasets: dict[str, Path]) -> Path:
    return small_datasets["second"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    with serve() as running, pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment(tmp_path_factory.mktemp("home")).items():
            patch.setenv(name, value)
        patch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
        yield running


@pytest.fixture
def dataset(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "dataset")


def pair_id(whole: Path) -> str:
    return str(pl.read_parquet(whole / SHARD)["pair_id"][0])


def verbs(dataset: Path, out: Path, pair: str) -> list[list[object]]:
    """Return a command line of each verb that reads a dataset folder."""
    return [
        ["verify", dataset],
        ["where", dataset, "NC_000001.1", "9606", "nothing", "ACGT" * 10],
        ["find", dataset, "--limit", 2],
        ["explain", dataset, pair],
        ["documents", dataset, "--out", out / "documents", "--limit", 2, "-q"],
        ["report", dataset, "--out", out / "report"],
        ["validate", dataset, "--out", out / "validate", "--preset", "off"],
        ["publish", dataset, "--repo", REPO, "-q"],
    ]


def assert_plain(arguments: list[object], capsys: pytest.CaptureFixture[str]) -> int:
    """Run a verb, and check that it ends with a documented code, and with lines of its own if that is not 0."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    _, errors = capsys.readouterr()
    assert code in {0, 1, 2, 3}, arguments
    if code:
        own = [line for line in errors.splitlines() if line.startswith(f"dnacorpus {arguments[0]}: ")]
        assert own, (arguments, errors)
        assert arguments[0] == "verify" or len(own) == 1, errors
        assert all(map(str.isprintable, own)), errors
    return code


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a JSON value with another one at a path; without the key if ``new`` is the marker."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    copy = dict(value) if isinstance(value, dict) else list(value)
    if not rest and new is REMOVED:
        del copy[step]
    else:
        copy[step] = replaced(copy[step], rest, new)
    return copy


REMOVED = object()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all values inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield (*path, step)
        yield from places(inner, (*path, step))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 32), new=st.sampled_from((*ODD_VALUES, REMOVED)), depth=st.integers(0, 3))
def test_a_changed_manifest_is_one_line_in_every_verb(
    *, whole: Path, hub: HubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int, new: Any, depth: int
) -> None:
    document = json.loads((whole / "manifest.json").read_bytes())
    chosen = [place for place in places(document) if len(place) <= depth + 1]
    changed = replaced(document, random.Random(seed).choice(chosen), new)
    check_everywhere(json.dumps(changed).encode(), whole, hub, tmp_path, capsys)


@pytest.mark.parametrize(
    "manifest",
    [b"", b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b'{"format": Infinity}', b"null", b"[]", b"5"],
    ids=lambda manifest: manifest[:12].decode("latin-1"),
)
def test_what_is_no_manifest_is_one_line_in_every_verb(
    whole: Path, hub: HubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], manifest: bytes
) -> None:
    check_everywhere(manifest, whole, hub, tmp_path, capsys)


def check_everywhere(
    manifest: bytes, whole: Path, hub: HubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Check every verb on a copy of a dataset with another manifest, in a folder and on the Hub."""
    work = tmp_path / "work"
    shutil.rmtree(work, ignore_errors=True)
    dataset = shutil.copytree(whole, work / "dataset", copy_function=os.link)
    (dataset / "manifest.json").unlink()
    (dataset / "manifest.json").write_bytes(manifest)
    pair = pair_id(whole)
    hub.repositories.clear()
    codes = [assert_plain(arguments, capsys) for arguments in verbs(dataset, work, pair)]
    hub.put(REPO, {".gitattributes": b""} | content(dataset))
    codes += [assert_plain(["pull", REPO, work / "pulled", "-q"], capsys)]
    codes += [assert_plain(["where", REPO, "nothing"], capsys)]
    codes += [assert_plain(["pull", REPO, dataset, "-q"], capsys)]
    assert len(each(codes)) == 11
    outside = {path.name for path in work.iterdir()}
    assert outside <= {"dataset", "documents", "report", "validate", "pulled"}


TABLES = ("index/accessions.parquet", "index/digests.parquet", "index/taxa.parquet", "ledger.parquet", SHARD,
    "data/records/viral/train-00000-of-00001.parquet", "data/features/viral/train-00000-of-00001.parquet")  # fmt: skip


def nulls(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist([{}] * table.num_rows, schema=table.schema), path)


def texts(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(pa.table({name: ["../../x"] * table.num_rows for name in table.column_names}), path)


def renamed(path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), path)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(truncate(random.Random(1), path.read_bytes()))


def flipped(path: Path) -> None:
    path.write_bytes(flip(random.Random(2), path.read_bytes()))


def rubbish(path: Path) -> None:
    path.write_bytes(b"PAR1" + b"\xff" * 100 + b"\xff\xff\xff\x7fPAR1")


@pytest.mark.parametrize("stated", [False, True], ids=["other sums", "right sums"])
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("change", [nulls, texts, renamed, empty, cut, flipped, rubbish])
def test_a_changed_table_is_one_line_in_every_verb(
    *, dataset: Path, hub: HubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str,
    change: Callable[[Path], None], stated: bool,
) -> None:  # fmt: skip
    pair = pair_id(dataset)
    change(dataset / name)
    if stated:
        restate(dataset, dataset / name)
    codes = codes_of_all(dataset, hub, tmp_path / "out", capsys, pair)
    # A bit may be flipped where no reader looks, which only the sums show.
    assert codes[0] == 1 or (stated and change is flipped)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 1 << 32), name=st.sampled_from(TABLES))
def test_an_odd_value_that_the_manifest_states_is_one_line_in_every_verb(
    *, whole: Path, hub: HubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int, name: str
) -> None:
    work = tmp_path / "work"
    shutil.rmtree(work, ignore_errors=True)
    dataset = shutil.copytree(whole, work / "dataset")
    odd_value(random.Random(seed), dataset / name)
    restate(dataset, dataset / name)
    codes_of_all(dataset, hub, work / "out", capsys, pair_id(whole))


@pytest.mark.parametrize(
    ("verb", "name", "values"),
    [
        ("find", SHARD.replace("pairs", "features"), {"strand": None}),
        ("find", SHARD.replace("pairs", "features"), {"strand": 5}),
        ("find", SHARD.replace("pairs", "features"), {"kind": None}),
        ("documents", SHARD, {"start": -(2**63), "end": 2**63 - 1, "parts": []}),
        ("documents", SHARD, {"accession": None}),
    ],
)
def test_values_that_no_table_has_are_one_line(
    *, dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str, name: str, values: dict[str, Any]
) -> None:
    change_rows(dataset / name, lambda rows: [row.update(values) for row in rows])
    restate(dataset, dataset / name)
    (arguments,) = (line for line in verbs(dataset, tmp_path / "out", "") if line[0] == verb)
    assert assert_plain([one for one in arguments if one not in ("--limit", 2)], capsys) == 1


def codes_of_all(dataset: Path, hub: HubServer, out: Path, capsys: pytest.CaptureFixture[str], pair: str) -> list[int]:
    """Run every verb on a dataset, and where on it on the Hub; check each, and return the exit codes, verify first."""
    hub.repositories.clear()
    codes = [assert_plain(arguments, capsys) for arguments in verbs(dataset, out, pair)]
    hub.put(REPO, {".gitattributes": b""} | content(dataset))
    return [*codes, assert_plain(["where", REPO, "nothing", "NC_000001.1", "ACGT" * 10], capsys)]

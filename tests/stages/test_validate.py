"""The validate stage on made datasets: what it finds, what it writes, and what it says when it cannot."""

import dataclasses
import hashlib
import json
import math
import sys

import pytest
from support.each import each
from support.madedataset import genes, permuted, row, write_dataset

import dnacorpus.train
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.stages import validate
from dnacorpus.train import presets, run
from dnacorpus.train.data import encode_bases, span_of
from dnacorpus.train.markov import Markov

pytestmark = pytest.mark.training

FILES = {"metrics.json", "curve.csv", "curve.svg", "summary.txt"}
GAIN = {"value", "low", "high"}
UNMEASURED = ("device", "tokens_per_second", "parameters", "steps", "train_rows", "train_bases")


@pytest.fixture
def micro(monkeypatch) -> presets.Preset:
    """Make tiny a preset of a second."""
    preset = dataclasses.replace(
        presets.PRESETS["tiny"],
        layers=1,
        width=16,
        words=64,
        span=64,
        text=8,
        steps=12,
        batch=8,
        held_out=40,
        threads=1,
    )
    monkeypatch.setitem(presets.PRESETS, "tiny", preset)
    return preset


@pytest.fixture
def used(monkeypatch) -> list[tuple]:
    """Collect what each training run was given: train rows, held-out rows, outcome."""
    calls = []
    whole = run.train_and_measure

    def watched(preset, device, seed, train, held_out):
        outcome = whole(preset, device, seed, train, held_out)
        calls.append((train, held_out, outcome))
        return outcome

    monkeypatch.setattr(run, "train_and_measure", watched)
    return calls


def two_divisions(species: int = 8) -> list[tuple[str, dict]]:
    """Return the made genes, every third one as of a virus."""
    rows = enumerate(genes(species=species))
    return [(split, values | {"division": "viral"} if at % 3 == 0 else values) for at, (split, values) in rows]


def timeless(metrics: dict) -> dict:
    return {name: value for name, value in metrics.items() if name not in {"seconds", "tokens_per_second"}}


@pytest.mark.parametrize("seed", [0])
def test_text_that_names_the_family_makes_its_bases_cheaper(tmp_path, seed):
    metrics = validate.run(write_dataset(tmp_path / "d", genes(seed)), tmp_path / "v", "tiny", device="cpu")
    gain, shuffled = metrics["text_gain"], metrics["text_gain_shuffled"]
    assert 0 < gain["low"] < gain["value"] < gain["high"] < 0.5
    assert shuffled["high"] < gain["low"]
    assert shuffled["value"] < 0
    assert metrics["bits_per_base"]["overall"]["model"] < 1.9
    assert "makes a row cheaper by +0." in (tmp_path / "v" / "summary.txt").read_text()


def test_text_of_other_rows_gains_nothing(tmp_path):
    metrics = validate.run(write_dataset(tmp_path / "d", permuted(genes())), tmp_path / "v", "tiny", device="cpu")
    assert metrics["text_gain"]["low"] <= 0
    assert metrics["bits_per_base"]["overall"]["model_without_text"] < 1.9


def test_metrics_are_those_of_the_run_and_of_a_markov_model_of_train(tmp_path, micro, used):
    dataset, out = write_dataset(tmp_path / "d", two_divisions()), tmp_path / "v"
    metrics = validate.run(dataset, out, "auto", device="cpu")
    ((train, held_out, outcome),) = used
    assert json.loads((out / "metrics.json").read_text()) == metrics
    assert {path.name for path in out.iterdir()} == FILES
    assert metrics["preset"] == "tiny"
    assert metrics["device"] == "cpu"
    assert metrics["dataset"] == hashlib.sha256((dataset / "manifest.json").read_bytes()).hexdigest()
    assert (metrics["rows"], metrics["bases"]) == (40, 40 * 64) == (len(held_out), int(outcome.bases.sum()))
    assert metrics["train_rows"] == len(train)
    assert metrics["train_bases"] == sum(len(one.sequence) for one in train)
    assert set(metrics["bits_per_base"]) == {"overall", "bacteria", "viral"}
    chosen = metrics["bits_per_base"]["overall"]
    known = [encode_bases(one.sequence) for one in train]
    model = Markov(known, chosen["markov_order"], chosen["markov_weight"])
    for name, bits in each(metrics["bits_per_base"].items()):
        mine = [place for place, one in enumerate(held_out) if name in {"overall", one.division}]
        assert bits["model"] == pytest.approx(sum(outcome.own[mine]) / (64 * len(mine)), abs=1e-6)
        assert bits["model_without_text"] == pytest.approx(sum(outcome.without[mine]) / (64 * len(mine)), abs=1e-6)
        costs = [model.bits(span_of(held_out[place], 64, 0, 0)).sum() for place in mine]
        assert bits["markov"] == pytest.approx(sum(costs) / (64 * len(mine)), abs=1e-6)
        assert (bits["uniform"], bits["rows"]) == (2.0, len(mine))
    gains = {"text_gain": outcome.own, "text_gain_shuffled": outcome.other}
    for name, given in each(gains.items()):
        assert metrics[name]["value"] == pytest.approx((outcome.without - given).sum() / (40 * 64), abs=1e-6)


def test_held_out_rows_are_validation_and_test_and_train_never_sees_them(tmp_path, micro, used):
    rows = two_divisions()
    validate.run(write_dataset(tmp_path / "d", rows), tmp_path / "v", "tiny", device="cpu")
    ((train, held_out, _),) = used
    split_of = {values["pair_id"]: split for split, values in rows}
    assert {split_of[one.pair_id] for one in train} == {"train"}
    assert {split_of[one.pair_id] for one in held_out} == {"validation", "test"}


def test_neither_the_order_of_the_files_nor_a_second_run_changes_anything(tmp_path, micro):
    dataset = write_dataset(tmp_path / "d", two_divisions())
    first = validate.run(dataset, tmp_path / "v", "tiny", device="cpu")
    curve = (tmp_path / "v" / "curve.svg").read_bytes()
    again = validate.run(dataset, tmp_path / "v", "tiny", device="cpu")
    assert timeless(first) == timeless(again)
    assert (tmp_path / "v" / "curve.svg").read_bytes() == curve
    manifest = json.loads((dataset / "manifest.json").read_text())
    manifest["files"].reverse()
    (dataset / "manifest.json").write_text(json.dumps(manifest))
    other = validate.run(dataset, tmp_path / "w", "tiny", device="cpu")
    assert timeless(other) | {"dataset": ""} == timeless(first) | {"dataset": ""}
    assert timeless(validate.run(dataset, tmp_path / "w", "tiny", seed=1, device="cpu")) != timeless(other)


def test_summary_and_curve_say_the_same_as_the_metrics(tmp_path, micro):
    metrics = validate.run(write_dataset(tmp_path / "d", two_divisions()), tmp_path / "v", "tiny", device="cpu")
    said = (tmp_path / "v" / "summary.txt").read_text()
    bits = metrics["bits_per_base"]["viral"]
    (line,) = [line for line in said.splitlines() if line.startswith("viral")]
    shown = [f"{bits[name]:.3f}" for name in ("model", "model_without_text", "markov", "uniform")]
    assert line.split() == ["viral", *shown, str(bits["rows"])]
    assert f"{metrics['text_gain']['value']:+.4f} bits per base" in said
    head, *points = (tmp_path / "v" / "curve.csv").read_text().splitlines()
    assert head == "step,train,held_out,held_out_without_text"
    assert points[-1].startswith("12,")
    # The curve watches all of these few rows, so it ends where the metrics stand.
    assert float(points[-1].split(",")[2]) == pytest.approx(metrics["bits_per_base"]["overall"]["model"], abs=1e-4)
    assert f"held out, with text {float(points[-1].split(',')[2]):.3f}" in (tmp_path / "v" / "curve.svg").read_text()


@pytest.mark.parametrize(
    ("splits", "preset", "said"),
    [
        ({"train"}, "tiny", "no held-out rows"),
        ({"validation", "test"}, "auto", "no train rows"),
        (set(), "tiny", "no train rows"),
        ({"train", "test"}, "off", "preset is off"),
    ],
)
@pytest.mark.usefixtures("micro")
def test_nothing_to_train_on_gives_nulls_under_the_same_keys(tmp_path, monkeypatch, splits, preset, said):
    some = validate.run(write_dataset(tmp_path / "some", two_divisions()), tmp_path / "s", "tiny", device="cpu")
    without_torch(monkeypatch)
    rows = [(split, values) for split, values in two_divisions() if split in splits]
    metrics = validate.run(write_dataset(tmp_path / "d", rows), tmp_path / "v", preset)
    assert json.loads((tmp_path / "v" / "metrics.json").read_text()) == metrics
    assert set(metrics) == set(some)
    assert metrics["text_gain"] == metrics["text_gain_shuffled"] == dict.fromkeys(GAIN)
    assert list(metrics["bits_per_base"]) == ["overall"]
    assert set(metrics["bits_per_base"]["overall"]) == set(some["bits_per_base"]["overall"])
    assert set(metrics["bits_per_base"]["overall"].values()) == {None}
    assert {metrics[name] for name in UNMEASURED} == {None}
    assert (metrics["rows"], metrics["bases"], metrics["preset"]) == (0, 0, preset)
    assert {path.name for path in (tmp_path / "v").iterdir()} == FILES
    assert said in (tmp_path / "v" / "summary.txt").read_text()
    assert said in (tmp_path / "v" / "curve.svg").read_text()


def test_one_held_out_row_has_a_gain_and_no_interval(tmp_path, micro):
    rows = [(split, values) for split, values in genes(species=2)] + [("test", row("t", "ACGT" * 30, "RecA"))]
    metrics = validate.run(write_dataset(tmp_path / "d", rows), tmp_path / "v", "tiny", device="cpu")
    assert math.isfinite(metrics["text_gain"]["value"])
    assert (metrics["text_gain"]["low"], metrics["text_gain"]["high"]) == (None, None)
    assert metrics["text_gain_shuffled"] == dict.fromkeys(GAIN)
    assert "one row has no interval" in (tmp_path / "v" / "summary.txt").read_text()


def test_rows_of_unknown_bases_only_give_nulls(tmp_path, micro):
    rows = [("train", row("a", "N" * 90, "x")), ("test", row("b", "N" * 90, "y")), ("test", row("c", "N" * 90, "z"))]
    metrics = validate.run(write_dataset(tmp_path / "d", rows), tmp_path / "v", "tiny", device="cpu")
    assert metrics["text_gain"]["value"] is None
    assert metrics["bits_per_base"]["overall"]["model"] is None
    assert (metrics["rows"], metrics["bases"]) == (2, 0)


def without_torch(monkeypatch) -> None:
    for name in ("run", "model"):
        monkeypatch.delitem(sys.modules, f"dnacorpus.train.{name}", raising=False)
        monkeypatch.delattr(dnacorpus.train, name, raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)


def test_missing_torch_is_reported_with_its_install_command(tmp_path, monkeypatch):
    dataset = write_dataset(tmp_path / "d", genes(species=8))
    without_torch(monkeypatch)
    with pytest.raises(UsageError, match=r"torch, which is not installed; run `pip install '\.\[train\]'`"):
        validate.run(dataset, tmp_path / "v", "tiny")
    assert not (tmp_path / "v").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"preset": "huge"}, "preset 'huge': expected one of off, tiny, small, base, auto"),
        ({"device": "tpu"}, "device 'tpu': expected one of auto, cpu, cuda"),
    ],
)
def test_unknown_options_list_the_choices(tmp_path, options, said):
    with pytest.raises(UsageError, match=said):
        validate.run(write_dataset(tmp_path / "d", genes(species=1)), tmp_path / "v", **options)


def test_a_folder_that_is_no_dataset_and_a_shard_that_is_gone(tmp_path, micro):
    with pytest.raises(UsageError, match=r"manifest\.json: expected the manifest of a dataset, found no such file"):
        validate.run(tmp_path, tmp_path / "v", "tiny")
    dataset = write_dataset(tmp_path / "d", two_divisions())
    (dataset / "data/pairs/viral/train-00000-of-00001.parquet").unlink()
    with pytest.raises(CorpusError, match=r"viral/train-00000-of-00001\.parquet: expected the shard"):
        validate.run(dataset, tmp_path / "v", "tiny")
    assert not (tmp_path / "v").exists()
    (dataset / "pull.json").write_text("{}")
    metrics = validate.run(dataset, tmp_path / "v", "tiny", device="cpu")
    assert set(metrics["bits_per_base"]) == {"overall", "bacteria", "viral"}

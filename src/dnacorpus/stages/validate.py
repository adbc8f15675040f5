"""The validate stage: a small model is trained on a dataset's pairs and compared with baselines.

In: a dataset folder. Out: a folder of metrics.json, curve.csv, curve.svg and summary.txt. Nothing in the dataset
depends on it. On a CPU two runs differ only in the times they report. Memory: the rows of the preset, and the model.
"""

import dataclasses
import itertools
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dnacorpus.dataset import manifest
from dnacorpus.dataset.manifest_form import PULLED
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.schemas.splits import HELD_OUT, TRAIN
from dnacorpus.storage.atomic import whole_directory, write_text
from dnacorpus.train.curve import Point, curve_csv, curve_svg, lines_of
from dnacorpus.train.data import PairShard, TrainingRow, encode_bases, is_tuning_row, read_rows, span_of
from dnacorpus.train.gain import Interval, bits_per_base, gain
from dnacorpus.train.markov import COUNTED_BASES, UNIFORM, Markov, choose
from dnacorpus.train.presets import Preset, check_name, preset_for

if TYPE_CHECKING:
    from types import ModuleType

    from dnacorpus.train.run import Outcome

DEVICES = ("auto", "cpu", "cuda")
_NO_GAIN = {"value": None, "low": None, "high": None}
_NO_BITS = dict.fromkeys(
    ("model", "model_without_text", "markov", "markov_order", "markov_weight", "uniform", "rows", "bases")
)


@dataclasses.dataclass
class _Findings:
    """The metrics, and what the curve and the summary show besides."""

    metrics: dict[str, Any]
    curve: Sequence[Point] = ()
    watched: int = 0
    watched_markov: float | None = None
    missing: str = ""


def run(dataset: Path, out: Path, preset: str = "auto", seed: int = 0, device: str = "auto") -> dict[str, Any]:
    """Train a preset's model on a dataset folder, write ``out`` whole, and return what metrics.json holds.

    ``out`` gets metrics.json, curve.csv, curve.svg and summary.txt. Bits are per called base of the spans
    of held-out rows; `text_gain` is the bits per base without text minus those with a row's own. With the
    preset ``off``, or without train or held-out rows, metrics.json has the same keys and nulls.
    Raises UsageError for an unknown preset or device, a folder that is no dataset, or when torch is missing;
    CorpusError when a file of the dataset cannot be read.
    """
    began = time.monotonic()
    check_name(preset)
    if device not in DEVICES:
        raise UsageError(f"device {device!r}: expected one of {', '.join(DEVICES)}")
    described = manifest.read(dataset)
    train, held_out = (_shards(dataset, described, splits) for splits in ((TRAIN,), HELD_OUT))
    findings = _Findings(_nothing(preset, seed, described.entry.sha256))
    if preset == "off":
        findings.missing = "The preset is off, so nothing was trained."
    elif not train or not held_out:
        findings.missing = _no_rows(train)
    else:
        _measure(findings, train, held_out, preset=preset, device=device, seed=seed)
    findings.metrics["seconds"] = round(time.monotonic() - began, 2)
    _write(out, findings)
    return findings.metrics


def _no_rows(train: Sequence[object]) -> str:
    return f"The dataset has no {'held-out' if train else 'train'} rows of pairs, so nothing was trained."


def _shards(dataset: Path, described: manifest.Manifest, splits: Sequence[str]) -> list[PairShard]:
    pulled_in_part = (dataset / PULLED).is_file()
    shards = []
    for entry in described.entries:
        if entry.config != "pairs" or entry.split not in splits:
            continue
        path = dataset / entry.path
        if path.is_file():
            shards.append(PairShard(path, entry.path, entry.division))
        elif not pulled_in_part:
            raise CorpusError(f"{path}: expected the shard that manifest.json names, found none; build or pull again")
    return shards


def _nothing(preset: str, seed: int, dataset: str) -> dict[str, Any]:
    unmeasured = dict.fromkeys(
        ("device", "device_name", "parameters", "steps", "span", "tokens_per_second", "train_rows", "train_bases")
    )
    return {
        "preset": preset,
        "seed": seed,
        "dataset": dataset,
        **unmeasured,
        "bits_per_base": {"overall": dict(_NO_BITS)},
        "text_gain": dict(_NO_GAIN),
        "text_gain_shuffled": dict(_NO_GAIN),
        "rows": 0,
        "bases": 0,
    }


def _torch_side() -> "ModuleType":
    try:
        from dnacorpus.train import run as training  # noqa: PLC0415 - torch is an extra, and slow to import
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise UsageError(
            "validate needs torch, which is not installed; run `pip install '.[train]'` in the"
            " repository's folder, or use --preset off"
        ) from error
    return training


def _measure(
    findings: _Findings,
    train: Sequence[PairShard],
    held_out: Sequence[PairShard],
    *,
    preset: str,
    device: str,
    seed: int,
) -> None:
    training = _torch_side()
    used = training.device_for(device)
    size = preset_for(preset, used)
    rows = read_rows(train, size.rows, size.row_bases, seed)
    tested = read_rows(held_out, size.held_out, size.row_bases, seed)
    if not rows or not tested:
        findings.missing = _no_rows(rows)
        return
    outcome = training.train_and_measure(size, used, seed, rows, tested)
    order, weight, counted = _markov(rows, tested, size, seed)
    findings.metrics |= {
        "preset": size.name,
        "device": used,
        "device_name": training.name_of(used),
        "parameters": outcome.parameters,
        "steps": size.steps,
        "span": size.span,
        "tokens_per_second": round(outcome.tokens_per_second, 1),
        "train_rows": len(rows),
        "train_bases": sum(len(row.sequence) for row in rows),
        "bits_per_base": _by_division(tested, outcome, counted, {"markov_order": order, "markov_weight": weight}),
        "text_gain": _interval(gain(outcome.without, outcome.own, outcome.bases, seed)),
        "text_gain_shuffled": _interval(
            gain(outcome.without, outcome.other, outcome.bases, seed) if len(tested) > 1 else None
        ),
        "rows": len(tested),
        "bases": int(outcome.bases.sum()),
    }
    findings.curve, findings.watched = outcome.curve, min(training.CURVE_ROWS, len(tested))
    findings.watched_markov = bits_per_base(counted[: training.CURVE_ROWS], outcome.bases[: training.CURVE_ROWS])


def _by_division(
    rows: Sequence[TrainingRow], outcome: "Outcome", markov: npt.NDArray[np.float64], chosen: dict[str, float]
) -> dict[str, dict[str, Any]]:
    """Return bits per base over all rows, named overall, and over those of each division."""
    divisions = np.array([row.division for row in rows])
    costs = {"model": outcome.own, "model_without_text": outcome.without, "markov": markov}
    groups = {"overall": np.full(len(rows), True)} | {name: divisions == name for name in sorted({*divisions.tolist()})}
    return {
        group: {
            **{name: _rounded(bits_per_base(cost[mine], outcome.bases[mine])) for name, cost in costs.items()},
            **chosen,
            "uniform": UNIFORM,
            "rows": int(mine.sum()),
            "bases": int(outcome.bases[mine].sum()),
        }
        for group, mine in groups.items()
    }


def _markov(
    train: Sequence[TrainingRow], held_out: Sequence[TrainingRow], size: Preset, seed: int
) -> tuple[int, float, npt.NDArray[np.float64]]:
    """Return order and weight chosen on train, and the bits of each held-out row's span."""
    total = itertools.accumulate(len(row.sequence) for row in train)
    rows = [row for row, bases in zip(train, total, strict=True) if bases <= COUNTED_BASES]
    tried = {row.pair_id for row in rows if is_tuning_row(row, seed)}
    if not 0 < len(tried) < len(rows):
        tried = {row.pair_id for row in rows[::10]}
    known = {row.pair_id: encode_bases(row.sequence) for row in rows}
    order, weight = choose(
        [sequence for name, sequence in known.items() if name not in tried],
        [sequence for name, sequence in known.items() if name in tried],
    )
    model = Markov(known.values(), order, weight)
    spans = [span_of(row, size.span, 0, seed).astype(np.uint8) for row in held_out]
    return order, weight, np.array([model.bits(span).sum() for span in spans])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _interval(measured: Interval | None) -> dict[str, float | None]:
    if measured is None:
        return dict(_NO_GAIN)
    return {"value": _rounded(measured.value), "low": _rounded(measured.low), "high": _rounded(measured.high)}


def _write(out: Path, findings: _Findings) -> None:
    metrics = findings.metrics
    overall = metrics["bits_per_base"]["overall"]
    lines = lines_of(findings.curve, findings.watched_markov, overall["markov_order"], UNIFORM)
    about = f"preset {metrics['preset']}, {metrics['parameters'] or 0:,} parameters; {findings.watched} held-out rows"
    with whole_directory(out) as folder:
        write_text(folder / "metrics.json", json.dumps(metrics, indent=1, sort_keys=True, allow_nan=False) + "\n")
        write_text(folder / "curve.csv", curve_csv(findings.curve))
        write_text(folder / "curve.svg", curve_svg(lines, "What the model learned", findings.missing or about))
        write_text(folder / "summary.txt", summary(metrics, findings.missing))


def summary(metrics: dict[str, Any], missing: str = "") -> str:
    """Return metrics in words, one finding a line; ``missing`` is the reason why there are none."""
    if missing:
        return f"{missing}\nAll measurements are null in metrics.json.\n"
    bits = metrics["bits_per_base"]
    lines = [
        f"A model of {metrics['parameters']:,} parameters (preset {metrics['preset']}, seed {metrics['seed']}) trained"
        f" for {metrics['steps']:,} steps on {metrics['train_rows']:,} rows in {metrics['seconds']:.0f} s on"
        f" {metrics['device_name']}: {metrics['tokens_per_second']:,.0f} tokens a second.",
        f"It was measured on {metrics['rows']:,} held-out rows, {metrics['bases']:,} bases in spans of at most"
        f" {metrics['span']:,}.",
        "",
        f"{'bits per base':<22}{'model':>8}{'no text':>9}{'Markov':>8}{'uniform':>9}{'rows':>8}",
    ]
    for name, values in bits.items():
        cells = [values["model"], values["model_without_text"], values["markov"], values["uniform"]]
        shown = ["-" if value is None else f"{value:.3f}" for value in cells]
        lines.append(f"{name:<22}{shown[0]:>8}{shown[1]:>9}{shown[2]:>8}{shown[3]:>9}{values['rows']:>8,}")
    order = bits["overall"]["markov_order"]
    lines += [
        "",
        "The model reads each row's own text before its bases; 'no text' is the same model without any.",
        f"The Markov model counts contexts of up to {order} bases, a number chosen on species left out of the counts.",
        "",
    ]
    lines.append(_gain_line("Text gain: its own text makes a row cheaper by", metrics["text_gain"]))
    lines.append(
        _gain_line(
            "With another row's text, where nothing above zero is expected, it is", metrics["text_gain_shuffled"]
        )
    )
    return "\n".join(lines) + "\n"


def _gain_line(words: str, measured: dict[str, float | None]) -> str:
    value, low, high = measured["value"], measured["low"], measured["high"]
    if value is None:
        return f"{words} nothing that could be measured."
    between = "one row has no interval" if low is None or high is None else f"95 % interval {low:+.4f} to {high:+.4f}"
    return f"{words} {value:+.4f} bits per base ({between})."

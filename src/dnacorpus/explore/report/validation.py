"""Reading of the results of the validate stage: metrics.json and curve.svg."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dnacorpus import limits
from dnacorpus.bounded import file_content, read_json
from dnacorpus.errors import CorpusError

KEYS = (
    *("preset", "device", "tokens_per_second", "bits_per_base", "text_gain", "text_gain_shuffled", "rows", "bases"),
    "seconds",
)
_TEXTS = ("preset", "device")
_NUMBERS = ("tokens_per_second", "rows", "bases", "seconds")
_GAINS = ("text_gain", "text_gain_shuffled")
_OF_GAIN = ("value", "low", "high")
_OF_BITS = ("model", "markov", "markov_order", "uniform")
_LARGEST = 1 << 63


@dataclass(frozen=True, slots=True)
class Validation:
    """The metrics of a validation, None where a measurement failed, and its curve."""

    metrics: dict[str, Any]
    curve: str | None
    """curve.svg as a data URI; as an image it can neither run scripts nor load files."""


def read_validation(folder: Path) -> Validation:
    """Return the results in a folder of the validate stage, with or without a curve.svg.

    Raises CorpusError if metrics.json is missing, is not a JSON object, lacks a key or has values of other types, and
    if a file exceeds its limit.
    """
    path = folder / "metrics.json"
    try:
        # Python writes NaN and Infinity, which are not JSON, for measurements that failed.
        metrics = read_json(file_content(path, limits.JSON_BYTES), lambda _: None)
    except (OSError, ValueError) as error:
        raise CorpusError(
            f"{path}: expected the metrics of a validation, found {type(error).__name__}: {error};"
            " run `dnacorpus validate` again, or report without it"
        ) from error
    missing = [key for key in KEYS if key not in metrics] if isinstance(metrics, dict) else list(KEYS)
    if missing:
        raise CorpusError(
            f"{path}: expected the keys {', '.join(KEYS)}, found no {', '.join(missing)};"
            " run `dnacorpus validate` again with this version"
        )
    if wrong := _wrong(metrics):
        raise CorpusError(
            f"{path}: expected the values that `dnacorpus validate` writes, found others of {', '.join(wrong)};"
            " run it again"
        )
    curve = folder / "curve.svg"
    encoded = base64.b64encode(file_content(curve)).decode("ascii") if curve.is_file() else None
    return Validation(metrics, f"data:image/svg+xml;base64,{encoded}" if encoded else None)


def _wrong(metrics: dict[str, Any]) -> list[str]:
    """Return the keys whose values are not of the types that the validate stage writes."""
    bits = metrics["bits_per_base"] or {}
    fits = {
        **{key: isinstance(metrics[key], str | None) for key in _TEXTS},
        **{key: _is_number(metrics[key]) for key in _NUMBERS},
        **{key: _has_numbers(metrics[key], _OF_GAIN) for key in _GAINS},
        "bits_per_base": isinstance(bits, dict) and all(_has_numbers(line, _OF_BITS) for line in bits.values()),
    }
    return [key for key, fit in fits.items() if not fit]


def _has_numbers(value: object, keys: tuple[str, ...]) -> bool:
    if not value:
        return True
    return isinstance(value, dict) and all(key in value and _is_number(value[key]) for key in keys)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and -_LARGEST < value < _LARGEST)

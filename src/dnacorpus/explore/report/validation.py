"""Reading of the results of the validate stage: metrics.json and curve.svg."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dnacorpus.errors import CorpusError

KEYS = (
    *("preset", "device", "tokens_per_second", "bits_per_base", "text_gain", "text_gain_shuffled", "rows", "bases"),
    "seconds",
)


@dataclass(frozen=True, slots=True)
class Validation:
    """The metrics of a validation, None where a measurement failed, and its curve."""

    metrics: dict[str, Any]
    curve: str | None
    """curve.svg as a data URI; as an image it can neither run scripts nor load files."""


def read_validation(folder: Path) -> Validation:
    """Return the results in a folder of the validate stage, with or without a curve.svg.

    Raises CorpusError if metrics.json is missing, is not a JSON object, or lacks a key.
    """
    path = folder / "metrics.json"
    try:
        # Python writes NaN and Infinity, which are not JSON, for measurements that failed.
        metrics = json.loads(path.read_text(encoding="utf-8"), parse_constant=lambda _: None)
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
    curve = folder / "curve.svg"
    encoded = base64.b64encode(curve.read_bytes()).decode("ascii") if curve.is_file() else None
    return Validation(metrics, f"data:image/svg+xml;base64,{encoded}" if encoded else None)

"""A text cut at the bounds of its evidence spans, so that each piece can be shown with its evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

EvidenceSpan = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the spans that cover all of it, shortest first; without any it belongs to the template."""

    text: str
    evidence: tuple[EvidenceSpan, ...]


def pieces(text: str, evidence: Sequence[EvidenceSpan]) -> list[Piece]:
    """Return the pieces of a text in order; joined they are the text.

    ``evidence`` has start and end in code points, as in pairs; spans may overlap. Parts of a span
    outside the text are ignored.
    """
    spans = sorted(evidence, key=lambda span: (span["end"] - span["start"], span["start"], span["field"]))
    bounds = {0, len(text)} | {span[side] for span in spans for side in ("start", "end")}
    ordered = sorted(bound for bound in bounds if 0 <= bound <= len(text))
    return [
        Piece(text[start:end], tuple(span for span in spans if span["start"] <= start and end <= span["end"]))
        for start, end in pairwise(ordered)
    ]


def shortened(text: str, limit: int) -> str:
    """Return a text of at most ``limit`` code points; a longer one is cut at a blank if possible."""
    if len(text) <= limit:
        return text
    return text[: text.rfind(" ", 0, limit) if " " in text[:limit] else limit]

"""A text cut at the borders of its evidence, so that each piece can be shown with what answers for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Span = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the spans that cover all of it, the shortest first; none: a template's literal."""

    text: str
    evidence: tuple[Span, ...]


def pieces(text: str, evidence: Sequence[Span]) -> list[Piece]:
    """Return the pieces of a text in order; joined they are the text.

    ``evidence`` has start and end in code points, as in pairs; spans may overlap, and what of one lies
    outside the text is left out.
    """
    spans = sorted(evidence, key=lambda span: (span["end"] - span["start"], span["start"], span["field"]))
    borders = {0, len(text)} | {span[side] for span in spans for side in ("start", "end")}
    ordered = sorted(border for border in borders if 0 <= border <= len(text))
    return [
        Piece(text[start:end], tuple(span for span in spans if span["start"] <= start and end <= span["end"]))
        for start, end in pairwise(ordered)
    ]


def shortened(text: str, limit: int) -> str:
    """Return the text, or of a longer one what ends at a blank before ``limit`` code points."""
    if len(text) <= limit:
        return text
    return text[: text.rfind(" ", 0, limit) if " " in text[:limit] else limit]

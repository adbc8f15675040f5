"""How much parallel structure a context has: pairs of phrases with one template and different content.

Chen et al. ("Parallel Structures in Pre-training Data Yield In-Context Learning", arXiv 2402.12530) call
a parallel structure a pair of phrases that follow similar templates in one context window, and detect it
with a language model: does a training step on one phrase make the other more likely? This module measures the
surface only: evidence marks which words of a phrase are content, the rest is its skeleton, and two
phrases of different members are parallel if their skeletons are equal and their contents differ. No model
is used; similar but unequal skeletons do not count, nor does similarity of DNA.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_BREAK = re.compile(r"\n+|(?<=[.?!])\s+")
_ABBREVIATED = re.compile(r"\s+(?=[A-Z])")
_INDEX = re.compile(r"\[\d+\]")
_SLOT = re.compile(r"\{[^{}]*\}")
_LIST = re.compile(r"(\{[^{}]*\})(?:(?:, | and )\1)+")

EvidenceSpan = Mapping[str, Any]
"""A value of `schemas.types.EVIDENCE`."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence or line: ``skeleton`` with each evidence span replaced by ``{field}``, and the spans' words."""

    skeleton: str
    contents: tuple[str, ...]

    @property
    def can_be_parallel(self) -> bool:
        """Whether the phrase has a slot and a letter outside its slots."""
        return bool(self.contents) and any(map(str.isalpha, _SLOT.sub("", self.skeleton)))


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs of phrases of different members of one context, and how many of them are parallel."""

    parallel_pairs: int
    phrase_pairs: int

    @property
    def share(self) -> float:
        """Parallel pairs divided by all pairs; 0 if there are none."""
        return self.parallel_pairs / self.phrase_pairs if self.phrase_pairs else 0.0


def phrases(text: str, evidence: Iterable[EvidenceSpan], start: int = 0, end: int | None = None) -> list[Phrase]:
    """Cut ``text[start:end]`` (code points) into phrases: at line breaks, and at ends of sentences outside the spans.

    Overlapping spans are one slot, named by the field of the first and longest, and so is a list of spans
    of one field, however long. A piece with neither a letter nor a span is no phrase.
    """
    end = len(text) if end is None else end
    found: list[Phrase] = []
    skeleton, position = "", start
    contents: list[str] = []
    for low, high, field in [*_slots(evidence, start, end), (end, end, "")]:
        pieces = _cut(text[position:low], text[start:position])
        for piece in pieces[:-1]:
            found.append(_phrase(skeleton + piece, contents))
            skeleton, contents = "", []
        skeleton += pieces[-1]
        if high > low:
            skeleton += "{" + _INDEX.sub("", field) + "}"
            contents.append(text[low:high])
        position = high
    found.append(_phrase(skeleton, contents))
    return [phrase for phrase in found if phrase.contents or any(map(str.isalpha, phrase.skeleton))]


def score(members: Sequence[Sequence[Phrase]]) -> Score:
    """Score one context from the phrases of each of its members."""
    numbered = [(number, phrase) for number, phrases in enumerate(members) for phrase in phrases]
    with_template = [(number, phrase) for number, phrase in numbered if phrase.can_be_parallel]
    same_skeleton = _pairs((phrase.skeleton, number) for number, phrase in with_template)
    same_words = _pairs((phrase, number) for number, phrase in with_template)
    return Score(same_skeleton - same_words, _pairs(("", number) for number, _ in numbered))


def score_document(text: str, members: Iterable[Mapping[str, Any]], evidence: Sequence[EvidenceSpan]) -> Score:
    """Score a row of `schemas.views.DOCUMENTS` by the text of its members, without their DNA."""
    scored, number = [], 0
    spans = sorted(evidence, key=lambda span: (span["start"], span["end"]))
    for member in sorted(members, key=lambda member: member["text_start"]):
        start, end = member["text_start"], member["text_end"]
        while number < len(spans) and spans[number]["start"] < start:
            number += 1
        first = number
        while number < len(spans) and spans[number]["start"] < end:
            number += 1
        scored.append(phrases(text, spans[first:number], start, end))
    return score(scored)


def _pairs(keyed: Iterable[tuple[Any, int]]) -> int:
    """Count the unordered pairs with a common key and different members."""
    by_member = Counter(keyed)
    by_key: Counter[Any] = Counter()
    within = 0
    for (key, _), count in by_member.items():
        by_key[key] += count
        within += count * (count - 1) // 2
    return sum(count * (count - 1) // 2 for count in by_key.values()) - within


def _slots(evidence: Iterable[EvidenceSpan], start: int, end: int) -> list[tuple[int, int, str]]:
    slots: list[tuple[int, int, str]] = []
    for span in sorted(evidence, key=lambda span: (span["start"], -span["end"])):
        low, high = max(span["start"], start), min(span["end"], end)
        if low >= high:
            continue
        if slots and low < slots[-1][1]:
            slots[-1] = (slots[-1][0], max(high, slots[-1][1]), slots[-1][2])
        else:
            slots.append((low, high, span["field"]))
    return slots


def _cut(literal: str, before: str) -> list[str]:
    # After an abbreviation at the end of a sentence the literal's full stop is left out.
    left_out = _ABBREVIATED.match(literal) if before.endswith(".") else None
    if left_out:
        return ["", *_BREAK.split(literal[left_out.end() :])]
    return _BREAK.split(literal)


def _phrase(skeleton: str, contents: Sequence[str]) -> Phrase:
    return Phrase(_LIST.sub(r"\1", skeleton.strip().rstrip(".")), tuple(contents))

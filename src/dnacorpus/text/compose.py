"""Composing: text and its evidence are built together from a template and claims.

A template is a literal with ``{slot}``s. A slot is filled by a claim, whose span names the field that supports
it, by a text composed before, or by a list of these. ``{slot:a}`` puts "a" or "an" before a noun that takes one.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from string import Formatter
from typing import Any, NamedTuple

from dnacorpus.errors import CorpusError
from dnacorpus.text.evidence import Claim, ComposedText, Piece, text_and_evidence
from dnacorpus.text.wording import article

Filling = Claim | ComposedText | Sequence[Claim | ComposedText]
"""What fills a slot."""
_SINGLE = (Claim, ComposedText)


class Step(NamedTuple):
    """A literal of a template and the slot after it, None at the template's end."""

    literal: str
    slot: str | None
    with_article: bool


def compose(template: str, claims: Mapping[str, Filling], *, orientation_free: bool = True) -> ComposedText:
    """Return the text of a template with its slots filled.

    A list reads "a", "a and b", "a, b and c". The text is orientation free if ``orientation_free`` (the literal is)
    and everything that fills a slot is. Raises CorpusError for a slot without a claim and ValueError for an
    empty list.
    """
    pieces: list[Piece] = []
    for literal, slot, with_article in steps(template):
        if literal:
            _add_literal(pieces, literal)
        if slot is None:
            continue
        if (filling := claims.get(slot)) is None:
            raise CorpusError(
                f"template {template!r}: expected a claim for {{{slot}}}, found {sorted(claims)};"
                " give the claim or use a phrasing without the slot"
            )
        several = (filling,) if isinstance(filling, _SINGLE) else filling
        if not several:
            raise ValueError(f"template {template!r}: the list for {{{slot}}} is empty")
        if with_article and (noun_takes := article(several[0].text)):
            pieces.append(joints()[noun_takes])
        for number, one in enumerate(several):
            if number:
                pieces.append(joints()["last" if number == len(several) - 1 else "between"])
            if isinstance(one, Claim):
                pieces.append(one)
            else:
                pieces += one.pieces
                orientation_free &= one.orientation_free
    return ComposedText.of(pieces, orientation_free)


def _add_literal(pieces: list[Piece], text: str) -> None:
    # An abbreviation at the end of a sentence brings its own full stop.
    if text[0] == "." and pieces:
        last = pieces[-1]
        text = text[1:] if (last if isinstance(last, str) else last.text).endswith(".") else text
    if text:
        pieces.append(text)


def join(texts: Sequence[ComposedText]) -> ComposedText:
    """Return texts one after the other, separated by a blank; raises ValueError if there are none."""
    if not texts:
        raise ValueError("expected at least one text to join, found none")
    pieces: list[Piece] = []
    for number, text in enumerate(texts):
        if number:
            pieces.append(joints()["sentences"])
        pieces += text.pieces
    return ComposedText.of(pieces, all(text.orientation_free for text in texts))


def quote(claim: Claim, *words: tuple[int, int]) -> ComposedText:
    """Return a claim's text with a span for the whole and one for each of ``words``, half-open intervals of it.

    Raises ValueError for an interval that is empty, outside the text, or begins or ends with a blank.
    """
    _, (whole,) = text_and_evidence([claim])
    evidence = [whole]
    for start, end in words:
        if not 0 <= start < end <= len(claim.text) or claim.text[start:end] != claim.text[start:end].strip():
            raise ValueError(f"{claim.source} {claim.field}: expected a run of words in the text, found {start}..{end}")
        evidence.append({**whole, "start": start, "end": end})
    return ComposedText(claim.text, tuple(evidence))


@lru_cache(maxsize=4096)
def steps(template: str) -> tuple[Step, ...]:
    """Return the literals and slots of a template, in order.

    Raises ValueError for a brace that is never closed, CorpusError for a slot of another form than ``{slot}`` or
    ``{slot:a}``.
    """
    found = []
    for literal, slot, specification, conversion in Formatter().parse(template):
        if slot == "" or conversion or specification not in (None, "", "a"):
            raise CorpusError(f"template {template!r}: expected {{slot}} or {{slot:a}}, found another kind of slot")
        found.append(Step(literal, slot, specification == "a"))
    return tuple(found)


def slots(template: str) -> frozenset[str]:
    """Return the names of a template's slots."""
    return frozenset(step.slot for step in steps(template) if step.slot)


@cache
def template_file() -> Mapping[str, Any]:
    """Return the contents of ``templates.toml``, which callers must not change."""
    return tomllib.loads(files("dnacorpus.text").joinpath("templates.toml").read_text(encoding="utf-8"))


def joints() -> Mapping[str, str]:
    """Return the literals between sentences and between the items of a list, by name."""
    found: Mapping[str, str] = template_file()["joints"]
    return found

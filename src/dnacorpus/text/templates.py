"""Text and its evidence, built together out of templates and claims.

A template is a literal with ``{slot}``s. What fills a slot is a claim, whose span points at the field
that says so, a passage made before, or a list of these. ``{slot:a}`` puts "a" or "an" before a noun
that takes one. All that stands outside spans is literal text of ``templates.toml``, which holds no
digit and no name.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

import xxhash

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.text.evidence import Claim, ComposedText, Piece, set_together
from dnacorpus.text.wording import article

_CAPITAL = re.compile(r"(?:(?<=[^.!?:\s])\s+|\0\s*)([A-Z]\w*)")
"""Words in capitals that do not begin a sentence."""
_FIRST = re.compile(r"(?:^|[.!?:]\s+)[^\w\0]*([A-Z]\w*)")
"""Words in capitals that begin one."""
_WORD = re.compile(r"[^\W\d_]\w*")
_DIRECTION = re.compile(r"(?i)\b(?:strand\w*|upstream|downstream)\b")
"""Words that are true of the sequence in one direction only."""
_KEYS = frozenset({"phrasings", "replace"})

Filling = Claim | ComposedText | Sequence[Claim | ComposedText]
_ONE = (Claim, ComposedText)


class _Step(NamedTuple):
    literal: str
    slot: str | None
    with_article: bool


@dataclass(frozen=True, slots=True)
class _Clause:
    orientation_free: bool
    by_slots: Mapping[frozenset[str], tuple[str, ...]]


def compose(template: str, claims: Mapping[str, Filling]) -> ComposedText:
    """Fill the slots of a template.

    A list stands as "a", "a and b", "a, b and c". Raises CorpusError for a slot without a claim and
    ValueError for an empty list.
    """
    return _filled(template, claims, True)


def _filled(template: str, claims: Mapping[str, Filling], orientation_free: bool) -> ComposedText:
    pieces: list[Piece] = []
    for literal, slot, with_article in _steps(template):
        if literal:
            _add_literal(pieces, literal)
        if slot is None:
            continue
        if (filling := claims.get(slot)) is None:
            raise CorpusError(
                f"template {template!r}: expected a claim for {{{slot}}}, found {sorted(claims)};"
                " give the claim or use a phrasing without the slot"
            )
        several = (filling,) if isinstance(filling, _ONE) else filling
        if not several:
            raise ValueError(f"template {template!r}: the list for {{{slot}}} is empty")
        if with_article and (noun_takes := article(several[0].text)):
            pieces.append(_joints()[noun_takes])
        for place, one in enumerate(several):
            if place:
                pieces.append(_joints()["last" if place == len(several) - 1 else "between"])
            orientation_free &= _add(pieces, one)
    return ComposedText.of(pieces, orientation_free)


def _add(pieces: list[Piece], one: Claim | ComposedText) -> bool:
    """Add a claim, or the pieces of a passage; tell whether it is free of orientation."""
    if isinstance(one, Claim):
        pieces.append(one)
        return True
    pieces += one.pieces
    return one.orientation_free


def _add_literal(pieces: list[Piece], text: str) -> None:
    # An abbreviation at the end of a sentence brings its own full stop.
    if text[0] == "." and pieces:
        last = pieces[-1]
        text = text[1:] if (last if isinstance(last, str) else last.text).endswith(".") else text
    if text:
        pieces.append(text)


def phrase(clause: str, key: str, claims: Mapping[str, Filling]) -> ComposedText:
    """Say a clause of ``templates.toml`` in the phrasing that the digest of ``key`` chooses.

    Only phrasings whose slots are exactly the given claims are candidates. Raises CorpusError when
    there is no such clause or phrasing.
    """
    found = _clauses().get(clause)
    phrasings = found.by_slots.get(frozenset(claims)) if found else None
    if not found or not phrasings:
        raise CorpusError(
            f"templates.toml: expected a phrasing of {clause} with the slots {sorted(claims)}, found none; add one"
        )
    chosen = phrasings[xxhash.xxh3_64_intdigest(f"{key}{clause}".encode()) % len(phrasings)]
    return _filled(chosen, claims, found.orientation_free)


def join(passages: Sequence[ComposedText]) -> ComposedText:
    """Set passages one after the other, a blank between them; raises ValueError when there is none."""
    if not passages:
        raise ValueError("expected at least one passage to join, found none")
    pieces: list[Piece] = []
    for place, passage in enumerate(passages):
        if place:
            pieces.append(_joints()["sentences"])
        pieces += passage.pieces
    return ComposedText.of(pieces, all(passage.orientation_free for passage in passages))


def quote(claim: Claim, *runs: tuple[int, int]) -> ComposedText:
    """Set a claim's text with spans of their own, besides its whole, for half-open runs of it: the words that matter.

    Raises ValueError for a run outside the text or with outer blanks.
    """
    _, (whole,) = set_together([claim])
    evidence = [whole]
    for start, end in runs:
        if not 0 <= start < end <= len(claim.text) or claim.text[start:end] != claim.text[start:end].strip():
            raise ValueError(f"{claim.source} {claim.field}: expected a run of words in the text, found {start}..{end}")
        evidence.append({**whole, "start": start, "end": end})
    return ComposedText(claim.text, tuple(evidence))


def literals() -> Iterator[str]:
    """Yield every literal run of ``templates.toml``: all that can stand outside a span."""
    yield from _joints().values()
    for clause in _clauses().values():
        for phrasings in clause.by_slots.values():
            yield from (step.literal for text in phrasings for step in _steps(text) if step.literal)


def phrasings() -> Iterator[tuple[str, frozenset[str], str]]:
    """Yield clause, slots and text of every phrasing of ``templates.toml``, in the file's order."""
    for name, clause in _clauses().items():
        for slots, texts in clause.by_slots.items():
            yield from ((name, slots, text) for text in texts)


def add_phrasings(path: Path) -> None:
    """Add a user's phrasings to those of ``templates.toml``, for the rest of the process.

    The file is TOML: ``[clause."record.gc"]`` with ``phrasings = [...]``, and ``replace = true`` where they stand
    instead of the package's with the same slots. Raises UsageError, naming the phrasing, for a clause or a set of
    slots that the package does not have, for another key, and for a literal with a digit, with a capital that
    begins no sentence or that begins one with a word that the package does not use, with a line break where the
    package's clause has none, or with a direction where a clause holds for either: what stands outside the slots
    states nothing.
    """
    try:
        clauses = tomllib.loads(path.read_text(encoding="utf-8"))["clause"].items()
        given = [(name, bool(c.get("replace")), [str(text) for text in c["phrasings"]]) for name, c in clauses]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        found = " ".join(str(error).split())
        raise UsageError(
            f'{path}: expected TOML of clauses, [clause."record.gc"] with phrasings = [...], found: {found};'
            " src/dnacorpus/text/templates.toml shows how"
        ) from error
    if odd := [f"{name}: {key}" for name, clause in clauses for key in sorted(clause.keys() - _KEYS)]:
        raise UsageError(f"{path}: expected the keys phrasings and replace of a clause, found {odd[0]}; correct it")
    capitals = {word for literal in literals() for word in _CAPITAL.findall(literal)}
    used = {word.lower() for literal in literals() for word in _WORD.findall(literal)}
    for name, replace, texts in given:
        known = _clauses().get(name)
        if known is None:
            raise UsageError(
                f"{path}: expected a clause of templates.toml, found {name}; those are {', '.join(sorted(_clauses()))}"
            )
        for text in texts:
            _refuse_phrasing(f"{path}: {name}: {text!r}", text, known, capitals, used)
        added = {slots: tuple(text for text in texts if _slots(text) == slots) for slots in map(_slots, texts)}
        kept = {slots: () if replace else known.by_slots[slots] for slots in added}
        by_slots = {**known.by_slots, **{slots: (*kept[slots], *added[slots]) for slots in added}}
        _clauses()[name] = _Clause(known.orientation_free, by_slots)


def _refuse_phrasing(where: str, text: str, clause: _Clause, capitals: set[str], used: set[str]) -> None:
    try:
        steps = _steps(text)
    except ValueError as error:
        raise UsageError(f"{where}: expected {{slot}}s, found: {error}; write {{{{ for a brace") from error
    if _slots(text) not in clause.by_slots:
        sets = "; ".join(" ".join(sorted(slots)) for slots in clause.by_slots)
        raise UsageError(f"{where}: expected the slots of one of [{sets}], found {' '.join(sorted(_slots(text)))}")
    literal = "\0".join(step.literal for step in steps)
    facts = re.findall(r"\d\S*", literal) + [word for word in _CAPITAL.findall(literal) if word not in capitals]
    facts += [word for word in _FIRST.findall(literal) if word.lower() not in used]
    if facts:
        raise UsageError(
            f"{where}: expected no digit and no name outside the slots, found {facts[0]!r}; only slots carry evidence"
        )
    breaks = any("\n" in step.literal for texts in clause.by_slots.values() for own in texts for step in _steps(own))
    if re.search(r"[\n\r\v\f\x85\u2028\u2029]", literal) and not breaks:
        raise UsageError(
            f"{where}: expected one line, found a line break, which sets apart what follows; write a blank"
        )
    if clause.orientation_free and (direction := _DIRECTION.search(literal)):
        raise UsageError(
            f"{where}: expected words that hold for either strand, found {direction[0]!r}; a row that says no more than"
            " such clauses is marked orientation_free"
        )


@lru_cache(maxsize=4096)
def _steps(template: str) -> tuple[_Step, ...]:
    steps = []
    for literal, slot, specification, conversion in Formatter().parse(template):
        if slot == "" or conversion or specification not in (None, "", "a"):
            raise CorpusError(f"template {template!r}: expected {{slot}} or {{slot:a}}, found another kind of slot")
        steps.append(_Step(literal, slot, specification == "a"))
    return tuple(steps)


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("dnacorpus.text").joinpath("templates.toml").read_text(encoding="utf-8"))


@cache
def _joints() -> dict[str, str]:
    return dict(_file()["joints"])


@cache
def _clauses() -> dict[str, _Clause]:
    clauses: dict[str, _Clause] = {}
    for name, clause in _file()["clause"].items():
        by_slots: dict[frozenset[str], tuple[str, ...]] = {}
        for text in clause["phrasings"]:
            by_slots[_slots(text)] = (*by_slots.get(_slots(text), ()), text)
        clauses[name] = _Clause(clause["orientation_free"], by_slots)
    return clauses


def _slots(template: str) -> frozenset[str]:
    return frozenset(step.slot for step in _steps(template) if step.slot)

"""Text and its evidence, built together: the one place that computes offsets.

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
from typing import Any

import xxhash

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.wording import article

_CAPITAL = re.compile(r"(?:(?<=[^.!?:\s])\s+|\0\s*)([A-Z]\w*)")
"""Words in capitals that do not begin a sentence."""

HOW = ("verbatim", "normalised", "annotation", "sequence")
"""How a span's text follows from its field, from the plainest to the most computed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A stretch of text that one field of one source answers for; raises ValueError where it says nothing."""

    text: str
    source: str  # accession.version or PMID:n
    field: str
    how: str
    license: str

    def __post_init__(self) -> None:
        if not self.text.strip() or self.text != self.text.strip():
            raise ValueError(
                f"{self.source} {self.field}: a claim needs a text without outer blanks, found {self.text!r}"
            )
        if self.how not in HOW:
            raise ValueError(f"{self.source} {self.field}: expected how to be one of {HOW}, found {self.how!r}")


@dataclass(frozen=True, slots=True)
class Passage:
    """Text and the spans that support it.

    ``evidence`` holds values of ``schemas.EVIDENCE``, half-open in code points of ``text``, by start.
    ``orientation_free``: true as well of the reverse complement and of a crop of the same bases.
    """

    text: str
    evidence: tuple[dict[str, Any], ...]
    orientation_free: bool = True


Filling = Claim | Passage | Sequence[Claim | Passage]


@dataclass(frozen=True, slots=True)
class _Step:
    literal: str
    slot: str | None
    with_article: bool


@dataclass(frozen=True, slots=True)
class _Clause:
    orientation_free: bool
    by_slots: Mapping[frozenset[str], tuple[str, ...]]


class _Builder:
    def __init__(self) -> None:
        self.text = ""
        self.evidence: list[dict[str, Any]] = []
        self.orientation_free = True

    def literal(self, text: str) -> None:
        # An abbreviation at the end of a sentence brings its own full stop.
        self.text += text[1:] if text.startswith(".") and self.text.endswith(".") else text

    def piece(self, piece: Claim | Passage) -> None:
        start = len(self.text)
        self.text += piece.text
        if isinstance(piece, Claim):
            span = {"start": start, "end": len(self.text)}
            evidence = {"source": piece.source, "field": piece.field, "how": piece.how, "license": piece.license}
            self.evidence.append(span | evidence)
            return
        self.evidence += [{**e, "start": e["start"] + start, "end": e["end"] + start} for e in piece.evidence]
        self.orientation_free &= piece.orientation_free

    def passage(self) -> Passage:
        return Passage(self.text, tuple(self.evidence), self.orientation_free)


def compose(template: str, claims: Mapping[str, Filling]) -> Passage:
    """Fill the slots of a template.

    A list stands as "a", "a and b", "a, b and c". Raises CorpusError for a slot without a claim and
    ValueError for an empty list.
    """
    builder = _Builder()
    for step in _steps(template):
        builder.literal(step.literal)
        if step.slot is None:
            continue
        if step.slot not in claims:
            raise CorpusError(
                f"template {template!r}: expected a claim for {{{step.slot}}}, found {sorted(claims)};"
                " give the claim or use a phrasing without the slot"
            )
        filling = claims[step.slot]
        pieces = [filling] if isinstance(filling, Claim | Passage) else list(filling)
        if not pieces:
            raise ValueError(f"template {template!r}: the list for {{{step.slot}}} is empty")
        if step.with_article:
            builder.literal(_joints().get(article(pieces[0].text), ""))
        _add_list(builder, pieces)
    return builder.passage()


def phrase(clause: str, key: str, claims: Mapping[str, Filling]) -> Passage:
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
    passage = compose(chosen, claims)
    return Passage(passage.text, passage.evidence, passage.orientation_free and found.orientation_free)


def join(passages: Sequence[Passage]) -> Passage:
    """Set passages one after the other, a blank between them; raises ValueError when there is none."""
    if not passages:
        raise ValueError("expected at least one passage to join, found none")
    builder = _Builder()
    for place, passage in enumerate(passages):
        builder.literal(_joints()["sentences"] if place else "")
        builder.piece(passage)
    return builder.passage()


def quote(claim: Claim, *runs: tuple[int, int]) -> Passage:
    """Set a claim's text with spans of their own, besides its whole, for half-open runs of it: the words that matter.

    Raises ValueError for a run outside the text or with outer blanks.
    """
    builder = _Builder()
    builder.piece(claim)
    for start, end in runs:
        if not 0 <= start < end <= len(claim.text) or claim.text[start:end] != claim.text[start:end].strip():
            raise ValueError(f"{claim.source} {claim.field}: expected a run of words in the text, found {start}..{end}")
        builder.evidence.append({**builder.evidence[0], "start": start, "end": end})
    return builder.passage()


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
    slots that the package does not have, and for a literal with a digit or with a capital that begins no sentence:
    what stands outside the slots states nothing.
    """
    try:
        clauses = tomllib.loads(path.read_text(encoding="utf-8"))["clause"].items()
        given = [(name, bool(c.get("replace")), [str(text) for text in c["phrasings"]]) for name, c in clauses]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        found = " ".join(str(error).split())
        raise UsageError(
            f'{path}: expected TOML of clauses, [clause."record.gc"] with phrasings = [...], found: {found};'
            " src/dnacorpus/templates.toml shows how"
        ) from error
    capitals = {word for literal in literals() for word in _CAPITAL.findall(literal)}
    for name, replace, texts in given:
        known = _clauses().get(name)
        if known is None:
            raise UsageError(
                f"{path}: expected a clause of templates.toml, found {name}; those are {', '.join(sorted(_clauses()))}"
            )
        for text in texts:
            _refuse_phrasing(f"{path}: {name}: {text!r}", text, known, capitals)
        added = {slots: tuple(text for text in texts if _slots(text) == slots) for slots in map(_slots, texts)}
        kept = {slots: () if replace else known.by_slots[slots] for slots in added}
        by_slots = {**known.by_slots, **{slots: (*kept[slots], *added[slots]) for slots in added}}
        _clauses()[name] = _Clause(known.orientation_free, by_slots)


def _refuse_phrasing(where: str, text: str, clause: _Clause, capitals: set[str]) -> None:
    try:
        steps = _steps(text)
    except ValueError as error:
        raise UsageError(f"{where}: expected {{slot}}s, found: {error}; write {{{{ for a brace") from error
    if _slots(text) not in clause.by_slots:
        sets = "; ".join(" ".join(sorted(slots)) for slots in clause.by_slots)
        raise UsageError(f"{where}: expected the slots of one of [{sets}], found {' '.join(sorted(_slots(text)))}")
    literal = "\0".join(step.literal for step in steps)
    facts = re.findall(r"\d\S*", literal) + [word for word in _CAPITAL.findall(literal) if word not in capitals]
    if facts:
        raise UsageError(
            f"{where}: expected no digit and no name outside the slots, found {facts[0]!r}; only slots carry evidence"
        )


def _add_list(builder: _Builder, pieces: list[Claim | Passage]) -> None:
    for place, piece in enumerate(pieces):
        if place:
            builder.literal(_joints()["last" if place == len(pieces) - 1 else "between"])
        builder.piece(piece)


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
    return tomllib.loads(files("dnacorpus").joinpath("templates.toml").read_text(encoding="utf-8"))


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

"""The phrasings of the corpus: those of ``templates.toml``, and a user's file of more.

All text outside evidence spans is literal text of these files. The package's literals hold no digit and no name,
and a user's are refused if they do.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import xxhash

from dnacorpus import limits
from dnacorpus.bounded import file_text
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.limits import LimitError, within_memory
from dnacorpus.text.compose import Filling, compose, joints, slots, steps, template_file
from dnacorpus.text.evidence import ComposedText

_CAPITAL = re.compile(r"(?:(?<=[^.!?:\s])\s+|\0\s*)([A-Z]\w*)")
"""Words in capitals that do not begin a sentence."""
_AFTER_GAP = re.compile(r"(?<![^\w\0])([^\w\0]*+)([A-Z]\w*)")
"""Words in capitals, with what is between them and the word or slot before."""
_SENTENCE_END = re.compile(r"[.!?:]\s")
_WORD = re.compile(r"[^\W\d_]\w*")
_DIRECTION = re.compile(r"(?i)\b(?:strand\w*|upstream|downstream)\b")
"""Words that are true of the sequence in one direction only."""
_LINE_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
_DIGITS = re.compile(r"\d\S*")
_KEYS = frozenset({"phrasings", "replace"})


class Clause(NamedTuple):
    """The phrasings of one statement, in the file's order, by the set of their slots."""

    orientation_free: bool
    by_slots: Mapping[frozenset[str], tuple[str, ...]]


class _UserClause(NamedTuple):
    name: str
    replace: bool
    phrasings: list[str]


@dataclass(frozen=True, slots=True)
class Templates:
    """The phrasings by name of their clause; never changed once made."""

    clauses: Mapping[str, Clause]

    @classmethod
    def load(cls, user_file: Path | None = None) -> "Templates":
        """Return the package's phrasings, with those of ``user_file`` if there is one; see `with_file`."""
        return _packaged() if user_file is None else _packaged().with_file(user_file)

    def phrase(self, clause: str, key: str, claims: Mapping[str, Filling]) -> ComposedText:
        """Return a clause in the phrasing that the digest of ``key`` chooses, its slots filled by ``claims``.

        Only phrasings whose slots are exactly the given claims are candidates. Raises CorpusError if there is no such
        clause or phrasing.
        """
        found = self.clauses.get(clause)
        phrasings = found.by_slots.get(frozenset(claims)) if found else None
        if not found or not phrasings:
            raise CorpusError(
                f"templates.toml: expected a phrasing of {clause} with the slots {sorted(claims)}, found none; add one"
            )
        chosen = phrasings[xxhash.xxh3_64_intdigest(f"{key}{clause}".encode()) % len(phrasings)]
        return compose(chosen, claims, orientation_free=found.orientation_free)

    def literals(self) -> Iterator[str]:
        """Yield every literal: all text that can occur outside a span."""
        yield from joints().values()
        for _, _, phrasing in self.phrasings():
            yield from (step.literal for step in steps(phrasing) if step.literal)

    def phrasings(self) -> Iterator[tuple[str, frozenset[str], str]]:
        """Yield clause, slots and text of every phrasing, in the file's order."""
        for name, clause in self.clauses.items():
            for of_phrasing, texts in clause.by_slots.items():
                yield from ((name, of_phrasing, text) for text in texts)

    def with_file(self, path: Path) -> "Templates":
        """Return these phrasings and those of a user's file.

        The file is TOML: ``[clause."record.gc"]`` with ``phrasings = [...]``, and ``replace = true`` if they replace
        the package's with the same slots. Raises UsageError, naming the phrasing, for a clause, a set of slots or a
        key that the package does not have, and for literals that state something: a digit, a name (a capital inside a
        sentence, or a first word that no phrasing of the package uses), a line break if the clause has none,
        a direction if the clause holds for either strand.
        """
        literals = list(self.literals())
        names = {word for literal in literals for word in _CAPITAL.findall(literal)}
        words = {word.lower() for literal in literals for word in _WORD.findall(literal)}
        clauses = dict(self.clauses)
        for name, replace, texts in _read(path):
            known = clauses.get(name)
            if known is None:
                raise UsageError(
                    f"{path}: expected a clause of templates.toml, found {name}; those are {', '.join(sorted(clauses))}"
                )
            for text in texts:
                _refuse_statement(f"{path}: {name}: {text!r}", text, known, names, words)
            kept = {slots(text): () if replace else known.by_slots[slots(text)] for text in texts}
            clauses[name] = Clause(known.orientation_free, {**known.by_slots, **_by_slots(texts, kept)})
        return Templates(clauses)


@cache
def _packaged() -> Templates:
    return Templates(
        {
            name: Clause(clause["orientation_free"], _by_slots(clause["phrasings"], {}))
            for name, clause in template_file()["clause"].items()
        }
    )


def _by_slots(
    texts: Sequence[str], before: Mapping[frozenset[str], tuple[str, ...]]
) -> dict[frozenset[str], tuple[str, ...]]:
    """Return phrasings by their slots, after those of ``before`` with the same slots."""
    found = dict(before)
    for text in texts:
        found[slots(text)] = (*found.get(slots(text), ()), text)
    return found


def _read(path: Path) -> list[_UserClause]:
    try:
        with within_memory():
            clauses = tomllib.loads(file_text(path, limits.TEMPLATES))["clause"].items()
        read = [
            _UserClause(name, bool(clause.get("replace")), [str(text) for text in clause["phrasings"]])
            for name, clause in clauses
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, LimitError) as error:
        found = " ".join(str(error).split())
        raise UsageError(
            f'{path}: expected TOML of clauses, [clause."record.gc"] with phrasings = [...], found: {found};'
            " src/dnacorpus/text/templates.toml shows how"
        ) from error
    if odd := [f"{name}: {key}" for name, clause in clauses for key in sorted(clause.keys() - _KEYS)]:
        raise UsageError(f"{path}: expected the keys phrasings and replace of a clause, found {odd[0]}; correct it")
    return read


def _refuse_statement(where: str, text: str, clause: Clause, names: set[str], words: set[str]) -> None:
    """Raise UsageError for a user's phrasing of a clause if its literals state something.

    ``names`` are the capitalised words that may occur inside a sentence, ``words`` those that may begin one.
    """
    try:
        literal = "\0".join(step.literal for step in steps(text))
    except ValueError as error:
        raise UsageError(f"{where}: expected {{slot}}s, found: {error}; write {{{{ for a brace") from error
    if slots(text) not in clause.by_slots:
        sets = "; ".join(" ".join(sorted(of_phrasing)) for of_phrasing in clause.by_slots)
        raise UsageError(f"{where}: expected the slots of one of [{sets}], found {' '.join(sorted(slots(text)))}")
    facts = _DIGITS.findall(literal) + [word for word in _CAPITAL.findall(literal) if word not in names]
    first = [word[2] for word in _AFTER_GAP.finditer(literal) if not word.start() or _SENTENCE_END.search(word[1])]
    facts += [word for word in first if word.lower() not in words]
    if facts:
        raise UsageError(
            f"{where}: expected no digit and no name outside the slots, found {facts[0]!r}; only slots carry evidence"
        )
    if _LINE_BREAK.search(literal) and not _has_line_break(clause):
        raise UsageError(f"{where}: expected one line, found a line break, which separates what follows; write a blank")
    if clause.orientation_free and (direction := _DIRECTION.search(literal)):
        raise UsageError(
            f"{where}: expected words that hold for either strand, found {direction[0]!r}; a row made of"
            " such clauses alone is marked orientation_free"
        )


def _has_line_break(clause: Clause) -> bool:
    texts = [text for of_slots in clause.by_slots.values() for text in of_slots]
    return any("\n" in step.literal for text in texts for step in steps(text))

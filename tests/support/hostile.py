"""Texts that make a regular expression slow: made from its parse tree, to be repeated by a test of linear time.

A pattern is slow where two of its parts, or one part from two starts, can match the same characters. So each text is
one unit many times: a character that a repeat accepts, two such characters, or what leads to a repeat.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise, product, zip_longest
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

GENERAL = (
    " ", "\t", "\n", "\r\n", ";", "; ", ",", ".", ". ", ":", "(", "((", ")", "[", "<", "<h1>", '"', "'", "/", "//",
    "\\", "%", "=", "|", "-", "0", "1.", "a", "A", "a ", "A a ", "ab1", "é", "\N{EM DASH}", "\0", "http://", "a:b@",
    "(a", "a=\"b\";",
)  # fmt: skip
"""Units that are tried with every pattern."""
ALPHABET = "aAeEtTzZ1059 \n\t\r_-.,;:/\"'()[]{}<>=+*?!&@#%|^$~`\\\x0b\0é\N{EM DASH}" + "".join(
    map(chr, (*range(0x62, 0x7B), *range(0x42, 0x5B), *range(0x32, 0x3A)))
)
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_OWN = 2
"""How many of a pattern's own characters stand for a set: they end or escape what is around it, as in `\\\\.`."""
MANY = 8
"""A repeat that allows fewer takes no text of any length."""
_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s", op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


@dataclass(frozen=True)
class Hostile:
    """A text of any size: ``head``, then ``units`` in equal shares, each many times, then ``tail``."""

    units: tuple[str, ...]
    head: str = ""
    tail: str = ""

    def text(self, size: int) -> str:
        """Return the text with about ``size`` characters."""
        share = max(1, size // len(self.units))
        return self.head + "".join(unit * max(1, share // len(unit)) for unit in self.units) + self.tail


class Own(NamedTuple):
    """What is known of a pattern inside its parse tree: its flags and the characters that are written in it."""

    flags: int
    characters: str


def hostile(pattern: "re.Pattern[Any]") -> list[Hostile]:
    """Return texts made for a pattern, then those for any."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    found: dict[Hostile, None] = {}
    own = Own(pattern.flags, "".join(dict.fromkeys(_written(list(tree)))))
    runs = list(_runs(list(tree), "", own))
    characters = list(dict.fromkeys(unit for _, unit in runs if len(unit) == 1))[:5]
    example = next(_examples(list(tree), own), "")
    units = [*characters, *(a + b for a, b in product(characters, characters) if a != b)]
    units += [unit for head, one in runs for unit in (one, head + one, head)] + [example, *_literals(list(tree))]
    for tail in ("", "\x01"):
        found |= dict.fromkeys(Hostile((unit,), "", tail) for unit in units if unit)
        found |= dict.fromkeys(Hostile((unit,), head, tail) for head, unit in runs)
    for (head, one), (_, other) in pairwise(runs):
        found[Hostile((one, other), head, "\x01")] = None
    for one, other in product(characters, characters):
        if one != other:
            found[Hostile((one, other), "", "\x01")] = None
    found |= dict.fromkeys(Hostile((unit,), "", "x") for unit in GENERAL)
    return list(found)


def _runs(items: list[Any], head: str, own: Own) -> Iterator[tuple[str, str]]:
    """Yield, for each repeat without bound, a text that leads to it and what it repeats."""
    for index, (kind, value) in enumerate(items):
        before = head + next(_examples(items[:index], own), "")
        if kind in REPEATS:
            _, high, body = value
            if high > MANY:
                for unit in islice((unit for unit in _examples(list(body), own, 5) if unit), 12):
                    yield before, unit
            yield from _runs(list(body), before, own)
        for inner in _inside(kind, value):
            yield from _runs(inner, before, own)


def _inside(kind: Any, value: Any) -> list[list[Any]]:
    """Return the items inside an item that is no repeat."""
    if kind is op.BRANCH:
        return [list(branch) for branch in value[1]]
    if kind is op.SUBPATTERN:
        return [list(value[3])]
    if kind is op.ATOMIC_GROUP:
        return [list(value)]
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return [list(value[1])]
    return []


def _examples(items: list[Any], own: Own, width: int = 1) -> Iterator[str]:
    """Yield texts that the items match, at most ``width`` for each set of characters; assertions count as matched."""
    choices = [list(islice(_example(kind, value, own, width), max(width, 4))) or [""] for kind, value in items]
    for index, choice in enumerate(choices):
        for one in choice:
            yield "".join(one if at == index else other[0] for at, other in enumerate(choices))
    if not choices:
        yield ""


def _example(kind: Any, value: Any, own: Own, width: int) -> Iterator[str]:
    if kind is op.LITERAL:
        yield chr(value)
    elif kind in (op.NOT_LITERAL, op.ANY, op.IN):
        for characters, most in ((own.characters, _OWN), (_spread(), width)):
            yield from islice((one for one in characters if _accepts(kind, value, one, own.flags)), most)
    elif kind in REPEATS:
        low, _, body = value
        for one in _examples(list(body), own, width):
            yield one * max(low, 1)
    elif kind is op.BRANCH:
        branches = [islice(_examples(list(branch), own, width), width) for branch in value[1]]
        for examples in zip_longest(*branches):
            yield from (one for one in examples if one is not None)
    else:
        for inner in _inside(kind, value) if kind in (op.SUBPATTERN, op.ATOMIC_GROUP) else []:
            yield from _examples(inner, own, width)


def _spread() -> Iterator[str]:
    """Yield the alphabet so that the first few characters of any set are of different kinds."""
    first = 'a1 A.\n-;(/"<'
    yield from first
    yield from (one for one in ALPHABET if one not in first)


def _accepts(kind: Any, value: Any, character: str, flags: int) -> bool:
    if flags & re.IGNORECASE:
        return any(_accepts(kind, value, one, flags & ~re.IGNORECASE) for one in (character.lower(), character.upper()))
    if kind is op.ANY:
        return character != "\n" or bool(flags & re.DOTALL)
    if kind is op.NOT_LITERAL:
        return ord(character) != value
    negated = value[0][0] is op.NEGATE
    return negated != any(_in_item(*item, character) for item in value)


def _in_item(kind: Any, value: Any, character: str) -> bool:
    if kind is op.LITERAL:
        return ord(character) == value
    if kind is op.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    return kind is op.CATEGORY and re.fullmatch(_CATEGORIES[value], character) is not None


def _written(items: list[Any]) -> Iterator[str]:
    """Yield the characters that are written in a pattern, also those of its sets."""
    for kind, value in items:
        if kind in (op.LITERAL, op.NOT_LITERAL):
            yield chr(value)
        elif kind is op.IN:
            yield from _written(value)
        else:
            for part in [list(value[2])] if kind in REPEATS else _inside(kind, value):
                yield from _written(part)


def _literals(items: list[Any]) -> Iterator[str]:
    """Yield the runs of literal characters in a pattern."""
    run = ""
    for kind, value in items:
        if kind is op.LITERAL:
            run += chr(value)
            continue
        if run:
            yield run
        run = ""
        inner = [list(value[2])] if kind in REPEATS else _inside(kind, value)
        for part in inner:
            yield from _literals(part)
    if run:
        yield run

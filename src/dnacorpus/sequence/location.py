"""The location of a feature: INSDC location text to coordinates, and coordinates to bases.

Format: the INSDC Feature Table Definition, section 3.4. Positions there are 1-based and closed; the
coordinates that this module returns are 0-based and half-open, on the forward strand. Parts are in transcript
order: ``complement(join(a,b))`` is b first, then a, each on strand -1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dnacorpus import limits
from dnacorpus.errors import CorpusError
from dnacorpus.sequence.bases import extract

Interval = tuple[int, int]
"""Start and end, 0-based and half-open."""

_WORD = re.compile(r"(complement|join|order|one-of|bond|replace)\(")
_REMOTE = re.compile(r"([A-Za-z_][\w.|-]*?):")
_POSITION = re.compile(r"[<>]?(?:\d+\.\d+|\(\d+\.\d+\)|\d+)|one-of\([^()]*\)")
_NUMBER = re.compile(r"\d+")
_PLAIN = re.compile(r"(complement\()?<?(\d{1,18})\.\.>?(\d{1,18})\)?")
OPERATORS = ("none", "join", "order", "one-of")
"""How the parts of a location are combined, the most certain first."""


@dataclass(frozen=True, slots=True)
class Part:
    """One interval of a location; ``accession`` is that of another record it lies in, None for this one."""

    accession: str | None
    start: int
    end: int
    strand: int


@dataclass(frozen=True, slots=True)
class Location:
    """Where a feature lies: the span of its local parts, and the parts in transcript order.

    ``end`` exceeds the molecule's length if the span crosses the origin. Without a local
    part the span is 0..0 on strand 0. Text that cannot be read has no parts.
    ``operator`` is the least certain one in the text: one-of, then order, then join, then none.
    """

    start: int
    end: int
    strand: int
    operator: str
    parts: tuple[Part, ...]
    partial_start: bool
    partial_end: bool


class _MalformedError(Exception):
    """Text that is not a location; never raised out of this module."""


def read(text: str, length: int, circular: bool, trans_spliced: bool = False) -> Location:
    """Return the location that a text without blanks describes, on a molecule of ``length`` bases.

    Text that cannot be read gives a location without parts, which `problem` calls malformed. A trans-spliced
    feature never crosses the origin, whatever its parts look like.
    """
    partial = "<" in text, ">" in text
    try:
        parts, operator = _parse(text, length, circular)
    except _MalformedError:
        return Location(0, 0, 0, "none", (), *partial)
    local = [part for part in parts if part.accession is None]
    if not local:
        return Location(0, 0, 0, operator, tuple(parts), *partial)
    strands = {part.strand for part in local}
    strand = strands.pop() if len(strands) == 1 else 0
    start, end = min(part.start for part in local), max(part.end for part in local)
    if circular and operator == "join" and not trans_spliced and len(local) == len(parts):
        start, end = _across_origin(local, strand, length) or (start, end)
    return Location(start, end, strand, operator, tuple(parts), *partial)


def problem(feature: Mapping[str, Any], length: int) -> str | None:
    """Return why a row of the features table has no sequence in a molecule of ``length`` bases, or None.

    One of malformed, one_of, order, remote, between, zero_length, out_of_bounds.
    """
    parts, operator = feature["parts"], feature["operator"]
    if not parts:
        return "malformed"
    if operator in ("one-of", "order"):
        return "one_of" if operator == "one-of" else "order"
    if any(part["accession"] is not None for part in parts):
        return "remote"
    if "^" in feature["location"]:
        return "between"
    if any(part["start"] >= part["end"] for part in parts):
        return "zero_length"
    return "out_of_bounds" if any(part["start"] < 0 or part["end"] > length for part in parts) else None


def flanked(feature: Mapping[str, Any], length: int, bases: int) -> Mapping[str, Any]:
    """Return the row of a feature, extended by up to ``bases`` on either side: its first and last part are longer.

    Neither is extended beyond the ends of the molecule of ``length`` bases, circular or not. A feature across the
    origin, on both strands, or with parts out of order is returned unchanged.
    """
    parts = [dict(part) for part in feature["parts"]]
    ordered = parts if feature["strand"] == 1 else parts[::-1]
    plain = all(left["end"] <= right["start"] for left, right in pairwise(ordered))
    if not bases or not parts or feature["strand"] == 0 or feature["end"] > length or not plain:
        return feature
    ordered[0]["start"] = max(ordered[0]["start"] - bases, 0)
    ordered[-1]["end"] = min(ordered[-1]["end"] + bases, length)
    return {**feature, "parts": parts, "start": ordered[0]["start"], "end": ordered[-1]["end"]}


def extract_feature(sequence: bytes, feature: Mapping[str, Any]) -> bytes:
    """Return the feature's bases: its parts in transcript order, each in its strand's direction.

    ``feature`` is a row of the features table. Raises CorpusError if `problem` names a reason.
    """
    reason = problem(feature, len(sequence))
    if reason is not None:
        raise CorpusError(
            f"feature {feature['kind']} at {feature['location']}: expected a location inside the"
            f" {len(sequence)} bases of its record, found {reason}; ask location.problem first"
        )
    return b"".join(extract(sequence, part["start"], part["end"], part["strand"]) for part in feature["parts"])


def _parse(text: str, length: int, circular: bool) -> tuple[list[Part], str]:
    plain = _PLAIN.fullmatch(text)
    if plain and (plain[1] is None) == (text[-1] != ")") and 0 < int(plain[2]) <= int(plain[3]):
        return [Part(None, int(plain[2]) - 1, int(plain[3]), -1 if plain[1] else 1)], "none"
    parser = _Parser(text, length, circular)
    parts = parser.expression()
    if parser.position != len(text):
        raise _MalformedError
    return parts, parser.operator


class _Parser:
    """Recursive descent over one location text."""

    def __init__(self, text: str, length: int, circular: bool) -> None:
        self.text, self.length, self.circular = text, length, circular
        self.position, self.depth, self.operator = 0, 0, "none"

    def expression(self) -> list[Part]:
        word = _WORD.match(self.text, self.position)
        if not word or (word[1] == "one-of" and self._is_position()):
            return self._span()
        self.position = word.end()
        self.depth += 1
        if word[1] == "bond" or self.depth > 64:
            raise _MalformedError
        parts = self._arguments(word[1])
        self.depth -= 1
        if word[1] == "complement":
            return [Part(p.accession, p.start, p.end, -p.strand) for p in reversed(parts)]
        if word[1] != "replace":
            self.operator = max(self.operator, word[1], key=OPERATORS.index)
        return parts

    def _arguments(self, word: str) -> list[Part]:
        parts = self.expression()
        while word not in ("complement", "replace") and self._next(","):
            parts += self.expression()
        if word == "replace":
            self.position = max(self.position, self.text.find(")", self.position))
        if not self._next(")"):
            raise _MalformedError
        return parts

    def _is_position(self) -> bool:
        # one-of(1,7)..20 chooses a position, one-of(1..20,7..20) a location
        close = self.text.find(")", self.position)
        return self.text[close + 1 : close + 3] == ".." or self.text[self.position - 2 : self.position] == ".."

    def _span(self) -> list[Part]:
        remote = _REMOTE.match(self.text, self.position)
        accession = remote[1] if remote else None
        self.position = remote.end() if remote else self.position
        low, end = self._read_position()
        if self._next("^"):
            high = self._read_position()[0]
            if high != low + 1 and not (high == 1 and low == self.length):
                raise _MalformedError
            return [Part(accession, low, low, 1)]
        if self._next(".."):
            end = self._read_position()[1]
        elif end != low:
            raise _MalformedError  # one base at an unknown position
        if end < low and not accession and self.circular and low <= self.length:
            self.operator = max(self.operator, "join", key=OPERATORS.index)
            return [Part(None, low - 1, self.length, 1), Part(None, 0, end, 1)]
        if end < low or low < 1:
            raise _MalformedError
        return [Part(accession, low - 1, end, 1)]

    def _read_position(self) -> tuple[int, int]:
        match = _POSITION.match(self.text, self.position)
        if not match:
            raise _MalformedError
        self.position = match.end()
        digits = _NUMBER.findall(match[0])
        if any(len(number) > limits.POSITION_DIGITS for number in digits):
            raise _MalformedError
        numbers = [int(number) for number in digits]
        if match[0].startswith("one-of"):
            self.operator = "one-of"
        if not numbers:
            raise _MalformedError
        return min(numbers), max(numbers)

    def _next(self, literal: str) -> bool:
        found = self.text.startswith(literal, self.position)
        self.position += len(literal) if found else 0
        return found


def _across_origin(parts: list[Part], strand: int, length: int) -> tuple[int, int] | None:
    forward = parts if strand == 1 else parts[::-1]
    wraps = [i for i in range(1, len(forward)) if forward[i - 1].end == length and forward[i].start == 0]
    if strand == 0 or len(wraps) != 1:
        return None
    before, after = forward[: wraps[0]], forward[wraps[0] :]
    ascending = all(left.end <= right.start for side in (before, after) for left, right in pairwise(side))
    if not ascending or after[-1].end > before[0].start:
        return None
    return before[0].start, length + after[-1].end

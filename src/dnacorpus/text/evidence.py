"""Claims, and text with its evidence. This is the one place that computes offsets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dnacorpus.schemas.values import HOW


@dataclass(slots=True, unsafe_hash=True)
class Claim:
    """A stretch of text that one field of one source supports.

    Raises ValueError for a text that is empty or begins or ends with a blank, and for an unknown ``how``.
    """

    # Never changed once made. It is not declared frozen because frozen dataclasses are three times slower to make,
    # and a part of a division has a million claims.

    text: str
    source: str  # accession.version or PMID:n
    field: str
    how: str
    license: str

    def __post_init__(self) -> None:
        if not self.text or self.text != self.text.strip():
            raise ValueError(
                f"{self.source} {self.field}: a claim needs a text without outer blanks, found {self.text!r}"
            )
        if self.how not in HOW:
            raise ValueError(f"{self.source} {self.field}: expected how to be one of {HOW}, found {self.how!r}")


class ComposedText:
    """Text and the spans that support it.

    ``evidence`` holds values of `schemas.types.EVIDENCE`, half-open in code points of ``text``, sorted by start.
    ``orientation_free``: the text is also true of the reverse complement and of a crop of the same bases.
    """

    # A composed text is a list of pieces until its text is asked for. Most become part of another text, so the offsets
    # of each span are computed once, not once for every text around it.
    __slots__ = ("_evidence", "_text", "orientation_free", "pieces")

    def __init__(self, text: str, evidence: tuple[dict[str, Any], ...], orientation_free: bool = True) -> None:
        """Hold a text whose spans are known; texts made of claims come from `compose`."""
        self.pieces: list[Piece] = [self]
        self._text: str | None = text
        self._evidence = evidence
        self.orientation_free = orientation_free

    @classmethod
    def of(cls, pieces: "list[Piece]", orientation_free: bool) -> "ComposedText":
        """Return the text that pieces make one after the other; no offset is computed yet."""
        composed = cls.__new__(cls)
        composed.pieces, composed._text, composed.orientation_free = pieces, None, orientation_free
        return composed

    @property
    def text(self) -> str:
        """The text of all pieces."""
        return self._computed()[0]

    @property
    def evidence(self) -> tuple[dict[str, Any], ...]:
        """The spans of the text."""
        return self._computed()[1]

    @property
    def claims(self) -> list[Claim]:
        """The claims that `compose` put into the text, in its order."""
        return [piece for piece in self.pieces if isinstance(piece, Claim)]

    def as_one_piece(self) -> "ComposedText":
        """Return the same text as one piece, which `piece_starts` finds again in a text composed of it."""
        return ComposedText(self.text, self.evidence, self.orientation_free)

    def piece_starts(self) -> "Iterator[tuple[Piece, int]]":
        """Yield every piece and its start in the text, in code points."""
        start = 0
        for piece in self.pieces:
            yield piece, start
            start += len(_text_of(piece))

    def __eq__(self, other: object) -> bool:
        """Return whether text, spans and orientation_free are equal."""
        if not isinstance(other, ComposedText):
            return NotImplemented
        return (*self._computed(), self.orientation_free) == (*other._computed(), other.orientation_free)

    __hash__ = None  # type: ignore[assignment] # its evidence is a tuple of dicts

    def __repr__(self) -> str:
        """Return the call that makes an equal text."""
        return f"ComposedText({self.text!r}, {self.evidence!r}, {self.orientation_free!r})"

    def _computed(self) -> tuple[str, tuple[dict[str, Any], ...]]:
        if self._text is None:
            self._text, self._evidence = text_and_evidence(self.pieces)
        return self._text, self._evidence


Piece = str | Claim | ComposedText
"""What a composed text is made of: a literal, a claim, or a text whose spans are known."""


def text_and_evidence(pieces: Sequence[Piece]) -> tuple[str, tuple[dict[str, Any], ...]]:
    """Return the text of pieces one after the other, and its spans."""
    texts = [_text_of(piece) for piece in pieces]
    evidence: list[dict[str, Any]] = []
    start = 0
    for piece, text in zip(pieces, texts, strict=True):
        end = start + len(text)
        if isinstance(piece, Claim):
            evidence.append({
                "start": start, "end": end, "source": piece.source,
                "field": piece.field, "how": piece.how, "license": piece.license,
            })  # fmt: skip
        elif isinstance(piece, ComposedText):
            evidence += [{**e, "start": e["start"] + start, "end": e["end"] + start} for e in piece.evidence]
        start = end
    return "".join(texts), tuple(evidence)


def _text_of(piece: Piece) -> str:
    return piece if isinstance(piece, str) else piece.text

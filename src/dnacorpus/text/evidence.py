"""Claims, and text with its evidence: what `compose` puts together, and the one place that computes offsets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dnacorpus.schemas.values import HOW


@dataclass(slots=True, unsafe_hash=True)
class Claim:
    """A stretch of text that one field of one source answers for; raises ValueError where it says nothing.

    Never changed once made; not declared frozen, because Python makes frozen ones three times more slowly, and a
    part has a million.
    """

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

    ``evidence`` holds values of ``schemas.EVIDENCE``, half-open in code points of ``text``, by start.
    ``orientation_free``: true as well of the reverse complement and of a crop of the same bases.
    """

    # A composed passage is a list of pieces until somebody asks for its text: most passages only stand in others,
    # and so each span is counted once, wherever it comes to stand, not once for each passage around it.
    __slots__ = ("_evidence", "_text", "orientation_free", "pieces")

    def __init__(self, text: str, evidence: tuple[dict[str, Any], ...], orientation_free: bool = True) -> None:
        """Take text whose spans are known; `compose` makes the others."""
        self.pieces: list[Piece] = [self]
        self._text: str | None = text
        self._evidence = evidence
        self.orientation_free = orientation_free

    @classmethod
    def of(cls, pieces: "list[Piece]", orientation_free: bool) -> "ComposedText":
        """Return what some pieces say one after the other; nothing is counted yet."""
        passage = cls.__new__(cls)
        passage.pieces, passage._text, passage.orientation_free = pieces, None, orientation_free
        return passage

    @property
    def text(self) -> str:
        """The text, set together from its pieces."""
        return self._set()[0]

    @property
    def evidence(self) -> tuple[dict[str, Any], ...]:
        """The spans of the text."""
        return self._set()[1]

    @property
    def claims(self) -> list[Claim]:
        """The claims of a passage that `compose` made, in the text's order."""
        return [piece for piece in self.pieces if isinstance(piece, Claim)]

    def __eq__(self, other: object) -> bool:
        """Tell whether text, spans and freedom of orientation are the same."""
        if not isinstance(other, ComposedText):
            return NotImplemented
        return (*self._set(), self.orientation_free) == (*other._set(), other.orientation_free)

    __hash__ = None  # type: ignore[assignment] # as that of what it holds

    def __repr__(self) -> str:
        """Return text and spans as they would be given."""
        return f"ComposedText({self.text!r}, {self.evidence!r}, {self.orientation_free!r})"

    def _set(self) -> tuple[str, tuple[dict[str, Any], ...]]:
        if self._text is None:
            self._text, self._evidence = set_together(self.pieces)
        return self._text, self._evidence


Piece = str | Claim | ComposedText
"""What a passage is made of: literal text, a claim, or a passage whose text is known."""


def set_together(pieces: Sequence[Piece]) -> tuple[str, tuple[dict[str, Any], ...]]:
    """Return the text of pieces set one after the other, and its spans: the one place that counts offsets."""
    texts = [piece if isinstance(piece, str) else piece.text for piece in pieces]
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

"""The text of a document: its members' facts in one template, each followed or preceded by its DNA."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xxhash

from dnacorpus.text.claims import ClaimSource
from dnacorpus.text.compose import Filling, compose
from dnacorpus.text.evidence import ComposedText
from dnacorpus.views.documents.fillings import PairColumns, fillings_of
from dnacorpus.views.documents.style import LAYOUTS, DocumentStyle, DocumentTemplate, joints


@dataclass(frozen=True, slots=True)
class _Member:
    """One member of a document: all of it, and the two pieces of it whose offsets are recorded."""

    row: PairColumns
    whole: ComposedText
    text: ComposedText
    dna: ComposedText


def render(
    document_id: str,
    template: DocumentTemplate,
    rows: Sequence[tuple[PairColumns, ComposedText | None]],
    style: DocumentStyle,
) -> dict[str, Any]:
    """Return ``text``, ``members`` and ``evidence`` of a document as `schemas.views.DOCUMENTS` has them.

    ``rows`` are rows of pairs, sequence included, each with its lineage prompt or None. The bases have
    a span of their own: field ``sequence``, verbatim.
    """
    layout = _layout(style, document_id)
    members = [_member(template, row, lineage, layout, style) for row, lineage in rows]
    inner = joints()["members"].join(f"{{m{number}}}" for number in range(len(members)))
    whole = compose(_around("document", inner, style), {f"m{number}": m.whole for number, m in enumerate(members)})
    starts = {id(piece): start for piece, start in whole.piece_starts()}
    return {
        "text": whole.text,
        "members": [_columns(member, starts) for member in members],
        "evidence": list(whole.evidence),
    }


def _member(
    template: DocumentTemplate, row: PairColumns, lineage: ComposedText | None, layout: str, style: DocumentStyle
) -> _Member:
    fillings = fillings_of(row, style.tokens)
    text = compose(template.text, {slot: fillings[slot] for slot in template.slots}).as_one_piece()
    bases = ClaimSource(row["accession"]).verbatim(row["sequence"], "sequence")
    dna = compose("{it}", {"it": bases}).as_one_piece()
    halves = [_around("text", "{text}", style), _around("dna", "{lineage}{dna}" if lineage else "{dna}", style)]
    if layout == "dna_text":
        halves.reverse()
    claims: dict[str, Filling] = {"text": text, "dna": dna}
    if lineage:
        claims["lineage"] = lineage
    return _Member(row, compose(joints()["halves"].join(halves), claims), text, dna)


def _columns(member: _Member, starts: Mapping[int, int]) -> dict[str, Any]:
    """Return the value of the column ``members``; ``starts`` are the starts of pieces in the document, by id."""
    row, text, dna = member.row, starts[id(member.text)], starts[id(member.dna)]
    return {
        **{column: row[column] for column in ("pair_id", "accession", "species")},
        **{"text_start": text, "text_end": text + len(member.text.text)},
        **{"dna_start": dna, "dna_end": dna + len(member.dna.text)},
    }


def _layout(style: DocumentStyle, document_id: str) -> str:
    if style.layout != "either":
        return style.layout
    return LAYOUTS[xxhash.xxh3_64_intdigest(document_id.encode()) % 2]


def _around(what: str, inner: str, style: DocumentStyle) -> str:
    first, last = (_escaped(style.tokens.get(f"{what}_{side}", "")) for side in ("open", "close"))
    return f"{first}{inner}{last}"


def _escaped(literal: str) -> str:
    return literal.replace("{", "{{").replace("}", "}}")

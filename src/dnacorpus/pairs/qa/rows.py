"""The qa rows of one record: stretches around its genes, each with questions and answers about it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.qa.annotation import (
    clusters,
    counts,
    extremes,
    locations,
    neighbours,
    positions,
    products,
    strands,
)
from dnacorpus.pairs.qa.sequence import bases, codes, codons, taxonomy, unanswerable
from dnacorpus.pairs.qa.stretch import Exchange, QuestionFamily, Stretch, anchors, draw
from dnacorpus.pairs.rows import Exclusion, PairRow, pair_id, stretch_row
from dnacorpus.sequence.location import Interval
from dnacorpus.settings.pairs import QaSettings
from dnacorpus.text.compose import Filling
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.wording import alike

_LETTER = re.compile(r"[^\W\d_]")

_TRIED = 8
"""Exchanges of a family that are tried for a row before the family is left out."""
_DRAWS = {
    "product": 2, "codon": 2, "code": 2, "unanswerable": 2,
    "position": 3, "extreme": 3, "neighbour": 4, "cluster": 4,
}  # fmt: skip
"""Families whose condition seldom holds have more draws, so that families are about equally frequent."""


def question_rows(context: Context, settings: QaSettings) -> Iterator[PairRow | Exclusion]:
    """Yield one result for each stretch of a record that questions are asked about; see `stretches_of`.

    An Exclusion is of unit row; reasons: gap (too many N), few_questions (fewer than ``min_questions`` can be asked).
    """
    accession = context.record["accession"]
    for start, end in stretches_of(accession, context.features, len(context.sequence), settings):
        if context.sequence.count(b"N", start, end) > settings.max_n_share * (end - start):
            yield Exclusion("row", "gap", end - start)
            continue
        name = pair_id("qa", accession, None, start, end, "qa")
        chosen = choose(Stretch(context, start, end), name, settings)
        if len(chosen) < settings.min_questions:
            yield Exclusion("row", "few_questions", end - start)
            continue
        row = stretch_row(context, name, "qa", converse(context, chosen, name), (start, end))
        yield PairRow(row | {"informative": True, "pmids": []}, None)


def stretches_of(
    accession: str, features: Sequence[Mapping[str, Any]], length: int, settings: QaSettings
) -> list[Interval]:
    """Return up to ``max_rows`` disjoint half-open stretches of at most ``max_bases`` bases of a record.

    Each lies around a gene that the digest of the accession chooses; none crosses the origin. A
    record no longer than a row is one stretch; a record without genes or their products has none.
    """
    stretches: list[Interval] = []
    for gene in sorted(anchors(features, length), key=lambda gene: (draw(accession, gene["index"]), gene["index"])):
        size = min(settings.max_bases, length)
        end = gene["end"]
        if end - gene["start"] > size:
            # The row holds the start of a gene longer than itself, and not always as its first base.
            end = gene["start"] + (size + 1) // 2
        low, high = max(0, end - size), min(gene["start"], length - size)
        start = low + draw(accession, f"start{gene['index']}") % (high - low + 1)
        if all(start + size <= other or last <= start for other, last in stretches):
            stretches.append((start, start + size))
        if len(stretches) == settings.max_rows or size == length:
            break
    return sorted(stretches)


def families(settings: QaSettings) -> dict[str, QuestionFamily]:
    """Return all families of questions by name; a row holds one exchange of each at most."""
    return {
        "count": counts,
        "place": locations,
        "strand": strands,
        "product": products,
        "position": positions,
        "extreme": extremes,
        "neighbour": neighbours,
        "cluster": partial(clusters, settings=settings),
        "codon": codons,
        "code": codes,
        "bases": bases,
        "taxonomy": taxonomy,
        "unanswerable": unanswerable,
    }


def choose(stretch: Stretch, name: str, settings: QaSettings) -> list[Exchange]:
    """Return up to ``max_questions`` exchanges for the row ``name``, from families in the order that its digest draws.

    No question or answer contains another's answer, and no question its own.
    """
    number = settings.min_questions + draw(name, "number") % (settings.max_questions - settings.min_questions + 1)
    chosen: list[Exchange] = []
    known = families(settings)
    for family in sorted(known, key=lambda family: _turn(name, family)):
        for _, exchange in zip(range(_TRIED), known[family](stretch, name), strict=False):
            if not _gives_itself_away(exchange) and not any(_gives_away(exchange, other) for other in chosen):
                chosen.append(exchange)
                break
        if len(chosen) == number:
            break
    return chosen


def _turn(name: str, family: str) -> int:
    """Return a family's rank for a row: the least of its draws, so that more draws rank it sooner."""
    return min(draw(name, f"{family}{number}") for number in range(_DRAWS.get(family, 1)))


def converse(context: Context, exchanges: Sequence[Exchange], name: str) -> ComposedText:
    """Return the text of exchanges, one line for each question and one for each answer."""
    pairs: list[ComposedText] = []
    for exchange in exchanges:
        asked = context.phrase(exchange.question, name, exchange.asked)
        question = context.phrase("item.question", name, {"question": asked})
        answer = context.phrase(exchange.answer, name, exchange.answered)
        pairs.append(context.phrase("item.answer", name, {"question": question, "answer": answer}))
    text = pairs[0]
    for pair in pairs[1:]:
        text = context.phrase("item.exchanges", name, {"before": text, "next": pair})
    return text


def _words(claims: Mapping[str, Filling]) -> set[str]:
    """Return the texts of all claims in lower case, and each in a form that its spellings share."""
    texts: set[str] = set()
    for filling in claims.values():
        for piece in [filling] if isinstance(filling, Claim | ComposedText) else filling:
            if isinstance(piece, Claim):
                texts.add(piece.text.lower())
            else:
                texts |= {piece.text[span["start"] : span["end"]].lower() for span in piece.evidence}
    # A number has one spelling only: 45.6 is not 456.
    return texts | {alike(text) for text in texts if _LETTER.search(text)}


def _gives_itself_away(exchange: Exchange) -> bool:
    asked = "\n".join(sorted(_words(exchange.asked)))
    return any(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", asked) for text in _words(exchange.answered))


def _gives_away(one: Exchange, other: Exchange) -> bool:
    answers, other_answers = _words(one.answered), _words(other.answered)
    if not answers.isdisjoint(other_answers | _words(other.asked)):
        return True
    return not other_answers.isdisjoint(_words(one.asked))

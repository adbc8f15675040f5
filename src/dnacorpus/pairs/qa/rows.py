"""The qa rows of one record: stretches round its genes, each with questions and answers about it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.qa.annotation import (
    Cluster,
    clusters,
    counts,
    extremes,
    neighbours,
    places,
    positions,
    products,
    strands,
)  # fmt: skip
from dnacorpus.pairs.qa.sequence import bases, codes, codons, taxonomy, unanswerable
from dnacorpus.pairs.qa.stretch import Exchange, Family, Stretch, anchors, draw
from dnacorpus.pairs.rows import Exclusion, PairRow, as_structs, mask_of_parts, pair_id, shared_columns
from dnacorpus.sequence.location import Interval
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.templates import Filling, phrase
from dnacorpus.text.wording import alike

_TRIED = 8
"""Exchanges of a family that are looked at for a row before the family is passed over."""
_DRAWS = {
    "product": 2, "codon": 2, "code": 2, "unanswerable": 2,
    "position": 3, "extreme": 3, "neighbour": 4, "cluster": 4,
}  # fmt: skip
"""Families whose condition seldom holds have more draws, so that the mix comes out even."""


@dataclass(frozen=True, slots=True)
class Questions:
    """What bounds qa rows: ``bases`` of a row, ``rows`` of a record, ``least`` and ``most`` questions of a row.

    ``most_n`` is the largest share of N in a row's bases; ``cluster`` says what a cluster of genes is.
    """

    bases: int
    rows: int
    least: int
    most: int
    most_n: float
    cluster: Cluster


def question_rows(
    record: dict[str, Any],
    features: Sequence[Mapping[str, Any]],
    sequence: bytes,
    mask: Sequence[Interval],
    settings: Questions,
) -> Iterator[PairRow | Exclusion]:
    """Yield one result for each stretch of a record that questions are asked about; see `stretches_of`.

    ``features`` are the record's rows of the features table, ``sequence`` its bases, ``mask`` its
    soft-masked half-open runs, sorted and disjoint. An Exclusion is of unit row; reasons: gap (too many
    N), few_questions (fewer than ``least`` can be asked).
    """
    context = Context(record, features)
    for start, end in stretches_of(record["accession"], features, len(sequence), settings):
        bases_here = sequence[start:end]
        if bases_here.count(b"N") > settings.most_n * len(bases_here):
            yield Exclusion("row", "gap", end - start)
            continue
        name = pair_id("qa", record["accession"], None, start, end, "qa")
        chosen = choose(Stretch(context, sequence, start, end), name, settings)
        if len(chosen) < settings.least:
            yield Exclusion("row", "few_questions", end - start)
            continue
        row = shared_columns(context, name, "qa", bases_here, converse(chosen, name))
        row |= {
            "feature_kind": None,
            "feature_index": None,
            "level": "genomic",
            "start": start,
            "end": end,
            "strand": 1,
            "parts": [],
            "transl_table": None,
            "mask": as_structs(mask_of_parts(mask, [(start, end, 1)])),
            "informative": True,
            "pmids": [],
        }
        yield PairRow(row, None)


def stretches_of(
    accession: str, features: Sequence[Mapping[str, Any]], length: int, settings: Questions
) -> list[Interval]:
    """Return up to ``rows`` disjoint half-open stretches of at most ``bases`` bases of a record.

    Each lies round a gene that the digest of the accession chooses, none goes across the origin. A
    record no longer than a row is one stretch; one without genes or their products has none.
    """
    found: list[Interval] = []
    around = anchors(features, length)
    for gene in sorted(around, key=lambda gene: (draw(accession, gene["index"]), gene["index"])):
        size = min(settings.bases, length)
        # A gene longer than the row is met at its start, and not always at the row's first base.
        end = min(gene["end"], gene["start"] + (size + 1) // 2 if gene["end"] - gene["start"] > size else gene["end"])
        low, high = max(0, end - size), min(gene["start"], length - size)
        start = low + draw(accession, f"start{gene['index']}") % (high - low + 1)
        if all(start + size <= other or last <= start for other, last in found):
            found.append((start, start + size))
        if len(found) == settings.rows or size == length:
            break
    return sorted(found)


def families(cluster: Cluster) -> dict[str, Family]:
    """Return all families of questions by name; a row holds one exchange of each at most."""
    return {
        "count": counts,
        "place": places,
        "strand": strands,
        "product": products,
        "position": positions,
        "extreme": extremes,
        "neighbour": neighbours,
        "cluster": partial(clusters, cluster=cluster),
        "codon": codons,
        "code": codes,
        "bases": bases,
        "taxonomy": taxonomy,
        "unanswerable": unanswerable,
    }


def choose(stretch: Stretch, name: str, settings: Questions) -> list[Exchange]:
    """Choose up to ``most`` exchanges of a row called ``name``, of families that its digest puts in order.

    None tells in its question or answer what another answers, nor its own answer in its question.
    """
    number = settings.least + draw(name, "number") % (settings.most - settings.least + 1)
    chosen: list[Exchange] = []
    known = families(settings.cluster)
    for family in sorted(known, key=lambda family: _turn(name, family)):
        for _, exchange in zip(range(_TRIED), known[family](stretch, name), strict=False):
            if not _gives_itself_away(exchange) and not any(_gives_away(exchange, other) for other in chosen):
                chosen.append(exchange)
                break
        if len(chosen) == number:
            break
    return chosen


def _turn(name: str, family: str) -> int:
    """Return where a family stands in a row: the more draws it has, the sooner its least one comes."""
    return min(draw(name, f"{family}{number}") for number in range(_DRAWS.get(family, 1)))


def converse(exchanges: Sequence[Exchange], name: str) -> ComposedText:
    """Say exchanges one after the other, a line for each question and one for each answer."""
    lines: list[ComposedText] = []
    for exchange in exchanges:
        question = phrase("item.question", name, {"question": phrase(exchange.ask, name, exchange.asked)})
        answer = phrase(exchange.tell, name, exchange.told)
        lines.append(phrase("item.answer", name, {"question": question, "answer": answer}))
    text = lines[0]
    for line in lines[1:]:
        text = phrase("item.exchanges", name, {"before": text, "next": line})
    return text


def _shown(claims: Mapping[str, Filling]) -> set[str]:
    """Return the words of all claims, in lower case, and what other spellings of them have in common."""
    found = set[str]()
    for filling in claims.values():
        for piece in [filling] if isinstance(filling, Claim | ComposedText) else filling:
            if isinstance(piece, Claim):
                found.add(piece.text.lower())
            else:
                found |= {piece.text[span["start"] : span["end"]].lower() for span in piece.evidence}
    # Of a number no other spelling is the same: 45.6 is not 456.
    return found | {alike(text) for text in found if re.search(r"[^\W\d_]", text)}


def _gives_itself_away(exchange: Exchange) -> bool:
    asked = "\n".join(sorted(_shown(exchange.asked)))
    return any(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", asked) for text in _shown(exchange.told))


def _gives_away(one: Exchange, other: Exchange) -> bool:
    answers = _shown(one.told), _shown(other.told)
    return not (answers[0].isdisjoint(answers[1] | _shown(other.asked)) and answers[1].isdisjoint(_shown(one.asked)))

"""The paper rows of one record: its bases beside the abstract of each open paper that it cites, and beside passages.

A passage of the full text is told where it names the record: see `passage_choice`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.paper.names import names_of
from dnacorpus.pairs.paper.passages import Chosen, PaperRow, PassageLimits, choose
from dnacorpus.pairs.rows import Exclusion, Limits, PairRow, as_structs, mask_of_parts, pair_id, shared_columns
from dnacorpus.sequence.location import Interval
from dnacorpus.text.claims import ClaimSource
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.qualifiers import FeatureRow
from dnacorpus.text.templates import Filling, join, phrase, quote

_CAPTION = re.compile(r"(?:Figure|Table|Box)\b")


def paper_rows(  # noqa: PLR0917 - one record's rows of the tables
    record: dict[str, Any],
    features: Sequence[FeatureRow],
    sequence: bytes,
    mask: Sequence[Interval],
    limits: Limits,
    papers: Mapping[int, PaperRow],
    split: str,
    passages: PassageLimits | None = None,
) -> Iterator[PairRow | Exclusion]:
    """Yield, for every PMID that a record cites, in the record's order, its rows or the reason why there is none.

    A PairRow holds the record's bases, or the first ``limits.max_bases`` of them, and the paper's title,
    journal and abstract, or one passage that names the record or what these bases hold; none without
    ``passages``. The first row of a paper counts as the paper. An Exclusion is of unit paper; reasons,
    the first that applies: no_paper (not in ``papers``), retracted, license (not open), no_abstract
    (neither that nor a passage), leak (the paper belongs to another split than ``split``, the record's),
    many_records (more cite the paper than tell of it, and this is not one of those that do).
    """
    context, bases = Context(record, features), sequence[: limits.max_bases]
    pmids = list(dict.fromkeys(pmid for pmid in record["pmids"] or () if pmid))
    reasons = {pmid: _reason_against(papers.get(pmid), record["accession"], split) for pmid in pmids}
    told = [papers[pmid] for pmid in pmids if reasons[pmid] is None]
    chosen = []
    if passages and any(paper["passages"] for paper in told):
        chosen = choose(names_of(record, features, None if len(bases) == len(sequence) else len(bases)), told, passages)
    for pmid in pmids:
        rows = []
        if reasons[pmid] is None:
            rows = [_abstract_row(context, papers[pmid], bases, mask)] if papers[pmid]["abstract"] else []
            rows += [_passage_row(context, papers[pmid], one, bases, mask) for one in chosen if one.pmid == pmid]
        if rows:
            yield replace(rows[0], counts_as="paper")
            yield from rows[1:]
        else:
            yield Exclusion("paper", reasons[pmid] or "no_abstract", 0)


def describe_paper(context: Context, paper: PaperRow, key: str) -> ComposedText:
    """Say that a record cites a paper, and quote the paper's title, place and abstract.

    Nothing here is claimed of the bases but the record they are from, so it holds for a crop as well.
    """
    source = _paper_source(paper)
    place = {name: source.verbatim(str(paper[name]), name) for name in ("journal", "year") if paper[name]}
    clauses: list[tuple[str, dict[str, Filling]]] = [
        *_lead(context, paper),
        ("paper.journal", {**place}),
        ("paper.abstract", {"abstract": source.verbatim(paper["abstract"], "abstract")}),
    ]
    return join([phrase(clause, key, claims) for clause, claims in clauses if claims])


def describe_passage(context: Context, paper: PaperRow, chosen: Chosen, key: str) -> ComposedText:
    """Say that a record cites a paper, and quote a passage of it with the name that links the two.

    The name is claimed of the record, and the words of the passage that are this name of the paper.
    """
    source, name, field = _paper_source(paper), chosen.name, f"passages[{chosen.place}]"
    noun = name.field.rpartition("/")[2] if name.kind == "strain" else name.kind
    named = phrase(f"name.passage.{noun}", key, {"value": context.source.verbatim(name.text, name.field)})
    words = quote(source.verbatim(chosen.text, field), (chosen.start, chosen.end))
    claims: dict[str, Filling] = {"name": named, "passage": words}
    if chosen.section:
        slot = "caption" if _CAPTION.match(chosen.section) else "section"
        claims[slot] = source.verbatim(chosen.section, f"{field}/section")
    clauses = [*_lead(context, paper), ("paper.passage", claims)]
    return join([phrase(clause, key, claims) for clause, claims in clauses if claims])


def _paper_source(paper: PaperRow) -> ClaimSource:
    return ClaimSource(f"PMID:{paper['pmid']}", paper["license"])


def _lead(context: Context, paper: PaperRow) -> list[tuple[str, dict[str, Filling]]]:
    record = context.source
    cites: dict[str, Filling] = {
        "accession": record.verbatim(record.accession, "accession"),
        "pmid": record.verbatim(str(paper["pmid"]), "references"),
        **context.organism,
    }
    return [("paper.record", cites), ("paper.title", {**_title(paper["title"], _paper_source(paper))})]


def _reason_against(paper: PaperRow | None, accession: str, split: str) -> str | None:
    if paper is None:
        return "no_paper"
    if paper["retracted"]:
        return "retracted"
    if not paper["open"]:
        return "license"
    if not paper["abstract"] and not paper["passages"]:
        return "no_abstract"
    if paper["split"] != split:
        return "leak"
    return None if accession in paper["told_with"] else "many_records"


def _title(title: str | None, source: ClaimSource) -> dict[str, Claim]:
    shown = title or ""
    # PubMed sets a title that it translated in brackets.
    for brackets in ("[].", "[]"):
        if shown.startswith("[") and shown.endswith(brackets[1:]) and shown.count("[") == 1:
            shown = shown[1 : -len(brackets) + 1].strip()
    if shown.endswith("."):
        shown = shown.rstrip(". ")
    if not shown:
        return {}
    return {"headline" if shown[-1] in "?!" else "title": source.verbatim(shown, "title")}


def _abstract_row(context: Context, paper: PaperRow, sequence: bytes, mask: Sequence[Interval]) -> PairRow:
    name = _name(context, sequence, f"PMID:{paper['pmid']}")
    return _row(context, paper, name, describe_paper(context, paper, name), sequence, mask)


def _passage_row(
    context: Context, paper: PaperRow, chosen: Chosen, sequence: bytes, mask: Sequence[Interval]
) -> PairRow:
    name = _name(context, sequence, f"PMID:{paper['pmid']}/passages[{chosen.place}]")
    return _row(context, paper, name, describe_passage(context, paper, chosen, name), sequence, mask)


def _name(context: Context, sequence: bytes, variant: str) -> str:
    return pair_id("paper", context.record["accession"], None, 0, len(sequence), variant)


def _row(  # noqa: PLR0917 - the parts of one row
    context: Context, paper: PaperRow, name: str, passage: ComposedText, sequence: bytes, mask: Sequence[Interval]
) -> PairRow:
    end = len(sequence)
    row = shared_columns(context, name, "paper", sequence, passage)
    row |= {
        "feature_kind": None,
        "feature_index": None,
        "level": "genomic",
        "start": 0,
        "end": end,
        "strand": 1,
        "parts": [],
        "transl_table": None,
        "mask": as_structs(mask_of_parts(mask, [(0, end, 1)])),
        "informative": True,
        "pmids": [paper["pmid"]],
    }
    return PairRow(row, None)

"""The paper rows of one record: its bases with the abstract of each open paper that it cites, and with passages.

A passage of the full text gets a row if it names the record, or what the record holds: see `passages.choose`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.paper.names import names_of
from dnacorpus.pairs.paper.passages import ChosenPassage, PaperRow, choose
from dnacorpus.pairs.rows import Exclusion, PairRow, pair_id, stretch_row
from dnacorpus.sequence.location import Interval
from dnacorpus.settings.pairs import PassageSettings
from dnacorpus.text.claims import ClaimSource
from dnacorpus.text.compose import Filling, join, quote
from dnacorpus.text.evidence import Claim, ComposedText

_CAPTION = re.compile(r"(?:Figure|Table|Box)\b")


def paper_rows(
    context: Context,
    max_bases: int,
    papers: Mapping[int, PaperRow],
    split: str,
    passages: PassageSettings | None = None,
) -> Iterator[PairRow | Exclusion]:
    """Yield, for every PMID that a record cites, in the record's order, its rows or the reason why it has none.

    A PairRow holds the record's bases, or the first ``max_bases`` of them, and the paper's title,
    journal and abstract, or one passage that names the record or what these bases hold; no passages if
    ``passages`` is None. The first row of a paper counts as the paper. An Exclusion is of unit paper; reasons, the
    first that applies: no_paper (not in ``papers``), retracted, license (not open), no_abstract
    (neither that nor a passage), other_split (the paper belongs to another split than ``split``, the record's),
    many_records (more records cite the paper than describe it, and this is not one that does).
    """
    record, span = context.record, (0, min(len(context.sequence), max_bases))
    pmids = list(dict.fromkeys(pmid for pmid in record["pmids"] or () if pmid))
    reasons = {pmid: _reason_against(papers.get(pmid), record["accession"], split) for pmid in pmids}
    usable = [papers[pmid] for pmid in pmids if reasons[pmid] is None]
    chosen: list[ChosenPassage] = []
    if passages and any(paper["passages"] for paper in usable):
        end = None if span[1] == len(context.sequence) else span[1]
        chosen = choose(names_of(record, context.features, end), usable, passages)
    for pmid in pmids:
        if (reason := reasons[pmid]) is not None:
            yield Exclusion("paper", reason, 0)
            continue
        paper = papers[pmid]
        rows = [_abstract_row(context, paper, span)] if paper["abstract"] else []
        rows += [_passage_row(context, paper, passage, span) for passage in chosen if passage.pmid == pmid]
        if rows:
            yield replace(rows[0], counts_as="paper")
            yield from rows[1:]
        else:
            yield Exclusion("paper", "no_abstract", 0)


def describe_paper(context: Context, paper: PaperRow, key: str) -> ComposedText:
    """Return a text that the record cites a paper, with the paper's title, journal and abstract.

    It claims nothing of the bases but the record they are from, so it is also true of a crop.
    """
    source = _paper_source(paper)
    journal = {name: source.verbatim(str(paper[name]), name) for name in ("journal", "year") if paper[name]}
    clauses: list[tuple[str, Mapping[str, Filling]]] = [
        *_lead(context, paper),
        ("paper.journal", journal),
        ("paper.abstract", {"abstract": source.verbatim(paper["abstract"], "abstract")}),
    ]
    return join([context.phrase(clause, key, claims) for clause, claims in clauses if claims])


def describe_passage(context: Context, paper: PaperRow, passage: ChosenPassage, key: str) -> ComposedText:
    """Return a text that the record cites a paper, with a passage of it and the name that links the two.

    The name is claimed of the record, and its words within the passage of the paper.
    """
    source, name, field = _paper_source(paper), passage.name, f"passages[{passage.index}]"
    noun = name.field.rpartition("/")[2] if name.kind == "strain" else name.kind
    named = context.phrase(f"name.passage.{noun}", key, {"value": context.source.verbatim(name.text, name.field)})
    words = quote(source.verbatim(passage.text, field), (passage.start, passage.end))
    claims: dict[str, Filling] = {"name": named, "passage": words}
    if passage.section:
        slot = "caption" if _CAPTION.match(passage.section) else "section"
        claims[slot] = source.verbatim(passage.section, f"{field}/section")
    clauses = [*_lead(context, paper), ("paper.passage", claims)]
    return join([context.phrase(clause, key, claims) for clause, claims in clauses if claims])


def _paper_source(paper: PaperRow) -> ClaimSource:
    return ClaimSource(f"PMID:{paper['pmid']}", paper["license"])


def _lead(context: Context, paper: PaperRow) -> list[tuple[str, Mapping[str, Filling]]]:
    record = context.source
    cites = {
        "accession": record.verbatim(record.accession, "accession"),
        "pmid": record.verbatim(str(paper["pmid"]), "references"),
        **context.organism,
    }
    return [("paper.record", cites), ("paper.title", _title(paper["title"], _paper_source(paper)))]


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
        return "other_split"
    return None if accession in paper["records_with_rows"] else "many_records"


def _title(title: str | None, source: ClaimSource) -> dict[str, Claim]:
    shown = title or ""
    # PubMed puts a title that it translated in brackets.
    for brackets in ("[].", "[]"):
        if shown.startswith("[") and shown.endswith(brackets[1:]) and shown.count("[") == 1:
            shown = shown[1 : -len(brackets) + 1].strip()
    if shown.endswith("."):
        shown = shown.rstrip(". ")
    if not shown:
        return {}
    return {"headline" if shown[-1] in "?!" else "title": source.verbatim(shown, "title")}


def _abstract_row(context: Context, paper: PaperRow, span: Interval) -> PairRow:
    name = _name(context, span, f"PMID:{paper['pmid']}")
    return _row(context, paper, name, describe_paper(context, paper, name), span)


def _passage_row(context: Context, paper: PaperRow, passage: ChosenPassage, span: Interval) -> PairRow:
    name = _name(context, span, f"PMID:{paper['pmid']}/passages[{passage.index}]")
    return _row(context, paper, name, describe_passage(context, paper, passage, name), span)


def _name(context: Context, span: Interval, variant: str) -> str:
    return pair_id("paper", context.record["accession"], None, *span, variant)


def _row(context: Context, paper: PaperRow, name: str, text: ComposedText, span: Interval) -> PairRow:
    row = stretch_row(context, name, "paper", text, span)
    return PairRow(row | {"informative": True, "pmids": [paper["pmid"]]}, None)

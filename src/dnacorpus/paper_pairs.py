"""The paper rows of one record: its bases beside the title and abstract of each open paper that it cites."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dnacorpus.claims import Witness
from dnacorpus.compose import Claim, Filling, Passage, join, phrase
from dnacorpus.context import Context
from dnacorpus.pairs import Exclusion, Limits, Row, as_structs, mask_of_parts, pair_id, shared_columns

Run = tuple[int, int]
PaperRow = Mapping[str, Any]
"""A row of ``schemas.PAPERS``."""


def paper_rows(  # noqa: PLR0917 - one record's rows of the tables
    record: dict[str, Any],
    features: list[dict[str, Any]],
    sequence: bytes,
    mask: Sequence[Run],
    limits: Limits,
    papers: Mapping[int, PaperRow],
    split: str,
) -> Iterator[Row | Exclusion]:
    """Yield one result for every PMID that a record cites, in the record's order.

    A Row holds the record's bases, or the first ``limits.max_bases`` of them, and the paper's title,
    journal and abstract. An Exclusion is of unit paper; reasons, the first that applies: no_paper
    (not in ``papers``), retracted, license (not open), no_abstract, leak (the paper belongs to another
    split than ``split``, the record's).
    """
    context = Context(record, features)
    for pmid in dict.fromkeys(pmid for pmid in record["pmids"] or () if pmid):
        reason = _reason_against(papers.get(pmid), split)
        if reason is not None:
            yield Exclusion("paper", reason, 0)
        else:
            yield _paper_row(context, papers[pmid], sequence[: limits.max_bases], mask)


def describe_paper(context: Context, paper: PaperRow, key: str) -> Passage:
    """Say that a record cites a paper, and quote the paper's title, place and abstract.

    Nothing here is claimed of the bases but the record they are from, so it holds for a crop as well.
    """
    record, source = context.witness, Witness(f"PMID:{paper['pmid']}", paper["license"])
    cites: dict[str, Filling] = {
        "accession": record.verbatim(record.accession, "accession"),
        "pmid": record.verbatim(str(paper["pmid"]), "references"),
        **context.organism,
    }
    place = {name: source.verbatim(str(paper[name]), name) for name in ("journal", "year") if paper[name]}
    clauses: list[tuple[str, dict[str, Filling]]] = [
        ("paper.record", cites),
        ("paper.title", {**_title(paper["title"], source)}),
        ("paper.journal", {**place}),
        ("paper.abstract", {"abstract": source.verbatim(paper["abstract"], "abstract")}),
    ]
    return join([phrase(clause, key, claims) for clause, claims in clauses if claims])


def _reason_against(paper: PaperRow | None, split: str) -> str | None:
    if paper is None:
        return "no_paper"
    if paper["retracted"]:
        return "retracted"
    if not paper["open"]:
        return "license"
    if not paper["abstract"]:
        return "no_abstract"
    return "leak" if paper["split"] != split else None


def _title(title: str | None, source: Witness) -> dict[str, Claim]:
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


def _paper_row(context: Context, paper: PaperRow, sequence: bytes, mask: Sequence[Run]) -> Row:
    end, pmid = len(sequence), paper["pmid"]
    name = pair_id("paper", context.record["accession"], None, 0, end, f"PMID:{pmid}")
    row = shared_columns(context, name, "paper", sequence, describe_paper(context, paper, name))
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
        "pmids": [pmid],
    }
    return Row(row, None)

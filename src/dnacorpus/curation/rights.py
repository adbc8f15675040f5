"""What the dataset may hold of papers and of comments, by their licences.

A paper is usable if it is open and not retracted: of any other, neither rows nor shards hold more than its PMID and
title.
"""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dnacorpus.schemas.pairs import PAPERS
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.storage import parquet as tables

THIRD_PARTY = re.compile(r"\[(?:supplied|provided)\s+by\s+(?!\s|RefSeq|NCBI)", re.IGNORECASE)
"""Comment text that names a supplier other than NCBI; NCBI may not pass on the licence of such text."""

_WITHHELD = ("abstract", "attribution", "doi", "journal", "passages", "pmcid", "version", "year")
"""The columns of PAPERS that are null for a paper that is not usable."""


def usable(papers: pa.Table | pa.RecordBatch) -> list[bool]:
    """Return, for each row of PAPERS, whether the paper is open and not retracted."""
    flags: list[bool] = pc.and_(papers["open"], pc.invert(papers["retracted"])).to_pylist()
    return flags


def publishable_papers(papers: pa.Table) -> pa.Table:
    """Return the papers, those that are not usable with their PMID and title only."""
    shown = pa.array([row if allowed else None for row, allowed in enumerate(usable(papers))], pa.int64())
    for name in _WITHHELD:
        column = papers.schema.get_field_index(name)
        papers = papers.set_column(column, papers.schema.field(column), papers[name].take(shown))
    return papers


def papers_for_rows(path: Path, pmids: Collection[int], full_text: bool) -> dict[int, dict[str, Any]]:
    """Return PMID -> row of some papers of a table; those that are not usable are without abstract and passages.

    Without ``full_text`` no paper has passages. Holds the papers that are returned, and one batch of the table.
    """
    wanted = pa.array(sorted(pmids), pa.int64())
    columns = [name for name in PAPERS.names if full_text or name != "passages"]
    nothing = {"abstract": None, "passages": None}
    rows: dict[int, dict[str, Any]] = {}
    for batch in tables.batches(path, PAPERS, columns, rows=64 if full_text else 4096):
        chosen = batch.filter(pc.is_in(batch["pmid"], value_set=wanted))
        for row, allowed in zip(chosen.to_pylist(), usable(chosen), strict=True):
            rows[row["pmid"]] = {"passages": None, **row} if allowed else row | nothing
    return rows


def without_third_party_comments(records: pa.Table) -> pa.Table:
    """Return the records without the comments that hold text supplied by a body other than NCBI."""
    comments = [
        None if comment is not None and THIRD_PARTY.search(comment) else comment
        for comment in records["comment"].to_pylist()
    ]
    return records.set_column(
        RECORDS.get_field_index("comment"), RECORDS.field("comment"), pa.array(comments, pa.string())
    )

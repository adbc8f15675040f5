"""The audit stage: the share of the k-mers of every held-out row that train holds.

In: the shards of all groups, the folder of audit-list and the tables of audit-group. Out: a Parquet file (AUDIT).
Memory: nine bytes a listed k-mer, and the rows of AUDIT.
"""

from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.curation.audit import WordList, audit_rows
from dnacorpus.schemas.curation import AUDIT
from dnacorpus.storage import parquet as tables


def run(build: Build, listed: Path, out: Path) -> None:
    """Write to ``out`` a row for every held-out row; raises CorpusError for tables of another list than ``listed``."""
    results, divisions = build.results, build.config.divisions
    seen = [results.audit_of_group(*key) for key in results.group_keys(divisions)]
    rows = audit_rows(results, divisions, WordList.open(listed), seen)
    tables.write(out, AUDIT, rows.to_arrow().cast(AUDIT))

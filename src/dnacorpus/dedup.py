"""The dedup stage: every record of every part is kept, a duplicate, or excluded, and gets its split."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from dnacorpus import tables
from dnacorpus.copies import copy_groups
from dnacorpus.duplicates import decide_records
from dnacorpus.layout import Results
from dnacorpus.molecules import molecules
from dnacorpus.schemas import DECISIONS, RECORDS
from dnacorpus.sequence import canonical
from dnacorpus.splits import SplitPolicy

KEYS = [
    "division", "part", "ordinal", "accession", "organism", "species", "species_taxid", "genus", "taxid", "topology",
    "length", "features", "digest", "exclusion",
]  # fmt: skip
"""The columns of records that decide; sequences are read for candidates alone."""


def dedup(results: Results, divisions: list[str], policy: SplitPolicy, out: Path) -> None:
    """Write ``out/<division>.parquet`` (DECISIONS) for every division, over all of them together."""
    parts = [(division, part) for division in sorted(divisions) for part in results.parts(division)]
    keys = pl.concat(
        pl.DataFrame(tables.read(results.tables(division, part) / "records.parquet", RECORDS, KEYS))
        for division, part in parts
    )
    usable = pl.when(pl.col("exclusion").is_null()).then("digest")
    keys = keys.with_columns(digest=usable, bases="length").with_row_index("key").cast({"key": pl.Int64})
    decided = decide_records(copy_groups(keys, lambda candidates: _canonical(results, candidates)))
    decided = decided.with_columns(
        split=pl.struct("species", "genus").map_elements(
            lambda unit: policy.split_of(unit["species"], unit["genus"]), return_dtype=pl.String
        )
    )
    for division in sorted(divisions):
        rows = decided.filter(pl.col("division") == division).select(DECISIONS.names).to_arrow()
        tables.write(out / f"{division}.parquet", DECISIONS, rows.cast(DECISIONS))


def _canonical(results: Results, candidates: pl.DataFrame) -> Iterator[tuple[int, bytes]]:
    for (division, part), rows in candidates.group_by("division", "part", maintain_order=True):
        wanted = {row["ordinal"]: row for row in rows.iter_rows(named=True)}
        folder = results.tables(str(division), str(part))
        for ordinal, sequence, _ in molecules(folder / "segments.parquet", wanted):
            row = wanted[ordinal]
            yield row["key"], canonical(sequence, row["topology"] == "circular")

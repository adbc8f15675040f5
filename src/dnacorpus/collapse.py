"""The collapse stage: one row per gene, however many genomes carry it; no copy in two splits."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from dnacorpus import tables
from dnacorpus.copies import copy_groups
from dnacorpus.duplicates import decide_pairs
from dnacorpus.layout import Results
from dnacorpus.schemas import COPIES, PAIR_KEYS, PAIRS
from dnacorpus.sequence import canonical


def collapse(results: Results, divisions: list[str], out: Path) -> None:
    """Write ``out/<division>.parquet`` (COPIES) for every division, over all of them together."""
    parts = [(division, part) for division in sorted(divisions) for part in results.parts(division)]
    keys = pl.concat(
        pl.DataFrame(tables.read(results.pairs(division, part) / "keys.parquet", PAIR_KEYS)) for division, part in parts
    )
    keys = keys.with_row_index("key").cast({"key": pl.Int64})
    decided = decide_pairs(copy_groups(keys, lambda candidates: _canonical(results, candidates)))
    for division in sorted(divisions):
        rows = decided.filter(pl.col("division") == division).select(COPIES.names).to_arrow()
        tables.write(out / f"{division}.parquet", COPIES, rows.cast(COPIES))


def _canonical(results: Results, candidates: pl.DataFrame) -> Iterator[tuple[int, bytes]]:
    """Give what makes rows copies: the bases over both strands, the kind of feature, the genetic code."""
    by_file = candidates.group_by("division", "part", "split", maintain_order=True)
    for (division, part, split), rows in by_file:
        wanted = dict(zip(rows["pair_id"], rows["key"], strict=True))
        path = results.pairs(str(division), str(part)) / f"{split}.parquet"
        for batch in tables.batches(path, PAIRS, ["pair_id", "sequence", "feature_kind", "transl_table"]):
            for row in batch.to_pylist():
                if (key := wanted.get(row["pair_id"])) is not None:
                    content = canonical(row["sequence"].encode("ascii"), circular=False)
                    yield key, content + f"\0{row['feature_kind']}\0{row['transl_table']}".encode("ascii")

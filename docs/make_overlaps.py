"""Write docs/overlaps.md from a results folder: ``python docs/make_overlaps.py results/NAME docs/overlaps.md``."""

import sys
from pathlib import Path

import polars as pl

from dnacorpus.config.resolved import Config
from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results

HEAD = """# Records in several divisions

Written by `docs/make_overlaps.py` from a build of all divisions of a mirror of real records, with `biosafety.policy:
off`. Copies have the same sequence on either strand and, if circular, from any origin; sequences with the same digest
are compared byte by byte. [dedup.md](dedup.md) describes which copy is kept.

| of | kept in | copies | bases |
| --- | --- | ---: | ---: |
"""


def duplicates(results: Results, divisions: list[str]) -> pl.DataFrame:
    """Return accession, division and length of every duplicate, with accession and division of the kept copy."""
    columns = ["division", "accession", "status", "duplicate_of", "length"]
    decided = pl.concat(pl.DataFrame(tables.read(results.decisions(name), DECISIONS, columns)) for name in divisions)
    kept = decided.filter(status="kept").select(duplicate_of="accession", kept_in="division")
    return decided.filter(status="duplicate").join(kept, on="duplicate_of", how="left")


def render(results: Results, divisions: list[str]) -> str:
    """Return the whole page."""
    found = duplicates(results, divisions)
    counts = found.group_by("division", "kept_in").agg(pl.len(), pl.col("length").sum()).sort("division", "kept_in")
    lines = [f"| {of} | {by} | {number:,} | {bases:,} |" for of, by, number, bases in counts.iter_rows()]
    names = found.sort("division", "kept_in", "accession").group_by("division", "kept_in", maintain_order=True)
    for (of, by), rows in names:
        labels = (
            accession if accession == other else f"{accession} = {other}"
            for accession, other in rows.select("accession", "duplicate_of").iter_rows()
        )
        lines += ["", f"## Of {of}, kept in {by}", "", ", ".join(labels)]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    root = Path(sys.argv[1])
    names = Config.load(root / "config.yaml").divisions
    Path(sys.argv[2]).write_text(render(Results(root), names), encoding="utf-8")

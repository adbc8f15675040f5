"""Write docs/samples.md from the results of `make demo`: ``python docs/make_samples.py results/demo docs/samples.md``.

The records are simulated, because no text of a real record is copied into this repository.
"""

import re
import sys
from pathlib import Path
from typing import Any

import polars as pl

SAMPLES = 40
HEAD = """# Sample texts

{number} texts of the simulated release that `make demo` builds, taken in turn from every kind, feature kind and
division in the order of their `pair_id`. The records are made up: their contents come from a simulator, the sentences
from our templates.
"""
COLUMNS = ["pair_id", "kind", "feature_kind", "division", "accession", "text", "informative", "orientation_free"]


def samples(dataset: Path, number: int) -> list[dict[str, Any]]:
    """Return rows of ``pairs``, one of every kind and feature kind first, then of other divisions, by kind."""
    rows = pl.concat(
        pl.read_parquet(path, columns=COLUMNS, hive_partitioning=False)
        for path in sorted((dataset / "data" / "pairs").rglob("*.parquet"))
    ).sort("pair_id")
    strata: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        strata.setdefault((row["kind"], row["feature_kind"] or ""), []).append(row)
    chosen: list[dict[str, Any]] = []
    seen: set[tuple[str, str, str]] = set()
    fresh_only = True
    while len(chosen) < number and any(strata.values()):
        before = len(chosen)
        for stratum, left in sorted(strata.items()):
            fresh = (row for row in left if (*stratum, row["division"]) not in seen)
            row = next(fresh, None if fresh_only else next(iter(left), None))
            if row is not None and len(chosen) < number:
                left.remove(row)
                seen.add((*stratum, row["division"]))
                chosen.append(row)
        fresh_only &= len(chosen) > before
    return sorted(chosen, key=lambda row: (row["kind"], row["feature_kind"] or "", row["division"], row["pair_id"]))


def render(dataset: Path) -> str:
    """Return the whole page."""
    chosen = samples(dataset, SAMPLES)
    lines = [HEAD.format(number=len(chosen))]
    for kind in sorted({row["kind"] for row in chosen}):
        lines.append(f"## {kind}\n")
        for row in chosen:
            if row["kind"] == kind:
                about = ", ".join(filter(None, [row["feature_kind"], row["division"], row["accession"]]))
                marks = [] if row["informative"] else ["not informative"]
                marks += ["true of both strands"] if row["orientation_free"] else []
                quoted = re.sub(r"^", "> ", row["text"].strip(), flags=re.MULTILINE)
                marked = f" ({', '.join(marks)})" if marks else ""
                lines.append(f"**{about}**{marked}\n\n{quoted}\n")
    return "\n".join(lines)


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(render(Path(sys.argv[1]) / "dataset"), encoding="utf-8")

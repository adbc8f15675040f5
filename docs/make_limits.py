"""Write docs/limits.md, the table of limits, from src/dnacorpus/limits.py: ``make docs``."""

import sys
from pathlib import Path

from dnacorpus import limits

HEAD = """# Limits

Made from `src/dnacorpus/limits.py` by `make docs`; a test fails when the two differ. Inputs come from servers, archives
and other people, so each is read only up to a limit. An input that is larger is refused with one line that names the
file and the limit, and costs only itself: a record goes to the rejects and the ledger, a damaged file is counted as
`unreadable`, a paper is left out and listed in the log. If memory is exhausted before a limit is reached, the same
holds for records, papers, the taxdump and row groups of shards if the system refuses memory, as under `ulimit -v`.
If it ends the process instead, as the memory limit of a container or a cluster job does, or if polars runs out of
memory, the whole job fails. The limits are several times the largest legitimate input that we know of;
sizes without an exact number are estimates. If your input is larger, report it.

The limits of Parquet files hold for `verify`, `documents`, `where` and the ledger also while rows are decoded. `find`,
`explain`, `report` and `validate` check what the footer states, but not how large the decoded rows are: a text that a
file stores once, and repeats in many rows or items, is bounded there by the memory alone.

A catalogued file is downloaded up to the size that its catalog states, and a file of a dataset up to the size in the
manifest. A file name has at most 200 bytes, a path in a manifest 1,024 (`src/dnacorpus/storage/names.py`).

| limit | at most | of | largest known |
| --- | ---: | --- | --- |
"""


def render() -> str:
    """Return the whole page."""
    return HEAD + "".join(
        f"| `{name}` | {amount(limit)} | {limit.bounds} | {limit.largest} |\n" for name, limit in limits.TABLE.items()
    )


def amount(limit: limits.Limit) -> str:
    """Return a limit with its unit: bytes with a binary prefix, e.g. 64 MiB, other numbers with separators."""
    for shift, prefix in ((30, "GiB"), (20, "MiB")):
        if limit.unit == "bytes" and limit >> shift:
            return f"{limit >> shift:,} {prefix}"
    return f"{limit:,} {limit.unit}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")

"""Reads catalogs as tables, so that tests can look at their columns."""

from pathlib import Path

import pyarrow as pa

from dnacorpus.schemas.parts import CATALOG
from dnacorpus.storage.catalog import COLUMNS, read_parts


def read_catalog(path: Path) -> pa.Table:
    """Return a catalog as a table of CATALOG; raises CorpusError as `read_parts` does."""
    rows = read_parts(path)
    columns: dict[str, list[str | int | None]] = {name: [row[name] or None for row in rows] for name in COLUMNS}
    columns["bytes"] = [int(row["bytes"]) if row["bytes"] else None for row in rows]
    return pa.table(columns, schema=CATALOG)

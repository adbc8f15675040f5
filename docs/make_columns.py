"""Write docs/columns.md, the data dictionary, from the schemas: ``make docs``."""

import sys
from pathlib import Path

import pyarrow as pa

from dnacorpus.schemas import parts as schemas
from dnacorpus.schemas.index import INDEX_NAMES, INDEX_SCHEMAS, NAMES_PATH
from dnacorpus.schemas.pairs import CONFIGS, COPIES, DECISIONS
from dnacorpus.schemas.views import DOCUMENTS

INTERNAL = {
    "taxonomy/taxa.parquet": schemas.TAXA,
    "taxonomy/names.parquet": schemas.TAXA_NAMES,
    "catalog/<division>.tsv": schemas.CATALOG,
    "tables/<division>/<part>/references.parquet": schemas.REFERENCES,
    "tables/<division>/<part>/rejects.parquet": schemas.REJECTS,
    "decisions/<division>.parquet": DECISIONS,
    "copies/<division>.parquet": COPIES,
}

HEAD = """# Data dictionary

Made from `src/dnacorpus/schemas/` by `make docs`; a test fails when the two differ. Every Parquet file contains the
same descriptions in its schema. Coordinates are 0-based, half-open. Strand is +1, -1, or 0 if the parts are on both.
"""


def render() -> str:
    """Return the whole page."""
    published = {f"Config `{name}`": schema for name, schema in CONFIGS.items()}
    published |= {"`ledger.parquet`": schemas.LEDGER}
    published |= {f"`{path}`": schema for path, schema in (INDEX_SCHEMAS | {NAMES_PATH: INDEX_NAMES}).items()}
    internal = {f"`{path}`": schema for path, schema in INTERNAL.items()}
    return "\n".join(
        [
            HEAD,
            "## In a dataset\n",
            *(_table(title, schema) for title, schema in published.items()),
            "## Written from a dataset\n",
            _table("Output of `dnacorpus documents`", DOCUMENTS),
            "## Intermediate files, below `results/NAME/`\n",
            *(_table(title, schema) for title, schema in internal.items()),
        ]
    )


def _table(title: str, schema: pa.Schema) -> str:
    lines = [f"### {title}\n", "| column | type | what |", "| --- | --- | --- |"]
    for field in schema:
        what = field.metadata[b"description"].decode().replace("|", "\\|")
        lines.append(f"| `{field.name}` | {_type(field.type)} | {what} |")
    return "\n".join(lines) + "\n"


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_type(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "(" + ", ".join(field.name for field in kind) + ")"
    return str(kind)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")

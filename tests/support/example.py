"""The row of the demo that the README shows."""

import gzip
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from support.readrecord import read_record
from support.settings import pair_settings

from dnacorpus.formats.genbank.reader import FlatFile
from dnacorpus.pairs.context import Context
from dnacorpus.pairs.rows import PairRow, rows_of_record
from dnacorpus.simulate.release import simulate

BASES, SEED = 1_500_000, 1
"""As `make demo` calls it."""


@cache
def example_row() -> dict[str, Any]:
    """Return the first CDS row that stands whatever way the bases are turned, of the demo's first bacterium."""
    with tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder), BASES, SEED)
        with gzip.open(Path(folder) / "release" / "bacteria" / "bacteria.1.genomic.gbff.gz") as file:
            read = read_record(next(iter(FlatFile(file, "bacteria.1"))).data, lambda accession: None)
    about = {"division": "bacteria", "part": "bacteria.1", "release": "0", "ordinal": 0}
    features = [feature | {"accession": read.row["accession"], "ordinal": 0} for feature in read.features]
    found = rows_of_record(Context(read.row | about, features, read.sequence), read.references, pair_settings(1000))
    rows = (result.values for result in found if isinstance(result, PairRow))
    return next(
        row
        for row in rows
        if row["feature_kind"] == "CDS" and row["informative"] and row["strand"] == 1 and row["orientation_free"]
    )


def rendered() -> str:
    """Return the block that the README holds."""
    row = example_row()
    sequence = f"{row['sequence'][:72]}... ({len(row['sequence'])} bases)"
    shown = row | {"sequence": sequence}
    lines = [f"{key:<9} {shown[key]}" for key in ("kind", "accession", "start", "end", "strand", "sequence", "text")]
    spans = [
        f"          {row['text'][span['start'] : span['end']]!r} <- {span['field']} of {span['source']}, {span['how']}"
        for span in row["evidence"][:4]
    ]
    return "\n".join([*lines, "evidence", *spans, f"          ... {len(row['evidence'])} spans in all"])

"""The Arrow schemas of the tables about what train holds of the held-out sequences."""

import pyarrow as pa

from dnacorpus.schemas.parts import column

MET = pa.schema([column("position", pa.int64(), "place in a list of held-out k-mers, of one that train holds")])

AUDIT = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("split", pa.string(), "validation or test"),
        column("kind", pa.string(), "record | gene | window | paper | qa"),
        column("pair_id", pa.string(), "of the pair; the table is sorted by division, split and it"),
        column("kmers", pa.int64(), "distinct sampled k-mers of the row's sequence, both strands as one"),
        column("share", pa.float64(), "share of them that train holds; null where there are none"),
    ]
)

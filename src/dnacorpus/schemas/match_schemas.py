"""The Arrow schemas of the tables between the stages that find exact copies and those that decide over them."""

import pyarrow as pa

from dnacorpus.schemas.parts import column

MATCHES = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        column("copy_group", pa.string(), "equal for records whose canonical bases are; others have no row"),
    ]
)

MATCHES_OF_PAIRS = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("pair_id", pa.string(), "of the pair"),
        column("bases_group", pa.string(), "equal for pairs whose canonical bases are"),
        column("copy_group", pa.string(), "the same with feature kind and genetic code; null: never collapses"),
    ]
)

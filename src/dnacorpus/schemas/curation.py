"""The Arrow schemas of the intermediate tables of deduplication and of the audit of held-out rows."""

import pyarrow as pa

from dnacorpus.schemas.types import column

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

SKETCHES = pa.schema(
    [
        column(
            "hash", pa.uint64(), "hash of a canonical k-mer, bytes swapped; the table is sorted by its first 16 bits"
        ),
        column("record", pa.int64(), "row of the record in the sketched table beside this one"),
    ]
)

SKETCHED = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        column("accession", pa.string(), "accession with version of the record"),
        column("bases", pa.int64(), "bases of the record that are A, C, G or T"),
        column("scaled", pa.int64(), "one k-mer in this many is in the sketch: a power of two"),
        column("counts", pa.list_(pa.int64()), "hashes of the sketch at scaled, at twice that, and so on"),
        column("slots", pa.list_(pa.uint32()), "of the least hash of each slot, 0 where it is empty: the signature"),
    ]
)

NEAR = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        column("near_division", pa.string(), "division of the longer record that it was compared with"),
        column("near_part", pa.string(), "its part"),
        column("near_ordinal", pa.int64(), "its place in that part"),
        column("shared", pa.int64(), "hashes of this bucket that both sketches hold"),
        column("hashes", pa.int64(), "hashes of the sketch that has more, at the larger scaled of both"),
    ]
)

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

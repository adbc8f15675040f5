"""The Arrow schemas of the tables between the stages that look for near-duplicates."""

import pyarrow as pa

from dnacorpus.schemas.parts import column

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

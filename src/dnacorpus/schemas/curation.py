"""The Arrow schemas of the intermediate tables of deduplication and of the audit of held-out rows."""

import pyarrow as pa

from dnacorpus.schemas.types import column

MATCHES = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("ordinal", pa.int64(), "index of the record in its part; joins the tables of a part"),
        column(
            "copy_group",
            pa.string(),
            "name shared by the records with the same canonical bases; records without copies have no row",
        ),
    ]
)

MATCHES_OF_PAIRS = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("pair_id", pa.string(), "pair_id of the pair"),
        column("bases_group", pa.string(), "name shared by the pairs with the same canonical bases"),
        column(
            "copy_group",
            pa.string(),
            "name shared by the pairs with the same bases, feature kind and genetic code; null if never a copy",
        ),
    ]
)

SKETCHES = pa.schema(
    [
        column(
            "hash", pa.uint64(), "hash of a canonical k-mer, bytes swapped; the table is sorted by its first 16 bits"
        ),
        column("record", pa.int64(), "row of the record in the table SKETCHED of the same folder"),
    ]
)

SKETCHED = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("ordinal", pa.int64(), "index of the record in its part; joins the tables of a part"),
        column("accession", pa.string(), "accession with version of the record"),
        column("bases", pa.int64(), "number of bases that are A, C, G or T"),
        column("scaled", pa.int64(), "one k-mer in this number is in the sketch; a power of two"),
        column("counts", pa.list_(pa.int64()), "number of hashes of the sketch at scaled, at twice scaled, and so on"),
        column(
            "slots", pa.list_(pa.uint32()), "signature: 32 bits of the smallest hash in each slot, 0 for an empty slot"
        ),
    ]
)

NEAR = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("ordinal", pa.int64(), "index of the record in its part; joins the tables of a part"),
        column("near_division", pa.string(), "division of the longer record that this one was compared with"),
        column("near_part", pa.string(), "part of the longer record"),
        column("near_ordinal", pa.int64(), "index of the longer record in its part"),
        column("shared", pa.int64(), "number of hashes of this bucket in both sketches"),
        column("hashes", pa.int64(), "number of hashes of the larger sketch, at the larger scaled of the two"),
    ]
)

SEEN_KMERS = pa.schema(
    [column("position", pa.int64(), "position, in a list of held-out k-mers, of one that the records contain")]
)

AUDIT = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("split", pa.string(), "validation | test"),
        column("kind", pa.string(), "record | gene | window | paper | qa"),
        column("pair_id", pa.string(), "pair_id of the row; the table is sorted by division, split and pair_id"),
        column("kmers", pa.int64(), "number of distinct canonical k-mers sampled from the row"),
        column("share", pa.float64(), "share of these k-mers that occur in train; null if there are none"),
    ]
)

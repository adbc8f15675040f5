"""The Arrow schema of every table that crosses a stage, written once.

Coordinates are 0-based, half-open, int64; strand is +1, -1, or 0 where parts lie on both strands.
A span across the origin of a circular molecule has ``end > length``. There is no Arrow map type
anywhere (``datasets`` refuses it): ordered lists of key/value structs instead.
"""

import pyarrow as pa

FORMAT_VERSION = 1
"""Raised when a table changes in a way that an older reader would misread."""

PART = pa.struct(
    [
        pa.field("accession", pa.string()),  # null: this record; otherwise a remote reference
        pa.field("start", pa.int64()),
        pa.field("end", pa.int64()),
        pa.field("strand", pa.int8()),
    ]
)
LOCAL_PART = pa.struct([pa.field("start", pa.int64()), pa.field("end", pa.int64()), pa.field("strand", pa.int8())])
RUN = pa.struct([pa.field("start", pa.int64()), pa.field("end", pa.int64())])
QUALIFIER = pa.struct([pa.field("key", pa.string()), pa.field("value", pa.string())])
STRUCTURED_COMMENT = pa.struct(
    [pa.field("block", pa.string()), pa.field("key", pa.string()), pa.field("value", pa.string())]
)
EVIDENCE = pa.struct(
    [
        pa.field("start", pa.int64()),
        pa.field("end", pa.int64()),
        pa.field("source", pa.string()),
        pa.field("field", pa.string()),
        pa.field("how", pa.string()),
        pa.field("license", pa.string()),
    ]
)

CATALOG = pa.schema(
    [
        ("release", pa.string()),
        ("division", pa.string()),
        ("part", pa.string()),  # e.g. viral.1
        ("group", pa.string()),  # parts that share their shards, e.g. 00000
        ("kind", pa.string()),  # gbff | fna
        ("file", pa.string()),
        ("url", pa.string()),  # relative to the mirror
        ("bytes", pa.int64()),  # compressed size; null where the mirror does not say
        ("md5", pa.string()),  # null where the mirror has no list
    ]
)

RECORDS = pa.schema(
    [
        ("accession", pa.string()),  # with version
        ("ordinal", pa.int64()),  # place in the part, counted over rejects too: the join key inside a part
        ("division", pa.string()),
        ("part", pa.string()),
        ("release", pa.string()),
        ("source", pa.string()),  # gbff | fna
        ("organism", pa.string()),
        ("taxid", pa.int64()),  # as in the record, often a strain
        ("species", pa.string()),
        ("species_taxid", pa.int64()),
        ("species_source", pa.string()),  # taxonomy | name
        ("genus", pa.string()),
        ("lineage", pa.list_(pa.string())),
        ("molecule_type", pa.string()),
        ("topology", pa.string()),  # linear | circular
        ("length", pa.int64()),  # bases held; 0 where there are none
        ("locus_length", pa.int64()),  # what LOCUS promises; never repaired
        ("definition", pa.string()),
        ("keywords", pa.list_(pa.string())),
        ("comment", pa.string()),
        ("structured_comment", pa.list_(STRUCTURED_COMMENT)),
        ("refseq_status", pa.string()),
        ("date", pa.date32()),
        ("bioproject", pa.string()),
        ("biosample", pa.string()),
        ("assembly", pa.string()),
        ("genome", pa.string()),  # groups the replicons of one assembly
        ("assembly_unit", pa.string()),
        ("source_qualifiers", pa.list_(QUALIFIER)),
        ("pmids", pa.list_(pa.int64())),
        ("features", pa.int64()),  # how many rows of the features table are this record's
        ("gc", pa.float64()),  # share of G, C and S among unambiguous bases; null where there are none
        ("ambiguous", pa.int64()),
        ("digest", pa.binary()),  # 16 bytes, canonical over strand and, where circular, rotation
        ("exclusion", pa.string()),  # master | no_sequence | length_mismatch; null: may be used
    ]
)

FEATURES = pa.schema(
    [
        ("accession", pa.string()),
        ("ordinal", pa.int64()),
        ("index", pa.int64()),  # place in the record's feature table, `source` included
        ("kind", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("strand", pa.int8()),
        ("operator", pa.string()),  # none | join | order | one-of
        ("parts", pa.list_(PART)),  # in transcript order
        ("partial_start", pa.bool_()),  # `<`: goes on beyond the lower coordinate
        ("partial_end", pa.bool_()),  # `>`: goes on beyond the higher coordinate
        ("location", pa.string()),  # verbatim, blanks removed
        ("gene", pa.string()),
        ("locus_tag", pa.string()),
        ("product", pa.string()),
        ("protein_id", pa.string()),
        ("pseudo", pa.bool_()),
        ("transl_table", pa.int64()),
        ("codon_start", pa.int64()),
        ("qualifiers", pa.list_(QUALIFIER)),  # all that the columns above do not hold, in order
    ]
)

SEGMENTS = pa.schema(
    [
        ("accession", pa.string()),
        ("ordinal", pa.int64()),
        ("index", pa.int64()),
        ("count", pa.int64()),
        ("start", pa.int64()),  # of the segment in the record
        ("sequence", pa.large_string()),
        ("mask", pa.list_(RUN)),  # soft-masked runs, in coordinates of this row's sequence
    ]
)
SEGMENT_BASES = 1 << 20
"""Most bases that one row of the segments table holds."""

REFERENCES = pa.schema(
    [
        ("accession", pa.string()),
        ("ordinal", pa.int64()),
        ("index", pa.int64()),
        ("pmid", pa.int64()),
        ("title", pa.string()),
        ("authors", pa.string()),
        ("journal", pa.string()),
        ("consortium", pa.string()),
        ("remark", pa.string()),
        ("bases", pa.string()),
    ]
)

REJECTS = pa.schema(
    [
        ("file", pa.string()),
        ("ordinal", pa.int64()),
        ("first_line", pa.string()),
        ("accession", pa.string()),  # null where illegible
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("start", pa.int64()),  # bytes of the uncompressed file, half-open
        ("end", pa.int64()),
        ("bases", pa.int64()),  # what LOCUS promises; 0 where illegible
    ]
)

LEDGER = pa.schema(
    [
        ("division", pa.string()),
        ("part", pa.string()),
        ("unit", pa.string()),  # file | record | feature | row
        ("status", pa.string()),  # in | kept | duplicate | excluded | rejected
        ("reason", pa.string()),  # empty for in and kept
        ("detail", pa.string()),  # empty, or for a damaged file its name and what is wrong with it
        ("count", pa.int64()),
        ("bases", pa.int64()),
    ]
)

DECISIONS = pa.schema(
    [
        ("division", pa.string()),
        ("part", pa.string()),
        ("ordinal", pa.int64()),
        ("accession", pa.string()),
        ("status", pa.string()),  # kept | duplicate | excluded
        ("reason", pa.string()),
        ("duplicate_of", pa.string()),  # accession of the kept copy
        ("cluster", pa.string()),  # smallest accession among the exact copies
        ("copies", pa.int64()),  # records with these bases, this one included
        ("split", pa.string()),  # train | validation | test
        ("species", pa.string()),
        ("species_taxid", pa.int64()),
        ("taxid", pa.int64()),
        ("organism", pa.string()),
        ("length", pa.int64()),
        ("digest", pa.binary()),
    ]
)

PAIRS = pa.schema(
    [
        ("pair_id", pa.string()),
        ("kind", pa.string()),  # record | gene | window | paper | qa
        ("division", pa.string()),
        ("organism", pa.string()),
        ("species", pa.string()),
        ("species_taxid", pa.int64()),
        ("lineage", pa.list_(pa.string())),
        ("accession", pa.string()),
        ("genome", pa.string()),
        ("feature_kind", pa.string()),
        ("feature_index", pa.int64()),
        ("level", pa.string()),  # genomic | transcript | cds
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("strand", pa.int8()),
        ("parts", pa.list_(LOCAL_PART)),  # non-empty only where sequence is their concatenation
        ("topology", pa.string()),
        ("molecule_type", pa.string()),
        ("transl_table", pa.int64()),
        ("sequence", pa.large_string()),
        ("mask", pa.list_(RUN)),
        ("n_share", pa.float64()),
        ("text", pa.large_string()),
        ("evidence", pa.list_(EVIDENCE)),
        ("orientation_free", pa.bool_()),
        ("informative", pa.bool_()),
        ("pmids", pa.list_(pa.int64())),
        ("licenses", pa.list_(pa.string())),
        ("cluster", pa.string()),
        ("copies", pa.int64()),
    ]
)

PAIR_KEYS = pa.schema(
    [
        ("division", pa.string()),
        ("part", pa.string()),
        ("pair_id", pa.string()),
        ("accession", pa.string()),
        ("split", pa.string()),
        ("informative", pa.bool_()),
        ("digest", pa.binary()),  # canonical sequence, feature kind and genetic code; null: never collapses
        ("bases", pa.int64()),
    ]
)

COPIES = pa.schema(
    [
        ("division", pa.string()),
        ("part", pa.string()),
        ("pair_id", pa.string()),
        ("status", pa.string()),  # kept | duplicate | excluded
        ("reason", pa.string()),
        ("duplicate_of", pa.string()),  # pair_id of the kept copy
        ("cluster", pa.string()),  # smallest pair_id among the exact copies
        ("copies", pa.int64()),  # pairs with these bases, this one included
        ("bases", pa.int64()),
    ]
)

ROW_INDEX = pa.schema(
    [
        ("config", pa.string()),
        ("split", pa.string()),
        ("row", pa.int64()),  # in the shard
        ("accession", pa.string()),
        ("pair_id", pa.string()),
        ("digest", pa.binary()),  # canonical, of the row's sequence alone
    ]
)

INDEX_ACCESSIONS = pa.schema(
    [
        ("accession", pa.string()),
        ("division", pa.string()),
        ("status", pa.string()),  # kept | duplicate | excluded | rejected
        ("reason", pa.string()),
        ("duplicate_of", pa.string()),
        ("split", pa.string()),
        ("organism", pa.string()),
        ("species", pa.string()),
        ("taxid", pa.int64()),
        ("length", pa.int64()),
        ("file", pa.string()),  # shard of pairs that holds its rows; null where it has none
        ("row", pa.int64()),  # its first row there
        ("rows", pa.int64()),
    ]
)

INDEX_DIGESTS = pa.schema(
    [
        ("digest", pa.binary()),
        ("accession", pa.string()),
        ("pair_id", pa.string()),
        ("division", pa.string()),
        ("file", pa.string()),
        ("row", pa.int64()),
    ]
)

INDEX_TAXA = pa.schema(
    [
        ("taxid", pa.int64()),
        ("organism", pa.string()),
        ("species", pa.string()),
        ("division", pa.string()),
        ("split", pa.string()),
        ("status", pa.string()),
        ("records", pa.int64()),
        ("bases", pa.int64()),
    ]
)

"""The Arrow schema of every table that crosses a stage, written once.

Coordinates are 0-based, half-open, int64; strand is +1, -1, or 0 where parts lie on both strands.
A span across the origin of a circular molecule has ``end > length``. There is no Arrow map type
anywhere (``datasets`` refuses it): ordered lists of key/value structs instead.
"""

import pyarrow as pa


def _field(name: str, kind: pa.DataType, what: str) -> pa.Field:
    """Return a field that says what it holds: the data dictionary and every Parquet file repeat it."""
    return pa.field(name, kind, metadata={"description": what})


FORMAT_VERSION = 1
"""Raised when a table changes in a way that an older reader would misread."""

_SPAN = {"start": pa.int64(), "end": pa.int64()}
PART = pa.struct({"accession": pa.string(), **_SPAN, "strand": pa.int8()})
"""A stretch of a location; ``accession`` is null for this record, else names the remote one."""
LOCAL_PART = pa.struct({**_SPAN, "strand": pa.int8()})
RUN = pa.struct(_SPAN)
QUALIFIER = pa.struct({"key": pa.string(), "value": pa.string()})
"""``value`` is null for a qualifier without one, e.g. /pseudo."""
STRUCTURED_COMMENT = pa.struct({"block": pa.string(), "key": pa.string(), "value": pa.string()})
EVIDENCE = pa.struct(_SPAN | dict.fromkeys(("source", "field", "how", "license"), pa.string()))
"""A span of text in code points, the record or paper it is from, its field, and how it was taken."""

CATALOG = pa.schema(
    [
        _field("release", pa.string(), "release number"),
        _field("division", pa.string(), "division of the release"),
        _field("part", pa.string(), "e.g. viral.1"),
        _field("group", pa.string(), "parts that share their shards, e.g. 00000"),
        _field("kind", pa.string(), "gbff or fna"),
        _field("file", pa.string(), "name of the release file"),
        _field("url", pa.string(), "place relative to the mirror"),
        _field("bytes", pa.int64(), "compressed size; null where the mirror does not say"),
        _field("md5", pa.string(), "null where the mirror has no list"),
    ]
)

RECORDS = pa.schema(
    [
        _field("accession", pa.string(), "with version"),
        _field("ordinal", pa.int64(), "place in the part, rejects counted; joins a part's tables"),
        _field("division", pa.string(), "division of the release"),
        _field("part", pa.string(), "part of the division, e.g. viral.1"),
        _field("release", pa.string(), "release number"),
        _field("source", pa.string(), "what the record was read from: gbff or fna"),
        _field("organism", pa.string(), "ORGANISM as written"),
        _field("taxid", pa.int64(), "NCBI taxonomy id as in the record, often that of a strain"),
        _field("species", pa.string(), "species; the unit of splits"),
        _field("species_taxid", pa.int64(), "NCBI taxonomy id of the species, where a taxonomy gave it"),
        _field("species_source", pa.string(), "taxonomy or name: where species comes from"),
        _field("genus", pa.string(), "genus"),
        _field("lineage", pa.list_(pa.string()), "lineage as written, from the root"),
        _field("molecule_type", pa.string(), "molecule type as LOCUS gives it"),
        _field("topology", pa.string(), "linear or circular"),
        _field("length", pa.int64(), "bases held; 0 where there are none"),
        _field("locus_length", pa.int64(), "what LOCUS promises; never repaired"),
        _field("definition", pa.string(), "DEFINITION without its final stop"),
        _field("keywords", pa.list_(pa.string()), "KEYWORDS"),
        _field(
            "comment",
            pa.string(),
            "COMMENT; in a dataset null if a third party supplied text",
        ),
        _field("structured_comment", pa.list_(STRUCTURED_COMMENT), "structured comments, block by block"),
        _field("refseq_status", pa.string(), "RefSeq status, e.g. reviewed"),
        _field("date", pa.date32(), "date of LOCUS"),
        _field("bioproject", pa.string(), "BioProject of DBLINK"),
        _field("biosample", pa.string(), "BioSample of DBLINK"),
        _field("assembly", pa.string(), "Assembly of DBLINK"),
        _field("genome", pa.string(), "groups the replicons of one assembly"),
        _field("assembly_unit", pa.string(), "primary, alternate, patch or unplaced, where legible"),
        _field("source_qualifiers", pa.list_(QUALIFIER), "qualifiers of the source feature, in order"),
        _field("pmids", pa.list_(pa.int64()), "PubMed ids of the references"),
        _field("features", pa.int64(), "how many rows of the features table are this record's"),
        _field("gc", pa.float64(), "share of G and C among A, C, G and T; null where there are none"),
        _field("ambiguous", pa.int64(), "bases that are none of A, C, G and T"),
        _field("digest", pa.binary(), "16 bytes, canonical over strand and, where circular, rotation"),
        _field("exclusion", pa.string(), "master | no_sequence | length_mismatch; null: may be used"),
    ]
)

FEATURES = pa.schema(
    [
        _field("accession", pa.string(), "accession with version of the record"),
        _field("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        _field("index", pa.int64(), "place in the record's feature table, `source` included"),
        _field("kind", pa.string(), "feature key, e.g. CDS"),
        _field("start", pa.int64(), "lowest coordinate"),
        _field("end", pa.int64(), "highest coordinate; beyond the length where the feature spans the origin"),
        _field("strand", pa.int8(), "+1, -1, or 0 where parts lie on both"),
        _field("operator", pa.string(), "none | join | order | one-of"),
        _field("parts", pa.list_(PART), "in transcript order"),
        _field("partial_start", pa.bool_(), "`<`: goes on beyond the lower coordinate"),
        _field("partial_end", pa.bool_(), "`>`: goes on beyond the higher coordinate"),
        _field("location", pa.string(), "verbatim, blanks removed"),
        _field("gene", pa.string(), "first /gene"),
        _field("locus_tag", pa.string(), "first /locus_tag"),
        _field("product", pa.string(), "first /product"),
        _field("protein_id", pa.string(), "first /protein_id"),
        _field("pseudo", pa.bool_(), "/pseudo or /pseudogene stands"),
        _field("transl_table", pa.int64(), "genetic code as written"),
        _field("codon_start", pa.int64(), "codon start as written, 1 to 3"),
        _field("qualifiers", pa.list_(QUALIFIER), "all that the columns above do not hold, in order"),
    ]
)

SEGMENTS = pa.schema(
    [
        _field("accession", pa.string(), "accession with version of the record"),
        _field("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        _field("index", pa.int64(), "place of the segment in the record"),
        _field("count", pa.int64(), "segments of the record"),
        _field("start", pa.int64(), "of the segment in the record"),
        _field("sequence", pa.large_string(), "up to 1,048,576 bases; joined in order they are the record"),
        _field("mask", pa.list_(RUN), "soft-masked runs, in coordinates of this row's sequence"),
    ]
)
SEGMENT_BASES = 1 << 20
"""Most bases that one row of the segments table holds."""

REFERENCES = pa.schema(
    [
        _field("accession", pa.string(), "accession with version of the record"),
        _field("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        _field("index", pa.int64(), "place of the reference in the record"),
        _field("pmid", pa.int64(), "PubMed id"),
        _field("title", pa.string(), "TITLE"),
        _field("authors", pa.string(), "AUTHORS"),
        _field("journal", pa.string(), "JOURNAL"),
        _field("consortium", pa.string(), "CONSRTM"),
        _field("remark", pa.string(), "REMARK"),
        _field("bases", pa.string(), "bases that the reference is about, as written"),
    ]
)

REJECTS = pa.schema(
    [
        _field("file", pa.string(), "name of the release file"),
        _field("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        _field("first_line", pa.string(), "first line of the record"),
        _field("accession", pa.string(), "null where illegible"),
        _field("reason", pa.string(), "why it was rejected"),
        _field("detail", pa.string(), "what exactly was found"),
        _field("start", pa.int64(), "bytes of the uncompressed file, half-open"),
        _field("end", pa.int64(), "first byte after the record"),
        _field("bases", pa.int64(), "what LOCUS promises; 0 where illegible"),
    ]
)

LEDGER = pa.schema(
    [
        _field("division", pa.string(), "division of the release"),
        _field("part", pa.string(), "part of the division, e.g. viral.1"),
        _field("unit", pa.string(), "file | record | feature | row"),
        _field("status", pa.string(), "in | kept | duplicate | excluded | rejected"),
        _field("reason", pa.string(), "empty for in and kept"),
        _field("detail", pa.string(), "empty, or for a damaged file its name and what is wrong with it"),
        _field("count", pa.int64(), "how many"),
        _field("bases", pa.int64(), "how many bases; 0 for files and features"),
    ]
)

DECISIONS = pa.schema(
    [
        _field("division", pa.string(), "division of the release"),
        _field("part", pa.string(), "part of the division, e.g. viral.1"),
        _field("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        _field("accession", pa.string(), "accession with version of the record"),
        _field("status", pa.string(), "kept | duplicate | excluded"),
        _field("reason", pa.string(), "why it is not kept; empty for kept"),
        _field("duplicate_of", pa.string(), "accession of the kept copy"),
        _field("cluster", pa.string(), "smallest accession among the exact copies"),
        _field("copies", pa.int64(), "records with these bases, this one included"),
        _field("split", pa.string(), "train | validation | test"),
        _field("species", pa.string(), "species"),
        _field("species_taxid", pa.int64(), "taxonomy id of the species"),
        _field("taxid", pa.int64(), "taxonomy id of the record"),
        _field("organism", pa.string(), "ORGANISM"),
        _field("length", pa.int64(), "bases held"),
        _field("digest", pa.binary(), "canonical digest; null where the record cannot be used"),
    ]
)

PAIRS = pa.schema(
    [
        _field(
            "pair_id",
            pa.string(),
            "32 hex digits of kind, accession, feature, span, variant",
        ),
        _field("kind", pa.string(), "record | gene | window | paper | qa"),
        _field("division", pa.string(), "division of the release"),
        _field("organism", pa.string(), "ORGANISM as written"),
        _field("species", pa.string(), "species; stands in one split only"),
        _field("species_taxid", pa.int64(), "taxonomy id of the species, where a taxonomy gave it"),
        _field("lineage", pa.list_(pa.string()), "lineage as written, from the root"),
        _field("accession", pa.string(), "accession with version of the record"),
        _field("genome", pa.string(), "groups the replicons of one assembly"),
        _field("feature_kind", pa.string(), "feature key of a gene row, e.g. CDS"),
        _field("feature_index", pa.int64(), "place in the record's feature table, `source` included"),
        _field("level", pa.string(), "genomic | transcript | cds"),
        _field("start", pa.int64(), "start of the span in the record"),
        _field("end", pa.int64(), "end of the span; beyond the length where it spans the origin"),
        _field("strand", pa.int8(), "+1, -1, or 0 where parts lie on both"),
        _field("parts", pa.list_(LOCAL_PART), "non-empty only where sequence is their concatenation"),
        _field("topology", pa.string(), "the record's: linear or circular"),
        _field("molecule_type", pa.string(), "the record's, as LOCUS gives it"),
        _field("transl_table", pa.int64(), "genetic code of a coding row"),
        _field("sequence", pa.large_string(), "5'->3' in the direction of the feature; upper-case IUPAC, U as T"),
        _field("mask", pa.list_(RUN), "soft-masked runs, in coordinates of sequence"),
        _field("n_share", pa.float64(), "share of N"),
        _field("text", pa.large_string(), "what is known about the sequence"),
        _field("evidence", pa.list_(EVIDENCE), "spans of text in code points, and where each is from"),
        _field("orientation_free", pa.bool_(), "the text stays true for the reverse complement or a crop"),
        _field("informative", pa.bool_(), "false for hypothetical proteins and the like"),
        _field("pmids", pa.list_(pa.int64()), "PubMed ids that belong to the text"),
        _field("licenses", pa.list_(pa.string()), "licences of the evidence, sorted"),
        _field("cluster", pa.string(), "smallest member among the exact copies"),
        _field("copies", pa.int64(), "exact copies in the input, this one included"),
    ]
)

PAIR_KEYS = pa.schema(
    [
        _field("division", pa.string(), "division of the release"),
        _field("part", pa.string(), "part of the division, e.g. viral.1"),
        _field("pair_id", pa.string(), "of the pair"),
        _field("accession", pa.string(), "accession with version of the record"),
        _field("split", pa.string(), "train, validation or test"),
        _field("informative", pa.bool_(), "as in pairs"),
        _field("digest", pa.binary(), "canonical sequence, feature kind and genetic code; null: never collapses"),
        _field("bases", pa.int64(), "length of the sequence"),
    ]
)

COPIES = pa.schema(
    [
        _field("division", pa.string(), "division of the release"),
        _field("part", pa.string(), "part of the division, e.g. viral.1"),
        _field("pair_id", pa.string(), "of the pair"),
        _field("status", pa.string(), "kept | duplicate | excluded"),
        _field("reason", pa.string(), "exact or leak; empty for kept"),
        _field("duplicate_of", pa.string(), "pair_id of the kept copy"),
        _field("cluster", pa.string(), "smallest pair_id among the exact copies"),
        _field("copies", pa.int64(), "pairs with these bases, this one included"),
        _field("bases", pa.int64(), "length of the sequence"),
    ]
)

ROW_INDEX = pa.schema(
    [
        _field("config", pa.string(), "config of the shard"),
        _field("split", pa.string(), "split of the shard"),
        _field("row", pa.int64(), "row in the shard"),
        _field("accession", pa.string(), "accession with version of the record"),
        _field("pair_id", pa.string(), "of the pair"),
        _field("digest", pa.binary(), "canonical, of the row's sequence alone"),
    ]
)

INDEX_ACCESSIONS = pa.schema(
    [
        _field("accession", pa.string(), "accession with version of the record"),
        _field("division", pa.string(), "division of the release"),
        _field("status", pa.string(), "kept | duplicate | excluded | rejected"),
        _field("reason", pa.string(), "why it is not kept; empty for kept"),
        _field("duplicate_of", pa.string(), "accession of the kept copy"),
        _field("split", pa.string(), "split of its rows"),
        _field("organism", pa.string(), "ORGANISM"),
        _field("species", pa.string(), "species"),
        _field("taxid", pa.int64(), "taxonomy id of the record"),
        _field("length", pa.int64(), "bases"),
        _field("file", pa.string(), "shard of pairs that holds its rows; null where it has none"),
        _field("row", pa.int64(), "its first row there"),
        _field("rows", pa.int64(), "how many rows follow each other there"),
    ]
)

INDEX_DIGESTS = pa.schema(
    [
        _field("digest", pa.binary(), "canonical digest of a record or a row"),
        _field("accession", pa.string(), "accession with version of the record"),
        _field("pair_id", pa.string(), "null for a record"),
        _field("division", pa.string(), "division of the release"),
        _field("file", pa.string(), "shard of pairs that holds the row"),
        _field("row", pa.int64(), "row in the shard"),
    ]
)

INDEX_TAXA = pa.schema(
    [
        _field("taxid", pa.int64(), "taxonomy id as in the records"),
        _field("organism", pa.string(), "ORGANISM"),
        _field("species", pa.string(), "species"),
        _field("division", pa.string(), "division of the release"),
        _field("split", pa.string(), "split; null where not kept"),
        _field("status", pa.string(), "kept, duplicate or excluded"),
        _field("records", pa.int64(), "how many records"),
        _field("bases", pa.int64(), "how many bases"),
    ]
)

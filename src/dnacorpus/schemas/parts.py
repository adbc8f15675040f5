"""The Arrow schema of every table that crosses a stage, written once.

Coordinates are 0-based, half-open, int64; strand is +1, -1, or 0 where parts lie on both strands.
A span across the origin of a circular molecule has ``end > length``. There is no Arrow map type
anywhere (``datasets`` refuses it): ordered lists of key/value structs instead. The tables of the
membership index are in `index_schemas`.
"""

import pyarrow as pa


def column(name: str, kind: pa.DataType, what: str) -> pa.Field:
    """Return a field that says what it holds: the data dictionary and every Parquet file repeat it."""
    return pa.field(name, kind, metadata={"description": what})


FORMAT_VERSION = 2
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
RANKED_NAME = pa.struct({"rank": pa.string(), "name": pa.string()})
"""A taxon of a lineage, with its rank as NCBI writes it."""
PASSAGE = pa.struct({
    "section": pa.string(), "paragraph": pa.int64(), "text": pa.large_string(), "page": pa.int64(),
})  # fmt: skip
"""A paragraph of a paper: titles above it, place in the paper, and the page it starts on, of a PDF alone."""

CATALOG = pa.schema(
    [
        column("release", pa.string(), "release number; assemblies, nuccore or local for files of no release"),
        column("division", pa.string(), "division of the release, or a custom one"),
        column("part", pa.string(), "e.g. viral.1"),
        column("group", pa.string(), "parts that share their shards, e.g. 00000"),
        column("kind", pa.string(), "gbff, fna or gff (GTF too)"),
        column("file", pa.string(), "name of the file"),
        column("url", pa.string(), "place relative to the mirror; a URL, a path, or nuccore: and accessions"),
        column("bytes", pa.int64(), "size as it is stored; null where nobody says"),
        column("md5", pa.string(), "null where nobody says"),
    ]
)

TAXA = pa.schema(
    [
        column("taxid", pa.int64(), "NCBI taxonomy id; the table is sorted by it"),
        column("merged_into", pa.int64(), "the taxid that this one is part of now; the other columns are that one's"),
        column("parent", pa.int64(), "taxid of the parent; a root is its own"),
        column("rank", pa.string(), "rank as NCBI writes it"),
        column("name", pa.string(), "scientific name"),
        column("species", pa.string(), "name of the species that it is or belongs to; null above species"),
        column("species_taxid", pa.int64(), "taxid of that species"),
        column("genus", pa.string(), "name of the genus that it is or belongs to"),
        column("lineage", pa.list_(RANKED_NAME), "main ranks from the root, its own included"),
    ]
)

TAXA_NAMES = pa.schema(
    [
        column("name", pa.string(), "in lower case; the table is sorted by it, better classes first"),
        column("taxid", pa.int64(), "NCBI taxonomy id"),
        column("class", pa.string(), "class of the name as NCBI writes it, e.g. scientific name"),
    ]
)

RECORDS = pa.schema(
    [
        column("accession", pa.string(), "with version"),
        column("ordinal", pa.int64(), "place in the part, rejects counted; joins a part's tables"),
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("release", pa.string(), "release number"),
        column("source", pa.string(), "what the record was read from: gbff, fna, or gff beside fna"),
        column("organism", pa.string(), "ORGANISM as written"),
        column("taxid", pa.int64(), "NCBI taxonomy id as in the record, often that of a strain"),
        column("species", pa.string(), "species; the unit of splits"),
        column("species_taxid", pa.int64(), "NCBI taxonomy id of the species, where a taxonomy gave it"),
        column("species_source", pa.string(), "taxonomy or name: where species comes from"),
        column("genus", pa.string(), "genus"),
        column("lineage", pa.list_(pa.string()), "lineage as written, from the root"),
        column("ranked_lineage", pa.list_(RANKED_NAME), "main ranks by the taxonomy, from the root; empty without one"),
        column("molecule_type", pa.string(), "molecule type as LOCUS, or /mol_type beside FASTA, gives it"),
        column("topology", pa.string(), "linear or circular"),
        column("length", pa.int64(), "bases held; 0 where there are none"),
        column("locus_length", pa.int64(), "what LOCUS promises; never repaired"),
        column("definition", pa.string(), "DEFINITION without its final stop"),
        column("keywords", pa.list_(pa.string()), "KEYWORDS"),
        column("comment", pa.string(), "COMMENT; in a dataset null if a third party supplied text"),
        column("structured_comment", pa.list_(STRUCTURED_COMMENT), "structured comments, block by block"),
        column("refseq_status", pa.string(), "RefSeq status, e.g. reviewed"),
        column("date", pa.date32(), "date of LOCUS"),
        column("bioproject", pa.string(), "BioProject of DBLINK"),
        column("biosample", pa.string(), "BioSample of DBLINK"),
        column("assembly", pa.string(), "Assembly of DBLINK"),
        column("genome", pa.string(), "groups the replicons of one assembly"),
        column("assembly_unit", pa.string(), "primary, alternate, patch or unplaced, where legible"),
        column("source_qualifiers", pa.list_(QUALIFIER), "qualifiers of the source feature, in order"),
        column("pmids", pa.list_(pa.int64()), "PubMed ids of the references"),
        column("features", pa.int64(), "how many rows of the features table are this record's"),
        column("gc", pa.float64(), "share of G and C among A, C, G and T; null where there are none"),
        column("ambiguous", pa.int64(), "bases that are none of A, C, G and T"),
        column("digest", pa.binary(), "16 bytes, canonical over strand and, where circular, rotation"),
        column("exclusion", pa.string(), "master | no_sequence | length_mismatch; null: may be used"),
    ]
)

FEATURES = pa.schema(
    [
        column("accession", pa.string(), "accession with version of the record"),
        column("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        column("index", pa.int64(), "place in the record's feature table, `source` included"),
        column("kind", pa.string(), "feature key, e.g. CDS"),
        column("start", pa.int64(), "lowest coordinate"),
        column("end", pa.int64(), "highest coordinate; beyond the length where the feature spans the origin"),
        column("strand", pa.int8(), "+1, -1, or 0 where parts lie on both"),
        column("operator", pa.string(), "none | join | order | one-of"),
        column("parts", pa.list_(PART), "in transcript order"),
        column("partial_start", pa.bool_(), "`<`: goes on beyond the lower coordinate"),
        column("partial_end", pa.bool_(), "`>`: goes on beyond the higher coordinate"),
        column("location", pa.string(), "verbatim, blanks removed"),
        column("gene", pa.string(), "first /gene"),
        column("locus_tag", pa.string(), "first /locus_tag"),
        column("product", pa.string(), "first /product"),
        column("protein_id", pa.string(), "first /protein_id"),
        column("pseudo", pa.bool_(), "/pseudo or /pseudogene stands"),
        column("transl_table", pa.int64(), "genetic code as written"),
        column("codon_start", pa.int64(), "codon start as written, 1 to 3"),
        column("qualifiers", pa.list_(QUALIFIER), "all that the columns above do not hold, in order"),
    ]
)

SEGMENTS = pa.schema(
    [
        column("accession", pa.string(), "accession with version of the record"),
        column("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        column("index", pa.int64(), "place of the segment in the record"),
        column("count", pa.int64(), "segments of the record"),
        column("start", pa.int64(), "of the segment in the record"),
        column("sequence", pa.large_string(), "up to 1,048,576 bases; joined in order they are the record"),
        column("mask", pa.list_(RUN), "soft-masked runs, in coordinates of this row's sequence"),
    ]
)
SEGMENT_BASES = 1 << 20
"""Most bases that one row of the segments table holds."""

REFERENCES = pa.schema(
    [
        column("accession", pa.string(), "accession with version of the record"),
        column("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        column("index", pa.int64(), "place of the reference in the record"),
        column("pmid", pa.int64(), "PubMed id"),
        column("title", pa.string(), "TITLE"),
        column("authors", pa.string(), "AUTHORS"),
        column("journal", pa.string(), "JOURNAL"),
        column("consortium", pa.string(), "CONSRTM"),
        column("remark", pa.string(), "REMARK"),
        column("bases", pa.string(), "bases that the reference is about, as written"),
    ]
)

REJECTS = pa.schema(
    [
        column("file", pa.string(), "name of the release file"),
        column("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        column("first_line", pa.string(), "first line of the record"),
        column("accession", pa.string(), "null where illegible"),
        column("reason", pa.string(), "why it was rejected"),
        column("detail", pa.string(), "what exactly was found"),
        column("start", pa.int64(), "bytes of the uncompressed file, half-open"),
        column("end", pa.int64(), "first byte after the record"),
        column("bases", pa.int64(), "what LOCUS promises; 0 where illegible"),
    ]
)

LEDGER = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("unit", pa.string(), "file | record | species | feature | paper | row"),
        column("status", pa.string(), "in | kept | duplicate | excluded | rejected"),
        column("reason", pa.string(), "empty for in and kept; of a kept species: taxonomy | name, where it is from"),
        column("detail", pa.string(), "empty, or for a damaged file its name and what is wrong with it"),
        column("count", pa.int64(), "how many"),
        column("bases", pa.int64(), "how many bases; 0 for files, species, features and papers"),
    ]
)

PAPERS = pa.schema(
    [
        column("pmid", pa.int64(), "PubMed id"),
        column("pmcid", pa.string(), "PubMed Central id, e.g. PMC123"),
        column("doi", pa.string(), "DOI without an address before it"),
        column("title", pa.string(), "title, inline markup removed"),
        column("journal", pa.string(), "journal, or the book of a chapter"),
        column("year", pa.int64(), "year of publication"),
        column("abstract", pa.large_string(), "in a dataset null unless the paper is open and not retracted"),
        column("license", pa.string(), "SPDX-like, e.g. CC-BY-4.0, or CC-BY without a version; null: unknown"),
        column("open", pa.bool_(), "the licence is on the build's list of open ones"),
        column("attribution", pa.string(), "authors, journal, year and DOI; in a dataset null as abstract is"),
        column("retracted", pa.bool_(), "a source says that the paper is retracted"),
        column("source", pa.string(), "what the abstract was read from: jats | europepmc | pubmed | pmc | pdf"),
        column(
            "version", pa.int64(), "version of the source of the passages, else of the abstract; null as abstract is"
        ),
        column("passages", pa.list_(PASSAGE), "paragraphs of the full text; in a dataset null as abstract is"),
        column("division", pa.string(), "first division with a kept record of the paper's split that cites it"),
        column("part", pa.string(), "first part of that division with such a record"),
        column("split", pa.string(), "split of the kept records that cite it; train where they are in several"),
        column("records", pa.int64(), "kept records of its split that cite it"),
        column("told_with", pa.list_(pa.string()), "accessions of those of them whose rows tell of it"),
    ]
)

DECISIONS = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("ordinal", pa.int64(), "place of the record in its part; joins a part's tables"),
        column("accession", pa.string(), "accession with version of the record"),
        column("status", pa.string(), "kept | duplicate | excluded"),
        column("reason", pa.string(), "why it is not kept; empty for kept"),
        column("duplicate_of", pa.string(), "accession of the kept copy"),
        column("cluster", pa.string(), "smallest accession among its near-duplicates, exact copies included"),
        column("copies", pa.int64(), "records with these bases, this one included"),
        column("split", pa.string(), "train | validation | test"),
        column("species", pa.string(), "species"),
        column("species_taxid", pa.int64(), "taxonomy id of the species"),
        column("taxid", pa.int64(), "taxonomy id of the record"),
        column("organism", pa.string(), "ORGANISM"),
        column("length", pa.int64(), "bases held"),
        column("digest", pa.binary(), "canonical digest; null where the record cannot be used"),
        column("biosafety", pa.string(), "where the policy flags: the taxon that says so; else null"),
    ]
)

PAIRS = pa.schema(
    [
        column("pair_id", pa.string(), "32 hex digits of kind, accession, feature, span, variant"),
        column("kind", pa.string(), "record | gene | window | paper | qa"),
        column("division", pa.string(), "division of the release"),
        column("organism", pa.string(), "ORGANISM as written"),
        column("species", pa.string(), "species; stands in one split only"),
        column("species_taxid", pa.int64(), "taxonomy id of the species, where a taxonomy gave it"),
        column("lineage", pa.list_(pa.string()), "lineage as written, from the root"),
        column("accession", pa.string(), "accession with version of the record"),
        column("genome", pa.string(), "groups the replicons of one assembly"),
        column("feature_kind", pa.string(), "feature key of a gene row, e.g. CDS"),
        column("feature_index", pa.int64(), "place in the record's feature table, `source` included"),
        column("level", pa.string(), "genomic | transcript | cds"),
        column("start", pa.int64(), "start of the span in the record"),
        column("end", pa.int64(), "end of the span; beyond the length where it spans the origin"),
        column("strand", pa.int8(), "+1, -1, or 0 where parts lie on both"),
        column("parts", pa.list_(LOCAL_PART), "non-empty only where sequence is their concatenation"),
        column("topology", pa.string(), "the record's: linear or circular"),
        column("molecule_type", pa.string(), "the record's, as LOCUS gives it"),
        column("transl_table", pa.int64(), "genetic code of a coding row"),
        column("sequence", pa.large_string(), "5'->3' in the direction of the feature; upper-case IUPAC, U as T"),
        column("mask", pa.list_(RUN), "soft-masked runs, in coordinates of sequence"),
        column("n_share", pa.float64(), "share of N"),
        column("text", pa.large_string(), "what is known about the sequence"),
        column("evidence", pa.list_(EVIDENCE), "spans of text in code points, and where each is from"),
        column("orientation_free", pa.bool_(), "the text stays true for the reverse complement or a crop"),
        column("informative", pa.bool_(), "false for hypothetical proteins and the like"),
        column("pmids", pa.list_(pa.int64()), "PubMed ids that belong to the text"),
        column("licenses", pa.list_(pa.string()), "licences of the evidence, sorted"),
        column("cluster", pa.string(), "smallest member among the exact copies"),
        column("copies", pa.int64(), "exact copies in the input, this one included"),
        column("copies_in", pa.list_(pa.string()), "accessions that hold the other copies, the smallest ones alone"),
        column("biosafety", pa.string(), "where the policy flags: the taxon that says so, or similar; else null"),
    ]
)

PAIR_KEYS = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("pair_id", pa.string(), "of the pair"),
        column("accession", pa.string(), "accession with version of the record"),
        column("split", pa.string(), "train, validation or test"),
        column("informative", pa.bool_(), "as in pairs"),
        column("digest", pa.binary(), "canonical sequence, feature kind and genetic code; null: never collapses"),
        column("bases_digest", pa.binary(), "canonical sequence alone"),
        column("bases", pa.int64(), "length of the sequence"),
    ]
)

COPIES = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("pair_id", pa.string(), "of the pair"),
        column("status", pa.string(), "kept | duplicate | excluded"),
        column("reason", pa.string(), "exact or leak; empty for kept"),
        column("duplicate_of", pa.string(), "pair_id of the kept copy"),
        column("cluster", pa.string(), "smallest pair_id among the exact copies"),
        column("copies", pa.int64(), "pairs with these bases, this one included"),
        column("copies_in", pa.list_(pa.string()), "of a kept pair: as in pairs"),
        column("bases", pa.int64(), "length of the sequence"),
    ]
)

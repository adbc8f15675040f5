"""The Arrow schemas of papers, of decisions over records and over pairs, and of pairs; and the published configs."""

import pyarrow as pa

from dnacorpus.schemas.parts import FEATURES, RECORDS, SEGMENTS
from dnacorpus.schemas.types import EVIDENCE, LOCAL_PART, PASSAGE, RUN, column

PAPERS = pa.schema(
    [
        column("pmid", pa.int64(), "PubMed id"),
        column("pmcid", pa.string(), "PubMed Central id, e.g. PMC123"),
        column("doi", pa.string(), "DOI, not as a URL"),
        column("title", pa.string(), "title, without inline markup"),
        column("journal", pa.string(), "journal, or the book that a chapter is from"),
        column("year", pa.int64(), "year of publication"),
        column("abstract", pa.large_string(), "abstract; in a dataset null unless the paper is open and not retracted"),
        column(
            "license", pa.string(), "licence, SPDX-like, e.g. CC-BY-4.0, or CC-BY without a version; null if unknown"
        ),
        column("open", pa.bool_(), "whether the licence is one of the build's open licences"),
        column("attribution", pa.string(), "authors, journal, year and DOI; in a dataset null if abstract is"),
        column("retracted", pa.bool_(), "whether a source states that the paper is retracted"),
        column("source", pa.string(), "source of the abstract: jats | europepmc | pubmed | pmc | pdf"),
        column(
            "version",
            pa.int64(),
            "version of the source of the passages, or of the abstract; in a dataset null if abstract is",
        ),
        column("passages", pa.list_(PASSAGE), "paragraphs of the full text; in a dataset null if abstract is"),
        column("division", pa.string(), "first division with a kept record that cites the paper and is in its split"),
        column("part", pa.string(), "first part of that division with such a record"),
        column(
            "split", pa.string(), "split of the kept records that cite the paper; train if they are in several splits"
        ),
        column("records", pa.int64(), "number of kept records that cite the paper and are in its split"),
        column(
            "records_with_rows",
            pa.list_(pa.string()),
            "accessions of the citing records that have rows about the paper",
        ),
    ]
)

DECISIONS = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("ordinal", pa.int64(), "index of the record in its part; joins the tables of a part"),
        column("accession", pa.string(), "accession with version of the record"),
        column("status", pa.string(), "kept | duplicate | excluded"),
        column("reason", pa.string(), "why it is not kept; empty for kept"),
        column("duplicate_of", pa.string(), "accession of the kept copy; null if the record is kept"),
        column("cluster", pa.string(), "smallest accession among the record, its copies and its near-duplicates"),
        column("copies", pa.int64(), "number of records with these bases, this one included"),
        column("split", pa.string(), "train | validation | test"),
        column("species", pa.string(), "species name"),
        column("species_taxid", pa.int64(), "taxonomy id of the species"),
        column("taxid", pa.int64(), "taxonomy id of the record"),
        column("organism", pa.string(), "organism, as in the ORGANISM line"),
        column("length", pa.int64(), "number of bases"),
        column("digest", pa.binary(), "canonical digest of the bases; null if the record cannot be used"),
        column("biosafety", pa.string(), "taxon by which the biosafety policy flags the record; else null"),
    ]
)

PAIRS = pa.schema(
    [
        column("pair_id", pa.string(), "32 hex digits, a hash of kind, accession, feature, span and variant"),
        column("kind", pa.string(), "record | gene | window | paper | qa"),
        column("division", pa.string(), "division of the release"),
        column("organism", pa.string(), "organism, as in the ORGANISM line"),
        column("species", pa.string(), "species name; no species is in two splits"),
        column("species_taxid", pa.int64(), "NCBI taxonomy id of the species; null if the taxonomy does not have it"),
        column("lineage", pa.list_(pa.string()), "lineage in the record, from the root"),
        column("accession", pa.string(), "accession with version of the record"),
        column("genome", pa.string(), "name shared by the replicons of one genome assembly"),
        column("feature_kind", pa.string(), "feature key of a gene row, e.g. CDS; else null"),
        column("feature_index", pa.int64(), "index in the feature table of the record, 0-based, `source` included"),
        column("level", pa.string(), "level of the sequence: genomic | transcript | cds"),
        column("start", pa.int64(), "start of the span in the record"),
        column("end", pa.int64(), "end of the span; larger than the length of the record if it spans the origin"),
        column("strand", pa.int8(), "+1, -1, or 0 if the parts are on both strands"),
        column(
            "parts",
            pa.list_(LOCAL_PART),
            "stretches that sequence is the concatenation of; empty if it is a single span",
        ),
        column("topology", pa.string(), "topology of the record: linear or circular"),
        column("molecule_type", pa.string(), "molecule type of the record, as in LOCUS"),
        column("transl_table", pa.int64(), "genetic code of a coding row; else null"),
        column("sequence", pa.large_string(), "bases 5'->3' in the direction of the feature; upper-case IUPAC, U as T"),
        column("mask", pa.list_(RUN), "soft-masked intervals, in coordinates of sequence"),
        column("n_share", pa.float64(), "share of N in sequence"),
        column("text", pa.large_string(), "text about the sequence"),
        column("evidence", pa.list_(EVIDENCE), "spans of text in code points, each with the source of what it states"),
        column(
            "orientation_free",
            pa.bool_(),
            "whether the text is also true of the reverse complement and of a part of the sequence",
        ),
        column("informative", pa.bool_(), "false for hypothetical proteins and similar rows"),
        column(
            "pmids",
            pa.list_(pa.int64()),
            "PubMed ids of the papers that the record or feature cites, or that the text is from",
        ),
        column("licenses", pa.list_(pa.string()), "licences of the evidence, sorted"),
        column("cluster", pa.string(), "smallest pair_id among the exact copies"),
        column("copies", pa.int64(), "number of exact copies in the build, this one included"),
        column("copies_in", pa.list_(pa.string()), "smallest accessions of the records that have the other copies"),
        column(
            "biosafety",
            pa.string(),
            "taxon by which the biosafety policy flags the record, or `similar` if the bases are like such a record's",
        ),
    ]
)

PAIR_KEYS = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("pair_id", pa.string(), "pair_id of the pair"),
        column("accession", pa.string(), "accession with version of the record"),
        column("split", pa.string(), "train | validation | test"),
        column("informative", pa.bool_(), "as in pairs"),
        column(
            "digest",
            pa.binary(),
            "digest of canonical sequence, feature kind and genetic code; null if the pair is never a copy",
        ),
        column("bases_digest", pa.binary(), "digest of the canonical sequence"),
        column("bases", pa.int64(), "number of bases of the sequence"),
    ]
)

COPIES = pa.schema(
    [
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("pair_id", pa.string(), "pair_id of the pair"),
        column("status", pa.string(), "kept | duplicate | excluded"),
        column("reason", pa.string(), "exact | leak; empty for kept"),
        column("duplicate_of", pa.string(), "pair_id of the kept copy; null if the pair is kept or has none"),
        column("cluster", pa.string(), "smallest pair_id among the exact copies"),
        column("copies", pa.int64(), "number of pairs with these bases, this one included"),
        column("copies_in", pa.list_(pa.string()), "for a kept pair, as in pairs"),
        column("bases", pa.int64(), "number of bases of the sequence"),
    ]
)

UNDECIDED = ("cluster", "copies", "copies_in")
"""The columns of `PAIRS` that are null until all pairs are compared; `COPIES` holds their values."""

CONFIGS: dict[str, pa.Schema] = {
    "pairs": PAIRS,
    "records": RECORDS,
    "features": FEATURES,
    "segments": SEGMENTS,
    "papers": PAPERS,
}
"""The published configs and their schemas; the first is the default one."""

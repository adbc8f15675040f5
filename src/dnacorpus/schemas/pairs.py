"""The Arrow schemas of papers, of decisions over records and over pairs, and of pairs; and the published configs."""

import pyarrow as pa

from dnacorpus.schemas.parts import FEATURES, RECORDS, SEGMENTS
from dnacorpus.schemas.types import EVIDENCE, LOCAL_PART, PASSAGE, RUN, column

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

CONFIGS: dict[str, pa.Schema] = {
    "pairs": PAIRS,
    "records": RECORDS,
    "features": FEATURES,
    "segments": SEGMENTS,
    "papers": PAPERS,
}
"""The published configs and their schemas; the first is the default one."""

"""The Arrow schemas of the catalog, of the taxonomy and of the tables of a part; and that of the ledger."""

import pyarrow as pa

from dnacorpus.schemas.types import PART, QUALIFIER, RANKED_NAME, RUN, STRUCTURED_COMMENT, column

CATALOG = pa.schema(
    [
        column("release", pa.string(), "release number; assemblies, nuccore or local for files outside a release"),
        column("division", pa.string(), "division of the release, or a custom division"),
        column("part", pa.string(), "e.g. viral.1"),
        column("group", pa.string(), "parts that share their shards, e.g. 00000"),
        column("kind", pa.string(), "gbff (EMBL too), fna or gff (GTF too)"),
        column("file", pa.string(), "name of the file"),
        column("url", pa.string(), "path relative to the mirror; or a URL, a local path, or nuccore: and accessions"),
        column("bytes", pa.int64(), "size of the file as stored (compressed); null if unknown"),
        column("md5", pa.string(), "MD5 of the file; null if unknown"),
    ]
)

TAXA = pa.schema(
    [
        column("taxid", pa.int64(), "NCBI taxonomy id; the table is sorted by it"),
        column("merged_into", pa.int64(), "taxid that this one was merged into; the other columns describe that one"),
        column("parent", pa.int64(), "taxid of the parent; a root is its own parent"),
        column("rank", pa.string(), "rank as NCBI writes it"),
        column("name", pa.string(), "scientific name"),
        column("species", pa.string(), "name of the species that the taxon is or belongs to; null above species"),
        column("species_taxid", pa.int64(), "taxid of that species"),
        column("genus", pa.string(), "name of the genus that the taxon is or belongs to; null if none"),
        column("lineage", pa.list_(RANKED_NAME), "taxa of the main ranks, from the root down to the taxon itself"),
    ]
)

TAXA_NAMES = pa.schema(
    [
        column(
            "name", pa.string(), "name in lower case; the table is sorted by it, then by class, scientific names first"
        ),
        column("taxid", pa.int64(), "NCBI taxonomy id"),
        column("class", pa.string(), "class of the name as NCBI writes it, e.g. scientific name"),
    ]
)

RECORD_KEY = ["division", "part", "ordinal"]
"""The columns that name one record of a build in every table about records."""

RECORDS = pa.schema(
    [
        column("accession", pa.string(), "accession with version"),
        column("ordinal", pa.int64(), "index of the record in its part, rejects counted; joins the tables of a part"),
        column("division", pa.string(), "division of the release"),
        column("part", pa.string(), "part of the division, e.g. viral.1"),
        column("release", pa.string(), "release number"),
        column("source", pa.string(), "format that the record was read from: gbff, embl, fna, or gff (with fna)"),
        column("organism", pa.string(), "organism, as in the ORGANISM line"),
        column("taxid", pa.int64(), "NCBI taxonomy id in the record, often that of a strain"),
        column("species", pa.string(), "species name; the unit of splits"),
        column("species_taxid", pa.int64(), "NCBI taxonomy id of the species; null if the taxonomy does not have it"),
        column("species_source", pa.string(), "source of species: taxonomy, or name (of the organism)"),
        column("genus", pa.string(), "genus name"),
        column("lineage", pa.list_(pa.string()), "lineage in the record, from the root"),
        column(
            "ranked_lineage",
            pa.list_(RANKED_NAME),
            "lineage in the taxonomy: main ranks, from the root; empty if unknown",
        ),
        column("molecule_type", pa.string(), "molecule type in LOCUS, or in /mol_type for GFF with FASTA"),
        column("topology", pa.string(), "linear or circular"),
        column("length", pa.int64(), "number of bases in the sequence; 0 for a record without one"),
        column("locus_length", pa.int64(), "length stated in LOCUS, unchanged even if wrong"),
        column("definition", pa.string(), "DEFINITION without its final full stop"),
        column("keywords", pa.list_(pa.string()), "keywords, as in KEYWORDS"),
        column("comment", pa.string(), "COMMENT; in a dataset null if it has text supplied by a third party"),
        column("structured_comment", pa.list_(STRUCTURED_COMMENT), "structured comments, in order"),
        column("refseq_status", pa.string(), "RefSeq status, e.g. reviewed"),
        column("date", pa.date32(), "date in LOCUS"),
        column("bioproject", pa.string(), "BioProject accession in DBLINK"),
        column("biosample", pa.string(), "BioSample accession in DBLINK"),
        column("assembly", pa.string(), "assembly accession in DBLINK"),
        column("genome", pa.string(), "name shared by the replicons of one genome assembly"),
        column("assembly_unit", pa.string(), "primary, alternate, patch or unplaced; null if unknown"),
        column("source_qualifiers", pa.list_(QUALIFIER), "qualifiers of the source feature, in order"),
        column("pmids", pa.list_(pa.int64()), "PubMed ids in the references"),
        column("features", pa.int64(), "number of rows in the features table"),
        column("gc", pa.float64(), "share of G and C among A, C, G and T; null if there are none of these"),
        column("ambiguous", pa.int64(), "number of bases other than A, C, G and T"),
        column(
            "digest",
            pa.binary(),
            "digest of the bases (16 bytes), the same for both strands and, if circular, for all rotations",
        ),
        column(
            "exclusion",
            pa.string(),
            "master | no_sequence | length_mismatch: why the record cannot be used; null if it can",
        ),
    ]
)

FEATURES = pa.schema(
    [
        column("accession", pa.string(), "accession with version of the record"),
        column("ordinal", pa.int64(), "index of the record in its part; joins the tables of a part"),
        column("index", pa.int64(), "index in the feature table of the record, 0-based, `source` included"),
        column("kind", pa.string(), "feature key, e.g. CDS"),
        column("start", pa.int64(), "lowest coordinate"),
        column("end", pa.int64(), "highest coordinate; larger than the length if the feature spans the origin"),
        column("strand", pa.int8(), "+1, -1, or 0 if the parts are on both strands"),
        column("operator", pa.string(), "operator of the location: none | join | order | one-of"),
        column("parts", pa.list_(PART), "stretches of the location, in transcript order"),
        column("partial_start", pa.bool_(), "the location has `<`: the feature extends below the lowest coordinate"),
        column("partial_end", pa.bool_(), "the location has `>`: the feature extends above the highest coordinate"),
        column("location", pa.string(), "location as written, blanks removed"),
        column("gene", pa.string(), "first /gene"),
        column("locus_tag", pa.string(), "first /locus_tag"),
        column("product", pa.string(), "first /product"),
        column("protein_id", pa.string(), "first /protein_id"),
        column("pseudo", pa.bool_(), "whether the feature has /pseudo or /pseudogene"),
        column("transl_table", pa.int64(), "genetic code, as in /transl_table"),
        column("codon_start", pa.int64(), "codon start, as in /codon_start: 1 to 3"),
        column("qualifiers", pa.list_(QUALIFIER), "all other qualifiers, in order"),
    ]
)

SEGMENTS = pa.schema(
    [
        column("accession", pa.string(), "accession with version of the record"),
        column("ordinal", pa.int64(), "index of the record in its part; joins the tables of a part"),
        column("index", pa.int64(), "index of the segment in the record"),
        column("count", pa.int64(), "number of segments of the record"),
        column("start", pa.int64(), "start of the segment in the record"),
        column(
            "sequence",
            pa.large_string(),
            "up to 1,048,576 bases; the segments of a record, joined in order, are its sequence",
        ),
        column("mask", pa.list_(RUN), "soft-masked intervals, in coordinates of the segment"),
    ]
)

REFERENCES = pa.schema(
    [
        column("accession", pa.string(), "accession with version of the record"),
        column("ordinal", pa.int64(), "index of the record in its part; joins the tables of a part"),
        column("index", pa.int64(), "index of the reference in the record"),
        column("pmid", pa.int64(), "PubMed id"),
        column("title", pa.string(), "title, as in TITLE"),
        column("authors", pa.string(), "authors, as in AUTHORS"),
        column("journal", pa.string(), "journal, as in JOURNAL"),
        column("consortium", pa.string(), "consortium, as in CONSRTM"),
        column("remark", pa.string(), "remark, as in REMARK"),
        column("bases", pa.string(), "bases that the reference is about, as in REFERENCE"),
    ]
)

REJECTS = pa.schema(
    [
        column("file", pa.string(), "name of the release file"),
        column("ordinal", pa.int64(), "index of the record in its part; joins the tables of a part"),
        column("first_line", pa.string(), "first line of the record"),
        column("accession", pa.string(), "accession; null if malformed"),
        column("reason", pa.string(), "reason of the rejection, a key of the ledger's reasons"),
        column("detail", pa.string(), "what was found"),
        column("start", pa.int64(), "first byte of the record in the uncompressed file"),
        column("end", pa.int64(), "first byte after the record in the uncompressed file"),
        column("bases", pa.int64(), "length stated in LOCUS; 0 if malformed"),
    ]
)

LEDGER = pa.schema(
    [
        column("division", pa.string(), "division of the release; empty for papers and taxonomy"),
        column("part", pa.string(), "part of the division, e.g. viral.1; of characters also papers or taxonomy"),
        column("unit", pa.string(), "file | record | name | species | feature | line | character | paper | row"),
        column("status", pa.string(), "in | kept | duplicate | excluded | rejected"),
        column(
            "reason",
            pa.string(),
            "why it was not kept; empty for in and kept; for a kept species its source, for a kept name its form,"
            " for a kept line its flaw; for a character its kind: control, invisible or no_character",
        ),
        column("detail", pa.string(), "for a file that is damaged or gone, its name and what is wrong; else empty"),
        column("count", pa.int64(), "number of units"),
        column("bases", pa.int64(), "number of bases; 0 except for records and rows"),
    ]
)

"""The Arrow schemas of the catalog, of the taxonomy and of the tables of a part; and that of the ledger."""

import pyarrow as pa

from dnacorpus.schemas.types import PART, QUALIFIER, RANKED_NAME, RUN, STRUCTURED_COMMENT, column

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

RECORD_KEY = ["division", "part", "ordinal"]
"""The columns that name one record of a build in every table about records."""

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

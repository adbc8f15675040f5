"""The Arrow schema of documents, which join several pairs of a dataset into one context."""

import pyarrow as pa

from dnacorpus.schemas.types import EVIDENCE, column

MEMBER = pa.struct({
    "pair_id": pa.string(), "accession": pa.string(), "species": pa.string(), "text_start": pa.int64(),
    "text_end": pa.int64(), "dna_start": pa.int64(), "dna_end": pa.int64(),
})  # fmt: skip
"""A pair of a document, with the spans of its text and its bases in the document, in code points."""

DOCUMENTS = pa.schema(
    [
        column("document_id", pa.string(), "32 hex digits, a hash of structure, template, context and members"),
        column("structure", pa.string(), "family | replicon | clade: what the members have in common"),
        column("template", pa.string(), "name of the template that describes every member"),
        column("division", pa.string(), "division of the release"),
        column("context", pa.int64(), "limit of the length in characters, text and bases together"),
        column("text", pa.large_string(), "the whole document: text and bases in turn"),
        column("members", pa.list_(MEMBER), "the pairs in order; spans of text in code points, half-open"),
        column("evidence", pa.list_(EVIDENCE), "spans of text in code points, including those of the bases"),
        column("pmids", pa.list_(pa.int64()), "PubMed ids of the papers that the text is from"),
        column("licenses", pa.list_(pa.string()), "licences of the evidence, sorted"),
        column(
            "parallel_pairs",
            pa.int64(),
            "number of pairs of phrases of two members with the same template and different words",
        ),
        column("phrase_pairs", pa.int64(), "number of pairs of phrases of two members"),
        column("structure_score", pa.float64(), "parallel_pairs divided by phrase_pairs"),
    ]
)

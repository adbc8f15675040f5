"""The Arrow schemas of the membership index: which record, row and taxon is where in a dataset."""

import pyarrow as pa

from dnacorpus.schemas import column

ROW_INDEX = pa.schema(
    [
        column("config", pa.string(), "config of the shard"),
        column("split", pa.string(), "split of the shard"),
        column("row", pa.int64(), "row in the shard"),
        column("accession", pa.string(), "accession with version of the record"),
        column("pair_id", pa.string(), "of the pair"),
        column("digest", pa.binary(), "canonical, of the row's sequence alone"),
    ]
)

INDEX_ACCESSIONS = pa.schema(
    [
        column("accession", pa.string(), "accession with version of the record"),
        column("division", pa.string(), "division of the release"),
        column("status", pa.string(), "kept | duplicate | excluded | rejected"),
        column("reason", pa.string(), "why it is not kept; empty for kept"),
        column("duplicate_of", pa.string(), "accession of the kept copy"),
        column("split", pa.string(), "split of its rows"),
        column("organism", pa.string(), "ORGANISM"),
        column("species", pa.string(), "species"),
        column("taxid", pa.int64(), "taxonomy id of the record"),
        column("length", pa.int64(), "bases"),
        column("file", pa.string(), "shard of pairs that holds its rows; null where it has none"),
        column("row", pa.int64(), "its first row there"),
        column("rows", pa.int64(), "how many rows follow each other there"),
    ]
)

INDEX_DIGESTS = pa.schema(
    [
        column("digest", pa.binary(), "canonical digest of a record or a row"),
        column("accession", pa.string(), "accession with version of the record"),
        column("pair_id", pa.string(), "null for a record"),
        column("division", pa.string(), "division of the release"),
        column("file", pa.string(), "shard of pairs that holds the row"),
        column("row", pa.int64(), "row in the shard"),
    ]
)

INDEX_TAXA = pa.schema(
    [
        column("taxid", pa.int64(), "taxonomy id as in the records"),
        column("organism", pa.string(), "ORGANISM"),
        column("species", pa.string(), "species"),
        column("division", pa.string(), "division of the release"),
        column("split", pa.string(), "split; null where not kept"),
        column("status", pa.string(), "kept, duplicate or excluded"),
        column("records", pa.int64(), "how many records"),
        column("bases", pa.int64(), "how many bases"),
    ]
)

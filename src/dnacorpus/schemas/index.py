"""The Arrow schemas of the membership index: which record, row and taxon is where in a dataset."""

import pyarrow as pa

from dnacorpus.schemas.types import column

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
        column("detail", pa.string(), "of a record that is gone: since when, and what took its place"),
        column("duplicate_of", pa.string(), "accession of the kept copy"),
        column("cluster", pa.string(), "name of the records that are copies of it, or nearly so"),
        column("copies", pa.int64(), "records with these bases, this one included"),
        column("split", pa.string(), "split of its rows"),
        column("organism", pa.string(), "ORGANISM"),
        column("species", pa.string(), "species"),
        column("taxid", pa.int64(), "taxonomy id of the record"),
        column("length", pa.int64(), "bases"),
        column("topology", pa.string(), "linear or circular"),
        column("file", pa.string(), "shard of pairs that holds its rows; null where it has none"),
        column("row", pa.int64(), "its first row there"),
        column("rows", pa.int64(), "how many rows follow each other there"),
        column("segments", pa.string(), "shard of segments that holds its bases; null where not kept"),
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
        column("status", pa.string(), "kept, duplicate or excluded; null for a row"),
    ]
)

INDEX_TAXA = pa.schema(
    [
        column("name", pa.string(), "what is looked up: a name in lower case, or digits of a taxonomy id"),
        column("rank", pa.string(), "what it names: organism, species, genus, taxid or species_taxid; sum over one"),
        column("taxid", pa.int64(), "taxonomy id as in the records"),
        column("organism", pa.string(), "ORGANISM"),
        column("species", pa.string(), "species"),
        column("species_taxid", pa.int64(), "taxonomy id of the species"),
        column("genus", pa.string(), "genus"),
        column("division", pa.string(), "division of the release"),
        column("split", pa.string(), "split; null where not kept"),
        column("status", pa.string(), "kept, duplicate or excluded"),
        column("reason", pa.string(), "why they are not kept; empty for kept"),
        column("records", pa.int64(), "how many records"),
        column("bases", pa.int64(), "how many bases"),
    ]
)

RANKS = ("organism", "species", "genus", "taxid", "species_taxid")
"""The columns by which `INDEX_TAXA` is looked up; each record is counted once under each that it has."""


def key_of(name: str) -> str:
    """Return the form in which a name is looked up: in lower case, single blanks."""
    return " ".join(name.casefold().split())

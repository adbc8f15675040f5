"""The Arrow schemas of the membership index: where in a dataset each record, row and taxon is."""

import pyarrow as pa

from dnacorpus.schemas.types import column

ROW_INDEX = pa.schema(
    [
        column("config", pa.string(), "config of the shard"),
        column("split", pa.string(), "split of the shard"),
        column("row", pa.int64(), "row in the shard, 0-based"),
        column("accession", pa.string(), "accession with version of the record"),
        column("pair_id", pa.string(), "pair_id of the pair"),
        column("digest", pa.binary(), "canonical digest of the sequence of the row"),
    ]
)

INDEX_ACCESSIONS = pa.schema(
    [
        column("accession", pa.string(), "accession with version of the record"),
        column("division", pa.string(), "division of the release"),
        column("status", pa.string(), "kept | duplicate | excluded | rejected"),
        column("reason", pa.string(), "why it is not kept; empty for kept"),
        column("detail", pa.string(), "for a record that is no longer in its source: since when, and what replaced it"),
        column("duplicate_of", pa.string(), "accession of the kept copy; null if the record is kept"),
        column("cluster", pa.string(), "name shared by the record, its copies and its near-duplicates"),
        column("copies", pa.int64(), "number of records with these bases, this one included"),
        column("split", pa.string(), "split of the record"),
        column("organism", pa.string(), "organism, as in the ORGANISM line"),
        column("species", pa.string(), "species name"),
        column("taxid", pa.int64(), "taxonomy id of the record"),
        column("length", pa.int64(), "number of bases"),
        column("topology", pa.string(), "linear or circular"),
        column("file", pa.string(), "shard of pairs with the rows of the record; null if it has none"),
        column("row", pa.int64(), "first row of the record in that shard"),
        column("rows", pa.int64(), "number of consecutive rows from there"),
        column("segments", pa.string(), "shard of segments with the bases of the record; null if it is not kept"),
    ]
)

INDEX_DIGESTS = pa.schema(
    [
        column("digest", pa.binary(), "canonical digest of a record or a row"),
        column("accession", pa.string(), "accession with version of the record"),
        column("pair_id", pa.string(), "pair_id of the row; null for a record"),
        column("division", pa.string(), "division of the release"),
        column("file", pa.string(), "shard of pairs with the row; null for a record"),
        column("row", pa.int64(), "row in the shard, 0-based"),
        column("status", pa.string(), "kept | duplicate | excluded; null for a row"),
    ]
)

INDEX_TAXA = pa.schema(
    [
        column("name", pa.string(), "key of a look-up: a name in lower case, or the digits of a taxonomy id"),
        column(
            "rank",
            pa.string(),
            "column that the name is from: organism, species, genus, taxid or species_taxid; add up one rank only",
        ),
        column("taxid", pa.int64(), "taxonomy id in the records"),
        column("organism", pa.string(), "organism, as in the ORGANISM line"),
        column("species", pa.string(), "species name"),
        column("species_taxid", pa.int64(), "taxonomy id of the species"),
        column("genus", pa.string(), "genus name"),
        column("division", pa.string(), "division of the release"),
        column("split", pa.string(), "split; null if not kept"),
        column("status", pa.string(), "kept | duplicate | excluded"),
        column("reason", pa.string(), "why they are not kept; empty for kept"),
        column("records", pa.int64(), "number of records"),
        column("bases", pa.int64(), "number of bases"),
    ]
)

INDEX_NAMES = pa.schema(
    [
        column("name", pa.string(), "name of a record in its file"),
        column("accession", pa.string(), "name of the record in the dataset, which begins with that of the file"),
    ]
)

NAMES_PATH = "index/names.parquet"
"""The file of `INDEX_NAMES`, in datasets with records that are named after their file only."""

INDEX_SCHEMAS = {
    "index/accessions.parquet": INDEX_ACCESSIONS,
    "index/digests.parquet": INDEX_DIGESTS,
    "index/taxa.parquet": INDEX_TAXA,
}
"""Path in a dataset -> schema of each index file."""

RANKS = ("organism", "species", "genus", "taxid", "species_taxid")
"""The ranks of `INDEX_TAXA`; each record counts once under each rank that it has."""


def key_of(name: str) -> str:
    """Return the form in which names are looked up: lower case, single blanks."""
    return " ".join(name.casefold().split())

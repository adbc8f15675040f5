"""Clusters of near-duplicates: the connected components of the pairs of records that share enough hashes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from dnacorpus.curation.components import Indices, components
from dnacorpus.curation.near.candidates import min_containment
from dnacorpus.curation.near.sketch import read_records
from dnacorpus.curation.record_keys import no_records
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import NEAR
from dnacorpus.schemas.parts import RECORD_KEY
from dnacorpus.settings.curation import NearSettings
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results

MIN_SHARED = 3
"""Fewest hashes that near-duplicates share: in records of a few dozen bases, one common k-mer is no evidence."""


def near_duplicates(
    results: Results, divisions: Sequence[str], settings: NearSettings, near: Sequence[Path]
) -> pl.DataFrame:
    """Return division, part, ordinal and cluster of all sketched records; none if near-duplicates are switched off."""
    if not settings.min_ani:
        return no_records("cluster")
    folders = [results.sketches(*key) for key in results.group_keys(divisions)]
    records = pl.concat(pl.DataFrame(read_records(folder).select([*RECORD_KEY, "accession"])) for folder in folders)
    return near_clusters(near, records, settings)


def near_clusters(near_files: Sequence[Path], records: pl.DataFrame, settings: NearSettings) -> pl.DataFrame:
    """Return division, part, ordinal and ``cluster``, the smallest accession of the component, of every record.

    If several components have the same smallest accession, the second is named accession/2, and so on.
    ``near_files`` are the NEAR tables of all buckets, in any order; ``records`` has division, part, ordinal and
    accession. Two records are near-duplicates if the smaller of their two containments, which is that of the record
    with more hashes, is at least ANI^k (see `candidates.min_containment`): so a plasmid or insertion sequence does not
    connect the genomes that contain it. Takes about 24 bytes for each pair and 200 for each record.
    Raises CorpusError for a pair with a record that is not in ``records``.
    """
    records = records.select(*RECORD_KEY, "accession").sort(RECORD_KEY)
    left, right = _edges(near_files, records.select(RECORD_KEY).with_row_index("row"), settings)
    labels = components(len(records), left, right)
    named = records.with_columns(component=pl.Series(labels, dtype=pl.Int64)).with_columns(
        cluster=pl.col("accession").min().over("component")
    )
    # Records with different bases may have the same accession, so two components could have the same name.
    number = pl.col("component").rank("dense").over("cluster")
    name = pl.when(number == 1).then("cluster").otherwise(pl.format("{}/{}", "cluster", number))
    return named.select(*RECORD_KEY, cluster=name)


def _edges(near_files: Sequence[Path], rows: pl.DataFrame, settings: NearSettings) -> tuple[Indices, Indices]:
    """Return the rows of both records of each pair of near-duplicates."""
    counted = pl.DataFrame(schema={"pair": pl.Int64, "shared": pl.Int64, "hashes": pl.Int64})
    for path in near_files:
        table = pl.DataFrame(tables.read(path, NEAR))
        near = rows.rename({name: f"near_{name}" for name in RECORD_KEY} | {"row": "near_row"})
        pairs = table.join(rows, on=RECORD_KEY, how="left")
        pairs = pairs.join(near, on=[f"near_{name}" for name in RECORD_KEY], how="left")
        if pairs["row"].null_count() or pairs["near_row"].null_count():
            raise CorpusError(
                f"{path}: expected pairs of records of this build, found others; remove the matches and run again"
            )
        pair = pl.col("row").cast(pl.Int64) * len(rows) + pl.col("near_row").cast(pl.Int64)
        counted = (
            pl.concat([counted, pairs.select(pair=pair, shared="shared", hashes="hashes")])
            .group_by("pair")
            .agg(pl.col("shared").sum(), pl.col("hashes").max())
        )
    containment = min_containment(settings)
    near_duplicates = (pl.col("shared") >= containment * pl.col("hashes")) & (pl.col("shared") >= MIN_SHARED)
    left, right = np.divmod(counted.filter(near_duplicates)["pair"].to_numpy(), max(len(rows), 1))
    return left, right

"""From shared hashes to clusters of near-duplicates: the connected components of the pairs that are near enough."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from dnacorpus.curation.near.candidates import Indices, NearSettings
from dnacorpus.curation.near.sketch import read_records
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import NEAR
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results

LEAST_SHARED = 3
"""Hashes that near-duplicates share at least. Only records of some dozen bases have fewer; one k-mer is no evidence."""

_KEY = ["division", "part", "ordinal"]


def near_duplicates(
    results: Results, divisions: Sequence[str], settings: NearSettings, near: Sequence[Path]
) -> pl.DataFrame | None:
    """Return division, part, ordinal and cluster of the sketched records, or None where nothing was sketched."""
    if not settings.near_ani:
        return None
    folders = [results.sketches(division, group) for division in divisions for group in results.groups(division)]
    records = pl.concat(pl.DataFrame(read_records(folder).select([*_KEY, "accession"])) for folder in folders)
    return near_clusters(near, records, settings)


def near_clusters(near_files: Sequence[Path], records: pl.DataFrame, settings: NearSettings) -> pl.DataFrame:
    """Return division, part, ordinal and ``cluster``, the smallest accession of the component, of every record.

    Of components with one smallest accession the second is called accession/2, and so on.
    ``near_files`` are the NEAR tables of all buckets, in any order; ``records`` has division, part, ordinal and
    accession. Two records are near-duplicates where the smaller of both containments, that in the record with more
    hashes, is at least ANI^k (see `NearSettings.containment`): so no plasmid or insertion sequence joins the
    genomes that contain it. Memory: 16 bytes a pair and some 200 bytes a record.
    Raises CorpusError for a pair with a record that ``records`` has not.
    """
    records = records.select(*_KEY, "accession").sort(_KEY)
    left, right = _edges(near_files, records.select(_KEY).with_row_index("row"), settings)
    labels = components(len(records), left, right)
    named = records.with_columns(component=pl.Series(labels, dtype=pl.Int64)).with_columns(
        cluster=pl.col("accession").min().over("component")
    )
    # Where one accession stands on different bases, two components could have one name.
    turn = pl.col("component").rank("dense").over("cluster")
    name = pl.when(turn == 1).then("cluster").otherwise(pl.format("{}/{}", "cluster", turn))
    return named.select(*_KEY, cluster=name)


def _edges(near_files: Sequence[Path], rows: pl.DataFrame, settings: NearSettings) -> tuple[Indices, Indices]:
    counted = pl.DataFrame(schema={"pair": pl.Int64, "shared": pl.Int64, "hashes": pl.Int64})
    for path in near_files:
        table = pl.DataFrame(tables.read(path, NEAR))
        near = rows.rename({name: f"near_{name}" for name in _KEY} | {"row": "near_row"})
        found = table.join(rows, on=_KEY, how="left").join(near, on=[f"near_{name}" for name in _KEY], how="left")
        if found["row"].null_count() or found["near_row"].null_count():
            raise CorpusError(
                f"{path}: expected pairs of this build's records, found others; remove the matches and run again"
            )
        pair = pl.col("row").cast(pl.Int64) * len(rows) + pl.col("near_row").cast(pl.Int64)
        counted = (
            pl.concat([counted, found.select(pair=pair, shared="shared", hashes="hashes")])
            .group_by("pair")
            .agg(pl.col("shared").sum(), pl.col("hashes").max())
        )
    near_enough = pl.col("shared") >= settings.containment * pl.col("hashes")
    pairs = counted.filter(near_enough & (pl.col("shared") >= LEAST_SHARED))["pair"].to_numpy()
    left, right = np.divmod(pairs, max(len(rows), 1))
    return left, right


def components(count: int, left: Indices, right: Indices) -> Indices:
    """Return for each of ``count`` nodes the smallest node of its connected component, given the edges' ends.

    Every root hooks onto the least root that an edge leads to, then paths are halved until they are flat
    (Shiloach & Vishkin 1982): a number of passes logarithmic in the longest path.
    """
    labels = np.arange(count)
    while True:
        ends = labels[left], labels[right]
        apart = ends[0] != ends[1]
        if not apart.any():
            return labels
        left, right = left[apart], right[apart]
        high, low = np.maximum(*ends)[apart], np.minimum(*ends)[apart]
        np.minimum.at(labels, high, low)
        while (labels != labels[labels]).any():
            labels = labels[labels]

"""The sketch stage: FracMinHash sketches of the usable records of one shard group.

In: the tables of the group's parts. Out: a folder of two tables, SKETCHES and SKETCHED; both are empty where
near-duplicates are switched off. Memory: one record's bases (at most three times), some 600 bytes a record, and 80
bytes for each of `near.sketch.RUN_HASHES` hashes.
"""

from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.curation.near.sketch import usable_records, write_sketches
from dnacorpus.storage.atomic import whole_directory


def run(build: Build, division: str, group: str, out: Path) -> None:
    """Write the sketches of one group into the folder ``out``; raises UsageError for an unknown group."""
    parts = build.results.parts_of_group(division, group)
    settings = build.config.settings.dedup.near
    folders = [build.results.tables(division, part) for part in parts if settings.min_ani]
    with whole_directory(out) as workspace:
        write_sketches(usable_records(folders), settings, workspace)

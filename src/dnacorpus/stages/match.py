"""The match stage: the copies and the near-duplicates among all records, one job for each bucket of their hashes.

In: the tables of all parts and the sketches of all groups. Out: a folder of ``exact.parquet`` (MATCHES) and
``near.parquet`` (NEAR). Peak RSS over that of the imports: for the copies at most 150 MB, 500 bytes a record of the
bucket, ``dedup.max_bases_at_once`` and one molecule; for the near-duplicates about 1.5 kB a record (docs/dedup.md).
"""

from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.curation.copies import record_copies
from dnacorpus.curation.exact import Bucket
from dnacorpus.curation.near.compare import near_pairs
from dnacorpus.schemas.curation import MATCHES, NEAR
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_directory
from dnacorpus.storage.results import EXACT
from dnacorpus.storage.results import NEAR as NEAR_FILE


def run(build: Build, bucket: int, out: Path) -> None:
    """Write the folder ``out`` for one bucket; raises UsageError for a bucket that does not exist."""
    results, config = build.results, build.config
    one = Bucket(bucket, config.settings.dedup.buckets)
    sketches = [results.sketches(*key) for key in results.group_keys(config.divisions)]
    with whole_directory(out) as workspace:
        copies = record_copies(results, config.divisions, one, config.settings.dedup.max_bases_at_once)
        tables.write(workspace / EXACT, MATCHES, copies.to_arrow().cast(MATCHES))
        with tables.TableWriter(workspace / NEAR_FILE, NEAR, published=False) as writer:
            for table in near_pairs(sketches, one, config.settings.dedup.near):
                writer.write_table(table)

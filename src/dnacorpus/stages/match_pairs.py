"""The match-pairs stage: the copies among all pairs, one job for each bucket of digests.

In: the pairs of all parts. Out: a Parquet file (MATCHES_OF_PAIRS). Peak RSS over that of the imports: at most 150 MB,
1,000 bytes a pair of the bucket, ``dedup.max_bases_at_once`` and the rows of one batch (docs/dedup.md).
"""

from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.curation.copies import pair_copies
from dnacorpus.curation.exact import Bucket
from dnacorpus.schemas.curation import MATCHES_OF_PAIRS
from dnacorpus.storage import parquet as tables


def run(build: Build, bucket: int, out: Path) -> None:
    """Write the copies of one bucket to ``out``; raises UsageError for a bucket that does not exist."""
    config = build.config
    one = Bucket(bucket, config.settings.dedup.buckets)
    copies = pair_copies(build.results, config.divisions, one, config.settings.dedup.max_bases_at_once)
    tables.write(out, MATCHES_OF_PAIRS, copies.to_arrow().cast(MATCHES_OF_PAIRS))

"""The audit-group stage: which of the listed k-mers the train shards of one group hold.

In: the shards of the group and the folder of audit-list. Out: a Parquet file (SEEN_KMERS). Memory: nine bytes a listed
k-mer, and one segment.
"""

from pathlib import Path

import pyarrow as pa

from dnacorpus.config.build import Build
from dnacorpus.curation.audit import WordList, words_in_train
from dnacorpus.schemas.curation import SEEN_KMERS
from dnacorpus.storage.atomic import whole_file
from dnacorpus.storage.parquet import TableWriter


def run(build: Build, division: str, group: str, listed: Path, out: Path) -> None:
    """Write to ``out`` the positions of the k-mers in the list ``listed``; raises CorpusError for a damaged list."""
    positions = words_in_train(build.results.shards(division, group), WordList.open(listed))
    with whole_file(out) as workspace, TableWriter(workspace, SEEN_KMERS, published=False) as writer:
        writer.write_table(pa.table({"position": positions}, schema=SEEN_KMERS))

"""The audit-list stage: the k-mers of the held-out rows of all shards, of which the audit samples some.

In: the shards of all groups. Out: a folder of ``words.npy`` and ``audit.json``. Memory: 40 bytes a sampled k-mer, of
which there are about ``audit.max_kmers`` at most.
"""

from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.curation.audit import list_words
from dnacorpus.storage.atomic import whole_directory


def run(build: Build, out: Path) -> None:
    """Write the list into the folder ``out``."""
    listed = list_words(build.results, build.config.divisions, build.config.settings.audit)
    with whole_directory(out) as workspace:
        listed.write(workspace)

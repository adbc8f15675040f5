"""The taxonomy stage: NCBI's new_taxdump as tables: each taxid with its species, genus and ranked lineage.

In: the taxdump that the config names, or that of the mirror. Out: a folder of taxa.parquet (TAXA), names.parquet
(TAXA_NAMES) and taxonomy.json, and a copy of taxonomy.json beside the catalogs, so that one folder pins a build.
Memory: the files of the taxdump as tables, about 2 GB for NCBI's.
"""

from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.sources.http import Policy
from dnacorpus.sources.taxdump import PINNED, write_taxonomy
from dnacorpus.storage.atomic import write_text


def run(build: Build, out: Path) -> None:
    """Write the tables of the taxonomy into the folder ``out``; they are empty without a taxdump.

    Raises UsageError for a setting that leads to nothing or to another taxdump than the pinned one, CorpusError for a
    damaged taxdump, RemoteError when the network fails.
    """
    config = build.config
    pinned = config.pinned / PINNED if config.pinned else None
    if pinned and not pinned.is_file():
        pinned = None  # the catalogs of a build without a taxonomy pin none
    write_taxonomy(
        config.settings.taxonomy, config.settings.mirror, out, Policy(contact=config.settings.contact), pinned
    )
    write_text(build.results.pinned_taxonomy(), (out / PINNED).read_text(encoding="utf-8"))

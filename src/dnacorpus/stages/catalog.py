"""The catalog stage: which files make a division, as parts and shard groups.

In: the list of files of a release, the catalog of an earlier build, or the entry of a custom division. Out: a TSV, in
the format of `storage.catalog.read_parts`. Memory: the lines of the TSV.
"""

from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.formats.taxonomy.lookup import Taxa
from dnacorpus.sources.custom import custom_catalog
from dnacorpus.sources.http import Policy
from dnacorpus.sources.release_catalog import copy_catalog, write_catalog


def run(build: Build, division: str, out: Path) -> None:
    """Write the catalog of a division to ``out``: a copy of the pinned one, a custom one, or that of the release.

    Raises UsageError for an unknown division, CorpusError for a division without files, RemoteError when the network
    fails or the release changes.
    """
    config, policy = build.config, Policy(contact=build.config.settings.contact)
    group_bytes = config.settings.shards.group_bytes
    custom = config.custom_division(division)
    if config.pinned:
        copy_catalog(config.settings.mirror, division, out, config.pinned, policy)
    elif custom is None:
        write_catalog(config.settings.mirror, division, out, group_bytes, policy)
    else:
        taxa = Taxa(build.results.taxonomy()) if "taxon" in custom else None
        custom_catalog(custom, out, group_bytes, config.settings.services.genomes, taxa, policy)


def run_on_mirror(mirror: str, division: str, group_bytes: int, out: Path, contact: str = "") -> None:
    """Write the catalog of a division of a mirror, a directory or a URL, without a build; raises as `run` does."""
    write_catalog(mirror, division, out, group_bytes, Policy(contact=contact))

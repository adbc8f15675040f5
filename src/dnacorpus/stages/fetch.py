"""The fetch stage: the files of one part, verified; those of a local mirror are linked.

In: the catalog of the division. Out: a folder of the files and part.json, which has size, MD5 and status of each.
Memory: one block of a file.
"""

import os
from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.sources.eutils import key_of
from dnacorpus.sources.http import Policy
from dnacorpus.sources.nuccore import nuccore_at
from dnacorpus.sources.part_files import fetch_part
from dnacorpus.sources.successors import Successors


def run(build: Build, catalog: Path, part: str, out: Path) -> None:
    """Fetch the files of one part of ``catalog`` into the folder ``out``.

    Raises UsageError for a part that the catalog does not have, RemoteError when the network fails or the mirror has
    another release than the catalog.
    """
    config = build.config
    policy = Policy(contact=config.settings.contact)
    successor = Successors(config.settings.mirror, config.settings.services.genomes, policy)
    with nuccore_at(config.settings.services.eutils, key_of(os.environ), policy) as nuccore:
        fetch_part(
            config.settings.mirror, catalog, part, out, policy,
            pinned=config.pinned is not None, nuccore=nuccore, successor=successor,
        )  # fmt: skip


def run_on_mirror(mirror: str, catalog: Path, part: str, out: Path, contact: str = "") -> None:
    """Fetch the files of one part of a mirror, a directory or a URL, without a build; raises as `run` does."""
    fetch_part(mirror, catalog, part, out, Policy(contact=contact))

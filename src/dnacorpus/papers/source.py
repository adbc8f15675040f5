"""Where papers come from: the meaning of the config key ``papers.source``."""

import logging
import re
from pathlib import Path

from dnacorpus.errors import UsageError

_log = logging.getLogger(__name__)

SERVICES = "ncbi"
"""The value of ``papers.source`` that means PubMed, PMC and Europe PMC."""
_NCBI = re.compile(r"(?i)https?://ftp\.ncbi\.nlm\.nih\.gov(?:/|$)")


def resolve_source(setting: str, mirror: str) -> Path | str | None:
    """Return what the config key ``papers.source`` means: a directory, `SERVICES`, or None for no papers.

    ``auto`` is ``<mirror>/papers`` where the mirror is a directory that has it, the services where the mirror
    is NCBI's own, else none. Any value but ``auto``, ``ncbi`` and ``none`` names a directory. Raises UsageError when
    that directory does not exist.
    """
    if setting == "none":
        return None
    if setting == SERVICES:
        return SERVICES
    if setting != "auto":
        if not Path(setting).is_dir():
            raise UsageError(
                f"papers.source {setting}: expected a directory of PubMed, JATS, Europe PMC or PDF files, found none;"
                " name another, or give auto, ncbi or none"
            )
        return Path(setting)
    folder = Path(mirror) / "papers"
    if "://" not in mirror and folder.is_dir():
        return folder
    if _NCBI.match(mirror):
        return SERVICES
    _log.warning("no papers: %s has no directory papers; papers.source names another one, or ncbi", mirror)
    return None

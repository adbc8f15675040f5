"""Which papers the files of a folder withdraw, by the order in which PubMed publishes its files.

PubMed numbers its yearly and daily files, ``pubmed26n0001.xml.gz`` and so on; an entry or a deletion in one replaces
what the files before it state (https://pubmed.ncbi.nlm.nih.gov/download/). Files of other names have no place in this
order.
"""

import re
from collections.abc import Iterable
from pathlib import Path

_NUMBERED = re.compile(r"(?:pubmed|medline)([0-9]{2})n([0-9]{4,6})\.xml(?:\.gz)?", re.IGNORECASE)


def in_reading_order(paths: Iterable[Path]) -> list[Path]:
    """Return the files that PubMed numbers, by year and number, then the others in the order given."""
    return sorted(paths, key=lambda path: (_number(path.name) is None, _number(path.name) or (0, 0)))


class Withdrawals:
    """The PMIDs withdrawn by the files so far, which are added `in_reading_order`.

    A deletion holds until a file with a higher number describes the paper again. A deletion in a file without a
    number holds whatever the others state, and no such file takes a deletion back.
    """

    def __init__(self) -> None:
        self._pmids: set[int] = set()

    def add(self, name: str, described: Iterable[int | None], deleted: Iterable[int]) -> None:
        """Add the PMIDs that the file of this name describes and deletes."""
        if _number(name) is not None:
            self._pmids.difference_update(described)
        self._pmids.update(deleted)

    def pmids(self) -> frozenset[int]:
        """Return the PMIDs that are withdrawn."""
        return frozenset(self._pmids)


def _number(name: str) -> tuple[int, int] | None:
    match = _NUMBERED.fullmatch(name)
    return (int(match[1]), int(match[2])) if match else None

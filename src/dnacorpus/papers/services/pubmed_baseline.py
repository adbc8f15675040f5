"""PubMed's annual baseline and daily update files, from a mirror: what they say of the papers that are wanted.

Layout, as at https://ftp.ncbi.nlm.nih.gov/pubmed/: ``baseline/`` and ``updatefiles/`` hold
``pubmed26n0001.xml.gz`` (year, running number) and, beside each, ``.md5``: ``MD5(<name>)= <32 hex>``.
"""

import hashlib
import logging
import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import NamedTuple

from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.formats.gunzip import READ_ERRORS, Gunzip, describe_error
from dnacorpus.papers.readers.pubmed_entries import Selection, selected
from dnacorpus.sources.mirror import Mirror

FOLDERS = ("baseline", "updatefiles")
"""In the order in which they are to be read: an update replaces what came before it."""

_NAME = re.compile(r"pubmed(\d{2})n(\d{4,})\.xml\.gz")
_MD5 = re.compile(r"\b[0-9a-fA-F]{32}\b")
_PIECE = 1 << 16
_TRIES = 2

_log = logging.getLogger(__name__)


class Match(NamedTuple):
    """What one file says of the wanted papers.

    ``place`` is relative to the mirror; ``document`` a PubmedArticleSet of the wanted entries, perhaps of none;
    ``deleted`` the wanted PMIDs that the file takes back, sorted; ``damage`` what is wrong with the file, of
    which then nothing is taken, or empty.
    """

    place: str
    document: bytes
    deleted: tuple[int, ...] = ()
    damage: str = ""


def matching(source: Mirror, wanted: Container[int], scratch: Path, skip: Container[str] = ()) -> Iterator[Match]:
    """Yield what the files of a mirror say of the wanted PMIDs, baseline first, in the order of their numbers.

    Files that say nothing of them are left out, those whose place is in ``skip`` are not asked for. Each is
    checked by its MD5 (by gzip's checksum where there is none) and fetched once more if wrong; one at a
    time lies in ``scratch``, an existing folder of this process alone. A paper may come in several files: the
    latest revision counts, and a deletion takes back what stands in files before it.
    Raises UsageError for a mirror without such files, RemoteError when the network fails.
    """
    places = [f"{folder}/{name}" for folder in FOLDERS for name in _names(source, folder)]
    if not places:
        raise UsageError(
            f"{source.where('')}: expected {' and '.join(FOLDERS)} that hold PubMed's pubmed26n0001.xml.gz and so on,"
            " found none; name the folder above them"
        )
    for place in places:
        if place in skip:
            continue
        match = _match(source, place, wanted, scratch / place.rpartition("/")[2])
        if match is not None:
            yield match


def _names(source: Mirror, folder: str) -> list[str]:
    found = [match for name in source.names(folder) if (match := _NAME.fullmatch(name))]
    return [match[0] for match in sorted(found, key=lambda match: (int(match[1]), int(match[2])))]


class _DamagedError(Exception):
    """A file that is wrong, and how; one that could not be fetched or stored is another matter."""


def _match(source: Mirror, place: str, wanted: Container[int], local: Path) -> Match | None:
    damage = ""
    for _ in range(_TRIES):
        local.unlink(missing_ok=True)
        try:
            selection = _read(source, place, wanted, local)
            return Match(place, selection.document, selection.deleted) if any(selection[1:]) else None
        except _DamagedError as error:
            damage = str(error)
        finally:
            local.unlink(missing_ok=True)
    return Match(place, b"", damage=damage)


def _read(source: Mirror, place: str, wanted: Container[int], local: Path) -> Selection:
    expected = _md5(source, place)
    if not source.retrieve(place, local, lambda _: None):
        raise _DamagedError("file: expected in the mirror, found none; copy it again")
    with local.open("rb") as file:
        if expected:
            found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
            if found != expected:
                raise _DamagedError(f"MD5: expected {expected} by its .md5, found {found}; copy both again")
            file.seek(0)
        inflated = Gunzip(file)
        try:
            return selected(iter(lambda: inflated.read(_PIECE), b""), wanted)
        except READ_ERRORS as error:
            raise _DamagedError(f"gzip: expected a whole file, found {describe_error(error)}; copy it again") from error
        except CorpusError as error:
            raise _DamagedError(f"{error}; copy it again") from error


def _md5(source: Mirror, place: str) -> str:
    """Return the MD5 of a file as the mirror tells it, or empty where it does not."""
    where = f"{place}.md5"
    try:
        text = source.text(where)
    except RemoteError:
        raise
    except CorpusError as error:
        raise _DamagedError(f".md5: {error}") from error
    if text is None:
        _log.warning("%s: expected an MD5, found none; gzip's own checksum must do", source.where(where))
        return ""
    found = _MD5.search(text)
    if found is None:
        raise _DamagedError(f".md5: expected MD5(<name>)= and 32 hex digits, found {text[:80]!r}; copy it again")
    return found[0].lower()

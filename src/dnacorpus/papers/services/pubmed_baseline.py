"""PubMed's annual baseline and daily update files, read from a mirror for the papers that are wanted.

Layout, as at https://ftp.ncbi.nlm.nih.gov/pubmed/: ``baseline/`` and ``updatefiles/`` hold ``pubmed26n0001.xml.gz``
(year, running number) and, beside each file, its ``.md5``: ``MD5(<name>)= <32 hex>``.
"""

import logging
import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import NamedTuple

from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.formats.gunzip import READ_ERRORS, Gunzip, describe_error
from dnacorpus.limits import within_memory
from dnacorpus.papers.readers.pubmed import Selection, select_entries
from dnacorpus.sources.mirror import Mirror
from dnacorpus.storage.digests import md5

FOLDERS = ("baseline", "updatefiles")
"""In reading order: the entries of an update replace those of the files before it."""

_NAME = re.compile(r"pubmed([0-9]{2})n([0-9]{4,6})\.xml\.gz")
_MD5 = re.compile(r"\b[0-9a-fA-F]{32}\b")
_CHUNK_BYTES = 1 << 16
_ATTEMPTS = 2

_log = logging.getLogger(__name__)


class MatchingFile(NamedTuple):
    """The wanted entries of one file.

    ``path`` is relative to the mirror. ``document`` is a PubmedArticleSet of the wanted entries, which have
    the PMIDs ``pmids``; ``deleted`` are the wanted PMIDs that the file deletes; both are sorted. ``damage`` says
    what is wrong with the file, or is empty; nothing is taken from a damaged file.
    """

    path: str
    document: bytes
    pmids: tuple[int, ...] = ()
    deleted: tuple[int, ...] = ()
    damage: str = ""


def read_matching(
    source: Mirror, wanted: Container[int], scratch: Path, skip: Container[str] = ()
) -> Iterator[MatchingFile]:
    """Yield the files of a mirror that mention wanted PMIDs, baseline first, in the order of their numbers.

    Files whose path is in ``skip`` are not fetched. Each file is checked by its MD5, or by gzip's checksum if it
    has none, and fetched a second time if it is wrong. One file at a time is in ``scratch``, an existing folder
    that no other process uses. A paper may be in several files: the last revision counts, and a deletion
    applies to the files before it. Raises UsageError for a mirror without such files, RemoteError when the
    network fails.
    """
    paths = [f"{folder}/{name}" for folder in FOLDERS for name in _names(source, folder)]
    if not paths:
        raise UsageError(
            f"{source.where('')}: expected {' and '.join(FOLDERS)} with PubMed's files pubmed26n0001.xml.gz and so on,"
            " found none; give the folder above them"
        )
    for path in paths:
        if path in skip:
            continue
        file = _read_checked(source, path, wanted, scratch / path.rpartition("/")[2])
        if file is not None:
            yield file


def _names(source: Mirror, folder: str) -> list[str]:
    matches = [match for name in source.names(folder) if (match := _NAME.fullmatch(name))]
    return [match[0] for match in sorted(matches, key=lambda match: (int(match[1]), int(match[2])))]


class _DamagedError(Exception):
    """The file itself is wrong, and fetching it again may help."""


def _read_checked(source: Mirror, path: str, wanted: Container[int], local: Path) -> MatchingFile | None:
    damage = ""
    for _ in range(_ATTEMPTS):
        local.unlink(missing_ok=True)
        try:
            document, pmids, deleted = _read(source, path, wanted, local)
            return MatchingFile(path, document, tuple(sorted(pmids)), deleted) if pmids or deleted else None
        except _DamagedError as error:
            damage = str(error)
        finally:
            local.unlink(missing_ok=True)
    return MatchingFile(path, b"", damage=damage)


def _read(source: Mirror, path: str, wanted: Container[int], local: Path) -> Selection:
    expected = _expected_md5(source, path)
    if not source.retrieve(path, local, lambda _: None):
        raise _DamagedError("file: expected in the mirror, found none; copy it again")
    if expected and (actual := md5(local)) != expected:
        raise _DamagedError(f"MD5: expected {expected} by its .md5, found {actual}; copy both again")
    with local.open("rb") as file:
        decompressed = Gunzip(file)
        try:
            with within_memory():
                return select_entries(iter(lambda: decompressed.read(_CHUNK_BYTES), b""), wanted)
        except READ_ERRORS as error:
            problem = describe_error(error)
            raise _DamagedError(f"gzip: expected a complete file, found {problem}; copy it again") from error
        except CorpusError as error:
            raise _DamagedError(f"{error}; copy it again") from None


def _expected_md5(source: Mirror, path: str) -> str:
    """Return the MD5 that the mirror states for a file, or an empty text if it states none."""
    md5_path = f"{path}.md5"
    try:
        text = source.text(md5_path)
    except RemoteError:
        raise
    except CorpusError as error:
        raise _DamagedError(f".md5: {error}") from error
    if text is None:
        _log.warning("%s: expected an MD5, found none; only gzip's own checksum is checked", source.where(md5_path))
        return ""
    match = _MD5.search(text)
    if match is None:
        raise _DamagedError(f".md5: expected MD5(<name>)= and 32 hex digits, found {text[:80]!r}; copy it again")
    return match[0].lower()

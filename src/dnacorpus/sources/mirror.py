"""A copy of a RefSeq release in a directory or behind HTTP(S), and single files on this machine, by one interface.

Paths are relative to the mirror and written with slashes: ``viral/viral.1.genomic.gbff.gz``. An HTTP mirror also
takes complete URLs.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from dnacorpus import limits
from dnacorpus.bounded import file_text, whole_number
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.sources.http import (
    ABSENT,
    POLICY,
    Client,
    Policy,
    Response,
    body,
    content_length,
    limited,
    pieces,
    redacted,
)
from dnacorpus.sources.release import listed_names, release_number
from dnacorpus.sources.resumable import Advance, Partial
from dnacorpus.storage.names import shown
from dnacorpus.storage.retry import RetryableError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HTTP = re.compile(r"(?i)https?://")


class FileSource(Protocol):
    """Where files can be fetched from."""

    def retrieve(self, path: str, target: Path | Partial, advance: Advance, stated: int | None = None) -> bool:
        """Put a file under ``target``, as a link or by downloading the bytes that it lacks; False if there is none.

        A download stops once more than ``stated`` bytes have arrived, the size that its catalog states.
        """

    def where(self, path: str) -> str:
        """Return the full path or URL, without secrets, for messages."""


class Mirror(FileSource, Protocol):
    """A release, as the stages use it."""

    def release(self) -> str:
        """Return RELEASE_NUMBER, read on every call, because NCBI replaces a release in place."""

    def text(self, path: str) -> str | None:
        """Return a small text file, or None if there is none."""

    def names(self, folder: str) -> list[str]:
        """Return the sorted names of the files in a folder; [] if there is no such folder."""

    def size(self, path: str) -> int | None:
        """Return the size of a file in bytes, or None if there is none."""


@contextlib.contextmanager
def opened(mirror: str, policy: Policy = POLICY) -> Iterator[Mirror]:
    """Open a mirror given as a directory or an http(s) URL; raises UsageError for any other URL."""
    if not _URL.match(mirror):
        yield DirectoryMirror(Path(mirror))
    elif _HTTP.match(mirror):
        with Client(policy) as client:
            yield HttpMirror(mirror, client)
    else:
        raise UsageError(
            f"mirror {redacted(mirror)}: expected a directory or an http(s) URL, found another URL;"
            " NCBI's is https://ftp.ncbi.nlm.nih.gov/refseq/release/"
        )


class LocalFiles:
    """Files of this machine by absolute path; they are linked, never copied."""

    def retrieve(self, path: str, target: Path | Partial, advance: Advance, stated: int | None = None) -> bool:
        """Link ``target`` to the file; raises CorpusError when a Partial cannot be read."""
        return _link(Path(path), target, advance)

    def where(self, path: str) -> str:
        """Return the path."""
        return path


class DirectoryMirror:
    """A release in a directory; its files are linked, never copied."""

    def __init__(self, root: Path) -> None:
        self._given, self._root = root, root.absolute()

    def release(self) -> str:
        """Return RELEASE_NUMBER; raises UsageError if the directory or the file does not exist."""
        text = self.text("RELEASE_NUMBER")
        if text is None:
            found = "a directory without it" if self._root.is_dir() else "no such directory"
            raise UsageError(
                f"mirror {self._given}: expected a directory with RELEASE_NUMBER and the division folders,"
                f" found {found}; correct `mirror`, or create a small release with `dnacorpus simulate`"
            )
        return release_number(text, self.where("RELEASE_NUMBER"))

    def text(self, path: str) -> str | None:
        """Return a text file, or None; raises CorpusError if it is not UTF-8."""
        try:
            return file_text(self._root / path, limits.TEXT_ANSWER)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except UnicodeDecodeError as error:
            raise CorpusError(f"{self.where(path)}: expected UTF-8 text, found: {error}; copy it again") from error

    def names(self, folder: str) -> list[str]:
        """Return the sorted names of the files in a folder."""
        path = self._root / folder
        return sorted(entry.name for entry in path.iterdir() if entry.is_file()) if path.is_dir() else []

    def size(self, path: str) -> int | None:
        """Return the size of a file in bytes, or None."""
        file = self._root / path
        return file.stat().st_size if file.is_file() else None

    def retrieve(self, path: str, target: Path | Partial, advance: Advance, stated: int | None = None) -> bool:
        """Link ``target`` to the file by its absolute path.

        Raises CorpusError for a path with ``..``, and when a Partial cannot be read.
        """
        if ".." in Path(path).parts:
            raise CorpusError(f"{shown(path)}: expected a path inside {self._given}; use another catalog")
        return _link(self._root / path, target, advance)

    def where(self, path: str) -> str:
        """Return the path, below the directory as it was given."""
        return str(self._given / path)


class HttpMirror:
    """A release on a server with Apache directory pages, such as NCBI's; every method may raise RemoteError."""

    def __init__(self, location: str, client: Client) -> None:
        self._location, self._client = location.rstrip("/") + "/", client

    def release(self) -> str:
        """Return RELEASE_NUMBER; raises RemoteError if the server has none."""
        where, text = self.where("RELEASE_NUMBER"), self.text("RELEASE_NUMBER")
        if text is None:
            raise RemoteError(
                f"{where}: expected a release number, found no such file;"
                " correct `mirror`: it must contain RELEASE_NUMBER and the division folders"
            )
        try:
            return release_number(text, where)
        except CorpusError as error:
            raise RemoteError(str(error)) from error

    def text(self, path: str) -> str | None:
        """Return a text file, or None."""
        return self._client.request("GET", self._url(path), _text)

    def names(self, folder: str) -> list[str]:
        """Return the file names on the folder's directory page."""
        return listed_names(self._client.request("GET", self._url(f"{folder}/"), _text, html=True) or "")

    def size(self, path: str) -> int | None:
        """Return a file's Content-Length, or None if there is no such file."""
        return self._client.request("HEAD", self._url(path), _size)

    def retrieve(self, path: str, target: Path | Partial, advance: Advance, stated: int | None = None) -> bool:
        """Download what ``target`` lacks, or everything if the server cannot resume or has another version.

        Without a stated size, raises RemoteError after `limits.UNSTATED_DOWNLOAD` bytes.
        """
        partial = target if isinstance(target, Partial) else Partial(target)
        download, received = _Download(partial, advance, stated), lambda: partial.received
        return self._client.request("GET", self._url(path), download.receive, download.headers, progress=received)

    def where(self, path: str) -> str:
        """Return the URL without user, password and keys."""
        return redacted(self._url(path))

    def _url(self, path: str) -> str:
        return path if _HTTP.match(path) else self._location + path


class _Download:
    """The download of one file, resumed where the server can continue it, and stopped beyond its size."""

    def __init__(self, target: Partial, advance: Advance, stated: int | None) -> None:
        self._target, self._advance, self._stated = target, advance, stated
        self._limit = limits.UNSTATED_DOWNLOAD if stated is None else stated

    def headers(self) -> dict[str, str]:
        """Return the headers that request the missing bytes; none if the version of the first bytes is unknown."""
        if not self._target.received or not self._target.validator:
            return {}
        return {"Range": f"bytes={self._target.received}-", "If-Range": self._target.validator}

    def receive(self, response: Response) -> bool:
        """Append the body, or start over if it is not the continuation; False if there is no such file."""
        if response.status_code in ABSENT:
            return False
        received = self._target.received
        content_range = response.headers.get("Content-Range", "")
        if response.status_code == 416 and content_range == f"bytes */{received}":
            return True  # the file was complete already
        continued = response.status_code == 206 and content_range.startswith(f"bytes {received}-")
        if not continued:
            self._advance(-received)
            self._target.start_over(_validator(response))
        if response.status_code in (206, 416) and not continued:
            raise RetryableError("another range than requested")
        before = self._target.received
        self._target.extend(limited(pieces(response), self._limit - before), self._advance)
        if self._target.received > self._limit:
            return self._beyond(response)
        arrived, whole = self._target.received - before, content_range.rpartition("/")[2]
        if content_length(response) not in (None, arrived):
            raise RetryableError(f"{arrived} of {content_length(response)} bytes")
        if continued and whole_number(whole) not in (None, self._target.received):
            raise RetryableError(f"{self._target.received} of {whole} bytes")
        return True

    def _beyond(self, response: Response) -> bool:
        """Leave a file that is longer than its catalog states to the caller, who compares them."""
        if self._stated is None:
            self._target.discard()
            raise RemoteError(f"{redacted(response.url)}: {limits.UNSTATED_DOWNLOAD.exceeded()}; check the address")
        return True


def _link(path: Path, target: Path | Partial, advance: Advance) -> bool:
    if not path.is_file():
        return False
    if isinstance(target, Partial):
        target.link(path)
    else:
        target.symlink_to(path)
    advance(path.stat().st_size)
    return True


def _validator(response: Response) -> str:
    tag = response.headers.get("ETag", "")
    # A weak tag does not guarantee identical bytes.
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")


def _text(response: Response) -> str | None:
    return None if response.status_code in ABSENT else body(response).decode("utf-8", errors="replace")


def _size(response: Response) -> int | None:
    if response.status_code in ABSENT:
        return None
    size = content_length(response)
    if size is None:
        raise RetryableError("no Content-Length")
    return size

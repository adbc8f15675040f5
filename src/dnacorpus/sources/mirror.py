"""A copy of a RefSeq release, in a directory or behind HTTP(S), through one small interface.

Places are relative to the mirror and written with slashes: ``viral/viral.1.genomic.gbff.gz``; a directory also
takes absolute paths and a server other URLs.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.sources.http import (
    ABSENT,
    POLICY,
    Client,
    PassingError,
    Policy,
    Response,
    body,
    pieces,
    promised,
    redacted,
)
from dnacorpus.sources.release import listed_names, release_number
from dnacorpus.sources.resumable import Advance, Partial


class Mirror(Protocol):
    """What the stages need of a release."""

    def release(self) -> str:
        """Return RELEASE_NUMBER, read anew each time: NCBI replaces a release in place."""

    def text(self, url: str) -> str | None:
        """Return a small text file, or None when there is none."""

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder, sorted; none when there is no such folder."""

    def size(self, url: str) -> int | None:
        """Return the bytes of a file, or None when there is none."""

    def retrieve(self, url: str, target: Path | Partial, advance: Advance) -> bool:
        """Put a file under ``target``, as a link or as the bytes that it still lacks; False when there is none."""

    def where(self, url: str) -> str:
        """Return a place as a person would look it up, without secrets."""


@contextlib.contextmanager
def opened(mirror: str, policy: Policy = POLICY) -> Iterator[Mirror]:
    """Open a mirror given as a directory or as an http(s) URL; raises UsageError for other kinds of URL."""
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", mirror):
        yield DirectoryMirror(Path(mirror))
    elif re.match(r"(?i)https?://", mirror):
        with Client(policy) as client:
            yield HttpMirror(mirror, client)
    else:
        raise UsageError(
            f"mirror {redacted(mirror)}: expected a directory or an http(s) URL, found another kind of URL;"
            " NCBI's is https://ftp.ncbi.nlm.nih.gov/refseq/release/"
        )


class DirectoryMirror:
    """A release in a directory; its files are linked, never copied."""

    def __init__(self, root: Path) -> None:
        self._given, self._root = root, root.absolute()

    def release(self) -> str:
        """Return RELEASE_NUMBER; raises UsageError when the directory or the file is not there."""
        text = self.text("RELEASE_NUMBER")
        if text is None:
            found = "a directory without it" if self._root.is_dir() else "no such directory"
            raise UsageError(
                f"mirror {self._given}: expected a directory that holds RELEASE_NUMBER and the division folders,"
                f" found {found}; correct `mirror`, or make a small release with `dnacorpus simulate`"
            )
        return release_number(text, self.where("RELEASE_NUMBER"))

    def text(self, url: str) -> str | None:
        """Return a text file, or None; raises CorpusError when it is not UTF-8."""
        try:
            return (self._root / url).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except UnicodeDecodeError as error:
            raise CorpusError(f"{self.where(url)}: expected UTF-8 text, found: {error}; copy it again") from error

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder, sorted."""
        path = self._root / folder
        return sorted(entry.name for entry in path.iterdir() if entry.is_file()) if path.is_dir() else []

    def size(self, url: str) -> int | None:
        """Return the bytes of a file, or None."""
        path = self._root / url
        return path.stat().st_size if path.is_file() else None

    def retrieve(self, url: str, target: Path | Partial, advance: Advance) -> bool:
        """Link ``target`` to the file by its absolute path; raises CorpusError when a Partial cannot be read."""
        size = self.size(url)
        if size is None:
            return False
        if isinstance(target, Partial):
            target.link(self._root / url)
        else:
            target.symlink_to(self._root / url)
        advance(size)
        return True

    def where(self, url: str) -> str:
        """Return the path of a place."""
        return str(self._given / url)


class HttpMirror:
    """A release behind a server in the manner of Apache, as NCBI's is; all of it may raise RemoteError."""

    def __init__(self, location: str, client: Client) -> None:
        self._location, self._client = location.rstrip("/") + "/", client

    def release(self) -> str:
        """Return RELEASE_NUMBER; raises RemoteError when the server has none."""
        where, text = self.where("RELEASE_NUMBER"), self.text("RELEASE_NUMBER")
        if text is None:
            raise RemoteError(
                f"{where}: expected a release number, found no such file;"
                " correct `mirror`: it should hold RELEASE_NUMBER and the division folders"
            )
        try:
            return release_number(text, where)
        except CorpusError as error:
            raise RemoteError(str(error)) from error

    def text(self, url: str) -> str | None:
        """Return a text file, or None."""
        return self._client.ask("GET", self._url(url), _text)

    def names(self, folder: str) -> list[str]:
        """Return the file names that the folder's autoindex page links to."""
        return listed_names(self._client.ask("GET", self._url(f"{folder}/"), _text, html=True) or "")

    def size(self, url: str) -> int | None:
        """Return a file's Content-Length, or None when there is no such file."""
        return self._client.ask("HEAD", self._url(url), _size)

    def retrieve(self, url: str, target: Path | Partial, advance: Advance) -> bool:
        """Download what ``target`` lacks, or all where the server cannot resume or has another version."""
        partial = target if isinstance(target, Partial) else Partial(target)
        download, received = _Download(partial, advance), lambda: partial.received
        return self._client.ask("GET", self._url(url), download.receive, download.headers, progress=received)

    def where(self, url: str) -> str:
        """Return the URL of a place, without user, password and keys."""
        return redacted(self._url(url))

    def _url(self, url: str) -> str:
        return url if re.match(r"(?i)https?://", url) else self._location + url


class _Download:
    """One file on its way over HTTP: whether the rest can be asked for alone, and whether an answer is that rest."""

    def __init__(self, target: Partial, advance: Advance) -> None:
        self._target, self._advance = target, advance

    def headers(self) -> dict[str, str]:
        """Return the headers that ask for the bytes still missing, if the server named the file's version."""
        if not self._target.received or not self._target.validator:
            return {}
        return {"Range": f"bytes={self._target.received}-", "If-Range": self._target.validator}

    def receive(self, response: Response) -> bool:
        """Append the answer's body, or start over when it is not the continuation; False: no such file."""
        if response.status_code in ABSENT:
            return False
        received = self._target.received
        span = response.headers.get("Content-Range", "")
        if response.status_code == 416 and span == f"bytes */{received}":
            return True  # everything was there
        continued = response.status_code == 206 and span.startswith(f"bytes {received}-")
        if not continued:
            self._advance(-received)
            self._target.start_over(_validator(response))
        if response.status_code in (206, 416) and not continued:
            raise PassingError("another range than the one asked for")
        before = self._target.received
        self._target.extend(pieces(response), self._advance)
        arrived, whole = self._target.received - before, span.rpartition("/")[2]
        if promised(response) not in (None, arrived):
            raise PassingError(f"{arrived} of {promised(response)} bytes")
        if continued and whole.isdecimal() and int(whole) != self._target.received:
            raise PassingError(f"{self._target.received} of {whole} bytes")
        return True


def _validator(response: Response) -> str:
    tag = response.headers.get("ETag", "")
    # A weak tag does not promise the same bytes.
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")


def _text(response: Response) -> str | None:
    return None if response.status_code in ABSENT else body(response).decode("utf-8", errors="replace")


def _size(response: Response) -> int | None:
    if response.status_code in ABSENT:
        return None
    size = promised(response)
    if size is None:
        raise PassingError("no Content-Length")
    return size

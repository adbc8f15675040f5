"""Bounds on what the client of the Hub reads: a file up to its stated size, any other answer up to `limits.HUB_ANSWER`.

The client asks for no content encoding, and an answer that has one is refused: a few bytes could inflate to any number.
"""

import functools
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import set_client_factory
from huggingface_hub.utils._http import default_client_factory

from dnacorpus import limits
from dnacorpus.bounded import whole_number
from dnacorpus.errors import RemoteError

_ETAG = re.compile(r'(?:W/)?"?(?:[A-Za-z0-9_-][A-Za-z0-9_.+=-]{0,200})?"?')
_size: ContextVar[int | None] = ContextVar("_size", default=None)
"""The stated size of the file that this thread downloads."""


@contextmanager
def file_of(size: int) -> Iterator[None]:
    """Read at most ``size`` bytes of each file that is downloaded in this block; raises RemoteError for more.

    Answers of the API, such as the token for a file of Xet storage, may have `limits.HUB_ANSWER` bytes as elsewhere.
    """
    token = _size.set(size)
    try:
        yield
    finally:
        _size.reset(token)


@functools.cache
def bound_client() -> None:
    """Give the client of the Hub, once, the bounds of this module."""
    set_client_factory(_client)


def _client() -> httpx2.Client:
    client = default_client_factory()
    client.headers["Accept-Encoding"] = "identity"
    hooks = client.event_hooks
    client.event_hooks = {**hooks, "response": [*hooks.get("response", ()), _bound]}
    return client


def _bound(response: httpx2.Response) -> None:
    """Check the headers of a response, and count its body while it is read."""
    name = response.url.path
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity":
        raise RemoteError(f"{name}: expected no Content-Encoding, found {encoding[:40]!r}; check HF_ENDPOINT")
    for header in ("ETag", "X-Linked-Etag"):
        # The client makes the value a part of the name of its temporary file.
        if not _ETAG.fullmatch(response.headers.get(header, "")):
            raise RemoteError(f"{name}: expected a plain {header}, found another; check HF_ENDPOINT")
    size = _size.get() if response.status_code in (200, 206) and not _is_of_api(name) else None
    stated: str = response.headers.get("X-Linked-Size") or response.headers.get("Content-Length") or ""
    if response.request.method == "HEAD":
        # Files of Xet storage are downloaded by another client, as many bytes as this answer states.
        linked = _size.get() if response.status_code < 400 else None
        found = whole_number(stated)
        if linked is not None and found is not None and found > linked:
            raise _longer(name, linked, f"{found:,}")
        return
    response.stream = _Counted(response.stream, name, size)  # type: ignore[arg-type]


def _is_of_api(path: str) -> bool:
    return path.startswith(f"{urlsplit(os.environ.get('HF_ENDPOINT', '')).path.rstrip('/')}/api/")


class _Counted(httpx2.SyncByteStream):
    """The body of a response; raises RemoteError once it has more bytes than it may have."""

    def __init__(self, stream: httpx2.SyncByteStream, name: str, size: int | None) -> None:
        self._stream, self._name, self._size = stream, name, size

    def __iter__(self) -> Iterator[bytes]:
        left = limits.HUB_ANSWER if self._size is None else self._size
        for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise _longer(self._name, self._size, "more")
            yield chunk

    def close(self) -> None:
        """Close the body."""
        self._stream.close()


def _longer(name: str, size: int | None, found: str) -> RemoteError:
    expected = limits.HUB_ANSWER.exceeded(found) if size is None else f"expected {size:,} bytes, found {found}"
    return RemoteError(f"{name}: {expected}; check HF_ENDPOINT, or ask the dataset's owner to publish again")

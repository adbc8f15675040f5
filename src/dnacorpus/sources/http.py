"""HTTP(S) requests with a pace, time limits and retries: the one module that imports requests.

Each client keeps one connection alive, names itself in User-Agent, and waits longer after each failure or as long
as Retry-After says. Which failures are worth another attempt is decided here and nowhere else.
"""

import email.utils
import importlib.metadata
import logging
import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from dnacorpus import limits
from dnacorpus.bounded import whole_number
from dnacorpus.errors import RemoteError, UsageError
from dnacorpus.limits import Limit
from dnacorpus.sources.pace import Pace
from dnacorpus.storage.retry import Backoff, RetryableError, retry

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Response = requests.Response

ABSENT = (404, 410)
"""Statuses of a file that does not exist."""
# NCBI's file host has many nodes: a single blocked or broken one answers 403 while the others serve.
_RETRYABLE = (403, 408, 429)
_PAGES = ("text/html", "application/xhtml+xml")
_PIECE = 1 << 18  # small enough to stay in the processor's cache between socket, MD5 and file

_KEPT = "dnacorpus_body"  # the attribute of a response that keeps its body, which arrives only once

_TO_AT = re.compile(r"(?<![^\s@])[^\s@]*+@(?:[^\s/?#@]*+@)*+")
# The second form is a password that contains a slash, which no URL should have; host:8080/a@b is left alone.
_USER = re.compile(r"://(?:[^/?#@]*+@|[^/?#@:]*+:(?!\d+(?:[/?#]|$)))")
_SECRET = re.compile(r"((?:key|token|secret|password|signature|credential)=|bearer\s+)[^&#\s'\"<>)]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Policy:
    """How requests are made to a server; all times in seconds."""

    attempts: int = 10  # in a row without progress
    first_wait: float = 2.0
    longest_wait: float = 300.0
    connect: float = 30.0
    read: float = 120.0
    contact: str = ""  # an address for the operator of the server; empty: DNACORPUS_CONTACT, if set
    per_second: float = 0.0  # largest number of requests in any second, retries included; 0: no limit

    @property
    def backoff(self) -> Backoff:
        """The attempts and the waits between them."""
        return Backoff(self.attempts, self.first_wait, self.longest_wait)


POLICY = Policy()


class _Session(requests.Session):
    """A session that refuses redirects from https to http and reads no text that comes with a redirect."""

    def get_redirect_target(self, resp: Response) -> str | None:
        """Return the address of a redirect; requests would read the body of ``resp``, without a limit, after this."""
        try:
            target = super().get_redirect_target(resp)
            if target is not None:
                resp.close()
                urlsplit(target)
        except ValueError as error:
            resp.close()
            raise RemoteError(
                f"{redacted(resp.url)}: expected the address of a redirect, found an invalid one; correct the address"
            ) from error
        return target

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: Response) -> None:
        """Check the address of a redirect; requests calls this with the final address before it is contacted."""
        before, after = response.url, prepared_request.url or ""
        if before.lower().startswith("https:") and not after.lower().startswith("https:"):
            raise RemoteError(
                f"{redacted(before)}: expected an encrypted connection, found a redirect to {redacted(after)};"
                " correct the address"
            )
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]


class Client:
    """One connection to a server, used as a context manager."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self._policy = policy
        self._pace = Pace(policy.per_second)
        self._session = _Session()
        contact = policy.contact or os.environ.get("DNACORPUS_CONTACT", "")
        version = importlib.metadata.version("dnacorpus")
        self._session.headers["User-Agent"] = f"dnacorpus/{version} (RefSeq corpus builder{contact and '; ' + contact})"
        # Otherwise a server may send a .gz file as the gzip encoding of its content.
        self._session.headers["Accept-Encoding"] = "identity"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def request(
        self,
        method: str,
        url: str,
        receive: Callable[[Response], Answer],
        headers: Callable[[], dict[str, str]] = dict,
        *,
        html: bool = False,
        form: Mapping[str, str] | None = None,
        absent: Collection[int] = ABSENT,
        progress: Callable[[], int] = int,
    ) -> Answer:
        """Send a request, repeated after failures that may pass, and return what ``receive`` makes of the response.

        ``receive`` gets responses of status 200, 206, those of ``absent``, and 416 to a Range, with the body unread,
        and may raise RetryableError. ``headers`` is called before each attempt. An HTML page counts as a failure
        unless ``html`` is set. ``form`` is the body of a POST: a key belongs there and never in ``url``, which
        errors and logs contain (see `redacted`). A redirect of a form is an error and never followed, because a 307
        or 308 would send the form to another server. A redirect from https to http is an error as well. Attempts are
        counted from one again whenever ``progress``, the number of bytes received, has grown by a mebibyte.
        Raises RemoteError when the attempts are used up or repeating is useless, UsageError for an invalid URL.
        """
        where = redacted(url)

        def attempt() -> Answer:
            self._pace.wait()
            try:
                with self._send(method, url, headers(), html, form, absent) as response:
                    return receive(response)
            # All raised "from None": the traceback of the cause would print the URL unredacted.
            except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
                found = redacted(str(error))
                raise UsageError(f"{where}: expected an http(s) URL, found: {found}; correct it") from None
            except (requests.exceptions.SSLError, requests.exceptions.TooManyRedirects) as error:
                found = redacted(str(error))
                raise RemoteError(f"{where}: expected a trusted server, found: {found}; check the address") from None
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                raise RetryableError(redacted(str(error))) from None
            except RetryableError as error:
                raise RetryableError(redacted(str(error)), error.wait) from None
            finally:
                self._pace.answered()

        def before_wait(number: int, failure: RetryableError, seconds: float) -> None:
            # One name may stand for many nodes: a new connection may reach one that works.
            self._session.close()
            logger.warning("%s: attempt %d: %s; trying again in %.1f s", where, number, failure, seconds)

        try:
            return retry(attempt, self._policy.backoff, before_wait, progress)
        except RetryableError as failure:
            raise RemoteError(
                f"{where}: expected the file, found at the last of {self._policy.attempts} attempts: {failure};"
                " check the network and the server, then run again: downloads resume where they stopped"
            ) from None

    def _send(  # noqa: PLR0917 - the arguments of request
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        html: bool,
        form: Mapping[str, str] | None,
        absent: Collection[int],
    ) -> Response:
        timeout = (self._policy.connect, self._policy.read)
        # The response to a HEAD must count as read, otherwise requests drops the connection.
        streamed = method != "HEAD"
        response = self._session.request(
            method, url, headers=headers, data=form, stream=streamed, timeout=timeout, allow_redirects=form is None
        )
        try:
            if response.is_redirect:
                raise RemoteError(
                    f"{redacted(url)}: expected an answer, found a redirect, status {response.status_code};"
                    " correct the address"
                )
            _inspect(response, html, absent)
        except BaseException:
            response.close()
            raise
        return response


def redacted(text: str) -> str:
    """Return a text without the secrets in its URLs: users, passwords, and values of keys and tokens.

    Example: ``https://me:pw@host/a?id=7&api_key=9`` gives ``https://***@host/a?id=7&api_key=***``.
    """
    return _SECRET.sub(r"\1***", _TO_AT.sub(_without_user, text))


def _without_user(match: re.Match[str]) -> str:
    user = _USER.search(match[0])
    return f"{match[0][: user.start()]}://***@" if user else match[0]


def pieces(response: Response) -> Iterator[bytes]:
    """Yield the body as soon as it arrives, as stored on the server, whatever its Content-Encoding."""
    raw = response.raw
    # read() holds back an incomplete piece and loses it if the connection breaks; urllib3 1 has no read1().
    read = getattr(raw, "read1", raw.read)
    while piece := read(_PIECE, decode_content=False):
        yield piece


def limited(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield chunks until more than ``limit`` bytes have been yielded; the last chunk may exceed it."""
    left = limit
    for chunk in chunks:
        yield chunk
        left -= len(chunk)
        if left < 0:
            return


def plain_pieces(response: Response, limit: Limit) -> Iterator[bytes]:
    """Yield the body as soon as it arrives.

    Raises RemoteError for a Content-Encoding, which no request asks for, and for more than ``limit`` bytes.
    """
    where, encoding = redacted(response.url), response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity":
        raise RemoteError(f"{where}: expected no Content-Encoding, found {encoding[:40]!r}; check the address")
    received = 0
    for piece in pieces(response):
        received += len(piece)
        if received > limit:
            raise RemoteError(f"{where}: {limit.exceeded()}; check the address")
        yield piece


def body(response: Response, limit: Limit = limits.TEXT_ANSWER) -> bytes:
    """Return the whole body of a small response; a second call returns it again.

    Raises RetryableError if it is shorter than its Content-Length, RemoteError as `plain_pieces` does.
    """
    kept: bytes | None = vars(response).get(_KEPT)
    if kept is not None:
        return kept
    content = b"".join(plain_pieces(response, limit))
    if content_length(response) not in (None, len(content)):
        raise RetryableError(f"{len(content)} of {content_length(response)} bytes")
    vars(response)[_KEPT] = content
    return content


def content_length(response: Response) -> int | None:
    """Return the Content-Length, or None if it is missing or no number."""
    return whole_number(response.headers.get("Content-Length", ""))


def _inspect(response: Response, html: bool, absent: Collection[int]) -> None:
    status = response.status_code
    if status in absent or (status == 416 and "Range" in response.request.headers):
        return
    if status in _RETRYABLE or status >= 500:
        raise RetryableError(f"status {status} {response.reason}", _retry_after(response))
    if status not in (200, 206):
        raise RemoteError(
            f"{redacted(response.url)}: expected status 200, found {status} {response.reason};"
            " check the address and your access"
        )
    if not html and response.headers.get("Content-Type", "").lower().startswith(_PAGES):
        raise RetryableError("an HTML page instead of the file")


def _retry_after(response: Response) -> float:
    """Return the seconds of a Retry-After header, a number or a date; 0 if it is missing or neither."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return float(email.utils.parsedate_to_datetime(value).timestamp()) - time.time()
    except (ValueError, OverflowError):
        return 0.0

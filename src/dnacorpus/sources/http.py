"""Asking an HTTP(S) server politely and persistently: the one module that imports requests.

One keep-alive connection, a User-Agent that says who asks, and waits that grow, differ between
processes and honour Retry-After. What is worth another attempt is decided here and nowhere else.
"""

import email.utils
import importlib.metadata
import logging
import os
import random
import re
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

import requests
import urllib3.exceptions

from dnacorpus.errors import RemoteError, UsageError

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Response = requests.Response

ABSENT = (404, 410)
"""The statuses that say that there is no such file."""
# 403 is what a single blocked or broken node of NCBI's file host answers while others serve.
_PASSING = (403, 408, 429)
_PROGRESS = 1 << 20
_PIECE = 1 << 18  # what fits in a cache on its way from socket to MD5 to file

# The second form is a password with a slash in it, which is none by the book; host:8080/a@b is left alone.
_USER = re.compile(r"(?<=://)(?:[^\s/?#@]*@)+|(?<=://)[^\s/?#@]*:(?!\d+(?:[/?#]|$))[^\s@]*@")
_SECRET = re.compile(r"((?:key|token|secret|password|signature|credential)=|bearer\s+)[^&#\s'\"<>)]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Policy:
    """How patiently a server is asked, in seconds, and who asks; ``attempts`` in a row may bring nothing new."""

    attempts: int = 10
    first_wait: float = 2.0
    longest_wait: float = 300.0
    connect: float = 30.0
    read: float = 120.0
    contact: str = ""  # an address for the operator of the server; empty: DNACORPUS_CONTACT, if set
    per_second: float = 0.0  # most requests that the server may see in any second, repetitions counted; 0: no limit


POLICY = Policy()


class PassingError(Exception):
    """An answer worth asking again for, after ``wait`` seconds if the server said so."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


class Pace:
    """Holds requests back so that no second, wherever it begins, sees more than ``per_second`` of them.

    A request may reach the server at any time between its sending and its answer. So the one sent
    ``floor(per_second)`` requests later waits for a whole second after that answer; nothing then depends on
    how fast the network is. Below one a second the pause between two requests is 1 / per_second.
    """

    def __init__(self, per_second: float) -> None:
        self._pause = 1 / min(1.0, per_second) if per_second else 0.0
        self._answered: deque[float] = deque(maxlen=max(1, int(per_second)))

    def wait(self) -> None:
        """Sleep until the next request may be sent."""
        if self._pause and len(self._answered) == self._answered.maxlen:
            time.sleep(max(0.0, self._answered[0] + self._pause - time.monotonic()))

    def answered(self) -> None:
        """Note that a request was answered, or failed."""
        self._answered.append(time.monotonic())


class Client:
    """One connection to a server, used as a context manager."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self._policy = policy
        self._pace = Pace(policy.per_second)
        self._session = requests.Session()
        contact = policy.contact or os.environ.get("DNACORPUS_CONTACT", "")
        version = importlib.metadata.version("dnacorpus")
        self._session.headers["User-Agent"] = f"dnacorpus/{version} (RefSeq corpus builder{contact and '; ' + contact})"
        # Otherwise a server may declare a .gz file to be an encoding of something else.
        self._session.headers["Accept-Encoding"] = "identity"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def ask(
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
        """Send a request until ``receive`` made something of an answer, and return that.

        ``receive`` gets answers 200, 206, those of ``absent``, and 416 to a Range, body unread, and may raise
        PassingError; ``headers`` is asked anew each time. A page of HTML counts as a failure unless ``html``.
        ``form`` is the body of a POST: a key belongs there and never into ``url``, which errors and logs name
        (as `redacted` leaves it). Attempts are counted anew whenever ``progress``, the bytes that are here, has
        grown by a mebibyte.
        Raises RemoteError when the attempts are used up or another one is in vain, UsageError for a bad URL.
        """
        where = redacted(url)
        attempt, reached = 0, progress()
        while attempt < self._policy.attempts:
            attempt += 1
            self._pace.wait()
            try:
                with self._send(method, url, headers(), html, form, absent) as response:
                    return receive(response)
            # None of these is raised "from error": a traceback would print the URL with what it hides.
            except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
                found = redacted(str(error))
                raise UsageError(f"{where}: expected an http(s) URL, found: {found}; correct it") from None
            except (requests.exceptions.SSLError, requests.exceptions.TooManyRedirects) as error:
                found = redacted(str(error))
                raise RemoteError(f"{where}: expected a server to trust, found: {found}; check the address") from None
            except (requests.RequestException, urllib3.exceptions.HTTPError, PassingError) as error:
                failure = redacted(str(error))
                asked = error.wait if isinstance(error, PassingError) else 0.0
            finally:
                self._pace.answered()
            if progress() - reached >= _PROGRESS:
                attempt, reached = 1, progress()
            if attempt < self._policy.attempts:
                self._pause(where, attempt, failure, asked)
        raise RemoteError(
            f"{where}: expected the file, found at the last of {self._policy.attempts} attempts: {failure};"
            " check the network and the server, then run again: what has arrived is kept"
        )

    def _send(  # noqa: PLR0917 - what ask was given
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        html: bool,
        form: Mapping[str, str] | None,
        absent: Collection[int],
    ) -> Response:
        patience = (self._policy.connect, self._policy.read)
        # The answer to a HEAD must be taken as read, or its connection is given up.
        streamed = method != "HEAD"
        response = self._session.request(method, url, headers=headers, data=form, stream=streamed, timeout=patience)
        try:
            _inspect(response, html, absent)
        except BaseException:
            response.close()
            raise
        return response

    def _pause(self, where: str, attempt: int, failure: str, asked: float) -> None:
        # Behind one name stand many nodes: the next connection may reach one that serves.
        self._session.close()
        longest = self._policy.longest_wait
        # Whole waits of many processes would end together; half of each is drawn by lot.
        drawn = min(longest, self._policy.first_wait * 2 ** (attempt - 1)) * random.SystemRandom().uniform(0.5, 1)
        wait = max(drawn, min(longest, asked))
        logger.warning("%s: attempt %d: %s; asking again in %.1f s", where, attempt, failure, wait)
        time.sleep(wait)


def redacted(text: str) -> str:
    """Return a text without the secrets of the URLs in it: user and password, and values of keys and tokens.

    So ``https://me:pw@host/a?id=7&api_key=9`` becomes ``https://***@host/a?id=7&api_key=***``.
    """
    return _SECRET.sub(r"\1***", _USER.sub("***@", text))


def pieces(response: Response) -> Iterator[bytes]:
    """Yield the body as it is stored on the server, whatever its Content-Encoding, and as soon as it arrives."""
    raw = response.raw
    # read() would keep back, and at a break lose, what does not fill a piece; urllib3 1 has nothing else.
    read = getattr(raw, "read1", raw.read)
    while piece := read(_PIECE, decode_content=False):
        yield piece


def body(response: Response) -> bytes:
    """Return the whole body of a small answer; raises PassingError when it is shorter than promised."""
    content = response.content
    if promised(response) not in (None, len(content)):
        raise PassingError(f"{len(content)} of {promised(response)} bytes")
    return content


def promised(response: Response) -> int | None:
    """Return the Content-Length, or None without a legible one."""
    value = response.headers.get("Content-Length", "")
    return int(value) if value.isdecimal() else None


def _inspect(response: Response, html: bool, absent: Collection[int]) -> None:
    status = response.status_code
    if status in absent or (status == 416 and "Range" in response.request.headers):
        return
    if status in _PASSING or status >= 500:
        raise PassingError(f"status {status} {response.reason}", _asked_wait(response))
    if status not in (200, 206):
        raise RemoteError(
            f"{redacted(response.url)}: expected status 200, found {status} {response.reason};"
            " check the address and your access"
        )
    if not html and response.headers.get("Content-Type", "").startswith("text/html"):
        raise PassingError("an HTML page in place of the file")


def _asked_wait(response: Response) -> float:
    """Return the seconds of a Retry-After header, a number or a date; 0 without a legible one."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return float(email.utils.parsedate_to_datetime(value).timestamp()) - time.time()
    except ValueError:
        return 0.0

"""Errors of the Hugging Face client: which may pass, and what they say without secrets."""

import re

import httpx2
from huggingface_hub import errors, get_token

from dnacorpus.errors import CorpusError

_WAIT = re.compile(r"\bt=([0-9]{1,9})")
_SECONDS = re.compile(r"([0-9]{1,9})")
_QUERY = re.compile(r"(https?://(?:(?!https?://)[^\s?'\"])*+)\?[^\s'\"]*")

_TEMPORARY = {408, 425, 429, 500, 502, 503, 504}
_MAX_MESSAGE = 300


def raise_disk_error(error: Exception, repo: str, what: str) -> None:
    """Raise CorpusError for an error of this machine's disk; return for all others."""
    # Errors of the network and of the client itself have no errno, or are of these two classes.
    if (
        isinstance(error, OSError)
        and error.errno is not None
        and not isinstance(error, (ConnectionError, TimeoutError))
    ):
        path = f"{error.filename}: " if error.filename else ""
        raise CorpusError(
            f"{repo}: {what}: {path}{error.strerror}; check that the disk of this machine is writable and not full"
        ) from error


def cause_of(error: BaseException) -> BaseException:
    """Return the network error in a chain of causes, if there is one: the client wraps some in less specific ones."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, (httpx2.HTTPError, ConnectionError)):
            return link
        link = link.__cause__
    return error


def temporary_and_wait(error: BaseException) -> tuple[bool, float]:
    """Return whether an error can be temporary, and the seconds that the server wants us to wait."""
    if isinstance(error, errors.HfHubHTTPError):
        status, headers = error.response.status_code, error.response.headers
        limit = headers.get("ratelimit", "") if status == 429 else ""
        wait = _WAIT.search(limit) or _SECONDS.fullmatch(headers.get("retry-after", ""))
        return status in _TEMPORARY, float(wait[1]) if wait else 0.0
    if isinstance(error, errors.OfflineModeIsEnabled):
        return False, 0.0
    # The client raises an OSError without a file name for a body of the wrong length.
    return isinstance(error, (httpx2.TransportError, OSError)), 0.0


def error_line(error: BaseException) -> str:
    """Return the status and the message of an error in one line, without secrets."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    message = getattr(error, "server_message", None) if status else (str(error) or type(error).__name__)
    text = " ".join(part for part in (f"status {status}" if status else "", message or "") if part)
    return scrubbed(" ".join(text.split()))[:_MAX_MESSAGE]


def scrubbed(text: str) -> str:
    """Return a text without the token and without the queries of URLs, which may be signatures."""
    text = _QUERY.sub(r"\1", text)
    token = get_token()
    return text.replace(token, "(token)") if token else text

"""The shared parts of the loopback web services that answer with one document: PMC and Europe PMC.

    with serve(PmcServer()) as server:
        server.fault("metadata/", status=503, retry_after="0", times=2)
        ...
        server.log[-1].path

A service is a `Service` with a `respond` method.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from support.servers import loopback
from support.servers.loopback import LoopbackServer, QuietHandler, busiest_second, running

ERROR_PAGE = b"<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>\n"


@dataclass
class Fault(loopback.Fault):
    """A fault of a web service; ``content`` is a body in place of the right one, with status 200 if none is set."""

    content: bytes | None = None
    content_type: str = "text/html"
    cut: int | None = None  # number of body bytes promised and sent: only the body itself shows the loss


@dataclass(frozen=True)
class Request:
    """One request in the log."""

    method: str
    target: str  # path and query as sent
    path: str  # without the leading slash, unquoted
    values: dict[str, str]  # of the query or, for a POST, the form
    headers: dict[str, str]
    arrived: float  # in seconds, by time.monotonic
    status: int


@dataclass(frozen=True)
class Answer:
    """The answer of a service."""

    status: int
    content: bytes
    content_type: str


@dataclass
class Service(LoopbackServer):
    """The handle of a running service."""

    fault_class: ClassVar[type[loopback.Fault]] = Fault

    def respond(self, method: str, path: str, values: dict[str, str], target: str) -> Answer:
        """Return the right answer to a request."""
        raise NotImplementedError

    def most_in_a_second(self) -> int:
        """Return the largest number of requests that arrived within one second."""
        return busiest_second(request.arrived for request in self.log)


Kind = TypeVar("Kind", bound=Service)


@contextlib.contextmanager
def serve(service: Kind) -> Iterator[Kind]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    with running(_Handler, service) as port:
        service.url = f"http://127.0.0.1:{port}/"
        yield service


class _Handler(QuietHandler):
    loopback: Service

    def answer_request(self) -> None:
        arrived = time.monotonic()
        parts = urlsplit(self.path)
        path = unquote(parts.path).lstrip("/")
        sent = self.read_body().decode()
        values = dict(parse_qsl(sent if self.command == "POST" else parts.query, keep_blank_values=True))
        fault = self.loopback.take(self.command, self.path)
        if fault.status or fault.content is not None:
            content = ERROR_PAGE if fault.content is None else fault.content
            answer = Answer(fault.status or 200, content, fault.content_type)
        else:
            answer = self.loopback.respond(self.command, path, values, self.path)
        request = Request(self.command, self.path, path, values, dict(self.headers), arrived, answer.status)
        with self.loopback.lock:
            self.loopback.log.append(request)
        self._send(answer, fault)

    def _send(self, answer: Answer, fault: Fault) -> None:
        content = fault.change(answer.content[: fault.cut])
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(content)))
        if fault.retry_after:
            self.send_header("Retry-After", fault.retry_after)
        self.end_headers()
        self.wfile.write(content[: fault.send])
        if fault.send is not None:
            self.close_connection = True

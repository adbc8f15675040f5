"""What the loopback stand-ins of web services share: requests read and logged, answers sent, faults on demand.

    with serve(PmcServer()) as server:
        server.fault("metadata/", status=503, retry_after="0", times=2)
        ...
        server.log[-1].path

A service is a `Service` with a `respond`; it runs on a free port of 127.0.0.1 until the block ends.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

ERROR_PAGE = b"<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>\n"


@dataclass
class Fault:
    """What goes wrong with requests whose path or query holds ``path``, ``times`` over."""

    path: str
    status: int = 0  # with ``content``, 0 is 200
    content: bytes | None = None  # a body in place of the right one
    content_type: str = "text/html"
    retry_after: str = ""
    send: int | None = None  # body bytes sent of those promised
    cut: int | None = None  # body bytes promised and sent: nothing but the body itself shows the loss
    corrupt: bool = False  # one byte of the body is another
    times: int = 1


@dataclass(frozen=True)
class Request:
    """One line of the log."""

    method: str
    target: str  # path and query as sent
    path: str  # without the leading slash, unquoted
    values: dict[str, str]  # of the query or, for a POST, the form
    headers: dict[str, str]
    arrived: float  # seconds on a clock of its own
    status: int


@dataclass(frozen=True)
class Answer:
    """What a service says."""

    status: int
    content: bytes
    content_type: str


@dataclass
class Service:
    """The handle of a running service."""

    url: str = ""
    log: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def respond(self, method: str, path: str, values: dict[str, str], target: str) -> Answer:
        """Return the right answer to a request."""
        raise NotImplementedError

    def fault(self, path: str, **kind: object) -> None:
        """Arrange a fault; several for one path come one after the other."""
        self.faults.append(Fault(path, **kind))  # type: ignore[arg-type]

    def paths(self) -> list[str]:
        """Return the paths asked for, in order."""
        return [request.path for request in self.log]

    def take(self, target: str) -> Fault:
        """Use up one of the faults that fit, or return one that does nothing."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and fault.path in target:
                    fault.times -= 1
                    return fault
        return Fault("")

    def most_in_a_second(self) -> int:
        """Return the most requests that arrived within any one second."""
        arrivals = sorted(request.arrived for request in self.log)
        return max(
            (sum(start <= arrived < start + 1 for arrived in arrivals[place:]) for place, start in enumerate(arrivals)),
            default=0,
        )


Kind = TypeVar("Kind", bound=Service)


@contextlib.contextmanager
def serve(service: Kind) -> Iterator[Kind]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    handler = type("Handler", (_Handler,), {"service": service})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        httpd.daemon_threads = True
        httpd.block_on_close = False
        service.url = f"http://127.0.0.1:{httpd.server_address[1]}/"
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield service
        finally:
            httpd.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    service: Service
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET or a POST."""
        arrived = time.monotonic()
        parts = urlsplit(self.path)
        path = unquote(parts.path).lstrip("/")
        sent = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        values = dict(parse_qsl(sent if self.command == "POST" else parts.query, keep_blank_values=True))
        fault = self.service.take(self.path)
        if fault.status or fault.content is not None:
            content = ERROR_PAGE if fault.content is None else fault.content
            answer = Answer(fault.status or 200, content, fault.content_type)
        else:
            answer = self.service.respond(self.command, path, values, self.path)
        request = Request(self.command, self.path, path, values, dict(self.headers), arrived, answer.status)
        with self.service.lock:
            self.service.log.append(request)
        self._send(answer, fault)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Keep stderr for the tests."""

    def _send(self, answer: Answer, fault: Fault) -> None:
        content = answer.content[: fault.cut]
        if fault.corrupt:
            content = content[:-1] + bytes([content[-1] ^ 1])
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(content)))
        if fault.retry_after:
            self.send_header("Retry-After", fault.retry_after)
        self.end_headers()
        self.wfile.write(content[: fault.send])
        if fault.send is not None:
            self.close_connection = True

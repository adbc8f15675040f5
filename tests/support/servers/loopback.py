"""The shared parts of the loopback servers: a port, a quiet handler, faults on demand and a log of requests."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


@dataclass
class Fault:
    """What goes wrong with ``times`` requests whose path holds ``path``, after the first ``after`` of them.

    Servers subclass it to add the kinds of faults that they have.
    """

    path: str
    method: str = ""  # empty: any
    status: int = 0
    retry_after: str = ""
    send: int | None = None  # number of body bytes sent, fewer than Content-Length promises
    corrupt: bool = False  # the last byte of the body is changed
    after: int = 0
    times: int = 1

    def change(self, content: bytes) -> bytes:
        """Return a body with its last byte changed if ``corrupt`` is set."""
        return content[:-1] + bytes([content[-1] ^ 1]) if self.corrupt else content


@dataclass
class LoopbackServer:
    """The handle of a running server; ``log`` holds its requests in order."""

    fault_class: ClassVar[type[Fault]] = Fault

    url: str = ""
    log: list[Any] = field(default_factory=list)
    faults: list[Any] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def fault(self, path: str, **settings: object) -> None:
        """Add a fault; several faults for one path happen one after the other."""
        self.faults.append(self.fault_class(path, **settings))  # type: ignore[arg-type]

    def take(self, method: str, path: str) -> Any:
        """Return the first fault that applies to a request and count it down, or a fault without effect."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and fault.path in path and fault.method in ("", method):
                    if fault.after > 0:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    return fault
        return self.fault_class(path)

    def paths(self, method: str = "", part: str = "") -> list[str]:
        """Return the requested paths in order: those of one method, and those that hold ``part``."""
        return [request.path for request in self.log if method in ("", request.method) and part in request.path]


class QuietHandler(BaseHTTPRequestHandler):
    """Answers the requests of ``loopback``, a server's handle, without writing to stderr."""

    loopback: Any
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer_request(self) -> None:
        """Read, log and answer one request."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """Answer a request of any method."""
        self.answer_request()

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Write nothing: stderr is for the tests."""

    def read_body(self) -> bytes:
        """Return the body of the request."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def reset_connection(self) -> None:
        """End the connection with a reset in place of a close."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.connection.detach())
        self.close_connection = True


@contextlib.contextmanager
def running(handler: type[QuietHandler], server: LoopbackServer) -> Iterator[int]:
    """Serve on a free port of 127.0.0.1, which is yielded, until the block ends."""
    bound = type("Handler", (handler,), {"loopback": server})
    with listening(ThreadingHTTPServer(("127.0.0.1", 0), bound)) as port:
        yield port


@contextlib.contextmanager
def listening(httpd: ThreadingHTTPServer) -> Iterator[int]:
    """Answer the requests to a server in a thread, and yield its port, until the block ends."""
    with httpd:
        httpd.daemon_threads = True
        httpd.block_on_close = False
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield httpd.server_address[1]
        finally:
            httpd.shutdown()
            thread.join()


def busiest_second(times: Iterable[float]) -> int:
    """Return the largest number of times that lie within one second."""
    ordered = sorted(times)
    return max(
        (sum(start <= time < start + 1 for time in ordered[index:]) for index, start in enumerate(ordered)), default=0
    )

"""A loopback stand-in of NCBI's file server: Apache in its manners, with faults on demand.

    with serve(root) as server:
        server.fault("viral.1.genomic", status=503, retry_after="0", times=2)
        requests.get(server.url + "RELEASE_NUMBER")
        server.log[-1].path

``root`` holds RELEASE_NUMBER and the division folders. Folders answer with mod_autoindex's page (HTMLTable off),
files with Content-Length, ETag and Last-Modified; HEAD, Range and If-Range are honoured. A POST is answered as a
GET is, and its body logged.
"""

import contextlib
import email.utils
import html
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

PIECE = 1 << 16
ERROR_PAGE = b"<!DOCTYPE html><html><body><h1>Access temporarily suspended</h1></body></html>\n"


@dataclass
class Fault:
    """What goes wrong with requests whose path holds ``path``, ``times`` over; of the kinds, set one."""

    path: str
    method: str = ""  # empty: any
    status: int = 0
    retry_after: str = ""
    send: int | None = None  # body bytes sent of those promised
    reset: bool = False  # with ``send``: the connection is reset, not closed
    stall: bool = False  # with ``send``: nothing more comes until the client gives up
    slow: float = 0.0  # seconds between two pieces of the body
    corrupt: bool = False  # one byte of the body is another
    page: str = ""  # an HTML page with status 200, of this Content-Type
    drop: tuple[str, ...] = ()  # headers left out
    headers: dict[str, str] = field(default_factory=dict)  # headers that say something else
    times: int = 1


@dataclass
class Request:
    """One line of the log."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    connection: int  # the client's port: the same one means a connection kept alive
    at: float  # when it arrived, by time.monotonic
    body: bytes = b""  # of a POST
    sent: int = 0  # body bytes given to the socket so far


@dataclass
class RefSeqServer:
    """The handle of a running server."""

    root: Path
    url: str = ""
    log: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    releases: list[tuple[int, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, path: str, **kind: object) -> None:
        """Arrange a fault; several for one path come one after the other."""
        self.faults.append(Fault(path, **kind))  # type: ignore[arg-type]

    def change_release(self, number: str, after: int = 0) -> None:
        """Answer ``number`` as RELEASE_NUMBER once ``after`` more requests have been answered."""
        self.releases.append((len(self.log) + after, number))

    def paths(self, method: str = "") -> list[str]:
        """Return the paths asked for, in order."""
        return [request.path for request in self.log if method in ("", request.method)]

    def take(self, method: str, path: str) -> Fault:
        """Use up one of the faults that fit, or return one that does nothing."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and fault.path in path and fault.method in ("", method):
                    fault.times -= 1
                    return fault
        return Fault(path)


@contextlib.contextmanager
def serve(root: Path) -> Iterator[RefSeqServer]:
    """Serve ``root`` on a free port of 127.0.0.1 until the block ends."""
    server = RefSeqServer(root)
    handler = type("Handler", (_Handler,), {"server_handle": server})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        httpd.daemon_threads = True
        httpd.block_on_close = False
        server.url = f"http://127.0.0.1:{httpd.server_address[1]}/"
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            httpd.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_handle: RefSeqServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET, a HEAD or a POST."""
        self.arrived = time.monotonic()
        self.form = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = unquote(self.path).lstrip("/")
        fault = self.server_handle.take(self.command, path)
        if fault.status:
            retry = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            self._answer(fault.status, ERROR_PAGE, retry | {"Content-Type": "text/html"}, fault)
        elif fault.page:
            self._answer(200, ERROR_PAGE, {"Content-Type": fault.page}, fault)
        else:
            self._resource(path, fault)

    do_HEAD = do_POST = do_GET  # noqa: N815

    def handle(self) -> None:
        """Serve a connection until it ends, as a client that was killed ends it."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Keep stderr for the tests."""

    def _resource(self, path: str, fault: Fault) -> None:
        place = self.server_handle.root / path
        if place.is_dir():
            self._answer(200, autoindex(place, path).encode(), {"Content-Type": "text/html;charset=UTF-8"}, fault)
        elif not place.is_file():
            self._answer(404, ERROR_PAGE, {"Content-Type": "text/html"}, fault)
        else:
            self._file(place, path, fault)

    def _file(self, place: Path, path: str, fault: Fault) -> None:
        content, stat = place.read_bytes(), place.stat()
        due = [n for after, n in self.server_handle.releases if len(self.server_handle.log) >= after]
        if path == "RELEASE_NUMBER" and due:
            content = f"{due[-1]}\n".encode()
        if fault.corrupt:
            content = content[:-1] + bytes([content[-1] ^ 1])
        headers = {
            "ETag": f'"{len(content):x}-{stat.st_mtime_ns:x}"',
            "Last-Modified": email.utils.formatdate(stat.st_mtime, usegmt=True),
            "Accept-Ranges": "bytes",
        }
        headers |= {"Content-Type": "application/x-gzip"} if path.endswith(".gz") else {"Content-Type": "text/plain"}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked is None or self.headers.get("If-Range", headers["ETag"]) not in (
            headers["ETag"],
            headers["Last-Modified"],
        ):
            self._answer(200, content, headers, fault)
        elif int(asked[1]) >= len(content):
            self._answer(416, b"", headers | {"Content-Range": f"bytes */{len(content)}"}, fault)
        else:
            start = int(asked[1])
            span = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
            self._answer(206, content[start:], headers | span, fault)

    def _answer(self, status: int, content: bytes, headers: dict[str, str], fault: Fault) -> None:
        handle = self.server_handle
        with handle.lock:
            path, port = unquote(self.path), self.client_address[1]
            request = Request(self.command, path, status, dict(self.headers), port, self.arrived, self.form)
            handle.log.append(request)
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers | fault.headers).items():
            if name not in fault.drop:
                self.send_header(name, value)
        if "Content-Length" in fault.drop:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self._send(content[: fault.send], request, fault.slow)
        if fault.stall:
            self.connection.recv(1)
        if fault.send is not None:
            self.close_connection = True
        if fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.close(self.connection.detach())
            self.close_connection = True

    def _send(self, content: bytes, request: Request, slow: float) -> None:
        rest = memoryview(content)
        while rest:
            sent = self.connection.send(rest[:PIECE])
            request.sent, rest = request.sent + sent, rest[sent:]
            if slow:
                time.sleep(slow)


def autoindex(folder: Path, path: str) -> str:
    """Return mod_autoindex's page of a folder: rounded sizes, absolute parent link, folders ending in a slash."""
    title = f"Index of /{path.rstrip('/')}"
    lines = []
    for entry in sorted(folder.iterdir()):
        name = entry.name + ("/" if entry.is_dir() else "")
        when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(entry.stat().st_mtime))
        size = "-" if entry.is_dir() else _rounded(entry.stat().st_size)
        link = f'<a href="{quote(name)}">{html.escape(name)}</a>'
        lines.append(f"{link}{' ' * max(1, 57 - len(name))}{when}  {size:>4}  \n")
    parent = f'<a href="/{path.rstrip("/").rpartition("/")[0]}">Parent Directory</a>{" " * 62}-   \n'
    columns = f"Name{' ' * 53}Last modified      Size  <hr>"
    return (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html>\n <head>\n'
        f"  <title>{title}</title>\n </head>\n <body>\n<h1>{title}</h1>\n"
        f"<pre>{columns}{parent}{''.join(lines)}</pre>\n</body></html>\n"
    )


def _rounded(size: int) -> str:
    for unit in ("", "K", "M"):
        if size < 1024:
            return f"{size:.0f}{unit}" if not unit else f"{size:.1f}{unit}"
        size //= 1024
    return f"{size}G"

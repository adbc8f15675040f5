"""A loopback server that behaves like NCBI's file server (Apache), with faults on demand.

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
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, unquote

from support.servers import loopback
from support.servers.loopback import LoopbackServer, QuietHandler, running

PIECE = 1 << 16
ERROR_PAGE = b"<!DOCTYPE html><html><body><h1>Access temporarily suspended</h1></body></html>\n"


@dataclass
class Fault(loopback.Fault):
    """A fault of the file server; set one kind."""

    reset: bool = False  # with ``send``: the connection is reset, not closed
    stall: bool = False  # with ``send``: nothing more comes until the client gives up
    slow: float = 0.0  # seconds between two pieces of the body
    endless: bool = False  # zeros without Content-Length until the client goes, as the body of any status
    page: str = ""  # Content-Type of an HTML page with status 200 in place of the file
    drop: tuple[str, ...] = ()  # headers left out
    headers: dict[str, str] = field(default_factory=dict)  # headers with other values


@dataclass
class Request:
    """One request in the log."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    connection: int  # the client's port: the same port means a connection that was kept alive
    at: float  # when it arrived, by time.monotonic
    body: bytes = b""  # of a POST
    sent: int = 0  # number of body bytes written to the socket so far


@dataclass
class RefSeqServer(LoopbackServer):
    """The handle of a running server."""

    fault_class: ClassVar[type[loopback.Fault]] = Fault

    root: Path = Path()
    releases: list[tuple[int, str]] = field(default_factory=list)

    def change_release(self, number: str, after: int = 0) -> None:
        """Answer ``number`` as RELEASE_NUMBER once ``after`` more requests have been answered."""
        self.releases.append((len(self.log) + after, number))


@contextlib.contextmanager
def serve(root: Path) -> Iterator[RefSeqServer]:
    """Serve ``root`` on a free port of 127.0.0.1 until the block ends."""
    server = RefSeqServer(root=root)
    with running(_Handler, server) as port:
        server.url = f"http://127.0.0.1:{port}/"
        yield server


class _Handler(QuietHandler):
    loopback: RefSeqServer

    def answer_request(self) -> None:
        self.arrived = time.monotonic()
        self.form = self.read_body()
        path = unquote(self.path).lstrip("/")
        fault = self.loopback.take(self.command, path)
        if fault.status:
            retry = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            self._answer(fault.status, ERROR_PAGE, retry | {"Content-Type": "text/html"}, fault)
        elif fault.page:
            self._answer(200, ERROR_PAGE, {"Content-Type": fault.page}, fault)
        else:
            self._resource(path, fault)

    def handle(self) -> None:
        """Serve a connection until it ends, also by a client that was killed."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def _resource(self, path: str, fault: Fault) -> None:
        local = self.loopback.root / path
        if local.is_dir():
            self._answer(200, autoindex(local, path).encode(), {"Content-Type": "text/html;charset=UTF-8"}, fault)
        elif not local.is_file():
            self._answer(404, ERROR_PAGE, {"Content-Type": "text/html"}, fault)
        else:
            self._file(local, path, fault)

    def _file(self, local: Path, path: str, fault: Fault) -> None:
        content, stat = local.read_bytes(), local.stat()
        due = [n for after, n in self.loopback.releases if len(self.loopback.log) >= after]
        if path == "RELEASE_NUMBER" and due:
            content = f"{due[-1]}\n".encode()
        content = fault.change(content)
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
        handle = self.loopback
        with handle.lock:
            path, port = unquote(self.path), self.client_address[1]
            request = Request(self.command, path, status, dict(self.headers), port, self.arrived, self.form)
            handle.log.append(request)
        self.send_response(status)
        if fault.endless:
            fault.drop = ("Content-Length",)
        for name, value in ({"Content-Length": str(len(content))} | headers | fault.headers).items():
            if name not in fault.drop:
                self.send_header(name, value)
        if "Content-Length" in fault.drop:
            self.send_header("Connection", "close")
        self.end_headers()
        if fault.endless:
            self._send_endless(request)
        elif self.command != "HEAD":
            self._send(content[: fault.send], request, fault.slow)
        if fault.stall:
            self.connection.recv(1)
        if fault.send is not None:
            self.close_connection = True
        if fault.reset:
            self.reset_connection()

    def _send_endless(self, request: Request) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            while True:
                request.sent += self.connection.send(bytes(PIECE))

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

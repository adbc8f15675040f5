"""A loopback server that behaves like the Hugging Face Hub: dataset repositories in memory, LFS in single parts.

    with serve() as hub:
        os.environ |= hub.environment(home=tmp_path)
        hub.fault("/resolve/", method="GET", status=503, retry_after="1", times=2)
        hub.paths("PUT")

Large files are served from a second origin (localhost for 127.0.0.1), as the Hub's are from its CDN. Shapes of requests
and answers are those that huggingface_hub 2.4 sends and reads; Xet is not offered. A repository's first commit holds
.gitattributes, as on the Hub.
"""

import contextlib
import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from support.servers.hub_routes import HubRoutes, RefusalError
from support.servers.hub_state import Fault, HubServer, Request
from support.servers.loopback import running


@contextlib.contextmanager
def serve(**options: Any) -> Iterator[HubServer]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    server = HubServer(**options)
    with running(_Handler, server) as port:
        server.url, server.cdn = f"http://127.0.0.1:{port}", f"http://localhost:{port}"
        try:
            yield server
        finally:
            server.closing.set()


class _Handler(HubRoutes):
    def answer_request(self) -> None:
        split = urlsplit(self.path)
        path = unquote(split.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        body = self.read_body()
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            body = self._chunks()
        fault = self.hub.take(self.command, path)
        if fault.hang:
            self.hub.closing.wait()
            self.close_connection = True
            return
        if fault.status:
            more = {"X-Error-Message": fault.message} if fault.message else {}
            answer = fault.status, more | fault.headers, fault.body or {"error": fault.message}
        else:
            try:
                with self.hub.lock:
                    answer = self.route(path, query, body)
            except RefusalError as refusal:
                answer = refusal.answer
        if fault.then is not None:
            fault.then()
        self._answer(path, *answer, fault)

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _write_chunks(self, content: bytes, more: int) -> None:
        """Write a body and ``more`` bytes after it; the client may hang up before the end."""
        with contextlib.suppress(ConnectionError):
            for start in range(0, len(content) + more, 1 << 20):
                chunk = content[start : start + (1 << 20)].ljust(min(1 << 20, len(content) + more - start), b" ")
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.wfile.write(b"0\r\n\r\n")
            return
        self.close_connection = True

    def _answer(self, path: str, status: int, headers: dict[str, str], body: Any, fault: Fault) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
        content = fault.change(content)
        seen = self.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.hub.lock:
            asked = self.headers.get("Range", "")
            sent = 0 if self.command == "HEAD" else len(content[: fault.send])
            self.hub.log.append(Request(self.command, path, self.headers["Host"], seen, asked, status, sent))
        if fault.reset:
            self.reset_connection()
            return
        self.send_response(status)
        if fault.encoding:
            content = gzip.compress(content)
            headers = headers | {"Content-Encoding": fault.encoding}
        length = {"Transfer-Encoding": "chunked"} if fault.longer else {"Content-Length": str(len(content))}
        for name, value in (length | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if fault.longer and self.command != "HEAD":
            self._write_chunks(content, fault.longer)
        elif self.command != "HEAD":
            self.wfile.write(content[: fault.send])
        if fault.send is not None:
            self.close_connection = True

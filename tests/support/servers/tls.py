"""A loopback server over https with a certificate of its own, which redirects on demand.

    with serve(tmp_path) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.certificate))
        server.redirects["/old"] = "http://127.0.0.1:1/"
        requests.get(server.url + "old")

Other paths answer the text ``7``. The openssl command makes the certificate; a test is skipped where it is missing.
"""

import contextlib
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from support.servers.loopback import LoopbackServer, QuietHandler, listening


@dataclass
class TlsServer(LoopbackServer):
    """The handle of a running server; ``log`` holds the requested paths."""

    certificate: Path = Path()
    redirects: dict[str, str] = field(default_factory=dict)  # path -> Location of a 302


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[TlsServer]:
    """Serve on a free port of 127.0.0.1 until the block ends; the certificate and its key are written to ``folder``."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    server = TlsServer(certificate=folder / "certificate.pem")
    key = folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", server.certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate, key)
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"loopback": server}))
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    with listening(httpd) as port:
        server.url = f"https://127.0.0.1:{port}/"
        yield server


class _Handler(QuietHandler):
    loopback: TlsServer

    def answer_request(self) -> None:
        self.loopback.log.append(self.path)
        target = self.loopback.redirects.get(self.path)
        content = b"" if target else b"7\n"
        self.send_response(302 if target else 200)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

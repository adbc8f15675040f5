"""The state of the loopback Hub: its repositories, its log and its faults."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from support.servers import loopback
from support.servers.hub_repository import Blob, Commit, Repository
from support.servers.loopback import LoopbackServer


@dataclass
class Fault(loopback.Fault):
    """A fault of the Hub."""

    headers: dict[str, str] = field(default_factory=dict)
    message: str = ""
    body: bytes = b""  # sent in place of the body, with ``status``
    reset: bool = False  # the connection is reset after the request was carried out
    longer: int = 0  # bytes that follow the body, in chunks and without a Content-Length
    encoding: str = ""  # the body is sent in this content encoding: gzip
    hang: bool = False  # no answer until the server closes
    then: Callable[[], object] | None = None  # called when the request has been carried out, before the answer


@dataclass(frozen=True)
class Request:
    """One request in the log; ``path`` is without the query."""

    method: str
    path: str
    host: str
    token: str
    range: str
    status: int
    sent: int = 0  # bytes of the body


@dataclass
class HubServer(LoopbackServer):
    """The handle of a running server."""

    fault_class: ClassVar[type[loopback.Fault]] = Fault

    cdn: str = ""
    page: int = 1000
    token: str = "hf_secret_test"  # may write
    reader: str = "hf_secret_reader"  # may only read
    repositories: dict[str, Repository] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    signature: str = field(default_factory=lambda: secrets.token_hex(8))
    closing: threading.Event = field(default_factory=threading.Event)

    def environment(self, home: object) -> dict[str, str]:
        """Return the environment variables that direct the client of the Hub to this server."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_TOKEN": self.token,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }

    def put(self, repo: str, files: dict[str, bytes], title: str = "by hand") -> Commit:
        """Commit files without the API; create the repository if it does not exist."""
        with self.lock:
            repository = self.repositories.setdefault(repo, Repository())
            before = repository.commits[-1].files if repository.commits else {}
            added = {path: Blob(content, path.endswith(".parquet")) for path, content in files.items()}
            return repository.commit(title, before | added)

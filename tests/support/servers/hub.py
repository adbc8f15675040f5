"""A loopback stand-in of the Hugging Face Hub, in memory: dataset repositories, LFS in single parts, faults on demand.

    with serve() as hub:
        os.environ |= hub.environment(home=tmp_path)
        hub.fault("/resolve/", method="GET", status=503, retry_after="1", times=2)
        hub.paths("PUT")

Large files are served from a second origin (localhost for 127.0.0.1), as the Hub's are from its CDN. Shapes of requests
and answers are those that huggingface_hub 2.4 sends and reads; Xet is not offered. A repository's first commit holds
.gitattributes, as on the Hub.
"""

import base64
import contextlib
import hashlib
import json
import re
import secrets
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"
LARGEST_REGULAR = 10_000_000


@dataclass
class Fault:
    """What goes wrong with requests whose path holds ``path``, ``times`` over, after the first ``after`` of them."""

    path: str
    method: str = ""  # empty: any
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    message: str = ""
    send: int | None = None  # body bytes sent of those promised
    reset: bool = False  # the connection is reset, after the request was carried out
    corrupt: bool = False  # one byte of the body is another
    hang: bool = False  # no answer until the server closes
    then: Callable[[], object] | None = None  # called when the request has been carried out, before the answer
    after: int = 0
    times: int = 1


@dataclass(frozen=True)
class Request:
    """One line of the log; ``path`` is without the query."""

    method: str
    path: str
    host: str
    token: str
    range: str
    status: int
    sent: int = 0  # bytes of the body


@dataclass(frozen=True)
class Blob:
    """One file of a commit."""

    content: bytes
    lfs: bool

    @property
    def sha256(self) -> str:
        """The name of its content in LFS."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def git_sha1(self) -> str:
        """The name of what is in git: the content, or for LFS the pointer."""
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.content)}\n"
        stored = pointer.encode() if self.lfs else self.content
        return hashlib.sha1(b"blob %d\0" % len(stored) + stored).hexdigest()

    def info(self, path: str) -> dict[str, Any]:
        """Return what tree and paths-info say of it."""
        described = {"type": "file", "oid": self.git_sha1, "size": len(self.content), "path": path}
        lfs = {"oid": self.sha256, "size": len(self.content), "pointerSize": 130}
        return described | ({"lfs": lfs} if self.lfs else {})


@dataclass(frozen=True)
class Commit:
    """A state of a repository."""

    oid: str
    title: str
    files: dict[str, Blob]


@dataclass
class Repository:
    """A dataset repository; the last commit is the head of main."""

    private: bool = False
    gated: bool = False
    commits: list[Commit] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    def commit(self, title: str, files: dict[str, Blob]) -> Commit:
        """Add a commit and return it."""
        parent = self.commits[-1].oid if self.commits else ""
        named = json.dumps([parent, title, sorted((path, blob.git_sha1) for path, blob in files.items())])
        self.commits.append(Commit(hashlib.sha1(named.encode()).hexdigest(), title, files))
        return self.commits[-1]

    def at(self, revision: str) -> Commit | None:
        """Return the commit that a branch, tag or oid stands for."""
        wanted = self.commits[-1].oid if revision == "main" else self.tags.get(revision, revision)
        return next((commit for commit in self.commits if commit.oid == wanted), None)


@dataclass
class HubServer:
    """The handle of a running server."""

    url: str = ""
    cdn: str = ""
    page: int = 1000
    token: str = "hf_secret_test"  # may write
    reader: str = "hf_secret_reader"  # may only read
    log: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    repositories: dict[str, Repository] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    signature: str = field(default_factory=lambda: secrets.token_hex(8))
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def fault(self, path: str, **kind: Any) -> None:
        """Arrange a fault; several for one path come one after the other."""
        self.faults.append(Fault(path, **kind))

    def paths(self, method: str = "", part: str = "") -> list[str]:
        """Return the paths asked for, in order."""
        return [request.path for request in self.log if method in ("", request.method) and part in request.path]

    def environment(self, home: object) -> dict[str, str]:
        """Return the variables that lead the Hub's client here and nowhere else."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_TOKEN": self.token,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }

    def take(self, method: str, path: str) -> Fault:
        """Use up one of the faults that fit, or return one that does nothing."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and fault.path in path and fault.method in ("", method):
                    if fault.after > 0:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    return fault
        return Fault(path)

    def put(self, repo: str, files: dict[str, bytes], title: str = "by hand") -> Commit:
        """Commit files behind the back of the API, making the repository if need be."""
        with self.lock:
            repository = self.repositories.setdefault(repo, Repository())
            before = repository.commits[-1].files if repository.commits else {}
            added = {path: Blob(content, path.endswith(".parquet")) for path, content in files.items()}
            return repository.commit(title, before | added)


@contextlib.contextmanager
def serve(**options: Any) -> Iterator[HubServer]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    server = HubServer(**options)
    handler = type("Handler", (_Handler,), {"hub": server})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        httpd.daemon_threads = True
        httpd.block_on_close = False
        port = httpd.server_address[1]
        server.url, server.cdn = f"http://127.0.0.1:{port}", f"http://localhost:{port}"
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            httpd.shutdown()
            thread.join()


class _RefusalError(Exception):
    def __init__(self, status: int, code: str = "", message: str = "", body: Any = None) -> None:
        super().__init__(message)
        headers = {"X-Error-Code": code} if code else {}
        self.answer = status, headers | ({"X-Error-Message": message} if message else {}), body or {"error": message}


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Keep stderr for the tests."""

    def _serve(self) -> None:
        split = urlsplit(self.path)
        path = unquote(split.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            body = self._chunks()
        fault = self.hub.take(self.command, path)
        if fault.hang:
            self.hub.closing.wait()
            self.close_connection = True
            return
        if fault.status:
            more = {"X-Error-Message": fault.message} if fault.message else {}
            answer = fault.status, more | fault.headers, {"error": fault.message}
        else:
            try:
                with self.hub.lock:
                    answer = self._route(path, query, body)
            except _RefusalError as refusal:
                answer = refusal.answer
        if fault.then is not None:
            fault.then()
        self._answer(path, *answer, fault)

    do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, path: str, status: int, headers: dict[str, str], body: Any, fault: Fault) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
        if fault.corrupt:
            content = content[:-1] + bytes([content[-1] ^ 1])
        seen = self.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.hub.lock:
            asked = self.headers.get("Range", "")
            sent = 0 if self.command == "HEAD" else len(content[: fault.send])
            self.hub.log.append(Request(self.command, path, self.headers["Host"], seen, asked, status, sent))
        if fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.close(self.connection.detach())
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: fault.send])
        if fault.send is not None:
            self.close_connection = True

    def _route(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        name = r"(?P<repo>[^/]+/[^/]+?)"
        routes = [
            ("POST", r"/api/repos/create", self._create),
            ("POST", r"/api/validate-yaml", lambda **_: (200, {}, {"errors": [], "warnings": []})),
            ("GET", rf"/api/datasets/{name}(/revision/(?P<revision>.+))?", self._info),
            ("GET", rf"/api/datasets/{name}/refs", self._refs),
            ("GET", rf"/api/datasets/{name}/tree/(?P<revision>[^/]+)(/(?P<folder>.+))?", self._tree),
            ("POST", rf"/api/datasets/{name}/paths-info/(?P<revision>[^/]+)", self._paths_info),
            ("POST", rf"/api/datasets/{name}/preupload/(?P<revision>[^/]+)", self._preupload),
            ("POST", rf"/datasets/{name}\.git/info/lfs/objects/batch", self._batch),
            ("PUT", r"/_lfs/(?P<oid>[0-9a-f]{64})", self._store),
            ("POST", r"/_lfs/verify", self._verify),
            ("POST", rf"/api/datasets/{name}/commit/(?P<revision>[^/]+)", self._commit),
            ("POST", rf"/api/datasets/{name}/tag/(?P<revision>[^/]+)", self._tag),
            ("GET HEAD", rf"/datasets/{name}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", self._resolve),
            ("GET HEAD", r"/_cdn/(?P<oid>[0-9a-f]{64})", self._content),
        ]
        for methods, pattern, answer in routes:
            if self.command in methods.split() and (match := re.fullmatch(pattern, path)):
                return answer(**match.groupdict(), query=query, body=body)  # type: ignore[operator]
        raise _RefusalError(404, "", "no such page")

    def _token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _may_write(self) -> None:
        if self._token() == self.hub.reader:
            raise _RefusalError(403, "", "You don't have the rights to write here")
        if self._token() != self.hub.token:
            raise _RefusalError(401, "", "Invalid credentials in Authorization header")

    def _repository(self, repo: str) -> Repository:
        repository = self.hub.repositories.get(repo)
        if repository is None or (repository.private and self._token() not in (self.hub.token, self.hub.reader)):
            raise _RefusalError(401 if not self._token() else 404, "RepoNotFound", "Repository not found")
        return repository

    def _at(self, repo: str, revision: str) -> Commit:
        commit = self._repository(repo).at(revision)
        if commit is None:
            raise _RefusalError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit

    def _create(self, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        self._may_write()
        asked = json.loads(body)
        repo = f"{asked.get('organization', 'tester')}/{asked['name']}"
        exists = repo in self.hub.repositories
        if not exists:
            private = asked.get("private", False) or asked.get("visibility") == "private"
            self.hub.repositories[repo] = Repository(private=private)
            self.hub.repositories[repo].commit("initial commit", {".gitattributes": Blob(ATTRIBUTES, False)})
        return 409 if exists else 200, {}, {"url": f"{self.hub.url}/datasets/{repo}", "name": repo, "id": repo}

    def _info(self, repo: str, revision: str | None, **_: Any) -> tuple[int, dict[str, str], Any]:
        commit, repository = self._at(repo, revision or "main"), self._repository(repo)
        described = {"_id": repo, "id": repo, "author": repo.partition("/")[0], "sha": commit.oid, "tags": []}
        described |= {"private": repository.private, "gated": "manual" if repository.gated else False}
        return 200, {}, described | {"disabled": False, "siblings": [{"rfilename": path} for path in commit.files]}

    def _refs(self, repo: str, **_: Any) -> tuple[int, dict[str, str], Any]:
        repository = self._repository(repo)
        branch = {"name": "main", "ref": "refs/heads/main", "targetCommit": repository.commits[-1].oid}
        tags = [{"name": n, "ref": f"refs/tags/{n}", "targetCommit": oid} for n, oid in repository.tags.items()]
        return 200, {}, {"branches": [branch], "converts": [], "tags": tags}

    def _tree(
        self, repo: str, revision: str, folder: str | None, query: dict[str, str], **_: Any
    ) -> tuple[int, dict[str, str], Any]:
        files = self._at(repo, revision).files
        prefix = f"{folder.strip('/')}/" if folder else ""
        inside = {path: blob for path, blob in sorted(files.items()) if path.startswith(prefix)}
        if prefix and not inside:
            raise _RefusalError(404, "EntryNotFound", f"{folder} does not exist on {revision}")
        folders = {parent for path in inside for parent in _parents(path) if parent.startswith(prefix)}
        deep = query.get("recursive", "").lower() == "true"
        items = [
            {"type": "directory", "oid": hashlib.sha1(path.encode()).hexdigest(), "size": 0, "path": path}
            for path in sorted(folders)
        ] + [blob.info(path) for path, blob in inside.items()]
        shown = [item for item in items if deep or "/" not in item["path"][len(prefix) :]]
        start = int(query.get("cursor", 0))
        rest = f"{self.hub.url}{urlsplit(self.path).path}?recursive={deep}&cursor={start + self.hub.page}"
        link = {"Link": f'<{rest}>; rel="next"'} if start + self.hub.page < len(shown) else {}
        return 200, link, shown[start : start + self.hub.page]

    def _paths_info(self, repo: str, revision: str, body: bytes, **_: Any) -> tuple[int, dict[str, str], Any]:
        files = self._at(repo, revision).files
        asked = parse_qs(body.decode())["paths"]
        return 200, {}, [files[path].info(path) for path in asked if path in files]

    def _preupload(self, repo: str, revision: str, body: bytes, **_: Any) -> tuple[int, dict[str, str], Any]:
        self._may_write()
        commit = self._at(repo, revision)
        answers = []
        for file in json.loads(body)["files"]:
            large = file["path"].endswith(".parquet") or file["size"] > LARGEST_REGULAR
            answer = {"path": file["path"], "uploadMode": "lfs" if large else "regular", "shouldIgnore": False}
            if blob := commit.files.get(file["path"]):
                answer["oid"] = blob.sha256 if blob.lfs else blob.git_sha1
            answers.append(answer)
        return 200, {}, {"files": answers, "commitOid": commit.oid}

    def _batch(self, repo: str, body: bytes, **_: Any) -> tuple[int, dict[str, str], Any]:
        self._may_write()
        self._repository(repo)
        answers = []
        for wanted in json.loads(body)["objects"]:
            answer = wanted | {"authenticated": True}
            if wanted["oid"] not in self.hub.objects:
                upload = f"{self.hub.url}/_lfs/{wanted['oid']}?signature={self.hub.signature}"
                answer["actions"] = {"upload": {"href": upload}, "verify": {"href": f"{self.hub.url}/_lfs/verify"}}
            answers.append(answer)
        return 200, {}, {"transfer": "basic", "objects": answers}

    def _store(self, oid: str, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        if query.get("signature") != self.hub.signature or hashlib.sha256(body).hexdigest() != oid:
            raise _RefusalError(400, "", "bad signature or content")
        self.hub.objects[oid] = body
        return 200, {"ETag": f'"{oid}"'}, {}

    def _verify(self, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        asked = json.loads(body)
        if len(self.hub.objects.get(asked["oid"], b"")) != asked["size"]:
            raise _RefusalError(404, "", "object not uploaded")
        return 200, {}, {}

    def _commit(self, repo: str, revision: str, body: bytes, **_: Any) -> tuple[int, dict[str, str], Any]:
        self._may_write()
        lines = [json.loads(line) for line in body.splitlines()]
        header = lines[0]["value"]
        repository, head = self._repository(repo), self._at(repo, revision)
        if header.get("parentCommit", head.oid) != head.oid:
            raise _RefusalError(412, "", "A commit has happened since. Please refresh and try again.")
        files = dict(head.files)
        for line in lines[1:]:
            kind, value = line["key"], line["value"]
            if kind == "file":
                files[value["path"]] = Blob(base64.b64decode(value["content"]), False)
            elif kind == "lfsFile":
                if value["oid"] not in self.hub.objects:
                    raise _RefusalError(400, "", f"LFS pointer to {value['oid']}, which does not exist")
                files[value["path"]] = Blob(self.hub.objects[value["oid"]], True)
            elif kind == "deletedFile" and files.pop(value["path"], None) is None:
                raise _RefusalError(404, "EntryNotFound", "A file with this name doesn't exist")
        commit = repository.commit(header["summary"], files)
        page = f"{self.hub.url}/datasets/{repo}/commit/{commit.oid}"
        return 200, {}, {"success": True, "commitOid": commit.oid, "commitUrl": page, "hookOutput": ""}

    def _tag(self, repo: str, revision: str, body: bytes, **_: Any) -> tuple[int, dict[str, str], Any]:
        self._may_write()
        repository, commit, name = self._repository(repo), self._at(repo, revision), json.loads(body)["tag"]
        if name in repository.tags:
            raise _RefusalError(409, "", "Tag already exists")
        repository.tags[name] = commit.oid
        return 200, {}, {}

    def _resolve(self, repo: str, revision: str, path: str, **_: Any) -> tuple[int, dict[str, str], Any]:
        commit = self._at(repo, revision)
        if self._repository(repo).gated and self._token() != self.hub.token:
            raise _RefusalError(403 if self._token() else 401, "GatedRepo", "Access to this dataset is restricted")
        blob = commit.files.get(path)
        if blob is None:
            raise _RefusalError(404, "EntryNotFound", "Entry not found")
        if not blob.lfs:
            status, headers, content = self._ranged(blob.content)
            return status, headers | {"X-Repo-Commit": commit.oid, "ETag": f'"{blob.git_sha1}"'}, content
        self.hub.objects.setdefault(blob.sha256, blob.content)
        headers = {
            "X-Repo-Commit": commit.oid,
            "X-Linked-ETag": f'"{blob.sha256}"',
            "X-Linked-Size": str(len(blob.content)),
            "Location": f"{self.hub.cdn}/_cdn/{blob.sha256}?signature={self.hub.signature}&name={quote(path)}",
        }
        return 302, headers, b""

    def _content(self, oid: str, query: dict[str, str], **_: Any) -> tuple[int, dict[str, str], Any]:
        if query.get("signature") != self.hub.signature or oid not in self.hub.objects:
            raise _RefusalError(403, "", "signature expired")
        status, headers, content = self._ranged(self.hub.objects[oid])
        return status, headers | {"ETag": f'"{oid}"'}, content

    def _ranged(self, content: bytes) -> tuple[int, dict[str, str], bytes]:
        size = len(content)
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            return 200, {"Accept-Ranges": "bytes"}, content
        start = int(asked[1]) if asked[1] else size - int(asked[2])
        end = min(int(asked[2]) + 1 if asked[1] and asked[2] else size, size)
        if start >= size:
            return 416, {"Content-Range": f"bytes */{size}"}, b""
        return 206, {"Content-Range": f"bytes {start}-{end - 1}/{size}"}, content[start:end]


def _parents(path: str) -> list[str]:
    steps = path.split("/")
    return ["/".join(steps[:n]) for n in range(1, len(steps))]

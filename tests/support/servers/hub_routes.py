"""The API of the loopback Hub: one method for each kind of request.

Requests and answers have the forms that huggingface_hub 2.4 sends and reads.
"""

import base64
import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from support.servers.hub_repository import Blob, Commit, Repository
from support.servers.hub_state import HubServer
from support.servers.loopback import QuietHandler

ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"
LARGEST_REGULAR = 10_000_000


class RefusalError(Exception):
    """An answer with an error status."""

    def __init__(self, status: int, code: str = "", message: str = "", body: Any = None) -> None:
        super().__init__(message)
        headers = {"X-Error-Code": code} if code else {}
        self.answer = status, headers | ({"X-Error-Message": message} if message else {}), body or {"error": message}


class HubRoutes(QuietHandler):
    """Carries out the requests of the API on ``hub``."""

    @property
    def hub(self) -> HubServer:
        """The state of the server."""
        return self.loopback

    def route(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        """Return the status, headers and body that answer a request; raises RefusalError."""
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
        raise RefusalError(404, "", "no such page")

    def _token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _may_write(self) -> None:
        if self._token() == self.hub.reader:
            raise RefusalError(403, "", "You don't have the rights to write here")
        if self._token() != self.hub.token:
            raise RefusalError(401, "", "Invalid credentials in Authorization header")

    def _repository(self, repo: str) -> Repository:
        repository = self.hub.repositories.get(repo)
        if repository is None or (repository.private and self._token() not in (self.hub.token, self.hub.reader)):
            raise RefusalError(401 if not self._token() else 404, "RepoNotFound", "Repository not found")
        return repository

    def _at(self, repo: str, revision: str) -> Commit:
        commit = self._repository(repo).at(revision)
        if commit is None:
            raise RefusalError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
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
            raise RefusalError(404, "EntryNotFound", f"{folder} does not exist on {revision}")
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
            raise RefusalError(400, "", "bad signature or content")
        self.hub.objects[oid] = body
        return 200, {"ETag": f'"{oid}"'}, {}

    def _verify(self, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        asked = json.loads(body)
        if len(self.hub.objects.get(asked["oid"], b"")) != asked["size"]:
            raise RefusalError(404, "", "object not uploaded")
        return 200, {}, {}

    def _commit(self, repo: str, revision: str, body: bytes, **_: Any) -> tuple[int, dict[str, str], Any]:
        self._may_write()
        lines = [json.loads(line) for line in body.splitlines()]
        header = lines[0]["value"]
        repository, head = self._repository(repo), self._at(repo, revision)
        if header.get("parentCommit", head.oid) != head.oid:
            raise RefusalError(412, "", "A commit has happened since. Please refresh and try again.")
        files = dict(head.files)
        for line in lines[1:]:
            kind, value = line["key"], line["value"]
            if kind == "file":
                files[value["path"]] = Blob(base64.b64decode(value["content"]), False)
            elif kind == "lfsFile":
                if value["oid"] not in self.hub.objects:
                    raise RefusalError(400, "", f"LFS pointer to {value['oid']}, which does not exist")
                files[value["path"]] = Blob(self.hub.objects[value["oid"]], True)
            elif kind == "deletedFile" and files.pop(value["path"], None) is None:
                raise RefusalError(404, "EntryNotFound", "A file with this name doesn't exist")
        commit = repository.commit(header["summary"], files)
        page = f"{self.hub.url}/datasets/{repo}/commit/{commit.oid}"
        return 200, {}, {"success": True, "commitOid": commit.oid, "commitUrl": page, "hookOutput": ""}

    def _tag(self, repo: str, revision: str, body: bytes, **_: Any) -> tuple[int, dict[str, str], Any]:
        self._may_write()
        repository, commit, name = self._repository(repo), self._at(repo, revision), json.loads(body)["tag"]
        if name in repository.tags:
            raise RefusalError(409, "", "Tag already exists")
        repository.tags[name] = commit.oid
        return 200, {}, {}

    def _resolve(self, repo: str, revision: str, path: str, **_: Any) -> tuple[int, dict[str, str], Any]:
        commit = self._at(repo, revision)
        if self._repository(repo).gated and self._token() != self.hub.token:
            raise RefusalError(403 if self._token() else 401, "GatedRepo", "Access to this dataset is restricted")
        blob = commit.files.get(path)
        if blob is None:
            raise RefusalError(404, "EntryNotFound", "Entry not found")
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
            raise RefusalError(403, "", "signature expired")
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

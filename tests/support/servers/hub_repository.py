"""Dataset repositories in memory, as the loopback Hub holds them: files, commits and tags."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Blob:
    """One file of a commit."""

    content: bytes
    lfs: bool

    @property
    def sha256(self) -> str:
        """The name of the content in LFS."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def git_sha1(self) -> str:
        """The name of the object in git: the content, or for LFS the pointer."""
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.content)}\n"
        stored = pointer.encode() if self.lfs else self.content
        return hashlib.sha1(b"blob %d\0" % len(stored) + stored).hexdigest()

    def info(self, path: str) -> dict[str, Any]:
        """Return the entry of the file in tree and paths-info."""
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
        name = json.dumps([parent, title, sorted((path, blob.git_sha1) for path, blob in files.items())])
        self.commits.append(Commit(hashlib.sha1(name.encode()).hexdigest(), title, files))
        return self.commits[-1]

    def at(self, revision: str) -> Commit | None:
        """Return the commit of a branch, tag or oid."""
        wanted = self.commits[-1].oid if revision == "main" else self.tags.get(revision, revision)
        return next((commit for commit in self.commits if commit.oid == wanted), None)

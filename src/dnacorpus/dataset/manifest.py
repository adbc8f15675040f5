"""What manifest.json says of a dataset's files: which there are, of what bytes, in which config, division and split."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.schemas.types import FORMAT_VERSION

MANIFEST = "manifest.json"
PULLED = "pull.json"
"""Beside a manifest: the dataset was pulled in part. {repo, commit, files: the paths of the manifest that are here}."""

ALWAYS = ("README.md", "ledger.parquet")
"""What comes with any part of a dataset: the rights, and the books."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a dataset; config, division and split are empty for those that are no shard."""

    path: str
    bytes: int
    sha256: str
    config: str = ""
    division: str = ""
    split: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest as it was read: its own bytes and the files it names, in its order."""

    content: bytes
    releases: tuple[str, ...]
    entries: tuple[Entry, ...]

    @property
    def entry(self) -> Entry:
        """The manifest's own entry, which it cannot hold itself."""
        return Entry(MANIFEST, len(self.content), hashlib.sha256(self.content).hexdigest())

    @property
    def tag(self) -> str:
        """The name of this state of the dataset: v, the release, and eight digits of the manifest's SHA-256."""
        return f"v{'+'.join(self.releases) or '0'}-{self.entry.sha256[:8]}"


def parse(content: bytes, where: str) -> Manifest:
    """Read a manifest; ``where`` says in errors whose it is.

    Raises CorpusError when it is not JSON of this format, or names a file that would lie outside the dataset.
    """
    try:
        manifest = json.loads(content)
    except ValueError as error:
        raise CorpusError(f"{where}: expected JSON, found: {error}; build or pull the dataset again") from error
    found = manifest.get("format") if isinstance(manifest, dict) else type(manifest).__name__
    if found != FORMAT_VERSION:
        raise CorpusError(f"{where}: expected format {FORMAT_VERSION}, found {found}; use the dnacorpus that wrote it")
    try:
        entries = tuple(_entry(file, where) for file in manifest["files"])
        releases = tuple(sorted({str(file["release"]) for file in manifest["inputs"]}))
    except (KeyError, TypeError) as error:
        raise CorpusError(
            f"{where}: expected files with path, bytes and sha256 and inputs with release, found none such"
            f" ({error!r}); use the dnacorpus that wrote it"
        ) from error
    return Manifest(content, releases, entries)


def read(dataset: Path) -> Manifest:
    """Read manifest.json of a folder; raises UsageError where there is none, CorpusError where it cannot be used."""
    path = dataset / MANIFEST
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(
            f"{path}: no manifest; a dataset folder is results/NAME/dataset of a finished build"
        ) from error
    return parse(content, str(path))


def select(manifest: Manifest, config: str | None, division: str | None, split: str | None) -> list[Entry]:
    """Return the files of a config, a division and a split, and those of `ALWAYS`; without any choice, all.

    Raises UsageError, naming what there is, for a value that no file has or a combination without files.
    """
    chosen = {"config": config, "division": division, "split": split}
    wanted = {name: value for name, value in chosen.items() if value is not None}
    if not wanted:
        return list(manifest.entries)
    shards = [entry for entry in manifest.entries if entry.config]
    for name, value in wanted.items():
        left = [entry for entry in shards if getattr(entry, name) == value]
        if not left:
            there = sorted({getattr(entry, name) for entry in shards})
            of = "".join(f", {other} {wanted[other]}" for other in list(wanted)[: list(wanted).index(name)])
            raise UsageError(f"--{name} {value}: expected one of {', '.join(there) or 'none'}{of}; choose one of them")
        shards = left
    return [entry for entry in manifest.entries if entry.path in ALWAYS] + shards


def problem(path: Path, entry: Entry) -> str:
    """Return how a file differs from what the manifest says, or an empty text; sizes are compared first."""
    if not path.is_file():
        return "missing"
    if path.stat().st_size != entry.bytes:
        return f"expected {entry.bytes} bytes, found {path.stat().st_size}"
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return "" if digest == entry.sha256 else f"expected sha256 {entry.sha256}, found {digest}"


def git_sha1(path: Path) -> str:
    """Return the name that git gives to a small file's content."""
    content = path.read_bytes()
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def _entry(file: dict[str, Any], where: str) -> Entry:
    path = PurePosixPath(str(file["path"]))
    # A manifest from elsewhere must not be able to write anywhere but into the dataset's own folder.
    unsafe = path.is_absolute() or not path.parts or path.parts[0].startswith(".") or "\\" in str(path)
    if unsafe or ".." in path.parts or str(path) != file["path"] or str(path) in (MANIFEST, PULLED):
        raise CorpusError(
            f"{where}: {file['path']!r}: expected a plain relative path, found another; do not use this dataset"
        )
    named = {name: str(file.get(name, "")) for name in ("config", "division", "split")}
    return Entry(str(path), int(file["bytes"]), str(file["sha256"]), **named)

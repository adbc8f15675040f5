"""Read manifest.json, which names every file of a dataset, and pull.json beside it; write manifest.json."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import pyarrow.parquet as pq

from dnacorpus import limits
from dnacorpus.bounded import file_content
from dnacorpus.dataset.manifest_form import (
    FILE_KEYS,
    MANIFEST,
    PULLED,
    SHARD_KEYS,
    manifest_document,
    pulled_document,
)
from dnacorpus.errors import UsageError
from dnacorpus.schemas.types import FORMAT_VERSION
from dnacorpus.storage.atomic import is_temporary, write_text
from dnacorpus.storage.digests import sha256
from dnacorpus.storage.lock import LOCK

STAGING = "pull"
"""The temporary folder of a pull is named after this path in the dataset folder."""
_ADDED_BY_HUB = {".gitattributes", ".cache", ".huggingface"}

ALWAYS = ("README.md", "ledger.parquet")
"""Files that come with every partial pull: the card, which states the licences, and the ledger."""


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One file of a dataset; ``config``, ``division`` and ``split`` are empty for files that are not shards.

    ``rows`` is None for files that are not Parquet, ``bases`` for files that are not shards.
    """

    path: str
    bytes: int
    sha256: str
    config: str = ""
    division: str = ""
    split: str = ""
    rows: int | None = None
    bases: int | None = None

    def document(self) -> dict[str, Any]:
        """Return the JSON object of ``files`` that `entry_of` reads back."""
        values = {name: getattr(self, name) for name in (*FILE_KEYS, *SHARD_KEYS)}
        return {name: value for name, value in values.items() if value not in ("", None)}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest as it was read: its bytes, its JSON object, and the files that it names, in its order."""

    content: bytes
    document: dict[str, Any]
    entries: tuple[ManifestEntry, ...]

    @property
    def entry(self) -> ManifestEntry:
        """The entry of the manifest itself, which a manifest cannot contain."""
        return ManifestEntry(MANIFEST, len(self.content), hashlib.sha256(self.content).hexdigest())

    @property
    def shards(self) -> tuple[ManifestEntry, ...]:
        """The entries of the files below ``data/``."""
        return tuple(entry for entry in self.entries if entry.config)

    @property
    def config(self) -> dict[str, Any]:
        """The config keys that shape the rows."""
        config: dict[str, Any] = self.document["config"]
        return config

    @property
    def versions(self) -> dict[str, str]:
        """Versions of the packages that wrote the dataset."""
        versions: dict[str, str] = self.document["versions"]
        return versions

    @property
    def ledger_totals(self) -> list[dict[str, Any]]:
        """The ledger's totals by unit, status and reason."""
        totals: list[dict[str, Any]] = self.document["ledger"]
        return totals

    @property
    def releases(self) -> list[str]:
        """Releases of the inputs, sorted, each once."""
        return sorted({str(file["release"]) for file in self.document["inputs"]})

    @property
    def tag(self) -> str:
        """The name of this version of the dataset: v, the releases, and eight digits of the manifest's SHA-256."""
        return f"v{'+'.join(self.releases) or '0'}-{self.entry.sha256[:8]}"


def parse(content: bytes, name: str) -> Manifest:
    """Parse a manifest; ``name`` identifies it in errors. Raises CorpusError as `manifest_form.manifest_document`."""
    document = manifest_document(content, name)
    return Manifest(content, document, tuple(map(entry_of, document["files"])))


def read(dataset: Path) -> Manifest:
    """Read manifest.json of a folder; raises UsageError if there is none, CorpusError as `parse` does."""
    path = dataset / MANIFEST
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: expected a file, found none; give a dataset folder")
    try:
        content = file_content(path, limits.JSON_BYTES)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            f"{path}: expected the manifest of a dataset, found no such file; give a dataset folder, which is"
            " results/NAME/dataset of a finished build or the destination of dnacorpus pull"
        ) from error
    return parse(content, str(path))


@dataclass(frozen=True, slots=True)
class Pulled:
    """The content of pull.json: the dataset's repository and commit, and the paths that were pulled."""

    repo: str
    commit: str
    files: tuple[str, ...]


def read_pulled(dataset: Path) -> Pulled | None:
    """Read pull.json, or return None if the folder has none; raises CorpusError if it cannot be used."""
    path = dataset / PULLED
    if not path.is_file():
        return None
    content = pulled_document(file_content(path, limits.JSON_BYTES), str(path))
    return Pulled(content["repo"], content["commit"], tuple(content["files"]))


def select(manifest: Manifest, config: str | None, division: str | None, split: str | None) -> list[ManifestEntry]:
    """Return the shards of a config, a division and a split together with `ALWAYS`, or all files if none is given.

    Raises UsageError, listing the choices, for a value that no shard has or a combination without shards.
    """
    choices = {"config": config, "division": division, "split": split}
    wanted = {name: value for name, value in choices.items() if value is not None}
    if not wanted:
        return list(manifest.entries)
    shards = list(manifest.shards)
    given = ""
    for name, value in wanted.items():
        matching = [entry for entry in shards if getattr(entry, name) == value]
        if not matching:
            known = sorted({getattr(entry, name) for entry in shards})
            raise UsageError(
                f"--{name} {value}: expected one of {', '.join(known) or 'none'}{given}; choose one of them"
            )
        shards = matching
        given += f", {name} {value}"
    return [entry for entry in manifest.entries if entry.path in ALWAYS] + shards


def problem(path: Path, entry: ManifestEntry) -> str:
    """Return how a file differs from its entry, or an empty text if it does not; sizes are compared first."""
    if not path.is_file():
        return "missing"
    if path.stat().st_size != entry.bytes:
        return f"expected {entry.bytes} bytes, found {path.stat().st_size}"
    digest = sha256(path)
    return "" if digest == entry.sha256 else f"expected sha256 {entry.sha256}, found {digest}"


def linked(dataset: Path, path: str) -> str:
    """Return the first folder or file of a path below ``dataset`` that is a symbolic link, or ""."""
    below = [*reversed(Path(path).parents), Path(path)]
    return next((str(place) for place in below if place.name and (dataset / place).is_symlink()), "")


def is_beside(path: PurePath) -> bool:
    """Return whether a path relative to a dataset folder is none of the dataset's.

    It then is a file of the Hub or its client, or the lock or a temporary file of a pull, which a killed one leaves.
    """
    first = path.parts[0]
    of_pull = first == LOCK or any(is_temporary(first, target) for target in (STAGING, PULLED))
    return of_pull or bool(_ADDED_BY_HUB & set(path.parts))


def git_sha1(path: Path) -> str:
    """Return the SHA-1 under which git stores a file's content."""
    content = path.read_bytes()
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def write(dataset: Path, document: Mapping[str, Any], shards: Iterable[ManifestEntry]) -> None:
    """Write manifest.json of a dataset folder whose other files are complete.

    ``document`` has the keys of a manifest but for ``files``; ``shards`` are the entries of the files below ``data/``.
    All other files of the folder are measured here.
    """
    described = {entry.path: entry for entry in shards}
    others = {path.relative_to(dataset).as_posix() for path in dataset.rglob("*") if path.is_file()} - described.keys()
    described |= {name: _measured(dataset, name) for name in others}
    files = [described[name].document() for name in sorted(described)]
    content = {"format": FORMAT_VERSION, **document, "files": files}
    write_text(dataset / MANIFEST, json.dumps(content, indent=1, sort_keys=True) + "\n")


def _measured(dataset: Path, name: str) -> ManifestEntry:
    """Return the entry of a file that is not a shard."""
    path = dataset / name
    rows = pq.ParquetFile(path).metadata.num_rows if path.suffix == ".parquet" else None
    return ManifestEntry(name, path.stat().st_size, sha256(path), rows=rows)


def entry_of(file: dict[str, Any]) -> ManifestEntry:
    """Return the entry of a JSON object of ``files``; raises KeyError if it lacks one of `FILE_KEYS`."""
    stated = {name: file[name] for name in SHARD_KEYS if name in file}
    return ManifestEntry(*(file[name] for name in FILE_KEYS), **stated)

"""The pull verb: download a published dataset, or part of it, and compare each file with the manifest."""

import contextlib
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dnacorpus import limits
from dnacorpus.dataset import manifest as manifests
from dnacorpus.dataset.hub import Hub
from dnacorpus.dataset.manifest import STAGING, Manifest, ManifestEntry
from dnacorpus.dataset.manifest_form import MANIFEST, PULLED
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.storage.atomic import temporary_directory, write_text
from dnacorpus.storage.lock import alone_in
from dnacorpus.storage.progress import Progress
from dnacorpus.storage.threads import threads

logger = logging.getLogger(__name__)

CONNECTIONS = 4
ATTEMPTS = 3
"""Downloads of a file whose bytes differ from those in the manifest."""


@dataclass(frozen=True, slots=True)
class PullResult:
    """The state of the folder: it has ``files`` of ``total`` files, ``downloaded`` of them by this call (``bytes``)."""

    repo: str
    commit: str
    files: int
    total: int
    downloaded: int
    bytes: int

    @property
    def partial(self) -> bool:
        """Return whether files of the dataset are missing from the folder."""
        return self.files < self.total


def pull(
    repo: str,
    dest: Path,
    *,
    config: str | None = None,
    division: str | None = None,
    split: str | None = None,
    revision: str | None = None,
) -> PullResult:
    """Download a dataset, or the files of a config, division and split, and return the state of the folder.

    The revision (default: the branch main) is resolved to a commit once. Files that already have the right bytes are
    not downloaded again, so another pull resumes, adds to a partial pull, or updates an older release, whose files are
    removed. The manifest is written last, with ``pull.json`` beside it while files are missing.
    Raises UsageError for an unknown config, division or split and for a folder with other files in it; CorpusError for
    a manifest that cannot be used; RemoteError if the network fails or the Hub serves other bytes than the manifest's.
    """
    hub = Hub(repo)
    commit = hub.head(revision).commit
    _expect_folder(dest)
    with alone_in(dest), _staging(dest) as staging:
        manifest = _manifest(hub, commit, staging)
        chosen = manifests.select(manifest, config, division, split)
        known = _files_of_earlier_pull(dest) | {entry.path for entry in manifest.entries}
        _expect_no_other_files(dest, known)
        missing = [entry for entry in chosen if manifests.problem(dest / entry.path, entry)]
        _download(hub, commit, missing, staging, dest)
        present = _present(dest, manifest, chosen)
        _remove(dest, known - set(present))
        _write_pulled(dest, repo, commit, manifest, present)
        os.replace(staging / MANIFEST, dest / MANIFEST)
    amount = sum(entry.bytes for entry in missing)
    return PullResult(repo, commit, len(present) + 1, len(manifest.entries) + 1, len(missing), amount)


def _expect_folder(dest: Path) -> None:
    if dest.exists() and not dest.is_dir():
        raise UsageError(f"{dest}: expected a folder, found a file; give another path")
    dest.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def _staging(dest: Path) -> Iterator[Path]:
    """Yield a temporary folder on the same disk, after removing those of killed pulls.

    Its name has the machine and the process, as on a disk without locks another pull may be writing.
    """
    with temporary_directory(dest / STAGING) as staging:
        yield staging


def _manifest(hub: Hub, commit: str, staging: Path) -> Manifest:
    """Return the manifest of a commit after comparing it with the Hub's own digest of the file."""
    name = f"{hub.repo}: {MANIFEST} at {commit[:8]}"
    stored = hub.file(MANIFEST, commit) if commit else None
    if stored is None:
        raise UsageError(f"{name}: expected one, found none; this repository is no dnacorpus dataset: check its name")
    if stored.bytes > limits.JSON_BYTES:
        raise RemoteError(f"{name}: {limits.JSON_BYTES.exceeded(stored.bytes)}; ask its owner to publish again")
    for attempt in range(ATTEMPTS):
        path = hub.download(MANIFEST, commit, staging, stored.bytes, again=attempt > 0)
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        if stored.equals(path, sha256):
            return manifests.parse(content, name)
        path.unlink()
    raise _wrong_bytes(hub, MANIFEST, "the bytes of its own list of files", f"sha256 {sha256}")


def _files_of_earlier_pull(dest: Path) -> set[str]:
    """Return the paths in the manifest of the folder, if it has one."""
    try:
        return {entry.path for entry in manifests.read(dest).entries}
    except UsageError:
        return set()
    except CorpusError as error:
        raise UsageError(f"{error}, or name an empty folder to pull into") from error


def _expect_no_other_files(dest: Path, known: set[str]) -> None:
    known = {*known, MANIFEST, PULLED}
    for path in sorted(path for path in dest.rglob("*") if path.is_symlink() or path.is_file()):
        relative = path.relative_to(dest)
        if manifests.is_beside(relative):
            continue
        if path.is_symlink():
            raise UsageError(
                f"{path}: expected a file or folder, found a symbolic link; remove it, or give another folder"
            )
        if relative.as_posix() not in known:
            raise UsageError(
                f"{path}: expected an empty folder or a pulled dataset, found this file; give another folder"
            )


def _download(hub: Hub, commit: str, missing: list[ManifestEntry], staging: Path, dest: Path) -> None:
    progress = Progress(f"{hub.repo}: receiving", len(missing), sum(entry.bytes for entry in missing))

    def one(entry: ManifestEntry) -> None:
        _receive(hub, commit, entry, staging, dest)
        progress.advance(1, entry.bytes)

    with threads(CONNECTIONS) as pool:
        for _ in pool.map(one, missing):
            pass


def _receive(hub: Hub, commit: str, entry: ManifestEntry, staging: Path, dest: Path) -> None:
    """Download one file and, if its bytes are the manifest's, move it to its final path."""
    for attempt in range(ATTEMPTS):
        downloaded = hub.download(entry.path, commit, staging, entry.bytes, again=attempt > 0)
        problem = manifests.problem(downloaded, entry)
        if not problem:
            target = dest / entry.path
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(downloaded, target)
            return
        downloaded.unlink()
        logger.warning("%s: %s: attempt %d: %s", hub.repo, entry.path, attempt + 1, problem)
    raise _wrong_bytes(hub, entry.path, "the manifest's bytes", problem)


def _wrong_bytes(hub: Hub, path: str, expected: str, found: str) -> RemoteError:
    return RemoteError(
        f"{hub.repo}: {path}: expected {expected}, found other bytes in {ATTEMPTS} downloads: {found};"
        f" run again, or ask its owner to publish again ({hub.url})"
    )


def _present(dest: Path, manifest: Manifest, chosen: list[ManifestEntry]) -> list[str]:
    """Return the files that were just downloaded or have the right bytes from an earlier pull."""
    checked = set(chosen)
    return [
        entry.path for entry in manifest.entries if entry in checked or not manifests.problem(dest / entry.path, entry)
    ]


def _remove(dest: Path, stale: set[str]) -> None:
    """Remove files of another release, and the folders that become empty."""
    for name in sorted(stale):
        path = dest / name
        if path.is_file():
            path.unlink()
            logger.info("%s: removed: a file of another release", path)
            for folder in path.parents:
                if folder == dest or any(folder.iterdir()):
                    break
                folder.rmdir()


def _write_pulled(dest: Path, repo: str, commit: str, manifest: Manifest, present: list[str]) -> None:
    if len(present) == len(manifest.entries):
        (dest / PULLED).unlink(missing_ok=True)
        return
    content = {"repo": repo, "commit": commit, "files": present}
    write_text(dest / PULLED, json.dumps(content, indent=1, sort_keys=True) + "\n")

"""The pull verb: a published dataset, or a part of it, into a folder, each file compared with the manifest."""

import contextlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from dnacorpus.dataset import manifest as manifests
from dnacorpus.dataset.hub import Hub
from dnacorpus.dataset.manifest import MANIFEST, PULLED, Entry, Manifest
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.storage.atomic import write_text
from dnacorpus.storage.progress import Progress

logger = logging.getLogger(__name__)

CONNECTIONS = 4
TRIES = 3
"""How often a file that arrives with other bytes than the manifest says is asked for."""
_ARRIVING = ".pull-"
_BESIDE = {".gitattributes", ".cache", ".huggingface"}


@dataclass(frozen=True, slots=True)
class PullResult:
    """What is in the folder now: ``files`` of the dataset's ``total``, ``downloaded`` of them this time."""

    repo: str
    commit: str
    files: int
    total: int
    downloaded: int
    bytes: int

    @property
    def partial(self) -> bool:
        """Whether files of the dataset are not here."""
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
    """Download a dataset, or the files of a config, division and split, and return what is in the folder now.

    The revision (default: the branch main) is resolved to a commit once. What is right already is not downloaded
    again, so that another pull goes on, adds to a part, or brings an older release up to date: files of the release
    that was here before go. The manifest is written last; beside it, ``pull.json`` as long as files are missing.
    Raises UsageError for an unknown choice or a folder with other things in it, CorpusError for a manifest that
    cannot be used, RemoteError when the network fails or the Hub serves other bytes than the manifest's.
    """
    hub = Hub(repo)
    commit = hub.head(revision).commit
    _expect_folder(dest)
    with _arriving(dest) as staging:
        manifest = _manifest(hub, commit, staging)
        chosen = manifests.select(manifest, config, division, split)
        earlier = _earlier(dest)
        _expect_ours(dest, {*earlier, *(entry.path for entry in manifest.entries)})
        missing = [entry for entry in chosen if manifests.problem(dest / entry.path, entry)]
        _download(hub, commit, missing, staging, dest)
        here = _present(dest, manifest, chosen)
        _tidy(dest, {*earlier, *(entry.path for entry in manifest.entries)} - set(here))
        _describe(dest, repo, commit, manifest, here)
        os.replace(staging / MANIFEST, dest / MANIFEST)
    amount = sum(entry.bytes for entry in missing)
    return PullResult(repo, commit, len(here) + 1, len(manifest.entries) + 1, len(missing), amount)


def _expect_folder(dest: Path) -> None:
    if dest.exists() and not dest.is_dir():
        raise UsageError(f"{dest}: expected a folder, found a file; name another")
    dest.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def _arriving(dest: Path) -> Iterator[Path]:
    """Give a folder on the same disk; what a killed pull left of its own is removed."""
    for orphan in sorted(dest.glob(f"{_ARRIVING}*")):
        shutil.rmtree(orphan, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_ARRIVING, dir=dest) as staging:
        yield Path(staging)


def _manifest(hub: Hub, commit: str, staging: Path) -> Manifest:
    """Return the commit's manifest, compared with what the Hub itself says of the file."""
    where = f"{hub.repo}: {MANIFEST} at {commit[:8]}"
    stored = hub.file(MANIFEST, commit) if commit else None
    if stored is None:
        raise UsageError(f"{where}: expected one, found none; this repository is no dnacorpus dataset: check its name")
    for attempt in range(TRIES):
        path = hub.download(MANIFEST, commit, staging, again=attempt > 0)
        content = path.read_bytes()
        manifest_entry = Manifest(content, (), ()).entry
        if stored.equals(path, manifest_entry.sha256):
            return manifests.parse(content, where)
        path.unlink()
    raise _other_bytes(hub, MANIFEST, "the bytes that its list of files promises", f"sha256 {manifest_entry.sha256}")


def _earlier(dest: Path) -> set[str]:
    """Return the files that the manifest of a former pull names."""
    try:
        return {entry.path for entry in manifests.read(dest).entries}
    except UsageError:
        return set()
    except CorpusError as error:
        raise UsageError(f"{error}, or name an empty folder to pull into") from error


def _expect_ours(dest: Path, ours: set[str]) -> None:
    known = {*ours, MANIFEST, PULLED}
    for path in sorted(path for path in dest.rglob("*") if path.is_file()):
        relative = path.relative_to(dest)
        if relative.parts[0].startswith(_ARRIVING) or _BESIDE & set(relative.parts):
            continue
        if relative.as_posix() not in known:
            raise UsageError(f"{path}: expected an empty folder or a pulled dataset, found this; name another folder")


def _download(hub: Hub, commit: str, missing: list[Entry], staging: Path, dest: Path) -> None:
    progress = Progress(f"{hub.repo}: receiving", len(missing), sum(entry.bytes for entry in missing))

    def one(entry: Entry) -> None:
        _receive(hub, commit, entry, staging, dest)
        progress.advance(1, entry.bytes)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for _ in pool.map(one, missing):
            pass


def _receive(hub: Hub, commit: str, entry: Entry, staging: Path, dest: Path) -> None:
    """Put one file under its final name, when its bytes are the manifest's."""
    for attempt in range(TRIES):
        arrived = hub.download(entry.path, commit, staging, again=attempt > 0)
        problem = manifests.problem(arrived, entry)
        if not problem:
            target = dest / entry.path
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(arrived, target)
            return
        arrived.unlink()
        logger.warning("%s: %s: attempt %d: %s", hub.repo, entry.path, attempt + 1, problem)
    raise _other_bytes(hub, entry.path, "the manifest's bytes", problem)


def _other_bytes(hub: Hub, path: str, expected: str, found: str) -> RemoteError:
    return RemoteError(
        f"{hub.repo}: {path}: {expected} expected, other ones served {TRIES} times: {found};"
        f" run again, or ask its owner to publish again ({hub.url})"
    )


def _present(dest: Path, manifest: Manifest, chosen: list[Entry]) -> list[str]:
    """Return the manifest's files that are here and right, whatever pull brought them."""
    right = set(chosen)
    return [
        entry.path for entry in manifest.entries if entry in right or not manifests.problem(dest / entry.path, entry)
    ]


def _tidy(dest: Path, stale: set[str]) -> None:
    """Remove files of another release, and the folders that are empty without them."""
    for name in sorted(stale):
        path = dest / name
        if path.is_file():
            path.unlink()
            logger.info("%s: of another release, removed", path)
            for folder in path.parents:
                if folder == dest or any(folder.iterdir()):
                    break
                folder.rmdir()


def _describe(dest: Path, repo: str, commit: str, manifest: Manifest, here: list[str]) -> None:
    if len(here) == len(manifest.entries):
        (dest / PULLED).unlink(missing_ok=True)
        return
    content = {"repo": repo, "commit": commit, "files": here}
    write_text(dest / PULLED, json.dumps(content, indent=1, sort_keys=True) + "\n")

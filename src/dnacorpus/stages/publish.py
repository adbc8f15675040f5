"""The publish stage: the files of the manifest, in one commit to the Hugging Face Hub, compared there and tagged.

In: a dataset folder. Out: a commit and a tag on the Hub. Memory: the manifest and the list of the files on the Hub.
"""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dnacorpus.dataset import manifest as manifests
from dnacorpus.dataset.hub import BranchMovedError, Hub, Stored
from dnacorpus.dataset.manifest import Manifest, ManifestEntry
from dnacorpus.dataset.manifest_form import MANIFEST
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.storage import ledger
from dnacorpus.storage.progress import Progress

logger = logging.getLogger(__name__)

OF_THE_HUB = {".gitattributes", "README.md", "LICENSE"}
"""The files that the Hub itself puts into a new repository."""
BATCH_FILES = 32
BATCH_BYTES = 1 << 30
"""How much is sent between two lines of progress; the Hub counts requests, so not file by file."""


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What was done; ``commit`` is the state that now equals the dataset, ``tag`` its name."""

    repo: str
    url: str
    commit: str
    tag: str
    files: int
    changed: int
    deleted: int

    @property
    def unchanged(self) -> bool:
        """Whether the Hub held the dataset already, so that no commit was made."""
        return not self.changed and not self.deleted


def run(
    dataset: Path, repo: str, *, tag: str | None = None, private: bool = False, incomplete: bool = False
) -> PublishResult:
    """Publish a dataset folder and return what was done; an interrupted run is resumed by running it again.

    Exactly what manifest.json names and the manifest itself; files that only the manifest there names are deleted
    in the same commit, other files are left alone. ``tag`` is by default `Manifest.tag`.
    Raises CorpusError when the folder does not match its manifest, or lacks parts whose files were damaged (unless
    ``incomplete``); UsageError without a token, for a tag of another commit or a repository that holds something
    else; RemoteError for the rest, BranchMovedError among it.
    """
    release = Release(dataset, manifests.read(dataset))
    _expect_whole(release, incomplete)
    hub = Hub(repo)
    hub.require_login()
    head = hub.create(private)
    there = hub.files(head.commit)
    change = Change(head.commit, release.differences(there), _stale(hub, head.commit, there, release))
    name = tag or release.manifest.tag
    tags = hub.tags()
    if tags.get(name, "") not in ("", "" if change else head.commit):
        _expect_same(hub, release, name, tags[name])
    commit = _commit(hub, release, change) if change else head.commit
    if name not in tags:
        hub.tag(name, commit)
    return PublishResult(repo, hub.url, commit, name, len(release.files), len(change.fresh), len(change.stale))


@dataclass(frozen=True, slots=True)
class Release:
    """A dataset folder and its manifest."""

    dataset: Path
    manifest: Manifest

    @property
    def files(self) -> list[ManifestEntry]:
        """All files, the manifest itself last."""
        return [*self.manifest.entries, self.manifest.entry]

    def differences(self, there: dict[str, Stored]) -> list[ManifestEntry]:
        """Return the files that the Hub lacks or holds with other bytes, in order."""
        return [
            file
            for file in self.files
            if file.path not in there or not there[file.path].equals(self.dataset / file.path, file.sha256)
        ]


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit on top of ``parent`` adds or replaces, and what it deletes; false when nothing."""

    parent: str
    fresh: list[ManifestEntry]
    stale: list[str]

    def __bool__(self) -> bool:
        return bool(self.fresh or self.stale)


def batches(files: list[ManifestEntry]) -> Iterator[list[ManifestEntry]]:
    """Yield the files in order, at most `BATCH_FILES` and, but for a larger one alone, `BATCH_BYTES` at a time."""
    batch: list[ManifestEntry] = []
    for file in files:
        if batch and (len(batch) == BATCH_FILES or sum(other.bytes for other in batch) + file.bytes > BATCH_BYTES):
            yield batch
            batch = []
        batch.append(file)
    if batch:
        yield batch


def _expect_whole(release: Release, incomplete: bool) -> None:
    dataset = release.dataset
    if link := next(filter(None, (manifests.linked(dataset, file.path) for file in release.files)), ""):
        raise CorpusError(f"{dataset / link}: expected a file of the dataset, found a symbolic link; copy it there")
    problems = ((file.path, manifests.problem(dataset / file.path, file)) for file in release.manifest.entries)
    if wrong := [(path, problem) for path, problem in problems if problem]:
        path, problem = wrong[0]
        raise CorpusError(f"{dataset / path}: {problem}{_more(wrong)}; build the dataset again before publishing it")
    damaged = ledger.unreadable(ledger.read(dataset / "ledger.parquet"))
    if damaged and not incomplete:
        division, part, detail = damaged[0]
        raise CorpusError(
            f"{dataset}: expected all parts, found {division}/{part} without its records: {detail}{_more(damaged)};"
            " build again when the file is whole, or publish what there is with --incomplete"
        )


def _more(problems: Sequence[object]) -> str:
    return f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""


def _stale(hub: Hub, commit: str, there: dict[str, Stored], release: Release) -> list[str]:
    """Return the files that an earlier release left on the Hub and this one does not name."""
    others = sorted(set(there) - {file.path for file in release.files})
    if MANIFEST not in there:
        if foreign := sorted(set(others) - OF_THE_HUB):
            raise UsageError(
                f"{hub.repo}: expected an empty repository or a dnacorpus dataset, found {foreign[0]} and no"
                f" {MANIFEST}; publish under another name"
            )
        return []
    if not set(others) - OF_THE_HUB:
        return []
    with tempfile.TemporaryDirectory() as folder:
        downloaded = hub.download(MANIFEST, commit, Path(folder), there[MANIFEST].bytes)
        earlier = {entry.path for entry in manifests.read(downloaded.parent).entries}
    for path in others:
        if path not in earlier | OF_THE_HUB:
            logger.info("%s: %s is no file of a dataset and is left as it is", hub.repo, path)
    return [path for path in others if path in earlier]


def _expect_same(hub: Hub, release: Release, name: str, commit: str) -> None:
    """Refuse, before anything is sent, a tag of a commit with other files."""
    if release.differences(hub.files(commit)):
        raise UsageError(
            f"{hub.repo}: tag {name}: expected to be free, found at commit {commit[:8]} with other files;"
            " choose another --tag"
        )


def _commit(hub: Hub, release: Release, change: Change) -> str:
    """Send the new files, make one commit, and return it once the Hub has the files of the manifest."""
    additions = []
    progress = Progress(f"{hub.repo}: sending", len(change.fresh), sum(file.bytes for file in change.fresh))
    for batch in batches(change.fresh):
        additions += hub.send([(file.path, release.dataset / file.path, file.sha256) for file in batch])
        progress.advance(len(batch), sum(file.bytes for file in batch))
    manifest = release.manifest
    message = f"RefSeq release {', '.join(manifest.releases)}: {len(release.files)} files, {manifest.tag}"
    try:
        commit = hub.commit(additions, change.stale, message, change.parent)
    except BranchMovedError:
        # Our own commit may have been made and only its answer lost.
        commit = hub.head().commit
        if _wrong(hub, release, change, commit):
            raise
        return commit
    if wrong := _wrong(hub, release, change, commit):
        raise RemoteError(
            f"{hub.repo}: commit {commit[:8]}: expected the manifest's bytes, found {wrong[0]} different{_more(wrong)};"
            " it is not tagged: do not use it, and publish again"
        )
    return commit


def _wrong(hub: Hub, release: Release, change: Change, commit: str) -> list[str]:
    """Return the files of a commit that are not as they should be."""
    there = hub.files(commit)
    return [file.path for file in release.differences(there)] + sorted(set(change.stale) & set(there))

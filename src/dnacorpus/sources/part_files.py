"""Fetches and verifies the files of one part, and describes them in ``part.json``.

A file that stays wrong is left out and listed there as unreadable: it costs the part, not the run. If the network fails
or the release changes, the job ends; downloads resume where they stopped.
"""

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.formats.sniff import GZIP_MAGIC
from dnacorpus.sources.http import POLICY, Policy, redacted
from dnacorpus.sources.local import labels_of
from dnacorpus.sources.mirror import FileSource, LocalFiles, Mirror, opened
from dnacorpus.sources.release import accession_in, md5_list_name
from dnacorpus.sources.resumable import Advance, Partial, Partials
from dnacorpus.storage.atomic import whole_directory, write_text
from dnacorpus.storage.catalog import NUCCORE, origin, parts_of, read_parts
from dnacorpus.storage.progress import Progress

Nuccore = Callable[[Sequence[str], Path], list[str]]
"""Writes the flat file of these accessions to a path, and returns the accessions that do not exist."""
Successor = Callable[[str], str | None]
"""Returns the accession that replaced an assembly or record, or None."""

_TRIES = 2


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """One file as in ``part.json``; bytes and md5 are those of the fetched file, None if there is none."""

    file: str
    kind: str
    bytes: int | None
    md5: str | None
    status: str  # ok | unreadable | gone
    detail: str


def fetch_part(
    mirror: str,
    catalog: Path,
    part: str,
    out: Path,
    policy: Policy = POLICY,
    *,
    pinned: bool = False,
    nuccore: Nuccore | None = None,
    successor: Successor | None = None,
) -> None:
    """Write the folder ``out`` with the files of one part of a catalog, and ``part.json``.

    Files of a directory are linked by absolute path, those behind HTTP are downloaded up to the size that the catalog
    states, and records of nuccore are requested from ``nuccore``. Each file is checked by its MD5, or by its first
    bytes and size if the catalog has no MD5. ``part.json`` is {division, part, release, files: [`FetchedFile`]}, and
    for local files also {labels: {file: label}}, those of `labels_of`. The status of a file that is left out is
    ``unreadable`` if it is wrong twice or missing from the release, and ``gone`` if it is missing elsewhere or the
    catalog is ``pinned``; ``successor`` looks up the accession that replaced it.
    Raises UsageError for a part that is not in the catalog, CorpusError for a damaged catalog, RemoteError if the
    network fails or the mirror has another release than the catalog.
    """
    rows, labels = _rows_of_part(catalog, part)
    partials = Partials(out)
    downloads: dict[str, Partial] = {}
    files: list[FetchedFile] = []
    with _Sources(mirror, policy, rows, nuccore) as sources, whole_directory(out) as workspace:
        sources.expect_release()
        progress = Progress(part, len(rows), sum(int(row["bytes"] or 0) for row in rows))
        for row in rows:
            partial = partials.file(row["file"], sources.where(row))
            fetched, absent = _fetch_file(sources, row, partial, progress)
            if fetched is None and (pinned or origin(row) != "mirror"):
                fetched = _tombstone(row["file"], row, successor)
            downloads[row["file"]] = partial
            files += [fetched or _missing(row), *(_tombstone(accession, row, successor) for accession in absent)]
            progress.advance(1, 0)
        sources.expect_release()
        for file in files:
            if file.status == "ok":
                downloads[file.file].move(workspace / file.file)
        _describe(workspace / "part.json", rows[0], files, labels)
    partials.remove()


def _rows_of_part(catalog: Path, part: str) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Return the rows of a part, and the labels of its local files by their names."""
    catalog_rows = read_parts(catalog)
    parts = parts_of(catalog_rows)
    if part not in parts:
        some = ", ".join(list(parts)[:5])
        raise UsageError(
            f"part {part!r}: expected one of the {len(parts)} parts of {catalog} ({some} ...), found none;"
            " correct it, or run `dnacorpus catalog` again"
        )
    rows = parts[part]
    for column, number, what in (("file", len(rows), "names"), ("division", 1, "division")):
        values = {row[column] for row in rows}
        if len(values) != number:
            raise CorpusError(
                f"{catalog}: part {part}: expected {number} {what}, found {', '.join(sorted(values))};"
                " remove it and run `dnacorpus catalog` again"
            )
    labels = labels_of(catalog_rows)
    return rows, {row["file"]: labels[row["url"]] for row in rows if row["url"] in labels}


class _Sources:
    """The sources of a part's files, each opened when it is first needed."""

    def __init__(self, mirror: str, policy: Policy, rows: list[dict[str, str]], nuccore: Nuccore | None) -> None:
        self._mirror, self._policy, self._nuccore = mirror, policy, nuccore
        self._stack = contextlib.ExitStack()
        self._opened: dict[str, Mirror] = {}
        self._releases = sorted({row["release"] for row in rows if origin(row) == "mirror"})
        if nuccore is None and any(origin(row) == "nuccore" for row in rows):
            raise UsageError(
                f"part {rows[0]['part']}: expected access to nuccore for its accessions, found none; give `nuccore`"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def expect_release(self) -> None:
        """Raise RemoteError if the part needs the mirror and it has another release than the catalog."""
        for release in self._releases:
            source = self._open("mirror", self._mirror)
            found = source.release()
            if found != release:
                raise RemoteError(
                    f"{source.where('RELEASE_NUMBER')}: release changed: expected {release} by the catalog,"
                    f" found {found}; a mirror keeps the current release only: build {found} under another `name`,"
                    f" or set `mirror` to a copy of {release}"
                )

    def where(self, row: dict[str, str]) -> str:
        """Return the full path or URL of a file, without secrets."""
        return row["url"] if origin(row) == "nuccore" else self._of(row).where(row["url"])

    def retrieve(self, row: dict[str, str], target: Partial, advance: Advance) -> tuple[bool, list[str]]:
        """Fetch a file to ``target``; return whether it exists, and the accessions in it that do not exist."""
        if origin(row) != "nuccore" or self._nuccore is None:
            return self._of(row).retrieve(row["url"], target, advance, _stated(row)), []
        accessions = row["url"].removeprefix(NUCCORE).split(",")
        target.discard()
        absent = set(self._nuccore(accessions, target.path))
        if absent.issuperset(accessions):
            return False, accessions
        target.measure()
        advance(target.received)
        return True, [accession for accession in accessions if accession in absent]

    def _of(self, row: dict[str, str]) -> FileSource:
        kind = origin(row)
        if kind == "local":
            return LocalFiles()
        return self._open(kind, self._mirror if kind == "mirror" else row["url"])

    def _open(self, kind: str, location: str) -> Mirror:
        if kind not in self._opened:
            self._opened[kind] = self._stack.enter_context(opened(location, self._policy))
        return self._opened[kind]


def _fetch_file(
    sources: _Sources, row: dict[str, str], partial: Partial, progress: Progress
) -> tuple[FetchedFile | None, list[str]]:
    """Return the file after at most two tries, or None if it does not exist, and its accessions that do not exist."""
    fetched: FetchedFile | None = None
    absent: list[str] = []
    if _is_longer(row, partial.received):
        partial.discard()
    if partial.received:
        progress.resume(row["file"], partial.received)
    for _ in range(_TRIES):
        fetched, absent = _download(sources, row, partial, progress)
        if fetched is not None and fetched.status == "ok":
            break
        progress.advance(0, -partial.received)
        partial.discard()
        # The most common cause of a wrong MD5 is that the mirror has moved to the next release.
        sources.expect_release()
    return fetched, absent


def _download(
    sources: _Sources, row: dict[str, str], partial: Partial, progress: Progress
) -> tuple[FetchedFile | None, list[str]]:
    exists = True
    absent: list[str] = []
    if not (row["md5"] and partial.received and partial.md5 == row["md5"]):
        exists, absent = sources.retrieve(row, partial, lambda amount: progress.advance(0, amount))
    if not exists:
        return None, absent
    if _is_longer(row, partial.received) and not partial.path.is_symlink():
        # Its bytes and MD5 are not recorded: how many arrive beyond the size differs between runs.
        detail = f"size: expected {row['bytes']} bytes by the catalog, found more"
        return FetchedFile(row["file"], row["kind"], None, None, "unreadable", detail), absent
    damage = _verify(row, partial.received, partial.md5, partial.head)
    status = "unreadable" if damage else "ok"
    return FetchedFile(row["file"], row["kind"], partial.received, partial.md5, status, damage), absent


def _verify(row: dict[str, str], size: int, md5: str, head: bytes) -> str:
    """Return how a file differs from its catalog row, or "" if it does not."""
    if row["md5"]:
        source = Path(md5_list_name(row["release"])).name if origin(row) == "mirror" else "the catalog"
        return "" if md5 == row["md5"] else f"MD5: expected {row['md5']} by {source}, found {md5}"
    if row["file"].endswith(".gz") and head != GZIP_MAGIC:
        return f"gzip: expected the first bytes 1f8b, found {head.hex() or 'none'}"
    if row["bytes"] and size != int(row["bytes"]):
        return f"size: expected {row['bytes']} bytes by the catalog, found {size}"
    return ""


def _stated(row: dict[str, str]) -> int | None:
    return int(row["bytes"]) if row["bytes"] else None


def _is_longer(row: dict[str, str], size: int) -> bool:
    stated = _stated(row)
    return stated is not None and size > stated


def _missing(row: dict[str, str]) -> FetchedFile:
    detail = "file: expected in the mirror, found none"
    return FetchedFile(row["file"], row["kind"], None, None, "unreadable", detail)


def _tombstone(name: str, row: dict[str, str], successor: Successor | None) -> FetchedFile:
    """Return the entry of a file or accession that is gone, with its source and the accession that replaced it."""
    # No local path: the same sources must give the same text on any machine.
    where = {"mirror": f"release {row['release']}", "local": "its folder", "nuccore": "nuccore"}
    detail = f"gone from {where.get(origin(row)) or redacted(row['url'])}"
    accession = accession_in(name)
    replacement = successor(accession) if successor and accession else None
    if replacement:
        detail += f"; replaced by {replacement}"
    return FetchedFile(name, row["kind"], None, None, "gone", detail)


def _describe(path: Path, row: dict[str, str], files: list[FetchedFile], labels: dict[str, str]) -> None:
    content: dict[str, Any] = {name: row[name] for name in ("division", "part", "release")}
    content["files"] = [asdict(file) for file in files]
    if labels:
        content["labels"] = labels
    write_text(path, json.dumps(content, indent=1, sort_keys=True) + "\n")  # replaces a link, never follows it

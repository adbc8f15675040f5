"""The files of one part, verified: decide, download, verify, move, each a function of its own.

A file that cannot be made right is left out and said so in ``part.json``: it costs the part, not the run.
A network that fails, or a release that changes meanwhile, ends the job instead.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.files import whole_directory
from dnacorpus.mirror import Advance, Mirror, opened
from dnacorpus.release import md5_list_name, parts_of, read_parts
from dnacorpus.remote import POLICY, Policy

_GZIP = b"\x1f\x8b"
_TRIES = 2


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """One file as ``part.json`` describes it; bytes and md5 are those found, None where nothing was."""

    file: str
    kind: str
    bytes: int | None
    md5: str | None
    status: str  # ok | unreadable
    detail: str


def fetch(mirror: str, catalog: Path, part: str, out: Path, policy: Policy = POLICY) -> None:
    """Make the folder ``out`` with the files of one part of a catalogue, and ``part.json``.

    Files of a directory are linked by absolute path, those behind HTTP downloaded. Each is checked by MD5, or
    by its first bytes and size where the catalogue has no MD5. A file that is missing, or wrong twice, is not
    there and has status ``unreadable`` in ``part.json``: {division, part, release, files: [`FetchedFile`]}.
    Raises UsageError for a part that the catalogue does not have, CorpusError for a damaged catalogue,
    RemoteError when the network fails or the mirror's release is not the catalogue's.
    """
    rows = _decide(catalog, part)
    release = rows[0]["release"]
    known = sum(int(row["bytes"] or 0) for row in rows)
    with (
        opened(mirror, policy) as source,
        whole_directory(out) as workspace,
        tqdm(desc=part, total=known, unit="B", unit_scale=True, disable=None) as progress,
    ):
        _expect_release(source, release)
        files = [_obtain(source, row, workspace, progress.update) for row in rows]
        _expect_release(source, release)
        _describe(workspace / "part.json", rows[0]["division"], part, release, files)


def _decide(catalog: Path, part: str) -> list[dict[str, str]]:
    parts = parts_of(read_parts(catalog))
    if part not in parts:
        some = ", ".join(list(parts)[:5])
        raise UsageError(
            f"part {part!r}: expected one of the {len(parts)} parts of {catalog} ({some} ...), found none such;"
            " correct it, or run `dnacorpus catalog` again"
        )
    return parts[part]


def _obtain(source: Mirror, row: dict[str, str], workspace: Path, advance: Advance) -> FetchedFile:
    """Return the file, right or given up, after a second try where the first was wrong."""
    for _ in range(_TRIES):
        found = _download(source, row, workspace, advance)
        if found.status == "ok":
            return found
        # The commonest cause of a wrong MD5 is that the next release has taken this one's place.
        _expect_release(source, row["release"])
    return found


def _download(source: Mirror, row: dict[str, str], workspace: Path, advance: Advance) -> FetchedFile:
    arriving, final = workspace / f"{row['file']}.part", workspace / row["file"]
    if not source.retrieve(row["url"], arriving, advance):
        return FetchedFile(
            row["file"], row["kind"], None, None, "unreadable", "file: expected in the mirror, found none"
        )
    size, md5, head = _measure(arriving)
    damage = _verify(row, size, md5, head)
    if damage:
        arriving.unlink()
        advance(-size)
        return FetchedFile(row["file"], row["kind"], size, md5, "unreadable", damage)
    arriving.rename(final)
    return FetchedFile(row["file"], row["kind"], size, md5, "ok", "")


def _measure(path: Path) -> tuple[int, str, bytes]:
    try:
        with path.open("rb") as file:
            head = file.read(len(_GZIP))
            file.seek(0)
            md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
            return file.tell(), md5.hexdigest(), head
    except OSError as error:
        # A disk or a permission, not the data: another run may well read it.
        raise CorpusError(
            f"{path.resolve()}: expected a legible file, found: {error}; mend that and run again"
        ) from error


def _verify(row: dict[str, str], size: int, md5: str, head: bytes) -> str:
    """Return what is wrong with a file, or an empty text."""
    if row["md5"]:
        source = Path(md5_list_name(row["release"])).name
        return "" if md5 == row["md5"] else f"MD5: expected {row['md5']} by {source}, found {md5}"
    if head != _GZIP:
        return f"gzip: expected the first bytes 1f8b, found {head.hex() or 'none'}"
    if row["bytes"] and size != int(row["bytes"]):
        return f"size: expected {row['bytes']} bytes by the catalogue, found {size}"
    return ""


def _expect_release(source: Mirror, release: str) -> None:
    found = source.release()
    if found != release:
        raise RemoteError(
            f"{source.where('RELEASE_NUMBER')}: release changed under us: expected {release} by the catalogue,"
            f" found {found}; a mirror keeps the current release only: build {found} under another `name`,"
            f" or point `mirror` at a copy of {release}"
        )


def _describe(path: Path, division: str, part: str, release: str, files: list[FetchedFile]) -> None:
    content = {"division": division, "part": part, "release": release, "files": [asdict(file) for file in files]}
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")

"""The catalog of a division of a release: its files, in parts and shard groups."""

import logging
from collections.abc import Collection
from pathlib import Path

from dnacorpus.bounded import file_content, file_text
from dnacorpus.divisions import DIVISIONS
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.sources.http import POLICY, Policy
from dnacorpus.sources.mirror import Mirror, opened
from dnacorpus.sources.release import (
    GenomicFile,
    fill_groups,
    genomic_files,
    md5_list_name,
    md5_sums,
    misnamed,
    part_bytes,
    wgs_masters,
)
from dnacorpus.storage.atomic import whole_file, write_text
from dnacorpus.storage.catalog import COLUMNS, origin, read_parts
from dnacorpus.storage.names import shown
from dnacorpus.storage.progress import Progress

logger = logging.getLogger(__name__)
_SHOWN = 5


def write_catalog(mirror: str, division: str, out: Path, group_bytes: int, policy: Policy = POLICY) -> None:
    """Write the catalog of one division of a mirror (a directory or a URL) to ``out``.

    The format is that of `storage.catalog.read_parts`, with one line per genomic file, sorted by part number, kind and
    FASTA split. Consecutive parts share a group up to ``group_bytes`` compressed bytes of flat files. Names and MD5
    come from ``release-catalog/release<N>.files.installed``; without that list names come from the folder's listing
    and MD5 are empty. A listed file that does not exist keeps its line, with ``bytes`` empty. Genomic files of the
    folder that are not on the list, as an unfinished update leaves them, are left out with a warning.
    Raises UsageError for an unknown division or a directory without a release, CorpusError for a division without
    files or an unreadable MD5 list, RemoteError for a server that fails or changes its release.
    """
    if division not in DIVISIONS:
        raise UsageError(f"division {division!r}: expected one of {', '.join(DIVISIONS)}; correct `divisions`")
    if group_bytes < 1:
        raise UsageError(f"group bytes {group_bytes}: expected at least 1")
    with opened(mirror, policy) as source:
        release = source.release()
        sums = _sums(source, release, division)
        files = _files(source, sums, division)
        sizes = _sizes(source, division, files)
        if source.release() != release:
            raise RemoteError(
                f"{source.where('RELEASE_NUMBER')}: release changed: expected {release} to the end of the"
                " listing, found another; run again"
            )
    if all(size is None for size in sizes.values()):
        raise CorpusError(
            f"{source.where(division)}: expected {len(files)} files by {md5_list_name(release)}, found none of them;"
            " drop the division or complete the mirror"
        )
    write_text(out, _render(release, files, sizes, sums, group_bytes))


def copy_catalog(mirror: str, division: str, out: Path, pinned: Path, policy: Policy = POLICY) -> None:
    """Copy the catalog of a division from ``pinned``, the catalog folder of an earlier build, unchanged to ``out``.

    Raises UsageError for a folder without the division, CorpusError for a catalog that is damaged or of another
    division, RemoteError for a server that fails or has another release than the catalog.
    """
    pinned = pinned / f"{division}.tsv"
    if not pinned.is_file():
        raise UsageError(
            f"{pinned}: expected the pinned catalog of {division}, found no such file;"
            " correct `catalog`, or drop the division"
        )
    content = file_content(pinned)
    rows = read_parts(pinned)
    for row in rows:
        if row["division"] != division:
            raise CorpusError(
                f"{pinned}: expected files of {division}, found {row['file']} of {row['division']};"
                " take the catalog of that division as it was written"
            )
    without_md5 = sum(not row["md5"] for row in rows)
    if without_md5:
        logger.warning("%s: %d of %d files have no MD5, so changed content would not be noticed",
            pinned, without_md5, len(rows))  # fmt: skip
    releases = sorted({row["release"] for row in rows if origin(row) == "mirror"})
    if releases:
        with opened(mirror, policy) as source:
            found = source.release()
            if [found] != releases:
                raise RemoteError(
                    f"{source.where('RELEASE_NUMBER')}: release changed: expected {' and '.join(releases)} by {pinned},"
                    f" found {found}; set `mirror` to a copy of release {releases[0]}, or drop `catalog:` to build"
                    f" {found}"
                )
            exists = any(source.size(row["url"]) is not None for row in rows if origin(row) == "mirror")
            if not exists:
                raise CorpusError(
                    f"{source.where(division)}: expected the {len(rows)} files of {pinned}, found none of them;"
                    " complete the mirror, or drop the division"
                )
    for suffix in (".gone.tsv", ".pubmed.tsv"):  # the tables beside a custom division's catalog
        if pinned.with_suffix(suffix).is_file():
            write_text(out.with_suffix(suffix), file_text(pinned.with_suffix(suffix)))
        else:
            out.with_suffix(suffix).unlink(missing_ok=True)  # left by another catalog
    with whole_file(out) as path:
        path.write_bytes(content)


def _sizes(source: Mirror, division: str, files: list[GenomicFile]) -> dict[str, int | None]:
    progress = Progress(f"{division}: sizes", len(files), None)
    sizes = {}
    for file in files:
        sizes[file.name] = source.size(file.url)
        progress.advance(1, 0)
    return sizes


def _sums(source: Mirror, release: str, division: str) -> dict[str, str]:
    """Return file name -> MD5, which is "" if there is only the folder's listing."""
    name = md5_list_name(release)
    text = source.text(name)
    if text is not None:
        sums = md5_sums(text, source.where(name))
        unlisted = [file.name for file in genomic_files(source.names(division), division) if file.name not in sums]
        if unlisted:
            logger.warning(
                "%s: %d genomic file(s) of %s are not on this list and are left out: %s%s; if the release is being"
                " updated, run again later",
                source.where(name), len(unlisted), source.where(division), ", ".join(map(shown, unlisted[:_SHOWN])),
                " ..." * (len(unlisted) > _SHOWN),
            )  # fmt: skip
        return sums
    logger.warning(
        "%s: no such list; file names of %s come from the listing of %s, and the files cannot be checked by MD5",
        source.where(name), division, source.where(division),
    )  # fmt: skip
    return dict.fromkeys(source.names(division), "")


def _files(source: Mirror, names: Collection[str], division: str) -> list[GenomicFile]:
    for name in wgs_masters(names, division):
        logger.info("%s: skipped: WGS master records are annotation without sequence", shown(name))
    for name in misnamed(names, division):
        logger.warning("%s: left out: expected %s.<n>.genomic.gbff.gz or the like", shown(name), division)
    files = genomic_files(names, division)
    if not files:
        raise CorpusError(
            f"{source.where(division)}: expected files such as {division}.1.genomic.gbff.gz, found none;"
            " drop the division or complete the mirror"
        )
    return files


def _render(
    release: str, files: list[GenomicFile], sizes: dict[str, int | None], sums: dict[str, str], group_bytes: int
) -> str:
    parts: dict[str, list[tuple[str, int | None]]] = {}
    for file in files:
        parts.setdefault(file.part, []).append((file.kind, sizes[file.name]))
    weights = [part_bytes(members) for members in parts.values()]
    groups = dict(zip(parts, fill_groups(weights, group_bytes), strict=True))
    lines = ["\t".join(COLUMNS)]
    for file in files:
        size = sizes[file.name]
        weight = "" if size is None else str(size)
        values = (
            release,
            file.division,
            file.part,
            groups[file.part],
            file.kind,
            file.name,
            file.url,
            weight,
            sums[file.name],
        )
        lines.append("\t".join(values))
    return "\n".join(lines) + "\n"

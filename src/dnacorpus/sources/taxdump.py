"""Fetches and verifies NCBI's taxdump, and compiles it into sorted tables for lookups."""

import hashlib
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl

from dnacorpus import limits
from dnacorpus.bounded import JsonError, file_content, file_json
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.formats.taxonomy.lookup import NAMES_FILE, TAXA_FILE
from dnacorpus.formats.taxonomy.taxdump import (
    FILES,
    OPTIONAL,
    Taxdump,
    compile_names,
    compile_taxa,
    expect_ncbi_taxids,
    read_dmp,
    with_clean_names,
)
from dnacorpus.limits import within_memory
from dnacorpus.schemas.parts import TAXA, TAXA_NAMES
from dnacorpus.sources.http import POLICY, Policy, redacted
from dnacorpus.sources.mirror import Mirror, opened
from dnacorpus.sources.taxdump_archive import AGAIN, members
from dnacorpus.storage.atomic import whole_directory, write_text
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.progress import Progress

_MD5 = re.compile(r"([0-9A-Fa-f]{32})(\s|$)")

ARCHIVE = "new_taxdump.tar.gz"
IN_MIRROR = f"taxonomy/{ARCHIVE}"
"""The path of the taxdump in a mirror, if the mirror has one."""
NCBI_HOST = "ftp.ncbi.nlm.nih.gov"
NCBI_FOLDER = f"https://{NCBI_HOST}/pub/taxonomy/new_taxdump/"
PINNED = "taxonomy.json"
"""The file that identifies the taxdump."""
GROUP_ROWS = 1024
"""Rows of a row group, which a lookup of one taxid reads."""

_log = logging.getLogger(__name__)
_TRIES = 2
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class _Origin:
    """The files that a taxdump was read from, as in taxonomy.json."""

    file: str
    sha256: str
    md5: str


def write_taxonomy(setting: str, mirror: str, out: Path, policy: Policy = POLICY, pinned: Path | None = None) -> None:
    """Write the folder ``out``: taxa.parquet (TAXA), names.parquet (TAXA_NAMES) and taxonomy.json.

    ``setting`` is a folder of .dmp files, an archive of them (.tar.gz or .zip), the URL of one, ``none``, or ``auto``:
    ``taxonomy/new_taxdump.tar.gz`` of the mirror (a directory or a URL), or NCBI's own if the mirror is NCBI's, or
    none. An archive is verified if ``<archive>.md5`` is beside it, and fetched once more if it is wrong.
    taxonomy.json has the name and digests of the archive, or of the concatenated .dmp files of a folder, and the
    numbers of taxa, of merged taxids and of replaced characters of names, if any. Without a taxdump it is
    {"file": null} and the tables are empty.
    ``pinned`` is the taxonomy.json of an earlier build: another taxdump would assign other species to the splits.
    Without merged.dmp no taxid is a merged one, and a warning says so.
    Raises UsageError if the setting names no taxdump or another one than ``pinned``, CorpusError for a damaged or
    inconsistent taxdump and one of other taxids than NCBI's, RemoteError if the network fails.
    """
    with whole_directory(out) as workspace:
        with within_memory():
            read = None if setting == "none" else _read(setting, mirror, workspace / "archive", policy)
        described: dict[str, object] = {"file": None}
        with (
            TableWriter(workspace / TAXA_FILE, TAXA) as taxa,
            TableWriter(workspace / NAMES_FILE, TAXA_NAMES) as names,
        ):
            if read:
                dump, origin = read
                expect_ncbi_taxids(dump)
                dump, replaced = with_clean_names(dump)
                for table in compile_taxa(dump, GROUP_ROWS):
                    taxa.write_table(table)
                    taxa.close_group()
                all_names = compile_names(dump)
                for start in range(0, len(all_names), GROUP_ROWS):
                    names.write_table(all_names.slice(start, GROUP_ROWS))
                    names.close_group()
                described = asdict(origin) | {"taxa": len(dump.nodes), "merged": len(dump.merged)}
                described |= {"replaced": replaced} if replaced else {}
        if pinned is not None:
            _expect(pinned, described)
        write_text(workspace / PINNED, json.dumps(described, indent=1, sort_keys=True) + "\n")


def _expect(pinned: Path, described: dict[str, object]) -> None:
    try:
        before = file_json(pinned)
        if not isinstance(before, dict):
            raise JsonError(f"{type(before).__name__} in place of an object")
    except (OSError, JsonError) as error:
        raise UsageError(f"{pinned}: expected the taxonomy.json of an earlier build, found: {error}") from error
    if before.get("sha256") != described.get("sha256"):
        raise UsageError(
            f"taxonomy: expected {before.get('file')} of SHA-256 {before.get('sha256')} by {pinned},"
            f" found {described.get('file')} of {described.get('sha256')};"
            " name that taxdump in `taxonomy`, or remove that taxonomy.json to use the current taxdump"
        )


def _read(setting: str, mirror: str, archive: Path, policy: Policy) -> tuple[Taxdump, _Origin] | None:
    if setting != "auto" and "://" not in setting and Path(setting).is_dir():
        return _from_folder(Path(setting))
    location = _in_mirror(mirror, policy) if setting == "auto" else _named(setting)
    if location is None:
        _log.warning(
            "taxonomy: the mirror has no %s: species are derived from organism names; to use NCBI's, name a taxdump in"
            " `taxonomy`",
            IN_MIRROR,
        )
        return None
    root, path = location
    with opened(root, policy) as source:
        origin = _retrieve(source, path, archive, remote="://" in root)
        dump = _from_archive(archive, source.where(path))
    archive.unlink()
    return dump, origin


def _in_mirror(mirror: str, policy: Policy) -> tuple[str, str] | None:
    with opened(mirror, policy) as source:
        if source.size(IN_MIRROR) is not None:
            return mirror, IN_MIRROR
    return (NCBI_FOLDER, ARCHIVE) if "://" in mirror and urlsplit(mirror).hostname == NCBI_HOST else None


def _named(setting: str) -> tuple[str, str]:
    """Return the folder or URL that contains an archive, and the archive's name."""
    if "://" not in setting:
        return str(Path(setting).parent), Path(setting).name
    if "?" in setting:
        raise UsageError(
            f"taxonomy: expected the URL of a file, found a query: {redacted(setting)}; fetch it and name the file"
        )
    root, _, name = setting.rpartition("/")
    return root, name


def _retrieve(source: Mirror, path: str, target: Path, remote: bool) -> _Origin:
    """Fetch the archive to ``target``, verify its MD5 if there is one, and return its name and digests."""
    for _ in range(_TRIES):
        # NCBI publishes a new taxdump every day, so the MD5 is fetched again as well.
        size = source.size(path)
        if size is None:
            raise UsageError(f"{source.where(path)}: expected a taxdump, found none; correct `taxonomy`")
        expected = _expected_md5(source, path)
        _download(source, path, target, size)
        sha256, md5 = _digests([target])
        if expected in (None, md5):
            return _Origin(path.rpartition("/")[2], sha256, md5)
        target.unlink()
    kind = RemoteError if remote else CorpusError
    raise kind(f"{source.where(path)}: expected MD5 {expected} by {path}.md5, found {md5}; {AGAIN}")


def _download(source: Mirror, path: str, target: Path, size: int) -> None:
    progress = Progress(path.rpartition("/")[2], 1, size)
    if not source.retrieve(path, target, lambda amount: progress.advance(0, amount)):
        raise UsageError(f"{source.where(path)}: expected a taxdump, found none; correct `taxonomy`")
    progress.advance(1, 0)


def _expected_md5(source: Mirror, path: str) -> str | None:
    text = source.text(f"{path}.md5")
    if text is None:
        _log.warning("%s.md5: no such file; the taxdump is not verified", source.where(path))
        return None
    match = _MD5.match(text)
    if match is None:
        raise CorpusError(
            f"{source.where(path)}.md5: expected '<md5>  <name>', found {text[:60]!r}; {AGAIN}, or remove it"
        )
    return match[1].lower()


def _digests(paths: Sequence[Path]) -> tuple[str, str]:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                sha256.update(chunk)
                md5.update(chunk)
    return sha256.hexdigest(), md5.hexdigest()


def _from_folder(folder: Path) -> tuple[Taxdump, _Origin]:
    paths = [folder / name for name in FILES if (folder / name).is_file()]
    _refuse_missing({path.name for path in paths}, str(folder))
    contents = ((path, file_content(path, limits.TAXDUMP_FILE)) for path in paths)
    tables = {path.name: read_dmp(path.name, content, str(path)) for path, content in contents}
    return _taxdump(tables, str(folder)), _Origin(" ".join(path.name for path in paths), *_digests(paths))


def _from_archive(path: Path, where: str) -> Taxdump:
    tables = {name: read_dmp(name, content, f"{where}: {name}") for name, content in members(path, where)}
    return _taxdump(tables, where)


def _taxdump(tables: dict[str, pl.DataFrame], where: str) -> Taxdump:
    _refuse_missing(set(tables), where)
    for name in ("nodes.dmp", "names.dmp"):
        if not len(tables[name]):
            raise CorpusError(f"{where}: {name}: expected a line for each taxon, found none; {AGAIN}")
    for name in OPTIONAL:
        if name not in tables:
            _log.warning(
                "%s: no %s: records with a taxid that was merged have their species from their names", where, name
            )
    merged = tables.get("merged.dmp", read_dmp("merged.dmp", b"", where))
    return Taxdump(nodes=tables["nodes.dmp"], names=tables["names.dmp"], merged=merged, where=where)


def _refuse_missing(found: set[str], where: str) -> None:
    missing = [name for name in FILES if name not in found and name not in OPTIONAL]
    if missing:
        raise CorpusError(
            f"{where}: expected {', '.join(FILES)}, found no {' and no '.join(missing)};"
            f" take all files from one taxdump, e.g. {NCBI_FOLDER}{ARCHIVE}"
        )

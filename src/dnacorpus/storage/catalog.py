"""The catalog of a division: a tab-separated table with one row per file.

Snakemake reads catalogs while it parses the workflow, so only the standard library is imported here.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from dnacorpus.bounded import file_text
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.printable import is_printable
from dnacorpus.storage.names import name_flaw, shown, workflow_flaw

COLUMNS = ("release", "division", "part", "group", "kind", "file", "url", "bytes", "md5")
"""The header of a catalog, in the order of ``schemas.parts.CATALOG``."""
KINDS = ("fna", "gbff", "gff")
"""What a file holds: bases (FASTA), records (GenBank or EMBL flat file), or annotation (GFF3 or GTF)."""
NUCCORE = "nuccore:"
"""Prefix of a ``url`` that is a comma-separated list of accessions in NCBI Nucleotide."""
SIMULATED_RELEASE = "0"
"""The number of a release made by `dnacorpus simulate`; RefSeq counts from 1."""

CatalogRow = TypeVar("CatalogRow", bound=Mapping[str, Any])

# Values that become names of folders, or numbers; those of the workflow's wildcards are no wider.
_FORMS = {
    "division": (re.compile(r"[a-z_]{1,60}"), "a division of letters a to z and _"),
    "part": (re.compile(r"[a-z_]{1,60}\.(?:0|[1-9][0-9]{0,5})"), "a part such as viral.1"),
    "group": (re.compile(r"[0-9]{1,9}"), "a group of digits"),
    "bytes": (re.compile(r"(?:[0-9]{1,15})?"), "a number in bytes"),
    "kind": (re.compile("|".join(KINDS)), f"kind {', '.join(KINDS[:-1])} or {KINDS[-1]}"),
}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HTTP = re.compile(r"(?i)https?://")
_RELEASE = re.compile(r"[0-9]{1,6}")
_SLASH = re.compile(r"[/\\]")


def read_parts(path: Path | str) -> list[dict[str, str]]:
    """Read a catalog: one dict of strings per file, in the order of the catalog.

    The format is tab-separated UTF-8 with `COLUMNS` as the first line; ``bytes`` and ``md5`` may be empty.
    ``url`` is a path relative to the mirror, an http(s) URL, an absolute path, or accessions after `NUCCORE`.
    ``release`` is a number for files of a mirror, otherwise a word for the source.
    A catalog may come from somebody else: ``file`` must pass `names.name_flaw`, and no path leads out of the mirror.
    Raises CorpusError naming the file and the first invalid line.
    """
    try:
        lines = file_text(path).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: expected a catalog, found: {error}; run `dnacorpus catalog`") from error
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        found = lines[0][:80] if lines else "an empty file"
        raise _invalid(path, 1, f"the columns {' '.join(COLUMNS)}", found)
    if len(lines) == 1:
        raise _invalid(path, 2, "at least one file", "the end")
    return [_row(path, number, line) for number, line in enumerate(lines[1:], start=2)]


def parts_of(rows: Iterable[CatalogRow]) -> dict[str, list[CatalogRow]]:
    """Return part -> its rows, both in the order of ``rows``."""
    parts: dict[str, list[CatalogRow]] = {}
    for row in rows:
        parts.setdefault(row["part"], []).append(row)
    return parts


def groups_of(rows: Iterable[CatalogRow]) -> dict[str, list[str]]:
    """Return group -> its parts, both in the order of ``rows``."""
    groups: dict[str, list[str]] = {}
    for part, files in parts_of(rows).items():
        groups.setdefault(files[0]["group"], []).append(part)
    return groups


def origin(row: Mapping[str, str]) -> str:
    """Return the source of a row's file: mirror | http | local | nuccore, or "" for any other form of ``url``."""
    url = row["url"]
    if url.startswith(NUCCORE):
        return "nuccore"
    if url.startswith("/"):
        return "local"
    scheme = _SCHEME.match(url)
    if scheme is None:
        return "mirror"
    return "http" if _HTTP.match(url) else ""


def read_notes(path: Path) -> list[tuple[str, str]]:
    """Return the rows of a two-column table beside a catalog, without its header; [] if there is no file."""
    if not path.is_file():
        return []
    lines = file_text(path).splitlines()[1:]
    return [(first, second) for first, _, second in (line.partition("\t") for line in lines)]


def refuse_mixture(catalogs: Mapping[str, Iterable[CatalogRow]]) -> None:
    """Raise UsageError if the catalogs of the divisions come from different releases."""
    releases: dict[str, list[str]] = {}
    for division, rows in sorted(catalogs.items()):
        for release in sorted({row["release"] for row in rows if row["release"].isdecimal()}):
            releases.setdefault(release, []).append(division)
    if len(releases) > 1:
        found = "; ".join(f"release {release}: {', '.join(names)}" for release, names in sorted(releases.items()))
        raise UsageError(
            f"expected catalogs of one release, found {found}; the mirror has a newer release:"
            " build under another `name`, or remove the older catalogs to rebuild their divisions"
        )


def local_inputs(entry: Mapping[str, Any]) -> list[str]:
    """Return the local files that a custom division is built from, sorted: its data, or its list of accessions.

    Raises UsageError for a file whose name Snakemake would read as a pattern.
    """
    named = entry.get("path", entry.get("accessions", []))
    paths = [Path(name).expanduser() for name in ([named] if isinstance(named, str) else named)]
    if "path" not in entry and not isinstance(named, str):
        return []
    found = (path.rglob("*") if path.is_dir() else [path] for path in paths)
    files = sorted(str(file) for files in found for file in files if file.is_file())
    for file in files:
        if flaw := workflow_flaw(file):
            raise UsageError(f"{shown(file)}: expected a path that Snakemake takes as it is, found {flaw}; rename it")
    return files


def _row(path: Path | str, number: int, line: str) -> dict[str, str]:
    values = line.split("\t")
    if len(values) != len(COLUMNS):
        raise _invalid(path, number, f"{len(COLUMNS)} columns", str(len(values)))
    row = dict(zip(COLUMNS, values, strict=True))
    for column, value in row.items():
        if not value and column not in ("bytes", "md5"):
            raise _invalid(path, number, f"a value in {column}", "none")
    if not all(map(is_printable, values)):
        raise _invalid(path, number, "printable characters", line)
    if flaw := _flaw(row):
        raise _invalid(path, number, *flaw)
    return row


def _flaw(row: Mapping[str, str]) -> tuple[str, str] | None:
    """Return what was expected and what was found in the first wrong value of a row, or None."""
    for column, (form, words) in _FORMS.items():
        if not form.fullmatch(row[column]):
            return words, row[column]
    if flaw := name_flaw(row["file"]):
        return "a plain file name without folders", f"{flaw}: {row['file']}"
    kind = origin(row)
    if not kind:
        schemes = "a path in the mirror, an http(s) URL, an absolute path or nuccore:"
        return schemes, row["url"].partition(":")[0]
    if kind == "mirror" and not _RELEASE.fullmatch(row["release"]):
        return "a release number for a file of the mirror", row["release"]
    if kind == "mirror" and ".." in _SLASH.split(unquote(row["url"])):
        return "a path inside the mirror", row["url"]
    return None


def _invalid(path: Path | str, line: int, expected: str, found: str) -> CorpusError:
    return CorpusError(
        f"{path}: line {line}: expected {expected}, found '{shown(found)}'; remove it and run `dnacorpus catalog` again"
    )

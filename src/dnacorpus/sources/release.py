"""The text formats of a RefSeq release and of our catalogue of it, as values.

A release is a folder per division whose files are named ``<division>.<n>.genomic.gbff.gz`` (one flat
file per increment n) and ``<division>.<n>.<m>.genomic.fna.gz`` (the same records' bases). An increment
is a part: ``viral.1``. Only the standard library is imported: Snakemake reads a catalogue while it parses.
"""

import html
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from dnacorpus.errors import CorpusError, UsageError

COLUMNS = ("release", "division", "part", "group", "kind", "file", "url", "bytes", "md5")
"""The header of a catalogue, in the order of ``schemas.CATALOG``."""
KINDS = ("fna", "gbff", "gff")
"""What a file holds: bases, flat file, or annotation as GFF3 or GTF."""
NUCCORE = "nuccore:"
"""Begins a ``url`` that lists accessions to ask of NCBI's nuccore, with commas between them."""
SIMULATED_RELEASE = "0"
"""The number of a release that `dnacorpus simulate` made; RefSeq's own begin at 1."""

Row = TypeVar("Row", bound=Mapping[str, Any])

_GENOMIC = re.compile(r"(?P<division>[a-z_]+)\.(?P<n>\d+)(?:\.(?P<m>\d+))?\.genomic\.(?P<kind>fna|gbff)\.gz")
_MD5_LINE = re.compile(r"(?P<md5>[0-9a-fA-F]{32})[ \t]+(?P<name>\S+)")
_LISTED = re.compile(r"<pre>(.*?)</pre>", re.DOTALL | re.IGNORECASE)
_ACCESSION = re.compile(r"(GC[AF]_\d{9}\.\d+|[A-Z]{2}_[A-Z]{0,6}\d{5,}\.\d+|[A-Z]{1,6}\d{5,}\.\d+)(?!\d)")
_LINK = re.compile(r'href="([^"/?][^"]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GenomicFile:
    """One genomic file of a release, as its name tells."""

    name: str
    division: str
    increment: int
    split: int  # m of <division>.<n>.<m>; 0 where there is none
    kind: str  # gbff | fna

    @property
    def part(self) -> str:
        """The part it belongs to, e.g. ``viral.1``."""
        return f"{self.division}.{self.increment}"

    @property
    def url(self) -> str:
        """Its place relative to the mirror."""
        return f"{self.division}/{self.name}"


def origin(row: Mapping[str, str]) -> str:
    """Return where a row's file comes from: mirror | http | local | nuccore; empty for a ``url`` of no such form."""
    url = row["url"]
    if url.startswith(NUCCORE):
        return "nuccore"
    if url.startswith("/"):
        return "local"
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", url)
    if scheme is None:
        return "mirror"
    return "http" if re.match(r"(?i)https?://", url) else ""


def accession_in(name: str) -> str | None:
    """Return the assembly or record accession, with version, that a file name begins with, or None."""
    match = _ACCESSION.match(name)
    return match[1] if match else None


def wgs_masters(names: Iterable[str], division: str) -> list[str]:
    """Return the division's files of WGS master records, which hold no sequence, sorted."""
    return sorted(name for name in names if name.startswith(f"{division}.wgs_mstr."))


def md5_list_name(release: str) -> str:
    """Return the place, relative to the mirror, of the release's list of MD5 sums."""
    return f"release-catalog/release{release}.files.installed"


def removed_list_name(release: str) -> str:
    """Return the place, relative to the mirror, of the release's list of removed records."""
    return f"release-catalog/release{release}.removed-records.gz"


def member_of(name: str) -> str:
    """Return what the file of this name is a file of: a part of a release, an assembly, or files of one stem."""
    stem = re.sub(r"\.gz$", "", name)
    file = genomic_file(name)
    return file.part if file else re.sub(r"_genomic\.[a-z]+$|\.[A-Za-z0-9]+$", "", stem)


def sources_in_words(releases: Iterable[str]) -> str:
    """Return what files were taken from, for people: "RefSeq release 236, assemblies"."""
    words = {"assemblies": "NCBI assemblies", "nuccore": "records of NCBI Nucleotide", "local": "files of its own"}
    ordered = sorted(set(releases), key=lambda release: (not release.isdecimal(), release))
    return ", ".join(words.get(release, f"RefSeq release {release}") for release in ordered)


def read_notes(path: Path) -> list[tuple[str, str]]:
    """Return the rows of a table of two columns beside a catalogue, without its header; none where there is no file."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return [(first, second) for first, _, second in (line.partition("\t") for line in lines)]


def release_number(text: str, where: str) -> str:
    """Return the number that a RELEASE_NUMBER file holds.

    Raises CorpusError naming ``where`` when the text is not one number.
    """
    number = text.strip()
    if not re.fullmatch(r"[0-9]+", number):
        raise CorpusError(
            f"{where}: expected a release number such as 236, found {number[:60]!r};"
            " point `mirror` at a folder in RefSeq release layout"
        )
    return number


def md5_sums(text: str, where: str) -> dict[str, str]:
    """Return file name -> MD5 (lower case) of a ``release<N>.files.installed``.

    A line is ``<md5><TAB><file name>``, without a header or folders, for all divisions together
    (MD5 since December 2022; CRC sums before). Empty lines are passed over.
    Raises CorpusError naming ``where`` and the line that is not such, or that contradicts another.
    """
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _MD5_LINE.fullmatch(line.strip())
        if match is None:
            raise CorpusError(
                f"{where}: line {number}: expected '<md5><TAB><file name>', found {line[:80]!r};"
                " fetch the list again, or remove it to go by the folder listing without checksums"
            )
        name, md5 = match["name"], match["md5"].lower()
        if sums.setdefault(name, md5) != md5:
            raise CorpusError(
                f"{where}: line {number}: expected one MD5 for {name}, found {sums[name]} and {md5};"
                " fetch the list again"
            )
    return sums


def listed_names(page: str) -> list[str]:
    """Return the file names of an Apache autoindex page, sorted; folders and sort links left out.

    Only links inside ``<pre>`` count (the whole page where there is none, as other servers write).
    """
    body = "".join(_LISTED.findall(page)) or page
    names = {urllib.parse.unquote(html.unescape(link)) for link in _LINK.findall(body)}
    return sorted(name for name in names if "/" not in name)


def genomic_file(name: str) -> GenomicFile | None:
    """Return what a file name says, or None for RNA, protein, WGS master and other files."""
    match = _GENOMIC.fullmatch(name)
    if match is None or (match["kind"] == "gbff" and match["m"]):
        return None
    return GenomicFile(name, match["division"], int(match["n"]), int(match["m"] or 0), match["kind"])


def genomic_files(names: Iterable[str], division: str) -> list[GenomicFile]:
    """Return the division's genomic files by part number, then kind, then FASTA split."""
    files = (genomic_file(name) for name in set(names))
    ours = (file for file in files if file is not None and file.division == division)
    return sorted(ours, key=lambda file: (file.increment, file.kind, file.split, file.name))


def misnamed(names: Iterable[str], division: str) -> list[str]:
    """Return the division's names that speak of genomic records and are not `genomic_file`, sorted."""
    ours = {name for name in names if name.startswith(f"{division}.") and ".genomic." in name}
    return sorted(name for name in ours if genomic_file(name) is None)


def part_bytes(sizes: Iterable[tuple[str, int | None]]) -> int | None:
    """Return what a part weighs when groups are filled, from the (kind, bytes) of its files.

    The flat files count; the FASTA files where there is no flat file; None when a size is not known.
    """
    known = list(sizes)
    counted: list[int | None] = []
    for counting in ("gbff", "fna", "gff"):
        counted = counted or [size for kind, size in known if kind == counting]
    return None if None in counted else sum(size for size in counted if size is not None)


def fill_groups(weights: Iterable[int | None], group_bytes: int) -> list[str]:
    """Return the group of each part: consecutive parts together up to ``group_bytes``, five digits.

    A part of unknown size, or one larger than ``group_bytes``, is a group by itself.
    """
    groups: list[str] = []
    group, filled = -1, group_bytes + 1
    for weight in weights:
        size = group_bytes + 1 if weight is None else weight
        if filled + size > group_bytes:
            group, filled = group + 1, 0
        filled += size
        groups.append(f"{group:05d}")
    return groups


def read_parts(path: Path | str) -> list[dict[str, str]]:
    """Read a catalogue as text rows, one per file, in the catalogue's order.

    The format is tab-separated UTF-8 with `COLUMNS` as its first line; ``bytes`` and ``md5`` may be empty.
    ``url`` is relative to the mirror, and ``release`` then a number; or it is an http(s) URL, an absolute path,
    or accessions after `NUCCORE`, and ``release`` a word for where they are from.
    Raises CorpusError naming the file and the line that does not fit.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: expected a catalogue, found: {error}; run `dnacorpus catalog`") from error
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        found = lines[0][:80] if lines else "an empty file"
        raise _damaged(path, 1, f"the columns {' '.join(COLUMNS)}", found)
    if len(lines) == 1:
        raise _damaged(path, 2, "at least one file", "the end")
    return [_row(path, number, line) for number, line in enumerate(lines[1:], start=2)]


def parts_of(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return part -> its rows, both in the order of ``rows`` (of `read_parts`, or a table's ``to_pylist()``)."""
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(row["part"], []).append(row)
    return parts


def refuse_mixture(catalogs: Mapping[str, Iterable[Row]]) -> None:
    """Raise UsageError when the catalogues of the divisions are of several releases."""
    releases: dict[str, list[str]] = {}
    for division, rows in sorted(catalogs.items()):
        for release in sorted({row["release"] for row in rows if row["release"].isdecimal()}):
            releases.setdefault(release, []).append(division)
    if len(releases) > 1:
        found = "; ".join(f"release {release}: {', '.join(names)}" for release, names in sorted(releases.items()))
        raise UsageError(
            f"expected catalogues of one release, found {found}; the mirror has moved on: build under another `name`,"
            " or remove the older catalogues, and their divisions are built anew"
        )


def local_inputs(entry: Mapping[str, Any]) -> list[str]:
    """Return the files here that a custom division is made from, sorted: its own, or its list of accessions."""
    named = entry.get("path", entry.get("accessions", []))
    paths = [Path(name).expanduser() for name in ([named] if isinstance(named, str) else named)]
    if "path" not in entry and not isinstance(named, str):
        return []
    found = (path.rglob("*") if path.is_dir() else [path] for path in paths)
    return sorted(str(file) for files in found for file in files if file.is_file())


def groups_of(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Return group -> its parts, both in the order of ``rows``."""
    groups: dict[str, list[str]] = {}
    for part, files in parts_of(rows).items():
        groups.setdefault(files[0]["group"], []).append(part)
    return groups


def _row(path: Path | str, number: int, line: str) -> dict[str, str]:
    values = line.split("\t")
    if len(values) != len(COLUMNS):
        raise _damaged(path, number, f"{len(COLUMNS)} columns", str(len(values)))
    row = dict(zip(COLUMNS, values, strict=True))
    for column, value in row.items():
        if not value and column not in ("bytes", "md5"):
            raise _damaged(path, number, f"a value in {column}", "none")
    if row["kind"] not in KINDS:
        raise _damaged(path, number, f"kind {', '.join(KINDS[:-1])} or {KINDS[-1]}", row["kind"])
    if "/" in row["file"]:
        raise _damaged(path, number, "a file name without folders", row["file"])
    if not origin(row):
        raise _damaged(
            path,
            number,
            "a place in the mirror, an http(s) URL, an absolute path or nuccore:",
            row["url"].partition(":")[0],
        )
    if origin(row) == "mirror" and not re.fullmatch(r"[0-9]+", row["release"]):
        raise _damaged(path, number, "a release number for a file of the mirror", row["release"])
    if row["bytes"] and not re.fullmatch(r"[0-9]+", row["bytes"]):
        raise _damaged(path, number, "a number in bytes", row["bytes"])
    return row


def _damaged(path: Path | str, line: int, expected: str, found: str) -> CorpusError:
    return CorpusError(
        f"{path}: line {line}: expected {expected}, found {found!r}; remove it and run `dnacorpus catalog` again"
    )

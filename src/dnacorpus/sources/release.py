"""Names and lists of a RefSeq release, as values; nothing here reads or downloads.

A release is a folder per division. Its files are ``<division>.<n>.genomic.gbff.gz`` (one flat file per increment n)
and ``<division>.<n>.<m>.genomic.fna.gz`` (the bases of the same records). An increment is a part: ``viral.1``.
"""

import html
import re
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dnacorpus.errors import CorpusError
from dnacorpus.storage.names import name_flaw, shown

_NUMBER = r"(?:0|[1-9][0-9]{0,5})"
_GENOMIC = re.compile(
    rf"(?P<division>[a-z_]{{1,60}})\.(?P<n>{_NUMBER})(?:\.(?P<m>{_NUMBER}))?\.genomic\.(?P<kind>fna|gbff)\.gz"
)
_MD5_LINE = re.compile(r"(?P<md5>[0-9a-fA-F]{32})[ \t]+(?P<name>\S+)")
_PRE = re.compile(r"<(/?)pre>", re.IGNORECASE)
_ACCESSION = re.compile(
    r"((?:GC[AF]_[0-9]{9}|[A-Z]{2}_[A-Z]{0,6}[0-9]{5,15}|[A-Z]{1,6}[0-9]{5,15})\.[0-9]{1,4})(?![0-9])"
)
_LINK = re.compile(r'href="([^"/?][^"]*)"', re.IGNORECASE)
_GZ = re.compile(r"\.gz$")
_ENDING = re.compile(r"_genomic\.[a-z]+$|\.[A-Za-z0-9]+$")
_RELEASE = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class GenomicFile:
    """One genomic file of a release, as its name describes it."""

    name: str
    division: str
    increment: int
    split: int  # m of <division>.<n>.<m>; 0 if there is none
    kind: str  # gbff | fna

    @property
    def part(self) -> str:
        """The part that the file belongs to, e.g. ``viral.1``."""
        return f"{self.division}.{self.increment}"

    @property
    def url(self) -> str:
        """Its path relative to the mirror."""
        return f"{self.division}/{self.name}"


def accession_in(name: str) -> str | None:
    """Return the accession.version of an assembly or record at the start of a file name, or None."""
    match = _ACCESSION.match(name)
    return match[1] if match else None


def wgs_masters(names: Iterable[str], division: str) -> list[str]:
    """Return the division's files of WGS master records, which hold no sequence, sorted."""
    return sorted(name for name in names if name.startswith(f"{division}.wgs_mstr."))


def md5_list_name(release: str) -> str:
    """Return the path, relative to the mirror, of the release's list of MD5 sums."""
    return f"release-catalog/release{release}.files.installed"


def removed_list_name(release: str) -> str:
    """Return the path, relative to the mirror, of the release's list of removed records."""
    return f"release-catalog/release{release}.removed-records.gz"


def member_of(name: str) -> str:
    """Return the unit that a file belongs to: a part of a release, an assembly, or local files with the same stem."""
    stem = _GZ.sub("", name)
    file = genomic_file(name)
    return file.part if file else _ENDING.sub("", stem)


def release_number(text: str, where: str) -> str:
    """Return the number in the text of a RELEASE_NUMBER file.

    Raises CorpusError naming ``where`` if the text is not a number.
    """
    number = text.strip()
    if not _RELEASE.fullmatch(number):
        raise CorpusError(
            f"{where}: expected a release number such as 236, found {number[:60]!r};"
            " set `mirror` to a folder with the layout of a RefSeq release"
        )
    return number


def md5_sums(text: str, where: str) -> dict[str, str]:
    """Return file name -> MD5 (lower case) of a ``release<N>.files.installed``.

    A line is ``<md5><TAB><file name>``, without header or folders, for all divisions together (MD5 since December
    2022, CRC before). Empty lines are skipped.
    Raises CorpusError naming ``where`` and the first line that has another form or contradicts an earlier one.
    """
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _MD5_LINE.fullmatch(line.strip())
        if match is None:
            raise CorpusError(
                f"{where}: line {number}: expected '<md5><TAB><file name>', found {line[:80]!r};"
                " fetch the list again, or remove it to use the folder listing without checksums"
            )
        name, md5 = match["name"], match["md5"].lower()
        if sums.setdefault(name, md5) != md5:
            raise CorpusError(
                f"{where}: line {number}: expected one MD5 for {shown(name)}, found {sums[name]} and {md5};"
                " fetch the list again"
            )
    return sums


def listed_names(page: str) -> list[str]:
    """Return the sorted usable file names of an Apache directory page, without folders and sort links.

    Only links inside ``<pre>`` count, or all links if there is no ``<pre>``, as on other servers.
    """
    body = "".join(_listed(page)) or page
    names = {urllib.parse.unquote(html.unescape(link)) for link in _LINK.findall(body)}
    return sorted(name for name in names if not name_flaw(name))


def _listed(page: str) -> Iterator[str]:
    """Yield the contents of the elements ``<pre>``."""
    start = None
    for tag in _PRE.finditer(page):
        if tag[1] and start is not None:
            yield page[start : tag.start()]
            start = None
        elif not tag[1] and start is None:
            start = tag.end()


def genomic_file(name: str) -> GenomicFile | None:
    """Return the genomic file of this name, or None for RNA, protein, WGS master and other files.

    Its numbers have at most six ASCII digits without a leading zero, so that no two names are one part's number.
    """
    match = _GENOMIC.fullmatch(name)
    if match is None or (match["kind"] == "gbff" and match["m"]):
        return None
    return GenomicFile(name, match["division"], int(match["n"]), int(match["m"] or 0), match["kind"])


def genomic_files(names: Iterable[str], division: str) -> list[GenomicFile]:
    """Return the division's genomic files, sorted by part number, kind and FASTA split."""
    files = (genomic_file(name) for name in set(names))
    ours = (file for file in files if file is not None and file.division == division)
    return sorted(ours, key=lambda file: (file.increment, file.kind, file.split, file.name))


def misnamed(names: Iterable[str], division: str) -> list[str]:
    """Return the division's sorted names that contain ``.genomic.`` but do not name a `genomic_file`."""
    ours = {name for name in names if name.startswith(f"{division}.") and ".genomic." in name}
    return sorted(name for name in ours if genomic_file(name) is None)


def part_bytes(sizes: Iterable[tuple[str, int | None]]) -> int | None:
    """Return the size of a part for filling groups, from the (kind, bytes) of its files.

    Only the flat files count, or the FASTA files if there is none; None if a size is unknown.
    """
    known = list(sizes)
    counted: list[int | None] = []
    for counting in ("gbff", "fna", "gff"):
        counted = counted or [size for kind, size in known if kind == counting]
    return None if None in counted else sum(size for size in counted if size is not None)


def fill_groups(weights: Iterable[int | None], group_bytes: int) -> list[str]:
    """Return the five-digit group of each part: consecutive parts share a group up to ``group_bytes``.

    A part of unknown size, or larger than ``group_bytes``, is a group by itself.
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

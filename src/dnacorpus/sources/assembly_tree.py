"""NCBI's tree of assemblies, in a folder or behind HTTP(S): its tables, and the files of one assembly.

Below ``genomes/``: ``refseq/assembly_summary_refseq.txt`` (all), ``refseq/<group>/assembly_summary.txt``, their like
below ``genbank/``, and per assembly ``all/GCF/000/001/405/<accession>_<name>/`` with ``md5checksums.txt``.
"""

import json
import logging
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

import polars as pl

from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.sources.assemblies import md5_sums, read_summary
from dnacorpus.sources.mirror import Mirror
from dnacorpus.sources.resumable import Partials

logger = logging.getLogger(__name__)

_SECTIONS = {"GCF": "refseq", "GCA": "genbank"}


def table_of(prefix: str) -> str:
    """Return the place, below ``genomes/``, of the table of all assemblies of GCF or GCA (``prefix``)."""
    section = _SECTIONS[prefix]
    return f"{section}/assembly_summary_{section}.txt"


@dataclass(frozen=True, slots=True)
class AssemblyFile:
    """One file of an assembly; bytes as stored, md5 empty where the assembly's list does not tell it."""

    kind: str  # gbff | fna | gff
    name: str
    url: str  # URL or absolute path
    bytes: int
    md5: str


class GenomeTree:
    """The tree of assemblies at ``base``, a folder or a URL that ``source`` has open; tables arrive in ``partials``."""

    def __init__(self, base: str, source: Mirror, partials: Partials) -> None:
        if re.match(r"(?i)https?://[^/]*@|.*[?#]", base):
            # The catalogue holds whole URLs and may be published: a password must not get there.
            raise UsageError("services.genomes: expected a URL without user, password and query; leave them out")
        self._base, self._source, self._partials = base, source, partials
        self._known = partials.folder / "assemblies.jsonl"
        self._found = _found(self._known)

    def summary(self, group: str | None = None) -> pl.DataFrame:
        """Return the table of RefSeq's assemblies, all or of one group, as `assemblies.read_summary` does.

        Raises UsageError when there is none, CorpusError when it is damaged, RemoteError when the server fails.
        """
        if group and not re.fullmatch(r"[a-z_]+", group):
            raise UsageError(f"group {group!r}: expected one of NCBI's groups, such as fungi; correct `group`")
        return self._expected(f"refseq/{group}/assembly_summary.txt" if group else table_of("GCF"))

    def current(self, prefix: str, numbers: Collection[str]) -> pl.DataFrame:
        """Return the assemblies of some numbers among all of GCF or GCA (``prefix``); raises as `summary`."""
        return self._expected(table_of(prefix), numbers)

    def historical(self, prefix: str, numbers: Collection[str]) -> pl.DataFrame:
        """Return the replaced and suppressed assemblies of some numbers; none where there is no such table."""
        place = table_of(prefix).replace(".txt", "_historical.txt")
        frame = self._table(place, numbers)
        if frame is None:
            logger.warning("%s: no such table: what replaced an assembly is not known", self._source.where(place))
            return read_summary([b"#assembly_accession\tftp_path\n"], place)
        return frame

    def files(self, place: str) -> list[AssemblyFile]:
        """Return the genomic files of an assembly: flat file and FASTA, or else FASTA and GFF; none if all are absent.

        ``place`` is relative to the tree, as `assemblies.place_of` returns it. What an earlier process found
        is not asked for again.
        """
        key = f"{self._base} {place}"
        if key not in self._found:
            files = self._look_up(place)
            self._known.parent.mkdir(parents=True, exist_ok=True)
            with self._known.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps([key, [asdict(file) for file in files]]) + "\n")
            self._found[key] = files
        return self._found[key]

    def _look_up(self, place: str) -> list[AssemblyFile]:
        sums = md5_sums(self._checksums(place))
        flat, bases = self._file(place, "gbff", sums), self._file(place, "fna", sums)
        if flat:
            return [file for file in (flat, bases) if file]
        annotation = self._file(place, "gff", sums) if bases else None
        if bases:
            logger.warning(
                "%s: expected a flat file, found none; taken in its place: FASTA %s",
                self._source.where(place), "and GFF" if annotation else "alone, without annotation",
            )  # fmt: skip
        return [file for file in (bases, annotation) if file]

    def _expected(self, place: str, numbers: Collection[str] | None = None) -> pl.DataFrame:
        frame = self._table(place, numbers)
        if frame is None:
            raise UsageError(
                f"{self._source.where(place)}: expected a table of assemblies, found no such file;"
                " correct `group`, or services.genomes: NCBI's is https://ftp.ncbi.nlm.nih.gov/genomes/"
            )
        return frame

    def _table(self, place: str, numbers: Collection[str] | None = None) -> pl.DataFrame | None:
        # The largest is about 1 GB: to a file, and line by line from there.
        where = self._source.where(place)
        table = self._partials.file(PurePosixPath(place).name, where)
        logger.info("%s: reading", where)
        if not self._source.retrieve(place, table, lambda _: None):
            return None
        with table.path.open("rb") as lines:
            return read_summary(lines, where, numbers)

    def _checksums(self, place: str) -> str:
        try:
            text = self._source.text(f"{place}/md5checksums.txt")
        except RemoteError:
            raise
        except CorpusError as error:
            logger.warning("%s; its files cannot be checked by MD5", error)
            return ""
        if text is None:
            logger.warning("%s: no md5checksums.txt; its files cannot be checked by MD5", self._source.where(place))
        return text or ""

    def _file(self, place: str, kind: str, sums: dict[str, str]) -> AssemblyFile | None:
        name = f"{place.rpartition('/')[2]}_genomic.{kind}.gz"
        size = self._source.size(f"{place}/{name}")
        if size is None:
            return None
        return AssemblyFile(kind, name, self._address(f"{place}/{name}"), size, sums.get(name, ""))

    def _address(self, place: str) -> str:
        if re.match(r"(?i)https?://", self._base):
            return f"{self._base.rstrip('/')}/{place}"
        return str(Path(self._base).absolute() / place)


def _found(path: Path) -> dict[str, list[AssemblyFile]]:
    """Return what the lines of a file say; a line that was cut off says nothing."""
    found: dict[str, list[AssemblyFile]] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            key, files = json.loads(line)
            found[key] = [AssemblyFile(**file) for file in files]
        except (ValueError, TypeError):
            continue
    return found

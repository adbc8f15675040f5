"""NCBI's tree of assemblies, in a folder or behind HTTP(S): its tables, and the files of one assembly.

Below ``genomes/`` are ``refseq/assembly_summary_refseq.txt`` (all), ``refseq/<group>/assembly_summary.txt``, the same
below ``genbank/``, and for each assembly ``all/GCF/000/001/405/<accession>_<name>/`` with ``md5checksums.txt``.
"""

import contextlib
import json
import logging
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

import polars as pl

from dnacorpus import limits
from dnacorpus.bounded import read_json, short_lines
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.limits import LimitError
from dnacorpus.sources.assemblies import md5_sums
from dnacorpus.sources.assembly_summary import read_summary
from dnacorpus.sources.mirror import Mirror
from dnacorpus.sources.resumable import Partials

_WITH_SECRETS = re.compile(r"(?i)https?://[^/]*@|.*[?#]")
_GROUP = re.compile(r"[a-z_]+")
_HTTP = re.compile(r"(?i)https?://")

logger = logging.getLogger(__name__)

_SECTIONS = {"GCF": "refseq", "GCA": "genbank"}


def table_of(prefix: str) -> str:
    """Return the path, below ``genomes/``, of the table of all GCF or GCA (``prefix``) assemblies."""
    section = _SECTIONS[prefix]
    return f"{section}/assembly_summary_{section}.txt"


@dataclass(frozen=True, slots=True)
class AssemblyFile:
    """One file of an assembly: its size as stored; md5 is "" if the assembly's list does not have it."""

    kind: str  # gbff | fna | gff
    name: str
    url: str  # URL or absolute path
    bytes: int
    md5: str


class GenomeTree:
    """The tree at ``base``, a folder or URL opened as ``source``; its tables are downloaded to ``partials``."""

    def __init__(self, base: str, source: Mirror, partials: Partials) -> None:
        if _WITH_SECRETS.match(base):
            # The catalog contains complete URLs and may be published, so it must not contain a password.
            raise UsageError("services.genomes: expected a URL without user, password and query; leave them out")
        self._base, self._source, self._partials = base, source, partials
        self._known = partials.folder / "assemblies.jsonl"
        self._files = _read_known(self._known)

    def summary(self, group: str | None = None) -> pl.DataFrame:
        """Return the table of RefSeq's assemblies, all or those of one group, as `assembly_summary.read_summary` does.

        Raises UsageError if there is none, CorpusError if it is damaged, RemoteError if the server fails.
        """
        if group and not _GROUP.fullmatch(group):
            raise UsageError(f"group {group!r}: expected one of NCBI's groups, such as fungi; correct `group`")
        return self._expected(f"refseq/{group}/assembly_summary.txt" if group else table_of("GCF"))

    def current(self, prefix: str, numbers: Collection[str]) -> pl.DataFrame:
        """Return those GCF or GCA (``prefix``) assemblies whose accession without version is in ``numbers``.

        Raises the errors of `summary`.
        """
        return self._expected(table_of(prefix), numbers)

    def historical(self, prefix: str, numbers: Collection[str]) -> pl.DataFrame:
        """Return the replaced and suppressed assemblies of these numbers; none if the table does not exist."""
        path = table_of(prefix).replace(".txt", "_historical.txt")
        frame = self._table(path, numbers)
        if frame is None:
            logger.warning("%s: no such table: replacements of assemblies are unknown", self._source.where(path))
            return read_summary([b"#assembly_accession\tftp_path\n"], path)
        return frame

    def files(self, folder: str) -> list[AssemblyFile]:
        """Return the genomic files of an assembly: flat file and FASTA, otherwise FASTA and GFF; [] if there are none.

        ``folder`` is relative to the tree, as `assemblies.folder_of` returns it. Results of earlier processes are
        used again.
        """
        key = f"{self._base} {folder}"
        if key not in self._files:
            files = self._look_up(folder)
            self._known.parent.mkdir(parents=True, exist_ok=True)
            with self._known.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps([key, [asdict(file) for file in files]]) + "\n")
            self._files[key] = files
        return self._files[key]

    def _look_up(self, folder: str) -> list[AssemblyFile]:
        checksums = self._checksums(folder)
        sums = md5_sums(checksums or "")
        flat, bases = self._file(folder, "gbff", sums), self._file(folder, "fna", sums)
        annotation = self._file(folder, "gff", sums) if bases and not flat else None
        found = [file for file in (flat, bases, annotation) if file]
        unverified = [file.name for file in found if checksums is not None and not file.md5]
        if unverified:
            logger.warning(
                "%s: md5checksums.txt has no sum of %s; checked by size and first bytes only",
                self._source.where(folder), " and ".join(unverified),
            )  # fmt: skip
        if bases and not flat:
            logger.warning(
                "%s: expected a flat file, found none; using FASTA %s",
                self._source.where(folder), "and GFF" if annotation else "without annotation",
            )  # fmt: skip
        return found

    def _expected(self, path: str, numbers: Collection[str] | None = None) -> pl.DataFrame:
        frame = self._table(path, numbers)
        if frame is None:
            raise UsageError(
                f"{self._source.where(path)}: expected a table of assemblies, found no such file;"
                " correct `group` or services.genomes; NCBI's is https://ftp.ncbi.nlm.nih.gov/genomes/"
            )
        return frame

    def _table(self, path: str, numbers: Collection[str] | None = None) -> pl.DataFrame | None:
        # The largest is about 1 GB, so it goes to a file and is read line by line.
        where = self._source.where(path)
        table = self._partials.file(PurePosixPath(path).name, where)
        logger.info("%s: reading", where)
        if not self._source.retrieve(path, table, lambda _: None):
            return None
        with table.path.open("rb") as file:
            return read_summary(short_lines(file, limits.TABLE_LINE, where), where, numbers)

    def _checksums(self, folder: str) -> str | None:
        """Return the assembly's list of MD5 sums, or None with a warning."""
        try:
            text = self._source.text(f"{folder}/md5checksums.txt")
        except RemoteError:
            raise
        except CorpusError as error:
            logger.warning("%s; its files cannot be checked by MD5", error)
            return None
        if text is None:
            logger.warning("%s: no md5checksums.txt; its files cannot be checked by MD5", self._source.where(folder))
        return text

    def _file(self, folder: str, kind: str, sums: dict[str, str]) -> AssemblyFile | None:
        name = f"{folder.rpartition('/')[2]}_genomic.{kind}.gz"
        size = self._source.size(f"{folder}/{name}")
        if size is None:
            return None
        return AssemblyFile(kind, name, self._address(f"{folder}/{name}"), size, sums.get(name, ""))

    def _address(self, path: str) -> str:
        if _HTTP.match(self._base):
            return f"{self._base.rstrip('/')}/{path}"
        return str(Path(self._base).absolute() / path)


def _read_known(path: Path) -> dict[str, list[AssemblyFile]]:
    """Return the files of assemblies that earlier processes have looked up.

    Lines that are truncated or of another form are skipped, and so is what follows a line that exceeds its limit.
    """
    known: dict[str, list[AssemblyFile]] = {}
    if not path.is_file():
        return known
    with path.open("rb") as file, contextlib.suppress(LimitError):
        for line in short_lines(file, limits.TABLE_LINE, str(path)):
            with contextlib.suppress(ValueError, TypeError):
                key, files = read_json(line)
                found = [AssemblyFile(**described) for described in files]
                if isinstance(key, str) and all(map(_is_described, found)):
                    known[key] = found
    return known


def _is_described(file: AssemblyFile) -> bool:
    return all(isinstance(value, int if name == "bytes" else str) for name, value in asdict(file).items())

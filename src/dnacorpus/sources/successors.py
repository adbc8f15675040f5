"""Successors of withdrawn accessions, looked up in NCBI's lists of removed records and historical assemblies."""

import logging
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from dnacorpus import limits
from dnacorpus.bounded import lines_of
from dnacorpus.errors import CorpusError
from dnacorpus.formats.gunzip import READ_ERRORS, Gunzip, describe_error
from dnacorpus.sources.assembly_summary import ACCESSION, number_of, version_of
from dnacorpus.sources.assembly_tree import GenomeTree
from dnacorpus.sources.http import POLICY, Policy
from dnacorpus.sources.mirror import opened
from dnacorpus.sources.release import removed_list_name
from dnacorpus.sources.resumable import Partials

logger = logging.getLogger(__name__)
_PIECE = 1 << 20
_ACCESSION = re.compile(r"(?<![A-Z0-9_])(?:[A-Z]{2}_[A-Z]{0,6}[0-9]{6,}|[A-Z]{1,6}[0-9]{5,})(?:\.[0-9]+)?(?![0-9A-Z_])")
_ACCESSION_COLUMN = 2
_MIN_COLUMNS = 7  # eight until 2018, with a column gi before the folders


@dataclass(frozen=True, slots=True)
class Removal:
    """Why an accession was withdrawn, in NCBI's words, and the accession that replaced it, if any."""

    accession: str
    status: str
    successor: str | None

    @property
    def detail(self) -> str:
        """The removal as a phrase: ``replaced by GCF_000001405.40``, ``suppressed``."""
        return f"replaced by {self.successor}" if self.successor else self.status


def removed_records(lines: Iterable[bytes], accessions: Collection[str]) -> dict[str, Removal]:
    """Return accession -> removal, for those of ``accessions`` that a ``release<N>.removed-records`` lists.

    The lines are tab-separated, without a header: taxid, species, accession.version, folders, status, length,
    removal status (README of release-catalog, 2018). The wording of the removal status is not documented reliably:
    the first accession in it, other than the record's own, counts as the successor, even a later version. If no line
    has the version asked for, a line about another version is used. Other lines are skipped.
    """
    wanted: dict[str, list[str]] = {}
    for accession in sorted(set(accessions)):
        wanted.setdefault(number_of(accession), []).append(accession)
    removals: dict[str, Removal] = {}
    exact: set[str] = set()
    for line in lines:
        fields = line.decode("utf-8", errors="replace").rstrip("\r\n").split("\t")
        if len(fields) < _MIN_COLUMNS:
            continue
        removed, status = fields[_ACCESSION_COLUMN].strip(), " ".join(fields[-1].split())
        for accession in wanted.get(number_of(removed), ()):
            if accession not in exact and (accession not in removals or accession == removed):
                removals[accession] = Removal(accession, status or "removed", _successor(status, removed))
            if accession == removed:
                exact.add(accession)
    return removals


def removed_assembly(accession: str, historical: pl.DataFrame, current: pl.DataFrame) -> Removal | None:
    """Return the removal of an assembly, or None if neither table has any version of it.

    ``historical`` and ``current`` are tables of `assembly_summary.read_summary`. The successor is the highest later
    version in ``current``; the status is the ``version_status`` in ``historical`` (replaced, suppressed).
    """
    live = [name for name, status in _versions(current, accession).items() if status in (None, "latest")]
    later = [name for name in live if version_of(name) > version_of(accession)]
    past = _versions(historical, accession)
    if not later and not past:
        return None
    named = accession if accession in past else max(past, key=version_of, default="")
    status = past.get(named) or ("replaced" if later else "removed")
    return Removal(accession, status, max(later, key=version_of, default=None))


class Successors:
    """Looks up records in the release at ``mirror`` and assemblies in the tree of assemblies at ``genomes``."""

    def __init__(self, mirror: str, genomes: str, policy: Policy = POLICY) -> None:
        self._mirror, self._genomes, self._policy = mirror, genomes, policy
        self._scratch = TemporaryDirectory()  # each list is fetched once per job

    def __call__(self, accession: str) -> str | None:
        """Return the accession that replaced another; None if the lists name none or cannot be fetched."""
        look_up = self._assembly if ACCESSION.fullmatch(accession) else self._record
        try:
            removal = look_up(accession, Path(self._scratch.name))
        except CorpusError as error:  # the tombstone is written without a successor
            logger.warning("%s: its successor cannot be looked up: %s", accession, error)
            return None
        return removal.successor if removal else None

    def _assembly(self, accession: str, scratch: Path) -> Removal | None:
        with opened(self._genomes, self._policy) as source:
            tree = GenomeTree(self._genomes, source, Partials(scratch / "tables"))
            prefix, numbers = accession[:3], {number_of(accession)}
            return removed_assembly(accession, tree.historical(prefix, numbers), tree.current(prefix, numbers))

    def _record(self, accession: str, scratch: Path) -> Removal | None:
        with opened(self._mirror, self._policy) as source:
            path = removed_list_name(source.release())
            local = Partials(scratch / "lists").file("removed-records.gz", source.where(path))
            if not source.retrieve(path, local, lambda _: None):
                raise CorpusError(f"{source.where(path)}: expected the list of removed records, found none")
            return removed_records(_lines(local.path, source.where(path)), {accession}).get(accession)


def _lines(list_file: Path, where: str) -> Iterator[bytes]:
    with list_file.open("rb") as file:
        inflated = Gunzip(file)
        try:
            yield from lines_of(iter(lambda: inflated.read(_PIECE), b""), limits.TABLE_LINE, where)
        except READ_ERRORS as error:
            raise CorpusError(
                f"{where}: expected a complete gzip file, found {describe_error(error)}; fetch it again"
            ) from error


def _versions(frame: pl.DataFrame, accession: str) -> dict[str, str | None]:
    """Return version -> status of an assembly in a table."""
    column = pl.col("assembly_accession")
    ours = frame.filter(column.str.starts_with(f"{number_of(accession)}."))
    return dict(ours.select("assembly_accession", "version_status").iter_rows())


def _successor(status: str, removed: str) -> str | None:
    others = (name for name in _ACCESSION.findall(status) if name not in (removed, number_of(removed)))
    return next(others, None)

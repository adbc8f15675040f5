"""The catalog of a custom division: local files, accessions, or taxa and kinds of assemblies.

It has the columns of every catalog (`storage.catalog.COLUMNS`). ``release`` is a word for the source, ``url`` a URL,
an absolute path or ``nuccore:A,B``, and ``part`` the division's name and a number from 1.
"""

import contextlib
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from tqdm import tqdm

from dnacorpus.bounded import file_text
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.printable import escaped
from dnacorpus.settings.sources import CustomDivision
from dnacorpus.sources.assemblies import (
    Taxonomy,
    folder_of,
    listed,
    named,
    pubmed_ids,
    selected,
    with_folder,
)
from dnacorpus.sources.assembly_summary import ACCESSION, number_of
from dnacorpus.sources.assembly_tree import AssemblyFile, GenomeTree, table_of
from dnacorpus.sources.http import POLICY, Policy
from dnacorpus.sources.local import LOCAL, filled, labels_of, local_units
from dnacorpus.sources.mirror import opened
from dnacorpus.sources.release import fill_groups
from dnacorpus.sources.release import part_bytes as weight_of
from dnacorpus.sources.resumable import Partials
from dnacorpus.sources.successors import removed_assembly
from dnacorpus.storage.atomic import write_text
from dnacorpus.storage.catalog import COLUMNS, NUCCORE, parts_of
from dnacorpus.storage.progress import hidden

logger = logging.getLogger(__name__)

ASSEMBLIES, RECORDS = "assemblies", "nuccore"
"""Values of the column ``release`` for files that are not local."""
PART_RECORDS = 20
"""The largest number of nuccore records in one part."""
RECORD_BYTES = 1_000_000
"""The assumed size of a nuccore record when groups are filled, because its size is not known in advance."""
PART_BYTES = 64_000_000
"""Compressed bytes of assemblies or local files in one part."""

_PROTEIN = re.compile(r"[ANXYW]P_")
_RECORD = re.compile(r"(?:[A-Z]{2}_[A-Z]{0,6}[0-9]{6,}|[A-Z]{1,6}[0-9]{5,})(?:\.[0-9]+)?")

CatalogRow = dict[str, str]


def custom_catalog(  # noqa: PLR0917 - the arguments of its rule
    entry: CustomDivision,
    out: Path,
    group_bytes: int,
    genomes: str,
    taxa: Taxonomy | None,
    policy: Policy = POLICY,
    part_bytes: int = PART_BYTES,
) -> None:
    """Write the catalog of a custom division, an entry of the config's ``custom_divisions``, to ``out``.

    ``genomes`` is NCBI's tree of assemblies, a folder or a URL. Assemblies and local files share a part up to
    ``part_bytes`` compressed bytes of flat files; parts share a group up to ``group_bytes``. Beside ``out`` (NAME.tsv)
    it writes NAME.pubmed.tsv (assembly, pmid) if assemblies have PubMed ids, and NAME.gone.tsv (accession, detail) if
    accessions or taxa cannot be obtained.
    Raises UsageError for an entry that selects nothing, CorpusError for a damaged table of assemblies,
    RemoteError for a server that fails.
    """
    name = entry["name"]
    if group_bytes < 1 or part_bytes < 1:
        raise UsageError(f"{name}: expected at least 1 byte per group and part, found {min(group_bytes, part_bytes)}")
    division = _Division(name, part_bytes)
    if "path" in entry:
        division.add_local(listed(entry["path"]))
    else:
        with opened(genomes, policy) as source, _downloads(out) as partials:
            tree = GenomeTree(genomes, source, partials)
            if "accessions" in entry:
                records = division.add_accessions(tree, _accessions(name, entry["accessions"]))
                division.add_records(records)
            else:
                chosen, unmatched = selected(entry, tree.summary(entry.get("group")), taxa)
                division.gone.update(unmatched)
                division.add_assemblies(tree, chosen)
    if not division.rows:
        some = "; ".join(f"{accession}: {detail}" for accession, detail in sorted(division.gone.items())[:3])
        raise UsageError(
            f"custom division {name}: expected at least one file, found none{some and f' ({some})'};"
            " correct the entry in `custom_divisions`"
        )
    _write(out.with_suffix(".pubmed.tsv"), ("assembly", "pmid"), sorted(division.pubmed))
    _write(out.with_suffix(".gone.tsv"), ("accession", "detail"), sorted(division.gone.items()))
    # Written last: once it exists, the others do.
    _write(out, COLUMNS, [[row[column] for column in COLUMNS] for row in _grouped(division.rows, group_bytes)])
    logger.info("%s: %d files in %d parts", name, len(division.rows), division.parts)


class _Division:
    """The rows of a catalog while they are collected."""

    def __init__(self, name: str, part_bytes: int) -> None:
        self._name, self._part_bytes = name, part_bytes
        self.parts = 0
        self.rows: list[CatalogRow] = []
        self.gone: dict[str, str] = {}
        self.pubmed: set[tuple[str, str]] = set()

    def add_local(self, paths: Sequence[str]) -> None:
        for part in filled(local_units(paths), self._part_bytes):
            self.parts += 1
            for file in part:
                self._add(LOCAL, file.kind, file.path.name, str(file.path), file.bytes, file.md5)
        labels = labels_of(self.rows)
        for row in self.rows:
            label = labels[row["url"]]
            if row["kind"] != "gff" and label not in labels_of([row]).values():
                logger.warning(
                    "%s: its name is that of other files: its records without an accession are named %s:NAME;"
                    " rename the files, each differently, for better names",
                    row["url"],
                    label,
                )

    def add_accessions(self, tree: GenomeTree, accessions: Sequence[str]) -> list[str]:
        """Add the assemblies among ``accessions``, and return the others, which are nuccore records."""
        for prefix in ("GCA", "GCF"):
            ours = [name for name in accessions if name.startswith(prefix)]
            if ours:
                self._add_named(tree, prefix, ours)
        return [name for name in accessions if not ACCESSION.fullmatch(name)]

    def add_records(self, accessions: Sequence[str]) -> None:
        for start in range(0, len(accessions), PART_RECORDS):
            self.parts += 1
            url = NUCCORE + ",".join(accessions[start : start + PART_RECORDS])
            self._add(RECORDS, "gbff", f"{self._name}.{self.parts}.genomic.gbff", url)

    def add_assemblies(self, tree: GenomeTree, frame: pl.DataFrame) -> None:
        """Look up the files of the assemblies of a table, and add them in its order, divided into parts."""
        assemblies: list[list[AssemblyFile]] = []
        rows = frame.select("assembly_accession", "ftp_path", "pubmed_id").rows()
        for accession, path, pmids in tqdm(rows, desc=f"{self._name}: assemblies", disable=hidden()):
            files = tree.files(folder_of(path) or "")
            if files:
                assemblies.append(files)
                self.pubmed.update((accession, str(pmid)) for pmid in pubmed_ids(pmids))
            else:
                self._lose(accession, "no genomic files in its folder")
            if len(assemblies) % 500 == 0:
                logger.info("%s: files of %d of %d assemblies found", self._name, len(assemblies), len(rows))
        weights = [weight_of((file.kind, file.bytes) for file in files) for files in assemblies]
        before = self.parts
        for number, files in zip(fill_groups(weights, self._part_bytes), assemblies, strict=True):
            self.parts = before + int(number) + 1
            for file in files:
                self._add(ASSEMBLIES, file.kind, file.name, file.url, file.bytes, file.md5)

    def _add_named(self, tree: GenomeTree, prefix: str, accessions: Sequence[str]) -> None:
        numbers = {number_of(accession) for accession in accessions}
        current = tree.current(prefix, numbers)
        frame, missing = named(current, accessions)
        if missing:
            historical = tree.historical(prefix, {number_of(accession) for accession in missing})
            # A replaced version may be named explicitly, so that an earlier build can be repeated.
            replaced, _ = named(historical.filter(version_status="replaced"), [a for a in missing if "." in a])
            replaced, _ = with_folder(replaced)
            kept = set(replaced["assembly_accession"])
            for accession in missing:
                removal = removed_assembly(accession, historical, current)
                detail = removal.detail if removal else f"not in {table_of(prefix)}"
                if accession in kept:
                    logger.warning("%s: %s: %s; used because this version is named", self._name, accession, detail)
                else:
                    self._lose(accession, detail)
            frame = pl.concat([frame, replaced], how="diagonal")
        frame, without = with_folder(frame)
        for accession in without:
            self._lose(accession, f"no ftp_path in {table_of(prefix)}")
        self.add_assemblies(tree, frame)

    def _lose(self, accession: str, detail: str) -> None:
        logger.warning("%s: %s is left out: %s", self._name, accession, detail)
        self.gone[accession] = detail

    def _add(  # noqa: PLR0917 - a row
        self, release: str, kind: str, file: str, url: str, size: int | None = None, md5: str = ""
    ) -> None:
        part, weight = f"{self._name}.{self.parts}", "" if size is None else str(size)
        values = (release, self._name, part, "", kind, file, url, weight, md5)
        self.rows.append(dict(zip(COLUMNS, values, strict=True)))


@contextlib.contextmanager
def _downloads(out: Path) -> Iterator[Partials]:
    """Yield a folder for unfinished downloads; it is kept for the next run only if the network fails."""
    partials = Partials(out)
    try:
        yield partials
    except RemoteError:
        raise
    except CorpusError:
        partials.remove()
        raise
    partials.remove()


def _accessions(division: str, given: Any) -> list[str]:
    """Return the distinct accessions of a list, or of a file with one per line, sorted."""
    entries = [(f"custom division {division}", str(item)) for item in given] if not isinstance(given, str) else []
    if isinstance(given, str):
        try:
            lines = file_text(Path(given).expanduser()).splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"custom division {division}: accessions {given}: expected a text file with one accession per line,"
                f" found: {error}; correct the path, or write a list"
            ) from error
        entries = [(f"{given}: line {number}", line.partition("#")[0]) for number, line in enumerate(lines, start=1)]
    accessions = {_accession(where, text.strip().upper()) for where, text in entries if text.strip()}
    return sorted(accessions)


def _accession(where: str, text: str) -> str:
    if ACCESSION.fullmatch(text) or (
        _RECORD.fullmatch(text) and not text.startswith("GC") and not _PROTEIN.match(text)
    ):
        return text
    raise UsageError(
        f"{where}: expected the accession of an assembly or a nucleotide record, such as GCF_000001405.40"
        f" or NC_012920.1, found {text[:60]!r}; correct it"
    )


def _grouped(rows: Sequence[CatalogRow], group_bytes: int) -> list[CatalogRow]:
    parts = parts_of(rows)
    weights = [weight_of((row["kind"], _weight(row)) for row in files) for files in parts.values()]
    groups = dict(zip(parts, fill_groups(weights, group_bytes), strict=True))
    return [row | {"group": groups[row["part"]]} for row in rows]


def _weight(row: CatalogRow) -> int:
    return int(row["bytes"]) if row["bytes"] else RECORD_BYTES * (row["url"].count(",") + 1)


def _write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table; if it has no rows, remove the file instead."""
    if not rows:
        path.unlink(missing_ok=True)
        return
    write_text(path, "".join("\t".join(map(escaped, values)) + "\n" for values in (columns, *rows)))

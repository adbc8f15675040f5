"""The parse stage: the flat files, FASTA files and GFF of one part as the tables of a part.

In: the folder of fetch, or files. Out: a folder of records, features, segments, references, rejects and ledger, written
whole or not at all; the same bytes in give the same bytes out, whatever the paths. A bad record is left out alone, and
goes to rejects with its reason and its bytes. Memory: about 16 MB of records and their bases, or the longest record,
three times; the FASTA files wait on the disk.
"""

import contextlib
import json
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

from tqdm import tqdm

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.formats.batch import BatchReader
from dnacorpus.formats.fasta import FastaBases, FastaEntry, FastaIndex, index_fasta, read_bases
from dnacorpus.formats.genbank.reader import FlatFile, RawRecord
from dnacorpus.formats.gff.reader import Annotation, Annotations
from dnacorpus.formats.gunzip import Gunzip, Source
from dnacorpus.formats.part_writer import PartWriter
from dnacorpus.formats.record import Record, annotated_record, fasta_record
from dnacorpus.formats.refusal import RefusalError
from dnacorpus.formats.sniff import GZIP_MAGIC, ForeignFormatError
from dnacorpus.formats.taxonomy.lookup import Taxa
from dnacorpus.formats.taxonomy.species import Taxon
from dnacorpus.sources.release import member_of
from dnacorpus.storage.atomic import whole_directory
from dnacorpus.storage.progress import hidden

FindTaxon = Callable[[int], Taxon | None] | None
_log = logging.getLogger(__name__)
BATCH_BYTES = 16 << 20
"""Bytes of records, and of their bases, that are read at once."""
_SCRATCH = "scratch"
_FLAWS = {
    "unterminated": "expected // at the end of the record, found the next LOCUS or the end of the file",
    "truncated": "expected // at the end of the record, found the end of a damaged file",
    "no_locus": "expected LOCUS at the start of a record, found other text",
    "header": "expected an accession after >, found none",
}


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a part by kind; ``gff`` is annotation, GFF3 or GTF, of sequences in ``fna``."""

    gbff: Sequence[Path]
    fna: Sequence[Path]
    gff: Sequence[Path] = ()

    def __iter__(self) -> Iterator[Path]:
        return iter((*self.gbff, *self.fna, *self.gff))


def parse_part(
    division: str, part: str, files: Files, out: Path, *, release: str | None = None, taxonomy: Path | None = None
) -> str:
    """Read the files of one part and write its tables to the folder ``out``.

    ``taxonomy`` is the folder of the taxonomy stage; without one species are taken from names.
    Returns "", or one line that names the damaged file and the damage: the tables then hold what
    precedes it. Raises CorpusError for a file that is missing or in another format, UsageError for
    two files of one name, since the tables name files without their folders.
    """
    names = sorted(path.name for path in files)
    twice = [name for name, after in pairwise(names) if name == after]
    if twice:
        raise UsageError(f"{twice[0]}: expected files of different names, found it twice; rename one of them")
    with whole_directory(out) as workspace, PartWriter(workspace, division, part, release) as tables:
        damages = _read_files(workspace, tables, files, _taxa(taxonomy))
        tables.write_ledger(len(names), damages)
    return "; ".join(damages)


def run_on_files(
    division: str, files: Files, out: Path, *, release: str | None = None, taxonomy: Path | None = None
) -> str:
    """Read files without a build, as `parse_part` does; the part is named after the first of them."""
    part = member_of((*files.gbff, *files.fna)[0].name)
    return parse_part(division, part, files, out, release=release, taxonomy=taxonomy)


def run(raw: Path, out: Path, taxonomy: Path | None = None) -> None:
    """Read the fetched part in the folder ``raw``, as its ``part.json`` lists it, and write its tables to ``out``.

    ``taxonomy`` is as in `parse_part`. A part with any file that is damaged, or no flat file at all, gets
    empty tables; its ledger names the file and the damage. Of an assembly that lacks a
    file nothing is read. Raises CorpusError if ``part.json`` is missing or has another form.
    """
    listing = _listing(raw)
    names = (listing["division"], listing["part"], listing["release"])
    described = listing["files"]
    damages = [f"{file['file']}: {file['detail']}" for file in described if file["status"] == "unreadable"]
    damages += [f"{file['file']}: {change}" for file in described if (change := _changed(raw, file))]
    tombstones, used = _without_gone(described)
    files = Files(*([raw / file["file"] for file in used if file["kind"] == kind] for kind in ("gbff", "fna", "gff")))
    with whole_directory(out) as workspace:
        if not damages:
            with PartWriter(workspace, *names) as tables:
                try:
                    damages = _read_files(workspace, tables, files, _taxa(taxonomy))
                except ForeignFormatError as error:
                    damages = [str(error)]
                tables.write_ledger(len(described), damages, tombstones)
        if damages:
            for path in workspace.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            with PartWriter(workspace, *names) as tables:
                tables.write_ledger(len(described), sorted(damages), tombstones)


def _changed(raw: Path, file: dict[str, Any]) -> str:
    """Return how a file differs from what was fetched, or "": a linked file may have been replaced since."""
    path = raw / file["file"]
    if file["status"] != "ok" or not path.is_file() or file["bytes"] in (None, path.stat().st_size):
        return ""
    return f"expected the {file['bytes']} bytes that were fetched, found {path.stat().st_size}; fetch the part again"


def _taxa(taxonomy: Path | None) -> FindTaxon:
    return Taxa(taxonomy).taxon if taxonomy else None


def _without_gone(described: list[dict[str, Any]]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return a line for each file that is gone, and the files to read: none of an assembly that lacks a file."""
    gone = {member_of(file["file"]): file["file"] for file in described if file["status"] == "gone"}
    tombstones, used = [], []
    for file in described:
        if file["status"] == "gone":
            tombstones.append(f"{file['file']}: {file['detail']}")
        elif file["status"] == "ok" and member_of(file["file"]) in gone:
            tombstones.append(f"{file['file']}: left out: {gone[member_of(file['file'])]} is gone")
        elif file["status"] == "ok":
            used.append(file)
    return sorted(tombstones), used


def _listing(raw: Path) -> dict[str, Any]:
    path = raw / "part.json"
    try:
        listing: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if missing := _missing(listing):
            raise KeyError(missing)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(
            f"{path}: expected the list of a part's files, found {type(error).__name__}: {error}; fetch the part again"
        ) from error
    return listing


def _missing(listing: dict[str, Any]) -> str:
    """Return the first key that a part's list, or one of its files, lacks, or ""; raises TypeError for other values."""
    keys = ("division", "part", "release", "files")
    if missing := [key for key in keys if key not in listing]:
        return missing[0]
    for file in listing["files"]:
        if missing := [key for key in ("detail", "status", "file", "kind", "bytes") if key not in file]:
            return missing[0]
        if not isinstance(file["file"], str):
            raise TypeError(f"file: expected a name, found {file['file']!r}")
    return ""


def _read_files(workspace: Path, tables: PartWriter, files: Files, find_taxon: FindTaxon) -> list[str]:
    """Fill the tables, and return a line for each damaged file."""
    scratch = workspace / _SCRATCH
    scratch.mkdir()
    damages: list[str] = []
    with contextlib.ExitStack() as stack:
        entries: list[FastaEntry] = []
        copies: dict[str, IO[bytes]] = {}
        for number, path in enumerate(_by_name(files.fna)):
            copies[path.name] = copy = stack.enter_context((scratch / str(number)).open("w+b"))
            with _open(path) as handle:
                found, damage = index_fasta(handle, copy, path.name)
            entries += found
            damages += [f"{path.name}: {damage}"] if damage else []
        fasta = _Fasta(FastaIndex(entries), copies)
        for path in _by_name(files.gbff):
            with _open(path) as handle:
                flat = FlatFile(handle, path.name)
                for raws in _batches(_progress(flat, path.name), fasta, find_taxon):
                    for raw, read in raws:
                        _take_record(tables, path.name, raw, read, fasta)
            damages += [f"{path.name}: {flat.damage}"] if flat.damage else []
        annotations = Annotations()
        for path in _by_name(files.gff):
            with _open(path) as handle:
                damage = annotations.read(handle, path.name)
            damages += [f"{path.name}: {damage}"] if damage else []
        for entry in fasta.index.unclaimed():
            _take_entry(tables, entry, fasta, annotations.claim(entry.accession), find_taxon)
        for status, reason, count in annotations.lost():
            tables.add_lines(status, reason, count)
    shutil.rmtree(scratch)
    return damages


def _by_name(paths: Sequence[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: path.name)


@contextlib.contextmanager
def _open(path: Path) -> Iterator[Source]:
    try:
        with path.open("rb") as file:
            magic = file.read(2)
    except OSError as error:
        raise CorpusError(f"{path}: expected a readable file, found {error.strerror}; fetch it again") from error
    gzipped = magic == GZIP_MAGIC or (magic != b"" and path.suffix in (".gz", ".bgz"))
    with path.open("rb") as handle:
        yield Gunzip(handle) if gzipped else handle


def _progress(flat: FlatFile, name: str) -> Iterator[RawRecord]:
    with tqdm(desc=name, unit="B", unit_scale=True, disable=hidden(), leave=False) as bar:
        for raw in flat:
            yield raw
            bar.update(raw.end - raw.start)


@dataclass
class _Fasta:
    """The FASTA side of a part: which entries it has, and where their bytes are."""

    index: FastaIndex
    copies: dict[str, IO[bytes]]

    def bases(self, entry: FastaEntry) -> FastaBases:
        return read_bases(self.copies[entry.file], entry)

    def raw(self, entry: FastaEntry) -> bytes:
        self.copies[entry.file].seek(entry.start)
        return self.copies[entry.file].read(entry.end - entry.start)


def _batches(
    raws: Iterator[RawRecord], fasta: _Fasta, find_taxon: FindTaxon
) -> Iterator[Iterator[tuple[RawRecord, Record | RefusalError]]]:
    """Read records, as many at once as make `BATCH_BYTES`; yield each batch, which must be used up before the next."""

    def find(accession: str) -> FastaBases | None:
        entry = fasta.index.claim(accession)
        return fasta.bases(entry) if entry else None

    batch, held = BatchReader(find, find_taxon), []
    for raw in raws:
        held.append(raw)
        batch.add(raw.data, RefusalError(raw.flaw, _FLAWS[raw.flaw]) if raw.flaw else None)
        if batch.size >= BATCH_BYTES:
            yield zip(held, batch.read(), strict=True)
            held = []
    yield zip(held, batch.read(), strict=True)


def _take_record(tables: PartWriter, file: str, raw: RawRecord, read: Record | RefusalError, fasta: _Fasta) -> None:
    if isinstance(read, RefusalError):
        accession = tables.reject(file, raw.start, raw.data, read)
        if accession:  # its FASTA entry is not a record of its own: it would have no species
            fasta.index.claim(accession)
        return
    if read.fasta_differs:
        _log.warning(
            "%s: the bases of %s differ between ORIGIN and FASTA; ORIGIN is used",
            file,
            read.row["accession"],
        )
    tables.write(read)


def _take_entry(
    tables: PartWriter, entry: FastaEntry, fasta: _Fasta, annotation: Annotation | None, find_taxon: FindTaxon
) -> None:
    try:
        if entry.flaw:
            raise RefusalError(entry.flaw, _FLAWS[entry.flaw])
        bases = fasta.bases(entry)
        if annotation is None:
            record = fasta_record(entry.accession, entry.definition, bases)
        else:
            record = annotated_record(entry.accession, entry.definition, bases, annotation, find_taxon)
    except RefusalError as refusal:
        tables.reject(entry.file, entry.start, fasta.raw(entry), refusal, entry.accession)
        return
    tables.write(record)

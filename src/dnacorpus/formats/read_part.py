"""The files of one part as rows of its tables: flat files first, then the FASTA entries that no flat file claims.

A bad record is left out alone, and goes to the rejects with its reason and its bytes.
"""

import contextlib
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tqdm import tqdm

from dnacorpus import limits
from dnacorpus.formats.batch import BatchReader
from dnacorpus.formats.fasta import FastaBases, FastaEntry, FastaIndex, index_fasta, read_bases
from dnacorpus.formats.genbank.reader import FlatFile, RawRecord
from dnacorpus.formats.gff.annotations import Annotations
from dnacorpus.formats.gff.reader import Annotation
from dnacorpus.formats.part_writer import PartWriter
from dnacorpus.formats.record import Record, annotated_record, fasta_record
from dnacorpus.formats.refusal import RefusalError, one_file, one_record
from dnacorpus.formats.source import InputFile, open_input
from dnacorpus.formats.taxonomy.species import Taxon
from dnacorpus.printable import escaped
from dnacorpus.storage.progress import hidden

FindTaxon = Callable[[int], Taxon | None] | None
_log = logging.getLogger(__name__)
BATCH_BYTES = 16 << 20
"""Bytes of records, and of their bases, that are read at once."""
_SCRATCH = "scratch"
_FLAWS = {
    "unterminated": "expected // at the end of the record, found the next {start} or the end of the file",
    "truncated": "expected // at the end of the record, found the end of a damaged file",
    "no_locus": "expected {start} at the start of a record, found other text",
    "too_large": limits.RECORD_BYTES.exceeded(),
}
_FASTA_FLAWS = {
    "truncated": "expected the end of the record, found the end of a damaged file",
    "no_locus": "expected > at the start of a record, found other text",
    "header": "expected a name after >, found none",
    "too_large": limits.RECORD_BYTES.exceeded(),
}


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a part by kind; ``gff`` is annotation, GFF3 or GTF, of sequences in ``fna``."""

    gbff: Sequence[Path]
    fna: Sequence[Path]
    gff: Sequence[Path] = ()

    def __iter__(self) -> Iterator[Path]:
        return iter((*self.gbff, *self.fna, *self.gff))


def read_files(tables: PartWriter, files: Files, workspace: Path, find_taxon: FindTaxon = None) -> list[str]:
    """Fill the tables of a part from its files, and return a line for each damaged file.

    ``workspace`` is a folder for scratch files, which are removed. Holds `BATCH_BYTES` of records and their bases, or
    the longest record, about three times. Raises CorpusError for a file that is missing, in another
    format, or annotation of none of the sequences.
    """
    scratch = workspace / _SCRATCH
    scratch.mkdir()
    damages: list[str] = []
    with contextlib.ExitStack() as stack:
        entries: list[FastaEntry] = []
        copies: dict[str, IO[bytes]] = {}
        for number, path in enumerate(_by_name(files.fna)):
            copies[path.name] = copy = stack.enter_context((scratch / str(number)).open("w+b"))
            with _opened(path, tables) as handle, one_file(path.name):
                found, damage = index_fasta(handle, copy, path.name)
            entries += found
            damages += [f"{path.name}: {damage}"] if damage else []
        fasta = _Fasta(FastaIndex(entries), copies)
        described: list[str] = []
        for path in _by_name(files.gbff):
            with _opened(path, tables) as handle, one_file(path.name):
                flat = FlatFile(handle, path.name)
                for raws in _batches(flat, _progress(flat, path.name), fasta, find_taxon):
                    for raw, read in raws:
                        accession = _take_record(tables, path.name, raw, read, fasta)
                        described += [accession] if accession and files.gff else []
            damages += [f"{path.name}: {flat.damage}"] if flat.damage else []
        annotations = Annotations()
        for path in _by_name(files.gff):
            with _opened(path, tables) as handle, one_file(path.name):
                damage = annotations.read(handle, path.name)
            damages += [f"{path.name}: {damage}"] if damage else []
        for accession in described:
            annotations.describe(accession)
        for entry in fasta.index.unclaimed():
            _take_entry(tables, entry, fasta, annotations.claim(entry.accession), find_taxon)
        if not damages:
            annotations.refuse_unused([*described, *(entry.accession for entry in entries if entry.flaw is None)])
        for status, reason, count in annotations.lines():
            tables.add_lines(status, reason, count)
    shutil.rmtree(scratch)
    return damages


def _by_name(paths: Sequence[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: path.name)


@contextlib.contextmanager
def _opened(path: Path, tables: PartWriter) -> Iterator[InputFile]:
    """Open a file of the part, and note the bytes of it that nothing reads."""
    with open_input(path) as handle:
        yield handle
        if handle.ignored:
            detail = f"{path.name}: {handle.ignored:,} bytes after the end of its gzip data are left out"
            _log.warning("%s; the file may be damaged: fetch it again", detail)
            tables.note_file("trailing_bytes", detail)


def _progress(flat: FlatFile, name: str) -> Iterator[RawRecord]:
    with tqdm(desc=escaped(name), unit="B", unit_scale=True, disable=hidden(), leave=False) as bar:
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
    flat: FlatFile, raws: Iterator[RawRecord], fasta: _Fasta, find_taxon: FindTaxon
) -> Iterator[Iterator[tuple[RawRecord, Record | RefusalError]]]:
    """Read records, as many at once as make `BATCH_BYTES`; yield each batch, which must be used up before the next."""

    def find(accession: str) -> FastaBases | None:
        entry = fasta.index.claim(accession)
        return fasta.bases(entry) if entry else None

    batch, held = BatchReader(find, find_taxon), []
    for raw in raws:
        held.append(raw)
        batch.add(raw.data, RefusalError(raw.flaw, _flaw(raw.flaw, flat)) if raw.flaw else None)
        if batch.size >= BATCH_BYTES:
            yield zip(held, batch.read(), strict=True)
            held = []
    yield zip(held, batch.read(), strict=True)


def _flaw(flaw: str, flat: FlatFile) -> str:
    return _FLAWS[flaw].format(start=flat.start.decode().strip())


def _take_record(
    tables: PartWriter, file: str, raw: RawRecord, read: Record | RefusalError, fasta: _Fasta
) -> str | None:
    """Write or reject the record of a flat file, and return its accession, or None if that is malformed."""
    if isinstance(read, RefusalError):
        accession = tables.reject(file, raw.start, raw.data, read)
        if accession:  # its FASTA entry is not a record of its own: it would have no species
            fasta.index.claim(accession)
        return accession
    if read.fasta_differs:
        _log.warning(
            "%s: the bases of %s differ between ORIGIN and FASTA; ORIGIN is used",
            file,
            read.row["accession"],
        )
    tables.write(read, file)
    return str(read.row["accession"])


def _take_entry(
    tables: PartWriter, entry: FastaEntry, fasta: _Fasta, annotation: Annotation | None, find_taxon: FindTaxon
) -> None:
    try:
        if entry.flaw:
            raise RefusalError(entry.flaw, _FASTA_FLAWS[entry.flaw])
        with one_record():
            bases = fasta.bases(entry)
            if annotation is None:
                record = fasta_record(entry.accession, entry.definition, bases)
            else:
                record = annotated_record(entry.accession, entry.definition, bases, annotation, find_taxon)
    except RefusalError as refusal:
        tables.reject(entry.file, entry.start, fasta.raw(entry), refusal, entry.accession)
        return
    record.replaced.update(entry.replaced or {})
    tables.write(record, entry.file)

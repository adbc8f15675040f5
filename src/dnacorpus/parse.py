"""The parse stage: one part's flat files and FASTA files to the tables of a part.

Written whole or not at all; the same bytes in give the same bytes out, whatever the paths. A bad
record costs one record and goes to rejects with its reason and its bytes.
"""

import contextlib
import json
import logging
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tqdm import tqdm

from dnacorpus import schemas
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.fasta import Bases, Entry, Index, index_fasta, read_bases
from dnacorpus.files import whole_directory
from dnacorpus.genbank import FlatFile, ForeignFormatError, Gunzip, Raw, Source, text_of
from dnacorpus.header import legible
from dnacorpus.locus import RefusalError
from dnacorpus.record import Record, fasta_record, read_record
from dnacorpus.tables import TableWriter

_log = logging.getLogger(__name__)
_TABLES = {
    "records": schemas.RECORDS,
    "features": schemas.FEATURES,
    "segments": schemas.SEGMENTS,
    "references": schemas.REFERENCES,
    "rejects": schemas.REJECTS,
    "ledger": schemas.LEDGER,
}
_SCRATCH = "scratch"
_LEGIBLE_BYTES = 1 << 20
_FLAWS = {
    "unterminated": "expected // at the end of the record, found the next LOCUS or the end of the file",
    "truncated": "expected // at the end of the record, found the end of a damaged file",
    "no_locus": "expected LOCUS at the start of a record, found other text",
    "header": "expected an accession after >, found none",
}


def parse_part(  # noqa: PLR0917 - what its rule passes
    division: str, part: str, release: str | None, gbff: Sequence[Path], fna: Sequence[Path], out: Path
) -> str | None:
    """Read the files of one part and write its tables to the folder ``out``.

    Returns None, or one line saying which file is damaged and how: the tables then hold what was
    legible before. Raises CorpusError for a file that is missing or in another format, UsageError for
    two files of one name, since the tables call files by their names.
    """
    names = sorted(path.name for path in (*gbff, *fna))
    twice = [name for name, after in pairwise(names) if name == after]
    if twice:
        raise UsageError(f"{twice[0]}: expected files of different names, found it twice; rename one of them")
    with whole_directory(out) as workspace:
        damages = _write_part(workspace, division, part, release, gbff, fna)
    return "; ".join(damages) or None


def parse_raw(raw: Path, out: Path) -> None:
    """Read the fetched part in the folder ``raw``, as its ``part.json`` lists it, and write its tables to ``out``.

    A part with any file that is damaged, or no flat file at all, gets empty tables; its ledger names
    the file and the damage. Raises CorpusError where ``part.json`` is missing or not of its form.
    """
    listing = _listing(raw)
    division, part, files = listing["division"], listing["part"], listing["files"]
    damages = {file["file"]: file["detail"] or "unreadable" for file in files if file["status"] != "ok"}
    paths = {
        kind: [raw / file["file"] for file in files if file["kind"] == kind and file["status"] == "ok"]
        for kind in ("gbff", "fna")
    }
    with whole_directory(out) as workspace:
        found: list[str] = [f"{name}: {detail}" for name, detail in sorted(damages.items())]
        if not found:
            try:
                found = _write_part(workspace, division, part, listing["release"], paths["gbff"], paths["fna"])
            except ForeignFormatError as error:
                found = [str(error)]
        if found:
            for path in workspace.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            with _Writers(workspace, division, part, listing["release"]) as writers:
                writers.close_books(len(files), found)


def _listing(raw: Path) -> dict[str, Any]:
    path = raw / "part.json"
    try:
        listing: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for key in ("division", "part", "release", "files"):
            listing[key]
        for file in listing["files"]:
            file["detail"], file["status"], raw / file["file"], file["kind"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(
            f"{path}: expected the list of a part's files, found {type(error).__name__}: {error}; fetch the part again"
        ) from error
    return listing


def _write_part(  # noqa: PLR0917 - what its rule passes
    workspace: Path, division: str, part: str, release: str | None, gbff: Sequence[Path], fna: Sequence[Path]
) -> list[str]:
    scratch = workspace / _SCRATCH
    scratch.mkdir()
    damages: list[str] = []
    with _Writers(workspace, division, part, release) as writers, contextlib.ExitStack() as stack:
        entries: list[Entry] = []
        copies: dict[str, IO[bytes]] = {}
        for number, path in enumerate(sorted(fna, key=lambda path: path.name)):
            copies[path.name] = copy = stack.enter_context((scratch / str(number)).open("w+b"))
            with _open(path) as handle:
                found, damage = index_fasta(handle, copy, path.name)
            entries += found
            damages += [f"{path.name}: {damage}"] if damage else []
        fasta = _Fasta(Index(entries), copies)
        for path in sorted(gbff, key=lambda path: path.name):
            with _open(path) as handle:
                flat = FlatFile(handle, path.name)
                for raw in _progress(flat, path.name):
                    _take_record(writers, path.name, raw, fasta)
            damages += [f"{path.name}: {flat.damage}"] if flat.damage else []
        for entry in fasta.index.unclaimed():
            _take_entry(writers, entry, fasta)
        writers.close_books(len(gbff) + len(fna), damages)
    shutil.rmtree(scratch)
    return damages


@contextlib.contextmanager
def _open(path: Path) -> Iterator[Source]:
    try:
        with path.open("rb") as file:
            magic = file.read(2)
    except OSError as error:
        raise CorpusError(f"{path}: expected a readable file, found {error.strerror}; fetch it again") from error
    gzipped = magic == b"\x1f\x8b" or (magic != b"" and path.suffix in (".gz", ".bgz"))
    with path.open("rb") as handle:
        yield Gunzip(handle) if gzipped else handle


def _progress(flat: FlatFile, name: str) -> Iterator[Raw]:
    with tqdm(desc=name, unit="B", unit_scale=True, disable=None, leave=False) as bar:
        for raw in flat:
            yield raw
            bar.update(raw.end - raw.start)


@dataclass
class _Fasta:
    """The FASTA side of a part: which entries it has, and where their bytes are."""

    index: Index
    copies: dict[str, IO[bytes]]

    def bases(self, entry: Entry) -> Bases:
        return read_bases(self.copies[entry.file], entry)

    def raw(self, entry: Entry) -> bytes:
        self.copies[entry.file].seek(entry.start)
        return self.copies[entry.file].read(entry.end - entry.start)


def _take_record(writers: "_Writers", file: str, raw: Raw, fasta: _Fasta) -> None:
    def find(accession: str) -> Bases | None:
        entry = fasta.index.claim(accession)
        return fasta.bases(entry) if entry else None

    try:
        if raw.flaw:
            raise RefusalError(raw.flaw, _FLAWS[raw.flaw])
        record = read_record(raw.data, find)
    except RefusalError as refusal:
        accession = writers.reject(file, raw.start, raw.data, refusal)
        if accession:  # its bases are part of what is rejected: no record of their own, without a species
            fasta.index.claim(accession)
        return
    if record.fasta_differs:
        _log.warning(
            "%s: the bases of %s differ between ORIGIN and FASTA; ORIGIN stands", file, record.row["accession"]
        )
    writers.write(record)


def _take_entry(writers: "_Writers", entry: Entry, fasta: _Fasta) -> None:
    try:
        if entry.flaw:
            raise RefusalError(entry.flaw, _FLAWS[entry.flaw])
        record = fasta_record(entry.accession, entry.definition, fasta.bases(entry))
    except RefusalError as refusal:
        writers.reject(entry.file, entry.start, fasta.raw(entry), refusal, entry.accession)
        return
    writers.write(record)


class _Writers:
    """The open tables of one part, and its books."""

    def __init__(self, workspace: Path, division: str, part: str, release: str | None) -> None:
        self._part = {"division": division, "part": part}
        self._release = release
        self._ordinal, self._bases, self._features = 0, 0, 0
        self._rejected: dict[str, list[int]] = {}
        self._stack = contextlib.ExitStack()
        self._tables = {
            name: self._stack.enter_context(TableWriter(workspace / f"{name}.parquet", schema))
            for name, schema in _TABLES.items()
        }
        self._rejects = self._stack.enter_context((workspace / "rejects.gb").open("wb"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def write(self, record: Record) -> None:
        """Write the rows of a record, and count it."""
        key = {"accession": record.row["accession"], "ordinal": self._ordinal}
        self._tables["records"].write_row({**self._part, "release": self._release, **record.row, **key})
        for name, rows in (("features", record.features), ("references", record.references)):
            for row in rows:
                self._tables[name].write_row(row | key)
        for row in record.segments():
            self._tables["segments"].write_row(row | key, len(row["sequence"]))
        self._features += len(record.features)
        self._count(record.row["length"])

    def reject(self, file: str, start: int, data: bytes, refusal: RefusalError, name: str | None = None) -> str | None:
        """Write a rejects row and the bytes, count them, and return the accession where it is legible.

        ``name`` is the accession where the bytes are FASTA.
        """
        text = text_of(data[:_LEGIBLE_BYTES])
        accession, bases = legible(text)
        row = {
            "file": file,
            "ordinal": self._ordinal,
            "first_line": text.lstrip("\n").split("\n")[0][:200],
            "accession": name or accession,
            "reason": refusal.reason,
            "detail": str(refusal),
            "start": start,
            "end": start + len(data),
            "bases": bases,
        }
        self._tables["rejects"].write_row(row)
        self._rejects.write(data)
        count = self._rejected.setdefault(refusal.reason, [0, 0])
        count[0] += 1
        count[1] += bases
        self._count(bases)
        return accession

    def _count(self, bases: int) -> None:
        self._ordinal += 1
        self._bases += bases

    def close_books(self, files: int, damages: list[str]) -> None:
        """Write the ledger rows of the part, of which ``damages`` names the files that are unreadable."""
        rows = [
            ("file", "in", "", "", files, 0),
            ("file", "kept", "", "", files - len(damages), 0),
            *(("file", "rejected", "unreadable", damage, 1, 0) for damage in damages),
            ("record", "in", "", "", self._ordinal, self._bases),
            *(("record", "rejected", reason, "", *counts) for reason, counts in sorted(self._rejected.items())),
            ("feature", "in", "", "", self._features, 0),
        ]
        for row in rows:
            self._tables["ledger"].write_row(self._part | dict(zip(schemas.LEDGER.names[2:], row, strict=True)))

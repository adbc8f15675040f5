"""The parse stage: one part's flat files and FASTA files to the tables of a part.

Written whole or not at all; the same bytes in give the same bytes out, whatever the paths. A bad
record costs one record and goes to rejects with its reason and its bytes.
"""

import contextlib
import json
import logging
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from isal import igzip
from tqdm import tqdm

from dnacorpus import schemas
from dnacorpus.annotation import as_rows, feature_row, read_features, source_of, taxid_of
from dnacorpus.errors import CorpusError
from dnacorpus.fasta import Bases, Entry, Index, index_fasta, read_bases
from dnacorpus.files import whole_directory
from dnacorpus.genbank import FlatFile, Raw, bases_of, sections_of, text_of
from dnacorpus.header import Header, Refusal, read_header
from dnacorpus.sequence import canonical_digest, foreign, gc_and_ambiguous, normalise
from dnacorpus.species import species_of
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


def parse_part(
    division: str, part: str, release: str | None, gbff: Sequence[Path], fna: Sequence[Path], out: Path
) -> str | None:
    """Read the files of one part and write its tables to the folder ``out``.

    Returns None, or one line saying which file is damaged and how: the tables then hold what was
    legible before. Raises CorpusError for a file that is missing or in another format.
    """
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
            except CorpusError as error:
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


def _write_part(
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
def _open(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as file:
            magic = file.read(2)
    except OSError as error:
        raise CorpusError(f"{path}: expected a readable file, found {error.strerror}; fetch it again") from error
    gzipped = magic == b"\x1f\x8b" or (magic != b"" and path.suffix in (".gz", ".bgz"))
    with igzip.open(path, "rb") if gzipped else path.open("rb") as handle:
        yield handle


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


class _Writers:
    """The open tables of one part, and its books."""

    def __init__(self, workspace: Path, division: str, part: str, release: str | None) -> None:
        self.division, self.part, self.release = division, part, release
        self.ordinal, self.bases, self.features = 0, 0, 0
        self.rejected: dict[str, list[int]] = {}
        self._stack = contextlib.ExitStack()
        self.tables = {
            name: self._stack.enter_context(TableWriter(workspace / f"{name}.parquet", schema))
            for name, schema in _TABLES.items()
        }
        self.rejected_bytes = self._stack.enter_context((workspace / "rejects.gb").open("wb"))

    def __enter__(self) -> "_Writers":
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def reject(self, file: str, start: int, data: bytes, refusal: Refusal) -> None:
        """Write a rejects row and the bytes, and count them."""
        line = text_of(data[:2000]).lstrip("\n").split("\n")[0][:200]
        accession, bases = _legible(data)
        row = {
            "file": file,
            "ordinal": self.ordinal,
            "first_line": line,
            "accession": accession,
            "reason": refusal.reason,
            "detail": str(refusal),
            "start": start,
            "end": start + len(data),
            "bases": bases,
        }
        self.tables["rejects"].write_row(row)
        self.rejected_bytes.write(data)
        count = self.rejected.setdefault(refusal.reason, [0, 0])
        count[0] += 1
        count[1] += bases
        self.ordinal += 1
        self.bases += bases

    def accept(self, record: "_Record", release_length: int) -> None:
        """Count a record whose rows have been written."""
        self.ordinal += 1
        self.bases += release_length
        self.features += len(record.features)

    def close_books(self, files: int, damages: list[str]) -> None:
        """Write the ledger rows of the part, of which ``damages`` names the files that are unreadable."""
        rows = [
            ("file", "in", "", "", files, 0),
            ("file", "kept", "", "", files - len(damages), 0),
            *(("file", "rejected", "unreadable", damage, 1, 0) for damage in damages),
            ("record", "in", "", "", self.ordinal, self.bases),
            *(("record", "rejected", reason, "", *counts) for reason, counts in sorted(self.rejected.items())),
            ("feature", "in", "", "", self.features, 0),
        ]
        for row in rows:
            values = dict(zip(schemas.LEDGER.names[2:], row, strict=True))
            self.tables["ledger"].write_row({"division": self.division, "part": self.part, **values})


@dataclass
class _Record:
    """One record on its way to the tables."""

    row: dict[str, Any]
    sequence: bytes
    mask: list[tuple[int, int]]
    features: list[dict[str, Any]] = field(default_factory=list)
    references: list[dict[str, Any]] = field(default_factory=list)

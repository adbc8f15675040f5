"""Writes the tables of one part, and its rows of the ledger."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa

from dnacorpus.formats.embl.sections import header_of
from dnacorpus.formats.genbank.header import accession_and_length
from dnacorpus.formats.genbank.reader import EMBL_START, text_of
from dnacorpus.formats.record import FeatureSlice, Record
from dnacorpus.formats.refusal import RefusalError
from dnacorpus.printable import cleaned, escaped
from dnacorpus.schemas import parts as schemas
from dnacorpus.schemas.names import RecordNames
from dnacorpus.storage.ledger import entry, replaced_characters
from dnacorpus.storage.parquet import TableWriter

_TABLES = {
    "records": schemas.RECORDS,
    "features": schemas.FEATURES,
    "segments": schemas.SEGMENTS,
    "references": schemas.REFERENCES,
    "rejects": schemas.REJECTS,
    "ledger": schemas.LEDGER,
}
_DECODED_BYTES = 1 << 20


class PartWriter:
    """The open tables of one part in the folder ``workspace``, used as a context manager.

    ``labels`` are those of one's own files, by which `RecordNames` names their records.
    """

    def __init__(
        self,
        workspace: Path,
        division: str,
        part: str,
        release: str | None,
        labels: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.names = RecordNames(labels)
        self._part = {"division": division, "part": part}
        self._release = release
        self._ordinal, self._bases, self._features = 0, 0, 0
        self._rejected: dict[str, list[int]] = {}
        self._species: Counter[str] = Counter()
        self._lines: Counter[tuple[str, str]] = Counter()
        self._replaced: Counter[str] = Counter()
        self._notes: list[tuple[str, str]] = []
        self._shared: list[tuple[FeatureSlice, dict[str, Any]]] = []
        self._stack = contextlib.ExitStack()
        self._tables = {
            name: self._stack.enter_context(TableWriter(workspace / f"{name}.parquet", schema, published=False))
            for name, schema in _TABLES.items()
        }
        self._rejects = self._stack.enter_context((workspace / "rejects.gb").open("wb"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._write_shared()
        self._stack.__exit__(kind, error, trace)

    def write(self, record: Record, file: str) -> None:
        """Write the rows of a record of a file, named as `RecordNames` does, and count it."""
        own = record.row["accession"]
        key = {"accession": self.names.name(file, own), "ordinal": self._ordinal}
        genome = key["accession"] if record.row["genome"] == own else record.row["genome"]
        self._tables["records"].write_row(
            {**self._part, "release": self._release, **record.row, **key, "genome": genome}
        )
        self._write_features(record.features, key)
        for row in record.references:
            self._tables["references"].write_row(row | key)
        for row in record.segments():
            self._tables["segments"].write_row(row | key, len(row["sequence"]))
        self._features += len(record.features)
        origin = record.row["species_source"] if record.row.get("species") is not None else "no_species"
        self._species[origin] += 1
        self._replaced.update(record.replaced)
        self._count(record.row["length"])

    def _write_features(self, features: list[dict[str, Any]] | FeatureSlice, key: dict[str, Any]) -> None:
        if isinstance(features, FeatureSlice):
            if not (self._shared and self._shared[-1][0].precede(features)):
                self._write_shared()
            self._shared.append((features, key))
        else:
            self._write_shared()
            for row in features:
                self._tables["features"].write_row(row | key)

    def _write_shared(self) -> None:
        """Write the rows collected from several records: one slice of the table that they share."""
        if not self._shared:
            return
        shared, self._shared = self._shared, []
        first, last = shared[0][0], shared[-1][0]
        counts = np.array([len(rows) for rows, _ in shared])
        names = pa.array([key["accession"] for _, key in shared], pa.string())
        record = np.repeat(np.arange(len(shared)), counts)
        ordinals = np.repeat(np.array([key["ordinal"] for _, key in shared]), counts)
        table = first.table.slice(first.start, last.end - first.start)
        table = table.append_column("accession", names.take(pa.array(record)))
        self._tables["features"].write_table(table.append_column("ordinal", pa.array(ordinals)))

    def reject(self, file: str, start: int, data: bytes, refusal: RefusalError, name: str | None = None) -> str | None:
        """Write the rejects row and the bytes of a record, count them, and return its own accession, or None.

        ``name`` is the accession of a FASTA entry.
        """
        text = cleaned(text_of(data[:_DECODED_BYTES]))
        accession, bases = accession_and_length(header_of(text) if data.startswith(EMBL_START) else text)
        own = name or accession
        row = {
            "file": file,
            "ordinal": self._ordinal,
            "first_line": text.lstrip("\n").split("\n")[0][:200],
            "accession": self.names.name(file, own) if own else None,
            "reason": refusal.reason,
            "detail": escaped(str(refusal)),
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

    def add_lines(self, status: str, reason: str, count: int) -> None:
        """Count GFF or GTF lines: rejected, excluded because flat files have no such feature, or kept with a flaw."""
        self._lines[status, reason] += count

    def note_file(self, reason: str, detail: str) -> None:
        """Note why a file that is kept should be looked at."""
        self._notes.append((reason, detail))

    def write_ledger(self, files: int, damages: Iterable[str] = (), tombstones: Iterable[str] = ()) -> None:
        """Write the ledger rows of the part.

        ``damages`` and ``tombstones`` have one line for each file that is unreadable or gone from its source.
        """
        lost = [("unreadable", detail) for detail in damages] + [("gone", detail) for detail in tombstones]
        self._add_entry("file", "in", count=files)
        self._add_entry("file", "kept", count=files - len(lost) - len(self._notes))
        for reason, detail in self._notes:
            self._add_entry("file", "kept", reason, count=1, detail=detail)
        for reason, detail in lost:
            self._add_entry("file", "rejected", reason, count=1, detail=escaped(detail))
        self._add_entry("record", "in", count=self._ordinal, bases=self._bases)
        for reason, (count, bases) in sorted(self._rejected.items()):
            self._add_entry("record", "rejected", reason, count=count, bases=bases)
        if self.names.counts:
            self._add_entry("name", "in", count=self.names.counts.total())
        for way, count in sorted(self.names.counts.items()):
            self._add_entry("name", "kept", way, count=count)
        self._add_entry("species", "in", count=self._species.total())
        for origin, count in sorted(self._species.items()):
            self._add_entry("species", "excluded" if origin == "no_species" else "kept", origin, count=count)
        self._add_entry("feature", "in", count=self._features)
        if self._lines:
            self._add_entry("line", "in", count=self._lines.total())
        for (status, reason), count in sorted(self._lines.items()):
            self._add_entry("line", status, reason, count=count)
        for row in replaced_characters(self._part["division"], self._part["part"], self._replaced):
            self._tables["ledger"].write_row(row)

    def _add_entry(
        self, unit: str, status: str, reason: str = "", *, count: int, bases: int = 0, detail: str = ""
    ) -> None:
        row = entry(
            self._part["division"], self._part["part"], unit, status, reason, count=count, bases=bases, detail=detail
        )
        self._tables["ledger"].write_row(row)

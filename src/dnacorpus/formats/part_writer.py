"""The tables of one part while they are written, and its books."""

import contextlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa

from dnacorpus.formats.genbank.header import legible
from dnacorpus.formats.genbank.reader import text_of
from dnacorpus.formats.record import FeatureSlice, Record
from dnacorpus.formats.refusal import RefusalError
from dnacorpus.schemas import parts as schemas
from dnacorpus.storage.ledger import entry
from dnacorpus.storage.parquet import TableWriter

_TABLES = {
    "records": schemas.RECORDS,
    "features": schemas.FEATURES,
    "segments": schemas.SEGMENTS,
    "references": schemas.REFERENCES,
    "rejects": schemas.REJECTS,
    "ledger": schemas.LEDGER,
}
_LEGIBLE_BYTES = 1 << 20


class PartWriter:
    """The open tables of one part in the folder ``workspace``; use as a context manager."""

    def __init__(self, workspace: Path, division: str, part: str, release: str | None) -> None:
        self._part = {"division": division, "part": part}
        self._release = release
        self._ordinal, self._bases, self._features = 0, 0, 0
        self._rejected: dict[str, list[int]] = {}
        self._species: Counter[str] = Counter()
        self._lines: Counter[tuple[str, str]] = Counter()
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

    def write(self, record: Record) -> None:
        """Write the rows of a record, and count it."""
        key = {"accession": record.row["accession"], "ordinal": self._ordinal}
        self._tables["records"].write_row({**self._part, "release": self._release, **record.row, **key})
        self._write_features(record.features, key)
        for row in record.references:
            self._tables["references"].write_row(row | key)
        for row in record.segments():
            self._tables["segments"].write_row(row | key, len(row["sequence"]))
        self._features += len(record.features)
        origin = record.row["species_source"] if record.row.get("species") is not None else "no_species"
        self._species[origin] += 1
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
        """Write the rows that are held back until they are many: one stretch of a table of several records."""
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

    def add_lines(self, status: str, reason: str, count: int) -> None:
        """Count lines of GFF or GTF that gave no feature: rejected, or excluded because flat files have none."""
        self._lines[status, reason] += count

    def write_ledger(self, files: int, damages: Iterable[str] = (), tombstones: Iterable[str] = ()) -> None:
        """Write the ledger rows of the part.

        ``damages`` and ``tombstones`` say, one file each, what is unreadable and what is gone from its source.
        """
        lost = [("unreadable", detail) for detail in damages] + [("gone", detail) for detail in tombstones]
        self._book("file", "in", count=files)
        self._book("file", "kept", count=files - len(lost))
        for reason, detail in lost:
            self._book("file", "rejected", reason, count=1, detail=detail)
        self._book("record", "in", count=self._ordinal, bases=self._bases)
        for reason, (count, bases) in sorted(self._rejected.items()):
            self._book("record", "rejected", reason, count=count, bases=bases)
        self._book("species", "in", count=self._species.total())
        for origin, count in sorted(self._species.items()):
            self._book("species", "excluded" if origin == "no_species" else "kept", origin, count=count)
        self._book("feature", "in", count=self._features)
        if self._lines:
            self._book("line", "in", count=self._lines.total())
        for (status, reason), count in sorted(self._lines.items()):
            self._book("line", status, reason, count=count)

    def _book(self, unit: str, status: str, reason: str = "", *, count: int, bases: int = 0, detail: str = "") -> None:
        row = entry(
            self._part["division"], self._part["part"], unit, status, reason, count=count, bases=bases, detail=detail
        )
        self._tables["ledger"].write_row(row)

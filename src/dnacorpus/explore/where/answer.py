"""The where verb: find an accession, taxon or sequence in a dataset, or the reason why it is not in it."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa

from dnacorpus.errors import CorpusError
from dnacorpus.explore.where.bases import OTHER, Comparison, Row, Shards
from dnacorpus.explore.where.files import Files, read_manifest
from dnacorpus.explore.where.parquet import ParquetRanges
from dnacorpus.explore.where.query import Query, sequence_note
from dnacorpus.schemas.index import INDEX_ACCESSIONS, INDEX_DIGESTS, INDEX_NAMES, INDEX_TAXA, NAMES_PATH, key_of
from dnacorpus.schemas.nulls import null_rows
from dnacorpus.schemas.parts import LEDGER
from dnacorpus.storage.results import is_tombstone_part

MAX_LISTED = 1000
"""Most records or rows in one answer; ``found`` counts all of them."""
MAX_SPECIES = 20
MAX_SUGGESTIONS = 5
"""Most names that are suggested for an unknown one."""

_LOCATION = ("division", "accession", "split", "cluster", "copies", "file", "row", "rows", "segments")
_REJECTED_FILE = ("file", "rejected")
_LAST_CHARACTER = "\U0010ffff"
_TAXON = [name for name in INDEX_TAXA.names if name not in ("name", "rank")]


class Where:
    """Answers queries about one dataset; each answer consists of plain values, ready for JSON, under the same keys.

    ``query``, ``kind`` (accession, taxon or sequence), ``bases`` (of a sequence), ``status`` (kept: in the dataset;
    not_kept: in its sources but not in the dataset; absent; unusable), ``found`` (number of records and rows),
    ``records``, ``rows``, ``taxon``, ``absent``, ``notes``. docs/where.md describes them. Raises UsageError if the
    index is missing, CorpusError if it is damaged, RemoteError if the Hub fails.
    """

    def __init__(self, files: Files) -> None:
        """Read nothing yet: each query reads what it needs and keeps it for the next."""
        self._files = files
        self._shards = Shards(files)
        self._index: dict[str, ParquetRanges] = {}
        self._scope: Row | None = None

    def answer(self, query: Query) -> Row:
        """Return the answer to one query."""
        if query.flaw:
            return _answer(query, "unusable", notes=[query.flaw])
        by_kind: dict[str, Callable[[Query], Row]] = {
            "accession": self._accession, "taxid": self._taxon, "name": self._name, "sequence": self._sequence,
        }  # fmt: skip
        return by_kind[query.kind](query)

    def _accession(self, query: Query) -> Row:
        records = self._records(query.text) or self._records(query.text.upper())
        if records:
            return _of_records(query, [self._with_kept_copy(row) for row in records])
        notes = []
        bare, _, version = query.text.rpartition(".")
        others = (self._records(bare) or self._records(bare.upper())) if version.isdigit() and bare else []
        if others:
            notes.append(f"other versions: {', '.join(sorted({row['accession'] for row in others}))}")
        return _answer(query, "absent", absent=self._searched(), notes=notes)

    def _records(self, name: str) -> list[Row]:
        """Return the index rows of an accession, of all its versions and stretches if it is given without.

        The name of a file, or of a record in its file, stands for the records that are named after the file so.
        """
        own = (self._lookup("accessions", INDEX_ACCESSIONS, found, found) for found in self._by_own_name(name))
        return self._named(name) or [row for rows in own for row in rows.to_pylist()]

    def _named(self, name: str) -> list[Row]:
        # The full stop and digits of a version sort right before "/", and ":" right before ";".
        bounds = ((name, f"{name}/"), (f"{name}:", f"{name};"))
        found = (self._lookup("accessions", INDEX_ACCESSIONS, *bound).to_pylist() for bound in bounds)
        whole = re.compile(rf"{re.escape(name)}(\.[0-9]+)?(:.+)?")
        return [row for rows in found for row in rows if whole.fullmatch(row["accession"])]

    def _by_own_name(self, name: str) -> list[str]:
        """Return the names in the dataset of the records with this name in their files."""
        if self._files.size(NAMES_PATH) is None:  # no record is named after its file
            return []
        return [str(found) for found in self._lookup("names", INDEX_NAMES, name, name)["accession"].to_pylist()]

    def _with_kept_copy(self, record: Row) -> Row:
        """Return a record's row with the location of the copy that was kept instead of it."""
        kept = None
        if record["duplicate_of"] is not None:
            copies = self._lookup("accessions", INDEX_ACCESSIONS, record["duplicate_of"], record["duplicate_of"])
            located = [{key: row[key] for key in _LOCATION} for row in copies.to_pylist() if row["status"] == "kept"]
            kept = located[0] if located else None
        return record | {"kept_copy": kept, "match": None}

    def _name(self, query: Query) -> Row:
        key = key_of(query.text)
        if not self._lookup("taxa", INDEX_TAXA, key, key).num_rows and (records := self._records(query.text)):
            return _of_records(query, [self._with_kept_copy(row) for row in records])
        answer = self._taxon(query)
        if answer["status"] == "absent":
            # One row group is enough: thousands of names may begin with a single letter.
            similar = self._file("taxa", INDEX_TAXA).between(key, key + _LAST_CHARACTER, max_groups=1)
            if names := sorted({_as_written(row) for row in similar.to_pylist()}):
                shown = ", ".join(names[:MAX_SUGGESTIONS]) + (" ..." if len(names) > MAX_SUGGESTIONS else "")
                answer["notes"].append(f"names that begin with it: {shown}")
            if note := sequence_note(query.text):
                answer["notes"].append(note)
        return answer

    def _taxon(self, query: Query) -> Row:
        key = key_of(query.text.lstrip("0") or "0" if query.kind == "taxid" else query.text)
        rows = self._lookup("taxa", INDEX_TAXA, key, key)
        if not rows.num_rows:
            return _answer(query, "absent", absent=self._searched())
        ranks = sorted(set(rows["rank"].to_pylist()))
        # A name that is both organism and species is counted once.
        counted = {tuple(row.values()): row for row in rows.select(_TAXON).to_pylist()}.values()
        counts = _summed(counted)
        species = sorted({row["species"] for row in counted if row["species"] is not None})
        if set(ranks) <= {"organism", "taxid"}:
            splits = {name: self._splits(name) for name in species[:MAX_SPECIES]}
        else:
            splits = {name: _splits_in(counted, name) for name in species[:MAX_SPECIES]}
        taxon = {
            "ranks": ranks,
            "names": _distinct(rows, ranks),
            "in_train": "train" in {row["split"] for row in counts}
            or any("train" in names for names in splits.values()),
            "species": len(species),
            "species_splits": splits,
            "counts": counts,
        }
        kept = any(row["status"] == "kept" for row in counts)
        return _answer(query, "kept" if kept else "not_kept", taxon=taxon, found=sum(row["records"] for row in counts))

    def _splits(self, species: str) -> list[str]:
        """Return the splits of the whole species of a strain that was queried."""
        rows = self._lookup("taxa", INDEX_TAXA, key_of(species), key_of(species)).to_pylist()
        return _splits_in((row for row in rows if row["rank"] == "species"), species)

    def _sequence(self, query: Query) -> Row:
        comparison = Comparison(self._shards, query.sequence)
        row_entries, candidates = [], []
        for digest, circular in comparison.digests:
            for match in self._lookup("digests", INDEX_DIGESTS, digest, digest).to_pylist():
                if match["pair_id"] is None:
                    candidates += [row for row in self._records(match["accession"]) if _is(row, match, query, circular)]
                elif not circular:
                    # Rows are linear, so the digest of a circular molecule cannot be that of a row.
                    if empty := [column for column in ("file", "row") if match[column] is None]:
                        raise self._no_value("digests", f"{empty[0]} of a pair")
                    row_entries.append(match)
        rows = comparison.rows(row_entries[:MAX_LISTED])
        compared = [(row, comparison.record(row)) for row in candidates[:MAX_LISTED]]
        records = [self._with_kept_copy(row) | {"match": match} for row, match in compared if match != OTHER]
        different = len(row_entries[:MAX_LISTED]) - len(rows) + len(compared) - len(records)
        found = len(row_entries) + len(candidates) - different
        notes = [f"{different} left out: the same digest, but other bases"] if different else []
        if max(len(row_entries), len(candidates)) > MAX_LISTED:
            notes.append(f"only the first {MAX_LISTED:,} records and rows are compared and listed")
        kept = bool(rows) or any(record["status"] == "kept" for record in records)
        return _answer(
            query, "kept" if kept else "not_kept" if found else "absent", found=found, records=records, rows=rows,
            absent=None if found else self._searched(), notes=notes,
        )  # fmt: skip

    def _lookup(self, name: str, schema: pa.Schema, low: str | bytes, high: str | bytes) -> pa.Table:
        found = self._file(name, schema).between(low, high)
        empty = next(iter(null_rows(found, schema).values()), "")
        if empty:
            raise self._no_value(name, empty)
        return found

    def _no_value(self, name: str, column: str) -> CorpusError:
        return CorpusError(
            f"{self._files.name}: index/{name}.parquet: expected {column} in every row, found none;"
            f" {self._files.advice()}"
        )

    def _file(self, name: str, schema: pa.Schema) -> ParquetRanges:
        if name not in self._index:
            self._index[name] = ParquetRanges(self._files, f"index/{name}.parquet", schema, exact=True)
        return self._index[name]

    def _searched(self) -> Row:
        """Return what was searched in vain: divisions and releases, and the source files that could not be read."""
        if self._scope is None:
            manifest = read_manifest(self._files)
            reasons = {
                row["reason"] for row in manifest.ledger_totals if (row["unit"], row["status"]) == _REJECTED_FILE
            }
            self._scope = {
                "divisions": sorted(manifest.config["divisions"]),
                "releases": manifest.releases,
                "unreadable": self._rejected_files("unreadable") if "unreadable" in reasons else [],
                "gone": self._rejected_files("gone") if "gone" in reasons else [],
            }
        return self._scope

    def _rejected_files(self, reason: str) -> list[str]:
        """Return the details in the ledger of the release files that were rejected for a reason."""
        names = ["division", "part", "unit", "status", "reason", "detail"]
        ledger = ParquetRanges(self._files, "ledger.parquet", pa.schema([LEDGER.field(name) for name in names]))
        rejected = [
            row
            for row in ledger.rows(names)
            if (row["unit"], row["status"], row["reason"]) == (*_REJECTED_FILE, reason)
        ]
        # The part of the tombstones lists accessions, each of which is in the index, not files.
        return sorted(row["detail"] for row in rejected if not is_tombstone_part(row["part"]))


def where(files: Files, queries: Iterable[Query]) -> Iterator[Row]:
    """Yield the answer to each query, in their order; see `Where` for its keys and errors."""
    dataset = Where(files)
    for query in queries:
        yield dataset.answer(query)


def _is(row: Row, match: Row, query: Query, circular: bool) -> bool:
    """Return whether an index row of an accession is the record of a digest: an accession can have several records."""
    same = all(row[key] == match[key] for key in ("accession", "division", "status"))
    return same and (row["topology"] == "circular") == circular and row["length"] == len(query.sequence)


def _answer(query: Query, status: str, **more: Any) -> Row:
    return {
        "query": query.text,
        "kind": "taxon" if query.kind in ("taxid", "name") else query.kind,
        "bases": len(query.sequence) if query.kind == "sequence" else None,
        "status": status,
        "found": 0,
        "records": [],
        "rows": [],
        "taxon": None,
        "absent": None,
        "notes": [],
    } | more


def _of_records(query: Query, records: list[Row]) -> Row:
    kept = any(record["status"] == "kept" for record in records)
    answer = _answer(query, "kept" if kept else "not_kept", records=records, found=len(records))
    return answer | {"kind": "accession"}


def _summed(counted: Iterable[Row]) -> list[Row]:
    """Return the sums of records and bases by division, split, status and reason, sorted by these."""
    sums: dict[tuple[str | None, ...], Row] = {}
    for row in counted:
        group = {key: row[key] for key in ("division", "split", "status", "reason")}
        total = sums.setdefault(tuple(group.values()), group | {"records": 0, "bases": 0})
        total["records"] += row["records"]
        total["bases"] += row["bases"]
    return [sums[key] for key in sorted(sums, key=lambda key: [value or "" for value in key])]


def _splits_in(counted: Iterable[Row], species: str) -> list[str]:
    return sorted({row["split"] for row in counted if row["species"] == species and row["split"] is not None})


def _as_written(row: Row) -> str:
    """Return the name by which a row of the taxa is found, in its original spelling; a taxonomy id as it is."""
    return str(row.get(row["rank"]) or row["name"])


def _distinct(rows: pa.Table, ranks: list[str]) -> list[str]:
    """Return the names, in their original spelling, by which the rows were found."""
    columns = {rank: {"taxid": "organism", "species_taxid": "species"}.get(rank, rank) for rank in ranks}
    names = {row[columns[row["rank"]]] for row in rows.select(["rank", "organism", "species", "genus"]).to_pylist()}
    return sorted(name for name in names if name is not None)[:MAX_SPECIES]

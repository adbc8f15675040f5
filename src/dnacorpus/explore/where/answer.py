"""The where verb: is this accession, taxon or sequence in a dataset, where, and if not, why."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from dnacorpus.dataset import manifest as manifests
from dnacorpus.dataset.manifest import MANIFEST
from dnacorpus.explore.where.bases import OTHER, Comparison, Shards
from dnacorpus.explore.where.files import Files, ParquetRanges, manifest_of
from dnacorpus.explore.where.query import Query
from dnacorpus.schemas.index import INDEX_ACCESSIONS, INDEX_DIGESTS, INDEX_TAXA, key_of

Row = dict[str, Any]

MOST_LISTED = 1000
"""Most records or rows of one answer; their whole number is always told."""
MOST_SPECIES = 20
MOST_LIKE = 5
"""Most names that are proposed for one that is not here."""

_PLACE = ("division", "accession", "split", "cluster", "copies", "file", "row", "rows", "segments")
_LOST = ("file", "rejected")
_LAST = "\U0010ffff"
_TAXON = [name for name in INDEX_TAXA.names if name not in ("name", "rank")]


class Where:
    """Answers questions about one dataset; each answer is plain values, ready for JSON, always with the same keys.

    ``query``, ``kind`` (accession, taxon or sequence), ``bases`` (of a sequence), ``status`` (kept: it is in the
    dataset; not_kept: it came in and is not kept; absent; unusable), ``found`` (how many records and rows),
    ``records``, ``rows``, ``taxon``, ``absent``, ``notes``. docs/where.md says what they hold. Raises UsageError where
    the index is missing, CorpusError where it is damaged, RemoteError when the Hub fails.
    """

    def __init__(self, files: Files) -> None:
        """Open nothing yet: each question reads what it needs, and what it has read is kept."""
        self._files = files
        self._shards = Shards(files)
        self._index: dict[str, ParquetRanges] = {}
        self._about: Row | None = None

    def answer(self, query: Query) -> Row:
        """Return the answer to one question."""
        if query.flaw:
            return _answer(query, "unusable", notes=[query.flaw])
        ask: dict[str, Callable[[Query], Row]] = {
            "accession": self._accession, "taxid": self._taxon, "name": self._name, "sequence": self._sequence,
        }  # fmt: skip
        return ask[query.kind](query)

    def _accession(self, query: Query) -> Row:
        found = self._records(query.text) or self._records(query.text.upper())
        if found:
            return _of_records(query, [self._told(row) for row in found])
        notes = []
        bare, _, version = query.text.rpartition(".")
        others = (self._records(bare) or self._records(bare.upper())) if version.isdigit() and bare else []
        if others:
            notes.append(f"other versions are: {', '.join(sorted({row['accession'] for row in others}))}")
        return _answer(query, "absent", absent=self._absent(), notes=notes)

    def _records(self, accession: str) -> list[Row]:
        """Return what the index has of an accession, of every version where it is given without one."""
        # A full stop and the digits of a version sort right before "/".
        rows = self._lookup("accessions", INDEX_ACCESSIONS, accession, f"{accession}/")
        whole = re.compile(rf"{re.escape(accession)}(\.[0-9]+)?")
        return [row for row in rows.to_pylist() if whole.fullmatch(row["accession"])]

    def _told(self, record: Row) -> Row:
        """Return a record's row with the place of the copy that is kept instead of it."""
        kept = None
        if record["duplicate_of"] is not None:
            copies = self._lookup("accessions", INDEX_ACCESSIONS, record["duplicate_of"], record["duplicate_of"])
            places = [{key: row[key] for key in _PLACE} for row in copies.to_pylist() if row["status"] == "kept"]
            kept = places[0] if places else None
        return record | {"kept_copy": kept, "match": None}

    def _name(self, query: Query) -> Row:
        key = key_of(query.text)
        if not self._lookup("taxa", INDEX_TAXA, key, key).num_rows and (found := self._records(query.text)):
            return _of_records(query, [self._told(row) for row in found])
        answer = self._taxon(query)
        if answer["status"] == "absent":
            # The first row group will do: of one letter there may be thousands of names.
            like = self._file("taxa", INDEX_TAXA).between(key, key + _LAST, most_groups=1)
            if names := sorted(set(like["name"].to_pylist())):
                shown = ", ".join(names[:MOST_LIKE]) + (" ..." if len(names) > MOST_LIKE else "")
                answer["notes"].append(f"names that begin so: {shown}")
        return answer

    def _taxon(self, query: Query) -> Row:
        key = key_of(query.text.lstrip("0") or "0" if query.kind == "taxid" else query.text)
        rows = self._lookup("taxa", INDEX_TAXA, key, key)
        if not rows.num_rows:
            return _answer(query, "absent", absent=self._absent())
        ranks = sorted(set(rows["rank"].to_pylist()))
        # What is organism and species at once is counted once.
        counted = {tuple(row.values()): row for row in rows.select(_TAXON).to_pylist()}.values()
        counts = _summed(counted)
        species = sorted({row["species"] for row in counted if row["species"] is not None})
        if set(ranks) <= {"organism", "taxid"}:
            splits = {name: self._splits(name) for name in species[:MOST_SPECIES]}
        else:
            splits = {name: _splits_in(counted, name) for name in species[:MOST_SPECIES]}
        taxon = {
            "ranks": ranks,
            "names": _distinct(rows, ranks),
            "in_train": "train" in {row["split"] for row in counts} or any("train" in held for held in splits.values()),
            "species": len(species),
            "species_splits": splits,
            "counts": counts,
        }
        kept = any(row["status"] == "kept" for row in counts)
        return _answer(query, "kept" if kept else "not_kept", taxon=taxon, found=sum(row["records"] for row in counts))

    def _splits(self, species: str) -> list[str]:
        """Return the splits of a whole species, of which a strain was asked for."""
        rows = self._lookup("taxa", INDEX_TAXA, key_of(species), key_of(species)).to_pylist()
        return _splits_in((row for row in rows if row["rank"] == "species"), species)

    def _sequence(self, query: Query) -> Row:
        comparison = Comparison(self._shards, query.sequence)
        entries, candidates = [], []
        for digest, circular in comparison.digests:
            for match in self._lookup("digests", INDEX_DIGESTS, digest, digest).to_pylist():
                if match["pair_id"] is None:
                    candidates += [row for row in self._records(match["accession"]) if _is(row, match, query, circular)]
                elif not circular:
                    # Rows are stretches: they have no other origin.
                    entries.append(match)
        rows = comparison.rows(entries[:MOST_LISTED])
        compared = [(row, comparison.record(row)) for row in candidates[:MOST_LISTED]]
        records = [self._told(row) | {"match": match} for row, match in compared if match != OTHER]
        refused = sum(len(all_[:MOST_LISTED]) - len(told) for all_, told in ((entries, rows), (candidates, records)))
        found = len(entries) + len(candidates) - refused
        notes = [f"{refused} with the same digest and other bases: left out"] if refused else []
        if max(len(entries), len(candidates)) > MOST_LISTED:
            notes.append(f"no more than {MOST_LISTED:,} records and rows are listed and compared")
        kept = bool(rows) or any(record["status"] == "kept" for record in records)
        return _answer(
            query, "kept" if kept else "not_kept" if found else "absent", found=found, records=records, rows=rows,
            absent=None if found else self._absent(), notes=notes,
        )  # fmt: skip

    def _lookup(self, name: str, schema: pa.Schema, low: str | bytes, high: str | bytes) -> pa.Table:
        return self._file(name, schema).between(low, high)

    def _file(self, name: str, schema: pa.Schema) -> ParquetRanges:
        if name not in self._index:
            self._index[name] = ParquetRanges(self._files, f"index/{name}.parquet", schema.names, exact=True)
        return self._index[name]

    def _absent(self) -> Row:
        """Return what the dataset is made of, and what of it could not be read: why something may not be in it."""
        if self._about is None:
            content = manifest_of(self._files)
            releases = manifests.parse(content, f"{self._files.name}: {MANIFEST}").releases
            told = json.loads(content)
            divisions = told.get("config", {}).get("divisions") or {file["division"] for file in told["inputs"]}
            files = {row["reason"] for row in told.get("ledger", []) if (row["unit"], row["status"]) == _LOST}
            self._about = {
                "divisions": sorted(divisions),
                "releases": list(releases),
                "unreadable": self._lost_files("unreadable") if "unreadable" in files else [],
                "gone": self._lost_files("gone") if "gone" in files else [],
            }
        return self._about

    def _lost_files(self, reason: str) -> list[str]:
        """Return the release files that are damaged or gone, each with what is known of it, from the books."""
        names = ["division", "part", "unit", "status", "reason", "detail"]
        lost = (row for row in ParquetRanges(self._files, "ledger.parquet", names).rows(names)
                if (row["unit"], row["status"], row["reason"]) == (*_LOST, reason))  # fmt: skip
        # Part 0 is that of accessions which are gone: the index has each of them.
        return sorted(row["detail"] for row in lost if row["part"] != f"{row['division']}.0")


def where(files: Files, asked: Sequence[Query] | Iterator[Query]) -> Iterator[Row]:
    """Give the answer to each question, in their order; `Where` says what it holds and raises."""
    questions = Where(files)
    for query in asked:
        yield questions.answer(query)


def _is(row: Row, match: Row, query: Query, circular: bool) -> bool:
    """Whether a record by its accession is the one that a digest led to: an accession may stand on several."""
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
    """Return the records and bases of each division, split, status and reason, in their order."""
    sums: dict[tuple[str | None, ...], Row] = {}
    for row in counted:
        place = {key: row[key] for key in ("division", "split", "status", "reason")}
        known = sums.setdefault(tuple(place.values()), place | {"records": 0, "bases": 0})
        known["records"] += row["records"]
        known["bases"] += row["bases"]
    return [sums[key] for key in sorted(sums, key=lambda key: [value or "" for value in key])]


def _splits_in(counted: Iterable[Row], species: str) -> list[str]:
    return sorted({row["split"] for row in counted if row["species"] == species and row["split"] is not None})


def _distinct(rows: pa.Table, ranks: list[str]) -> list[str]:
    """Return the names, as they are written, of what the rows were found by."""
    columns = {rank: {"taxid": "organism", "species_taxid": "species"}.get(rank, rank) for rank in ranks}
    names = {row[columns[row["rank"]]] for row in rows.select(["rank", "organism", "species", "genus"]).to_pylist()}
    return sorted(name for name in names if name is not None)[:MOST_SPECIES]

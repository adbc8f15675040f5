"""The verify verb: check that a dataset folder holds what its manifest states, and that its rows are consistent.

It shares only the schemas, the alphabet and the readers of files with the stages that write the folder: every rule is
checked by separate code.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dnacorpus.bounded import refuse_large_parquet
from dnacorpus.dataset import manifest as manifests
from dnacorpus.dataset.manifest import Manifest, ManifestEntry
from dnacorpus.dataset.manifest_form import MANIFEST, PULLED
from dnacorpus.errors import CorpusError
from dnacorpus.limits import LimitError, within_memory
from dnacorpus.schemas.index import INDEX_NAMES, INDEX_SCHEMAS, NAMES_PATH
from dnacorpus.schemas.nulls import null_rows
from dnacorpus.schemas.pairs import CONFIGS
from dnacorpus.schemas.parts import LEDGER
from dnacorpus.schemas.values import HOW
from dnacorpus.sequence.bases import foreign
from dnacorpus.storage import ledger as ledgers
from dnacorpus.storage import parquet as tables

OTHER_SCHEMAS = {"ledger.parquet": LEDGER, **INDEX_SCHEMAS}
"""Schemas of the Parquet files that every dataset has besides its shards."""
OPTIONAL_SCHEMAS = {NAMES_PATH: INDEX_NAMES}
"""Schemas of the Parquet files that some datasets have."""
REQUIRED = ("pair_id", "start", "end", "sequence", "text")
"""Columns of pairs that are neither null nor empty."""
SHOWN_PROBLEMS = 20
_ADVICE = "build or pull the dataset again"

_PAIR_ID = re.compile(r"[0-9a-f]{32}")


class InvalidDatasetError(CorpusError):
    """A dataset folder that differs from its manifest, or whose rows are inconsistent; ``problems`` has all of it."""

    def __init__(self, dataset: Path, problems: list[str]) -> None:
        self.problems, self._dataset = problems, dataset
        super().__init__(f"{dataset}: " + "; ".join(self._shown()) + f"; {_ADVICE}")

    def lines(self) -> list[str]:
        """Return the problems in lines: how many and what to do, then one line each, the first ones of many."""
        if len(self.problems) == 1:
            return [str(self)]
        return [f"{self._dataset}: {len(self.problems):,} problems; {_ADVICE}", *self._shown()]

    def _shown(self) -> list[str]:
        more = len(self.problems) - SHOWN_PROBLEMS
        return self.problems[:SHOWN_PROBLEMS] + ([f"and {more:,} more"] if more > 0 else [])


def verify(dataset: Path) -> dict[str, int]:
    """Check a dataset folder and return the number of ``files``, ``rows``, ``bases`` of pairs, and ``absent`` files.

    Files of the manifest may be absent only from a folder that was pulled in part, as its pull.json states.

    Raises InvalidDatasetError with the problems: files that are missing, unknown, or differ from the manifest; wrong
    rows, schemas, identifiers, evidence, alphabet or splits; a ledger that does not balance. Raises CorpusError for a
    damaged manifest.
    """
    manifest = manifests.read(dataset)
    files = _expected_files(dataset, manifest)
    shards = [file for file in files if file.config]
    named = {file.path for file in manifest.entries}
    problems = [f"{path}: not in the manifest" for path in OTHER_SCHEMAS if path not in named]
    problems += [f"{file.path}: unknown config {file.config!r}" for file in shards if file.config not in CONFIGS]
    problems = problems + list(_file_problems(dataset, files)) or list(_schema_problems(dataset, files))
    if not problems:
        checks = PairChecks()
        for file in files:
            problems += _problems_of_rows(dataset, file, manifest, checks)
        problems += checks.split_problems()
    if problems:
        raise InvalidDatasetError(dataset, problems)
    return {
        "files": len(files) + 1,
        "absent": len(manifest.entries) - len(files),
        "rows": sum(file.rows or 0 for file in shards),
        "bases": sum(file.bases or 0 for file in shards if file.config == "pairs"),
    }


def _problems_of_rows(dataset: Path, file: ManifestEntry, manifest: Manifest, checks: "PairChecks") -> list[str]:
    """Return the problems of the rows of one file; one problem if they cannot be read."""
    try:
        with within_memory():
            if file.config == "pairs":
                return checks.problems(dataset, file)
            if file.path == "ledger.parquet":
                return list(_ledger_problems(dataset, manifest))
            schema = _schema_of(file)
            return list(_value_problems(dataset, file, schema)) if schema is not None else []
    except CorpusError as error:
        return [f"{file.path}: {str(error).removeprefix(f'{dataset / file.path}: ')}"]


def _schema_of(file: ManifestEntry) -> pa.Schema | None:
    return CONFIGS[file.config] if file.config else (OTHER_SCHEMAS | OPTIONAL_SCHEMAS).get(file.path)


def _expected_files(dataset: Path, manifest: Manifest) -> list[ManifestEntry]:
    """Return the files that must be present: all, or those in pull.json if the dataset was pulled in part."""
    pulled = manifests.read_pulled(dataset)
    if pulled is None:
        return list(manifest.entries)
    if unknown := sorted(set(pulled.files) - {file.path for file in manifest.entries}):
        raise CorpusError(
            f"{dataset / PULLED}: expected files of the manifest, found {unknown[0]}; pull the dataset again"
        )
    return [file for file in manifest.entries if file.path in pulled.files]


def _file_problems(dataset: Path, files: list[ManifestEntry]) -> Iterator[str]:
    below = [path for path in sorted(dataset.rglob("*")) if not manifests.is_beside(path.relative_to(dataset))]
    links = {path for path in below if path.is_symlink()}
    yield from (
        f"{path.relative_to(dataset)}: expected a file or folder, found a symbolic link" for path in sorted(links)
    )
    for file in files:
        path = dataset / file.path
        if links & {path, *path.parents}:
            continue
        if not path.is_file():
            yield f"{file.path}: missing"
        elif path.stat().st_size != file.bytes:
            yield f"{file.path}: expected {file.bytes} bytes, found {path.stat().st_size}"
        else:
            with path.open("rb") as handle:
                digest = hashlib.file_digest(handle, "sha256").hexdigest()
            if digest != file.sha256:
                yield f"{file.path}: expected sha256 {file.sha256}, found {digest}"
    expected = {file.path for file in files} | {MANIFEST, PULLED}
    for path in (path for path in below if path not in links and path.is_file()):
        relative = path.relative_to(dataset)
        if relative.as_posix() not in expected:
            yield f"{relative.as_posix()}: not in the manifest"


def _schema_problems(dataset: Path, files: list[ManifestEntry]) -> Iterator[str]:
    """Yield problems that the footers of the Parquet files show: schemas and numbers of rows."""
    for file in files:
        schema = _schema_of(file)
        if schema is None:
            continue
        try:
            parquet = pq.ParquetFile(dataset / file.path)
            found = parquet.schema_arrow
        except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
            yield f"{file.path}: expected Parquet, found: {' '.join(str(error).split())}"
            continue
        with parquet:
            try:
                refuse_large_parquet(parquet.metadata, file.path)
            except LimitError as error:
                yield str(error)
                continue
            rows = parquet.metadata.num_rows
            if not found.equals(schema):
                yield f"{file.path}: schema is not that of {file.config or file.path}"
            if rows != file.rows:
                yield f"{file.path}: expected {file.rows} rows, found {rows}"
            elif file.config and rows == 0:
                yield f"{file.path}: expected at least 1 row, found 0"


def _value_problems(dataset: Path, file: ManifestEntry, schema: pa.Schema) -> Iterator[str]:
    """Yield the problems of a file that has no pairs: nulls where none may be, another number of bases."""
    bases, first = 0, 0
    column = {"records": "length", "segments": "sequence"}.get(file.config)
    at_once = 16 if file.config == "segments" else 256
    for batch in tables.bounded_batches(dataset / file.path, schema, schema.names, at_once):
        for row, place in null_rows(batch, schema).items():
            yield f"{file.path}: row {first + row}: {_no_value(place)}"
        if column:
            values = batch[column]
            bases += pc.sum(values if column == "length" else pc.utf8_length(values)).as_py() or 0
        first += batch.num_rows
    if file.config and bases != file.bases:
        yield f"{file.path}: expected {file.bases} bases, found {bases}"


class PairChecks:
    """Checks over all shards of pairs: each row alone, unique identifiers, each species in one split."""

    def __init__(self) -> None:
        """Start with no rows seen."""
        self._pair_ids: set[str] = set()
        self._splits_of: dict[str, set[str]] = {}

    def problems(self, dataset: Path, file: ManifestEntry) -> list[str]:
        """Return the problems of one shard of pairs."""
        problems: list[str] = []
        bases = 0
        schema = CONFIGS["pairs"]
        for batch in tables.bounded_batches(dataset / file.path, schema, schema.names, 64):
            nulls = null_rows(batch, schema)
            for number, row in enumerate(batch.to_pylist()):
                bases += len(row["sequence"] or "")
                found = row_problems(row, nulls.get(number, ""))
                problems += [f"{file.path}: {row['pair_id']}: {problem}" for problem in found]
                if row["pair_id"] in self._pair_ids:
                    problems.append(f"{file.path}: {row['pair_id']}: occurs twice")
                self._pair_ids.add(row["pair_id"])
                if row["species"] is not None:
                    self._splits_of.setdefault(row["species"], set()).add(file.split)
        if bases != file.bases:
            problems.append(f"{file.path}: expected {file.bases} bases, found {bases}")
        return problems

    def split_problems(self) -> list[str]:
        """Return one problem for each species that appears in more than one split."""
        return [
            f"species {species!r} is in {' and '.join(sorted(splits))}"
            for species, splits in sorted(self._splits_of.items())
            if len(splits) > 1
        ]


def row_problems(row: dict[str, Any], null: str) -> Iterator[str]:
    """Yield the problems of one row of pairs: identifier, coordinates, alphabet, mask, evidence.

    ``null`` is the place of a null where none may be, as `null_rows` finds it, or "".
    """
    if missing := [name for name in REQUIRED if row[name] in (None, "")]:
        yield f"no {' and no '.join(missing)}"
        return
    if null:
        yield _no_value(null)
        return
    sequence = row["sequence"]
    if not _PAIR_ID.fullmatch(row["pair_id"]):
        yield "pair_id: expected 32 hexadecimal digits"
    if unknown := foreign(sequence.encode("utf-8")):
        yield f"sequence: expected upper-case IUPAC codes without U, found {unknown!r}"
    spans = row["parts"] or [row]
    if sum(span["end"] - span["start"] for span in spans) != len(sequence):
        yield f"coordinates do not cover the {len(sequence)} bases of the sequence"
    if not 0 <= row["start"] < row["end"]:
        yield f"expected start < end, found start {row['start']} and end {row['end']}"
    for run in row["mask"] or []:
        if not 0 <= run["start"] < run["end"] <= len(sequence):
            yield f"mask {run['start']}..{run['end']} is outside the sequence"
    yield from _evidence_problems(row)


def _no_value(place: str) -> str:
    return f"expected a value in {place}, found none"


def _evidence_problems(row: dict[str, Any]) -> Iterator[str]:
    if not row["evidence"]:
        yield "no evidence"
    for span in row["evidence"] or []:
        if not 0 <= span["start"] < span["end"] <= len(row["text"]):
            yield f"evidence {span['start']}..{span['end']} is outside the text"
        if not all(span[key] for key in ("source", "field", "license")) or span["how"] not in HOW:
            yield f"evidence {span['start']}..{span['end']} lacks source, field, license, or how: {' | '.join(HOW)}"
    if row["licenses"] != sorted({span["license"] or "" for span in row["evidence"] or []}):
        yield "licenses differ from those of the evidence"


def _ledger_problems(dataset: Path, manifest: Manifest) -> Iterator[str]:
    ledger = pl.DataFrame(ledgers.read(dataset / "ledger.parquet"))
    signed = ledger.with_columns(sign=pl.when(pl.col("status") == "in").then(1).otherwise(-1))
    for column in ("count", "bases"):
        sums = signed.group_by("part", "unit").agg((pl.col(column) * pl.col("sign")).sum())
        for part, unit, difference in sums.filter(pl.col(column) != 0).sort("part", "unit").iter_rows():
            yield f"ledger.parquet: {part}: {unit} {column} in - out = {difference}"
    kept = ledger.filter(pl.col("status") == "kept").group_by("unit").agg(pl.col("count").sum())
    counts = dict(kept.iter_rows())
    for unit, config in (("record", "records"), ("row", "pairs")):
        published = sum(file.rows or 0 for file in manifest.shards if file.config == config)
        if counts.get(unit, 0) != published:
            yield f"ledger.parquet: {counts.get(unit, 0)} kept {unit}s, but {published} rows in {config}"

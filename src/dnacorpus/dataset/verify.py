"""The verify verb: does a dataset folder hold what its manifest says, and does that make sense?

Nothing here is shared with the stages that wrote the folder but the schemas and the alphabet.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.schemas.index import INDEX_ACCESSIONS, INDEX_DIGESTS, INDEX_TAXA
from dnacorpus.schemas.pairs import PAIRS, PAPERS
from dnacorpus.schemas.parts import FEATURES, LEDGER, RECORDS, SEGMENTS
from dnacorpus.schemas.types import FORMAT_VERSION
from dnacorpus.schemas.values import HOW
from dnacorpus.sequence.bases import foreign

SCHEMAS = {"pairs": PAIRS, "records": RECORDS, "features": FEATURES, "segments": SEGMENTS, "papers": PAPERS}
OTHER_SCHEMAS = {
    "ledger.parquet": LEDGER,
    "index/accessions.parquet": INDEX_ACCESSIONS,
    "index/digests.parquet": INDEX_DIGESTS,
    "index/taxa.parquet": INDEX_TAXA,
}
FILE_KEYS = ("path", "bytes", "sha256")
SHARD_KEYS = ("config", "division", "split", "rows", "bases")
NEEDED = ("pair_id", "start", "end", "sequence", "text")
IGNORED = {".gitattributes", ".cache", ".huggingface"}
"""What the Hub or its client puts beside the files of a dataset."""

_PAIR_ID = re.compile(r"[0-9a-f]{32}")


def verify(dataset: Path) -> dict[str, int]:
    """Check a dataset folder and return how many files, rows and bases were checked, and how many files are absent.

    Only a folder that was pulled in part, as its pull.json says, may lack files of its manifest.

    Raises CorpusError listing what is wrong: files missing, unknown, or of other bytes; rows, schema,
    identifiers, evidence, alphabet, splits or books that do not hold.
    """
    whole = read_manifest(dataset)
    manifest = whole | {"files": _expected_files(dataset, whole)}
    shards = [file for file in manifest["files"] if "config" in file]
    named = {file["path"] for file in whole["files"]}
    problems = [f"{path}: not in the manifest" for path in OTHER_SCHEMAS if path not in named]
    problems = problems + list(_file_problems(dataset, manifest)) or list(_shape_problems(dataset, manifest))
    if not problems:
        seen = Seen()
        for file in shards:
            problems += (
                seen.pair_problems(dataset, file) if file["config"] == "pairs" else _base_problems(dataset, file)
            )
        problems += seen.split_problems()
        problems += _ledger_problems(dataset, whole)
    if problems:
        shown = problems[:20] + ([f"and {len(problems) - 20} more"] if len(problems) > 20 else [])
        raise CorpusError(f"{dataset}: " + "; ".join(shown) + "; build or pull the dataset again")
    return {
        "files": len(manifest["files"]) + 1,
        "absent": len(whole["files"]) - len(manifest["files"]),
        "rows": sum(file["rows"] for file in shards),
        "bases": sum(file["bases"] for file in shards if file["config"] == "pairs"),
    }


def read_manifest(dataset: Path) -> dict[str, Any]:
    """Read manifest.json; raises UsageError where there is none, CorpusError where it cannot be used."""
    path = dataset / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(
            f"{path}: no manifest; a dataset folder is results/NAME/dataset of a finished build"
        ) from error
    except ValueError as error:
        raise CorpusError(f"{path}: expected JSON, found: {error}; build or pull the dataset again") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT_VERSION:
        found = manifest.get("format") if isinstance(manifest, dict) else type(manifest).__name__
        raise CorpusError(f"{path}: expected format {FORMAT_VERSION}, found {found}; use the dnacorpus that wrote it")
    for place, file in enumerate(manifest.get("files") or [None]):
        if not _is_entry(file):
            raise CorpusError(
                f"{path}: files[{place}]: expected {', '.join(FILE_KEYS)} (of a shard {', '.join(SHARD_KEYS)} too),"
                f" found {json.dumps(file)}; build or pull the dataset again"
            )
    return manifest


def _is_entry(file: Any) -> bool:
    if not isinstance(file, dict) or not set(FILE_KEYS) <= file.keys():
        return False
    return "config" not in file or (file["config"] in SCHEMAS and set(SHARD_KEYS) <= file.keys())


def _expected_files(dataset: Path, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the files that must be here: all, or those that pull.json names where the dataset was pulled in part."""
    path = dataset / "pull.json"
    if not path.is_file():
        return list(manifest["files"])
    try:
        names = set(json.loads(path.read_text(encoding="utf-8"))["files"])
    except (ValueError, TypeError, KeyError) as error:
        raise CorpusError(f"{path}: expected JSON with files, found: {error!r}; pull the dataset again") from error
    if unknown := sorted(names - {file["path"] for file in manifest["files"]}):
        raise CorpusError(f"{path}: expected files of the manifest, found {unknown[0]}; pull the dataset again")
    return [file for file in manifest["files"] if file["path"] in names]


def _file_problems(dataset: Path, manifest: dict[str, Any]) -> Iterator[str]:
    named = {file["path"]: file for file in manifest["files"]}
    for name, file in named.items():
        path = dataset / name
        if not path.is_file():
            yield f"{name}: missing"
        elif path.stat().st_size != file["bytes"]:
            yield f"{name}: expected {file['bytes']} bytes, found {path.stat().st_size}"
        else:
            with path.open("rb") as handle:
                digest = hashlib.file_digest(handle, "sha256").hexdigest()
            if digest != file["sha256"]:
                yield f"{name}: expected sha256 {file['sha256']}, found {digest}"
    for path in sorted(path for path in dataset.rglob("*") if path.is_file()):
        relative = path.relative_to(dataset)
        if relative.as_posix() not in {*named, "manifest.json", "pull.json"} and not IGNORED & set(relative.parts):
            yield f"{relative.as_posix()}: not in the manifest"


def _shape_problems(dataset: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what the footers of the Parquet files show: schemas and numbers of rows."""
    for file in manifest["files"]:
        path, least = file["path"], 1 if "config" in file else 0
        schema = SCHEMAS[file["config"]] if "config" in file else OTHER_SCHEMAS.get(path)
        if schema is None:
            continue
        try:
            parquet = pq.ParquetFile(dataset / path)
        except (OSError, pa.ArrowInvalid) as error:
            yield f"{path}: expected Parquet, found: {error}"
            continue
        with parquet:
            rows = parquet.metadata.num_rows
            if not parquet.schema_arrow.equals(schema):
                yield f"{path}: schema is not that of {file.get('config', path)}"
            if rows != file.get("rows") or rows < least:
                yield f"{path}: expected {file.get('rows')} rows, at least {least}, found {rows}"


def _base_problems(dataset: Path, file: dict[str, Any]) -> Iterator[str]:
    bases = 0
    column = {"records": "length", "segments": "sequence"}.get(file["config"])
    with pq.ParquetFile(dataset / file["path"]) as parquet:
        for batch in parquet.iter_batches(16, columns=[column]) if column else ():
            values = batch[column]
            bases += pc.sum(values if column == "length" else pc.utf8_length(values)).as_py() or 0
    if bases != file["bases"]:
        yield f"{file['path']}: expected {file['bases']} bases, found {bases}"


class Seen:
    """What must hold over all shards of pairs: identifiers stand once, a species in one split."""

    def __init__(self) -> None:
        self._pair_ids: set[str] = set()
        self._split_of: dict[str, set[str]] = {}

    def pair_problems(self, dataset: Path, file: dict[str, Any]) -> list[str]:
        """Return what is wrong with one shard of pairs."""
        problems: list[str] = []
        bases = 0
        for batch in pq.ParquetFile(dataset / file["path"]).iter_batches(batch_size=64):
            for row in batch.to_pylist():
                bases += len(row["sequence"] or "")
                problems += [f"{file['path']}: {row['pair_id']}: {problem}" for problem in row_problems(row)]
                if row["pair_id"] in self._pair_ids:
                    problems.append(f"{file['path']}: {row['pair_id']}: stands twice")
                self._pair_ids.add(row["pair_id"])
                if row["species"] is not None:
                    self._split_of.setdefault(row["species"], set()).add(file["split"])
        if bases != file["bases"]:
            problems.append(f"{file['path']}: expected {file['bases']} bases, found {bases}")
        return problems

    def split_problems(self) -> list[str]:
        """Return the species that stand in more than one split."""
        return [
            f"species {species!r} is in {' and '.join(sorted(splits))}"
            for species, splits in sorted(self._split_of.items())
            if len(splits) > 1
        ]


def row_problems(row: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one row of pairs: identifier, coordinates, alphabet, mask, evidence."""
    if missing := [name for name in NEEDED if row[name] in (None, "")]:
        yield f"no {' and no '.join(missing)}"
        return
    sequence = row["sequence"]
    if not _PAIR_ID.fullmatch(row["pair_id"]):
        yield "pair_id: expected 32 hexadecimal digits"
    if unknown := foreign(sequence.encode("utf-8")):
        yield f"sequence holds {unknown!r}, expected upper-case IUPAC without U"
    spans = row["parts"] or [row]
    if sum(span["end"] - span["start"] for span in spans) != len(sequence):
        yield f"coordinates cover another length than the sequence's {len(sequence)}"
    if not 0 <= row["start"] < row["end"]:
        yield f"start {row['start']} and end {row['end']} are no span"
    for run in row["mask"] or []:
        if not 0 <= run["start"] < run["end"] <= len(sequence):
            yield f"mask {run['start']}..{run['end']} lies outside the sequence"
    yield from _evidence_problems(row)


def _evidence_problems(row: dict[str, Any]) -> Iterator[str]:
    if not row["evidence"]:
        yield "text without evidence"
    for span in row["evidence"] or []:
        if not 0 <= span["start"] < span["end"] <= len(row["text"]):
            yield f"evidence {span['start']}..{span['end']} lies outside the text"
        if not all(span[key] for key in ("source", "field", "license")) or span["how"] not in HOW:
            yield f"evidence {span['start']}..{span['end']} lacks source, field, license, or how: {' | '.join(HOW)}"
    if row["licenses"] != sorted({span["license"] or "" for span in row["evidence"] or []}):
        yield "licenses are not those of the evidence"


def _ledger_problems(dataset: Path, manifest: dict[str, Any]) -> Iterator[str]:
    books = pl.DataFrame(pq.read_table(dataset / "ledger.parquet"))
    sums = books.with_columns(side=pl.when(pl.col("status") == "in").then(1).otherwise(-1))
    for column in ("count", "bases"):
        off = sums.group_by("part", "unit").agg((pl.col(column) * pl.col("side")).sum()).filter(pl.col(column) != 0)
        for part, unit, difference in off.sort("part", "unit").iter_rows():
            yield f"ledger.parquet: {part}: {unit} {column} in - out = {difference}"
    kept = books.filter(pl.col("status") == "kept").group_by("unit").agg(pl.col("count").sum())
    counts = dict(kept.iter_rows())
    for unit, config in (("record", "records"), ("row", "pairs")):
        published = sum(file["rows"] for file in manifest["files"] if file.get("config") == config)
        if counts.get(unit, 0) != published:
            yield f"ledger.parquet: {counts.get(unit, 0)} kept {unit}s, but {published} rows in {config}"

"""The numbers of a finished dataset, from its shards and books, reading only the columns each number needs.

Nothing here reads a sequence or a text except `sample_rows`, which reads those of its few rows. All
aggregates are whole numbers, so that their order of addition cannot show.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from dnacorpus.errors import CorpusError
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.schemas.parts import LEDGER, RECORDS
from dnacorpus.storage import parquet as tables

SCHEMAS = {"records": RECORDS, "pairs": PAIRS}
MANIFEST_KEYS = ("inputs", "config", "versions", "files")
SHOWN_BASES = 60
"""Bases of a sample's sequence that are read."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset folder whose manifest and books are read; its shards are those that the manifest names."""

    folder: Path
    manifest: dict[str, Any]
    manifest_sha256: str
    books: pa.Table

    @property
    def releases(self) -> list[str]:
        """Release numbers of the inputs, sorted; "0" is a simulated release."""
        return sorted({entry["release"] for entry in self.manifest["inputs"]})

    @property
    def divisions(self) -> list[str]:
        """Divisions in the order of the config, then any other that the books know."""
        return list(
            dict.fromkeys([*self.manifest["config"]["divisions"], *sorted(set(self.books["division"].to_pylist()))])
        )

    @property
    def shards(self) -> list[dict[str, Any]]:
        """The manifest's entries of files that have a config: path, config, division, split, rows, bytes."""
        return [entry for entry in self.manifest["files"] if "config" in entry]

    def scan(self, config: str) -> pl.LazyFrame:
        """Return the rows of ``records`` or ``pairs`` over all divisions, with the split of their shard."""
        paths: dict[str, list[Path]] = {}
        for entry in self.shards:
            if entry["config"] == config:
                paths.setdefault(entry["split"], []).append(self.folder / entry["path"])
        frames = [
            pl.scan_parquet(paths[split], glob=False).with_columns(split=pl.lit(split)) for split in sorted(paths)
        ]
        empty = pl.DataFrame(SCHEMAS[config].empty_table()).with_columns(split=pl.lit("")).lazy()
        return pl.concat(frames) if frames else empty


def open_dataset(folder: Path) -> Dataset:
    """Return the dataset of a folder.

    Raises CorpusError when manifest.json is missing or no manifest, or when a shard it names is missing.
    """
    raw, manifest = _manifest(folder / "manifest.json")
    books = tables.read(folder / "ledger.parquet", LEDGER)
    dataset = Dataset(folder, manifest, hashlib.sha256(raw).hexdigest(), books)
    if missing := [entry["path"] for entry in dataset.shards if not (folder / entry["path"]).is_file()]:
        raise CorpusError(
            f"{folder}: expected the {len(dataset.shards)} shards of manifest.json, found {len(missing)} missing,"
            f" first {missing[0]}; run `dnacorpus verify {folder}`"
        )
    return dataset


def _manifest(path: Path) -> tuple[bytes, dict[str, Any]]:
    try:
        raw = path.read_bytes()
        manifest = json.loads(raw)
    except (OSError, ValueError) as error:
        raise CorpusError(
            f"{path}: expected the manifest of a finished dataset, found {type(error).__name__}: {error};"
            " give the folder that `dnacorpus assemble` wrote"
        ) from error
    absent = [key for key in MANIFEST_KEYS if not isinstance(manifest, dict) or key not in manifest]
    if absent:
        raise CorpusError(
            f"{path}: expected the keys {', '.join(MANIFEST_KEYS)}, found no {', '.join(absent)};"
            " give the folder that `dnacorpus assemble` wrote"
        )
    return raw, manifest


def row_bases() -> pl.Expr:
    """Return the bases of a row of pairs, from its coordinates alone: of its parts, or of its span."""
    element = pl.element().struct
    parts = pl.col("parts").list.eval(element.field("end") - element.field("start")).list.sum()
    return pl.when(pl.col("parts").list.len() > 0).then(parts).otherwise(pl.col("end") - pl.col("start"))


def rows(dataset: Dataset) -> pl.DataFrame:
    """Return division, split, kind, bases, count: how many rows of pairs have that many bases."""
    keys = ["division", "split", "kind", "bases"]
    counted = dataset.scan("pairs").with_columns(bases=row_bases()).group_by(keys).agg(count=_count())
    return _collect(dataset, counted).sort(keys)


def records(dataset: Dataset) -> pl.DataFrame:
    """Return division, split, length, count: how many kept records have that many bases."""
    keys = ["division", "split", "length"]
    return _collect(dataset, dataset.scan("records").group_by(keys).agg(count=_count())).sort(keys)


def species(dataset: Dataset) -> pl.DataFrame:
    """Return division, split, species: which species have kept records where; unknown ones are left out."""
    names = dataset.scan("records").select("division", "split", "species").drop_nulls().unique()
    return _collect(dataset, names).sort("division", "split", "species")


def gc(dataset: Dataset) -> pl.DataFrame:
    """Return division, permille, count: how many kept records have that GC share, in thousandths."""
    known = dataset.scan("records").filter(pl.col("gc").is_not_null())
    permille = (pl.col("gc") * 1000).round().cast(pl.Int64)
    return _collect(dataset, known.group_by("division", permille=permille).agg(count=_count())).sort(
        "division", "permille"
    )


def copies(dataset: Dataset) -> pl.DataFrame:
    """Return division, shared, most: rows of pairs that stand for several copies, and the most copies of one."""
    many = pl.col("copies") > 1
    grouped = dataset.scan("pairs").group_by("division")
    return _collect(dataset, grouped.agg(shared=many.sum().cast(pl.Int64), most=pl.col("copies").max())).sort(
        "division"
    )


def sample_rows(dataset: Dataset, per_group: int) -> list[dict[str, Any]]:
    """Return the ``per_group`` rows with the least pair_id of each division and kind.

    A pair_id is a digest, so they are neither the first of a file nor anybody's choice. Rows have their
    split, ``bases``, and of ``sequence`` the first SHOWN_BASES.
    """
    pairs = dataset.scan("pairs")
    least = pairs.group_by("division", "kind").agg(pl.col("pair_id").unique().bottom_k(per_group))
    chosen = _collect(dataset, least)["pair_id"].explode()
    columns = "pair_id kind division split organism accession feature_kind start end strand text evidence".split()
    wanted = pairs.filter(pl.col("pair_id").is_in(chosen.to_list())).select(
        *columns, bases=row_bases(), sequence=pl.col("sequence").str.slice(0, SHOWN_BASES)
    )
    return _collect(dataset, wanted).sort("division", "kind", "pair_id").to_dicts()


def median(values: pl.DataFrame, column: str) -> int | None:
    """Return the lower median of a column weighted by ``count``, or None where there is nothing."""
    ordered = values.group_by(column).agg(pl.col("count").sum()).sort(column).with_columns(pl.col("count").cum_sum())
    if not len(ordered):
        return None
    return int(ordered.filter(pl.col("count") * 2 >= ordered["count"][-1])[column][0])


def _count() -> pl.Expr:
    return pl.len().cast(pl.Int64)


def _collect(dataset: Dataset, query: pl.LazyFrame) -> pl.DataFrame:
    try:
        return query.collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise CorpusError(
            f"{dataset.folder}: expected shards with the columns of this version, found: {error};"
            f" run `dnacorpus verify {dataset.folder}`"
        ) from error

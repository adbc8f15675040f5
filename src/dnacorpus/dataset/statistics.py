"""The public numbers of a dataset, computed from its shards; the card and the report both show these.

Only the columns that a number needs are read, never a sequence or a text, except by `sample_rows` for the few rows that
it returns. All aggregates are integers, so the result does not depend on the order of addition.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import polars as pl
import pyarrow as pa

from dnacorpus.dataset.manifest import Manifest, ManifestEntry
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.nulls import refuse_nulls
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.storage import ledger
from dnacorpus.storage import parquet as tables

SCHEMAS = {"records": RECORDS, "pairs": PAIRS}
SHOWN_BASES = 60
"""Bases of a sample's sequence that `sample_rows` reads."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset folder: its config, the entries of its shards, and its ledger."""

    folder: Path
    config: dict[str, Any]
    shards: tuple[ManifestEntry, ...]
    ledger: pa.Table

    @property
    def divisions(self) -> list[str]:
        """Divisions in the order of the config, then any others that the ledger has."""
        return list(dict.fromkeys([*self.config["divisions"], *sorted(set(self.ledger["division"].to_pylist()))]))

    def option(self, section: str, key: str) -> Any:
        """Return an option of the config; raises CorpusError if the manifest does not have it."""
        try:
            return self.config[section][key]
        except (KeyError, TypeError) as error:
            raise CorpusError(
                f"{self.folder}: manifest.json: config: expected {section}.{key}, found none; build or pull it again"
            ) from error

    def scan(self, config: str) -> pl.LazyFrame:
        """Return the rows of ``records`` or ``pairs`` of all divisions, with a column ``split``.

        Raises CorpusError if a shard does not have the columns of this version.
        """
        schema = SCHEMAS[config]
        shards = sorted((entry.split, entry.path) for entry in self.shards if entry.config == config)
        frames = [tables.scan(self.folder / path, schema).with_columns(split=pl.lit(split)) for split, path in shards]
        empty = pl.DataFrame(SCHEMAS[config].empty_table()).with_columns(split=pl.lit("")).lazy()
        return pl.concat(frames) if frames else empty


def open_dataset(folder: Path, manifest: Manifest) -> Dataset:
    """Return the dataset of a folder whose manifest was read; raises CorpusError if one of its shards is missing."""
    if missing := [entry.path for entry in manifest.shards if not (folder / entry.path).is_file()]:
        raise CorpusError(
            f"{folder}: expected the {len(manifest.shards)} shards of manifest.json, found {len(missing)} missing,"
            f" first {missing[0]}; run `dnacorpus verify {folder}`"
        )
    return Dataset(folder, manifest.config, manifest.shards, ledger.read(folder / "ledger.parquet"))


@dataclass(frozen=True, slots=True)
class Totals:
    """What a division, a split, or the whole dataset holds.

    ``record_bases`` counts the bases of the records, ``pair_bases`` those of the rows of pairs, which overlap.
    ``species`` counts the distinct species of the records; ``kinds`` has the rows of pairs of each kind.
    """

    records: int
    record_bases: int
    pairs: int
    pair_bases: int
    species: int
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts behind the public numbers, as three frames.

    ``pairs`` has division, split, kind, bases, count: the rows of pairs of that length. ``records`` has division,
    split, length, count: the kept records of that length. ``species`` has division, split, species, bases: the bases of
    the kept records of a species, which is null where it is unknown.
    """

    pairs: pl.DataFrame
    records: pl.DataFrame
    species: pl.DataFrame

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """Count a dataset; raises CorpusError if a shard cannot be read."""
        pair_keys, record_keys = ["division", "split", "kind", "bases"], ["division", "split", "length"]
        pairs = dataset.scan("pairs").with_columns(bases=row_bases()).group_by(pair_keys).agg(count=_count())
        records = dataset.scan("records").group_by(record_keys).agg(count=_count())
        species = dataset.scan("records").group_by("division", "split", "species").agg(bases=pl.col("length").sum())
        return cls(
            _complete(dataset, _collect(dataset, pairs)).sort(pair_keys),
            _complete(dataset, _collect(dataset, records)).sort(record_keys),
            _collect(dataset, species).sort("division", "split", "species"),
        )

    def totals(self, **where: str) -> Totals:
        """Return the totals of all rows, or of those with a given ``division`` and ``split``."""
        pairs, records, species = (frame.filter(**where) for frame in (self.pairs, self.records, self.species))
        return Totals(
            records=int(records["count"].sum()),
            record_bases=int((records["length"] * records["count"]).sum()),
            pairs=int(pairs["count"].sum()),
            pair_bases=int((pairs["bases"] * pairs["count"]).sum()),
            species=species["species"].drop_nulls().n_unique(),
            kinds=dict(pairs.group_by("kind").agg(pl.col("count").sum()).iter_rows()),
        )


def row_bases() -> pl.Expr:
    """Return the number of bases of a row of pairs, computed from its coordinates: those of its parts or its span."""
    element = pl.element().struct
    parts = pl.col("parts").list.eval(element.field("end") - element.field("start")).list.sum()
    return pl.when(pl.col("parts").list.len() > 0).then(parts).otherwise(pl.col("end") - pl.col("start"))


def dominant_species(counts: Counts, share: float) -> list[tuple[str, str, float]]:
    """Return (split, species, share) of each species with more than ``share`` of the bases of a split's records."""
    total = pl.col("bases").sum().over("split")
    shares = (
        counts.species.group_by("split", "species")
        .agg(pl.col("bases").sum())
        .with_columns(share=pl.col("bases") / total)
    )
    large = shares.filter((pl.col("share") > share) & pl.col("species").is_not_null())
    return list(large.select("split", "species", "share").sort("split", "species").iter_rows())


def species_in_several_splits(counts: Counts) -> int:
    """Return how many species have kept records in more than one split."""
    splits = counts.species.drop_nulls("species").group_by("species").agg(pl.col("split").n_unique())
    return splits.filter(pl.col("split") > 1).height


def gc(dataset: Dataset) -> pl.DataFrame:
    """Return division, permille, count: how many kept records have that GC content, in thousandths."""
    known = dataset.scan("records").filter(pl.col("gc").is_not_null())
    permille = (pl.col("gc") * 1000).round().cast(pl.Int64)
    return _collect(dataset, known.group_by("division", permille=permille).agg(count=_count())).sort(
        "division", "permille"
    )


def copies(dataset: Dataset) -> pl.DataFrame:
    """Return division, shared, largest: how many rows of pairs have copies, and the largest number of copies of one."""
    many = pl.col("copies") > 1
    grouped = dataset.scan("pairs").group_by("division")
    return _collect(dataset, grouped.agg(shared=many.sum().cast(pl.Int64), largest=pl.col("copies").max())).sort(
        "division"
    )


def sample_rows(dataset: Dataset, per_group: int) -> list[dict[str, Any]]:
    """Return the ``per_group`` rows with the smallest pair_id of each division and kind.

    A pair_id is a digest, so the sample depends neither on the order of the files nor on a choice. Rows have their
    split, ``bases``, and the first SHOWN_BASES of ``sequence``.
    """
    pairs = dataset.scan("pairs")
    smallest = pairs.group_by("division", "kind").agg(pl.col("pair_id").unique().bottom_k(per_group))
    chosen = _collect(dataset, smallest)["pair_id"].explode()
    columns = "pair_id kind division split organism accession feature_kind start end strand text evidence".split()
    wanted = pairs.filter(pl.col("pair_id").is_in(chosen.to_list())).select(
        *columns, bases=row_bases(), sequence=pl.col("sequence").str.slice(0, SHOWN_BASES)
    )
    rows = _collect(dataset, wanted).sort("division", "kind", "pair_id")
    found = rows.to_dicts()
    columns_of_pairs = [name for name in rows.columns if name in PAIRS.names]
    checked = pa.Table.from_pylist(found, schema=pa.schema([PAIRS.field(name) for name in columns_of_pairs]))
    refuse_nulls(checked, PAIRS, f"{dataset.folder}: a shard of pairs, as `report` samples them")
    return found


def median(values: pl.DataFrame, column: str) -> int | None:
    """Return the lower median of a column weighted by ``count``, or None for an empty frame."""
    ordered = values.group_by(column).agg(pl.col("count").sum()).sort(column).with_columns(pl.col("count").cum_sum())
    if ordered.is_empty():
        return None
    return int(ordered.filter(pl.col("count") * 2 >= ordered["count"][-1])[column][0])


def _count() -> pl.Expr:
    return pl.len().cast(pl.Int64)


def _complete(dataset: Dataset, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows; raises CorpusError if one lacks a value."""
    if empty := [name for name in rows.columns if rows[name].null_count()]:
        raise CorpusError(
            f"{dataset.folder}: expected shards with a value in {empty[0]} of every row, found none;"
            f" run `dnacorpus verify {dataset.folder}`"
        )
    return rows


def _collect(dataset: Dataset, query: pl.LazyFrame) -> pl.DataFrame:
    try:
        return query.collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise CorpusError(
            f"{dataset.folder}: expected shards with the columns of this version, found: {error};"
            f" run `dnacorpus verify {dataset.folder}`"
        ) from error

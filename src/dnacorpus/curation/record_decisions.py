"""Decides over all records of a build, from copies and verdicts, and writes the decisions by division."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from dnacorpus.curation.duplicates import Caps, decide_records
from dnacorpus.curation.record_keys import no_records, part_key_columns, part_key_types
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import MATCHES
from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.schemas.parts import RECORD_KEY, RECORDS
from dnacorpus.schemas.splits import SPLITS
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_file
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.results import PartKey, Results

_READ = ["ordinal", "accession", "species", "genus", "length", "features", "digest", "exclusion"]
_COPIED = ["ordinal", "species", "species_taxid", "taxid", "organism", "length", "digest", "exclusion"]
_DECIDED = ["ordinal", "accession", "status", "reason", "duplicate_of", "cluster", "copies", "split"]
_USABLE_DIGEST = pl.when(pl.col("exclusion").is_null()).then("digest").alias("digest")
_DECIDING = {
    "accession": pl.col("accession"),
    "species": pl.col("species"),
    "split": pl.col("split"),
    "length": pl.col("length"),
    "features": pl.col("features").cast(pl.Int32),
    "digest": _USABLE_DIGEST,
    "exclusion": pl.col("exclusion"),
}


@dataclass(frozen=True, slots=True)
class RecordRules:
    """The rules of the decisions: the split of each species, and how many records are kept."""

    splits: SplitPolicy
    caps: Caps


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The results of comparisons and policies; each table has division, part and ordinal, and one column.

    ``copies`` are the paths of the MATCHES tables of all buckets. ``near`` has the ``cluster`` of near-duplicates,
    ``excluded`` the ``reason`` of the records that a policy excludes, ``flagged`` the ``rule`` of those it flags.
    """

    copies: Sequence[Path]
    near: pl.DataFrame = field(default_factory=lambda: no_records("cluster"))
    excluded: pl.DataFrame = field(default_factory=lambda: no_records("reason"))
    flagged: pl.DataFrame = field(default_factory=lambda: no_records("rule"))


def write_decisions(
    results: Results, divisions: Sequence[str], rules: RecordRules, verdicts: Verdicts, out: Path
) -> None:
    """Write ``out/<division>.parquet`` (DECISIONS) for every division, decided over all divisions together.

    Raises CorpusError if the copies are not those of all buckets, or a verdict is of a record of another build.
    """
    parts = results.part_keys(divisions)
    # No name refers to the rows here, so that they are released once they are sorted.
    decided = decide_records(_deciding(results, parts, rules.splits, verdicts), rules.caps)
    sizes = {tuple(part): size for *part, size in decided.group_by("division", "part").len().iter_rows()}
    start = 0
    for division in sorted(set(divisions)):
        with whole_file(out / f"{division}.parquet") as path, TableWriter(path, DECISIONS) as writer:
            for part in parts:
                if part[0] == division:
                    rows = decided.slice(start, size := sizes.get(part, 0)).select(_DECIDED)
                    start += size
                    read = pl.DataFrame(tables.read(results.records(*part), RECORDS, _COPIED))
                    rows = rows.join(
                        read.with_columns(_USABLE_DIGEST), on="ordinal", how="left", maintain_order="left"
                    ).with_columns(division=pl.lit(division), part=pl.lit(part[1]))
                    flags = verdicts.flagged.filter(division=division, part=part[1])
                    rows = rows.join(
                        flags.select("ordinal", biosafety="rule"), on="ordinal", how="left", maintain_order="left"
                    )
                    writer.write_table(rows.select(DECISIONS.names).to_arrow().cast(DECISIONS))


def _deciding(results: Results, parts: Sequence[PartKey], splits: SplitPolicy, verdicts: Verdicts) -> pl.DataFrame:
    """Return one small row for each record, with the columns that `decide_records` takes."""
    kinds = part_key_types(parts)
    numbers: dict[str, int] = {}
    records = pl.concat(
        _with_split(pl.DataFrame(tables.read(results.records(*part), RECORDS, _READ)), splits, numbers).select(
            **part_key_columns(kinds, part), ordinal="ordinal", **_DECIDING
        )
        for part in parts
    )
    records = _joined(records, _copy_groups(verdicts.copies), "copy_group", kinds)
    if wrong := records.filter(
        pl.when(pl.col("copy_group").is_null())
        .then(pl.col("digest").is_not_null() & pl.col("digest").is_duplicated())
        .otherwise(pl.col("digest").is_null())
    ).height:
        raise CorpusError(
            f"matches: expected those of every bucket of these tables, found {wrong} records that they lack or that are"
            " not to be matched; remove the folder of matches and run again"
        )
    records = _joined(records, verdicts.near, "cluster", kinds).rename({"cluster": "near"})
    return _joined(records, verdicts.excluded, "reason", kinds).rename({"reason": "policy"})


def _with_split(records: pl.DataFrame, policy: SplitPolicy, numbers: dict[str, int]) -> pl.DataFrame:
    """Add the split, and replace each species by a number; ``numbers`` are those of the species of all parts."""
    units = records.select("species", "genus").unique(maintain_order=True)
    for species in units["species"].drop_nulls():
        numbers.setdefault(species, len(numbers))
    units = units.with_columns(
        split=pl.Series([policy.split_of(*unit) for unit in units.iter_rows()], dtype=pl.Enum(SPLITS)),
        number=pl.Series([numbers.get(species) for species in units["species"]], dtype=pl.UInt32),
    )
    joined = records.join(units, on=["species", "genus"], how="left", nulls_equal=True, maintain_order="left")
    return joined.drop("species", "genus").rename({"number": "species"})


def _copy_groups(paths: Sequence[Path]) -> pl.DataFrame:
    copies = pl.concat([pl.DataFrame(tables.read(path, MATCHES)) for path in paths])
    return copies.with_columns(pl.col("copy_group").rank("dense"))


def _joined(records: pl.DataFrame, verdicts: pl.DataFrame, column: str, kinds: dict[str, pl.Enum]) -> pl.DataFrame:
    """Add a column of ``verdicts`` by record, null if there is none; raise CorpusError for a verdict of no record."""
    named = (pl.col(name).cast(kind, strict=False) for name, kind in kinds.items())
    here = verdicts.select(*named, "ordinal", column)
    joined = records.join(here, on=RECORD_KEY, how="left", maintain_order="left")
    if (known := joined[column].count()) != verdicts.height or joined.height != records.height:
        raise CorpusError(
            f"{column} of {verdicts.height} records: expected each to be one record of the tables, found {known};"
            " it is of another run: remove it and run again"
        )
    return joined

"""Decides over all pairs of a build, from copies and leaks, and writes the decisions by division."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from dnacorpus.curation.copies import pair_keys
from dnacorpus.curation.duplicates import decide_pairs
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import MATCHES_OF_PAIRS
from dnacorpus.schemas.pairs import COPIES
from dnacorpus.settings.pairs import PairSettings
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_file
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.results import PartKey, Results

_DECIDING = ["division", "part", "pair_id", "accession", "split", "informative"]
_NAMES = pl.List(pl.String)


@dataclass(frozen=True, slots=True)
class PairVerdicts:
    """The results of comparisons of pairs.

    ``copies`` are the paths of the MATCHES_OF_PAIRS tables of all buckets; ``leaks`` has the ``pair_id`` of the
    held-out rows that earlier splits nearly contain.
    """

    copies: Sequence[Path]
    leaks: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"pair_id": pl.String}))


def write_pair_decisions(
    results: Results, divisions: Sequence[str], settings: PairSettings, verdicts: PairVerdicts, out: Path
) -> None:
    """Write ``out/<division>.parquet`` (COPIES) for every division, decided over all divisions together.

    Raises CorpusError for copies or leaks of other pairs.
    """
    parts = results.part_keys(divisions)
    decided = decide_pairs(_linked(results, parts, verdicts), settings)
    of_part = decided.partition_by("division", "part", as_dict=True, include_key=False)
    none = decided.clear().drop("division", "part")
    without_copies = {
        "status": "kept",
        "reason": "",
        "cluster": pl.col("pair_id"),
        "copies": 1,
        "copies_in": pl.lit([], _NAMES),
    }
    for division in sorted(set(divisions)):
        with whole_file(out / f"{division}.parquet") as path, TableWriter(path, COPIES) as writer:
            for part in parts:
                if part[0] == division:
                    rows = pair_keys(results, part, ["division", "part", "pair_id", "bases"])
                    rows = rows.join(of_part.get(part, none), on="pair_id", how="left").sort("pair_id")
                    rows = rows.with_columns(
                        pl.col(column).fill_null(value) for column, value in without_copies.items()
                    )
                    writer.write_table(rows.select(COPIES.names).to_arrow().cast(COPIES))


def _linked(results: Results, parts: Sequence[PartKey], verdicts: PairVerdicts) -> pl.DataFrame:
    """Return the pairs that have a copy or leak, with the columns that `decide_pairs` takes."""
    copies = pl.concat([pl.DataFrame(tables.read(path, MATCHES_OF_PAIRS)) for path in verdicts.copies])
    copies = copies.with_columns(pl.col("bases_group", "copy_group").rank("dense"))
    of_part = copies.partition_by("division", "part", as_dict=True, include_key=False)
    none = copies.clear().drop("division", "part")
    leaking = verdicts.leaks.select("pair_id").unique().with_columns(leak=pl.lit(True))
    linked = pl.concat(
        pair_keys(results, part, _DECIDING)
        .join(of_part.get(part, none), on="pair_id", how="left")
        .join(leaking, on="pair_id", how="left")
        .filter(pl.col("bases_group").is_not_null() | pl.col("leak").is_not_null())
        .with_columns(pl.col("leak").fill_null(False))
        for part in parts
    )
    counts = (linked["bases_group"].count(), copies.height, linked["leak"].sum(), leaking.height)
    if counts[0] != counts[1] or counts[2] != counts[3]:
        raise CorpusError(
            f"matches and leaks: expected each to be a pair of the tables, found {counts[0]} of {counts[1]} and"
            f" {counts[2]} of {counts[3]}; they are of another run: remove them and run again"
        )
    return linked

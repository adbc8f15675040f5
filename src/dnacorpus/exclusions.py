"""What dedup and index are told of all records: near-duplicate clusters, and the verdicts of the biosafety policy."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from dnacorpus import tables
from dnacorpus.biosafety import KEYS, REASON, excluded_records
from dnacorpus.biosafety_rules import read_rules
from dnacorpus.candidates import NearSettings
from dnacorpus.clusters import near_clusters
from dnacorpus.layout import Results
from dnacorpus.policies import BiosafetyPolicy
from dnacorpus.schemas import DECISIONS, RECORDS
from dnacorpus.sketch_files import read_records

_PLACE = ["division", "part", "ordinal"]


def near_duplicates(
    results: Results, divisions: Sequence[str], settings: NearSettings, near: Sequence[Path]
) -> pl.DataFrame | None:
    """Return division, part, ordinal and cluster of the sketched records, or None where nothing was sketched."""
    if not settings.near_ani:
        return None
    folders = [results.sketches(division, group) for division in divisions for group in results.groups(division)]
    records = pl.concat(pl.DataFrame(read_records(folder).select([*_PLACE, "accession"])) for folder in folders)
    return near_clusters(near, records, settings)


def policy_verdicts(results: Results, divisions: Sequence[str], policy: BiosafetyPolicy) -> pl.DataFrame | None:
    """Return division, part, ordinal, reason and rule of the records that the rules name; None without a policy."""
    if policy.policy == "off":
        return None
    return pl.concat(_ruled_out(results, divisions, policy))


def excluded_by_policy(results: Results, divisions: Sequence[str], policy: BiosafetyPolicy) -> pl.DataFrame:
    """Return division, part and ordinal of the records that other rows must not be like: those that the rules name.

    Under ``exclude`` the copies of these in other divisions are among them; under ``off`` there is none.
    """
    if policy.policy == "off":
        return pl.DataFrame(schema={"division": pl.String, "part": pl.String, "ordinal": pl.Int64})
    if policy.policy == "flag":
        return pl.concat(frame.select(_PLACE) for frame in _ruled_out(results, divisions, policy))
    columns = [*_PLACE, "reason"]
    decided = (pl.DataFrame(tables.read(results.decisions(name), DECISIONS, columns)) for name in divisions)
    return pl.concat(frame.filter(pl.col("reason") == REASON).select(_PLACE) for frame in decided)


def _ruled_out(results: Results, divisions: Sequence[str], policy: BiosafetyPolicy) -> Iterator[pl.DataFrame]:
    rules = read_rules(policy.table)
    for division in divisions:
        for part in results.parts(division):
            records = tables.read(results.tables(division, part) / "records.parquet", RECORDS, list(KEYS))
            yield excluded_records(records, rules)

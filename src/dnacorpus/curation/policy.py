"""What dedup and index are told of all records: near-duplicate clusters, and the verdicts of the biosafety policy."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from dnacorpus.curation.biosafety.rules import read_rules
from dnacorpus.curation.biosafety.verdict import KEYS, REASON, judge_records
from dnacorpus.curation.near.candidates import NearSettings
from dnacorpus.curation.near.clusters import near_clusters
from dnacorpus.curation.near.sketch import read_records
from dnacorpus.curation.policies import BiosafetyPolicy
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.errors import UsageError
from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results

_PLACE = ["division", "part", "ordinal"]
_ACCESSION = re.compile(r"[A-Z]{1,6}_?[A-Z]{0,6}\d{4,}(?:\.\d+)?")


def with_accessions(results: Results, divisions: Sequence[str], policy: SplitPolicy) -> SplitPolicy:
    """Return the policy with every accession of its lists, version or not, replaced by the species of its record.

    So a listed record takes its whole species along, and no species crosses a split. Raises UsageError for one that is
    no record of the build, or whose species another list claims.
    """
    lists = {name: getattr(policy, name) for name in ("always_train", "always_validation", "always_test")}
    wanted = {name for names in lists.values() for name in names if _ACCESSION.fullmatch(name)}
    if not wanted:
        return policy
    species: dict[str, str] = {}
    for division in divisions:
        for part in results.parts(division):
            path = results.tables(division, part) / "records.parquet"
            named = pl.DataFrame(tables.read(path, RECORDS, ["accession", "species"])).drop_nulls()
            for accession, name in named.iter_rows():
                species |= {key: name for key in (accession, accession.partition(".")[0]) if key in wanted}
    if missing := sorted(wanted - set(species)):
        raise UsageError(
            f"config: splits: expected accessions of records that name a species, found {', '.join(missing)} of none;"
            " correct them, or add the division that has them"
        )
    train, validation, test = (frozenset(species.get(name, name) for name in names) for names in lists.values())
    pinned = replace(policy, always_train=train, always_validation=validation, always_test=test)
    if claimed := pinned.contested():
        raise UsageError(
            f"config: splits: expected each species in one list, found {', '.join(claimed)} in two; take it out of one"
        )
    return pinned


def near_duplicates(
    results: Results, divisions: Sequence[str], settings: NearSettings, near: Sequence[Path]
) -> pl.DataFrame | None:
    """Return division, part, ordinal and cluster of the sketched records, or None where nothing was sketched."""
    if not settings.near_ani:
        return None
    folders = [results.sketches(division, group) for division in divisions for group in results.groups(division)]
    records = pl.concat(pl.DataFrame(read_records(folder).select([*_PLACE, "accession"])) for folder in folders)
    return near_clusters(near, records, settings)


def policy_verdicts(
    results: Results, divisions: Sequence[str], policy: BiosafetyPolicy, near: pl.DataFrame | None
) -> pl.DataFrame | None:
    """Return division, part, ordinal, reason and rule of the records that the policy is about; None without a policy.

    They are those that the rules name, and the near-duplicates of these (``near``, as `near_duplicates` gives them)
    but for those that a rule spares: a record that differs by a few bases, and says nothing of what it is, is one too.
    """
    if policy.policy == "off":
        return None
    judged = pl.concat(_judged(results, divisions, policy))
    named = judged.filter(pl.col("decision") == "exclude").select(*_PLACE, "rule")
    if near is not None:
        rules = near.join(named, on=_PLACE).group_by("cluster").agg(pl.col("rule").min())
        alike = near.join(judged.select(_PLACE), on=_PLACE, how="anti").join(rules, on="cluster")
        named = pl.concat([named, alike.select(*_PLACE, "rule")])
    return named.select(*_PLACE, reason=pl.lit(REASON), rule="rule")


def excluded_by_policy(results: Results, divisions: Sequence[str], policy: BiosafetyPolicy) -> pl.DataFrame:
    """Return division, part and ordinal of the records that other rows must not be like: those the policy is about.

    Under ``exclude`` the copies of these in other divisions are among them; under ``off`` there is none.
    """
    if policy.policy == "off":
        return pl.DataFrame(schema={"division": pl.String, "part": pl.String, "ordinal": pl.Int64})
    told = pl.col("reason") == REASON if policy.policy == "exclude" else pl.col("biosafety").is_not_null()
    columns = [*_PLACE, "reason", "biosafety"]
    decided = (pl.DataFrame(tables.read(results.decisions(name), DECISIONS, columns)) for name in divisions)
    return pl.concat(frame.filter(told).select(_PLACE) for frame in decided)


def _judged(results: Results, divisions: Sequence[str], policy: BiosafetyPolicy) -> Iterator[pl.DataFrame]:
    rules = read_rules(policy.table)
    for division in divisions:
        for part in results.parts(division):
            records = tables.read(results.tables(division, part) / "records.parquet", RECORDS, list(KEYS))
            yield judge_records(records, rules)

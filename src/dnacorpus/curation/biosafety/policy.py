"""The biosafety policy applied to a build: which of its records the policy excludes or flags."""

from collections.abc import Iterator, Sequence

import polars as pl

from dnacorpus.curation.biosafety.rules import read_rules
from dnacorpus.curation.biosafety.verdict import KEYS, REASON, judge_records
from dnacorpus.curation.policies import BiosafetyPolicy
from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results

_PLACE = ["division", "part", "ordinal"]


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

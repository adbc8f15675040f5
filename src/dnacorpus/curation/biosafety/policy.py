"""The biosafety policy applied to a build: which of its records the policy excludes or flags."""

from collections.abc import Iterator, Sequence

import polars as pl

from dnacorpus.curation.biosafety.rules import read_rules
from dnacorpus.curation.biosafety.verdict import KEYS, REASON, judge_records
from dnacorpus.curation.record_keys import no_records
from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.schemas.parts import RECORD_KEY, RECORDS
from dnacorpus.settings.curation import BiosafetySettings
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results


def policy_verdicts(
    results: Results, divisions: Sequence[str], policy: BiosafetySettings, near: pl.DataFrame
) -> pl.DataFrame:
    """Return division, part, ordinal, reason and rule of the records that the policy excludes or flags.

    They are the records that the rules exclude and, by ``near`` (as `near_duplicates` returns it), the near-duplicates
    of those that no rule keeps: a record that differs by a few bases and states nothing about itself is a virus too.
    There are none if the policy is off.
    """
    if policy.policy == "off":
        return no_records("reason", "rule")
    judged = pl.concat(_judged(results, divisions, policy))
    excluded = judged.filter(pl.col("decision") == "exclude").select(*RECORD_KEY, "rule")
    rules = near.join(excluded, on=RECORD_KEY).group_by("cluster").agg(pl.col("rule").min())
    unjudged = near.join(judged.select(RECORD_KEY), on=RECORD_KEY, how="anti")
    excluded = pl.concat([excluded, unjudged.join(rules, on="cluster").select(*RECORD_KEY, "rule")])
    return excluded.select(*RECORD_KEY, reason=pl.lit(REASON), rule="rule")


def excluded_by_policy(results: Results, divisions: Sequence[str], policy: BiosafetySettings) -> pl.DataFrame:
    """Return division, part and ordinal of the records that rows of other records are compared with.

    They are the records that the decisions exclude or flag by the policy, their copies in other divisions included;
    none if the policy is off.
    """
    if policy.policy == "off":
        return no_records()
    by_policy = pl.col("reason") == REASON if policy.policy == "exclude" else pl.col("biosafety").is_not_null()
    columns = [*RECORD_KEY, "reason", "biosafety"]
    decisions = (pl.DataFrame(tables.read(results.decisions(name), DECISIONS, columns)) for name in divisions)
    return pl.concat(frame.filter(by_policy).select(RECORD_KEY) for frame in decisions)


def _judged(results: Results, divisions: Sequence[str], policy: BiosafetySettings) -> Iterator[pl.DataFrame]:
    rules = read_rules(policy.table)
    for division in divisions:
        for part in results.parts(division):
            records = tables.read(results.records(division, part), RECORDS, KEYS)
            yield judge_records(records, rules)

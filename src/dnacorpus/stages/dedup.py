"""The dedup stage: every record of every part is kept, a duplicate, or excluded, and gets its split.

In: the tables of all parts and the matches of all buckets. Out: a folder of ``<division>.parquet`` (DECISIONS). It
never holds a sequence; peak RSS over that of the imports: at most 150 MB and 1,500 bytes a record (docs/dedup.md;
bench/dedup_memory.py measures it).
"""

from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.curation.biosafety.policy import policy_verdicts
from dnacorpus.curation.near.clusters import near_duplicates
from dnacorpus.curation.record_decisions import RecordRules, Verdicts, write_decisions
from dnacorpus.curation.record_keys import no_records
from dnacorpus.curation.splits import with_accessions
from dnacorpus.storage.results import EXACT, NEAR


def run(build: Build, out: Path) -> None:
    """Write the decisions over the records of all divisions into the folder ``out``.

    What the biosafety policy is about is excluded under ``exclude``, and only flagged under ``flag``. Raises
    UsageError for listed accessions that no record has, CorpusError for matches of another run.
    """
    results, config = build.results, build.config
    matches = results.matches(config.settings.dedup.buckets)
    near = near_duplicates(results, config.divisions, config.settings.dedup.near, [folder / NEAR for folder in matches])
    judged = policy_verdicts(results, config.divisions, config.settings.biosafety, near)
    excludes = config.settings.biosafety.policy == "exclude"
    verdicts = Verdicts(
        copies=[folder / EXACT for folder in matches],
        near=near,
        excluded=judged.select("division", "part", "ordinal", "reason") if excludes else no_records("reason"),
        flagged=no_records("rule") if excludes else judged,
    )
    rules = RecordRules(with_accessions(results, config.divisions, config.splits), config.caps)
    write_decisions(results, config.divisions, rules, verdicts, out)

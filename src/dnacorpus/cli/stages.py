"""The verbs that decide what stays: sketch, match, dedup, index, match-pairs, collapse, and the audit of what leaks.

Imports of a verb stand inside it, so that ``--help`` answers at once.
"""

import argparse
from pathlib import Path

from dnacorpus.cli.options import Verbs, add_config, add_verb


def add_sketch(verbs: Verbs) -> None:
    """Add the verb ``sketch``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config.resolved import Config
        from dnacorpus.curation.near.sketches import sketch
        from dnacorpus.storage.results import Results

        config = Config.load(options.config)
        sketch(Results(options.config.parent), options.division, options.group, config.near, options.out)

    verb = add_verb(
        verbs,
        "sketch",
        run,
        "Sketch the records of one shard group: the few k-mers that stand for each. Out: a folder of Parquet files.",
        "dnacorpus sketch --config results/refseq/config.yaml --division viral --group 00000"
        " --out results/refseq/sketches/viral/00000",
    )
    add_config(verb)
    verb.add_argument("--division", required=True)
    verb.add_argument("--group", required=True)
    verb.add_argument("--out", type=Path, required=True)


def add_match(verbs: Verbs) -> None:
    """Add the verb ``match``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config.resolved import Config
        from dnacorpus.curation.near.compare import match_near
        from dnacorpus.stages.dedup import match
        from dnacorpus.storage.atomic import whole_directory
        from dnacorpus.storage.results import Results

        config, results = Config.load(options.config), Results(options.config.parent)
        buckets, at_once = config["dedup.buckets"], config["dedup.max_bases_at_once"]
        sketches = [results.sketches(name, group) for name in config.divisions for group in results.groups(name)]
        with whole_directory(options.out) as workspace:
            match(results, config.divisions, options.bucket, buckets, at_once, workspace / "exact.parquet")
            match_near(sketches, options.bucket, buckets, config.near, workspace / "near.parquet")

    verb = add_verb(
        verbs,
        "match",
        run,
        "Find the copies and near-duplicates among the records whose digests fall into one bucket. Out: a folder of two"
        " Parquet files.",
        "dnacorpus match --config results/refseq/config.yaml --bucket 0 --out results/refseq/matches/0",
    )
    add_config(verb)
    verb.add_argument("--bucket", type=int, required=True, help="0 to dedup.buckets - 1")
    verb.add_argument("--out", type=Path, required=True)


def add_dedup(verbs: Verbs) -> None:
    """Add the verb ``dedup``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config.resolved import Config
        from dnacorpus.curation.biosafety.policy import policy_verdicts
        from dnacorpus.curation.near.clusters import near_duplicates
        from dnacorpus.curation.splits import with_accessions
        from dnacorpus.stages.dedup import dedup
        from dnacorpus.storage.results import Results

        config, results = Config.load(options.config), Results(options.config.parent)
        matches = results.matches(config["dedup.buckets"])
        near = near_duplicates(results, config.divisions, config.near, [path / "near.parquet" for path in matches])
        verdicts = policy_verdicts(results, config.divisions, config.biosafety, near)
        excluded, flags = (verdicts, None) if config.biosafety.policy == "exclude" else (None, verdicts)
        exact = [path / "exact.parquet" for path in matches]
        splits = with_accessions(results, config.divisions, config.splits)
        dedup(results, config.divisions, splits, config.caps, exact, options.out, near, excluded, flags)

    verb = add_verb(
        verbs,
        "dedup",
        run,
        "Decide over all records which are kept, and in which split. Out: a Parquet file of decisions per division.",
        "dnacorpus dedup --config results/refseq/config.yaml --out results/refseq/decisions",
    )
    add_config(verb)
    verb.add_argument("--out", type=Path, required=True, help="folder for <division>.parquet")


def add_index(verbs: Verbs) -> None:
    """Add the verb ``index``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config.resolved import Config
        from dnacorpus.curation.biosafety.policy import excluded_by_policy
        from dnacorpus.curation.kmer_index import held_out_records, write_index
        from dnacorpus.storage.atomic import whole_directory
        from dnacorpus.storage.results import Results

        config, results = Config.load(options.config), Results(options.config.parent)
        with whole_directory(options.out) as workspace:
            held_out, flank = held_out_records(results, config.divisions), config.limits.flank
            write_index(results, held_out, config.leaks.k, workspace / "held_out", flank)
            excluded = excluded_by_policy(results, config.divisions, config.biosafety)
            write_index(results, excluded, config.leaks.k, workspace / "excluded", flank)

    verb = add_verb(
        verbs,
        "index",
        run,
        "Index the k-mers of the held-out records, and of those that the biosafety policy excludes. Out: a folder of"
        " both.",
        "dnacorpus index --config results/refseq/config.yaml --out results/refseq/kmers",
    )
    add_config(verb)
    verb.add_argument("--out", type=Path, required=True)


def add_match_pairs(verbs: Verbs) -> None:
    """Add the verb ``match-pairs``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config.resolved import Config
        from dnacorpus.stages.collapse import match_pairs
        from dnacorpus.storage.results import Results

        config = Config.load(options.config)
        buckets, at_once = config["dedup.buckets"], config["dedup.max_bases_at_once"]
        match_pairs(Results(options.config.parent), config.divisions, options.bucket, buckets, at_once, options.out)

    verb = add_verb(
        verbs,
        "match-pairs",
        run,
        "Find the copies among the pairs whose digests fall into one bucket. Out: a Parquet file.",
        "dnacorpus match-pairs --config results/refseq/config.yaml --bucket 0"
        " --out results/refseq/matches_of_pairs/0.parquet",
    )
    add_config(verb)
    verb.add_argument("--bucket", type=int, required=True, help="0 to dedup.buckets - 1")
    verb.add_argument("--out", type=Path, required=True)


def add_collapse(verbs: Verbs) -> None:
    """Add the verb ``collapse``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config.resolved import Config
        from dnacorpus.curation.leaks import leaks
        from dnacorpus.stages.collapse import collapse
        from dnacorpus.storage.results import Results

        config, results = Config.load(options.config), Results(options.config.parent)
        matches = results.matches_of_pairs(config["dedup.buckets"])
        leaking = leaks(results, config.divisions, results.kmers() / "held_out", config.leaks)
        collapse(results, config.divisions, matches, config.copies, leaking, options.out)

    verb = add_verb(
        verbs,
        "collapse",
        run,
        "Decide which pairs stay: one for each gene sequence, feature kind and genetic code, and of the held-out ones"
        " none that train nearly contains. Out: a Parquet file of decisions per division.",
        "dnacorpus collapse --config results/refseq/config.yaml --out results/refseq/copies",
    )
    add_config(verb)
    verb.add_argument("--out", type=Path, required=True, help="folder for <division>.parquet")


def add_audit_list(verbs: Verbs) -> None:
    """Add the verb ``audit-list``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config.resolved import Config
        from dnacorpus.stages.audit import audit_list
        from dnacorpus.storage.results import Results

        config = Config.load(options.config)
        audit_list(Results(options.config.parent), config.divisions, config.audit, options.out)

    verb = add_verb(
        verbs,
        "audit-list",
        run,
        "List the k-mers of the held-out rows of all shards. Out: a folder.",
        "dnacorpus audit-list --config results/refseq/config.yaml --out results/refseq/audit_list",
    )
    add_config(verb)
    verb.add_argument("--out", type=Path, required=True)


def add_audit_group(verbs: Verbs) -> None:
    """Add the verb ``audit-group``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.stages.audit import audit_group
        from dnacorpus.storage.results import Results

        results = Results(options.config.parent)
        audit_group(results, options.division, options.group, options.list, options.out)

    verb = add_verb(
        verbs,
        "audit-group",
        run,
        "Look up which listed k-mers the train shards of one group hold. Out: a Parquet file.",
        "dnacorpus audit-group --config results/refseq/config.yaml --division viral --group 00000"
        " --list results/refseq/audit_list --out results/refseq/audit/viral/00000.parquet",
    )
    add_config(verb)
    verb.add_argument("--division", required=True)
    verb.add_argument("--group", required=True)
    verb.add_argument("--list", type=Path, required=True, help="what audit-list wrote")
    verb.add_argument("--out", type=Path, required=True)


def add_audit(verbs: Verbs) -> None:
    """Add the verb ``audit``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config.resolved import Config
        from dnacorpus.stages.audit import audit
        from dnacorpus.storage.results import Results

        config, results = Config.load(options.config), Results(options.config.parent)
        groups = [(division, group) for division in config.divisions for group in results.groups(division)]
        met = [results.root / "audit" / division / f"{group}.parquet" for division, group in groups]
        audit(results, config.divisions, options.list, met, options.out)

    verb = add_verb(
        verbs,
        "audit",
        run,
        "Say of every held-out row which share of its k-mers train holds, by code that had no part in the splitting."
        " Out: a Parquet file.",
        "dnacorpus audit --config results/refseq/config.yaml --list results/refseq/audit_list"
        " --out results/refseq/audit.parquet",
    )
    add_config(verb)
    verb.add_argument("--list", type=Path, required=True, help="what audit-list wrote")
    verb.add_argument("--out", type=Path, required=True)


ADD = (
    add_sketch,
    add_match,
    add_dedup,
    add_index,
    add_match_pairs,
    add_collapse,
    add_audit_list,
    add_audit_group,
    add_audit,
)

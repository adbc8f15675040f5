"""Decisions over records and pairs: which of several copies is kept, what is a duplicate, what is excluded.

Tables in, tables out. Equal digests are only candidates for copies: ``copy_group`` must come from compared bytes (see
`curation.exact`). It is null for a record or pair without a copy.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import xxhash

from dnacorpus.curation.components import components
from dnacorpus.divisions import DIVISIONS
from dnacorpus.schemas.splits import SPLITS, TRAIN
from dnacorpus.settings.pairs import PairSettings

_GENERAL = [name for name, division in DIVISIONS.items() if not division.specific]


@dataclass(frozen=True, slots=True)
class Caps:
    """Most records of a near-duplicate cluster, most of a species, most held-out bases of a division and split.

    0 stands for no limit.
    """

    max_per_cluster: int
    max_per_species: int
    max_eval_bases: int


def decide_records(records: pl.DataFrame, caps: Caps) -> pl.DataFrame:
    """Decide for every record whether it is kept, a duplicate of another, or excluded.

    ``records`` has division, part, ordinal, accession, features, length, species, split, exclusion, digest,
    copy_group, near (a name of its component of near-duplicates; null: none) and policy (why a policy excludes
    it; null: none does). Returns its rows in (division, part, ordinal) order with status, reason, duplicate_of,
    cluster and copies.

    Precedence: the more specific division, RefSeq over INSDC, NC_ over other prefixes, more features, then
    accession. When a policy excludes a record, all its copies are excluded too. If two usable records have one
    accession and different bases, the first in precedence is kept and the other is excluded as
    ``accession_conflict``. When ``caps`` exclude a record, its copies are excluded too, so ``duplicate_of`` always
    names a kept record.
    """
    ranked = records.sort(*precedence(), "division", "part", "ordinal").with_row_index("rank")
    del records  # memory for one table, not two
    usable = pl.col("exclusion").is_null()
    conflict = usable & pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(name).filter(usable).first().over("accession"))
        for name in ("digest", "copy_group")
    )
    ranked = ranked.with_columns(conflict=conflict)
    unlinked = ~usable | pl.col("conflict")
    ranked = ranked.with_columns(
        policy=_of_group(pl.col("policy").min(), pl.col("policy")),
        **{link: pl.when(~unlinked).then(link) for link in ("copy_group", "near")},
    ).with_columns(
        reason=pl.coalesce("exclusion", "policy", pl.when("conflict").then(pl.lit("accession_conflict")), pl.lit("")),
        copies=_of_group(pl.len(), pl.lit(1)).cast(pl.Int64),
        first=_of_group(pl.col("rank").min(), pl.col("rank")),
    )
    ranked = _with_cluster(ranked.drop("policy", "exclusion", "conflict", "digest"))
    kept = ranked.filter((pl.col("reason") == "") & (pl.col("rank") == pl.col("first")))
    capped = beyond_caps(kept.select("rank", "accession", "division", "split", "species", "cluster", "length"), caps)
    duplicate = (pl.col("rank") != pl.col("first")) & (pl.col("reason") == "")
    return (
        _keep_train_copies(ranked.join(capped, left_on="first", right_on="rank", how="left", maintain_order="left"))
        .with_columns(reason=pl.when(pl.col("reason") == "").then(pl.coalesce("cap", "reason")).otherwise("reason"))
        .with_columns(
            status=pl.when(pl.col("reason") != "")
            .then(pl.lit("excluded"))
            .when(duplicate)
            .then(pl.lit("duplicate"))
            .otherwise(pl.lit("kept")),
            duplicate_of=pl.when(duplicate).then(pl.col("accession").gather("first")),
            reason=pl.when(duplicate).then(pl.lit("exact")).otherwise("reason"),
        )
        .drop("rank", "first", "cap", "copy_group", "near")
        .sort("division", "part", "ordinal")
    )


def _keep_train_copies(ranked: pl.DataFrame) -> pl.DataFrame:
    """Keep one copy in train of a held-out record that the evaluation cap excludes: the cap is not about train."""
    train = pl.col("split") == TRAIN
    first_in_train = pl.col("rank").filter(train & (pl.col("reason") == "")).min().over("copy_group")
    exempt = train & (pl.col("cap") == "evaluation_cap") & (pl.col("reason") == "")
    return ranked.with_columns(
        first=pl.when(exempt).then(first_in_train).otherwise("first"),
        cap=pl.when(~exempt | exempt.is_null()).then("cap"),
    )


def _of_group(of_group: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    """Return an expression over the copies of a row, and ``otherwise`` for a row without copies."""
    return pl.when(pl.col("copy_group").is_not_null()).then(of_group.over("copy_group")).otherwise(otherwise)


def _with_cluster(ranked: pl.DataFrame) -> pl.DataFrame:
    """Add the smallest accession among all records that copies and near-duplicates connect."""
    ranked = ranked.with_columns(component=_of_group(pl.col("near").min(), pl.col("near")))
    links = ranked.filter(pl.col("near") != pl.col("component")).select("near", "component").unique()
    names = pl.concat([links["near"], links["component"].alias("near")]).unique().sort()
    if len(names):
        left, right = (names.search_sorted(links[end]).to_numpy().astype(np.int64) for end in ("near", "component"))
        smallest = names.gather(components(len(names), left, right))
        ranked = ranked.with_columns(pl.col("component").replace(names, smallest))
    least = pl.col("accession").min()
    return ranked.with_columns(
        cluster=pl.when(pl.col("component").is_not_null())
        .then(least.over("component"))
        .otherwise(_of_group(least, pl.col("accession")))
    ).drop("component")


def beyond_caps(kept: pl.DataFrame, caps: Caps) -> pl.DataFrame:
    """Return ``rank`` and ``cap`` (the reason) of the records that the caps exclude, in the order of the caps.

    ``kept`` has rank, accession, division, split, species, cluster and length, and is in the order of precedence.
    The first records of a cluster are kept. Of a species, one record of each cluster is kept before a second one of
    any cluster; records without a species have no such cap. The held-out records of a division and split are kept in
    the order of the XXH3-64 of their accession until ``max_eval_bases`` bases are reached; at least one is kept.
    """
    excluded = []
    for reason, limit, beyond in (
        ("cluster_cap", caps.max_per_cluster, _beyond_cluster),
        ("species_cap", caps.max_per_species, _beyond_species),
        ("evaluation_cap", caps.max_eval_bases, _beyond_evaluation),
    ):
        if limit:
            ranks = beyond(kept, limit)
            excluded.append(ranks.select("rank", cap=pl.lit(reason)))
            kept = kept.join(ranks, on="rank", how="anti", maintain_order="left")
    return pl.concat([pl.DataFrame(schema={"rank": kept.schema["rank"], "cap": pl.String}), *excluded])


def _beyond_cluster(kept: pl.DataFrame, limit: int) -> pl.DataFrame:
    return kept.filter(pl.int_range(pl.len()).over("cluster") >= limit).select("rank")


def _beyond_species(kept: pl.DataFrame, limit: int) -> pl.DataFrame:
    known = kept.filter(pl.col("species").is_not_null())
    by_turn = known.with_columns(turn=pl.int_range(pl.len()).over("species", "cluster")).sort("turn", "rank")
    return by_turn.filter(pl.int_range(pl.len()).over("species") >= limit).select("rank")


def _beyond_evaluation(kept: pl.DataFrame, limit: int) -> pl.DataFrame:
    held_out = kept.filter(pl.col("split") != TRAIN)
    hashes = [xxhash.xxh3_64_intdigest(accession.encode()) for accession in held_out["accession"]]
    in_hash_order = held_out.with_columns(hash=pl.Series(hashes, dtype=pl.UInt64)).sort("hash", "accession")
    bases_before = (pl.col("length").cum_sum() - pl.col("length")).over("division", "split")
    return in_hash_order.filter(bases_before >= limit).select("rank")


def precedence() -> list[pl.Expr]:
    """Return the sort keys of records: the copy to keep comes first."""
    return [*specific_and_refseq_first(), -pl.col("features"), pl.col("accession")]


def specific_and_refseq_first() -> list[pl.Expr]:
    """Return the sort keys for the more specific division, RefSeq over INSDC and NC_ over other prefixes."""
    # Only RefSeq accessions begin with two letters and an underscore: NC_, NZ_, NW_ ... A name with a colon is that of
    # one's own file, or of a stretch.
    return [
        pl.col("division").is_in(_GENERAL),
        ~pl.col("accession").str.contains("^[A-Z]{2}_[^:]*$"),
        ~pl.col("accession").str.contains("^NC_[^:]*$"),
    ]


def decide_pairs(keys: pl.DataFrame, settings: PairSettings) -> pl.DataFrame:
    """Decide for every pair whether it is kept, a duplicate of another, or excluded from evaluation as ``leak``.

    ``keys`` has division, part, pair_id, accession, split, informative, bases_group (equal for equal bases),
    copy_group (for copies: feature kind and genetic code are equal too) and leak (train nearly contains it). Splits
    are in the order train, validation, test: a pair whose bases occur in an earlier split, in a row of any kind, is a
    leak, and so is every pair with the bases of a leak; ``duplicate_of`` then names the kept copy, if it has one.
    Within a split informative text comes first, then the precedence of records. Returns the rows in
    (division, part, pair_id) order with status, reason, duplicate_of, cluster, copies and copies_in.
    """
    ranked = keys.sort(
        pl.col("split").cast(pl.Enum(SPLITS)), ~pl.col("informative"), *specific_and_refseq_first(), "accession",
        "pair_id",
    ).with_row_index("rank")  # fmt: skip
    held_out = pl.col("split") != TRAIN
    of_earlier_split = pl.col("split") != pl.col("split").first().over("bases_group")
    equals_leak = (pl.col("leak") & held_out).any().over("bases_group")
    ranked = ranked.with_columns(
        leak=pl.when(pl.col("bases_group").is_not_null() & held_out)
        .then(of_earlier_split | equals_leak)
        .otherwise(pl.col("leak") & held_out),
        number=_of_group(pl.int_range(pl.len()), pl.lit(0)),
    )
    surplus = ~pl.col("leak") & (pl.col("number") >= settings.max_copies) if settings.max_copies else pl.lit(False)
    first_kept = _of_group((pl.when(~pl.col("leak")).then("pair_id")).first(), pl.lit(None, pl.String))
    decided = ranked.with_columns(
        status=pl.when("leak")
        .then(pl.lit("excluded"))
        .when(surplus)
        .then(pl.lit("duplicate"))
        .otherwise(pl.lit("kept")),
        reason=pl.when("leak").then(pl.lit("leak")).when(surplus).then(pl.lit("exact")).otherwise(pl.lit("")),
        duplicate_of=pl.when(pl.col("leak") | surplus).then(first_kept),
        cluster=_of_group(pl.col("pair_id").min(), pl.col("pair_id")),
        copies=_of_group(pl.len(), pl.lit(1)).cast(pl.Int64),
    )
    decided = decided.join(_copies_in(decided, settings.max_copies_named), on="rank", how="left", maintain_order="left")
    decided = decided.with_columns(pl.col("copies_in").fill_null([]))
    return decided.drop("rank", "number", "leak", "bases_group", "copy_group").sort("division", "part", "pair_id")


def _copies_in(decided: pl.DataFrame, named: int) -> pl.DataFrame:
    """Return rank and, for kept pairs that have copies, the smallest accessions of the other copies."""
    several = decided.filter(pl.col("copies") > 1)
    holders = several.group_by("copy_group", other="accession").len().sort("copy_group", "other")
    # One more than are listed: a pair's own accession is removed unless its record has another of the copies.
    holders = holders.group_by("copy_group", maintain_order=True).agg(pl.col("other", "len").head(named + 1))
    rows = several.filter(pl.col("status") == "kept").select("rank", "accession", "copy_group")
    rows = rows.join(holders, on="copy_group", maintain_order="left").explode("other", "len")
    rows = rows.filter((pl.col("other") != pl.col("accession")) | (pl.col("len") > 1))
    return rows.group_by("rank", maintain_order=True).agg(copies_in=pl.col("other").head(named))

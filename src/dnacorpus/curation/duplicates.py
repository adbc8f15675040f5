"""Exact copies of records and of pairs: who keeps, who is a duplicate, who leaves with another. Tables in and out.

A digest only proposes; ``copy_group`` must come from compared bytes (see `copies`). It is null for what has no copy.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl
import xxhash

from dnacorpus.divisions import DIVISIONS
from dnacorpus.schemas.splits import SPLITS, TRAIN

_GENERAL = [name for name, division in DIVISIONS.items() if not division.specific]


@dataclass(frozen=True, slots=True)
class Caps:
    """Most records of a near-duplicate cluster, most of a species, most held-out bases of a division and split.

    0 stands for no limit.
    """

    most_per_cluster: int
    most_per_species: int
    most_held_out: int


def decide_records(records: pl.DataFrame, caps: Caps) -> pl.DataFrame:
    """Decide every record: kept, duplicate of another, or excluded.

    ``records`` has division, part, ordinal, accession, features, length, species, split, exclusion, digest,
    copy_group, near (any name of the near-duplicate component; null: none) and policy (why a policy excludes
    it; null: it does not). Returns its rows in (division, part, ordinal) order with status, reason, duplicate_of,
    cluster and copies.

    Precedence: the more specific division, RefSeq over INSDC, NC_ over other prefixes, more features, then
    accession. Every copy of a record that a policy excludes is excluded with it. Of two usable records with one
    accession and different bases the first in precedence stays and the other is excluded as
    ``accession_conflict``. What ``caps`` exclude is excluded with its copies, so that ``duplicate_of`` always
    names a kept record.
    """
    ranked = records.sort(*precedence(), "division", "part", "ordinal").with_row_index("rank")
    del records  # two of them are too many
    usable = pl.col("exclusion").is_null()
    conflict = usable & pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(name).filter(usable).first().over("accession"))
        for name in ("digest", "copy_group")
    )
    ranked = ranked.with_columns(conflict=conflict)
    alone = ~usable | pl.col("conflict")
    ranked = ranked.with_columns(
        policy=_of_group(pl.col("policy").min(), pl.col("policy")),
        **{link: pl.when(~alone).then(link) for link in ("copy_group", "near")},
    ).with_columns(
        reason=pl.coalesce("exclusion", "policy", pl.when("conflict").then(pl.lit("accession_conflict")), pl.lit("")),
        copies=_of_group(pl.len(), pl.lit(1)).cast(pl.Int64),
        first=_of_group(pl.col("rank").min(), pl.col("rank")),
    )
    ranked = _with_cluster(ranked.drop("policy", "exclusion", "conflict", "digest"))
    kept = ranked.filter((pl.col("reason") == "") & (pl.col("rank") == pl.col("first")))
    beyond = capped(kept.select("rank", "accession", "division", "split", "species", "cluster", "length"), caps)
    duplicate = (pl.col("rank") != pl.col("first")) & (pl.col("reason") == "")
    return (
        _spared(ranked.join(beyond, left_on="first", right_on="rank", how="left", maintain_order="left"))
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


def _spared(ranked: pl.DataFrame) -> pl.DataFrame:
    """Give the copies in train of a record beyond the evaluation cap a keeper of their own: the cap is not theirs."""
    train = pl.col("split") == TRAIN
    own = pl.col("rank").filter(train & (pl.col("reason") == "")).min().over("copy_group")
    spared = train & (pl.col("cap") == "evaluation_cap") & (pl.col("reason") == "")
    return ranked.with_columns(
        first=pl.when(spared).then(own).otherwise("first"), cap=pl.when(~spared | spared.is_null()).then("cap")
    )


def _of_group(of_group: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("copy_group").is_not_null()).then(of_group.over("copy_group")).otherwise(otherwise)


def _with_cluster(ranked: pl.DataFrame) -> pl.DataFrame:
    """Add the smallest accession of all that copies and near-duplicates join."""
    ranked = ranked.with_columns(of_copies=_of_group(pl.col("near").min(), pl.col("near")))
    links = ranked.filter(pl.col("near") != pl.col("of_copies")).select("near", "of_copies").unique()
    names = _joined(links.iter_rows())
    joined = pl.col("of_copies").replace(list(names), list(names.values())) if names else pl.col("of_copies")
    ranked = ranked.with_columns(of_copies=joined)
    least = pl.col("accession").min()
    return ranked.with_columns(
        cluster=pl.when(pl.col("of_copies").is_not_null())
        .then(least.over("of_copies"))
        .otherwise(_of_group(least, pl.col("accession")))
    ).drop("of_copies")


def _joined(links: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return for each name that is linked to others one name that all of its component have: union-find."""
    parents: dict[Any, Any] = {}

    def root(name: Any) -> Any:
        while (parent := parents.setdefault(name, name)) != name:
            parents[name] = name = parents[parent]
        return name

    for left, right in links:
        first, second = sorted((root(left), root(right)))
        parents[second] = first
    return {name: root(name) for name in list(parents)}


def capped(kept: pl.DataFrame, caps: Caps) -> pl.DataFrame:
    """Return ``rank`` and ``cap`` (the reason) of the records that the caps exclude, the caps applied in their order.

    ``kept`` has rank, accession, division, split, species, cluster and length, and is in the order of precedence.
    Of a cluster the first stay. Of a species one of each of its clusters stays before a second one of any does;
    what has no species has no such cap. Of the held-out records of a division and split those stay, in the
    order of the XXH3-64 of their accession, before which less than ``most_held_out`` bases are kept: one at least.
    """
    found = []
    for reason, limit, beyond in (
        ("cluster_cap", caps.most_per_cluster, _beyond_cluster),
        ("species_cap", caps.most_per_species, _beyond_species),
        ("evaluation_cap", caps.most_held_out, _beyond_evaluation),
    ):
        if limit:
            ranks = beyond(kept, limit)
            found.append(ranks.select("rank", cap=pl.lit(reason)))
            kept = kept.join(ranks, on="rank", how="anti", maintain_order="left")
    return pl.concat([pl.DataFrame(schema={"rank": kept.schema["rank"], "cap": pl.String}), *found])


def _beyond_cluster(kept: pl.DataFrame, most: int) -> pl.DataFrame:
    return kept.filter(pl.int_range(pl.len()).over("cluster") >= most).select("rank")


def _beyond_species(kept: pl.DataFrame, most: int) -> pl.DataFrame:
    known = kept.filter(pl.col("species").is_not_null())
    dealt = known.with_columns(turn=pl.int_range(pl.len()).over("species", "cluster")).sort("turn", "rank")
    return dealt.filter(pl.int_range(pl.len()).over("species") >= most).select("rank")


def _beyond_evaluation(kept: pl.DataFrame, most: int) -> pl.DataFrame:
    held_out = kept.filter(pl.col("split") != TRAIN)
    places = [xxhash.xxh3_64_intdigest(accession.encode()) for accession in held_out["accession"]]
    drawn = held_out.with_columns(place=pl.Series(places, dtype=pl.UInt64)).sort("place", "accession")
    before = (pl.col("length").cum_sum() - pl.col("length")).over("division", "split")
    return drawn.filter(before >= most).select("rank")


def precedence() -> list[pl.Expr]:
    """Return what to sort records by: those that keep among copies first."""
    return [*specific_and_refseq_first(), -pl.col("features"), pl.col("accession")]


def specific_and_refseq_first() -> list[pl.Expr]:
    """Return what to sort by for the more specific division, RefSeq over INSDC and NC_ over other prefixes."""
    # RefSeq accessions alone have an underscore in third place: NC_, NZ_, NW_ ...
    return [
        pl.col("division").is_in(_GENERAL),
        pl.col("accession").str.slice(2, 1) != "_",
        ~pl.col("accession").str.starts_with("NC_"),
    ]


@dataclass(frozen=True, slots=True)
class CopyPolicy:
    """What becomes of pairs that are copies: at most ``most`` of each cluster stay, 1 to collapse, 0 to keep all.

    ``named``: of so many other copies, at most, a kept pair says which record holds it.
    """

    most: int
    named: int


def decide_pairs(keys: pl.DataFrame, policy: CopyPolicy) -> pl.DataFrame:
    """Decide every pair: kept, duplicate of another, or excluded from evaluation as ``leak``.

    ``keys`` has division, part, pair_id, accession, split, informative, bases_group (equal for equal bases),
    copy_group (for copies: kind of feature and genetic code equal too) and leak (train nearly contains it). Train
    keeps before validation before test: bases that stand in an earlier split, whatever the kind of row, are a
    leak, and so are all that equal a leak; ``duplicate_of`` then names the kept copy, if there is one of its kind.
    Within a split informative text goes first, then the precedence of records. Returns the rows in
    (division, part, pair_id) order with status, reason, duplicate_of, cluster, copies and copies_in.
    """
    ranked = keys.sort(
        pl.col("split").cast(pl.Enum(SPLITS)), ~pl.col("informative"), *specific_and_refseq_first(), "accession",
        "pair_id",
    ).with_row_index("rank")  # fmt: skip
    first_split, leaking = (pl.col("split").first(), (pl.col("leak") & (pl.col("split") != TRAIN)).any())
    shared = pl.col("bases_group").is_not_null()
    ranked = ranked.with_columns(
        leak=pl.when(shared & (pl.col("split") != TRAIN))
        .then((pl.col("split") != first_split.over("bases_group")) | leaking.over("bases_group"))
        .otherwise(pl.col("leak") & (pl.col("split") != TRAIN)),
        place=_of_group(pl.int_range(pl.len()), pl.lit(0)),
    )
    many = ~pl.col("leak") & (pl.col("place") >= policy.most) if policy.most else pl.lit(False)
    of_another = _of_group((pl.when(~pl.col("leak")).then("pair_id")).first(), pl.lit(None, pl.String))
    decided = ranked.with_columns(
        status=pl.when("leak").then(pl.lit("excluded")).when(many).then(pl.lit("duplicate")).otherwise(pl.lit("kept")),
        reason=pl.when("leak").then(pl.lit("leak")).when(many).then(pl.lit("exact")).otherwise(pl.lit("")),
        duplicate_of=pl.when(pl.col("leak") | many).then(of_another),
        cluster=_of_group(pl.col("pair_id").min(), pl.col("pair_id")),
        copies=_of_group(pl.len(), pl.lit(1)).cast(pl.Int64),
    )
    decided = decided.join(_copies_in(decided, policy.named), on="rank", how="left", maintain_order="left")
    decided = decided.with_columns(pl.col("copies_in").fill_null([]))
    return decided.drop("rank", "place", "leak", "bases_group", "copy_group").sort("division", "part", "pair_id")


def _copies_in(decided: pl.DataFrame, named: int) -> pl.DataFrame:
    """Return, for kept pairs that have copies, the smallest accessions that hold the others."""
    several = decided.filter(pl.col("copies") > 1)
    holders = several.group_by("copy_group", other="accession").len().sort("copy_group", "other")
    # One more than are named: a pair's own accession goes unless it holds another of the copies.
    holders = holders.group_by("copy_group", maintain_order=True).agg(pl.col("other", "len").head(named + 1))
    rows = several.filter(pl.col("status") == "kept").select("rank", "accession", "copy_group")
    rows = rows.join(holders, on="copy_group", maintain_order="left").explode("other", "len")
    rows = rows.filter((pl.col("other") != pl.col("accession")) | (pl.col("len") > 1))
    return rows.group_by("rank", maintain_order=True).agg(copies_in=pl.col("other").head(named))

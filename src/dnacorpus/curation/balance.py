"""How many records of a kind stay: of a cluster, of a species, and of what is held out. Tables in, tables out."""

from dataclasses import dataclass

import polars as pl
import xxhash

from dnacorpus.schemas.splits import TRAIN


@dataclass(frozen=True, slots=True)
class Caps:
    """Most records of a near-duplicate cluster, most of a species, most held-out bases of a division and split.

    0 stands for no limit.
    """

    most_per_cluster: int
    most_per_species: int
    most_held_out: int


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

"""Features in a region, near other features, or in clusters: frames in, frames out.

The position of a feature is its span, including introns and an origin that it crosses; a trans-spliced feature, or one
with parts on both strands, has the position of each part. The distance of two features is the number of bases between
them, 0 if they touch or overlap, the shorter way on a circular molecule. A frame has the columns of the features table,
those of `query.measured`, the record's ``length``, and those of `query.RECORD`.
"""

import polars as pl

from dnacorpus.errors import UsageError
from dnacorpus.explore.find.query import RECORD

_KEY = list(RECORD)


def check_region(region: tuple[int, int], length: int, circular: bool) -> None:
    """Raise UsageError for a region, 1-based and closed, outside a molecule of ``length`` bases."""
    first, last = region
    if first > length or (not circular and first > last):
        shape = "circular" if circular else "linear"
        raise UsageError(
            f"--region {first}-{last}: expected a region of a {shape} record of {length:,} bases, found one outside"
            " it; correct the region"
        )


def in_region(frame: pl.DataFrame, region: tuple[int, int]) -> pl.DataFrame:
    """Return the features that overlap a region of their record, given 1-based and closed.

    A region with first > last, or last beyond the length, crosses the origin of a circular molecule.
    """
    first, last = region
    low, high = first - 1, pl.lit(last) if first <= last else pl.col("length") + last
    turns = [pl.lit(0), _turn(-1), _turn(1)]
    hits = _stretches(frame).filter(
        pl.any_horizontal([(pl.col("begin") + turn < high) & (pl.col("stop") + turn > low) for turn in turns])
    )
    return frame[hits["row"].unique().sort()]


def near(frame: pl.DataFrame, anchors: pl.DataFrame, within: int) -> pl.DataFrame:
    """Return the features at most ``within`` bases from an anchor on the same record, with their ``distance``."""
    targets = _stretches(anchors).select(*_KEY, "length", "circular", "begin", "stop")
    turned = [
        targets.filter("circular").with_columns(pl.col("begin") + _turn(sign), pl.col("stop") + _turn(sign))
        for sign in (-1, 1)
    ]
    targets = pl.concat([targets, *turned]).sort("begin", "stop")
    # The closest anchor is the one with the largest end among those that begin before a feature, or the next one.
    before = targets.select(*_KEY, "begin", reach=pl.col("stop").cum_max().over(_KEY))
    after = targets.select(*_KEY, "begin", next="begin")
    closest = (
        _stretches(frame)
        .sort("begin")
        .join_asof(before, on="begin", by=_KEY, strategy="backward", check_sortedness=False)
        .join_asof(after, on="begin", by=_KEY, strategy="forward", check_sortedness=False)
        .with_columns(
            distance=pl.min_horizontal(
                (pl.col("begin") - pl.col("reach")).clip(lower_bound=0),
                (pl.col("next") - pl.col("stop")).clip(lower_bound=0),
            )
        )
        .group_by("row")
        .agg(pl.col("distance").min())
        .filter(pl.col("distance") <= within)
        .sort("row")
    )
    return frame[closest["row"]].with_columns(closest["distance"])


def clustered(frame: pl.DataFrame, within: int, size: int) -> pl.DataFrame:
    """Return the features in clusters, cluster by cluster, numbered from 1 in the column ``cluster``.

    A cluster has at least ``size`` features, each at most ``within`` bases from the next. A trans-spliced feature has
    the position of its first part. Order: division, record, position; a cluster across the origin is the last of its
    record and continues after the origin.
    """
    stretches = _stretches(frame).unique("row", keep="first", maintain_order=True)
    order = ["division", "accession", "part", "ordinal"]
    chains = (
        stretches.sort(*order, "begin", "stop", "row")
        .with_columns(before=pl.col("stop").cum_max().over(_KEY).shift(1).over(_KEY))
        .with_columns(chain=(pl.col("begin") - pl.col("before") > within).fill_null(True).cum_sum().over(_KEY))
        .with_columns(
            first=pl.col("begin").min().over(*_KEY, "chain"),
            last=pl.col("chain").max().over(_KEY),
            furthest=pl.col("stop").max().over(_KEY),
        )
        .with_columns(
            behind=pl.col("circular")
            & (pl.col("chain") < pl.col("last"))
            & (pl.col("first") + pl.col("length") - pl.col("furthest") <= within)
        )
        .with_columns(chain=pl.when("behind").then("last").otherwise("chain"))
        .filter(pl.len().over(*_KEY, "chain") >= size)
        .sort(*order, "chain", "behind", "begin", "stop", "row")
        .with_columns(cluster=pl.struct(*_KEY, "chain").rle_id().cast(pl.Int64) + 1)
    )
    return frame[chains["row"]].with_columns(chains["cluster"])


def _turn(sign: int) -> pl.Expr:
    return pl.when("circular").then(sign * pl.col("length")).otherwise(0)


def _stretches(frame: pl.DataFrame) -> pl.DataFrame:
    """Return row, begin and stop of all local stretches, those of a feature in transcript order."""
    field = pl.element().struct.field
    parts = pl.col("parts").list.eval(
        pl.struct(field("start").alias("begin"), field("end").alias("stop")).filter(field("accession").is_null())
    )
    span = pl.concat_list(pl.struct(pl.col("start").alias("begin"), pl.col("end").alias("stop")))
    apart = (pl.col("strand") == 0) | pl.col("trans_spliced")
    return (
        frame.with_row_index("row")
        .with_columns(parts=parts)
        .filter(pl.col("parts").list.len() > 0)
        .select("row", "accession", *_KEY, "length", "circular", at=pl.when(apart).then("parts").otherwise(span))
        .explode("at")
        .unnest("at")
    )

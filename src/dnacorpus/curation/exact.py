"""Finds exact copies: rows with equal digests are compared byte by byte, in bounded memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from dnacorpus.errors import CorpusError, UsageError

SequenceReader = Callable[[pl.DataFrame], Iterator[tuple[int, bytes]]]
"""A function that takes rows of the keys (with a column ``key``) and yields (key, canonical bytes) of each."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One of ``count`` equal ranges of digests; ``number`` counts from 0."""

    number: int
    count: int

    def holds(self, column: str) -> pl.Expr:
        """Return an expression: whether the first 32 bits of a digest are in this bucket; null for null.

        Raises UsageError for a bucket that does not exist.
        """
        if not 0 <= self.number < self.count:
            raise UsageError(
                f"bucket: expected 0 to {self.count - 1}, by the config key dedup.buckets, found {self.number};"
                " correct it"
            )
        prefix = pl.col(column).bin.slice(0, 4).bin.encode("hex").str.to_integer(base=16, dtype=pl.Int64)
        return prefix * self.count // 2**32 == self.number


def copy_groups(keys: pl.DataFrame, read_canonical: SequenceReader, bases_at_once: int) -> pl.DataFrame:
    """Return the rows whose digest occurs more than once, with ``copy_group``: the same for equal canonical bytes.

    ``keys`` has ``digest`` (binary), ``bases`` and a unique ``key`` (int64); rows with a null digest are left out.
    The name of a group is its digest in hexadecimal, with a number if different bytes have that digest, so it does not
    depend on order or buckets. The bases are read in passes, each of which holds at most ``bases_at_once`` different
    bases and one molecule. Raises CorpusError if the bases of a row are not found.
    """
    candidates = keys.filter(pl.col("digest").is_not_null() & pl.col("digest").is_duplicated())
    candidates = candidates.with_columns(copy_group=pl.col("digest").bin.encode("hex"))
    contents = candidates.group_by("digest").agg(pl.col("bases").max()).sort("digest")
    passes = contents.with_columns(number=(pl.col("bases").cum_sum() - pl.col("bases")) // bases_at_once)
    groups: dict[int, str] = {}
    for (_,), digests in passes.group_by("number", maintain_order=True):
        groups |= _collisions(candidates.join(digests, on="digest", how="semi"), read_canonical)
    collisions = pl.DataFrame(list(groups.items()), schema={"key": pl.Int64, "numbered": pl.String}, orient="row")
    return (
        candidates.join(collisions, on="key", how="left", maintain_order="left")
        .with_columns(copy_group=pl.coalesce("numbered", "copy_group"))
        .drop("numbered")
    )


def _collisions(candidates: pl.DataFrame, read_canonical: SequenceReader) -> dict[int, str]:
    """Return key -> copy group of the keys whose digest is that of different bytes: a group for each content."""
    digest_of = dict(zip(candidates["key"], candidates["copy_group"], strict=True))
    contents: dict[str, list[bytes]] = {}
    content_of: dict[int, int] = {}
    for key, content in read_canonical(candidates):
        # Equal contents are held once: ten thousand copies of a genome take the memory of one.
        known = contents.setdefault(digest_of[key], [])
        index = next((index for index, other in enumerate(known) if other == content), len(known))
        if index == len(known):
            known.append(content)
        content_of[key] = index
    if len(content_of) != len(digest_of):
        raise CorpusError(
            f"copies: expected the bases of {len(digest_of)} rows, found those of {len(content_of)};"
            " the tables and their keys are of different runs: remove both and run again"
        )
    ranks = {
        digest: {index: rank for rank, index in enumerate(sorted(range(len(several)), key=several.__getitem__))}
        for digest, several in contents.items()
        if len(several) > 1
    }
    return {
        key: f"{digest_of[key]}/{ranks[digest_of[key]][index]}"
        for key, index in content_of.items()
        if digest_of[key] in ranks
    }

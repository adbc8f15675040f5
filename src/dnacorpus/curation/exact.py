"""From equal digests to equal bytes: candidates for a copy are compared in full, in bounded memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from dnacorpus.errors import CorpusError, UsageError

SequenceReader = Callable[[pl.DataFrame], Iterator[tuple[int, bytes]]]
"""Given rows of the keys (column ``key`` among them), gives each key's canonical bytes."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One of ``count`` equal ranges of digests: ``number``, from 0."""

    number: int
    count: int

    def holds(self, column: str) -> pl.Expr:
        """Return whether the first 32 bits of a digest fall into this bucket; null for null.

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
    """Return the rows whose digest stands more than once with ``copy_group``, equal where the canonical bytes are.

    ``keys`` has ``digest`` (binary), ``bases`` and a unique ``key`` (int64); rows with a null digest are left out.
    A group is named by its digest alone (in hexadecimal, and a number where different bytes share it), so neither
    order nor buckets change a name. The bases are read in as many passes as keep those of one pass, each content
    held once, at ``bases_at_once`` and one molecule. Raises CorpusError when the bases of a row are not found.
    """
    candidates = keys.filter(pl.col("digest").is_not_null() & pl.col("digest").is_duplicated())
    candidates = candidates.with_columns(copy_group=pl.col("digest").bin.encode("hex"))
    contents = candidates.group_by("digest").agg(pl.col("bases").max()).sort("digest")
    passes = contents.with_columns(turn=(pl.col("bases").cum_sum() - pl.col("bases")) // bases_at_once)
    found: dict[int, str] = {}
    for (_,), digests in passes.group_by("turn", maintain_order=True):
        found |= _collisions(candidates.join(digests, on="digest", how="semi"), read_canonical)
    collisions = pl.DataFrame(list(found.items()), schema={"key": pl.Int64, "apart": pl.String}, orient="row")
    return (
        candidates.join(collisions, on="key", how="left", maintain_order="left")
        .with_columns(copy_group=pl.coalesce("apart", "copy_group"))
        .drop("apart")
    )


def _collisions(candidates: pl.DataFrame, read_canonical: SequenceReader) -> dict[int, str]:
    """Give the keys whose digest is shared by different bytes their group, one per content."""
    digest_of = dict(zip(candidates["key"], candidates["copy_group"], strict=True))
    contents: dict[str, list[bytes]] = {}
    content_of: dict[int, int] = {}
    for key, content in read_canonical(candidates):
        # Equal contents are held once: one genome with ten thousand copies costs one genome.
        known = contents.setdefault(digest_of[key], [])
        place = next((place for place, other in enumerate(known) if other == content), len(known))
        if place == len(known):
            known.append(content)
        content_of[key] = place
    if len(content_of) != len(digest_of):
        raise CorpusError(
            f"copies: expected the bases of {len(digest_of)} rows, found those of {len(content_of)};"
            " the tables and their keys are of different runs: remove both and run again"
        )
    ranks = {
        digest: {place: rank for rank, place in enumerate(sorted(range(len(several)), key=several.__getitem__))}
        for digest, several in contents.items()
        if len(several) > 1
    }
    return {
        key: f"{digest_of[key]}/{ranks[digest_of[key]][place]}"
        for key, place in content_of.items()
        if digest_of[key] in ranks
    }

"""From equal digests to equal bytes: candidates for a copy are compared in full, in bounded memory."""

from collections.abc import Callable, Iterator

import polars as pl

from dnacorpus.errors import CorpusError

BUCKET_BASES = 1_000_000_000
"""Most bases, about, that are held at once while candidates are compared: each content is held once."""

SequenceReader = Callable[[pl.DataFrame], Iterator[tuple[int, bytes]]]
"""Given rows of the keys (column ``key`` among them), gives each key's canonical bytes."""


def copy_groups(keys: pl.DataFrame, read_canonical: SequenceReader) -> pl.DataFrame:
    """Add ``copy_group``: equal for rows whose canonical bytes are equal, null where digest is null.

    ``keys`` has ``digest`` (binary), ``bases`` and a unique ``key`` (int64). A digest that stands once
    needs no look at its bases. The candidates are read in as many passes over hash-prefix buckets
    as keep one pass near `BUCKET_BASES`. Raises CorpusError when the bases of one are not found.
    """
    keys = keys.with_columns(copy_group=pl.col("digest").bin.encode("hex"))
    candidates = keys.filter(pl.col("digest").is_not_null() & (pl.len().over("digest") > 1))
    if candidates.is_empty():
        return keys
    buckets = int(candidates.unique("digest")["bases"].sum()) // BUCKET_BASES + 1
    bucket_of = pl.col("copy_group").str.slice(0, 8).str.to_integer(base=16, dtype=pl.Int64) % buckets
    found: dict[int, str] = {}
    for bucket in range(buckets):
        found |= _collisions(candidates.filter(bucket_of == bucket), read_canonical)
    collisions = pl.DataFrame(list(found.items()), schema={"key": pl.Int64, "apart": pl.String}, orient="row")
    return (
        keys.join(collisions, on="key", how="left", maintain_order="left")
        .with_columns(copy_group=pl.coalesce("apart", "copy_group"))
        .drop("apart")
    )


def _collisions(candidates: pl.DataFrame, read_canonical: SequenceReader) -> dict[int, str]:
    """Give the keys whose digest is shared by different bytes their group, one per content."""
    digest_of = dict(zip(candidates["key"], candidates["copy_group"], strict=True))
    contents: dict[str, set[bytes]] = {}
    content_of: dict[int, bytes] = {}
    for key, content in read_canonical(candidates):
        # Equal contents are held once: one genome with ten thousand copies costs one genome.
        known = contents.setdefault(digest_of[key], set())
        content_of[key] = next((other for other in known if other == content), content)
        known.add(content_of[key])
    if len(content_of) != len(digest_of):
        raise CorpusError(
            f"copies: expected the bases of {len(digest_of)} rows, found those of {len(content_of)};"
            " the tables and their keys are of different runs: remove both and run again"
        )
    ordered = {digest: sorted(several) for digest, several in contents.items() if len(several) > 1}
    return {
        key: f"{digest_of[key]}/{ordered[digest_of[key]].index(content)}"
        for key, content in content_of.items()
        if digest_of[key] in ordered
    }

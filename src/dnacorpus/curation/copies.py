"""Exact copies among the records and among the pairs of a build, in one bucket of digests at a time."""

from collections.abc import Iterator, Sequence

import polars as pl

from dnacorpus.curation.exact import Bucket, copy_groups
from dnacorpus.curation.record_keys import part_key_columns, part_key_types
from dnacorpus.schemas.curation import MATCHES, MATCHES_OF_PAIRS
from dnacorpus.schemas.pairs import PAIR_KEYS, PAIRS
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.sequence.bases import canonical
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.part_reader import molecules
from dnacorpus.storage.results import PartKey, Results


def record_copies(results: Results, divisions: Sequence[str], bucket: Bucket, bases_at_once: int) -> pl.DataFrame:
    """Return the copies (MATCHES) among the usable records whose digest is in a bucket.

    Only the sequences of candidates are read, in passes of about ``bases_at_once`` bases. Raises UsageError for a
    bucket that does not exist, and CorpusError as `copy_groups` does.
    """
    chosen = bucket.holds("digest")
    columns = ["ordinal", "topology", "length", "digest", "exclusion"]
    parts = results.part_keys(divisions)
    kinds = part_key_types(parts)
    keys = pl.concat(
        pl.DataFrame(tables.read(results.records(*part), RECORDS, columns))
        .filter(pl.col("exclusion").is_null() & chosen)
        .select(
            **part_key_columns(kinds, part),
            ordinal="ordinal",
            circular=pl.col("topology") == "circular",
            bases="length",
            digest="digest",
        )
        for part in parts
    )
    keys = keys.with_row_index("key").cast({"key": pl.Int64})
    matched = copy_groups(keys, lambda candidates: _bases_of_records(results, candidates), bases_at_once)
    return matched.select(MATCHES.names).sort("division", "part", "ordinal")


def pair_copies(results: Results, divisions: Sequence[str], bucket: Bucket, bases_at_once: int) -> pl.DataFrame:
    """Return the copies (MATCHES_OF_PAIRS) among the pairs whose canonical bases are in a bucket.

    Candidates are rows that can be copies of a gene, and rows of any kind whose bases occur in several splits. Rows of
    one ``bases_group`` have equal bases; rows of one ``copy_group`` also have the same feature kind and genetic code.
    Raises UsageError for a bucket that does not exist, and CorpusError as `copy_groups` does.
    """
    chosen = bucket.holds("bases_digest")
    columns = ["division", "part", "pair_id", "split", "digest", "bases_digest", "bases"]
    keys = pl.concat(pair_keys(results, part, columns).filter(chosen) for part in results.part_keys(divisions))
    same_gene = pl.col("digest").is_not_null() & pl.col("digest").is_duplicated()
    candidates = keys.filter(same_gene | (pl.col("split").n_unique().over("bases_digest") > 1))
    candidates = candidates.with_row_index("key").cast({"key": pl.Int64})
    candidates = candidates.rename({"digest": "of_gene", "bases_digest": "digest"})
    labels: dict[int, str] = {}
    matched = copy_groups(candidates, lambda rows: _bases_of_pairs(results, rows, labels), bases_at_once)
    label = pl.Series([labels[key] for key in matched["key"]], dtype=pl.String)
    matched = matched.rename({"copy_group": "bases_group"}).with_columns(
        copy_group=pl.when(pl.col("of_gene").is_not_null()).then(pl.col("bases_group") + label)
    )
    return matched.select(MATCHES_OF_PAIRS.names).sort("division", "part", "pair_id")


def pair_keys(results: Results, part: PartKey, columns: list[str]) -> pl.DataFrame:
    """Return some columns of a part's PAIR_KEYS."""
    return pl.DataFrame(tables.read(results.pairs(*part) / "keys.parquet", PAIR_KEYS, columns))


def _bases_of_records(results: Results, candidates: pl.DataFrame) -> Iterator[tuple[int, bytes]]:
    """Yield the canonical bases of each candidate."""
    for (division, part), rows in candidates.group_by("division", "part", maintain_order=True):
        wanted = {row["ordinal"]: row for row in rows.iter_rows(named=True)}
        folder = results.tables(str(division), str(part))
        for ordinal, sequence, _ in molecules(folder / "segments.parquet", wanted):
            row = wanted[ordinal]
            yield row["key"], canonical(sequence, row["circular"])


def _bases_of_pairs(results: Results, candidates: pl.DataFrame, labels: dict[int, str]) -> Iterator[tuple[int, bytes]]:
    """Yield the canonical bases of each candidate, and add its feature kind and genetic code to ``labels``."""
    by_file = candidates.group_by("division", "part", "split", maintain_order=True)
    for (division, part, split), rows in by_file:
        wanted = dict(zip(rows["pair_id"], rows["key"], strict=True))
        path = results.pairs(str(division), str(part)) / f"{split}.parquet"
        for batch in tables.batches(path, PAIRS, ["pair_id", "sequence", "feature_kind", "transl_table"]):
            for row in batch.to_pylist():
                if (key := wanted.get(row["pair_id"])) is not None:
                    labels[key] = f" {row['feature_kind']} {row['transl_table']}"
                    yield key, canonical(row["sequence"].encode("ascii"), circular=False)

"""The stages match-pairs and collapse: one row per gene, however many genomes carry it; no copy in two splits.

Match-pairs, one job for each bucket of digests, finds the copies; its peak RSS over its imports is at most 150 MB,
1,000 bytes a pair of the bucket, ``bases_at_once`` and the rows of one batch. That of collapse is at most 150 MB,
2,500 bytes a pair that has a copy or leaks, and the keys of one part (docs/dedup.md).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from dnacorpus.curation.duplicates import CopyPolicy, decide_pairs
from dnacorpus.curation.exact import copy_groups, in_bucket
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import MATCHES_OF_PAIRS
from dnacorpus.schemas.pairs import COPIES, PAIR_KEYS, PAIRS
from dnacorpus.sequence.bases import canonical
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_file
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.results import Results

Place = tuple[str, str]

_DECIDING = ["division", "part", "pair_id", "accession", "split", "informative"]
_NAMES = pl.List(pl.String)


def match_pairs(  # noqa: PLR0917 - the inputs and the output of one job
    results: Results, divisions: Sequence[str], bucket: int, buckets: int, bases_at_once: int, out: Path
) -> None:
    """Write to ``out`` (MATCHES_OF_PAIRS) the copies among the pairs whose canonical bases are in ``bucket``.

    Looked at are the rows that may collapse and those whose bases stand in several splits, whatever their kind;
    what is equal is the bases, and the group of copies has the kind of feature and the genetic code besides.
    Raises UsageError for a bucket that there is not, and CorpusError as `copy_groups` does.
    """
    chosen = in_bucket("bases_digest", bucket, buckets)
    columns = ["division", "part", "pair_id", "split", "digest", "bases_digest", "bases"]
    keys = pl.concat(_keys(results, place, columns).filter(chosen) for place in _places(results, divisions))
    collapsing = pl.col("digest").is_not_null() & pl.col("digest").is_duplicated()
    candidates = keys.filter(collapsing | (pl.col("split").n_unique().over("bases_digest") > 1))
    candidates = candidates.with_row_index("key").cast({"key": pl.Int64})
    candidates = candidates.rename({"digest": "of_gene", "bases_digest": "digest"})
    labels: dict[int, str] = {}
    matched = copy_groups(candidates, lambda rows: _canonical(results, rows, labels), bases_at_once)
    label = pl.Series([labels[key] for key in matched["key"]], dtype=pl.String)
    matched = matched.rename({"copy_group": "bases_group"}).with_columns(
        copy_group=pl.when(pl.col("of_gene").is_not_null()).then(pl.col("bases_group") + label)
    )
    rows = matched.select(MATCHES_OF_PAIRS.names).sort("division", "part", "pair_id")
    tables.write(out, MATCHES_OF_PAIRS, rows.to_arrow().cast(MATCHES_OF_PAIRS))


def collapse(  # noqa: PLR0917 - the inputs and the output of one stage
    results: Results,
    divisions: Sequence[str],
    matches: Sequence[Path],
    policy: CopyPolicy,
    leaks: pl.DataFrame | None,
    out: Path,
) -> None:
    """Write ``out/<division>.parquet`` (COPIES) for every division, over all of them together.

    ``matches`` are the tables that `match_pairs` wrote, one for each bucket; ``leaks`` has the ``pair_id`` of the
    held-out rows that train nearly contains. Raises CorpusError for matches or leaks of other pairs.
    """
    places = _places(results, divisions)
    decided = decide_pairs(_linked(results, places, matches, leaks), policy)
    fates = decided.partition_by("division", "part", as_dict=True, include_key=False)
    none = decided.clear().drop("division", "part")
    alone = {"status": "kept", "reason": "", "cluster": pl.col("pair_id"), "copies": 1, "copies_in": pl.lit([], _NAMES)}
    for division in sorted(set(divisions)):
        with whole_file(out / f"{division}.parquet") as path, TableWriter(path, COPIES) as writer:
            for place in places:
                if place[0] == division:
                    rows = _keys(results, place, ["division", "part", "pair_id", "bases"])
                    rows = rows.join(fates.get(place, none), on="pair_id", how="left").sort("pair_id")
                    rows = rows.with_columns(pl.col(column).fill_null(value) for column, value in alone.items())
                    writer.write_table(rows.select(COPIES.names).to_arrow().cast(COPIES))


def _linked(
    results: Results, places: Sequence[Place], matches: Sequence[Path], leaks: pl.DataFrame | None
) -> pl.DataFrame:
    """Return what decides over the pairs that have a copy or leak."""
    found = pl.concat([pl.DataFrame(tables.read(path, MATCHES_OF_PAIRS)) for path in matches])
    found = found.with_columns(pl.col("bases_group", "copy_group").rank("dense"))
    of_place = found.partition_by("division", "part", as_dict=True, include_key=False)
    none = found.clear().drop("division", "part")
    leaking = pl.DataFrame({"pair_id": [] if leaks is None else leaks["pair_id"]}, schema={"pair_id": pl.String})
    leaking = leaking.unique().with_columns(leak=pl.lit(True))
    linked = pl.concat(
        _keys(results, place, _DECIDING)
        .join(of_place.get(place, none), on="pair_id", how="left")
        .join(leaking, on="pair_id", how="left")
        .filter(pl.col("bases_group").is_not_null() | pl.col("leak").is_not_null())
        .with_columns(pl.col("leak").fill_null(False))
        for place in places
    )
    counts = (linked["bases_group"].count(), found.height, linked["leak"].sum(), leaking.height)
    if counts[0] != counts[1] or counts[2] != counts[3]:
        raise CorpusError(
            f"matches and leaks: expected each to be a pair of the tables, found {counts[0]} of {counts[1]} and"
            f" {counts[2]} of {counts[3]}; they are of another run: remove them and run again"
        )
    return linked


def _places(results: Results, divisions: Sequence[str]) -> list[Place]:
    return sorted({(division, part) for division in divisions for part in results.parts(division)})


def _keys(results: Results, place: Place, columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame(tables.read(results.pairs(*place) / "keys.parquet", PAIR_KEYS, columns))


def _canonical(results: Results, candidates: pl.DataFrame, labels: dict[int, str]) -> Iterator[tuple[int, bytes]]:
    """Give the bases over both strands, and in ``labels`` what else must be equal in copies of genes."""
    by_file = candidates.group_by("division", "part", "split", maintain_order=True)
    for (division, part, split), rows in by_file:
        wanted = dict(zip(rows["pair_id"], rows["key"], strict=True))
        path = results.pairs(str(division), str(part)) / f"{split}.parquet"
        for batch in tables.batches(path, PAIRS, ["pair_id", "sequence", "feature_kind", "transl_table"]):
            for row in batch.to_pylist():
                if (key := wanted.get(row["pair_id"])) is not None:
                    labels[key] = f" {row['feature_kind']} {row['transl_table']}"
                    yield key, canonical(row["sequence"].encode("ascii"), circular=False)

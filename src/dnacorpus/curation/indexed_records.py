"""The records whose k-mers are indexed, and the sequences that rows of such records can have."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from tqdm import tqdm

from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.schemas.parts import FEATURES, RECORDS
from dnacorpus.schemas.splits import TRAIN
from dnacorpus.sequence.location import extract_feature, flanked, problem
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.part_reader import ByOrdinal, molecules
from dnacorpus.storage.progress import hidden
from dnacorpus.storage.results import Results

_LOCATED = ["ordinal", "kind", "start", "end", "strand", "operator", "parts", "location"]


def held_out_records(results: Results, divisions: Iterable[str]) -> pl.DataFrame:
    """Return division, part and ordinal of the kept records of validation and test."""
    columns = ["division", "part", "ordinal", "status", "split"]
    decided = (pl.DataFrame(tables.read(results.decisions(name), DECISIONS, columns)) for name in sorted(divisions))
    wanted = (pl.col("status") == "kept") & (pl.col("split") != TRAIN)
    return pl.concat([frame.filter(wanted).select("division", "part", "ordinal") for frame in decided])


def record_sequences(results: Results, chosen: pl.DataFrame, flank: int = 0) -> Iterator[tuple[bytes, bool]]:
    """Yield the bases of the chosen records and whether each is circular, part by part.

    ``chosen`` has division, part and ordinal, in any order. Each record is followed by its features of several parts,
    as (joined bases, False), with ``flank`` bases on either side as in their rows: the rows of such features have
    k-mers that do not occur in the record. Holds one record at a time.
    """
    parts = sorted(chosen.select("division", "part").unique().iter_rows())
    for division, part in tqdm(parts, desc="index", unit="part", disable=hidden()):
        ordinals = set(chosen.filter(division=division, part=part)["ordinal"])
        yield from _sequences_of_part(results.tables(division, part), ordinals, flank)


def _sequences_of_part(folder: Path, ordinals: set[int], flank: int) -> Iterator[tuple[bytes, bool]]:
    records = tables.read(folder / "records.parquet", RECORDS, ["ordinal", "topology"]).to_pylist()
    circular = {row["ordinal"] for row in records if row["topology"] == "circular"}
    joined = ByOrdinal(pa.concat_tables(_features_of_several_parts(folder / "features.parquet", ordinals)))
    for ordinal, sequence, _ in molecules(folder / "segments.parquet", ordinals):
        yield sequence, ordinal in circular
        for feature in joined.rows(ordinal):
            if problem(feature, len(sequence)) is None:
                yield extract_feature(sequence, flanked(feature, len(sequence), flank)), False


def _features_of_several_parts(path: Path, ordinals: set[int]) -> Iterator[pa.Table]:
    wanted = pa.array(sorted(ordinals), pa.int64())
    yield pa.table({name: pa.array([], FEATURES.field(name).type) for name in _LOCATED})
    for batch in tables.batches(path, FEATURES, _LOCATED, rows=65_536):
        several = pc.greater(pc.list_value_length(batch["parts"]), 1)
        yield pa.Table.from_batches([batch.filter(pc.and_(several, pc.is_in(batch["ordinal"], value_set=wanted)))])

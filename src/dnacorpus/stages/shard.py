"""The shard stage: the kept records, pairs and papers of one group of parts, as the Parquet files that are published.

In: the tables and pairs of the group's parts, the decisions over records and pairs, and the papers. Out: a folder of
``<config>-<split>.parquet`` for what is not empty, ``index.parquet`` (ROW_INDEX) and ``shards.json``: rows, bases,
bytes and SHA-256 of each. Memory: the decisions of one part, and one batch of rows.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dnacorpus.config.build import Build
from dnacorpus.curation.rights import publishable_papers, without_third_party_comments
from dnacorpus.schemas.index import ROW_INDEX
from dnacorpus.schemas.pairs import CONFIGS, COPIES, DECISIONS, PAIRS, PAPERS, UNDECIDED
from dnacorpus.schemas.parts import FEATURES, RECORDS, SEGMENTS
from dnacorpus.schemas.splits import SPLITS
from dnacorpus.sequence.bases import canonical_digest
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_directory, write_text
from dnacorpus.storage.digests import sha256
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.part_reader import rows_of_part
from dnacorpus.storage.results import Results

Shard = tuple[str, str]


def run(build: Build, division: str, group: str, out: Path) -> None:
    """Write the shards of one group of parts into the folder ``out``.

    The papers are those whose first citing part is in the group; a build without a papers table has none.
    Raises UsageError for a group that the catalog does not have.
    """
    results = build.results
    parts = results.parts_of_group(division, group)
    with whole_directory(out) as workspace:
        with ExitStack() as stack:
            writers = Writers(workspace, stack)
            for part in parts:
                _add_pairs(writers, results.pairs(division, part), _kept_pairs(results, division, part))
                _add_tables(writers, results.tables(division, part), _kept_records(results, division, part))
            if results.papers().is_file():
                _add_papers(writers, results.papers(), division, parts)
        write_text(workspace / "shards.json", json.dumps(writers.summary(), indent=1, sort_keys=True) + "\n")


class Writers:
    """One open shard for each config and split that has rows, and the index of what goes into them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._writers: dict[Shard, TableWriter] = {}
        self._bases: dict[Shard, int] = {}
        self._rows: dict[Shard, int] = {}
        self._index = stack.enter_context(TableWriter(folder / "index.parquet", ROW_INDEX))

    def add(self, config: str, split: str, table: pa.Table, bases: int = 0) -> int:
        """Append rows to a shard and return the number of rows that it held before."""
        shard = (config, split)
        before = self._rows.get(shard, 0)
        if table.num_rows:
            if shard not in self._writers:
                path = self._folder / f"{config}-{split}.parquet"
                self._writers[shard] = self._stack.enter_context(TableWriter(path, CONFIGS[config]))
            self._writers[shard].write_table(table)
            self._rows[shard] = before + table.num_rows
            self._bases[shard] = self._bases.get(shard, 0) + bases
        return before

    def add_index(self, row: dict[str, Any]) -> None:
        """Append one row to the index of this group."""
        self._index.write_row(row)

    def summary(self) -> list[dict[str, Any]]:
        """Return, once the writers are closed, config, split, rows, bases, bytes and sha256 of each shard."""
        return [
            {
                "config": config,
                "split": split,
                "rows": self._rows[config, split],
                "bases": self._bases[config, split],
                "bytes": (path := self._folder / f"{config}-{split}.parquet").stat().st_size,
                "sha256": sha256(path),
            }
            for config, split in sorted(self._writers)
        ]


def _kept_pairs(results: Results, division: str, part: str) -> dict[str, dict[str, Any]]:
    columns = ["part", "pair_id", "status", *UNDECIDED]
    rows = tables.only(rows_of_part(results.copies(division), COPIES, part, columns), "status", "kept")
    return {row["pair_id"]: row for row in rows.to_pylist()}


def _kept_records(results: Results, division: str, part: str) -> pa.Table:
    columns = ["part", "ordinal", "status", "split"]
    return tables.only(rows_of_part(results.decisions(division), DECISIONS, part, columns), "status", "kept")


def _add_pairs(writers: Writers, folder: Path, kept: dict[str, dict[str, Any]]) -> None:
    for split in SPLITS:
        for batch in tables.batches(folder / f"{split}.parquet", PAIRS, rows=64):
            names = batch["pair_id"].to_pylist()
            pairs = pa.Table.from_batches([batch]).filter(pa.array([name in kept for name in names], pa.bool_()))
            for column in UNDECIDED:
                values = pa.array([kept[name][column] for name in names if name in kept], PAIRS.field(column).type)
                pairs = pairs.set_column(PAIRS.get_field_index(column), PAIRS.field(column), values)
            first = writers.add("pairs", split, pairs, bases_of(pairs["sequence"]))
            for number, row in enumerate(pairs.select(["accession", "pair_id", "sequence"]).to_pylist()):
                digest = canonical_digest(row.pop("sequence").encode("ascii"), circular=False)
                writers.add_index({"config": "pairs", "split": split, "row": first + number, "digest": digest, **row})


def bases_of(sequences: pa.ChunkedArray) -> int:
    """Return how many bases a column of sequences holds."""
    return int(pc.sum(pc.utf8_length(sequences)).as_py() or 0)


def _add_tables(writers: Writers, folder: Path, kept: pa.Table) -> None:
    for split in SPLITS:
        ordinals = tables.only(kept, "split", split)["ordinal"].combine_chunks()
        if len(ordinals) == 0:
            continue
        for table in _rows_of(folder / "records.parquet", RECORDS, ordinals):
            bases = int(pc.sum(table["length"]).as_py())
            writers.add("records", split, without_third_party_comments(table), bases)
        for table in _rows_of(folder / "features.parquet", FEATURES, ordinals):
            writers.add("features", split, table)
        for table in _rows_of(folder / "segments.parquet", SEGMENTS, ordinals):
            writers.add("segments", split, table, bases_of(table["sequence"]))


def _add_papers(writers: Writers, path: Path, division: str, parts: list[str]) -> None:
    for batch in tables.batches(path, PAPERS):
        here = pc.and_(pc.equal(batch["division"], division), pc.is_in(batch["part"], value_set=pa.array(parts)))
        mine = publishable_papers(pa.Table.from_batches([batch.filter(here)]))
        for split in SPLITS:
            writers.add("papers", split, tables.only(mine, "split", split))


def _rows_of(path: Path, schema: pa.Schema, ordinals: pa.Array) -> Iterator[pa.Table]:
    rows = 16 if schema is SEGMENTS else 16_384
    for batch in tables.batches(path, schema, rows=rows):
        table = pa.Table.from_batches([batch.filter(pc.is_in(batch["ordinal"], value_set=ordinals))])
        if table.num_rows:
            yield table

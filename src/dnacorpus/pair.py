"""The pair stage: the kept records of one part become rows of DNA and text, every feature is accounted for."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from tqdm import tqdm

from dnacorpus import tables
from dnacorpus.files import whole_directory
from dnacorpus.ledger import entry, merge
from dnacorpus.molecules import ByOrdinal, Run, molecules, rows_of_part
from dnacorpus.pairs import Exclusion, Limits, Row, rows_of_record
from dnacorpus.schemas import DECISIONS, FEATURES, LEDGER, PAIR_KEYS, PAIRS, RECORDS, REFERENCES
from dnacorpus.splits import SPLITS
from dnacorpus.tables import TableWriter

Record = dict[str, Any]


def pair(tables_of_part: Path, decisions: Path, limits: Limits, out: Path) -> None:
    """Write the pairs of one part.

    ``out`` holds ``<split>.parquet`` (PAIRS, cluster and copies still null), ``keys.parquet``
    (PAIR_KEYS) and ``ledger.parquet``: every feature of the part, every row that was proposed.
    """
    division, part = tables_of_part.parent.name, tables_of_part.name
    decided = pl.DataFrame(rows_of_part(decisions, DECISIONS, part, ["part", "ordinal", "status", "reason", "split"]))
    splits = dict(decided.filter(pl.col("status") == "kept").select("ordinal", "split").iter_rows())
    books = Books(division, part)
    books.add_unused_features(tables.read(tables_of_part / "features.parquet", FEATURES, ["ordinal"]), decided)
    with whole_directory(out) as workspace, ExitStack() as stack:
        writers = {split: stack.enter_context(TableWriter(workspace / f"{split}.parquet", PAIRS)) for split in SPLITS}
        keys = stack.enter_context(TableWriter(workspace / "keys.parquet", PAIR_KEYS))
        records = kept_records(tables_of_part, set(splits))
        for record, features, references, sequence, mask in tqdm(
            records, total=len(splits), desc=f"pair {part}", unit="record", disable=None
        ):
            split = splits[record["ordinal"]]
            for result in rows_of_record(record, features, references, sequence, mask, limits):
                books.add(result)
                if isinstance(result, Row):
                    values = result.values
                    size = len(values["sequence"]) + len(values["text"])
                    writers[split].write_row({**values, "cluster": None, "copies": None}, size)
                    keys.write_row(
                        {
                            "division": division,
                            "part": part,
                            "pair_id": values["pair_id"],
                            "accession": values["accession"],
                            "split": split,
                            "informative": values["informative"],
                            "digest": result.digest,
                            "bases": len(values["sequence"]),
                        }
                    )
        tables.write(workspace / "ledger.parquet", LEDGER, books.table())


class Books:
    """Counts what became of the features and of the proposed rows of one part."""

    def __init__(self, division: str, part: str) -> None:
        self._division, self._part = division, part
        self._count: Counter[tuple[str, str, str]] = Counter()
        self._bases: Counter[tuple[str, str, str]] = Counter()

    def add_unused_features(self, features: pa.Table, decided: pl.DataFrame) -> None:
        """Account for the features of records that are not kept: they share their record's fate."""
        fates = (
            pl.DataFrame(features)
            .join(decided.select("ordinal", "status", "reason"), on="ordinal", how="left")
            .filter(pl.col("status") != "kept")
            .group_by("status", "reason")
            .len()
        )
        for status, reason, count in fates.iter_rows():
            self._count["feature", status, f"record_{reason}"] += count

    def add(self, result: Row | Exclusion) -> None:
        """Account for one row, or for one feature or record that gave none."""
        if isinstance(result, Exclusion):
            self._count[result.unit, "excluded", result.reason] += 1
            if result.unit == "row":
                self._count["row", "in", ""] += 1
                self._bases["row", "in", ""] += result.bases
                self._bases["row", "excluded", result.reason] += result.bases
            return
        self._count["row", "in", ""] += 1
        self._bases["row", "in", ""] += len(result.values["sequence"])
        if result.values["kind"] == "gene":
            self._count["feature", "kept", ""] += 1

    def table(self) -> pa.Table:
        """Return the books as a LEDGER table."""
        return merge(
            entry(
                self._division, self._part, unit, status, reason, count=count, bases=self._bases[unit, status, reason]
            )
            for (unit, status, reason), count in self._count.items()
        )


def kept_records(
    folder: Path, ordinals: set[int]
) -> Iterator[tuple[Record, list[Record], list[Record], bytes, list[Run]]]:
    """Yield record, features, references, bases and soft mask of the wanted records, in file order.

    Holds the annotation of the part as Arrow tables and the bases of one record at a time.
    """
    records = ByOrdinal(tables.read(folder / "records.parquet", RECORDS))
    features = ByOrdinal(tables.read(folder / "features.parquet", FEATURES))
    references = ByOrdinal(tables.read(folder / "references.parquet", REFERENCES))
    for ordinal, sequence, mask in molecules(folder / "segments.parquet", ordinals):
        yield records.rows(ordinal)[0], features.rows(ordinal), references.rows(ordinal), sequence, mask

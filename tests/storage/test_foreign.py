"""Parquet files from elsewhere: what their footer states is checked before a row is read."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.each import each
from support.lowered import lower

from dnacorpus.bounded import parquet_rows_at_once
from dnacorpus.errors import CorpusError
from dnacorpus.explore.find.tables import FeatureTables
from dnacorpus.explore.where.parquet import ParquetRanges
from dnacorpus.limits import LimitError
from dnacorpus.schemas.parts import LEDGER
from dnacorpus.storage import ledger
from dnacorpus.storage import parquet as tables
from dnacorpus.train.data import _open

SCHEMA = pa.schema({"name": pa.string(), "number": pa.int64()})
NAME = pa.schema({"name": pa.string()})


class InMemory:
    """A dataset of one file, for `where`."""

    name = "made"

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()

    def size(self, _: str) -> int:
        """Return the size of the file."""
        return len(self.content)

    def read(self, _: str, start: int, end: int) -> bytes:
        """Return a part of the file."""
        return self.content[start:end]

    def advice(self) -> str:
        """Return what to do."""
        return "build it again"


@pytest.fixture
def bomb(tmp_path: Path) -> Path:
    """A file of 2 kB whose only row group has 4,000 rows of 1 kB each: the value is stored once."""
    path = tmp_path / "x.parquet"
    rows = pa.table({"name": ["x" * 1000] * 4000, "number": [7] * 4000}, schema=SCHEMA)
    pq.write_table(rows, path, compression="zstd")
    return path


ROADS = {
    "tables": lambda path: tables.read(path, SCHEMA),
    "batches": lambda path: list(tables.batches(path, SCHEMA)),
    "documents": lambda path: list(tables.foreign_batches(path, SCHEMA, ["name"], 256)),
    "where": lambda path: ParquetRanges(InMemory(path), "x.parquet", NAME),
    "train": _open,
    "scan": lambda path: tables.scan(path, SCHEMA),
    "find": lambda path: FeatureTables(path.parent, published=True)._scan("records", [path]),
}


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize(
    ("limit", "number"), [("PARQUET_ROWS", 3999), ("PARQUET_COLUMNS", 1), ("PARQUET_GROUP", 100), ("PARQUET_GROUPS", 0)]
)
def test_a_footer_beyond_a_limit_is_refused_by_name(bomb, monkeypatch, road, limit, number):
    lower(monkeypatch, limit, number)
    told = rf"x.parquet: expected at most {number:,} .* \(limit {limit}\), found [\d,]+"
    with pytest.raises(CorpusError, match=told):
        ROADS[road](bomb)


def test_a_value_that_is_stored_once_is_not_decoded_for_all_rows(bomb, monkeypatch):
    assert pq.read_metadata(bomb).row_group(0).total_byte_size < 10_000
    lower(monkeypatch, "PARQUET_GROUP", 100_000)
    ranges = ParquetRanges(InMemory(bomb), "x.parquet", SCHEMA)
    with pytest.raises(LimitError, match=r"x.parquet: row group 0: expected at most 100,000 bytes"):
        ranges.group(0, ["name"])
    assert ranges.group(0, ["number"]).num_rows == 4000
    sizes = [batch.nbytes for batch in tables.foreign_batches(bomb, SCHEMA, ["name"], 256)]
    assert max(each(sizes)) <= 100_000 + 1000
    assert parquet_rows_at_once(pq.read_metadata(bomb), ["number"], 256) == 256


def test_a_row_group_is_what_arrow_reads(tmp_path):
    rows = pa.table({"name": [f"n{n}" for n in range(5000)], "number": list(range(5000))}, schema=SCHEMA)
    pq.write_table(rows, tmp_path / "x.parquet", row_group_size=1024)
    ranges = ParquetRanges(InMemory(tmp_path / "x.parquet"), "x.parquet", SCHEMA)
    for number in range(5):
        assert ranges.group(number, ["name", "number"]).equals(rows.slice(number * 1024, 1024))
    pq.write_table(rows.slice(0, 0), tmp_path / "x.parquet")
    empty = ParquetRanges(InMemory(tmp_path / "x.parquet"), "x.parquet", SCHEMA)
    assert empty.between("a", "z").num_rows == 0


LISTS = pa.schema({"spans": pa.list_(pa.struct({"source": pa.string(), "start": pa.int64()})), "name": pa.string()})


def of_one_text(path: Path, spans: int) -> Path:
    """Write two rows: no span, and spans that all have one text of 1 kB, which the file stores once."""
    many = [{"source": "x" * 1000, "start": 1}] * spans
    rows = [{"spans": None, "name": "a"}, {"spans": [None, *many], "name": "b"}]
    pq.write_table(pa.Table.from_pylist(rows, schema=LISTS), path, compression="zstd")
    return path


def test_a_row_whose_list_repeats_a_text_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = of_one_text(tmp_path / "x.parquet", 400)
    assert pq.read_metadata(path).row_group(0).total_byte_size < 5000
    assert sum(batch.num_rows for batch in tables.foreign_batches(path, LISTS, ["name"], 16)) == 2
    lower(monkeypatch, "PARQUET_GROUP", 400_000)
    assert sum(batch.num_rows for batch in tables.bounded_batches(path, LISTS, ["spans"], 16)) == 2
    lower(monkeypatch, "PARQUET_GROUP", 399_999)
    assert sum(batch.num_rows for batch in tables.bounded_batches(path, LISTS, ["name"], 16)) == 2
    told = (
        r"x.parquet: spans.list.element.source: expected at most 399,999 bytes \(limit PARQUET_GROUP\), found 400,000"
    )
    with pytest.raises(LimitError, match=told):
        list(tables.bounded_batches(path, LISTS, ["spans"], 16))


def test_a_list_with_too_many_nulls_is_refused_by_its_footer(tmp_path, monkeypatch):
    rows = pa.Table.from_pylist([{"spans": [None] * 50, "name": "a"}] * 2, schema=LISTS)
    pq.write_table(rows, tmp_path / "x.parquet")
    lower(monkeypatch, "PARQUET_VALUES", 100)
    assert tables.read(tmp_path / "x.parquet", LISTS).num_rows == 2
    lower(monkeypatch, "PARQUET_VALUES", 99)
    with pytest.raises(LimitError, match=r"expected at most 99 values \(limit PARQUET_VALUES\), found 100"):
        tables.read(tmp_path / "x.parquet", LISTS)


def test_a_ledger_that_repeats_a_text_is_refused(tmp_path, monkeypatch):
    row = ledger.entry("viral", "viral.1", "file", "in", count=1, detail="x" * 1000)
    tables.write(tmp_path / "ledger.parquet", LEDGER, [row] * 400)
    assert ledger.read(tmp_path / "ledger.parquet").num_rows == 400
    lower(monkeypatch, "PARQUET_GROUP", 100_000)
    with pytest.raises(LimitError, match=r"ledger.parquet: expected at most 100,000 bytes \(limit PARQUET_GROUP\)"):
        ledger.read(tmp_path / "ledger.parquet")

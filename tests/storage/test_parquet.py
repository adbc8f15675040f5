"""Parquet: row groups by bytes, the same bytes for the same rows, CorpusError for other files."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dnacorpus.errors import CorpusError
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.storage import parquet as tables

SCHEMA = pa.schema([("n", pa.int64()), ("s", pa.large_string())])


def rows(count, size=1000):
    return [{"n": number, "s": chr(65 + number % 26) * size} for number in range(count)]


def test_rows_and_tables_give_the_same_content(tmp_path):
    assert tables.write(tmp_path / "a.parquet", SCHEMA, rows(10)) == 10
    assert tables.write(tmp_path / "b.parquet", SCHEMA, pa.Table.from_pylist(rows(10), SCHEMA)) == 10
    assert tables.read(tmp_path / "a.parquet", SCHEMA).equals(tables.read(tmp_path / "b.parquet", SCHEMA))


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        tables.write(tmp_path / name, SCHEMA, rows(3000))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("as_table", [False, True])
def test_row_groups_are_cut_by_bytes(tmp_path, monkeypatch, as_table):
    monkeypatch.setattr(tables, "ROW_GROUP_BYTES", 1_000_000)
    with tables.TableWriter(tmp_path / "a", SCHEMA) as writer:
        if as_table:
            for row in rows(50, 100_000):
                writer.write_table(pa.Table.from_pylist([row], SCHEMA))
        else:
            for row in rows(50, 100_000):
                writer.write_row(row, len(row["s"]))
    file = pq.ParquetFile(tmp_path / "a")
    assert file.metadata.num_rows == 50
    assert file.metadata.num_row_groups >= 5
    sizes = [sum(group["total_byte_size"] for group in [file.metadata.row_group(i).to_dict()]) for i in range(5)]
    assert max(sizes) < 1_200_000
    assert file.read()["n"].to_pylist() == list(range(50))


def test_rows_and_tables_keep_their_order_when_mixed(tmp_path):
    with tables.TableWriter(tmp_path / "a", SCHEMA) as writer:
        writer.write_row({"n": 0, "s": "x"})
        writer.write_table(pa.Table.from_pylist([{"n": 1, "s": "y"}], SCHEMA))
        writer.write_row({"n": 2, "s": "z"})
    assert tables.read(tmp_path / "a", SCHEMA)["n"].to_pylist() == [0, 1, 2]


def test_without_rows_the_file_is_empty_with_the_schema(tmp_path):
    assert tables.write(tmp_path / "a", PAIRS, []) == 0
    assert tables.read(tmp_path / "a", PAIRS).num_rows == 0


def test_a_failure_leaves_no_file(tmp_path):
    with pytest.raises(pa.ArrowInvalid):
        tables.write(tmp_path / "a", SCHEMA, [{"n": "not a number", "s": ""}])
    assert list(tmp_path.iterdir()) == []


def test_batches_add_up_to_the_file(tmp_path):
    tables.write(tmp_path / "a", SCHEMA, rows(1000))
    found = [n for batch in tables.batches(tmp_path / "a", SCHEMA, ["n"], rows=7) for n in batch["n"].to_pylist()]
    assert found == list(range(1000))


def test_only_filters_rows_by_a_value():
    table = pa.Table.from_pylist(rows(5), SCHEMA)
    assert tables.only(table, "n", 3).num_rows == 1


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more", b"<html>"])
def test_a_file_that_is_not_parquet_is_named(tmp_path, content):
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(CorpusError, match=r"a\.parquet: expected a Parquet file"):
        tables.read(tmp_path / "a.parquet", SCHEMA)


def test_another_schema_is_refused_with_the_difference(tmp_path):
    pq.write_table(pa.table({"n": [1]}), tmp_path / "a.parquet")
    with pytest.raises(CorpusError, match=r"'s'"):
        tables.read(tmp_path / "a.parquet", SCHEMA)


@pytest.mark.parametrize("published", [False, True])
def test_ascii_bytes_are_written_as_strings(tmp_path, published):
    made = [row | {"s": row["s"].encode()} for row in rows(9)]
    with tables.TableWriter(tmp_path / "a", SCHEMA, published=published) as writer:
        for row in made:
            writer.write_row(row)
    assert tables.read(tmp_path / "a", SCHEMA).to_pylist() == rows(9)


@pytest.mark.parametrize("count", [1023, 1024, 1025, 2500])
def test_rows_gathered_early_are_all_in_one_row_group(tmp_path, count):
    schema = pa.schema([("number", pa.int64()), ("words", pa.list_(pa.string()))])
    rows = [{"number": number, "words": ["w"] * (number % 3)} for number in range(count)]
    with tables.TableWriter(tmp_path / "made.parquet", schema) as writer:
        for row in rows:
            writer.write_row(row)
    assert pq.read_table(tmp_path / "made.parquet").to_pylist() == rows
    assert pq.ParquetFile(tmp_path / "made.parquet").metadata.num_row_groups == 1

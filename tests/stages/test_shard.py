"""Shard, and the reading of tables by part and record: what is kept, where it is, in row groups of bounded size."""

import hashlib
import json

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.smallrelease import PLANTS, plain
from support.stages import OMIM, SUMMARY, TRAIN, build, decisions, published, release

from dnacorpus.config.build import Build
from dnacorpus.curation.rights import without_third_party_comments
from dnacorpus.errors import UsageError
from dnacorpus.schemas.pairs import CONFIGS, DECISIONS, PAIRS
from dnacorpus.schemas.parts import RECORDS, SEGMENTS
from dnacorpus.sequence.bases import canonical_digest
from dnacorpus.stages import shard
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.part_reader import ByOrdinal, molecules, rows_of_part


def shards(built) -> list:
    return sorted((built / "shards").glob("*/*"))


def test_no_shard_is_empty_and_the_summary_tells_each(built):
    listed = {folder: json.loads((folder / "shards.json").read_text()) for folder in shards(built)}
    for folder, entries in each(listed.items()):
        files = {path.name for path in folder.glob("*.parquet")}
        assert files == {f"{e['config']}-{e['split']}.parquet" for e in entries} | {"index.parquet"}
    for folder, entry in each((folder, entry) for folder, entries in listed.items() for entry in entries):
        path = folder / f"{entry['config']}-{entry['split']}.parquet"
        content = path.read_bytes()
        assert entry["rows"] == pq.ParquetFile(path).metadata.num_rows > 0
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        frame = pl.read_parquet(path)
        if entry["config"] in ("pairs", "segments"):
            assert entry["bases"] == frame["sequence"].str.len_bytes().sum()
        else:
            assert entry["bases"] == (frame["length"].sum() if entry["config"] == "records" else 0)


def test_a_group_of_which_nothing_is_kept_has_no_shards(built):
    for division, group in (("plastid", "00001"), ("protozoa", "00000"), ("viral", "00001")):
        folder = built / "shards" / division / group
        assert {path.name for path in folder.iterdir()} == {"index.parquet", "shards.json"}
        assert json.loads((folder / "shards.json").read_text()) == []


def test_the_published_records_features_and_segments_are_those_of_kept_records(built):
    kept = decisions(built).filter(pl.col("status") == "kept").select("division", "part", "ordinal", "split")
    for config in ("records", "features", "segments"):
        expected = [
            pl.read_parquet(built / "tables" / division / part / f"{config}.parquet")
            .filter(pl.col("ordinal") == ordinal)
            .with_columns(split=pl.lit(split))
            for division, part, ordinal, split in kept.iter_rows()
        ]
        left, right = pl.concat(expected), published(built / "dataset", config).drop("file", "row")
        if config == "records":
            left, right = left.drop("comment"), right.drop("comment")
        order = ["accession", "index"] if config != "records" else ["accession"]
        assert left.sort(order).equals(right.select(left.columns).sort(order))


def test_pairs_are_those_kept_with_cluster_and_copies(built):
    copies = pl.concat(pl.read_parquet(path) for path in sorted((built / "copies").glob("*.parquet")))
    kept = copies.filter(pl.col("status") == "kept").select("pair_id", "cluster", "copies").sort("pair_id")
    rows = published(built / "dataset", "pairs")
    assert rows.select("pair_id", "cluster", "copies").sort("pair_id").equals(kept)
    assert rows["cluster"].null_count() == 0


def test_the_index_of_a_group_tells_every_row_of_pairs(built):
    for folder in each(shards(built)):
        index = pl.read_parquet(folder / "index.parquet")
        told = set(index.select("config", "split", "row", "accession", "pair_id", "digest").iter_rows())
        found = {
            ("pairs", path.stem.split("-")[1], place, row["accession"], row["pair_id"],
             canonical_digest(row["sequence"].encode(), circular=False))
            for path in folder.glob("pairs-*.parquet")
            for place, row in enumerate(pl.read_parquet(path).to_dicts())
        }  # fmt: skip
        assert told == found
        assert len(index) == len(told)


def test_text_that_a_third_party_supplied_is_not_published(built):
    comments = dict(published(built / "dataset", "records").select("accession", "comment").iter_rows())
    assert comments["NC_000003.1"] is None
    assert comments["NC_000004.1"] == SUMMARY
    for path in each((built / "dataset").rglob("*.parquet")):
        assert "somebody else" not in repr(pq.ParquetFile(path).read().to_pylist()), path
    before = pl.read_parquet(built / "tables" / "plant" / "plant.1" / "records.parquet")
    assert OMIM in before["comment"].to_list(), "the tables of the part keep what was read"


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("Summary: a. [supplied by OMIM, May 2010].", False),
        ("Summary: a. [SUPPLIED BY OMIM].", False),
        ("Summary: a. [provided\nby\nMGI, Jul 2009].", False),
        ("Summary: a. [provided  by  RefSeq].", True),
        ("Summary: a. [provided by\nRefSeq, Jul 2008].", True),
        ("Summary: a. [provided by RefSeq]. Then b. [supplied by OMIM].", False),
        ("Annotation was provided by the submitter.", True),
        ("", True),
        (None, True),
    ],
)
def test_which_comments_stay(comment, kept):
    row = dict.fromkeys(RECORDS.names) | {"accession": "NC_1.1", "comment": comment}
    table = without_third_party_comments(pa.Table.from_pylist([row], schema=RECORDS))
    assert table.schema.equals(RECORDS)
    assert table["comment"].to_pylist() == [comment if kept else None]


def test_parts_of_a_group_follow_each_other_in_one_shard(built, tmp_path):
    dataset = build(tmp_path / "results", built.parent / "mirror", shards={"group_bytes": 10**9})
    assert sorted(path.name for path in (dataset / "data" / "pairs" / "plant").iterdir()) == [
        "test-00000-of-00001.parquet",
        "train-00000-of-00001.parquet",
    ]
    for config in CONFIGS.keys() - {"papers"}:  # nothing is cited here
        one, several = published(dataset, config), published(built / "dataset", config)
        keys = ["file", "row", "split"]
        assert one.drop(keys).equals(several.drop(keys))
    rows = pl.read_parquet(dataset / "index" / "accessions.parquet").filter(pl.col("rows") > 0)
    assert rows["row"].max() > 6, "rows of the second part are counted from the first part's"


def test_a_group_that_is_not_in_the_catalogue_is_a_usage_error(built, tmp_path):
    with pytest.raises(UsageError, match="expected one of 00000, 00001"):
        shard.run(Build.open(built), "plant", "00007", tmp_path / "out")


def test_row_groups_are_bounded_by_bytes(tmp_path, monkeypatch):
    """Sixty-four rows of the longest sequences come at a time: a row group is the limit and less than those more."""
    monkeypatch.setattr("dnacorpus.storage.parquet.ROW_GROUP_BYTES", 20_000)
    genes = {"plant.1.genomic.gbff.gz": "".join(_many(number) for number in range(120))}
    dataset = build(tmp_path / "results", release(tmp_path / "mirror", genes), ["plant"])
    (path,) = (dataset / "data" / "pairs" / "plant").glob("*.parquet")
    metadata = pq.ParquetFile(path).metadata
    assert metadata.num_row_groups > 2
    sizes = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    assert sum(sizes) == metadata.num_rows
    assert max(sizes) < 64 + 20_000 / 300
    assert all(metadata.row_group(0).column(place).compression == "ZSTD" for place in range(metadata.num_columns))
    assert metadata.row_group(0).column(0).has_offset_index
    assert metadata.row_group(0).column(0).has_column_index


def _many(number: int) -> str:

    return plain(f"NC_{number:06d}.1", TRAIN, PLANTS)


def test_rows_of_a_part_in_a_table_of_many(tmp_path):
    rows = [
        dict.fromkeys(DECISIONS.names) | {"part": f"x.{number % 3}", "ordinal": number, "status": "kept"}
        for number in range(10)
    ]
    tables.write(tmp_path / "d.parquet", DECISIONS, rows)
    found = rows_of_part(tmp_path / "d.parquet", DECISIONS, "x.1", ["part", "ordinal"])
    assert found.to_pylist() == [{"part": "x.1", "ordinal": number} for number in (1, 4, 7)]
    assert rows_of_part(tmp_path / "d.parquet", DECISIONS, "x.9", ["part", "ordinal"]).num_rows == 0
    tables.write(tmp_path / "e.parquet", DECISIONS, [])
    assert rows_of_part(tmp_path / "e.parquet", DECISIONS, "x.1", ["part", "split"]).column_names == ["part", "split"]


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 7)), max_size=12), st.data())
def test_molecules_are_their_segments_joined(tmp_path_factory, lengths, data):
    path = tmp_path_factory.mktemp("m") / "segments.parquet"
    rows, expected = [], {}
    for ordinal, (length, step) in enumerate(lengths):
        sequence = data.draw(st.text("ACGTN", min_size=length, max_size=length))
        starts = range(0, length, step)
        expected[ordinal] = (sequence.encode(), [(start, start + 1) for start in starts])
        rows += [
            {
                "accession": "x", "ordinal": ordinal, "index": place, "count": len(starts), "start": start,
                "sequence": sequence[start : start + step], "mask": [{"start": 0, "end": 1}],
            }
            for place, start in enumerate(starts)
        ]  # fmt: skip
    tables.write(path, SEGMENTS, rows)
    wanted = data.draw(st.sets(st.sampled_from(sorted(expected)))) if expected else set()
    found = [(ordinal, (sequence, mask)) for ordinal, sequence, mask in molecules(path, wanted)]
    assert found == [(ordinal, expected[ordinal]) for ordinal in sorted(wanted)]


@given(st.lists(st.integers(0, 6), max_size=20))
def test_rows_are_looked_up_by_ordinal(ordinals):
    table = pa.table({"ordinal": pa.array(sorted(ordinals), pa.int64()), "place": pa.array(range(len(ordinals)))})
    lookup = ByOrdinal(table)
    for ordinal in range(-1, 8):
        assert lookup.rows(ordinal) == [row for row in table.to_pylist() if row["ordinal"] == ordinal]


def test_pairs_schema_is_that_of_the_published_file(built):
    for path in each((built / "dataset" / "data" / "pairs").rglob("*.parquet")):
        assert pq.ParquetFile(path).schema_arrow.equals(PAIRS, check_metadata=False)

"""The membership index against the tables that it is made from, by brute force."""

import shutil

import polars as pl
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.madeindex import made_results
from support.smallrelease import complement
from support.stages import DIVISIONS, decisions, published

from dnacorpus.dataset import index
from dnacorpus.schemas.index import key_of
from dnacorpus.sequence.bases import canonical_digest
from dnacorpus.stages.assemble import numbered
from dnacorpus.storage.results import Results


def test_every_record_that_came_in_has_its_fate(built):
    found = pl.read_parquet(built / "dataset" / "index" / "accessions.parquet")
    columns = ["accession", "division", "status", "reason", "length", "duplicate_of", "cluster", "copies", "organism"]
    columns += ["species", "taxid"]
    order = columns[:5]
    expected = decisions(built).select(columns).sort(order)
    assert found.filter(pl.col("status") != "rejected").select(columns).sort(order).equals(expected)
    rejected = found.filter(pl.col("status") == "rejected").to_dicts()
    assert [(row["accession"], row["reason"], row["rows"]) for row in rejected] == [("NC_000010.1", "bad_locus", 0)]
    assert len(found) == 14


def test_the_rows_of_a_kept_record_are_where_the_index_says(built):
    found = pl.read_parquet(built / "dataset" / "index" / "accessions.parquet")
    pairs = published(built / "dataset", "pairs")
    told = set()
    for row in each(found.to_dicts()):
        if row["status"] != "kept":
            assert (row["file"], row["row"], row["rows"], row["split"]) == (None, None, 0, None)
            continue
        for place in range(row["row"], row["row"] + row["rows"]):
            told.add((row["file"], place, row["accession"], row["division"], row["split"]))
    assert told == set(pairs.select("file", "row", "accession", "division", "split").iter_rows())


def test_a_digest_leads_to_the_rows_and_records_with_these_bases(built):
    found = pl.read_parquet(built / "dataset" / "index" / "digests.parquet")
    rows = found.filter(pl.col("pair_id").is_not_null())
    assert rows["status"].null_count() == len(rows)
    expected = {
        (canonical_digest(row["sequence"].encode(), circular=False), row["accession"], row["pair_id"], row["division"],
         row["file"], row["row"])
        for row in published(built / "dataset", "pairs").to_dicts()
    }  # fmt: skip
    assert set(rows.drop("status").iter_rows()) == expected
    records = found.filter(pl.col("pair_id").is_null()).select("digest", "accession", "division", "status")
    known = decisions(built).filter(pl.col("digest").is_not_null()).select("digest", "accession", "division", "status")
    assert sorted(records.iter_rows()) == sorted(known.iter_rows())


def test_the_other_strand_of_a_row_has_the_same_digest(built):
    found = pl.read_parquet(built / "dataset" / "index" / "digests.parquet")
    for row in each(published(built / "dataset", "pairs").head(5).to_dicts()):
        digest = canonical_digest(complement(row["sequence"]).encode(), circular=False)
        assert row["pair_id"] in found.filter(pl.col("digest") == digest)["pair_id"].to_list()


def test_the_bases_of_a_kept_record_are_where_the_index_says(built):
    found = pl.read_parquet(built / "dataset" / "index" / "accessions.parquet")
    segments = published(built / "dataset", "segments")
    told = found.filter(pl.col("segments").is_not_null()).select("accession", "segments")
    assert set(told.iter_rows()) == set(segments.select("accession", "file").iter_rows())
    assert set(found.filter(pl.col("segments").is_null())["status"]) == {"duplicate", "excluded", "rejected"}


def test_a_record_has_the_topology_of_its_flat_file(built):
    found = pl.read_parquet(built / "dataset" / "index" / "accessions.parquet")
    circular = found.filter(pl.col("topology") == "circular")
    assert sorted(circular.select("accession", "division").iter_rows()) == [
        ("NC_000002.1", "plant"), ("NC_000002.1", "plastid"),
    ]  # fmt: skip
    assert found.filter(pl.col("topology").is_null())["status"].to_list() == ["rejected"]


def test_accessions_gone_from_their_source_are_indexed(built, tmp_path):
    copy = tmp_path / "results"
    shutil.copytree(built, copy)
    (copy / "catalog" / "viral.gone.tsv").write_text("accession\tdetail\nGCF_000009.1\treplaced by GCF_000009.2\n")
    write_index(copy, tmp_path)
    rows = pl.read_parquet(tmp_path / "index" / "accessions.parquet").filter(pl.col("reason") == "gone")
    known = rows.select("accession", "division", "status", "detail", "rows").row(0)
    assert known == ("GCF_000009.1", "viral", "rejected", "replaced by GCF_000009.2", 0)


def test_taxa_add_up_to_the_records(built):
    found = pl.read_parquet(built / "dataset" / "index" / "taxa.parquet")
    records = decisions(built)
    whole = found.filter(pl.col("rank") == "organism")
    assert whole["records"].sum() == len(records)
    assert whole["bases"].sum() == records["length"].sum()
    for rank in ("organism", "species", "taxid"):
        for row in each(found.filter(rank=rank).to_dicts()):
            same = records.filter(
                pl.col(rank).eq_missing(pl.lit(row[rank])) & (pl.col("division") == row["division"])
                & (pl.col("status") == row["status"]) & (pl.col("reason") == row["reason"])
            )  # fmt: skip
            assert (len(same), same["length"].sum()) == (row["records"], row["bases"])
            assert row["split"] == (same["split"][0] if row["status"] == "kept" else None)
            assert row["name"] == (None if row[rank] is None else str(row[rank]).lower())


def test_a_genus_has_the_records_of_its_species(built):
    found = pl.read_parquet(built / "dataset" / "index" / "taxa.parquet").filter(rank="genus")
    assert set(found["name"]) == {"arabidopsis", "oryza", "giardia"}
    expected = decisions(built).filter(pl.col("species") == "Arabidopsis thaliana")
    assert found.filter(name="arabidopsis")["records"].sum() == len(expected)


def test_each_is_sorted_by_what_is_asked_for(built):
    for name, key in (("accessions", "accession"), ("digests", "digest"), ("taxa", "name")):
        values = pl.read_parquet(built / "dataset" / "index" / f"{name}.parquet")[key].drop_nulls().to_list()
        assert values == sorted(values)


def write_index(results, folder):
    paths = {shard.key: shard.entry.path for shard in numbered(Results(results), DIVISIONS)}
    (folder / "index").mkdir(parents=True)
    index.write(Results(results), DIVISIONS, paths, folder)


def test_any_number_of_passes_writes_the_same_rows(built, tmp_path, monkeypatch):
    whole = pl.read_parquet(built / "dataset" / "index" / "digests.parquet")
    for rows_per_pass in (1, 7, 20):
        monkeypatch.setattr(index, "ROWS_PER_PASS", rows_per_pass)
        write_index(built, tmp_path / str(rows_per_pass))
        assert pl.read_parquet(tmp_path / str(rows_per_pass) / "index" / "digests.parquet").equals(whole)


def test_a_row_group_is_about_as_large_as_the_footer_that_leads_to_it():
    assert [index.group_rows(rows) for rows in (0, 1, 524_288, 525_000)] == [4096, 4096, 4096, 8192]
    assert index.group_rows(10**12) == 1 << 18
    for rows in (10**6, 10**7, 10**8, 10**9):
        size = index.group_rows(rows)
        footer, group = 1000 * rows / size, 30 * size
        assert footer / 4 < group < footer * 4


@given(st.text(st.sampled_from("Aa\u00c9\u00df \t")))
def test_names_that_differ_in_case_and_blanks_have_one_key(name):
    assert key_of(name.upper()) == key_of(name.lower()) == key_of(name)
    assert key_of(f"  {name}\n") == key_of(name) == key_of(key_of(name))


def test_row_groups_of_an_index_are_small(tmp_path):
    results, paths = made_results(tmp_path / "results", 20_000)
    index.write(results, ["viral"], paths, tmp_path)
    for name, rows in (("accessions", 20_000), ("digests", 40_000)):
        found = pq.ParquetFile(tmp_path / "index" / f"{name}.parquet").metadata
        sizes = [found.row_group(number).num_rows for number in range(found.num_row_groups)]
        assert sum(sizes) == rows
        assert max(sizes) == 4096

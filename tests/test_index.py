"""The membership index against the tables that it is made from, by brute force."""

import polars as pl
from smallrelease import complement
from stages import DIVISIONS, decisions, published

from dnacorpus import index
from dnacorpus.assemble import numbered
from dnacorpus.layout import Results
from dnacorpus.sequence import canonical_digest


def test_every_record_that_came_in_has_its_fate(built):
    found = pl.read_parquet(built / "dataset" / "index" / "accessions.parquet")
    columns = ["accession", "division", "status", "reason", "duplicate_of", "organism", "species", "taxid", "length"]
    order = [*columns[:4], "length"]
    expected = decisions(built).select(columns).sort(order)
    assert found.filter(pl.col("status") != "rejected").select(columns).sort(order).equals(expected)
    rejected = found.filter(pl.col("status") == "rejected").to_dicts()
    assert [(row["accession"], row["reason"], row["rows"]) for row in rejected] == [("NC_000010.1", "bad_locus", 0)]
    assert len(found) == 14


def test_the_rows_of_a_kept_record_are_where_the_index_says(built):
    found = pl.read_parquet(built / "dataset" / "index" / "accessions.parquet")
    pairs = published(built / "dataset", "pairs")
    told = set()
    for row in found.to_dicts():
        if row["status"] != "kept":
            assert (row["file"], row["row"], row["rows"], row["split"]) == (None, None, 0, None)
            continue
        for place in range(row["row"], row["row"] + row["rows"]):
            told.add((row["file"], place, row["accession"], row["division"], row["split"]))
    assert told == set(pairs.select("file", "row", "accession", "division", "split").iter_rows())


def test_a_digest_leads_to_the_rows_and_records_with_these_bases(built):
    found = pl.read_parquet(built / "dataset" / "index" / "digests.parquet")
    rows = found.filter(pl.col("pair_id").is_not_null())
    expected = {
        (canonical_digest(row["sequence"].encode(), circular=False), row["accession"], row["pair_id"], row["division"],
         row["file"], row["row"])
        for row in published(built / "dataset", "pairs").to_dicts()
    }  # fmt: skip
    assert set(rows.iter_rows()) == expected
    records = found.filter(pl.col("pair_id").is_null()).select("digest", "accession", "division")
    known = decisions(built).filter(pl.col("digest").is_not_null()).select("digest", "accession", "division")
    assert sorted(records.iter_rows()) == sorted(known.iter_rows())


def test_the_other_strand_of_a_row_has_the_same_digest(built):
    found = pl.read_parquet(built / "dataset" / "index" / "digests.parquet")
    for row in published(built / "dataset", "pairs").head(5).to_dicts():
        digest = canonical_digest(complement(row["sequence"]).encode(), circular=False)
        assert row["pair_id"] in found.filter(pl.col("digest") == digest)["pair_id"].to_list()


def test_taxa_add_up_to_the_records(built):
    found = pl.read_parquet(built / "dataset" / "index" / "taxa.parquet")
    records = decisions(built)
    assert found["records"].sum() == len(records)
    assert found["bases"].sum() == records["length"].sum()
    for row in found.to_dicts():
        same = records.filter(
            pl.col("taxid").eq_missing(row["taxid"]) & pl.col("organism").eq_missing(row["organism"])
            & (pl.col("division") == row["division"]) & (pl.col("status") == row["status"])
        )  # fmt: skip
        assert (len(same), same["length"].sum()) == (row["records"], row["bases"])
        assert row["split"] == (same["split"][0] if row["status"] == "kept" else None)


def test_each_is_sorted_by_what_is_asked_for(built):
    for name, key in (("accessions", "accession"), ("digests", "digest"), ("taxa", "taxid")):
        values = pl.read_parquet(built / "dataset" / "index" / f"{name}.parquet")[key].drop_nulls().to_list()
        assert values == sorted(values)


def test_any_number_of_passes_writes_the_same_rows(built, tmp_path, monkeypatch):
    paths = {(s.division, s.group, s.config, s.split): s.path for s in numbered(Results(built), DIVISIONS)}
    whole = pl.read_parquet(built / "dataset" / "index" / "digests.parquet")
    for rows_per_pass in (1, 7, 20):
        monkeypatch.setattr(index, "ROWS_PER_PASS", rows_per_pass)
        folder = tmp_path / str(rows_per_pass)
        (folder / "index").mkdir(parents=True)
        index.write(Results(built), DIVISIONS, paths, folder)
        assert pl.read_parquet(folder / "index" / "digests.parquet").equals(whole)

"""Pair and collapse: every feature accounted for, keys that belong to rows, copies and leaks."""

import shutil

import polars as pl
import pyarrow.parquet as pq
import pytest
import xxhash
from support.each import each
from support.settings import pair_settings
from support.smallrelease import PLANTS, bases, complement, plain
from support.stages import TEST, TRAIN, build, collapse_copies, deduplicate, make_pairs, prepare, published, release

from dnacorpus.errors import CorpusError
from dnacorpus.schemas.pairs import PAIRS, PAPERS
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results


def rows_of(folder) -> pl.DataFrame:
    return pl.concat(
        pl.read_parquet(folder / f"{split}.parquet").with_columns(split=pl.lit(split))
        for split in ("train", "validation", "test")
    )


def parts(results) -> list:
    return sorted((results / "pairs").glob("*/*"))


def test_keys_are_those_of_the_rows(built):
    for folder in each(parts(built)):
        rows, keys = rows_of(folder), pl.read_parquet(folder / "keys.parquet")
        joined = keys.join(rows, on="pair_id", how="full", suffix="_row")
        assert len(joined) == len(rows) == len(keys)
        for column in ("division", "accession", "split", "informative"):
            assert joined[column].to_list() == joined[f"{column}_row"].to_list()
        assert joined["bases"].to_list() == joined["sequence"].str.len_bytes().to_list()
        assert set(keys["part"]) <= {folder.name}


def test_the_digest_is_of_the_lesser_strand_the_kind_and_the_code(built):
    checked = 0
    for folder in each(parts(built)):
        digests = dict(pl.read_parquet(folder / "keys.parquet").select("pair_id", "digest").iter_rows())
        for row in rows_of(folder).to_dicts():
            least = min(row["sequence"], complement(row["sequence"]))
            content = f"{least}\0{row['feature_kind']}\0{row['transl_table']}".encode()
            expected = None if row["kind"] == "record" else xxhash.xxh3_128_digest(content)
            assert digests[row["pair_id"]] == expected
            checked += 1
    assert checked > 10


def test_every_feature_and_every_proposed_row_is_in_the_ledger(built):
    for folder in each(parts(built)):
        rows, entries = rows_of(folder), pl.read_parquet(folder / "ledger.parquet")
        features = pl.read_parquet(built / "tables" / folder.parent.name / folder.name / "features.parquet")
        of_features = entries.filter(pl.col("unit") == "feature")
        assert of_features["count"].sum() == len(features)
        kept = of_features.filter(pl.col("status") == "kept")["count"].sum()
        assert kept == (rows["kind"] == "gene").sum()
        into = entries.filter((pl.col("unit") == "row") & (pl.col("status") == "in"))
        assert into["count"].sum() == len(rows)
        assert into["bases"].sum() == rows["sequence"].str.len_bytes().sum()


def test_features_of_records_that_are_not_kept_share_their_fate(built):
    entries = pl.read_parquet(built / "pairs" / "plastid" / "plastid.1" / "ledger.parquet")
    fates = dict(entries.filter(pl.col("unit") == "feature").select("reason", "count").iter_rows())
    assert fates["record_accession_conflict"] == 5
    assert set(rows_of(built / "pairs" / "viral" / "viral.2")["accession"]) == set()


def test_a_longer_record_has_no_row_of_its_own_and_its_bases_are_counted(built, tmp_path):
    out = tmp_path / "plant" / "plant.1"
    make_pairs(built / "tables" / "plant" / "plant.1", built / "decisions" / "plant.parquet", pair_settings(500), out)
    entries = pl.read_parquet(out / "ledger.parquet").filter(pl.col("unit") == "row")
    excluded = entries.filter(pl.col("status") == "excluded").row(0, named=True)
    assert (excluded["reason"], excluded["count"], excluded["bases"]) == ("too_long", 3, 2700)
    assert set(rows_of(out)["kind"]) == {"gene"}


@pytest.mark.parametrize("kind", ["record", "gene"])
def test_rows_of_kinds_that_are_not_wanted_are_in_the_books(built, tmp_path, kind):
    out = tmp_path / "plant" / "plant.1"
    limits = pair_settings(131072, kinds=[kind])
    make_pairs(built / "tables" / "plant" / "plant.1", built / "decisions" / "plant.parquet", limits, out)
    every = rows_of(built / "pairs" / "plant" / "plant.1").filter(pl.col("kind").is_in(["record", "gene"]))
    rows = rows_of(out)
    assert sorted(rows["pair_id"]) == sorted(every.filter(pl.col("kind") == kind)["pair_id"])
    entries = pl.read_parquet(out / "ledger.parquet").filter(pl.col("reason") == "not_wanted")
    (left_out,) = entries.to_dicts()
    assert left_out["unit"] == ("row" if kind == "gene" else "feature")
    assert left_out["count"] == len(every) - len(rows) > 0


def test_an_empty_part_has_the_same_files(built):
    full, empty = (built / "pairs" / "plastid" / part for part in ("plastid.1", "plastid.2"))
    assert {path.name for path in full.iterdir()} == {path.name for path in empty.iterdir()}
    assert rows_of(empty).is_empty()
    assert pl.read_parquet(empty / "train.parquet").columns == PAIRS.names


def test_the_same_bytes_again(built, tmp_path):
    for folder in each(parts(built)):
        division, part = folder.parent.name, folder.name
        out = tmp_path / division / part
        make_pairs(
            built / "tables" / division / part, built / "decisions" / f"{division}.parquet", pair_settings(131072), out
        )
        for path in each(folder.iterdir()):
            assert (out / path.name).read_bytes() == path.read_bytes(), path


def test_a_gene_of_train_in_a_held_out_species_leaves_evaluation(built):
    copies = pl.read_parquet(built / "copies" / "plant.parquet").filter(pl.col("status") == "excluded")
    assert copies["reason"].to_list() == ["leak"]
    (leak,) = copies.to_dicts()
    held = rows_of(built / "pairs" / "plant" / "plant.2").filter(pl.col("pair_id") == leak["pair_id"])
    keeper = rows_of(built / "pairs" / "plant" / "plant.1").filter(pl.col("pair_id") == leak["duplicate_of"])
    assert held.select("species", "split").row(0) == (TEST, "test")
    assert keeper.select("species", "split").row(0) == (TRAIN, "train")
    assert held["sequence"].to_list() == keeper["sequence"].to_list()


def test_of_the_kept_rows_no_two_are_copies_and_none_stands_in_two_splits(built):
    rows = published(built / "dataset", "pairs").filter(pl.col("kind") == "gene")
    least = [min(sequence, complement(sequence)) for sequence in rows["sequence"]]
    contents = rows.select("feature_kind", "transl_table").with_columns(least=pl.Series(least))
    assert len(contents) > 10
    assert contents.is_unique().all()


def test_copies_of_one_split_collapse_over_strands_and_divisions(tmp_path):
    first = bases("first", 900)
    second = bases("x", 399) + complement(first[9:309]) + bases("y", 201)  # gene 2 there is gene 1 here
    files = {
        "plant.1.genomic.gbff.gz": plain("NC_000001.1", TRAIN, PLANTS, first),
        "plastid.1.genomic.gbff.gz": plain("NC_000002.1", TRAIN, PLANTS, second),
    }
    dataset = build(tmp_path / "results", release(tmp_path / "mirror", files), ["plant", "plastid"])
    copies = pl.concat(pl.read_parquet(path) for path in sorted((tmp_path / "results" / "copies").glob("*.parquet")))
    (loser,) = copies.filter(pl.col("status") == "duplicate").to_dicts()
    assert (loser["division"], loser["reason"], loser["copies"]) == ("plant", "exact", 2)
    (keeper,) = published(dataset, "pairs").filter(pl.col("pair_id") == loser["duplicate_of"]).to_dicts()
    assert (keeper["division"], keeper["copies"]) == ("plastid", 2)
    assert keeper["cluster"] == min(keeper["pair_id"], loser["pair_id"]) == loser["cluster"]


@pytest.mark.parametrize(("code", "statuses"), [("", {"kept", "duplicate"}), ("/transl_table=11", {"kept"})])
def test_another_genetic_code_keeps_copies_apart(tmp_path, code, statuses):
    first = bases("first", 900)
    other = plain("NC_000002.1", TRAIN, PLANTS, first[:309] + bases("x", 591))
    coded = other.replace(
        "/codon_start=1", f"{code}\n                     /codon_start=1" if code else "/codon_start=1"
    )
    files = {"plant.1.genomic.gbff.gz": plain("NC_000001.1", TRAIN, PLANTS, first) + coded}
    build(tmp_path / "results", release(tmp_path / "mirror", files), ["plant"])
    copies = pl.read_parquet(tmp_path / "results" / "copies" / "plant.parquet")
    assert set(copies["status"]) == statuses


def test_collapse_gives_the_same_bytes_for_parts_in_another_order(built, tmp_path):
    shutil.copytree(built / "pairs", tmp_path / "pairs")
    shutil.copytree(built / "catalog", tmp_path / "catalog")
    for path in (tmp_path / "catalog").glob("*.tsv"):
        head, *rows = path.read_text().splitlines(keepends=True)
        path.write_text("".join([head, *reversed(rows)]))
    collapse_copies(Results(tmp_path), ["viral", "protozoa", "plastid", "plant"], tmp_path / "copies")
    for path in each(sorted((built / "copies").glob("*.parquet"))):
        assert (tmp_path / "copies" / path.name).read_bytes() == path.read_bytes()


def test_pairs_of_another_run_beside_the_keys_are_an_error(built, tmp_path):
    for name in ("pairs", "catalog"):
        shutil.copytree(built / name, tmp_path / name)
    shutil.copy(tmp_path / "pairs/plant/plant.2/validation.parquet", tmp_path / "pairs/plant/plant.2/test.parquet")
    with pytest.raises(CorpusError, match="found those of"):
        collapse_copies(Results(tmp_path), ["plant"], tmp_path / "copies")


PAPER = {"open": True, "retracted": False, "license": "CC-BY-4.0", "split": "train", "abstract": "Made up.",
         "journal": "Tests", "year": 2001, "passages": [], "records": 5,
         "records_with_rows": [f"NC_00000{n}.1" for n in range(1, 6)]}  # fmt: skip


@pytest.fixture(scope="module")
def citing(tmp_path_factory) -> tuple[Results, list[int]]:
    """A build up to dedup whose records cite papers, and the PMIDs, among them one that no table has."""
    folder, cited = tmp_path_factory.mktemp("citing"), [2, 2500, 5000, 9000, 77_777]
    text = "".join(
        plain(f"NC_00000{n}.1", TRAIN, PLANTS, references=[{"title": "T", "pubmed": str(pmid)}])
        for n, pmid in enumerate(cited, 1)
    )
    mirror = release(folder / "mirror", {"plant.1.genomic.gbff.gz": text})
    config = prepare(folder / "results", mirror, ["plant"])
    results = Results(folder / "results")
    deduplicate(results, config.divisions, config.splits, results.root / "decisions")
    return results, cited


def paper_table(path, pmids, **more):
    rows = ({**dict.fromkeys(PAPERS.names), **PAPER, "pmid": n, "title": f"Paper {n}.", **more} for n in pmids)
    tables.write(path, PAPERS, rows)
    return path


def paired(results, out, papers=None):
    make_pairs(results.tables("plant", "plant.1"), results.decisions("plant"), pair_settings(1000), out, papers)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def test_a_large_table_of_papers_gives_the_rows_that_the_cited_ones_give(citing, tmp_path, monkeypatch):
    results, cited = citing
    few = paper_table(tmp_path / "few.parquet", cited[:-1])
    monkeypatch.setattr("dnacorpus.storage.parquet.ROW_GROUP_ROWS", 3000)
    many = paper_table(tmp_path / "many.parquet", range(1, 10_001))
    assert paired(results, tmp_path / "a" / "plant.1", many) == paired(results, tmp_path / "b" / "plant.1", few)
    rows = rows_of(tmp_path / "a" / "plant.1").filter(kind="paper").sort("accession")
    assert rows["pmids"].to_list() == [[pmid] for pmid in cited[:-1]]
    assert all(f"Paper {pmid}" in text for pmid, text in each(zip(cited, rows["text"], strict=False)))
    entries = pl.read_parquet(tmp_path / "a" / "plant.1" / "ledger.parquet").filter(unit="paper")
    assert entries.select("status", "reason", "count").rows() == [
        ("in", "", 5), ("kept", "", 4), ("excluded", "no_paper", 1),
    ]  # fmt: skip


def test_of_the_papers_no_full_text_is_read(citing, tmp_path):
    results, cited = citing
    text = [{"section": "Results", "paragraph": n, "page": None, "text": f"{n} " * 500} for n in range(9)]
    path = paper_table(tmp_path / "papers.parquet", cited[:-1], passages=text)
    expected = paired(results, tmp_path / "a" / "plant.1", path)
    content = bytearray(path.read_bytes())
    group = pq.ParquetFile(path).metadata.row_group(0)
    chunks = [group.column(n) for n in range(group.num_columns)]
    for chunk in (chunk for chunk in chunks if chunk.path_in_schema.startswith("passages.")):
        start = chunk.dictionary_page_offset or chunk.data_page_offset
        content[start : start + chunk.total_compressed_size] = bytes(chunk.total_compressed_size)
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"(?i)deserialize|corrupt|thrift"):  # that much was damaged
        tables.read(path, PAPERS)
    assert paired(results, tmp_path / "b" / "plant.1", path) == expected


def test_where_no_record_cites_a_paper_the_table_is_not_opened(built, tmp_path):
    results = Results(built)
    arguments = results.tables("plant", "plant.1"), results.decisions("plant"), pair_settings(131072)
    make_pairs(*arguments, tmp_path / "plant.1", tmp_path / "nothing.parquet")
    for path in each(results.pairs("plant", "plant.1").iterdir()):
        assert (tmp_path / "plant.1" / path.name).read_bytes() == path.read_bytes()

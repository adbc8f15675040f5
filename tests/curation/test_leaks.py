"""Held-out rows that are largely in train: planted stretches, and shares computed from sets of strings."""

import shutil

import numpy as np
import polars as pl
import pytest
from support.contaminated import (
    AT_LIMIT,
    DIVISIONS,
    INSIDE,
    ORGANELLE,
    OUTSIDE,
    OVER_LIMIT,
    POLICY,
    SPLICED,
    TINY,
    UNSPLICED,
    K,
    build,
    finish,
    found_leaks,
    rows,
    shares,
    words,
)
from support.each import each
from support.stages import published

from dnacorpus.curation.indexed_records import held_out_records, record_sequences
from dnacorpus.curation.kmer_index import write_index
from dnacorpus.curation.leaks import SeenKmers, leaks
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import SEEN_KMERS
from dnacorpus.settings.curation import DecontaminationSettings
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    return build(tmp_path_factory.mktemp("leaks") / "results")


@pytest.fixture(scope="module")
def expected(results) -> dict[str, float | None]:
    return shares(results, circles=True)


def test_shares_equal_those_of_sets_of_strings(results, expected):
    found = dict(found_leaks(results, DecontaminationSettings(k=K, max_overlap=0.0)).iter_rows())
    assert found == {name: share for name, share in expected.items() if share}
    assert {kind for name, kind in rows(results).select("pair_id", "kind").iter_rows() if name in found} == {
        "record", "gene", "window",
    }  # fmt: skip


def test_rows_above_the_limit_are_leaks_and_no_others(results, expected):
    found = found_leaks(results)
    assert set(found["pair_id"]) == {name for name, share in expected.items() if share and share > POLICY.max_overlap}
    assert found["pair_id"].is_sorted()
    assert found.schema == {"pair_id": pl.String, "share": pl.Float64}


@pytest.mark.parametrize(
    ("accession", "span", "share"),
    [
        ("NC_000005.1", INSIDE, 1.0),  # on the other strand
        ("NC_000005.1", OUTSIDE, None),
        ("NC_000005.1", AT_LIMIT, None),  # 300 words of 1,000 are not more than 0.3
        ("NC_000005.1", OVER_LIMIT, 0.301),
        ("NC_000005.1", TINY, None),  # shorter than a word
        ("NC_000005.1", SPLICED, 1.0),  # train holds the joined exons
        ("NC_000005.1", UNSPLICED, 1.0),  # train holds it in joined exons alone
        ("NC_000006.1", ORGANELLE, 1.0),  # across the origin of a circle of train
    ],
)
def test_planted_stretches_have_the_expected_share(results, accession, span, share):
    found = dict(found_leaks(results).iter_rows())
    wanted = rows(results).filter(kind="gene", accession=accession, start=span[0], end=span[1])
    assert len(wanted) == 1
    assert found.get(wanted["pair_id"][0]) == share


def test_a_share_equal_to_the_limit_is_no_leak(results):
    wanted = rows(results).filter(kind="gene", accession="NC_000005.1", start=AT_LIMIT[0], end=AT_LIMIT[1])
    assert (
        dict(found_leaks(results, DecontaminationSettings(k=K, max_overlap=0.0)).iter_rows())[wanted["pair_id"][0]]
        == 0.3
    )


def test_a_record_with_a_leaking_gene_is_kept(results):
    found = set(found_leaks(results)["pair_id"])
    records = rows(results).filter(pl.col("kind") == "record", pl.col("split") != "train")
    assert len(records) == 3
    assert found.isdisjoint(records["pair_id"])


def test_rows_of_train_are_never_leaks(results):
    found = found_leaks(results, DecontaminationSettings(k=K, max_overlap=0.0))
    assert set(rows(results).filter(split="train")["pair_id"]).isdisjoint(found["pair_id"])


def test_leaks_are_not_published_and_the_ledger_balances(results):
    found = found_leaks(results)
    dataset = finish(results, leaking=found)
    names = set(published(dataset, "pairs")["pair_id"])
    assert names.isdisjoint(found["pair_id"])
    copies = pl.concat(pl.read_parquet(results.copies(division)) for division in DIVISIONS)
    fates = copies.filter(pl.col("pair_id").is_in(found["pair_id"].to_list()))
    assert set(fates.select("status", "reason").iter_rows()) == {("excluded", "leak")}
    assert len(copies) == rows(results)["pair_id"].n_unique()


def test_the_bytes_do_not_depend_on_the_order_of_parts(results, tmp_path):
    turned = build(tmp_path / "results", turned=True)
    for name in ("kmers/kmers.npy", "kmers/filter.npy", "kmers/index.json"):
        assert (turned.root / name).read_bytes() == (results.root / name).read_bytes()
    for path in each(sorted((results.root / "pairs").glob("*/*/seen_train.parquet"))):
        assert (turned.root / path.relative_to(results.root)).read_bytes() == path.read_bytes()
    assert found_leaks(turned).equals(found_leaks(results))


def test_seen_kmers_are_those_in_records_of_train(results):
    paths = sorted((results.root / "pairs").glob("*/*/seen_train.parquet"))
    seen = {path.parent.name: tables.read(path, SEEN_KMERS)["position"].to_pylist() for path in paths}
    assert all(positions == sorted(set(positions)) for positions in each(seen.values()))
    assert seen["plant.2"] == seen["viral.1"] == []  # no train there
    ring = rows(results).filter(kind="record", accession="NC_000008.1")["sequence"][0]
    held_out = set().union(*map(words, rows(results).filter(pl.col("split") != "train")["sequence"]))
    assert len(seen["plastid.1"]) == len(words(ring + ring[: K - 1]) & held_out) == 970


def test_without_an_index_no_kmers_are_seen(tmp_path):
    seen = SeenKmers(None)
    seen.add(b"ACGT" * 20)
    seen.write(tmp_path / "seen.parquet")
    assert tables.read(tmp_path / "seen.parquet", SEEN_KMERS).num_rows == 0


def test_positions_beyond_the_index_are_refused(results, tmp_path):
    copied = Results(shutil.copytree(results.root, tmp_path / "results"))
    path = copied.pairs("plastid", "plastid.1") / "seen_train.parquet"
    tables.write(path, SEEN_KMERS, [{"position": 10**9}])
    with pytest.raises(
        CorpusError, match=r"plastid.1/seen_train.parquet: expected positions below \d+, found 1000000000"
    ):
        found_leaks(copied)


def test_an_index_of_other_records_is_refused(results, tmp_path):
    copied = Results(shutil.copytree(results.root, tmp_path / "results"))
    chosen = held_out_records(copied, DIVISIONS).filter(division="viral")
    write_index(record_sequences(copied, chosen), K, tmp_path / "other")
    for path in (copied.root / "pairs").glob("*/*/seen_*.parquet"):
        tables.write(path, SEEN_KMERS, [])
    with pytest.raises(CorpusError, match=r"test.parquet: expected the k-mers of row \w+ in the index, found none"):
        leaks(copied, DIVISIONS, tmp_path / "other", POLICY)


def test_an_index_of_another_k_is_refused(results):
    with pytest.raises(CorpusError, match="kmers: expected k-mers of 21 bases, found 31; remove it"):
        found_leaks(results, DecontaminationSettings(k=21, max_overlap=0.3))


def test_a_part_without_seen_kmers_is_named(results, tmp_path):
    copied = Results(shutil.copytree(results.root, tmp_path / "results"))
    (copied.pairs("plant", "plant.1") / "seen_train.parquet").unlink()
    with pytest.raises(CorpusError, match=r"plant.1/seen_train.parquet: expected a Parquet file"):
        found_leaks(copied)


def test_a_limit_of_1_finds_no_leak(results):
    assert found_leaks(results, DecontaminationSettings(k=K, max_overlap=1.0)).is_empty()
    assert np.isclose(found_leaks(results, DecontaminationSettings(k=K, max_overlap=0.99))["share"].min(), 1.0)

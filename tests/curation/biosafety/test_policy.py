"""The biosafety policy in whole builds, by the commands; splits, caps and leaks in the same builds."""

import itertools
from pathlib import Path

import polars as pl
import pytest
from support.each import each
from support.flatfile import record
from support.smallrelease import PLANTS, bases, complement, pack, plain, small_release, source
from support.stages import (
    CONFIG,
    NO_CAPS,
    audit_by_hand,
    collapse_by_hand,
    decide_by_hand,
    deduplicate,
    published,
)
from support.stages import prepare as prepared
from support.workflow import digests

from dnacorpus.cli.main import main
from dnacorpus.dataset.verify import verify
from dnacorpus.storage.results import Results

FLAVIVIRUS = ("Viruses", "Riboviria", "Orthornavirae", "Kitrinoviricota", "Flasuviricetes", "Flaviviridae")
PHAGE = ("Viruses", "Duplodnaviria", "Heunggongvirae", "Uroviricota", "Caudoviricetes")
VIRUS = bases("virus", 900)
HOST = bases("host", 9) + VIRUS[99:399] + bases("host", 591)
"""The first gene of the host, 10..309, is a stretch of the virus; its second one is its own."""
DIVISIONS = ["plant", "viral"]
K, SHARE = 31, 0.3


def texts() -> dict[str, str]:
    return {
        "plant.1.genomic.gbff.gz": plain("NC_000001.1", "Zea mays", PLANTS, HOST),
        "plant.2.genomic.gbff.gz": plain("NC_000002.1", "Oryza sativa", PLANTS, complement(VIRUS)),
        "viral.1.genomic.gbff.gz": plain("NC_000003.1", "Some flavivirus", FLAVIVIRUS, VIRUS)
        + plain("NC_000004.1", "Test phage one", PHAGE),
        "viral.2.genomic.gbff.gz": plain("NC_000005.1", "Test phage two", PHAGE),
    }


def go(*options: object) -> None:
    assert main([str(option) for option in options]) == 0, options


def by_hand(root: Path, mirror: Path, **changes: object) -> Path:
    """Build a dataset by the commands and return its folder."""
    config, results = prepared(root, mirror, DIVISIONS, **changes), Results(root)
    groups = [(division, group) for division in DIVISIONS for group in results.groups(division)]
    buckets = config.settings.dedup.buckets
    decide_by_hand(go, root, groups, buckets)
    options = ("--build", root)
    for division in DIVISIONS:
        for part in results.parts(division):
            go("pair", *options, "--division", division, "--part", part, "--out", results.pairs(division, part))
    collapse_by_hand(go, root, buckets)
    for division, group in groups:
        out = results.shards(division, group)
        go("shard", *options, "--division", division, "--group", group, "--out", out)
    audit_by_hand(go, root, groups)
    go("assemble", *options, "--out", root / "dataset")
    return root / "dataset"


@pytest.fixture(scope="module")
def mirror(tmp_path_factory) -> Path:
    return small_release(tmp_path_factory.mktemp("mirror") / "release", pack(texts()))


@pytest.fixture(scope="module")
def builds(mirror, tmp_path_factory) -> dict[str, Path]:
    """Policy -> dataset."""
    folder = tmp_path_factory.mktemp("policies")
    return {
        policy: by_hand(folder / policy, mirror, biosafety={"policy": policy, "max_overlap": SHARE, "table": ""})
        for policy in ("exclude", "flag", "off")
    }


def kmers(sequence: str) -> set[str]:
    found = (sequence[at : at + K] for at in range(len(sequence) - K + 1))
    return {min(word, complement(word)) for word in found}


def like_the_virus(sequence: str) -> bool:
    mine = kmers(sequence)
    return len(mine & kmers(VIRUS)) > SHARE * len(mine)


def fates(dataset: Path) -> dict[str, tuple[str, str]]:
    rows = pl.read_parquet(dataset / "index" / "accessions.parquet")
    return {row["accession"]: (row["status"], row["reason"] or "") for row in rows.to_dicts()}


def test_a_virus_of_eukaryotes_its_copies_and_similar_rows_are_excluded(builds):
    dataset = builds["exclude"]
    assert verify(dataset)["rows"] > 0
    found = fates(dataset)
    left_out = {accession for accession, fate in found.items() if fate == ("excluded", "biosafety")}
    assert left_out == {"NC_000003.1", "NC_000002.1"}  # the virus, and its other strand among the plants
    rows = published(dataset, "pairs")
    assert {"NC_000001.1", "NC_000004.1", "NC_000005.1"} == set(rows["accession"])
    assert not any(like_the_virus(sequence) for sequence in each(rows["sequence"]))
    kinds = rows.filter(pl.col("accession") == "NC_000001.1").select("kind", "feature_index").rows()
    assert ("gene", 4) in kinds
    assert ("gene", 2) not in kinds
    for config in ("records", "features", "segments"):
        assert left_out.isdisjoint(published(dataset, config)["accession"])
    entries = pl.read_parquet(dataset / "ledger.parquet").filter(reason="biosafety")
    assert set(entries.select("division", "unit", "status").iter_rows()) >= {
        ("viral", "record", "excluded"), ("plant", "record", "excluded"), ("plant", "feature", "excluded"),
    }  # fmt: skip


def test_under_flag_they_are_kept_and_flagged(builds):
    dataset = builds["flag"]
    assert {status for status, _ in fates(dataset).values()} == {"kept", "duplicate"}
    for row in each(published(dataset, "pairs").to_dicts()):
        if row["accession"] in ("NC_000003.1", "NC_000002.1"):
            assert row["biosafety"] in FLAVIVIRUS or row["biosafety"] == "similar"
        else:
            assert row["biosafety"] == ("similar" if like_the_virus(row["sequence"]) else None)
    assert "similar" in set(published(dataset, "pairs").filter(pl.col("division") == "plant")["biosafety"])


def test_under_off_nothing_is_excluded_or_flagged(builds):
    dataset = builds["off"]
    assert {status for status, _ in fates(dataset).values()} == {"kept", "duplicate"}
    assert set(published(dataset, "pairs")["biosafety"]) == {None}


def test_the_card_states_the_policy(builds):
    cards = {policy: (dataset / "README.md").read_text() for policy, dataset in builds.items()}
    assert "Viruses that infect eukaryotes are excluded" in cards["exclude"]
    assert "by host: 2 records and" in cards["exclude"].replace("\n", " ")
    assert "The column `biosafety`" in cards["flag"]
    assert "No biosafety policy was applied" in cards["off"]


def test_the_bytes_do_not_depend_on_buckets_or_passes(builds, mirror, tmp_path):
    expected = digests(builds["off"])
    for buckets, at_once in ((1, 10_000), (5, 1)):
        dedup = CONFIG["dedup"] | {"buckets": buckets, "max_bases_at_once": at_once}
        assert digests(by_hand(tmp_path / str(buckets), mirror, dedup=dedup)) == expected


def test_near_duplicates_share_a_cluster_and_caps_count_by_it(tmp_path):
    first = bases("near", 3000)
    changed = "".join({"A": "C"}.get(base, base) if at % 300 == 7 else base for at, base in enumerate(first))
    files = {
        "plant.1.genomic.gbff.gz": plain("NC_000001.1", "Zea mays", PLANTS, first)
        + plain("NC_000009.1", "Zea mays", PLANTS, bases("other", 3000)),
        "plant.2.genomic.gbff.gz": plain("NC_000002.1", "Zea mays", PLANTS, complement(changed)),
        "viral.1.genomic.gbff.gz": plain("NC_000003.1", "Test phage one", PHAGE),
    }
    release = small_release(tmp_path / "release", pack(files))
    dedup = CONFIG["dedup"] | {"near": CONFIG["dedup"]["near"] | {"min_ani": 0.95}}
    near = published(by_hand(tmp_path / "near", release, dedup=dedup), "records")
    assert len(near) == 4
    clusters = pl.read_parquet(tmp_path / "near" / "decisions" / "plant.parquet")
    named = dict(clusters.select("accession", "cluster").iter_rows())
    assert named == {"NC_000001.1": "NC_000001.1", "NC_000002.1": "NC_000001.1", "NC_000009.1": "NC_000009.1"}
    capped = by_hand(tmp_path / "capped", release, dedup=dedup | {"max_per_cluster": 1})
    assert fates(capped)["NC_000002.1"] == ("excluded", "cluster_cap")
    assert fates(capped)["NC_000001.1"] == ("kept", "")


def test_decisions_do_not_depend_on_the_order_of_divisions(mirror, tmp_path):
    """Decisions over parts in another order are the same."""
    found = []
    for turned in (False, True):
        root = tmp_path / str(turned)
        config, results = prepared(root, mirror, DIVISIONS, turned=turned), Results(root)
        deduplicate(results, config.divisions[:: -1 if turned else 1], config.splits, root / "decisions", NO_CAPS)
        found.append({path.name: path.read_bytes() for path in sorted((root / "decisions").iterdir())})
    assert found[0] == found[1]
    assert set(itertools.chain(found[0])) == {"plant.parquet", "viral.parquet"}


def test_a_near_duplicate_without_annotation_is_excluded_with_the_virus(tmp_path):
    changed = "".join("C" if at in (100, 500) and base != "C" else base for at, base in enumerate(VIRUS))
    silent = plain("SY_000001.1", "synthetic construct", ("other sequences",), changed)
    release = small_release(tmp_path / "release", pack(texts() | {"plant.3.genomic.gbff.gz": silent}))
    dedup = CONFIG["dedup"] | {"near": CONFIG["dedup"]["near"] | {"min_ani": 0.95}}
    policy = {"policy": "exclude", "max_overlap": SHARE, "table": ""}
    dataset = by_hand(tmp_path / "build", release, dedup=dedup, biosafety=policy)
    assert fates(dataset)["SY_000001.1"] == ("excluded", "biosafety")
    assert fates(dataset)["NC_000004.1"] == ("kept", "")
    for config in ("records", "features", "segments"):
        assert "SY_000001.1" not in set(published(dataset, config)["accession"])
    flagged = by_hand(tmp_path / "flag", release, dedup=dedup, biosafety=policy | {"policy": "flag"})
    rows = published(flagged, "pairs").filter(pl.col("accession") == "SY_000001.1")
    assert len(rows)
    assert set(rows["biosafety"]) <= set(FLAVIVIRUS)


def test_an_accession_holds_out_its_whole_species(tmp_path):
    files = texts() | {"plant.3.genomic.gbff.gz": plain("NC_000008.1", "Zea mays", PLANTS)}
    release = small_release(tmp_path / "release", pack(files))
    splits = CONFIG["splits"] | {"always_test": ["NC_000001"], "always_train": [], "test": 0, "validation": 0}
    dataset = by_hand(tmp_path / "build", release, splits=splits)
    rows = published(dataset, "pairs").select("species", "split").unique()
    assert set(rows.filter(pl.col("split") == "test")["species"]) == {"Zea mays"}
    assert len(rows) == rows["species"].n_unique()
    with pytest.raises(AssertionError):
        by_hand(tmp_path / "unknown", release, splits=splits | {"always_test": ["NC_999999.1"]})


def test_a_row_of_test_that_is_largely_in_validation_is_a_leak(tmp_path):
    first = bases("split", 900)
    changed = "".join("C" if at % 250 == 7 and base != "C" else base for at, base in enumerate(first))
    files = {
        "plant.1.genomic.gbff.gz": plain("NC_000001.1", "Zea mays", PLANTS, first),
        "plant.2.genomic.gbff.gz": plain("NC_000002.1", "Oryza sativa", PLANTS, changed),
        "viral.1.genomic.gbff.gz": plain("NC_000003.1", "Test phage one", PHAGE),
    }
    release = small_release(tmp_path / "release", pack(files))
    lists = {"always_validation": ["Zea mays"], "always_test": ["Oryza sativa"], "always_train": []}
    splits = CONFIG["splits"] | lists | {"test": 0, "validation": 0}
    dataset = by_hand(tmp_path / "build", release, splits=splits, decontamination={"k": K, "max_overlap": SHARE})
    rows = published(dataset, "pairs")
    assert "validation" in set(rows["split"])
    assert "test" not in set(rows["split"])
    assert pl.read_parquet(dataset / "ledger.parquet").filter(unit="row", reason="leak")["count"].sum() > 0


def test_the_index_has_the_kmers_of_flanks(tmp_path):
    feature = ("misc_binding", "join(101..110,301..310)", [("bound_moiety", "a factor")])
    rice = record(
        "NC_000002.1", bases("flank", 900), [source("Oryza sativa", 4530), feature], organism="Oryza sativa",
        lineage=PLANTS,
    )  # fmt: skip
    files = {
        "plant.1.genomic.gbff.gz": plain("NC_000001.1", "Zea mays", PLANTS) + rice,
        "viral.1.genomic.gbff.gz": plain("NC_000003.1", "Test phage one", PHAGE),
    }
    release = small_release(tmp_path / "release", pack(files))
    splits = CONFIG["splits"] | {"always_test": ["Oryza sativa"], "always_train": [], "test": 0, "validation": 0}
    pairs = CONFIG["pairs"] | {"flank": 8}
    dataset = by_hand(
        tmp_path / "build", release, splits=splits, pairs=pairs, decontamination={"k": K, "max_overlap": SHARE}
    )
    rows = published(dataset, "pairs").filter(pl.col("feature_kind") == "misc_binding")
    assert rows["sequence"].str.len_bytes().to_list() == [36]


def test_the_card_warns_of_a_species_that_is_much_of_a_split(builds):
    page = (builds["off"] / "README.md").read_text()
    assert "Species with a large share of a split:" in page

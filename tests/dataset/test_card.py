"""The card: its numbers are those of the files, and `datasets` loads every config that it lists."""

import shutil

import polars as pl
import pytest
import yaml
from support.each import each
from support.stages import published

from dnacorpus.dataset.card import configs_block, size_category, text
from dnacorpus.dataset.croissant import croissant
from dnacorpus.dataset.statistics import Dataset
from dnacorpus.schemas.curation import AUDIT
from dnacorpus.schemas.pairs import CONFIGS
from dnacorpus.storage import ledger


def front_matter(dataset) -> dict:
    text = (dataset / "README.md").read_text(encoding="utf-8")
    assert text.startswith("---\n")
    return yaml.safe_load(text.split("---\n")[1])


@pytest.fixture(scope="module")
def body(built) -> str:
    return (built / "dataset" / "README.md").read_text(encoding="utf-8").split("---\n", 2)[2]


def test_the_front_matter_is_what_the_hub_reads(built):
    header = front_matter(built / "dataset")
    assert header["license"] == "other"
    assert header["language"] == ["en"]
    assert header["size_categories"] == ["n<1K"]
    assert [entry["config_name"] for entry in header["configs"] if entry.get("default")] == ["pairs"]


def test_every_config_over_all_and_each_division_and_only_splits_that_exist(built):
    dataset = built / "dataset"
    named = {entry["config_name"]: entry["data_files"] for entry in front_matter(dataset)["configs"]}
    folders = {path.parent.relative_to(dataset / "data") for path in (dataset / "data").rglob("*.parquet")}
    assert set(named) == {f"{f.parts[0]}-{f.parts[1]}" for f in folders} | {f.parts[0] for f in folders}
    covered: dict[str, set] = {}
    for name, files in each(named.items()):
        for item in each(files):
            found = {path.relative_to(dataset) for path in dataset.glob(item["path"])}
            assert found, f"{name} names a split without files: {item}"
            assert {path.name.split("-")[0] for path in found} == {item["split"]}
            covered.setdefault(name, set()).update(found)
    for name, found in each(covered.items()):
        config, _, division = name.partition("-")
        assert found == {p.relative_to(dataset) for p in (dataset / "data" / config / division).rglob("*.parquet")}


def test_datasets_loads_every_config_and_split_that_is_named(built, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    dataset = built / "dataset"
    for entry in each(front_matter(dataset)["configs"]):
        name = entry["config_name"]
        config, _, division = name.partition("-")
        rows = published(dataset, config).filter(pl.col("file").str.contains(f"/{division}/") | pl.lit(not division))
        for item in each(entry["data_files"]):
            loaded = datasets.load_dataset(str(dataset), name, split=item["split"], cache_dir=str(tmp_path / "cache"))
            expected = rows.filter(pl.col("split") == item["split"])
            assert sorted(loaded["accession"]) == sorted(expected["accession"])


def test_two_datasets_of_one_folder_name_are_not_taken_for_one_another(built, tmp_path, monkeypatch):
    """The cache of ``datasets`` knows a local dataset by its last folder's name and by the card's header alone."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    first, second = built / "dataset", tmp_path / "dataset"
    shutil.copytree(first, second)
    rows = published(first, "pairs")
    whole = next(entry for entry in front_matter(first)["dataset_info"] if entry["config_name"] == "pairs")
    assert whole["download_size"] == sum(path.stat().st_size for path in (first / "data" / "pairs").rglob("*.parquet"))
    # The second one is another build: fewer rows in its only train file, and a card that says how large it is.
    path, *others = sorted((second / "data" / "pairs").rglob("train-*.parquet"))
    pl.read_parquet(path).head(1).write_parquet(path)
    for other in others:
        other.unlink()
    header = front_matter(second)
    next(entry for entry in header["dataset_info"] if entry["config_name"] == "pairs")["download_size"] -= 1
    (second / "README.md").write_text(f"---\n{yaml.safe_dump(header)}---\n")
    cache = str(tmp_path / "cache")
    loaded = [datasets.load_dataset(str(d), "pairs", split="train", cache_dir=cache) for d in (first, second)]
    assert len(loaded[0]) == len(rows.filter(split="train"))
    assert len(loaded[1]) == 1


def test_a_division_without_a_split_is_named(body):
    assert "- `plant` has no validation rows." in body
    assert "- `plastid` has no validation and no test rows." in body
    assert "- `protozoa` has no train and no validation and no test rows." in body
    assert "`viral` has no train and no test rows." in body


def test_the_tables_count_what_is_published(built, body):
    pairs, records = published(built / "dataset", "pairs"), published(built / "dataset", "records")
    for division in ("plant", "plastid", "protozoa", "viral"):
        mine = records.filter(pl.col("division") == division)
        rows = pairs.filter(pl.col("division") == division)
        species = mine["species"].drop_nulls().n_unique()
        assert f"| {division} | {len(mine):,} | {mine['length'].sum():,} | {len(rows):,} | {species:,} |" in body
    for split in ("train", "validation", "test"):
        rows = pairs.filter(pl.col("split") == split)
        species = records.filter(pl.col("split") == split)["species"].drop_nulls().n_unique()
        bases = rows["sequence"].str.len_bytes().sum()
        assert f"| {split} | {len(rows):,} | {bases:,} | {species:,} |" in body


def test_release_divisions_and_ledger_are_in_the_card(body):
    assert "RefSeq release 7; Plants, Plastids, Protozoa, Viruses." in body
    assert "1 excluded (accession_conflict), 900 bases" in body
    assert "No species appears in more than one split." in body
    assert "{" not in body.replace("{split}", "{"), "a field of the template was left"


def test_no_configs_block_of_nothing():
    assert configs_block([]) == []


@pytest.mark.parametrize(
    ("rows", "category"),
    [
        (0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (9_999, "1K<n<10K"), (10_000, "10K<n<100K"),
        (999_999, "100K<n<1M"), (1_000_000, "1M<n<10M"), (10**9, "1B<n<10B"), (10**12 - 1, "100B<n<1T"),
        (10**12, "n>1T"), (10**15, "n>1T"),
    ],
)  # fmt: skip
def test_size_categories_are_the_hubs(rows, category):
    assert size_category(rows) == category


@pytest.mark.parametrize(
    ("releases", "sources"),
    [
        (["assemblies"], "NCBI assemblies"),
        (["assemblies", "local", "nuccore"], "NCBI assemblies, files of its own, records of NCBI Nucleotide"),
        (["assemblies", "236"], "RefSeq release 236, NCBI assemblies"),
    ],
)
def test_sources_other_than_a_release_are_named(releases, sources, tmp_path):
    config = {"divisions": ["mine"], "splits": {"unit": "species"}, "biosafety": {"policy": "off", "max_overlap": 0.3}}
    entries = ledger.merge([ledger.entry("mine", "mine.1", "record", "in", count=1, bases=9)])
    page = text(releases, Dataset(tmp_path, config, (), entries), pl.DataFrame(AUDIT.empty_table()))
    assert f"DNA sequences paired with text that describes them. Sources: {sources}; mine." in page
    assert "RefSeq release assemblies" not in page
    assert "SIMULATED" not in page
    assert f"from {sources}." in croissant(releases, CONFIGS)["description"]

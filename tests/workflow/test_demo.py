"""What `make demo` builds, but for the training: the truth holds in the published dataset, and all readers read it."""

import subprocess
from pathlib import Path

import duckdb
import polars as pl
import pytest
from datasets import load_dataset
from support.each import each
from support.example import BASES, SEED, example_row
from support.repository import REPOSITORY
from support.workflow import NO_TRAINING, SNAKEMAKE, environment, jobs, ledger

from dnacorpus.simulate.release import simulate

pytestmark = pytest.mark.workflow


def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SNAKEMAKE, "--cores", "2", "--configfile", str(REPOSITORY / "config" / "demo.yaml"), "--config", NO_TRAINING],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    truth = simulate(folder / "results" / "demo" / "simulated", BASES, SEED)
    done = demo(folder)
    assert done.returncode == 0, done.stdout
    return folder, truth, done.stdout


@pytest.fixture(scope="module")
def dataset(built):
    return built[0] / "results" / "demo" / "dataset"


def test_it_is_small_and_a_second_call_does_nothing(built):
    folder, _, output = built
    assert sum(jobs(output).values()) <= 62
    assert jobs(demo(folder).stdout) == {}


def test_every_planted_case_met_its_fate(built, dataset):
    index = pl.read_parquet(dataset / "index" / "accessions.parquet")
    entries = pl.read_parquet(dataset / "ledger.parquet").filter(pl.col("unit") == "record")
    fates = {(row["division"], row["accession"], row["status"], row["reason"] or "") for row in index.to_dicts()}
    for case in each(built[1]["planted"]):
        status, reason = case["status"], case["reason"] or ""
        if case["accession"] is None:
            found = entries.filter((pl.col("part") == case["part"]) & (pl.col("reason") == reason))
            assert found["count"].sum() > 0, case
        else:
            assert (case["division"], case["accession"], status, reason) in fates, case


def test_nothing_else_was_lost(built, dataset):
    planned = [case for case in built[1]["planted"] if case["status"] in ("rejected", "excluded", "duplicate")]
    entries = ledger(dataset)
    for status in ("rejected", "excluded", "duplicate"):
        lost = sum(
            count
            for (unit, found, reason), count in entries.items()
            if (unit, found) == ("record", status) and reason != "biosafety"
        )
        assert lost == sum(case["status"] == status for case in planned), status


def test_viruses_of_eukaryotes_are_left_out_and_phages_are_not(built, dataset):
    kinds = {species["organism"]: species["kind"] for species in built[1]["species"]}
    taxa = pl.read_parquet(dataset / "index" / "taxa.parquet").filter(pl.col("rank") == "taxid")
    rows = [row for row in taxa.to_dicts() if row["organism"] in kinds]
    fates = {(kinds[row["organism"]], row["status"], row["reason"] or "") for row in rows}
    assert {(status, reason) for kind, status, reason in fates if kind == "virus"} == {("excluded", "biosafety")}
    assert {kind for kind, _, reason in fates if reason == "biosafety"} == {"virus"}
    assert ("phage", "kept", "") in fates


def test_no_held_out_row_is_nearly_in_train(dataset):
    audit = pl.read_parquet(dataset / "audit.parquet")
    held_out = pl.concat(
        pl.read_parquet(dataset / "data" / "pairs" / "*" / f"{split}-*.parquet", columns=["pair_id"])
        for split in ("validation", "test")
    )
    assert sorted(audit["pair_id"]) == sorted(held_out["pair_id"])
    assert 0 < audit["share"].max() <= 0.3


def test_all_splits_are_there_and_datasets_polars_and_duckdb_read_the_same(dataset):
    for split in ("train", "validation", "test"):
        files = dataset / "data" / "pairs" / "*" / f"{split}-*.parquet"
        rows = load_dataset(str(dataset), "pairs", split=split)
        assert len(rows) == pl.scan_parquet(files).select(pl.len()).collect().item() > 0
        assert duckdb.sql(f"SELECT count(*) FROM '{files}'").fetchall() == [(len(rows),)]
    papers = load_dataset(str(dataset), "papers", split="train")
    assert {row["license"] for row in papers if row["abstract"]} <= {"CC0-1.0", "CC-BY-4.0", "CC-BY", "CC0"}


def test_it_says_that_it_is_simulated(built, dataset):
    assert "SIMULATED" in (dataset / "README.md").read_text()
    assert "SIMULATED" in (built[0] / "results" / "demo" / "report" / "index.html").read_text().upper()
    texts = pl.read_parquet(dataset / "data" / "pairs" / "*" / "train-*.parquet").filter(pl.col("kind") == "record")
    assert texts["text"].str.contains("Simulated").all()


def test_the_row_of_the_readme_is_one_of_them(dataset):
    rows = pl.read_parquet(dataset / "data" / "pairs" / "*" / "*.parquet")
    (row,) = rows.filter(pl.col("pair_id") == example_row()["pair_id"]).to_dicts()
    assert (row["text"], row["sequence"]) == (example_row()["text"], example_row()["sequence"])

"""The Croissant description, read by MLCommons' own library."""

import json
import logging

import mlcroissant
import polars as pl
import pytest
from support.each import each

from dnacorpus.dataset.croissant import croissant
from dnacorpus.schemas.pairs import CONFIGS


@pytest.fixture
def described(built, monkeypatch, caplog):
    monkeypatch.chdir(built / "dataset")
    with caplog.at_level(logging.ERROR):
        return mlcroissant.Dataset("croissant.json")


def test_it_is_valid(described):
    assert list(described.metadata.ctx.issues.errors) == []


@pytest.mark.parametrize("config", ["records", "pairs"])
def test_its_records_are_the_rows(described, built, config):
    rows = pl.concat(pl.read_parquet(path) for path in sorted((built / "dataset" / "data" / config).rglob("*.parquet")))
    found = sorted(record[f"{config}/accession"].decode() for record in described.records(config))
    assert found == sorted(rows["accession"])


def test_every_column_is_described(built):
    page = json.loads((built / "dataset" / "croissant.json").read_text())
    for records in each(page["recordSet"]):
        names = [field["name"].split("/")[1] for field in records["field"]]
        assert names == CONFIGS[records["name"]].names
        assert all(field["description"] for field in each(records["field"]))


@pytest.mark.parametrize(
    ("releases", "version"),
    [
        (["236", "236"], "236.0.0"),
        (["assemblies", "nuccore", "local"], "0.0.0"),
        (["9", "10", "local"], "10.0.0"),
        (["0"], "0.0.0"),
    ],
)
def test_the_version_is_the_number_of_the_release_or_none(releases, version):
    page = croissant(releases, CONFIGS)
    assert page["version"] == version

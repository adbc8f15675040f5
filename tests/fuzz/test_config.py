"""Damaged configs and phrasings: each is accepted, or refused in one line that a person can act on."""

from pathlib import Path

import pytest
from hypothesis import given
from support.fuzzing import TEXT, YAML, bounded, damaged, examples
from support.repository import REPOSITORY

from dnacorpus.config.resolved import Config
from dnacorpus.text.templates import Templates

CONFIGS = [
    path.read_bytes()
    for path in sorted([*(REPOSITORY / "config").glob("*.yaml"), *(REPOSITORY / "config" / "examples").glob("*.yaml")])
]
PHRASINGS = b"""[clause."record.gc"]
replace = true
phrasings = ["The share of {gc} is that of G and C.", "Its share of G and C is {gc}."]

[clause."gene.code"]
phrasings = ["Codons are read by table {table}."]
"""
# Python's TOML reader takes quadratic time for a key of thousands of dots; the file is the user's own.
PHRASING_DAMAGES = {name: mutation for name, mutation in TEXT.items() if name != "lengthen"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config")


@examples(150)
@given(data=damaged(CONFIGS, YAML))
def test_a_damaged_config(folder: Path, data: bytes) -> None:
    path = folder / "config.yaml"
    path.write_bytes(data)
    with bounded():
        config = Config.load(path)
        config.shaping()
        assert config.divisions == sorted(config.divisions)


@examples(150)
@given(data=damaged([PHRASINGS], PHRASING_DAMAGES))
def test_a_damaged_file_of_phrasings(folder: Path, data: bytes) -> None:
    path = folder / "phrasings.toml"
    path.write_bytes(data)
    with bounded():
        Templates.load(path)

"""The config as the stages read it, and what of it is published."""

from pathlib import Path

import pytest
import yaml
from support.settings import values

from dnacorpus.config.resolved import Config
from dnacorpus.errors import UsageError


def config(tmp_path: Path, **changes: object) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(values(**changes)), encoding="utf-8")
    return Config.load(path)


def test_custom_divisions_stand_among_the_others_in_order(tmp_path):
    own = [{"name": "zika", "path": "z.gb"}, {"name": "human", "taxon": 9606}]
    built = config(tmp_path, divisions=["viral", "plastid"], custom_divisions=own)
    assert built.divisions == ["human", "plastid", "viral", "zika"]
    assert built.custom_division("human") == {"name": "human", "taxon": 9606}
    assert built.custom_division("viral") is None


def test_a_config_of_an_earlier_version_names_the_way_to_renew_it(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(values() | {"mirrors": "m"}), encoding="utf-8")
    with pytest.raises(UsageError, match=rf"{path}: .*'mirrors'.*; run snakemake again, which writes this file$"):
        Config.load(path)


def test_no_path_of_this_machine_is_published(tmp_path):
    own = [
        {"name": "zika", "path": "/home/me/z.gb"},
        {"name": "listed", "accessions": "/home/me/list.txt"},
        {"name": "named", "accessions": ["NC_012920.1"]},
        {"name": "human", "taxon": "Homo sapiens", "assemblies": {"assembly_level": "Chromosome"}},
    ]
    shaping = config(
        tmp_path, custom_divisions=own, catalog="/home/me/catalog", taxonomy="/home/me/taxdump.tar.gz"
    ).shaping()
    assert "/home/me" not in yaml.safe_dump(shaping)
    assert shaping["custom_divisions"] == [
        {"name": "human", "taxon": "Homo sapiens", "assemblies": {"assembly_level": "Chromosome"}},
        {"accessions": "local", "name": "listed"},
        {"accessions": ["NC_012920.1"], "name": "named"},
        {"name": "zika", "path": "local"},
    ]


def test_a_pinned_catalog_is_a_folder_or_none(tmp_path):
    assert config(tmp_path).pinned is None
    assert config(tmp_path, catalog="pins").pinned == Path("pins")

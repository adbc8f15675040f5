"""The resolved config as the stages read it, and what of it is published."""

from pathlib import Path

import pytest
import yaml
from conftest import REPOSITORY

from dnacorpus.config.checks import refuse_contradictions, refuse_secrets
from dnacorpus.config.resolved import Config
from dnacorpus.errors import UsageError


def config(tmp_path: Path, **changes: object) -> Config:
    values = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text(encoding="utf-8"))
    for key, value in changes.items():
        values[key] = {**values[key], **value} if isinstance(value, dict) else value
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return Config.load(path)


def test_custom_divisions_stand_among_the_others_in_order(tmp_path):
    own = [{"name": "zika", "path": "z.gb"}, {"name": "human", "taxon": 9606}]
    built = config(tmp_path, divisions=["viral", "plastid"], custom_divisions=own)
    assert built.divisions == ["human", "plastid", "viral", "zika"]
    assert built.custom_division("human") == {"name": "human", "taxon": 9606}
    assert built.custom_division("viral") is None


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


def test_a_species_may_be_in_one_list_only(tmp_path):
    lists = {"always_train": ["Homo sapiens"], "always_validation": [], "always_test": ["Homo sapiens"]}
    with pytest.raises(UsageError, match="found Homo sapiens in two"):
        _ = config(tmp_path, splits=lists).splits


def test_a_pinned_catalog_is_a_folder_or_none(tmp_path):
    assert config(tmp_path).pinned is None
    assert config(tmp_path, catalog="pins").pinned == Path("pins")


def test_a_mirror_alone_makes_a_config_for_fetch_and_catalog():
    alone = Config.of_mirror("release", "me@example.org")
    assert (alone["mirror"], alone["contact"], alone.pinned) == ("release", "me@example.org", None)
    assert alone.custom_division("viral") is None
    with pytest.raises(UsageError, match=r"command line: config key 'shards\.group_bytes'"):
        _ = alone["shards.group_bytes"]


def values(**changes: object) -> dict:
    return yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text(encoding="utf-8")) | changes


@pytest.mark.parametrize("url", ["http://me:pw@host/", "HTTP://me@host/x", "https://h/?token=pw", "https://h/a?b#c"])
@pytest.mark.parametrize("key", ["mirror", "taxonomy", "services"])
def test_a_url_with_a_secret_is_refused_without_being_said(key, url):
    changed = values(**{key: {"pubmed": url} if key == "services" else url})
    with pytest.raises(UsageError, match=f"{key}.*netrc") as failure:
        refuse_secrets(changed)
    assert "pw" not in str(failure.value)
    assert "me@" not in str(failure.value)
    refuse_secrets(values(**{key: "https://host/a@b/"}))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"divisions": []}, "found none"),
        ({"divisions": ["viral"], "custom_divisions": [{"name": "viral", "path": "x"}]}, "different names"),
        ({"splits": {"validation": 0.5, "test": 0.5}}, "leave less than"),
        ({"pairs": values()["pairs"] | {"flank": 65532}}, "pairs.flank 65532: .*, 10, of pairs.max_bases, found 8;"),
        ({"mirror": "nowhere"}, "a folder with RELEASE_NUMBER"),
        ({"catalog": "results/refseq/catalog"}, "this build's own"),
        ({"catalog": "./results/../results/refseq/catalog/"}, "this build's own"),
    ],
)
def test_contradictions_are_refused(changes, complaint):
    refuse_contradictions(values())
    refuse_contradictions(values(pairs=values()["pairs"] | {"flank": 65531}))
    with pytest.raises(UsageError, match=complaint):
        refuse_contradictions(values(**changes))

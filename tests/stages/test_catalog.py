"""The catalog stage: which catalog a division of a build gets, that of the release, a custom one or the pinned one."""

from pathlib import Path

import pytest
import yaml
from support.settings import values
from support.stages import release

from dnacorpus.config.build import Build
from dnacorpus.errors import UsageError
from dnacorpus.stages import catalog
from dnacorpus.storage.catalog import read_parts


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return release(tmp_path / "mirror")


def build(root: Path, mirror: Path, **changes: object) -> Build:
    root.mkdir()
    (root / "config.yaml").write_text(yaml.safe_dump(values(mirror=str(mirror), **changes)))
    return Build.open(root)


def test_a_division_of_the_release_has_its_files_in_the_groups_of_the_config(tmp_path, mirror):
    one = build(tmp_path / "results", mirror, divisions=["viral"], shards={"group_bytes": 1})
    catalog.run(one, "viral", one.results.catalog("viral"))
    assert one.results.groups("viral") == {"00000": ["viral.1"], "00001": ["viral.2"]}


def test_a_build_and_a_mirror_without_a_build_give_the_same_catalog(tmp_path, mirror):
    one = build(tmp_path / "results", mirror, divisions=["viral"], shards={"group_bytes": 1})
    catalog.run(one, "viral", tmp_path / "build.tsv")
    catalog.run_on_mirror(str(mirror), "viral", 1, tmp_path / "mirror.tsv")
    assert (tmp_path / "build.tsv").read_bytes() == (tmp_path / "mirror.tsv").read_bytes()


def test_a_custom_division_has_its_own_files(tmp_path, mirror):
    (tmp_path / "mine.gb").write_text("LOCUS\n")
    entry = {"name": "mine", "path": str(tmp_path / "mine.gb")}
    one = build(tmp_path / "results", mirror, divisions=["viral"], custom_divisions=[entry])
    catalog.run(one, "mine", one.results.catalog("mine"))
    assert [row["file"] for row in read_parts(one.results.catalog("mine"))] == ["mine.gb"]


def test_a_pinned_catalog_is_copied_byte_for_byte_whatever_the_groups_of_the_config(tmp_path, mirror):
    first = build(tmp_path / "first", mirror, divisions=["viral"], shards={"group_bytes": 1})
    catalog.run(first, "viral", first.results.catalog("viral"))
    pinned = str(first.results.root / "catalog")
    second = build(tmp_path / "second", mirror, divisions=["viral"], shards={"group_bytes": 10**9}, catalog=pinned)
    catalog.run(second, "viral", second.results.catalog("viral"))
    assert second.results.catalog("viral").read_bytes() == first.results.catalog("viral").read_bytes()
    with pytest.raises(UsageError, match=r"plant\.tsv: expected the pinned catalog of plant"):
        catalog.run(second, "plant", second.results.catalog("plant"))

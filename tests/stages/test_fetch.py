"""The fetch stage: the files of a part of a build; a pinned file that is gone leaves a tombstone."""

import json
from pathlib import Path

import pytest
import yaml
from support.settings import values
from support.stages import release

from dnacorpus.config.build import Build
from dnacorpus.errors import UsageError
from dnacorpus.stages import catalog, fetch


def build(root: Path, mirror: Path, **changes: object) -> Build:
    root.mkdir()
    settings = values(mirror=str(mirror), divisions=["viral"], shards={"group_bytes": 1}, **changes)
    (root / "config.yaml").write_text(yaml.safe_dump(settings))
    one = Build.open(root)
    catalog.run(one, "viral", one.results.catalog("viral"))
    return one


def described(folder: Path) -> list[tuple[str, str]]:
    listing = json.loads((folder / "part.json").read_text())
    return [(file["file"], file["status"]) for file in listing["files"]]


def test_a_build_and_a_mirror_without_a_build_fetch_the_same(tmp_path):
    mirror = release(tmp_path / "mirror")
    one = build(tmp_path / "results", mirror)
    fetch.run(one, one.results.catalog("viral"), "viral.1", one.results.raw("viral", "viral.1"))
    fetch.run_on_mirror(str(mirror), one.results.catalog("viral"), "viral.1", tmp_path / "raw")
    assert described(one.results.raw("viral", "viral.1")) == described(tmp_path / "raw") == [
        ("viral.1.genomic.gbff.gz", "ok")
    ]  # fmt: skip


def test_a_file_that_the_mirror_lacks_is_damage_or_under_a_pinned_catalog_gone(tmp_path):
    mirror = release(tmp_path / "mirror")
    first = build(tmp_path / "first", mirror)
    pinned = build(tmp_path / "second", mirror, catalog=str(first.results.root / "catalog"))
    (mirror / "viral" / "viral.1.genomic.gbff.gz").unlink()
    for one, status in ((first, "unreadable"), (pinned, "gone")):
        raw = one.results.raw("viral", "viral.1")
        fetch.run(one, one.results.catalog("viral"), "viral.1", raw)
        assert described(raw) == [("viral.1.genomic.gbff.gz", status)]


def test_a_part_that_the_catalog_lacks_is_refused(tmp_path):
    one = build(tmp_path / "results", release(tmp_path / "mirror"))
    with pytest.raises(UsageError, match=r"part 'viral\.7': expected one of the 2 parts"):
        fetch.run(one, one.results.catalog("viral"), "viral.7", tmp_path / "raw")

"""The taxonomy stage: the tables of a build, and the description beside the catalogs that pins its taxdump."""

from pathlib import Path

import pytest
import yaml
from support import taxdumps
from support.each import each
from support.settings import values

from dnacorpus.config.build import Build
from dnacorpus.errors import UsageError
from dnacorpus.stages import taxonomy


def build(root: Path, taxdump: str, catalog: str = "") -> Build:
    root.mkdir()
    (root / "config.yaml").write_text(yaml.safe_dump(values(taxonomy=taxdump, catalog=catalog)))
    return Build.open(root)


def test_the_description_of_the_taxdump_is_beside_the_catalogs_too(tmp_path):
    one = build(tmp_path / "one", str(taxdumps.folder(tmp_path / "dump")))
    taxonomy.run(one, one.results.taxonomy())
    pin = one.results.pinned_taxonomy()
    assert pin.read_bytes() == (one.results.taxonomy() / "taxonomy.json").read_bytes()
    again = build(tmp_path / "again", str(tmp_path / "dump"), catalog=str(pin.parent))
    taxonomy.run(again, again.results.taxonomy())
    for path in each(one.results.taxonomy().iterdir()):
        assert (again.results.taxonomy() / path.name).read_bytes() == path.read_bytes()


def test_another_taxdump_than_the_pinned_one_is_refused(tmp_path):
    one = build(tmp_path / "one", str(taxdumps.folder(tmp_path / "dump")))
    taxonomy.run(one, one.results.taxonomy())
    other = build(tmp_path / "other", "none", catalog=str(one.results.pinned_taxonomy().parent))
    with pytest.raises(UsageError, match=r"taxonomy: expected .* by .*taxonomy\.json"):
        taxonomy.run(other, other.results.taxonomy())
    assert not other.results.taxonomy().exists()


def test_catalogs_without_a_description_of_a_taxdump_pin_none(tmp_path):
    (tmp_path / "pinned").mkdir()
    one = build(tmp_path / "one", str(taxdumps.folder(tmp_path / "dump")), catalog=str(tmp_path / "pinned"))
    taxonomy.run(one, one.results.taxonomy())
    assert (one.results.taxonomy() / "taxa.parquet").is_file()

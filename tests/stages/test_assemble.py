"""Assemble and check: names, links, manifest, ledger, the same bytes again; builds of which nothing is left."""

import errno
import hashlib
import json
import os
import shutil

import polars as pl
import pyarrow.parquet as pq
import pytest
from support import taxdumps
from support.each import each
from support.smallrelease import PLANTS, plain
from support.stages import DIVISIONS, TRAIN, build, published, release, texts
from support.workflow import digests

from dnacorpus.config.build import Build
from dnacorpus.dataset.verify import verify
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.parts import LEDGER
from dnacorpus.sources.taxdump import IN_MIRROR
from dnacorpus.stages import assemble, check
from dnacorpus.stages.assemble import numbered
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results


def manifest(dataset) -> dict:
    return json.loads((dataset / "manifest.json").read_text())


def test_shards_are_numbered_over_the_groups_that_have_rows(built):
    names = {path.relative_to(built / "dataset").as_posix() for path in (built / "dataset" / "data").rglob("*.parquet")}
    assert {name for name in names if name.startswith("data/pairs/")} == {
        "data/pairs/plant/train-00000-of-00002.parquet",
        "data/pairs/plant/train-00001-of-00002.parquet",
        "data/pairs/plant/test-00000-of-00001.parquet",
        "data/pairs/plastid/train-00000-of-00001.parquet",
        "data/pairs/viral/validation-00000-of-00001.parquet",
    }
    assert {shard.entry.path for shard in numbered(Results(built), DIVISIONS)} == names


def test_shards_are_links_to_what_the_groups_hold(built):
    for shard in each(numbered(Results(built), DIVISIONS)):
        assert (built / "dataset" / shard.entry.path).stat().st_ino == shard.source.stat().st_ino


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EPERM, errno.EMLINK])
def test_where_links_are_refused_shards_are_copied(built, tmp_path, monkeypatch, code):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("os.link", refuse)
    assemble.run(Build.open(built), tmp_path / "dataset")
    assert digests(tmp_path / "dataset") == digests(built / "dataset")
    for shard in each(numbered(Results(built), DIVISIONS)):
        assert (tmp_path / "dataset" / shard.entry.path).stat().st_ino != shard.source.stat().st_ino


def test_the_manifest_lists_every_file_but_itself(built):
    dataset = built / "dataset"
    listed = {file["path"]: (file["bytes"], file["sha256"]) for file in manifest(dataset)["files"]}
    present = [path for path in dataset.rglob("*") if path.is_file() and path.name != "manifest.json"]
    assert listed == {
        path.relative_to(dataset).as_posix(): (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in present
    }
    assert list(listed) == sorted(listed)


def test_the_manifest_names_inputs_config_and_versions_and_nothing_of_the_run(built):
    found = manifest(built / "dataset")
    assert set(found) == {"config", "files", "format", "inputs", "ledger", "versions"}
    assert {entry["file"] for entry in found["inputs"]} == set(texts())
    for entry in each(found["inputs"]):
        content = (built.parent / "mirror" / entry["division"] / entry["file"]).read_bytes()
        assert (entry["md5"], entry["bytes"]) == (hashlib.md5(content).hexdigest(), len(content))
        assert (entry["release"], entry["status"]) == ("7", "ok")
    assert set(found["config"]) == {
        "audit", "biosafety", "custom_divisions", "decontamination", "dedup", "divisions", "pairs", "papers",
        "passages", "qa", "seed", "shards", "splits", "windows",
    }  # fmt: skip
    text = (built / "dataset" / "manifest.json").read_text() + (built / "dataset" / "README.md").read_text()
    for word in ("mirror", "unused", "results", str(built.parent), "contact"):
        assert word not in text, word


def test_the_ledger_balances_and_counts_what_is_published(built):
    entries = pl.read_parquet(built / "dataset" / "ledger.parquet")
    signed = entries.with_columns(pl.when(pl.col("status") == "in").then(1).otherwise(-1).alias("sign"))
    sums = signed.group_by("part", "unit").agg((pl.col("count", "bases") * pl.col("sign")).sum())
    assert sums.filter((pl.col("count") != 0) | (pl.col("bases") != 0)).is_empty()
    summed = entries.group_by(pl.concat_str("unit", "status", separator=" ")).agg(pl.col("count").sum())
    counts = dict(summed.iter_rows())
    assert counts["file in"] == 7
    assert counts["record in"] == 14
    assert (counts["record kept"], counts["record duplicate"]) == (9, 2)
    assert (counts["record excluded"], counts["record rejected"]) == (2, 1)
    told = manifest(built / "dataset")
    assert counts["row kept"] == sum(file["rows"] for file in told["files"] if file.get("config") == "pairs")
    totals = {(row["unit"], row["status"], row["reason"]): row["count"] for row in told["ledger"]}
    assert totals["record", "rejected", "bad_locus"] == 1
    assert totals["row", "excluded", "leak"] == 1
    assert (totals["species", "kept", "name"], totals["species", "excluded", "no_species"]) == (12, 1)
    assert set(entries["part"]) == {name.split(".genomic")[0] for name in texts()}


@pytest.mark.parametrize(
    "table", ["tables/plant/plant.1/ledger.parquet", "pairs/viral/viral.1/ledger.parquet", "decisions/plastid.parquet"]
)
def test_books_that_do_not_balance_end_the_stage_and_leave_no_dataset(built, tmp_path, table):
    root = tmp_path / "results"
    shutil.copytree(built, root)
    shutil.rmtree(root / "dataset")
    whole = pq.ParquetFile(root / table).read()
    pq.write_table(whole.slice(1), root / table)
    with pytest.raises(CorpusError, match="does not balance"):
        assemble.run(Build.open(root), root / "dataset")
    assert not (root / "dataset").exists()
    assert list(root.glob(".dataset*")) == []


def test_every_file_is_the_same_again_with_parts_and_divisions_in_another_order(built, tmp_path):
    mirror = shutil.copytree(built.parent / "mirror", tmp_path / "other" / "copy")
    dataset = build(tmp_path / "elsewhere", mirror, turned=True, name="another", contact="a@b.example")
    assert digests(dataset) == digests(built / "dataset")


def test_assembled_again_in_place_it_stays(built, tmp_path):
    root = shutil.copytree(built, tmp_path / "results")
    before = digests(root / "dataset")
    (root / "dataset" / "data" / "left over.parquet").write_bytes(b"x")
    assemble.run(Build.open(root), root / "dataset")
    assert digests(root / "dataset") == before


def test_the_manifest_pins_the_taxdump_and_its_species_reach_the_shards(built, tmp_path):
    mirror = shutil.copytree(built.parent / "mirror", tmp_path / "mirror")
    nodes = [
        (1, 1, "no rank", "root"),
        (7, 1, "species", "Arabidopsis of the taxonomy"),
        (1020, 7, "subspecies", TRAIN),
    ]
    archive = taxdumps.tar_gz(mirror / IN_MIRROR, taxdumps.files(nodes, [], [(5, 7)]))
    dataset = build(tmp_path / "results", mirror, taxonomy="auto")
    assert manifest(dataset)["taxonomy"] == {
        "file": "new_taxdump.tar.gz",
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "md5": hashlib.md5(archive.read_bytes()).hexdigest(),
        "taxa": 3,
        "merged": 1,
    }
    assert verify(dataset)["rows"] > 0
    for config in ("records", "pairs"):
        rows = published(dataset, config).filter(pl.col("organism") == TRAIN)
        assert set(rows["species"]) == {"Arabidopsis of the taxonomy"}
        assert set(rows["species_taxid"]) == {7}
    assert "kept (taxonomy)" in (dataset / "README.md").read_text()
    assert "taxonomy" not in manifest(built / "dataset"), "none is not pinned"
    none = build(tmp_path / "none", mirror, taxonomy="none")
    assert digests(none) == digests(built / "dataset")


def test_a_release_of_which_nothing_is_kept_gives_an_empty_dataset(tmp_path):
    files = {name: text for name, text in texts().items() if name.startswith("protozoa")}
    dataset = build(tmp_path / "results", release(tmp_path / "mirror", files), ["protozoa"])
    assert not (dataset / "data").exists()
    assert (verify(dataset)["rows"], verify(dataset)["bases"]) == (0, 0)
    text = (dataset / "README.md").read_text()
    assert "configs:" not in text
    assert "- `protozoa` has no train and no validation and no test rows." in text
    assert pl.read_parquet(dataset / "index" / "accessions.parquet")["status"].to_list() == ["excluded", "rejected"]


def test_a_release_without_any_record_gives_an_empty_dataset(tmp_path):
    files = {"plant.1.genomic.gbff.gz": "", "viral.1.genomic.gbff.gz": ""}
    dataset = build(tmp_path / "results", release(tmp_path / "mirror", files), ["plant", "viral"])
    assert verify(dataset)["rows"] == 0
    check.run(Build.open(dataset.parent), tmp_path / "summary.txt", lambda _: None)
    assert "0 records in" in (tmp_path / "summary.txt").read_text()


def test_one_record_that_is_kept_beside_an_empty_division(tmp_path):
    files = {"plant.1.genomic.gbff.gz": "", "viral.1.genomic.gbff.gz": plain("NC_000001.1", TRAIN, PLANTS)}
    dataset = build(tmp_path / "results", release(tmp_path / "mirror", files), ["plant", "viral"])
    assert verify(dataset)["rows"] == 1 + 5 + 1 + 3


def test_check_says_the_totals_and_writes_them(built, tmp_path):
    said: list[str] = []
    check.run(Build.open(built), tmp_path / "summary.txt", said.append)
    assert "14 records in, 11,700 bases" in said[0]
    assert said[1].startswith("the ledger balances")
    assert (tmp_path / "summary.txt").read_text() == said[0] + "\n"


def test_accessions_that_nobody_has_stand_in_the_books_as_files_that_are_gone(built, tmp_path):
    root = shutil.copytree(built, tmp_path / "results")
    gone = {"GCF_000000001.1": "replaced by GCF_000000001.2", "NC_000099.1": "suppressed"}
    rows = "".join(f"{accession}\t{detail}\n" for accession, detail in gone.items())
    (root / "catalog" / "viral.gone.tsv").write_text(f"accession\tdetail\n{rows}")
    assemble.run(Build.open(root), root / "dataset")
    entries = pl.read_parquet(root / "dataset" / "ledger.parquet").filter(part="viral.0")
    told = [f"{accession}: {detail}" for accession, detail in gone.items()]
    assert entries.select("division", "unit", "status", "reason", "detail", "count").rows() == [
        ("viral", "file", "in", "", "", 2), *(("viral", "file", "rejected", "gone", detail, 1) for detail in told),
    ]  # fmt: skip
    said: list[str] = []
    check.run(Build.open(root), tmp_path / "summary.txt", said.append)
    assert said[2:] == [f"gone: {detail}" for detail in told]
    assert verify(root / "dataset")["rows"] > 0
    assert "2 rejected (gone)" in (root / "dataset" / "README.md").read_text()
    before, after = ({file["path"]: file["sha256"] for file in manifest(b / "dataset")["files"]} for b in (built, root))
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == {"README.md", "index/accessions.parquet", "ledger.parquet"}


def test_check_names_each_damaged_file_once_and_writes_nothing(built, tmp_path):
    mirror = shutil.copytree(built.parent / "mirror", tmp_path / "mirror")
    for name in ("viral.1", "plant.2"):
        (mirror / name.split(".")[0] / f"{name}.genomic.gbff.gz").write_bytes(b"\x1f\x8bother")
    dataset = build(tmp_path / "results", mirror)
    said: list[str] = []
    with pytest.raises(CorpusError) as caught:
        check.run(Build.open(dataset.parent), tmp_path / "summary.txt", said.append)
    message = str(caught.value)
    assert "2 damaged files" in message
    assert "\n" not in message
    assert "viral.1.genomic.gbff.gz: MD5" in message
    assert "plant.2.genomic.gbff.gz: MD5" in message
    raw = tmp_path / "results" / "raw"
    assert message.endswith(f"--forcerun {raw / 'plant' / 'plant.2'} {raw / 'viral' / 'viral.1'}")
    assert "2 rejected (unreadable)" in said[0]
    assert not (tmp_path / "summary.txt").exists()
    assert verify(dataset)["rows"] > 0, "the rest is a dataset"


def test_check_of_books_that_do_not_balance(built, tmp_path):
    entries = tables.read(built / "dataset" / "ledger.parquet", LEDGER)
    tables.write(tmp_path / "dataset" / "ledger.parquet", LEDGER, entries.slice(1))
    with pytest.raises(CorpusError, match=r"part plant\.1 \(plant\): files in - out = -1"):
        check.run(Build(Results(tmp_path), Build.open(built).config), tmp_path / "summary.txt", lambda _: None)

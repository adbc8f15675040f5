"""Files and accessions that are gone from their source: what they cost, and what the ledger and a build state."""

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.flatfile import fasta, record
from support.servers.hub import HubServer, serve
from support.settings import pair_settings
from support.smallrelease import bases, gene
from support.stages import CONFIG, VALIDATION, collapse_copies, deduplicate, make_pairs, published

from dnacorpus.config.build import Build
from dnacorpus.config.resolved import Config
from dnacorpus.dataset.verify import verify
from dnacorpus.schemas.parts import FEATURES, LEDGER, RECORDS, REJECTS, SEGMENTS
from dnacorpus.sources.part_files import fetch_part
from dnacorpus.stages import assemble, check, parse, publish, shard
from dnacorpus.storage import ledger
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results

FIRST, SECOND = "GCF_000000001.1_ASM1v1", "GCF_000000002.2_ASM2v2"
SINCE = "gone from https://host/genomes/x; replaced by GCF_000000001.2"


def flat(accession: str) -> str:
    return record(accession, bases(accession, 300), [("source", "1..300", [("organism", "Zea mays")]), *gene(1, 9, 90)])


def write(raw: Path, files: dict[str, str | None], details: dict[str, str] | None = None) -> Path:
    """Write a fetched part: name -> text, or None for what is gone (with ``details``: else for what is unreadable)."""
    raw.mkdir()
    listed = []
    for name, text in files.items():
        status, detail = ("ok", "") if text is not None else ("gone", (details or {}).get(name, SINCE))
        if detail.startswith("MD5"):
            status = "unreadable"
        if text is not None:
            (raw / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        kind = next((kind for kind in ("fna", "gff") if f".{kind}" in name), "gbff")
        listed.append({"file": name, "kind": kind, "status": status, "detail": detail, "bytes": None, "md5": None})
    described = {"division": "mine", "part": "mine.1", "release": "assemblies", "files": listed}
    (raw / "part.json").write_text(json.dumps(described))
    return raw


def parsed(raw: Path) -> dict[str, list[dict]]:
    parse.run(raw, raw / "out")
    schemas = {"records": RECORDS, "features": FEATURES, "segments": SEGMENTS, "rejects": REJECTS, "ledger": LEDGER}
    found = {name: tables.read(raw / "out" / f"{name}.parquet", schema).to_pylist() for name, schema in schemas.items()}
    length = sum(row["length"] for row in found["records"])
    fates = [
        ledger.entry("mine", "mine.1", "record", "kept", count=len(found["records"]), bases=length),
        ledger.entry("mine", "mine.1", "feature", "kept", count=len(found["features"])),
    ]
    assert ledger.imbalances(ledger.merge(found["ledger"] + fates)) == []
    return found


def files_of(found: dict[str, list[dict]]) -> list[tuple[str, str, int, str]]:
    rows = [row for row in found["ledger"] if row["unit"] == "file"]
    return [(row["status"], row["reason"], row["count"], row["detail"]) for row in rows]


def books_at(raw: Path):
    return tables.read(raw / "out" / "ledger.parquet", LEDGER)


@pytest.mark.parametrize("gone", ["gbff", "fna"])
def test_one_file_that_is_gone_costs_its_assembly_and_no_other(tmp_path: Path, gone: str) -> None:
    other = {"gbff": "fna", "fna": "gbff"}[gone]
    texts = {"gbff": flat("NC_000001.1"), "fna": fasta(("NC_000001.1", bases("NC_000001.1", 300)))}
    lost, left = f"{FIRST}_genomic.{gone}.gz", f"{FIRST}_genomic.{other}.gz"
    whole = {f"{SECOND}_genomic.gbff.gz": flat("NC_000002.1")}
    raw = write(tmp_path / "raw", {lost: None, left: texts[other]} | whole)
    found = parsed(raw)
    assert [row["accession"] for row in found["records"]] == ["NC_000002.1"]
    assert {row["accession"] for row in found["features"] + found["segments"]} == {"NC_000002.1"}
    told = sorted([f"{lost}: {SINCE}", f"{left}: left out: {lost} is gone"])
    assert files_of(found) == [
        ("in", "", 3, ""), ("kept", "", 1, ""), *(("rejected", "gone", 1, detail) for detail in told),
    ]  # fmt: skip
    assert ledger.gone(books_at(raw)) == [("mine", "mine.1", detail) for detail in told]
    assert ledger.unreadable(books_at(raw)) == []
    alone = write(tmp_path / "alone", whole)
    assert parsed(alone)["records"] == found["records"]


def test_a_flat_file_of_a_pinned_release_that_is_gone_costs_all_files_of_its_part(tmp_path: Path) -> None:
    lost = {"viral.1.genomic.gbff.gz": None}
    kept = {f"viral.1.{n}.genomic.fna.gz": fasta((f"NC_00000{n}.1", "ACGT")) for n in (1, 2)}
    found = parsed(write(tmp_path / "raw", lost | kept))
    assert found["records"] == []
    assert [row[:3] for row in files_of(found)] == [("in", "", 3), ("kept", "", 0), *[("rejected", "gone", 1)] * 3]


def test_an_accession_of_nuccore_that_is_gone_costs_itself(tmp_path: Path) -> None:
    detail = "gone from nuccore; replaced by NC_000009.2"
    files = {"mine.1.genomic.gbff": flat("NC_000001.1") + flat("NC_000002.1"), "NC_000009.1": None, "U00096": None}
    raw = write(tmp_path / "raw", files, {"NC_000009.1": detail, "U00096": "gone from nuccore"})
    found = parsed(raw)
    assert [row["accession"] for row in found["records"]] == ["NC_000001.1", "NC_000002.1"]
    assert files_of(found) == [
        ("in", "", 3, ""), ("kept", "", 1, ""),
        ("rejected", "gone", 1, f"NC_000009.1: {detail}"), ("rejected", "gone", 1, "U00096: gone from nuccore"),
    ]  # fmt: skip


@pytest.mark.parametrize("names", [["mine.1.genomic.gbff", "NC_000001.1"], [f"{FIRST}_genomic.gff.gz"]])
def test_where_all_is_gone_the_tables_are_empty(tmp_path: Path, names: list[str]) -> None:
    raw = write(tmp_path / "raw", dict.fromkeys(names))
    found = parsed(raw)
    assert {name for name, rows in found.items() if rows} == {"ledger"}
    assert files_of(found)[:2] == [("in", "", len(names), ""), ("kept", "", 0, "")]
    assert len(ledger.gone(books_at(raw))) == len(names)


def test_what_is_gone_is_told_beside_what_is_unreadable(tmp_path: Path) -> None:
    bad = f"{SECOND}_genomic.gbff.gz"
    files = {f"{FIRST}_genomic.gbff.gz": None, bad: None, "sample.fna": fasta(("S.1", "ACGT"))}
    raw = write(tmp_path / "raw", files, {bad: "MD5: expected 1 by the catalogue, found 2"})
    found = parsed(raw)
    assert {name for name, rows in found.items() if rows} == {"ledger"}
    assert [row[:3] for row in files_of(found)] == [
        ("in", "", 3), ("kept", "", 1), ("rejected", "unreadable", 1), ("rejected", "gone", 1),
    ]  # fmt: skip
    assert ledger.unreadable(books_at(raw)) == [("mine", "mine.1", f"{bad}: MD5: expected 1 by the catalogue, found 2")]
    assert ledger.gone(books_at(raw)) == [("mine", "mine.1", f"{FIRST}_genomic.gbff.gz: {SINCE}")]


@pytest.fixture(scope="module")
def lacking(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rebuild from the catalogs of `conftest.built` when a file is gone from the mirror, and its dataset."""
    folder = tmp_path_factory.mktemp("lacking")
    mirror = shutil.copytree(built.parent / "mirror", folder / "mirror")
    root = Path(shutil.copytree(built, folder / "results"))
    (mirror / "viral" / "viral.1.genomic.gbff.gz").unlink()
    results, config = Results(root), Config.load(root / "config.yaml")
    for path in (results.raw("viral", "viral.1"), results.tables("viral", "viral.1"), root / "dataset"):
        shutil.rmtree(path)
    fetch_part(str(mirror), root / "catalog" / "viral.tsv", "viral.1", results.raw("viral", "viral.1"), pinned=True)
    parse.run(results.raw("viral", "viral.1"), results.tables("viral", "viral.1"))
    deduplicate(results, config.divisions, config.splits, root / "decisions")
    for part in results.parts("viral"):
        limits = pair_settings(CONFIG["pairs"]["max_bases"])
        make_pairs(results.tables("viral", part), results.decisions("viral"), limits, results.pairs("viral", part))
    collapse_copies(results, config.divisions, root / "copies")
    for division in config.divisions:
        for group in results.groups(division):
            shard.run(Build.open(results.root), division, group, results.shards(division, group))
    assemble.run(Build(results, config), root / "dataset")
    return root / "dataset"


def test_a_dataset_without_what_is_gone_is_whole_and_says_so(lacking: Path, tmp_path: Path) -> None:
    said: list[str] = []
    check.run(Build.open(lacking.parent), tmp_path / "summary.txt", said.append)
    assert said[2] == "gone: viral.1.genomic.gbff.gz: gone from release 7"
    assert said[3].endswith("raw/viral/viral.1")
    assert "1 rejected (gone)" in (tmp_path / "summary.txt").read_text()
    assert verify(lacking)["rows"] > 0
    (entry,) = [e for e in json.loads((lacking / "manifest.json").read_text())["inputs"] if e["status"] != "ok"]
    assert (entry["file"], entry["status"], entry["bytes"], entry["md5"]) == (
        "viral.1.genomic.gbff.gz", "gone", None, None,
    )  # fmt: skip
    viral = published(lacking, "records").filter(division="viral")
    assert viral.select("accession", "species").rows() == [("AB000012.1", VALIDATION)], "its copy has its place"


def test_check_of_the_command_line_ends_well(lacking: Path, tmp_path: Path, run) -> None:
    code, out, _ = run("check", "--build", lacking.parent, "--out", tmp_path / "summary.txt")
    assert code == 0
    assert "gone: viral.1.genomic.gbff.gz: gone from release 7" in out


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with serve() as running:
        for name, value in running.environment(tmp_path / "home").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
        yield running


def test_publish_takes_a_dataset_without_what_is_gone(lacking: Path, hub: HubServer) -> None:
    assert publish.run(lacking, "tester/lacking").changed > 0
    assert len(hub.repositories["tester/lacking"].commits) > 0

"""A dataset folder built from the small release in process, verb by verb: what the workflow would make of it."""

from pathlib import Path

import yaml
from support.repository import REPOSITORY
from support.smallrelease import PLANTS, VIRUSES, pack, plain, small_release, texts
from support.stages import audit_by_hand, collapse_by_hand, decide_by_hand

from dnacorpus.cli.main import main
from dnacorpus.storage.results import Results

DIVISIONS = ("plant", "plastid", "viral")


def small_dataset(root: Path, divisions: tuple[str, ...] = DIVISIONS, damage: str = "") -> Path:
    """Build ``root``/results/dataset and return it; ``damage`` names a release file to cut short."""
    files = pack(texts() | more_species())
    if damage:
        files[damage] = files[damage][:-40]
    return dataset_of(files, root, divisions)


def dataset_of(files: dict[str, bytes], root: Path, divisions: tuple[str, ...], papers: Path | None = None) -> Path:
    """Build ``root``/results/dataset from release files and a folder of papers, and return it."""
    mirror = small_release(root / "mirror", files)
    defaults = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text(encoding="utf-8"))
    splits = defaults["splits"] | {"validation": 0.25, "test": 0.25, "always_train": []}
    policy = defaults["biosafety"] | {"policy": "off"}
    values = defaults | {"mirror": str(mirror), "divisions": sorted(divisions), "splits": splits, "biosafety": policy}
    values["papers"] = defaults["papers"] | {"source": str(papers) if papers else "none"}
    results = Results(root / "results")
    results.root.mkdir(parents=True)
    config = results.root / "config.yaml"
    config.write_text(yaml.safe_dump(values), encoding="utf-8")
    return _build(results, values)


def more_species() -> dict[str, str]:
    """Return release files with enough species for every split to have some."""
    plants = [plain(f"NC_0001{n:02d}.1", f"Plantus species{n}", PLANTS) for n in range(8)]
    phages = [plain(f"NC_0002{n:02d}.1", f"Other phage {n}", VIRUSES) for n in range(8)]
    return {"plant.2.genomic.gbff.gz": "".join(plants), "viral.3.genomic.gbff.gz": "".join(phages)}


def _build(results: Results, values: dict) -> Path:
    root = results.root
    for division in values["divisions"]:
        catalog = root / "catalog" / f"{division}.tsv"
        size = values["shards"]["group_bytes"]
        _run("catalog", "--mirror", values["mirror"], "--division", division, "--group-bytes", size, "--out", catalog)
        for part in results.parts(division):
            raw, tables = results.raw(division, part), results.tables(division, part)
            _run("fetch", "--mirror", values["mirror"], "--catalog", catalog, "--part", part, "--out", raw)
            _run("parse", "--raw", raw, "--out", tables)
    groups = [(division, group) for division in values["divisions"] for group in results.groups(division)]
    buckets = values["dedup"]["buckets"]
    decide_by_hand(_run, root, groups, buckets)
    if values["papers"]["source"] != "none":
        _run("papers", "--build", root, "--out", results.papers())
    for division in values["divisions"]:
        for part in results.parts(division):
            pairs = results.pairs(division, part)
            _run("pair", "--build", root, "--division", division, "--part", part, "--out", pairs)
    collapse_by_hand(_run, root, buckets)
    for division, group in groups:
        out = results.shards(division, group)
        _run("shard", "--build", root, "--division", division, "--group", group, "--out", out)
    audit_by_hand(_run, root, groups)
    _run("assemble", "--build", root, "--out", root / "dataset")
    return root / "dataset"


def _run(*arguments: object) -> None:
    assert main([str(argument) for argument in arguments]) == 0, arguments

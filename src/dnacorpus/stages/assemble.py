"""The assemble stage: number the shards, link them, write ledger, index and card, the manifest last.

In: the shards of all groups, the audit, the papers, and the ledgers, decisions and receipts of all parts. Out: the
dataset folder, exactly what is published. Memory: the ledger, the audit, and a few columns of the decisions.
"""

import json
import os
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from dnacorpus.config.build import Build
from dnacorpus.dataset import card, index
from dnacorpus.dataset import manifest as manifests
from dnacorpus.dataset.croissant import croissant
from dnacorpus.dataset.manifest import ManifestEntry
from dnacorpus.dataset.statistics import Dataset
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import AUDIT
from dnacorpus.schemas.pairs import CONFIGS, COPIES, DECISIONS, PAPERS
from dnacorpus.schemas.parts import LEDGER
from dnacorpus.schemas.splits import SPLITS
from dnacorpus.storage import ledger
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_directory, write_text
from dnacorpus.storage.digests import sha256
from dnacorpus.storage.results import Results, tombstone_part

SHAPING_PACKAGES = ("dnacorpus", "biopython", "gb-io", "polars", "pyarrow", "sourmash", "xxhash")
"""Packages whose version can change a published byte."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One published shard: the file that the shard stage wrote, its group, and its entry in the manifest."""

    source: Path
    group: str
    entry: ManifestEntry

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The division, the group, the config and the split of the shard."""
        return self.entry.division, self.group, self.entry.config, self.entry.split


def run(build: Build, out: Path) -> None:
    """Write the dataset folder whole: exactly what is published, and nothing that names a run or a path.

    Raises CorpusError when the ledger does not balance.
    """
    results, config = build.results, build.config
    divisions = config.divisions
    entries = build_ledger(results, divisions)
    if problems := ledger.imbalances(entries):
        raise CorpusError(
            f"{results.root}: the ledger does not balance: {'; '.join(problems)};"
            " remove tables/ and pairs/ there and run again"
        )
    shards = numbered(results, divisions)
    audit = tables.read(results.audit(), AUDIT)
    with whole_directory(out) as workspace:
        for shard in shards:
            _link(shard.source, workspace / shard.entry.path)
        tables.write(workspace / "ledger.parquet", LEDGER, entries)
        tables.write(workspace / "audit.parquet", AUDIT, audit)
        index.write(results, divisions, {shard.key: shard.entry.path for shard in shards}, workspace)
        document = _document(build, entries)
        described = tuple(shard.entry for shard in shards)
        dataset = Dataset(workspace, config.shaping(), described, entries)
        releases = [file["release"] for file in document["inputs"]]
        present = {name: schema for name, schema in CONFIGS.items() if any(entry.config == name for entry in described)}
        description = json.dumps(croissant(releases, present), indent=1, sort_keys=True)
        write_text(workspace / "croissant.json", description + "\n")
        write_text(workspace / "README.md", card.text(releases, dataset, pl.DataFrame(audit)))
        manifests.write(workspace, document, described)


def build_ledger(results: Results, divisions: list[str]) -> pa.Table:
    """Return the ledger of all parts: the entries of parse and of pair, and the decisions over records and pairs.

    The characters that were replaced in the taxonomy and in papers are counted once, outside the divisions.
    """
    pieces = []
    for division in divisions:
        for part in results.parts(division):
            pieces.append(tables.read(results.tables(division, part) / "ledger.parquet", LEDGER))
            pieces.append(tables.read(results.pairs(division, part) / "ledger.parquet", LEDGER))
        pieces.append(_tombstones(division, results.tombstones(division)))
        pieces.append(_decided(results.decisions(division), DECISIONS, "record", "length"))
        pieces.append(_decided(results.copies(division), COPIES, "row", "bases"))
    for part, path in (("taxonomy", results.taxonomy() / "taxonomy.json"), ("papers", results.paper_counts())):
        if path.is_file():
            replaced = json.loads(path.read_text(encoding="utf-8")).get("replaced", {})
            pieces.append(ledger.merge(ledger.replaced_characters("", part, replaced)))
    return ledger.merge(pa.concat_tables(pieces))


def _tombstones(division: str, gone: list[tuple[str, str]]) -> pa.Table:
    """Return the entries of the accessions that are in no part: each came in as a file, and is gone."""
    part = tombstone_part(division)
    entries = [ledger.entry(division, part, "file", "in", count=len(gone))] if gone else []
    entries += [
        ledger.entry(division, part, "file", "rejected", "gone", count=1, detail=f"{accession}: {detail}")
        for accession, detail in gone
    ]
    return ledger.merge(entries)


def _decided(path: Path, schema: pa.Schema, unit: str, bases: str) -> pa.Table:
    """Return the entries of a table of decisions, counted by part, status and reason."""
    keys = ["division", "part", "status", "reason"]
    entries = []
    for batch in tables.batches(path, schema, [*keys, bases], rows=65_536):
        counts = pa.Table.from_batches([batch]).group_by(keys).aggregate([([], "count_all"), (bases, "sum")])
        entries += [
            ledger.entry(
                row["division"], row["part"], unit, row["status"], row["reason"],
                count=row["count_all"], bases=row[f"{bases}_sum"],
            )
            for row in counts.to_pylist()
        ]  # fmt: skip
    return ledger.merge(entries)


def numbered(results: Results, divisions: list[str]) -> list[Shard]:
    """Return the shards in the order of config, division, split and group, with their published names."""
    by_name: dict[tuple[str, str, str], list[tuple[Path, str, dict[str, Any]]]] = {}
    for division, group in results.group_keys(divisions):
        folder = results.shards(division, group)
        for entry in json.loads((folder / "shards.json").read_text(encoding="utf-8")):
            source = folder / f"{entry['config']}-{entry['split']}.parquet"
            by_name.setdefault((entry["config"], division, entry["split"]), []).append((source, group, entry))
    shards = []
    for config, division, split in product(CONFIGS, divisions, SPLITS):
        entries = by_name.get((config, division, split), [])
        for number, (source, group, entry) in enumerate(entries):
            path = f"data/{config}/{division}/{split}-{number:05d}-of-{len(entries):05d}.parquet"
            described = manifests.entry_of({**entry, "path": path, "division": division})
            shards.append(Shard(source, group, described))
    return shards


def _document(build: Build, entries: pa.Table) -> dict[str, Any]:
    """Return the manifest but for its format and files."""
    results = build.results
    document = {
        "inputs": _inputs(results, build.config.divisions),
        "config": build.config.shaping(),
        "versions": {package: version(package) for package in SHAPING_PACKAGES},
        "ledger": ledger.totals(entries),
    }
    if taxonomy := _taxonomy(results.taxonomy() / "taxonomy.json"):
        document["taxonomy"] = taxonomy
    if results.papers().is_file():
        document["papers"] = _papers(results.papers())
    return document


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _inputs(results: Results, divisions: list[str]) -> list[dict[str, Any]]:
    inputs = []
    for division in divisions:
        for part in results.parts(division):
            receipt = json.loads((results.raw(division, part) / "part.json").read_text(encoding="utf-8"))
            inputs += [
                {"release": receipt["release"], "division": division, "part": part}
                | {key: file[key] for key in ("file", "bytes", "md5", "status")}
                for file in receipt["files"]
            ]
    return inputs


def _taxonomy(path: Path) -> dict[str, Any] | None:
    """Return the description of the taxdump that the taxonomy stage wrote, or None without a taxdump."""
    if not path.is_file():
        return None
    taxdump: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return taxdump if taxdump["file"] else None


def _papers(path: Path) -> dict[str, Any]:
    papers = tables.read(path, PAPERS, ["open", "retracted"])
    flags = {name: int(pc.sum(papers[name]).as_py() or 0) for name in ("open", "retracted")}
    return {"found": len(papers), **flags, "sha256": sha256(path)}

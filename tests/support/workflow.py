"""Runs the workflow as a user does, and reads what it made."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
from support.repository import REPOSITORY

SNAKEMAKE = [str(Path(sys.executable).with_name("snakemake")), "--snakefile", str(REPOSITORY / "Snakefile")]
NO_TRAINING = "validate={'preset': 'off'}"
SPLITS = "splits={'validation': 0.2, 'test': 0.2, 'always_train': []}"


def command(
    mirror: Path, name: str = "t", divisions: str = "[plant,plastid,viral]", cores: int = 2, *more: str
) -> list[str]:
    """Return the command line of a build."""
    config = [f"mirror={mirror}", f"name={name}", f"divisions={divisions}", SPLITS, NO_TRAINING]
    return [*SNAKEMAKE, "--cores", str(cores), "--config", *config, *more]


def snakemake(folder: Path, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a build in ``folder`` to its end."""
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        command(*arguments, **options),
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment(),
    )  # fmt: skip


def environment() -> dict[str, str]:
    """Return an environment in which nothing of a surrounding Snakemake or activated .venv counts."""
    return {key: value for key, value in os.environ.items() if not key.startswith("SNAKEMAKE")}


def jobs(output: str) -> dict[str, int]:
    """Return rule -> how many of its jobs were started."""
    counts: dict[str, int] = {}
    for rule in re.findall(r"^(?:local)?(?:rule|checkpoint) (\w+):", output, re.MULTILINE):
        counts[rule] = counts.get(rule, 0) + 1
    return counts


def digests(dataset: Path) -> dict[str, str]:
    """Return path -> SHA-256 of every file of a dataset."""
    return {
        path.relative_to(dataset).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(dataset.rglob("*"))
        if path.is_file()
    }


def ledger(dataset: Path) -> dict[tuple[str, str, str], int]:
    """Return (unit, status, reason) -> count."""
    rows = pl.read_parquet(dataset / "ledger.parquet").group_by("unit", "status", "reason").agg(pl.col("count").sum())
    return {(unit, status, reason): count for unit, status, reason, count in rows.iter_rows()}

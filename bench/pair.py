"""Measure `pair` of one part, rows of DNA and text with evidence, against `parse` of the same part, on one core.

    python bench/pair.py [--mirror ../shared/data/release] [--bytes 50000000] [--runs 3] [--folder /tmp] [--profile]

The part is made of the mirror's records as in bench/parse.py; every usable record is kept, in train, and the
settings are those of config/config.yaml but papers. Each run is a process of its own held to one core, both in
turn; the times are CPU seconds of whole processes, imports included. The last line is the row of RESULTS.md;
``--profile`` prints where the time of `pair` goes instead.
"""

# ruff: noqa: T201 - a script that prints

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
from parse import cpu_seconds, flat_files, write_file

from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.storage import parquet as tables

CONFIG = Path(__file__).parents[1] / "config" / "config.yaml"

_PARSE = """
import sys
from pathlib import Path
from dnacorpus.formats.read_part import Files
from dnacorpus.stages.parse import parse_part
parse_part("bench", "bench.1", Files([Path(sys.argv[1])], []), Path(sys.argv[2]))
"""
_PAIR = """
import cProfile, pstats, sys
from pathlib import Path
from dnacorpus.config.resolved import Config
from dnacorpus.stages.pair import Guards, PartInputs, RowSettings, write_pairs
tables, decisions, out, config = map(Path, sys.argv[1:5])
config = Config.load(config)
profile = cProfile.Profile() if len(sys.argv) > 5 else None
call = profile.runcall if profile else lambda made, *rest: made(*rest)
settings = RowSettings(config.settings.pairs, config.settings.windows, qa=config.settings.qa)
call(write_pairs, PartInputs(tables, decisions), settings, Guards(), out)
if profile:
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)
"""


def write_decisions(records: Path, out: Path) -> None:
    """Keep every usable record of a part, in train."""
    found = pl.read_parquet(records)
    usable = pl.col("exclusion").is_null()
    decided = found.with_columns(
        pl.lit("bench").alias("division"),
        pl.lit("bench.1").alias("part"),
        status=pl.when(usable).then(pl.lit("kept")).otherwise(pl.lit("excluded")),
        reason=pl.col("exclusion").fill_null(""),
        split=pl.lit("train"),
        cluster=pl.col("accession"),
        copies=pl.lit(1, pl.Int64),
    )
    missing = [pl.lit(None).alias(name) for name in DECISIONS.names if name not in decided.columns]
    tables.write(out, DECISIONS, decided.with_columns(missing).select(DECISIONS.names).to_arrow().cast(DECISIONS))


def rows_and_bases(folder: Path) -> tuple[int, int]:
    """Return how many rows a part's pairs have, and how many bases of records they are about."""
    return pq.ParquetFile(folder / "train.parquet").metadata.num_rows, int(
        pl.read_parquet(folder / "keys.parquet", columns=["bases"])["bases"].sum()
    )


def main() -> None:
    """Measure and print, or print the profile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", type=Path, default=Path(__file__).parents[2] / "shared" / "data" / "release")
    parser.add_argument("--bytes", type=int, default=50_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files go; default: the system's temporary folder")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    parsed, paired = [], []
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        path = folder / "bench.1.genomic.gbff.gz"
        size = write_file(flat_files(options.mirror, folder), path, options.bytes)
        part, out, decisions = folder / "bench" / "bench.1", folder / "pairs", folder / "decisions.parquet"
        parse = [sys.executable, "-c", _PARSE, str(path), str(part)]
        pair = [sys.executable, "-c", _PAIR, str(part), str(decisions), str(out), str(CONFIG)]
        for run in range(1 if options.profile else options.runs):
            shutil.rmtree(part, ignore_errors=True)
            parsed.append(cpu_seconds(parse))
            write_decisions(part / "records.parquet", decisions)
            if options.profile:
                cpu_seconds([*pair, "profile"])
                return
            shutil.rmtree(out, ignore_errors=True)
            paired.append(cpu_seconds(pair))
            print(f"run {run + 1}: pair {paired[-1]:.2f} s, parse {parsed[-1]:.2f} s", flush=True)
        rows, bases = rows_and_bases(out)
        of_records = int(pl.read_parquet(part / "records.parquet", columns=["length"])["length"].sum())
    ours, peer = statistics.median(paired), statistics.median(parsed)
    print(
        f"| `dnacorpus pair`, {size / 1e6:.0f} MB of flat file, {of_records / 1e6:.0f} Mb of records:"
        f" {rows / ours:,.0f} rows/s, {of_records / ours / 1e6:.1f} Mb of records/s, {bases / ours / 1e6:.1f} Mb of"
        f" rows/s | `dnacorpus parse` of the same: {size / peer / 1e6:.0f} MB/s | {peer / ours:.2f}"
        f" | `bench/pair.py`, one core, CPU seconds, medians of {options.runs} runs in turn |"
    )


if __name__ == "__main__":
    main()

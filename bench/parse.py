"""Measure `.gbff.gz` to all tables on disk against `Bio.SeqIO.parse` merely iterating the same file, on one core.

    python bench/parse.py [--mirror ../shared/data/release] [--bytes 330000000] [--runs 3] [--folder /tmp] [--profile]

The file is made of the mirror's records, repeated with other accessions until it has ``--bytes`` uncompressed;
without a mirror, of a simulated release. Each run is a process of its own held to one core, both in turn; the
times are CPU seconds of whole processes, imports included, since other programs share the machine. The last
line is the row of RESULTS.md; ``--profile`` prints where our time goes instead.
"""

# ruff: noqa: T201 - a script that prints

import argparse
import gzip
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

_OURS = """
import cProfile, pstats, sys
from pathlib import Path
from dnacorpus.formats.read_part import Files
from dnacorpus.stages.parse import parse_part
profile = cProfile.Profile() if len(sys.argv) > 3 else None
call = profile.runcall if profile else lambda made, *rest: made(*rest)
damage = call(parse_part, "bench", "bench.1", Files([Path(sys.argv[1])], []), Path(sys.argv[2]))
assert damage == "", damage
if profile:
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)
"""
_THEIRS = """
import gzip, sys, warnings
from Bio import SeqIO
warnings.simplefilter("ignore")
for record in SeqIO.parse(gzip.open(sys.argv[1], "rt"), "genbank"):
    pass
"""
_VERSION = re.compile(rb"^(VERSION     [^.\s]+)", re.M)


def flat_files(mirror: Path | None, folder: Path) -> list[Path]:
    """Return the flat files of a mirror, or of a release simulated in ``folder``."""
    if mirror is None or not mirror.is_dir():
        mirror = folder / "simulated"
        command = [sys.executable, "-m", "dnacorpus", "simulate", str(mirror), "--bases", "20000000"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return sorted(mirror.rglob("*.genomic.gbff.gz"))


def write_file(paths: list[Path], target: Path, size: int) -> int:
    """Write one file of all records of the files, again and again up to ``size``; return its uncompressed bytes."""
    written = number = 0
    with gzip.open(target, "wb", compresslevel=6) as file:
        while written < size:
            for path in paths:
                with gzip.open(path) as source:
                    written += file.write(_VERSION.sub(rb"\1X%d" % number, source.read()))
            number += 1
    return written


def cpu_seconds(command: list[str]) -> float:
    """Return the user and system seconds of a command that must succeed, held to one core."""
    core = max(os.sched_getaffinity(0))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print the ratio of the medians, or the profile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", type=Path, default=Path(__file__).parents[2] / "shared" / "data" / "release")
    parser.add_argument("--bytes", type=int, default=330_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files go; default: the system's temporary folder")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        path, out = folder / "bench.1.genomic.gbff.gz", folder / "out"
        size = write_file(flat_files(options.mirror, folder), path, options.bytes)
        us = [sys.executable, "-c", _OURS, str(path), str(out)]
        if options.profile:
            cpu_seconds([*us, "profile"])
            return
        for run in range(options.runs):
            theirs.append(cpu_seconds([sys.executable, "-c", _THEIRS, str(path)]))
            ours.append(cpu_seconds(us))
            shutil.rmtree(out)
            print(f"run {run + 1}: parse {ours[-1]:.2f} s, Biopython {theirs[-1]:.2f} s", flush=True)
    fast, peer = statistics.median(ours), statistics.median(theirs)
    print(
        f"| `dnacorpus parse`, {size / 1e6:.0f} MB of flat file to all tables: {size / fast / 1e6:.0f} MB/s"
        f" | `Bio.SeqIO.parse`, records dropped: {size / peer / 1e6:.0f} MB/s | {peer / fast:.2f}"
        f" | `bench/parse.py`, one core, CPU seconds, medians of {options.runs} runs in turn |"
    )


if __name__ == "__main__":
    main()

"""Measure exact dedup of one FASTA file against `seqkit rmdup -s` and `vsearch --derep_fulllength`, on one core.

    python bench/dedup.py [--bases 300000000] [--runs 3] [--folder /tmp] [--seqkit PATH] [--vsearch PATH]

The file is made: records of 500 bases to 50 kb, of which some have three more: a copy, a reverse complement, and
one with a changed base in the middle. ``ours`` reads the FASTA, digests the canonical form of every record, compares
the bytes of candidates and writes what stays; ``stages`` is match (4 buckets) and dedup over the tables that parse
made of the same file, which is what a build runs. Each run is a process of its own held to one core, in turn; the
times are CPU seconds of whole processes, imports included. A peer that is not on PATH is left out. Both are in Debian
(`apt-get install seqkit vsearch`). The last lines are the rows of RESULTS.md.
"""

# ruff: noqa: S311, T201 - a script that prints, made bases

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from dnacorpus.formats.read_part import Files
from dnacorpus.sequence.bases import reverse_complement
from dnacorpus.stages.parse import parse_part
from dnacorpus.storage.catalog import COLUMNS

OURS = """
import mmap, sys
import polars as pl
from dnacorpus.curation.exact import copy_groups
from dnacorpus.sequence.bases import canonical, canonical_digest, normalise
with open(sys.argv[1], "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
    starts = [0]
    while (place := data.find(b"\\n>", starts[-1])) >= 0:
        starts.append(place + 1)
    ends = [*starts[1:], len(data)]
    def bases(key):
        return normalise(data[data.find(b"\\n", starts[key]) : ends[key]].replace(b"\\n", b""))
    digests, sizes = [], []
    for key in range(len(starts)):
        digests.append(canonical_digest(sequence := bases(key), False))
        sizes.append(len(sequence))
    keys = pl.DataFrame({"key": range(len(starts)), "digest": digests, "bases": sizes})
    groups = copy_groups(keys, lambda rows: ((key, canonical(bases(key), False)) for key in rows["key"]), 100_000_000)
    later = set(groups.filter(pl.int_range(pl.len()).over("copy_group") > 0)["key"])
    with open(sys.argv[2], "wb") as kept:
        kept.writelines(data[starts[key] : ends[key]] for key in range(len(starts)) if key not in later)
"""
STAGES = """
import sys
from pathlib import Path
from dnacorpus.curation.duplicates import Caps
from dnacorpus.curation.copies import record_copies
from dnacorpus.curation.exact import Bucket
from dnacorpus.curation.record_decisions import RecordRules, Verdicts, write_decisions
from dnacorpus.schemas.curation import MATCHES
from dnacorpus.storage import parquet
from dnacorpus.storage.results import Results
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.settings.curation import SplitSettings
root = Path(sys.argv[1])
paths = [root / "matches" / f"{bucket}.parquet" for bucket in range(4)]
for bucket, path in enumerate(paths):
    copies = record_copies(Results(root), ["plant"], Bucket(bucket, 4), 100_000_000)
    parquet.write(path, MATCHES, copies.to_arrow().cast(MATCHES))
lists = dict.fromkeys(("always_train", "always_validation", "always_test"), ())
policy = SplitPolicy(SplitSettings(unit="species", validation=0.0, test=0.0, max_eval_bases=0, **lists), 0)
write_decisions(Results(root), ["plant"], RecordRules(policy, Caps(0, 0, 0)), Verdicts(paths), root / "decisions")
"""


def write_fasta(path: Path, size: int) -> tuple[int, int, int]:
    """Write records up to ``size`` bases; return the number of records, of copies, and of bases."""
    rng, records, copies, written = random.Random(0), 0, 0, 0
    with path.open("wb") as file:
        while written < size:
            sequence = rng.randbytes(int(500 * 100 ** rng.random())).translate(b"ACGT" * 64)
            family = [sequence]
            if records % 4 == 0:
                middle = len(sequence) // 2
                changed = sequence[:middle] + (b"A" if sequence[middle] != ord("A") else b"C") + sequence[middle + 1 :]
                family += [sequence, reverse_complement(sequence), changed]
                copies += 2
            for member in family:
                records += 1
                file.write(f">NC_{records:09d}.1 made\n".encode())
                file.writelines(member[at : at + 80] + b"\n" for at in range(0, len(member), 80))
                written += len(member)
    return records, copies, written


def cpu_seconds(command: list[str], log: Path) -> float:
    """Return the user and system seconds of a command that must succeed, held to one core."""
    with log.open("wb") as file:
        child = subprocess.Popen(command, stdout=file, stderr=file)
        _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)}: failed; {log.read_text()}")
    return usage.ru_utime + usage.ru_stime


def peers(options: argparse.Namespace, source: Path) -> dict[str, list[str]]:
    """Return the commands of the peers that are there, without the name of the output."""
    seqkit, vsearch = shutil.which(options.seqkit), shutil.which(options.vsearch)
    found = {}
    if seqkit:
        found["`seqkit rmdup -s`"] = [seqkit, "rmdup", "-s", "-j", "1", "-w", "80", str(source), "-o"]
    if vsearch:
        longest = ["--maxseqlength", "1000000", "--minseqlength", "1", "--strand", "both", "--threads", "1"]
        found["`vsearch --derep_fulllength`"] = [
            vsearch, "--derep_fulllength", str(source), *longest, "--notrunclabels", "--output",
        ]  # fmt: skip
    return found


def tables(folder: Path, source: Path) -> Path:
    """Parse the file into the tables of a build and return its folder."""
    root = folder / "results"
    row = ("1", "plant", "plant.1", "00000", "fna", source.name, "x", "1", "")
    (root / "catalog").mkdir(parents=True)
    (root / "catalog" / "plant.tsv").write_text("\n".join(map("\t".join, (COLUMNS, row))) + "\n")
    damage = parse_part("plant", "plant.1", Files([], [source]), root / "tables" / "plant" / "plant.1")
    assert damage == "", damage
    return root


def main() -> None:
    """Measure and print the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bases", type=int, default=300_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files go; default: the system's temporary folder")
    parser.add_argument("--seqkit", default="seqkit")
    parser.add_argument("--vsearch", default="vsearch")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        source, out, log = folder / "bench.fna", folder / "out.fna", folder / "log"
        records, copies, size = write_fasta(source, options.bases)
        commands = {"ours": [sys.executable, "-c", OURS, str(source)]} | peers(options, source)
        times: dict[str, list[float]] = {}
        kept: dict[str, int] = {}
        stages = [sys.executable, "-c", STAGES, str(tables(folder, source))]
        for number in range(options.runs):
            for what, command in commands.items():
                times.setdefault(what, []).append(cpu_seconds([*command, str(out)], log))
                kept[what] = out.read_bytes().count(b">")
            times.setdefault("stages", []).append(cpu_seconds(stages, log))
            print(f"run {number + 1}: " + ", ".join(f"{what} {times[what][-1]:.2f} s" for what in times), flush=True)
    speed = {what: size / statistics.median(seconds) / 1e6 for what, seconds in times.items()}
    print(f"{records} records, {size / 1e6:.0f} Mb, {copies} planted copies")
    for what in times:
        found = f", {records - kept[what]} copies found" if what in kept else ""
        print(f"{what}: {speed[what]:.0f} Mb/s{found}")
    for peer in commands:
        if peer != "ours":
            print(
                f"| exact dedup of {size / 1e6:.0f} Mb of FASTA, bytes compared, {records - kept['ours']} of {copies}"
                f" copies: {speed['ours']:.0f} Mb/s (match and dedup, of tables: {speed['stages']:.0f} Mb/s)"
                f" | {peer}, {records - kept[peer]} copies: {speed[peer]:.0f} Mb/s"
                f" | {speed['ours'] / speed[peer]:.2f}"
                f" | `bench/dedup.py`, one core, CPU seconds, medians of {options.runs} runs in turn |"
            )


if __name__ == "__main__":
    main()

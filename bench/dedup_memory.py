"""Measure the peak memory of match and dedup on the tables of many records, for the formulas of docs/dedup.md.

    python bench/dedup_memory.py [--records 50000 100000 200000] [--bases-at-once 20000000] [--folder /tmp]

The tables are made straight away, in parts of 10,000 records of 2 kb on average. One record in three is a copy of
another, half of them on the other strand, of circular ones (one in ten) from another origin. Each job is a process
of its own, which prints its peak RSS less that of its imports: match as the only bucket, match as one of 16, dedup
with near-duplicates and all caps. The promises are those of the docs. The rows are those of RESULTS.md.
"""

# ruff: noqa: S311, T201 - a script that prints, and made bases

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dnacorpus.schemas.parts import RECORDS, SEGMENTS
from dnacorpus.sequence.bases import canonical_digest, reverse_complement
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.catalog import COLUMNS
from dnacorpus.storage.results import Results

PART = 10_000
CONSTANT = 150_000_000
MATCH, DEDUP = 500, 1500
"""Bytes that a record may take in match (of its bucket) and in dedup."""
_PEAK = """
import re, sys
from pathlib import Path
import polars as pl
from dnacorpus.curation.duplicates import Caps
from dnacorpus.curation.copies import record_copies
from dnacorpus.curation.exact import Bucket
from dnacorpus.curation.record_decisions import RecordRules, Verdicts, write_decisions
from dnacorpus.schemas.curation import MATCHES
from dnacorpus.storage import parquet
from dnacorpus.storage.results import Results
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.settings.curation import SplitSettings
def peak():  # not getrusage: its maximum counts the process that started this one
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
root = Path(sys.argv[1])
results = Results(root)
exact = root / "matches" / f"{sys.argv[3]}.parquet"
pl.DataFrame({"a": [1]}).join(pl.DataFrame({"a": [1]}), on="a")
before = peak()
"""
_MATCH = (
    _PEAK
    + """
copies = record_copies(results, ["bacteria"], Bucket(0, int(sys.argv[3])), int(sys.argv[2]))
parquet.write(exact, MATCHES, copies.to_arrow().cast(MATCHES))
print(peak() - before)
"""
)
_DEDUP = (
    _PEAK
    + """
near = pl.concat(
    pl.read_parquet(results.tables("bacteria", part) / "records.parquet",
                    columns=["division", "part", "ordinal", "species"])
    for part in results.parts("bacteria")
).rename({"species": "cluster"})
lists = dict.fromkeys(("always_train", "always_validation", "always_test"), ())
policy = SplitPolicy(SplitSettings(unit="species", validation=0.1, test=0.1, max_eval_bases=0, **lists), 0)
rules = RecordRules(policy, Caps(1000, 1000, 100_000_000))
write_decisions(results, ["bacteria"], rules, Verdicts([exact], near), root / "decisions")
print(peak() - before)
"""
)


def write_tables(root: Path, records: int, rng: random.Random) -> None:
    """Write the catalog and the tables of the parts that dedup reads."""
    parts = [f"bacteria.{number}" for number in range(-(-records // PART))]
    rows = [
        "\t".join(["1", "bacteria", part, part.rpartition(".")[2], "gbff", f"{part}.gz", "x", "1", ""])
        for part in parts
    ]
    (root / "catalog").mkdir(parents=True)
    (root / "catalog" / "bacteria.tsv").write_text("\n".join(["\t".join(COLUMNS), *rows]) + "\n")
    for number, part in enumerate(parts):
        made = list(_records(part, number, min(PART, records - number * PART), rng))
        folder = Results(root).tables("bacteria", part)
        tables.write(folder / "records.parquet", RECORDS, (record for record, _ in made))
        segments = (
            {**record, "index": 0, "count": 1, "start": 0, "sequence": sequence, "mask": []}
            for record, sequence in made
        )
        tables.write(folder / "segments.parquet", SEGMENTS, segments)


def _records(part: str, number: int, count: int, rng: random.Random) -> Iterator[tuple[dict[str, object], bytes]]:
    empty = dict.fromkeys(RECORDS.names) | {"division": "bacteria", "part": part, "release": "1"}
    sequence = b""
    for ordinal in range(count):
        circular = ordinal % 30 < 3
        if ordinal % 3 != 2:
            sequence = rng.randbytes(rng.randint(1000, 3000)).translate(b"ACGT" * 64)
        elif circular:
            sequence = reverse_complement(sequence[9:] + sequence[:9])
        elif ordinal % 2:
            sequence = reverse_complement(sequence)
        topology = "circular" if circular else "linear"
        species = f"Genus{(number + ordinal) % 7} species{ordinal % 997}"
        yield empty | {
            "accession": f"NZ_ABCD{number:04}{ordinal:06}.1", "ordinal": ordinal, "species": species,
            "species_taxid": ordinal, "taxid": ordinal, "genus": species.split(maxsplit=1)[0], "topology": topology,
            "organism": f"{species} strain made for this bench", "length": len(sequence), "features": ordinal % 50,
            "digest": canonical_digest(sequence, circular),
        }, sequence  # fmt: skip


def peak(script: str, root: Path, bases_at_once: int, buckets: int) -> int:
    """Run a job in a process of its own; return its peak RSS over that of its imports, in bytes."""
    command = [sys.executable, "-c", script, str(root), str(bases_at_once), str(buckets)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure every number of records and print the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, nargs="+", default=[50_000, 100_000, 200_000])
    parser.add_argument("--bases-at-once", type=int, default=20_000_000)
    parser.add_argument("--folder", type=Path, help="where the tables go; default: the system's temporary folder")
    options = parser.parse_args()
    for records in options.records:
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            write_tables(Path(name), records, random.Random(0))
            most = CONSTANT + options.bases_at_once
            jobs = {
                "match, the only bucket": (_MATCH, 1, most + MATCH * records),
                "match, one bucket of 16": (_MATCH, 16, most + MATCH * records // 16),
                "dedup": (_DEDUP, 1, CONSTANT + DEDUP * records),
            }
            for what, (script, buckets, promise) in jobs.items():
                found = peak(script, Path(name), options.bases_at_once, buckets)
                print(
                    f"| peak RSS of {what}, {records:,} records: {found / 1e6:.0f} MB | promise: {promise / 1e6:.0f} MB"
                    f" | {'kept' if found <= promise else 'BROKEN'} | `bench/dedup_memory.py` |",
                    flush=True,
                )


if __name__ == "__main__":
    main()

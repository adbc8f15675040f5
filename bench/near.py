"""Measure the search for near-duplicates: what it finds, what it joins wrongly, time and memory, and a peer's.

    python bench/near.py [planted] [genus] [family] [peer] [--folder /tmp] [--peer PYTHON]

planted: pairs of records at a known identity, by length; half of the second records are circular, turned and on
the other strand. genus: species at 0.92 of each other, their strains at 0.98, all of different lengths. family:
5,000, 10,000 and 20,000 records of 10 kb, each 0.5 % from one ancestor. peer: datatrove's MinHash on the same
records; PYTHON is that of an environment with ``datatrove``, ``spacy`` and ``xxhash``. Tables print as in RESULTS.md.
"""

# ruff: noqa: T201 - a script that prints and starts itself

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from dnacorpus.curation.exact import Bucket
from dnacorpus.curation.near.clusters import near_clusters
from dnacorpus.curation.near.compare import near_pairs
from dnacorpus.curation.near.sketch import usable_records, write_sketches
from dnacorpus.schemas.curation import NEAR
from dnacorpus.schemas.parts import RECORDS, SEGMENTS
from dnacorpus.sequence.bases import reverse_complement
from dnacorpus.settings.curation import NearSettings
from dnacorpus.storage.catalog import COLUMNS
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.results import Results

SETTINGS = NearSettings(k=21, min_hashes=1000, max_scaled=1024, max_comparisons=8, min_ani=0.95)
IDENTITIES = (0.995, 0.99, 0.98, 0.96, 0.94, 0.90, 0.85)
PAIRS = {1_000: 1000, 2_000: 1000, 5_000: 400, 10_000: 400, 50_000: 100, 500_000: 20, 5_000_000: 4}
KEY = ("division", "part", "ordinal")
Bases = npt.NDArray[np.uint8]
Record = tuple[str, bytes, bool]
"""Accession, bases, and whether the molecule is circular."""


def made(rng: np.random.Generator, length: int) -> Bases:
    """Return random bases."""
    return np.frombuffer(b"ACGT", np.uint8)[rng.integers(0, 4, length)]


def mutated(rng: np.random.Generator, sequence: Bases, share: float) -> Bases:
    """Return the sequence with a share of its bases, each by chance, replaced by another base."""
    code = np.searchsorted(np.frombuffer(b"ACGT", np.uint8), sequence)
    places = np.flatnonzero(rng.random(len(sequence)) < share)
    code[places] = (code[places] + rng.integers(1, 4, len(places))) % 4
    return np.frombuffer(b"ACGT", np.uint8)[code]


def write(root: Path, records: Iterable[Record]) -> Results:
    """Write the tables of one part, with a catalog."""
    results = Results(root)
    (root / "catalog").mkdir(parents=True)
    row = ["1", "viral", "viral.1", "0", "gbff", "f", "u", "", ""]
    (root / "catalog" / "viral.tsv").write_text("\t".join(COLUMNS) + "\n" + "\t".join(row) + "\n")
    folder = results.tables("viral", "viral.1")
    folder.mkdir(parents=True)
    with (
        TableWriter(folder / "records.parquet", RECORDS, published=False) as keys,
        TableWriter(folder / "segments.parquet", SEGMENTS, published=False) as segments,
    ):
        for ordinal, (accession, sequence, circular) in enumerate(records):
            key = {"accession": accession, "ordinal": ordinal}
            place = {"division": "viral", "part": "viral.1", "length": len(sequence), "ambiguous": 0}
            keys.write_row(key | place | {"topology": "circular" if circular else "linear"})
            for index, start in enumerate(range(0, len(sequence), 1 << 20)):
                piece = sequence[start : start + (1 << 20)]
                segments.write_row(key | {"index": index, "start": start, "sequence": piece, "mask": []}, len(piece))
    return results


def clusters(root: Path, records: Iterable[Record], buckets: int = 1) -> tuple[dict[str, str], dict[str, float]]:
    """Return accession -> cluster, and the CPU seconds of each step."""
    results, seconds = write(root, records), {}
    start = time.process_time()
    (root / "sketch").mkdir()
    write_sketches(usable_records(map(results.tables, ["viral"], results.parts("viral"))), SETTINGS, root / "sketch")
    seconds["sketch"] = time.process_time() - start
    files = [root / f"near.{bucket}.parquet" for bucket in range(buckets)]
    start = time.process_time()
    for bucket, path in enumerate(files):
        with TableWriter(path, NEAR, published=False) as writer:
            for table in near_pairs([root / "sketch"], Bucket(bucket, buckets), SETTINGS):
                writer.write_table(table)
    seconds["match"] = time.process_time() - start
    start = time.process_time()
    names = pl.read_parquet(root / "sketch" / "records.parquet").select(*KEY, "accession")
    found = near_clusters(files, names, SETTINGS).join(names, on=list(KEY))
    seconds["clusters"] = time.process_time() - start
    return dict(found.select("accession", "cluster").iter_rows()), seconds


def planted(folder: Path) -> None:
    """Print the share of pairs that are joined, by length and identity."""
    print("| Length | pairs a cell | " + " | ".join(map(str, IDENTITIES)) + " |")
    print("|---" * (len(IDENTITIES) + 2) + "|")
    for length, pairs in PAIRS.items():
        with tempfile.TemporaryDirectory(dir=folder) as root:
            found, _ = clusters(Path(root), planted_records(length, pairs))
        joined = [np.mean([found[f"L{at}.{i}"] == found[f"R{at}.{i}"] for i in range(pairs)]) for at in IDENTITIES]
        sizes = np.unique(list(found.values()), return_counts=True)[1]
        strangers = f" ({sizes.max()} in one cluster)" if sizes.max() > 2 else ""
        print(f"| {length:,} | {pairs}{strangers} | " + " | ".join(f"{share:.3f}" for share in joined) + " |")


def planted_records(length: int, pairs: int, identities: Iterable[float] = IDENTITIES) -> Iterator[Record]:
    """Yield pairs: L<identity>.<number> and its likeness R..., every other one turned."""
    rng = np.random.default_rng(length)
    for identity in identities:
        for number in range(pairs):
            ancestor = made(rng, length)
            other = mutated(rng, ancestor, 1 - identity).tobytes()
            circular = number % 2 == 0
            if circular:
                start = int(rng.integers(length))
                other = reverse_complement(other[start:] + other[:start])
            yield f"L{identity}.{number}", ancestor.tobytes(), circular
            yield f"R{identity}.{number}", other, circular


def genus(folder: Path) -> None:
    """Print recall and wrong joins where every k-mer stands in many longer strangers."""
    with tempfile.TemporaryDirectory(dir=folder) as root:
        found, _ = clusters(Path(root), genus_records(30, 40))
    names = sorted(found)
    together = [(left, right) for at, left in enumerate(names) for right in names[:at] if found[left] == found[right]]
    same = sum(left.split(".")[0] == right.split(".")[0] for left, right in together)
    print("| Species, strains of each | pairs within species joined | pairs across joined |\n|---|---|---|")
    print(f"| 30, 40 | {same / (30 * 40 * 39 / 2):.4f} | {len(together) - same} |")


def genus_records(species: int, strains: int) -> Iterator[Record]:
    """Yield the strains S<species>.<strain>, 8 to 10 kb, of species of one genus."""
    rng = np.random.default_rng(7)
    ancestor = made(rng, 10_000)
    kinds = [mutated(rng, ancestor, 0.041) for _ in range(species)]
    for number, kind in enumerate(kinds):
        for strain in range(strains):
            cut = int(rng.integers(0, 2000))
            yield f"S{number}.{strain}", mutated(rng, kind, 0.01)[cut:].tobytes(), False


def family_records(count: int) -> Iterator[Record]:
    """Yield records of 10 kb, each with 0.5 % of its bases changed from one ancestor."""
    rng = np.random.default_rng(count)
    ancestor = made(rng, 10_000)
    for number in range(count):
        yield f"F{number:06}", mutated(rng, ancestor, 0.005).tobytes(), False


def family(folder: Path) -> None:
    """Print time and memory for families of several sizes."""
    print("| Records | sketch s | match s | clusters s | peak RSS over imports | clusters found |")
    print("|---|---|---|---|---|---|")
    for count in (5_000, 10_000, 20_000):
        command = [sys.executable, __file__, "--child", str(count), "--folder", str(folder)]
        measured = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        steps = " | ".join(f"{measured[step]:.1f}" for step in ("sketch", "match", "clusters"))
        print(f"| {count:,} | {steps} | {measured['peak'] / 1e6:.0f} MB | {measured['found']} |", flush=True)


def child(folder: Path, count: int) -> None:
    """Cluster a family in this process and print the seconds and the peak as JSON."""
    before = peak()
    with tempfile.TemporaryDirectory(dir=folder) as root:
        found, seconds = clusters(Path(root), family_records(count))
    print(json.dumps(seconds | {"peak": peak() - before, "found": len(set(found.values()))}))


def peak() -> int:
    """Return the peak RSS of this process in bytes."""
    return int(re.findall(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[0]) * 1024


def peer(folder: Path, python: str) -> None:
    """Print what datatrove finds of the same pairs, by kind of likeness, and both times."""
    rows = list(peer_records())
    with tempfile.TemporaryDirectory(dir=folder) as root:
        start = time.process_time()
        found, _ = clusters(Path(root), rows)
        ours = time.process_time() - start
    print("| Tool | CPU s | " + " | ".join(KINDS) + " | strangers joined |\n" + "|---" * (len(KINDS) + 3) + "|")
    print(f"| dnacorpus | {ours:.1f} | {shares(found)} |")
    for words in ("row", "letter"):
        with tempfile.TemporaryDirectory(dir=folder) as root:
            documents = Path(root) / "rows.jsonl"
            texts = [(name, sequence.decode()) for name, sequence, _ in rows]
            lines = [
                json.dumps({"id": name, "text": text if words == "row" else " ".join(text)}) for name, text in texts
            ]
            documents.write_text("\n".join(lines) + "\n")
            command = [python, "-c", _PEER, root, "5" if words == "row" else "21"]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        measured = json.loads(answer)
        print(f"| datatrove MinHash, a word a {words} | {measured['seconds']:.1f} | {shares(measured['found'])} |")


KINDS = {"same": 0.0, "0.995": 0.005, "0.98": 0.02, "other strand": 0.0, "turned": 0.0, "turned, 0.98": 0.02}


def peer_records(pairs: int = 200, length: int = 3_000) -> Iterator[Record]:
    """Yield pairs L<kind>.<number>, R<kind>.<number> of circular records."""
    rng = np.random.default_rng(3)
    for kind, share in KINDS.items():
        for number in range(pairs):
            ancestor = made(rng, length)
            other = mutated(rng, ancestor, share).tobytes()
            if kind == "other strand":
                other = reverse_complement(other)
            elif kind.startswith("turned"):
                other = other[1_000:] + other[:1_000]
            yield f"L{kind}.{number}", ancestor.tobytes(), True
            yield f"R{kind}.{number}", other, True


def shares(found: dict[str, str]) -> str:
    """Return the share of pairs joined of each kind, and how many records stand with strangers."""
    pairs = len(found) // (2 * len(KINDS))
    joined = [np.mean([found[f"L{kind}.{i}"] == found[f"R{kind}.{i}"] for i in range(pairs)]) for kind in KINDS]
    members: dict[str, set[str]] = {}
    for name, cluster in found.items():
        members.setdefault(cluster, set()).add(name[1:])
    return " | ".join([*(f"{share:.3f}" for share in joined), str(sum(len(m) > 1 for m in members.values()))])


_PEER = """
import json, sys, time
from pathlib import Path
from datatrove.pipeline.dedup.minhash import *
from datatrove.pipeline.readers import JsonlReader
root, grams = Path(sys.argv[1]), int(sys.argv[2])
config = MinhashConfig(n_grams=grams, hash_config=HashConfig(hash_fc="sha1"))
start = time.process_time()
documents = list(JsonlReader(str(root), glob_pattern="rows.jsonl")())
list(MinhashDedupSignature(str(root / "s"), config).run(iter(documents)) or [])
for bucket in range(config.num_buckets):
    step = MinhashDedupBuckets(str(root / "s"), str(root / "b"), config=config)
    list(step.run(None, bucket, config.num_buckets) or [])
list(MinhashDedupCluster(str(root / "b"), str(root / "c"), config=config, save_cluster_id=True).run(None) or [])
names = {}
data = (root / "c" / "000000.clusters").read_bytes() if (root / "c" / "000000.clusters").exists() else b""
for document, cluster in struct.iter_unpack("<II", data):
    names[document] = f"cluster {cluster}"
found = {document.id: names.get(at, document.id) for at, document in enumerate(documents)}
print()
print(json.dumps({"seconds": time.process_time() - start, "found": found}))
"""


def main() -> None:
    """Run the measurements that are named, or all but the peer's."""
    parser = argparse.ArgumentParser(description="Measure the search for near-duplicates.")
    parser.add_argument("which", nargs="*", default=[], help="planted, genus, family, peer; default: the first three")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--peer", default=sys.executable, help="Python of an environment with datatrove")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.folder, arguments.child)
        return
    for name in arguments.which or ["planted", "genus", "family"]:
        if name == "peer":
            peer(arguments.folder, arguments.peer)
        else:
            {"planted": planted, "genus": genus, "family": family}[name](arguments.folder)
        print(flush=True)


if __name__ == "__main__":
    main()

"""Made records as tables of parts, with their catalog, and the way from them to clusters."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from dnacorpus.curation.exact import Bucket
from dnacorpus.curation.near.clusters import near_clusters
from dnacorpus.curation.near.compare import near_pairs
from dnacorpus.curation.near.sketch import usable_records, write_sketches
from dnacorpus.schemas.curation import NEAR
from dnacorpus.schemas.parts import RECORDS, SEGMENTS
from dnacorpus.sequence.bases import reverse_complement
from dnacorpus.settings.curation import NearSettings
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_directory, whole_file
from dnacorpus.storage.catalog import COLUMNS
from dnacorpus.storage.results import Results

SETTINGS = NearSettings(k=21, min_hashes=1000, max_scaled=1024, max_comparisons=8, min_ani=0.95)


@dataclass(frozen=True, slots=True)
class Made:
    """A record as the tables hold it."""

    accession: str
    sequence: bytes
    circular: bool = False
    exclusion: str | None = None


def bases(rng: random.Random, length: int, letters: bytes = b"ACGT") -> bytes:
    return bytes(rng.choices(letters, k=length))


def mutated(rng: random.Random, sequence: bytes, share: float) -> bytes:
    """Return the sequence of A, C, G and T with each base replaced by another with a probability of ``share``."""
    chance = np.random.default_rng(rng.getrandbits(64))
    codes = np.frombuffer(sequence.translate(bytes.maketrans(b"ACGT", bytes(range(4)))), np.uint8)
    changed = (codes + chance.integers(1, 4, len(codes)) * (chance.random(len(codes)) < share)) % 4
    return bytes(changed.astype(np.uint8)).translate(bytes.maketrans(bytes(range(4)), b"ACGT"))


def turned(sequence: bytes, start: int) -> bytes:
    """Return the other strand of a molecule cut open elsewhere."""
    return reverse_complement(sequence[start:] + sequence[:start])


def kmers(sequence: bytes, k: int, circular: bool = False) -> set[bytes]:
    """Return the canonical k-mers without other letters than A, C, G and T, by brute force."""
    if circular and len(sequence) >= k:
        sequence += sequence[: k - 1]
    windows = [sequence[at : at + k] for at in range(len(sequence) - k + 1)]
    return {min(w, reverse_complement(w)) for w in windows if not w.translate(None, b"ACGT")}


def write_parts(root: Path, parts: Mapping[tuple[str, str], Sequence[Made]]) -> Results:
    """Write the tables and catalogs of parts, (division, part) -> records, each its own group of that number."""
    results = Results(root)
    for (division, part), contents in parts.items():
        rows = [
            ["1", name, other, other.rpartition(".")[2], "gbff", "f", "u", "", ""]
            for name, other in parts
            if name == division
        ]
        path = root / "catalog" / f"{division}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join("\t".join(row) + "\n" for row in [COLUMNS, *rows]))
        records, segments = [], []
        for ordinal, made in enumerate(contents):
            key = {"accession": made.accession, "ordinal": ordinal}
            records.append(
                key
                | {"division": division, "part": part, "length": len(made.sequence), "exclusion": made.exclusion}
                | {"topology": "circular" if made.circular else "linear"}
                | {"ambiguous": len(made.sequence.translate(None, b"ACGT"))}
            )
            segments.append(key | {"index": 0, "count": 1, "start": 0, "sequence": made.sequence.decode(), "mask": []})
        tables.write(results.tables(division, part) / "records.parquet", RECORDS, records)
        tables.write(results.tables(division, part) / "segments.parquet", SEGMENTS, segments)
    return results


def sketched(results: Results, divisions: Iterable[str], settings: NearSettings = SETTINGS) -> list[Path]:
    """Sketch all groups and return their folders."""
    folders = []
    for division in divisions:
        for group in results.groups(division):
            folders.append(results.root / "sketches" / division / group)
            parts = [results.tables(division, part) for part in results.groups(division)[group] if settings.min_ani]
            with whole_directory(folders[-1]) as workspace:
                write_sketches(usable_records(parts), settings, workspace)
    return folders


def write_near(folders: Sequence[Path], bucket: int, buckets: int, settings: NearSettings, out: Path) -> None:
    """Write the NEAR table of one bucket over some folders of sketches."""
    with whole_file(out) as path, tables.TableWriter(path, NEAR, published=False) as writer:
        for table in near_pairs(folders, Bucket(bucket, buckets), settings):
            writer.write_table(table)


def clusters(folders: Sequence[Path], out: Path, settings: NearSettings = SETTINGS, buckets: int = 1) -> pl.DataFrame:
    """Match in buckets and return accession and cluster of every sketched record."""
    files = [out / str(buckets) / f"{bucket}.parquet" for bucket in range(buckets)]
    for bucket, path in enumerate(files):
        write_near(folders, bucket, buckets, settings, path)
    records = pl.concat(pl.read_parquet(folder / "records.parquet") for folder in folders)
    found = near_clusters(files, records, settings)
    names = records.select("division", "part", "ordinal", "accession")
    return found.join(names, on=["division", "part", "ordinal"], how="left")


def cluster_of(root: Path, records: Iterable[Made], settings: NearSettings = SETTINGS) -> dict[str, str]:
    """Return accession -> cluster for the records of one part."""
    results = write_parts(root, {("viral", "viral.1"): list(records)})
    found = clusters(sketched(results, ["viral"], settings), root / "near", settings)
    return dict(found.select("accession", "cluster").iter_rows())

"""A made-up release whose held-out records share stretches with train, and what a plain reading finds shared."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from support.flatfile import record
from support.settings import pair_settings, settings
from support.smallrelease import PLANTS, VIRUSES, bases, complement, gene, pack, small_release
from support.stages import (
    TEST,
    TRAIN,
    VALIDATION,
    audit_shards,
    collapse_copies,
    deduplicate,
    make_pairs,
    places,
    prepare,
)

from dnacorpus.config.build import Build
from dnacorpus.config.resolved import Config
from dnacorpus.curation.indexed_records import held_out_records, record_sequences
from dnacorpus.curation.kmer_index import write_index
from dnacorpus.curation.leaks import leaks
from dnacorpus.settings.curation import DecontaminationSettings
from dnacorpus.stages import assemble, shard
from dnacorpus.storage.results import Results

K = 31
DIVISIONS = ["plant", "plastid", "viral"]
POLICY = DecontaminationSettings(k=K, max_overlap=0.3)
WINDOWS = settings(windows={"bases": 2048}).windows
EXONS = ",".join(f"{start}..{start + 39}" for start in range(8001, 9201, 200))
INSIDE, OUTSIDE, AT_LIMIT, OVER_LIMIT = (3100, 4900), (6000, 7200), (4670, 5700), (4669, 5699)
TINY, SPLICED, UNSPLICED, ORGANELLE = (7300, 7320), (8000, 9040), (10000, 10240), (2000, 3000)
"""Half-open spans of the genes that test rows are about."""


def texts() -> dict[str, str]:
    """Return file name -> flat file text."""
    insertion, ring = bases("insertion", 2000), bases("ring", 3000)
    messenger, introns = bases("messenger", 240), bases("introns", 1200)
    exon_starts = range(8000, 9200, 200)
    held = list(bases("held", 2999) + "C" + complement(insertion) + "C" + bases("held", 6999))
    for place, start in enumerate(exon_starts):
        held[start : start + 40] = messenger[40 * place : 40 * place + 40]
    # What train only has when its own exons are joined.
    own_exons = [introns[200 * place : 200 * place + 40] for place in range(6)]
    held[10000:10240] = "".join(own_exons)
    train = (
        bases("train", 4999)
        + "A"
        + insertion
        + "A"
        + bases("between", 2999)
        + messenger
        + bases("after", 760)
        + introns
    )
    own = ",".join(f"{start}..{start + 39}" for start in range(11001, 12201, 200))
    fragment = ring[2500:] + ring[:500]
    nuclear = bases("left", 1999) + "C" + fragment + "C" + bases("right", 2999)
    return {
        "plant.1.genomic.gbff.gz": _record("NC_000001.1", TRAIN, train, [*gene(1, 100, 900), _spliced(2, own)]),
        "plant.2.genomic.gbff.gz": _record(
            "NC_000005.1",
            TEST,
            "".join(held),
            [
                *(gene(3, INSIDE[0] + 1, INSIDE[1], -1)),
                *(gene(4, OUTSIDE[0] + 1, OUTSIDE[1])),
                *(gene(5, AT_LIMIT[0] + 1, AT_LIMIT[1])),
                *(gene(6, OVER_LIMIT[0] + 1, OVER_LIMIT[1])),
                *(gene(7, TINY[0] + 1, TINY[1])),
                _spliced(8, EXONS),
                *(gene(9, UNSPLICED[0] + 1, UNSPLICED[1])),
            ],
        )
        + _record("NC_000006.1", TEST, nuclear, gene(1, ORGANELLE[0] + 1, ORGANELLE[1])),
        "plastid.1.genomic.gbff.gz": _record("NC_000008.1", "Pisum sativum", ring, gene(1, 100, 900), "circular"),
        "viral.1.genomic.gbff.gz": _record(
            "NC_000009.1", VALIDATION, bases("virus", 2000), gene(1, 10, 309), lineage=VIRUSES
        ),
    }


def _record(  # noqa: PLR0917 - as `record`
    accession, organism, sequence, features, topology="linear", lineage=PLANTS
) -> str:
    source = ("source", f"1..{len(sequence)}", [("organism", organism), ("mol_type", "genomic DNA")])
    return record(accession, sequence, [source, *features], topology=topology, organism=organism, lineage=lineage)


def _spliced(number: int, exons: str) -> tuple:
    return ("CDS", f"join({exons})", [("gene", f"abc{number}"), ("codon_start", "1"), ("product", f"spliced {number}")])


def build(root: Path, *, turned: bool = False) -> Results:
    """Run the stages up to pair, with the index of the held-out records at ``root/kmers``."""
    mirror = small_release(root.with_name(f"{root.name}-mirror"), pack(texts()))
    config, results = prepare(root, mirror, DIVISIONS, turned=turned), Results(root)
    deduplicate(results, config.divisions, config.splits, root / "decisions")
    chosen = held_out_records(results, config.divisions)
    write_index(record_sequences(results, chosen[::-1] if turned else chosen), K, root / "kmers")
    for division, part in places(results, config.divisions, turned):
        out = results.pairs(division, part)
        make_pairs(
            results.tables(division, part),
            results.decisions(division),
            pair_settings(),
            out,
            windows=WINDOWS,
            index=root / "kmers",
        )
    return results


def finish(results: Results, *, leaking: pl.DataFrame | None) -> Path:
    """Run the stages from collapse to assemble and return the dataset; without ``leaking`` nothing leaks."""
    shutil.rmtree(results.root / "copies", ignore_errors=True)
    collapse_copies(results, DIVISIONS, results.root / "copies", leaks=leaking)
    for division in DIVISIONS:
        for group in results.groups(division):
            shard.run(Build.open(results.root), division, group, results.shards(division, group))
    config = Config.load(results.root / "config.yaml")
    audit_shards(results, config)
    assemble.run(Build(results, config), results.root / "dataset")
    return results.root / "dataset"


def found_leaks(results: Results, policy: DecontaminationSettings = POLICY) -> pl.DataFrame:
    """Return the leaks of all divisions."""
    return leaks(results, DIVISIONS, results.root / "kmers", policy)


def rows(results: Results) -> pl.DataFrame:
    """Return the rows of all parts, with their split."""
    return pl.concat(
        pl.read_parquet(path).with_columns(split=pl.lit(path.stem))
        for split in ("train", "validation", "test")
        for path in sorted((results.root / "pairs").glob(f"*/*/{split}.parquet"))
    )


def words(sequence: str, k: int = K) -> set[str]:
    """Return the canonical words of a sequence, the plain way."""
    windows = (sequence[place : place + k] for place in range(len(sequence) - k + 1))
    return {min(window, complement(window)) for window in windows if set(window) <= set("ACGT")}


def train_words(results: Results, *, circles: bool) -> set[str]:
    """Return the words of all records and rows of train; with ``circles`` across the origin of whole molecules."""
    held = set().union(*map(words, rows(results).filter(split="train")["sequence"]))
    for sequence, circular in train_sequences(results):
        held |= words(sequence + sequence[: K - 1] if circular and circles else sequence)
    return held


def train_sequences(results: Results) -> Iterator[tuple[str, bool]]:
    """Yield the bases of the kept records of train, and whether they are circular."""
    for division in DIVISIONS:
        kept = pl.read_parquet(results.decisions(division)).filter(status="kept", split="train")
        for part, ordinal in kept.select("part", "ordinal").iter_rows():
            folder = results.tables(division, part)
            segments = pl.read_parquet(folder / "segments.parquet").filter(ordinal=ordinal)
            records = pl.read_parquet(folder / "records.parquet").filter(ordinal=ordinal)
            yield "".join(segments["sequence"]), records["topology"][0] == "circular"


def shares(results: Results, *, circles: bool) -> dict[str, float | None]:
    """Return pair_id -> share of the held-out rows' words that train holds, None without words."""
    held = train_words(results, circles=circles)
    held_out = rows(results).filter(pl.col("split") != "train")
    return {
        name: len(found & held) / len(found) if (found := words(sequence)) else None
        for name, sequence in held_out.select("pair_id", "sequence").iter_rows()
    }

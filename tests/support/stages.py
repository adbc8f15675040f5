"""Runs all stages in process, without Snakemake, over a made-up release with the cases of the later stages planted."""

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import yaml
from support.flatfile import record
from support.settings import values
from support.smallrelease import PLANTS, VIRUSES, bases, complement, gene, pack, plain, small_release

from dnacorpus.config.resolved import Config
from dnacorpus.curation.duplicates import Caps, CopyPolicy
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.pairs.rows import Limits
from dnacorpus.stages.assemble import assemble
from dnacorpus.stages.audit import audit, audit_group, audit_list
from dnacorpus.stages.catalog import catalog
from dnacorpus.stages.collapse import collapse, match_pairs
from dnacorpus.stages.dedup import dedup, match
from dnacorpus.stages.fetch import fetch
from dnacorpus.stages.pair import pair
from dnacorpus.stages.parse import parse_raw
from dnacorpus.stages.shard import shard
from dnacorpus.stages.taxonomy import taxonomy
from dnacorpus.storage.results import Results

DIVISIONS = ["plant", "plastid", "protozoa", "viral"]
CONFIG = values(
    name="t",
    mirror="unused",
    divisions=DIVISIONS,
    taxonomy="none",
    splits={"validation": 0.3, "test": 0.3, "always_train": ["Pisum sativum"], "max_eval_bases": 0},
    dedup={"max_bases_at_once": 1_000_000, "near": {"min_ani": 0}},
    decontamination={"max_overlap": 1},
    biosafety={"policy": "off"},
    pairs={"min_bases": 1, "max_uninformative_share": 1, "kinds": ["record", "gene", "paper"]},
    passages={"min_length": 20},
    papers={"source": "none"},
    shards={"group_bytes": 1},  # every part its own group
)
TRAIN, VALIDATION, TEST = "Arabidopsis thaliana", "Zika virus", "Oryza sativa"
"""Species by the split that they are in."""

NO_CAPS = Caps(most_per_cluster=0, most_per_species=0, most_held_out=0)
COLLAPSE = CopyPolicy(most=1, named=10)

OMIM = "Summary: Made by somebody else. [supplied\nby OMIM, May 2010]."
SUMMARY = "Summary: Made by NCBI. [provided\nby RefSeq, Jul 2008]."


def texts() -> dict[str, str]:
    """Return file name -> flat file text: copies, a leak, a conflict, an empty part, a division without any use."""
    first, chloroplast, virus = bases("first", 900), bases("chloroplast", 900), bases("virus", 900)
    linear = bases("linear", 900)
    shared = bases("leak", 9) + first[9:309] + bases("leak", 591)
    untold = [("source", "1..900", [("mol_type", "genomic DNA")]), *gene(1, 10, 309)]
    return {
        "plant.1.genomic.gbff.gz": plain("NC_000001.1", TRAIN, PLANTS, first)
        + plain("NC_000002.1", TRAIN, PLANTS, complement(chloroplast[321:] + chloroplast[:321]), topology="circular")
        + plain("NC_000003.1", TRAIN, PLANTS, linear, comment=OMIM)
        + plain("NC_000004.1", TRAIN, PLANTS, linear[400:] + linear[:400], comment=SUMMARY),
        "plant.2.genomic.gbff.gz": plain("NC_000005.1", TEST, PLANTS, shared)
        + record("NC_000006.1", bases("untold", 900), untold, organism=None)
        + plain("NC_000007.1", TRAIN, PLANTS),
        "plastid.1.genomic.gbff.gz": plain("NC_000002.1", TRAIN, PLANTS, chloroplast, topology="circular")
        + plain("NC_000008.1", TRAIN, PLANTS, bases("one", 900))
        + plain("NC_000008.1", TRAIN, PLANTS, bases("another", 900)),
        "plastid.2.genomic.gbff.gz": "",
        "protozoa.1.genomic.gbff.gz": plain("NC_000009.1", "Giardia duodenalis", ("Eukaryota",), locus_length=1000)
        + plain("NC_000010.1", "Giardia duodenalis", ("Eukaryota",)).replace("900 bp", "9x0 bp"),
        "viral.1.genomic.gbff.gz": plain("NC_000011.1", VALIDATION, VIRUSES, virus),
        "viral.2.genomic.gbff.gz": plain("AB000012.1", VALIDATION, VIRUSES, complement(virus)),
    }


def release(root: Path, files: dict[str, str] | None = None) -> Path:
    """Write the release, or other files in its place, and return its root."""
    return small_release(root, pack(files or texts()))


def build(
    root: Path, mirror: Path, divisions: Sequence[str] = DIVISIONS, *, turned: bool = False, **changes: object
) -> Path:
    """Run all stages into ``root`` and return the dataset; ``turned`` takes the parts in the opposite order."""
    config = prepare(root, mirror, divisions, turned=turned, **changes)
    results = Results(root)
    deduplicate(results, config.divisions, config.splits, root / "decisions")
    for division, part in places(results, config.divisions, turned):
        limits = Limits(max_bases=config["pairs.max_bases"])
        pair(results.tables(division, part), results.decisions(division), limits, results.pairs(division, part))
    collapse_copies(results, config.divisions, root / "copies")
    for division in config.divisions:
        for group in sorted(results.groups(division), reverse=turned):
            shard(results, division, group, results.shards(division, group))
    audit_shards(results, config)
    assemble(results, config, root / "dataset")
    return root / "dataset"


def audit_shards(results: Results, config: Config) -> None:
    """Run the audit over all groups."""
    folder = results.root / "audit"
    audit_list(results, config.divisions, config.audit, results.root / "audit_list")
    groups = [(division, group) for division in config.divisions for group in results.groups(division)]
    met = [folder / division / f"{group}.parquet" for division, group in groups]
    for (division, group), path in zip(groups, met, strict=True):
        audit_group(results, division, group, results.root / "audit_list", path)
    audit(results, config.divisions, results.root / "audit_list", met, results.audit())


def deduplicate(  # noqa: PLR0917 - the order that dedup had when it was one stage
    results: Results,
    divisions: Sequence[str],
    policy: SplitPolicy,
    out: Path,
    caps: Caps = NO_CAPS,
    near: pl.DataFrame | None = None,
    excluded: pl.DataFrame | None = None,
    buckets: int = 2,
    bases_at_once: int = 1_000_000,
) -> None:
    """Run match over all buckets, its tables beside ``out``, and dedup."""
    matches = [out.parent / "matches" / str(bucket) / "exact.parquet" for bucket in range(buckets)]
    for bucket, path in enumerate(matches):
        match(results, divisions, bucket, buckets, bases_at_once, path)
    dedup(results, divisions, policy, caps, matches, out, near, excluded)


def decide_by_hand(go: Callable[..., object], root: Path, groups: Sequence[tuple[str, str]], buckets: int) -> None:
    """Give the commands from sketch to index, in the order of work."""
    config = ("--config", root / "config.yaml")
    for division, group in groups:
        out = root / "sketches" / division / group
        go("sketch", *config, "--division", division, "--group", group, "--out", out)
    for bucket in range(buckets):
        go("match", *config, "--bucket", bucket, "--out", root / "matches" / str(bucket))
    go("dedup", *config, "--out", root / "decisions")
    go("index", *config, "--out", root / "kmers")


def collapse_by_hand(go: Callable[..., object], root: Path, buckets: int) -> None:
    """Give the commands match-pairs and collapse."""
    config = ("--config", root / "config.yaml")
    for bucket in range(buckets):
        go("match-pairs", *config, "--bucket", bucket, "--out", root / "matches_of_pairs" / f"{bucket}.parquet")
    go("collapse", *config, "--out", root / "copies")


def audit_by_hand(go: Callable[..., object], root: Path, groups: Sequence[tuple[str, str]]) -> None:
    """Give the commands of the audit."""
    config, listed = ("--config", root / "config.yaml"), ("--list", root / "audit_list")
    go("audit-list", *config, "--out", listed[1])
    for division, group in groups:
        out = root / "audit" / division / f"{group}.parquet"
        go("audit-group", *config, "--division", division, "--group", group, *listed, "--out", out)
    go("audit", *config, *listed, "--out", root / "audit.parquet")


def collapse_copies(  # noqa: PLR0917 - the order that collapse had when it was one stage
    results: Results,
    divisions: Sequence[str],
    out: Path,
    policy: CopyPolicy = COLLAPSE,
    leaks: pl.DataFrame | None = None,
    buckets: int = 2,
    bases_at_once: int = 1_000_000,
) -> None:
    """Run match_pairs over all buckets, its tables beside ``out``, and collapse."""
    matches = [out.parent / "matches_of_pairs" / f"{bucket}.parquet" for bucket in range(buckets)]
    for bucket, path in enumerate(matches):
        match_pairs(results, divisions, bucket, buckets, bases_at_once, path)
    collapse(results, divisions, matches, policy, leaks, out)


def prepare(
    root: Path, mirror: Path, divisions: Sequence[str] = DIVISIONS, *, turned: bool = False, **changes: object
) -> Config:
    """Write the config, and run the stages up to parse; that of the taxonomy only where ``changes`` name one."""
    root.mkdir(parents=True, exist_ok=True)
    chosen = list(divisions)[:: -1 if turned else 1]
    (root / "config.yaml").write_text(yaml.safe_dump(CONFIG | {"divisions": chosen} | changes))
    config, results = Config.load(root / "config.yaml"), Results(root)
    if "taxonomy" in changes:
        taxonomy(config["taxonomy"], str(mirror), results.taxonomy())
    for division in chosen:
        catalog(str(mirror), division, root / "catalog" / f"{division}.tsv", config["shards.group_bytes"])
    for division, part in places(results, chosen, turned):
        fetch(str(mirror), root / "catalog" / f"{division}.tsv", part, results.raw(division, part))
        taxa = results.taxonomy() if results.taxonomy().is_dir() else None
        parse_raw(results.raw(division, part), results.tables(division, part), taxa)
    return config


def places(results: Results, divisions: Sequence[str], turned: bool = False) -> list[tuple[str, str]]:
    """Return (division, part) of all parts."""
    found = [(division, part) for division in divisions for part in results.parts(division)]
    return found[:: -1 if turned else 1]


def decisions(root: Path) -> pl.DataFrame:
    """Return the decisions of all divisions."""
    return pl.concat(pl.read_parquet(path) for path in sorted((root / "decisions").glob("*.parquet")))


def published(dataset: Path, config: str) -> pl.DataFrame:
    """Return all rows of a config with the path of the shard and the row there."""
    return pl.concat(
        pl.read_parquet(path, hive_partitioning=False)
        .with_row_index("row")
        .with_columns(file=pl.lit(path.relative_to(dataset).as_posix()), split=pl.lit(path.name.split("-")[0]))
        for path in sorted((dataset / "data" / config).rglob("*.parquet"))
    )

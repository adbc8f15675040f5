"""Runs all stages in process, without Snakemake, over a made-up release with the cases of the later stages planted."""

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import yaml
from support.flatfile import record
from support.settings import copies, pair_settings, values
from support.smallrelease import PLANTS, VIRUSES, bases, complement, gene, pack, plain, small_release

from dnacorpus.config.build import Build
from dnacorpus.config.resolved import Config
from dnacorpus.curation.copies import pair_copies, record_copies
from dnacorpus.curation.duplicates import Caps
from dnacorpus.curation.exact import Bucket
from dnacorpus.curation.pair_decisions import PairVerdicts, write_pair_decisions
from dnacorpus.curation.record_decisions import RecordRules, Verdicts, write_decisions
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.schemas.curation import MATCHES, MATCHES_OF_PAIRS
from dnacorpus.settings.pairs import PairSettings, PassageSettings, QaSettings, WindowSettings
from dnacorpus.sources.part_files import fetch_part
from dnacorpus.sources.release_catalog import write_catalog
from dnacorpus.sources.taxdump import write_taxonomy
from dnacorpus.stages import assemble, audit, audit_group, audit_list, parse, shard
from dnacorpus.stages.pair import Guards, PartInputs, RowSettings, Screen, unscreened, write_pairs
from dnacorpus.storage import parquet as tables
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

NO_CAPS = Caps(max_per_cluster=0, max_per_species=0, max_eval_bases=0)
COLLAPSE = copies(1, 10)

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
    one = Build(results, config)
    deduplicate(results, config.divisions, config.splits, root / "decisions")
    for division, part in places(results, config.divisions, turned):
        limits = pair_settings(config.settings.pairs.max_bases)
        make_pairs(results.tables(division, part), results.decisions(division), limits, results.pairs(division, part))
    collapse_copies(results, config.divisions, root / "copies")
    for division in config.divisions:
        for group in sorted(results.groups(division), reverse=turned):
            shard.run(one, division, group, results.shards(division, group))
    audit_shards(results, config)
    assemble.run(one, root / "dataset")
    return root / "dataset"


def make_pairs(  # noqa: PLR0917 - the inputs, settings and output of `write_pairs`, one by one
    tables: Path,
    decisions: Path,
    limits: PairSettings,
    out: Path,
    papers: Path | None = None,
    passages: PassageSettings | None = None,
    qa: QaSettings | None = None,
    windows: WindowSettings | None = None,
    index: Path | None = None,
    screen: Screen = unscreened,
) -> None:
    """Write the pairs of the part whose tables are in a folder <division>/<part>."""
    settings = RowSettings(limits, windows, passages, qa)
    write_pairs(PartInputs(tables, decisions, papers), settings, Guards(index, screen), out)


def audit_shards(results: Results, config: Config) -> None:
    """Run the audit over all groups."""
    one, listed = Build(results, config), results.root / "audit_list"
    audit_list.run(one, listed)
    for division, group in results.group_keys(config.divisions):
        audit_group.run(one, division, group, listed, results.audit_of_group(division, group))
    audit.run(one, listed, results.audit())


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
    """Write the copies of all buckets beside ``out``, and the decisions to it."""
    copies = [out.parent / "matches" / str(bucket) / "exact.parquet" for bucket in range(buckets)]
    for bucket, path in enumerate(copies):
        write_copies(results, divisions, Bucket(bucket, buckets), path, bases_at_once)
    given = {"near": near, "excluded": excluded}
    verdicts = Verdicts(copies, **{name: frame for name, frame in given.items() if frame is not None})
    write_decisions(results, divisions, RecordRules(policy, caps), verdicts, out)


def write_copies(results: Results, divisions: Sequence[str], bucket: Bucket, out: Path, bases_at_once: int) -> None:
    """Write the copies among the records of one bucket."""
    copies = record_copies(results, divisions, bucket, bases_at_once)
    tables.write(out, MATCHES, copies.to_arrow().cast(MATCHES))


def decide_by_hand(go: Callable[..., object], root: Path, groups: Sequence[tuple[str, str]], buckets: int) -> None:
    """Give the commands from sketch to index, in the order of work."""
    build = ("--build", root)
    for division, group in groups:
        out = root / "sketches" / division / group
        go("sketch", *build, "--division", division, "--group", group, "--out", out)
    for bucket in range(buckets):
        go("match", *build, "--bucket", bucket, "--out", root / "matches" / str(bucket))
    go("dedup", *build, "--out", root / "decisions")
    go("index", *build, "--out", root / "kmers")


def collapse_by_hand(go: Callable[..., object], root: Path, buckets: int) -> None:
    """Give the commands match-pairs and collapse."""
    build = ("--build", root)
    for bucket in range(buckets):
        go("match-pairs", *build, "--bucket", bucket, "--out", root / "matches_of_pairs" / f"{bucket}.parquet")
    go("collapse", *build, "--out", root / "copies")


def audit_by_hand(go: Callable[..., object], root: Path, groups: Sequence[tuple[str, str]]) -> None:
    """Give the commands of the audit."""
    build, listed = ("--build", root), ("--list", root / "audit_list")
    go("audit-list", *build, "--out", listed[1])
    for division, group in groups:
        out = root / "audit" / division / f"{group}.parquet"
        go("audit-group", *build, "--division", division, "--group", group, *listed, "--out", out)
    go("audit", *build, *listed, "--out", root / "audit.parquet")


def collapse_copies(  # noqa: PLR0917 - the order that collapse had when it was one stage
    results: Results,
    divisions: Sequence[str],
    out: Path,
    policy: PairSettings = COLLAPSE,
    leaks: pl.DataFrame | None = None,
    buckets: int = 2,
    bases_at_once: int = 1_000_000,
) -> None:
    """Write the copies among the pairs of all buckets beside ``out``, and the decisions to it."""
    copies = [out.parent / "matches_of_pairs" / f"{bucket}.parquet" for bucket in range(buckets)]
    for bucket, path in enumerate(copies):
        frame = pair_copies(results, divisions, Bucket(bucket, buckets), bases_at_once)
        tables.write(path, MATCHES_OF_PAIRS, frame.to_arrow().cast(MATCHES_OF_PAIRS))
    verdicts = PairVerdicts(copies) if leaks is None else PairVerdicts(copies, leaks)
    write_pair_decisions(results, divisions, policy, verdicts, out)


def prepare(
    root: Path, mirror: Path, divisions: Sequence[str] = DIVISIONS, *, turned: bool = False, **changes: object
) -> Config:
    """Write the config, and run the stages up to parse; that of the taxonomy only where ``changes`` name one."""
    root.mkdir(parents=True, exist_ok=True)
    chosen = list(divisions)[:: -1 if turned else 1]
    (root / "config.yaml").write_text(yaml.safe_dump(CONFIG | {"divisions": chosen} | changes))
    config, results = Config.load(root / "config.yaml"), Results(root)
    if "taxonomy" in changes:
        write_taxonomy(config.settings.taxonomy, str(mirror), results.taxonomy())
    for division in chosen:
        write_catalog(str(mirror), division, root / "catalog" / f"{division}.tsv", config.settings.shards.group_bytes)
    for division, part in places(results, chosen, turned):
        fetch_part(str(mirror), root / "catalog" / f"{division}.tsv", part, results.raw(division, part))
        taxa = results.taxonomy() if results.taxonomy().is_dir() else None
        parse.run(results.raw(division, part), results.tables(division, part), taxa)
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

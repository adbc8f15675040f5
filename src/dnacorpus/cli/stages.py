"""The verbs that Snakemake runs: a table of the stages, in the order of work.

A stage with ``--build`` opens the build and calls ``run`` of the module of its name in `dnacorpus.stages`, with the
values of its options.
"""

import argparse
import importlib
from pathlib import Path

from dnacorpus.cli.options import BUCKET, BUILD, DIVISION, GROUP, OUT_FILE, OUT_FOLDER, Option, Verb, files
from dnacorpus.cli.output import print_error

_BUILD_OR_MIRROR = (
    Option("--build", type=Path, metavar="DIR", help="the folder of a build: results/NAME"),
    Option("--mirror", metavar="URL|DIR", help="without a build: a mirror with RELEASE_NUMBER and the divisions"),
    Option("--contact", default="", metavar="ADDRESS", help="with --mirror: e-mail address for the server's logs"),
)
_PART = Option("--part", required=True, metavar="NAME", help="a part of the division's catalog")
_LIST = Option("--list", dest="listed", type=Path, required=True, metavar="DIR", help="the folder of audit-list")


def stage(name: str, summary: str, takes: str, makes: str, example: str, *options: Option, notes: str = "") -> Verb:
    """Return the verb of a stage whose ``run`` takes a build and the values of ``options``."""

    def run(chosen: argparse.Namespace) -> None:
        from dnacorpus.config.build import Build

        module = importlib.import_module(f"dnacorpus.stages.{name.replace('-', '_')}")
        module.run(Build.open(chosen.build), **{option.dest: getattr(chosen, option.dest) for option in options})

    return Verb(
        name, summary, takes, makes, f"dnacorpus {name} --build results/mine {example}", run, (BUILD, *options),
        notes=notes,
    )  # fmt: skip


def _catalog(options: argparse.Namespace) -> None:
    from dnacorpus.config.build import Build
    from dnacorpus.errors import UsageError
    from dnacorpus.stages import catalog

    _refuse_build_and_mirror(options)
    if options.build:
        catalog.run(Build.open(options.build), options.division, options.out)
    elif not options.group_bytes:
        raise UsageError("--mirror: expected --group-bytes with it, found none; give e.g. --group-bytes 512000000")
    else:
        catalog.run_on_mirror(options.mirror, options.division, options.group_bytes, options.out, options.contact)


def _fetch(options: argparse.Namespace) -> None:
    from dnacorpus.config.build import Build
    from dnacorpus.stages import fetch

    _refuse_build_and_mirror(options)
    if options.build:
        fetch.run(Build.open(options.build), options.catalog, options.part, options.out)
    else:
        fetch.run_on_mirror(options.mirror, options.catalog, options.part, options.out, options.contact)


_OF_THE_CONFIG = ("group_bytes", "contact")
"""Options of ``--mirror`` that the config of a build sets."""


def _refuse_build_and_mirror(options: argparse.Namespace) -> None:
    from dnacorpus.errors import UsageError

    if bool(options.build) == bool(options.mirror):
        found = "both" if options.build else "neither"
        raise UsageError(f"expected either --build or --mirror, found {found}; see dnacorpus {options.verb} --help")
    given = [f"--{name.replace('_', '-')}" for name in _OF_THE_CONFIG if getattr(options, name, None) not in {None, ""}]
    if options.build and given:
        raise UsageError(
            f"--build: expected no {' or '.join(given)} with it, because it is read from the config of the build;"
            " leave it out, or change the config and run snakemake"
        )


def _parse(options: argparse.Namespace) -> int:
    from dnacorpus.errors import UsageError
    from dnacorpus.stages import parse

    files = (options.gbff, options.fna, options.gff)
    if (options.raw is None) == (not any(files)):
        raise UsageError("expected either --gbff or --fna (and --division) or --raw; see dnacorpus parse --help")
    if options.raw is not None:
        parse.run(options.raw, options.out, options.taxonomy)
        return 0
    if options.division is None or not (options.gbff or options.fna):
        raise UsageError("--gbff and --fna need --division, e.g. --division viral; --gff needs --fna")
    damage = parse.run_on_files(
        options.division, *files, options.out, release=options.release, taxonomy=options.taxonomy
    )
    if damage:
        print_error(
            f"dnacorpus parse: {damage}; the records before the damage are in {options.out}; get the file again"
        )
    return 1 if damage else 0


VERBS = (
    stage(
        "taxonomy",
        "Read NCBI's taxdump: each taxid with its species, genus and lineage",
        "the taxdump of the config, or of the mirror",
        "a folder of tables, empty without a taxdump, and catalog/taxonomy.json of the build, which pins it",
        "--out results/mine/taxonomy",
        OUT_FOLDER,
    ),
    Verb(
        "catalog",
        "List the files of a division as parts and shard groups",
        "the list of files of a release; with --build also a pinned catalog or a custom division",
        "a TSV of part, group, file, URL, bytes and MD5",
        "dnacorpus catalog --mirror mirror/release --division viral --group-bytes 512000000 --out viral.tsv",
        _catalog,
        (
            *_BUILD_OR_MIRROR,
            Option("--division", required=True, metavar="NAME", help="of the release, or a custom one of the build"),
            Option("--group-bytes", type=int, metavar="N", help="with --mirror: compressed bytes of a shard group"),
            OUT_FILE,
        ),
    ),
    Verb(
        "fetch",
        "Download the files of one part, or link those of a folder, and verify them",
        "the catalog of the division",
        "a folder of the files, and part.json with size, MD5 and status of each",
        "dnacorpus fetch --mirror mirror/release --catalog viral.tsv --part viral.1 --out raw/viral/viral.1",
        _fetch,
        (
            *_BUILD_OR_MIRROR,
            Option("--catalog", type=Path, required=True, metavar="FILE", help="the catalog of the division"),
            _PART,
            OUT_FOLDER,
        ),
        notes="A download that was killed is resumed.",
    ),
    Verb(
        "parse",
        "Read the flat files, FASTA and GFF of one part into tables",
        "the files of one part, or with --raw the folder that fetch wrote",
        "a folder of records, features, segments, references, rejects and ledger",
        "dnacorpus parse --division viral --gbff viral.1.genomic.gbff.gz --fna viral.1.1.genomic.fna.gz --out tables",
        _parse,
        (
            Option("--division", metavar="NAME", help="the division to note in the tables"),
            files("--gbff", help="GenBank or EMBL flat files"),
            files("--fna", help="FASTA files with their sequences"),
            files("--gff", help="GFF3 or GTF: annotation of sequences in --fna that no flat file has"),
            Option("--release", metavar="N", help="the release number to note in the tables"),
            Option("--taxonomy", type=Path, metavar="DIR", help="the folder of taxonomy; else species from names"),
            Option("--raw", type=Path, metavar="DIR", help="the folder of fetch, instead of the files"),
            OUT_FOLDER,
        ),
        notes="Exit code 1, after writing the records before the damage, when a file ends early; with --raw a damaged"
        " file leaves the part empty and is in its ledger.",
    ),
    stage(
        "sketch",
        "Sketch the records of one shard group: a few k-mers of each",
        "the tables of the group's parts",
        "a folder of two Parquet files",
        "--division viral --group 00000 --out results/mine/sketches/viral/00000",
        DIVISION, GROUP, OUT_FOLDER,
    ),
    stage(
        "match",
        "Find copies and near-duplicates among the records, in one bucket of hashes",
        "the tables of all parts, and the sketches",
        "a folder of two Parquet files",
        "--bucket 0 --out results/mine/matches/0",
        BUCKET, OUT_FOLDER,
    ),
    stage(
        "dedup",
        "Decide which records are kept, and the split of each",
        "the tables of all parts, and the matches of all buckets",
        "a folder with a Parquet file of decisions for each division",
        "--out results/mine/decisions",
        OUT_FOLDER,
    ),
    stage(
        "index",
        "Index the k-mers of held-out records, and of those under the biosafety policy",
        "the decisions, and the tables of all parts",
        "a folder of both indexes",
        "--out results/mine/kmers",
        OUT_FOLDER,
    ),
    stage(
        "papers",
        "Read the papers that kept records cite",
        "the decisions, and a folder of papers or PubMed, PMC and Europe PMC",
        "a Parquet file of papers, and beside it a JSON file of counts",
        "--out results/mine/papers.parquet",
        OUT_FILE,
        notes="NCBI_API_KEY in the environment raises the rate of requests.",
    ),
    stage(
        "pair",
        "Describe the kept records of one part and their features as rows of DNA and text",
        "the tables of the part, the decisions, the papers and the k-mers of the build",
        "a folder of rows by split, their keys, and a ledger",
        "--division viral --part viral.1 --out results/mine/pairs/viral/viral.1",
        DIVISION, _PART, OUT_FOLDER,
    ),
    stage(
        "match-pairs",
        "Find copies among the pairs, in one bucket of digests",
        "the pairs of all parts",
        "a Parquet file",
        "--bucket 0 --out results/mine/matches_of_pairs/0.parquet",
        BUCKET, OUT_FILE,
    ),
    stage(
        "collapse",
        "Decide which pairs are kept: no copies of a gene, no leaks into evaluation",
        "the pairs of all parts, their matches of all buckets, and the k-mers",
        "a folder with a Parquet file of decisions for each division",
        "--out results/mine/copies",
        OUT_FOLDER,
    ),
    stage(
        "shard",
        "Write the kept rows of one shard group as the files that are published",
        "the tables, pairs and decisions of the group, and the papers",
        "a folder of Parquet files and shards.json",
        "--division viral --group 00000 --out results/mine/shards/viral/00000",
        DIVISION, GROUP, OUT_FOLDER,
    ),
    stage(
        "audit-list",
        "List the k-mers of the held-out rows of all shards",
        "the shards of all groups",
        "a folder",
        "--out results/mine/audit_list",
        OUT_FOLDER,
    ),
    stage(
        "audit-group",
        "Look up which listed k-mers the train shards of one group hold",
        "the shards of the group, and the list",
        "a Parquet file",
        "--division viral --group 00000 --list results/mine/audit_list --out results/mine/audit/viral/00000.parquet",
        DIVISION, GROUP, _LIST, OUT_FILE,
    ),
    stage(
        "audit",
        "Measure how much of each held-out row also occurs in train",
        "the shards of all groups, the list, and the files of audit-group in the build",
        "a Parquet file with a row for each held-out row",
        "--list results/mine/audit_list --out results/mine/audit.parquet",
        _LIST, OUT_FILE,
        notes="It shares no code with the stages that remove leaks.",
    ),
    stage(
        "assemble",
        "Number and link the shards; write ledger, index, card and manifest",
        "the shards, the audit, the papers, and the ledgers and decisions of all parts",
        "the dataset folder",
        "--out results/mine/dataset",
        OUT_FOLDER,
    ),
)  # fmt: skip

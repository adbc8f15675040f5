"""The verbs of the stages that work on what was fetched: parse to assemble, and check.

Each verb opens what it is given, calls one function, and says what it printed on stdout alone. Imports of
a verb stand inside it, so that ``--help`` answers at once.
"""

import argparse
import sys
from pathlib import Path

from dnacorpus.cli.options import Verbs, add_config, add_verb


def add_parse(verbs: Verbs) -> None:
    """Add the verb ``parse``."""

    def run(options: argparse.Namespace) -> int:
        from dnacorpus.errors import UsageError
        from dnacorpus.sources.release import member_of
        from dnacorpus.stages.parse import Files, parse_part, parse_raw

        files = Files(options.gbff, options.fna, options.gff)
        if (options.raw is None) == (not list(files)):
            raise UsageError("expected either --gbff or --fna (and --division) or --raw; see dnacorpus parse --help")
        if options.raw is not None:
            parse_raw(options.raw, options.out, options.taxonomy)
            return 0
        if options.division is None or not (options.gbff or options.fna):
            raise UsageError("--gbff and --fna need --division, e.g. --division viral; --gff needs --fna")
        part = member_of((*options.gbff, *options.fna)[0].name)
        damage = parse_part(
            options.division, part, files, options.out, release=options.release, taxonomy=options.taxonomy
        )
        if damage:
            print(f"dnacorpus parse: {damage}; what is legible is in {options.out}; get the file anew", file=sys.stderr)
        return 1 if damage else 0

    verb = add_verb(
        verbs,
        "parse",
        run,
        "Read the flat files, FASTA and GFF of one part into tables. Out: a folder with records, features, segments,"
        " references, rejects and ledger.\nExit code 1, after writing what is legible, when a file ends early;"
        " with --raw a damaged file empties the part and stands in its ledger.",
        "dnacorpus parse --division viral --gbff viral.1.genomic.gbff.gz --fna viral.1.1.genomic.fna.gz --out tables",
    )
    verb.add_argument("--division")
    verb.add_argument("--gbff", type=Path, nargs="+", action="extend", default=[], metavar="FILE")
    verb.add_argument("--fna", type=Path, nargs="+", action="extend", default=[], metavar="FILE")
    gff_help = "GFF3 or GTF: annotation of sequences in --fna that no flat file has"
    verb.add_argument("--gff", type=Path, nargs="+", action="extend", default=[], metavar="FILE", help=gff_help)
    verb.add_argument("--release", help="release number to note in the tables")
    verb.add_argument("--taxonomy", type=Path, metavar="FOLDER", help="a folder that the taxonomy stage made")
    verb.add_argument("--raw", type=Path, metavar="FOLDER", help="a folder that fetch made, instead of the files")
    verb.add_argument("--out", type=Path, required=True)


def add_pair(verbs: Verbs) -> None:
    """Add the verb ``pair``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config.resolved import Config
        from dnacorpus.curation.biosafety.screen import RowGuard
        from dnacorpus.curation.kmer_index import KmerIndex
        from dnacorpus.stages.pair import Screen, as_they_are, pair
        from dnacorpus.text.templates import Templates

        config = Config.load(options.config)
        papers = options.papers if "paper" in config["pairs.kinds"] else None
        policy, held_out = config.biosafety, None
        screen: Screen = as_they_are
        if options.kmers:
            held_out, excluded = options.kmers / "held_out", KmerIndex.open(options.kmers / "excluded")
            guard = RowGuard(excluded, excluded.k, policy.share)
            screen = {"exclude": guard.keep_out, "flag": guard.flag, "off": as_they_are}[policy.policy]
        pair(
            options.tables,
            options.decisions,
            config.limits,
            options.out,
            papers,
            config.passages,
            config.questions,
            held_out,
            screen,
            Templates.load(config.templates),
        )

    verb = add_verb(
        verbs,
        "pair",
        run,
        "Describe the kept records of one part and their features. Out: a folder of rows of DNA and text by split.",
        "dnacorpus pair --config results/refseq/config.yaml --tables results/refseq/tables/viral/viral.1"
        " --decisions results/refseq/decisions/viral.parquet --out results/refseq/pairs/viral/viral.1",
    )
    add_config(verb)
    verb.add_argument("--tables", type=Path, required=True, help="the part's tables")
    verb.add_argument("--decisions", type=Path, required=True, help="the division's decisions")
    verb.add_argument("--papers", type=Path, help="the table of papers that kept records cite")
    verb.add_argument("--kmers", type=Path, help="the k-mers of held-out and of excluded records, made by index")
    verb.add_argument("--out", type=Path, required=True)


def add_shard(verbs: Verbs) -> None:
    """Add the verb ``shard``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.stages.shard import shard
        from dnacorpus.storage.results import Results

        shard(Results(options.config.parent), options.division, options.group, options.out)

    verb = add_verb(
        verbs,
        "shard",
        run,
        "Write what is kept of one group of parts as the Parquet files that are published. Out: a folder of them.",
        "dnacorpus shard --config results/refseq/config.yaml --division viral --group 00000"
        " --out results/refseq/shards/viral/00000",
    )
    add_config(verb)
    verb.add_argument("--division", required=True)
    verb.add_argument("--group", required=True)
    verb.add_argument("--out", type=Path, required=True)


def add_assemble(verbs: Verbs) -> None:
    """Add the verb ``assemble``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config.resolved import Config
        from dnacorpus.stages.assemble import assemble
        from dnacorpus.storage.results import Results

        assemble(Results(options.config.parent), Config.load(options.config), options.out)

    verb = add_verb(
        verbs,
        "assemble",
        run,
        "Number and link the shards, write ledger, index and card, the manifest last. Out: the dataset folder.",
        "dnacorpus assemble --config results/refseq/config.yaml --out results/refseq/dataset",
    )
    add_config(verb)
    verb.add_argument("--out", type=Path, required=True)


def add_check(verbs: Verbs) -> None:
    """Add the verb ``check``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.stages.check import check

        check(options.dataset, options.out, print)

    verb = add_verb(
        verbs,
        "check",
        run,
        "Print what came into a build and what became of it. Out: the same as text.\n"
        "Exit code 1, and no such text, when a file was damaged.",
        "dnacorpus check results/refseq/dataset --out results/refseq/summary.txt",
    )
    verb.add_argument("dataset", type=Path)
    verb.add_argument("--out", type=Path, required=True)


ADD = (
    add_parse,
    add_pair,
    add_shard,
    add_assemble,
    add_check,
)
"""The verbs in the order of work."""

"""The command line: one verb per stage, and the verbs of the dataset's users.

Each verb opens what it is given, calls one function, and ends with an exit code: 0 done, 1 bad data,
2 usage, 3 network. Imports of a verb stand inside it, so that ``--help`` answers at once.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from dnacorpus import __version__
from dnacorpus.errors import CorpusError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; an error of ours is one line on stderr."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        return int(options.run(options) or 0)
    except CorpusError as error:
        print(f"dnacorpus {options.verb}: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        if error.filename is None:
            raise
        print(
            f"dnacorpus {options.verb}: {error.filename}: {error.strerror};"
            " check that the path exists, can be written and has room",
            file=sys.stderr,
        )
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
    top = argparse.ArgumentParser(
        prog="dnacorpus",
        description="Turn NCBI RefSeq into a DNA - natural-language corpus. The whole way: snakemake --cores 2",
    )
    top.add_argument("--version", action="version", version=f"dnacorpus {__version__}")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for add in (_catalog, _fetch, _parse, _dedup, _pair, _collapse, _shard, _assemble, _check, _verify):
        add(verbs)
    return top


Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run = Callable[[argparse.Namespace], int | None]


def _verb(verbs: Verbs, name: str, run: Run, what: str, example: str) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=what.split(". ", maxsplit=1)[0],
        description=what,
        epilog=f"example: {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(run=run)
    return verb


def _add_config(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--config", type=Path, required=True, help="the resolved config: results/NAME/config.yaml")


def _add_mirror(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--mirror", required=True, help="URL or folder that holds RELEASE_NUMBER and the divisions")
    verb.add_argument("--contact", default="", help="an address for the User-Agent of requests")


def _catalog(verbs: Verbs) -> None:
    def run(options: argparse.Namespace) -> None:
        from dnacorpus.catalog import catalog
        from dnacorpus.remote import Policy

        policy = Policy(contact=options.contact)
        catalog(options.mirror, options.division, options.out, options.group_bytes, policy)

    verb = _verb(
        verbs,
        "catalog",
        run,
        "List the release files of a division as parts and shard groups. Out: a TSV of file, url, bytes and MD5.",
        "dnacorpus catalog --mirror mirror/release --division viral --group-bytes 512000000 --out viral.tsv",
    )
    _add_mirror(verb)
    verb.add_argument("--division", required=True)
    verb.add_argument("--group-bytes", type=int, required=True, help="compressed bytes of parts that share shards")
    verb.add_argument("--out", type=Path, required=True)


def _fetch(verbs: Verbs) -> None:
    def run(options: argparse.Namespace) -> None:
        from dnacorpus.fetch import fetch
        from dnacorpus.remote import Policy

        fetch(options.mirror, options.catalog, options.part, options.out, Policy(contact=options.contact))

    verb = _verb(
        verbs,
        "fetch",
        run,
        "Bring the files of one part here: downloaded or, from a folder, linked; MD5 verified. Out: a folder of them.",
        "dnacorpus fetch --mirror mirror/release --catalog viral.tsv --part viral.1 --out raw/viral/viral.1",
    )
    _add_mirror(verb)
    verb.add_argument("--catalog", type=Path, required=True, help="the division's catalog")
    verb.add_argument("--part", required=True)
    verb.add_argument("--out", type=Path, required=True)


def _parse(verbs: Verbs) -> None:
    def run(options: argparse.Namespace) -> int:
        from dnacorpus.errors import UsageError
        from dnacorpus.parse import parse_part, parse_raw

        if (options.raw is None) == (options.gbff is None):
            raise UsageError("expected either --gbff FILE (and --division) or --raw FOLDER; see dnacorpus parse --help")
        if options.raw is not None:
            parse_raw(options.raw, options.out)
            return 0
        if options.division is None:
            raise UsageError("--gbff needs --division, e.g. --division viral")
        part = options.gbff[0].name.split(".genomic")[0]
        damage = parse_part(options.division, part, options.release, options.gbff, options.fna, options.out)
        if damage:
            print(f"dnacorpus parse: {damage}; what is legible is in {options.out}; get the file anew", file=sys.stderr)
        return 1 if damage else 0

    verb = _verb(
        verbs,
        "parse",
        run,
        "Read the flat file and FASTA of one part into tables. Out: a folder with records, features, segments,"
        " references, rejects and ledger.\nExit code 1, after writing what is legible, when a file ends early;"
        " with --raw a damaged file empties the part and stands in its ledger.",
        "dnacorpus parse --division viral --gbff viral.1.genomic.gbff.gz --fna viral.1.1.genomic.fna.gz --out tables",
    )
    verb.add_argument("--division")
    verb.add_argument("--gbff", type=Path, nargs="+", action="extend", metavar="FILE")
    verb.add_argument("--fna", type=Path, nargs="+", action="extend", default=[], metavar="FILE")
    verb.add_argument("--release", help="release number to note in the tables")
    verb.add_argument("--raw", type=Path, metavar="FOLDER", help="a folder that fetch made, instead of the files")
    verb.add_argument("--out", type=Path, required=True)


def _dedup(verbs: Verbs) -> None:
    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config import Config
        from dnacorpus.dedup import dedup
        from dnacorpus.layout import Results

        config = Config.load(options.config)
        dedup(Results(options.config.parent), config.divisions, config.splits, options.out)

    verb = _verb(
        verbs,
        "dedup",
        run,
        "Decide which records stay: exact copies over both strands and rotation; and which split each is in."
        " Out: a Parquet file of decisions per division.",
        "dnacorpus dedup --config results/refseq/config.yaml --out results/refseq/decisions",
    )
    _add_config(verb)
    verb.add_argument("--out", type=Path, required=True, help="folder for <division>.parquet")


def _pair(verbs: Verbs) -> None:
    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config import Config
        from dnacorpus.pair import pair
        from dnacorpus.pairs import Limits

        limits = Limits(max_bases=int(Config.load(options.config)["pairs.max_bases"]))
        pair(options.tables, options.decisions, limits, options.out)

    verb = _verb(
        verbs,
        "pair",
        run,
        "Describe the kept records of one part and their features. Out: a folder of rows of DNA and text by split.",
        "dnacorpus pair --config results/refseq/config.yaml --tables results/refseq/tables/viral/viral.1"
        " --decisions results/refseq/decisions/viral.parquet --out results/refseq/pairs/viral/viral.1",
    )
    _add_config(verb)
    verb.add_argument("--tables", type=Path, required=True, help="the part's tables")
    verb.add_argument("--decisions", type=Path, required=True, help="the division's decisions")
    verb.add_argument("--out", type=Path, required=True)


def _collapse(verbs: Verbs) -> None:
    def run(options: argparse.Namespace) -> None:
        from dnacorpus.collapse import collapse
        from dnacorpus.config import Config
        from dnacorpus.layout import Results

        collapse(Results(options.config.parent), Config.load(options.config).divisions, options.out)

    verb = _verb(
        verbs,
        "collapse",
        run,
        "Decide which gene rows stay: one for each sequence, feature kind and genetic code, none in two splits."
        " Out: a Parquet file of decisions per division.",
        "dnacorpus collapse --config results/refseq/config.yaml --out results/refseq/copies",
    )
    _add_config(verb)
    verb.add_argument("--out", type=Path, required=True, help="folder for <division>.parquet")


def _shard(verbs: Verbs) -> None:
    def run(options: argparse.Namespace) -> None:
        from dnacorpus.layout import Results
        from dnacorpus.shard import shard

        shard(Results(options.config.parent), options.division, options.group, options.out)

    verb = _verb(
        verbs,
        "shard",
        run,
        "Write what is kept of one group of parts as the Parquet files that are published. Out: a folder of them.",
        "dnacorpus shard --config results/refseq/config.yaml --division viral --group 00000"
        " --out results/refseq/shards/viral/00000",
    )
    _add_config(verb)
    verb.add_argument("--division", required=True)
    verb.add_argument("--group", required=True)
    verb.add_argument("--out", type=Path, required=True)


def _assemble(verbs: Verbs) -> None:
    def run(options: argparse.Namespace) -> None:
        from dnacorpus.assemble import assemble
        from dnacorpus.config import Config
        from dnacorpus.layout import Results

        assemble(Results(options.config.parent), Config.load(options.config), options.out)

    verb = _verb(
        verbs,
        "assemble",
        run,
        "Number and link the shards, write ledger, index and card, the manifest last. Out: the dataset folder.",
        "dnacorpus assemble --config results/refseq/config.yaml --out results/refseq/dataset",
    )
    _add_config(verb)
    verb.add_argument("--out", type=Path, required=True)


def _check(verbs: Verbs) -> None:
    def run(options: argparse.Namespace) -> None:
        from dnacorpus.check import check

        check(options.dataset, options.out, print)

    verb = _verb(
        verbs,
        "check",
        run,
        "Print what came into a build and what became of it. Out: the same as text.\n"
        "Exit code 1, and no such text, when a file was damaged.",
        "dnacorpus check results/refseq/dataset --out results/refseq/summary.txt",
    )
    verb.add_argument("dataset", type=Path)
    verb.add_argument("--out", type=Path, required=True)


def _verify(verbs: Verbs) -> None:
    def run(options: argparse.Namespace) -> None:
        from dnacorpus.verify import verify

        found = verify(options.dataset)
        counts = f"{found['files']:,} files, {found['rows']:,} rows, {found['bases']:,} bases of pairs"
        print(f"{options.dataset}: {counts}: ok")

    verb = _verb(
        verbs,
        "verify",
        run,
        "Check a dataset folder against its manifest: bytes, schema, identifiers, evidence, splits, books."
        " Out: a line with what was checked.\nExit code 1 when anything differs.",
        "dnacorpus verify results/refseq/dataset",
    )
    verb.add_argument("dataset", type=Path)


if __name__ == "__main__":
    sys.exit(main())

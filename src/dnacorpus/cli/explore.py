"""The verbs that look things up in a dataset or a build: where, find, explain. stdout holds answers only."""

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dnacorpus.cli.options import DATASET, Option, Verb, several
from dnacorpus.cli.output import print_error, print_line, print_lines
from dnacorpus.printable import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dnacorpus.explore.where.query import Query

KINDS = ("accession", "taxid", "name", "sequence", "fasta")
MIN_SEQUENCE = 20
"""Both as in `explore.where.query`, which ``--help`` does not import."""


def _where(options: argparse.Namespace) -> None:
    from dnacorpus.errors import CorpusError
    from dnacorpus.explore.where.answer import where
    from dnacorpus.explore.where.files import open_files
    from dnacorpus.explore.where.query import kind_of, queries
    from dnacorpus.explore.where.text import for_people

    errors: list[CorpusError | OSError] = []

    def asked() -> "Iterator[Query]":
        for text in options.query:
            try:
                yield from queries(text, options.kind or kind_of(text))
            except (CorpusError, OSError) as error:
                errors.append(error)

    answers = where(open_files(options.dataset, options.revision), asked())
    if options.json:
        print_lines(json_text(answer) for answer in answers)
    else:
        print_lines(line for answer in answers for line in for_people(answer))
    for error in errors[:-1]:
        print_error(f"dnacorpus where: {error}")
    if errors:
        raise errors[-1]


WHERE = Verb(
    "where",
    "Find accessions, taxa or sequences in a dataset, or the reason why they are absent",
    "a dataset folder, or ORG/NAME on the Hub, of which only the index and the matching rows are read",
    "a line for each answer",
    "dnacorpus where my-lab/dnacorpus NC_012920.1 'Homo sapiens' queries.fa",
    _where,
    (
        Option("dataset", metavar="DATASET|ORG/NAME", help="a folder; else a dataset on the Hub"),
        Option("query", nargs="+", metavar="QUERY", help="what to find, see above"),
        Option("--as", dest="kind", choices=KINDS, help="what the queries are, if their form misleads"),
        Option("--revision", metavar="NAME", help="branch, tag or commit of a dataset on the Hub (default: main)"),
        Option("--json", action="store_true", help="one JSON object a line for each query: docs/where.md"),
    ),
    notes="A query is an accession with or without version, a taxonomy id, the name of a species, organism or genus, a"
    f" sequence of at least {MIN_SEQUENCE} letters, or a FASTA file. Exit code 0 when every query was answered, `not in"
    " this release` included.",
)


def _find(options: argparse.Namespace) -> None:
    from dnacorpus.explore.find import query as find_query
    from dnacorpus.explore.find.search import find

    kept = ("gene", "product", "note", "text", "regex", "organism", "min_protein", "max_protein", "sort", "reverse")
    query = find_query.Query(
        **{name: getattr(options, name) for name in (*kept, "limit", "cluster_size")},
        kinds=tuple(options.kind),
        divisions=tuple(options.division),
        records=tuple(options.record),
        region=options.region and find_query.region_of(options.region),
        near=options.near and find_query.near_of(options.near),
        cluster=options.cluster and find_query.length_of(options.cluster),
        strand=options.strand and {"+": 1, "-": -1}[options.strand],
        pseudo=options.pseudo and options.pseudo == "yes",
    )
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    answer = find(options.results, query, options.format, protein=options.protein, width=width)
    print_lines(answer.lines)
    for note in () if options.quiet else answer.notes:
        print_error(note)


_FEATURES = (
    Option("--gene", metavar="NAME", help="the whole name of the gene, a synonym, or a locus tag"),
    Option("--product", metavar="TEXT", help="part of the name of the product"),
    Option("--note", metavar="TEXT", help="part of a note"),
    Option("--text", metavar="TEXT", help="part of any qualifier but the translation"),
    Option("--organism", metavar="TEXT", help="part of the name of the organism or species"),
    Option("--regex", action="store_true", help="each TEXT is a regular expression; case never matters"),
    several(
        "--kind", default=[], metavar="KIND[,KIND]",
        help="feature keys, e.g. CDS,tRNA; without it a gene and its CDS both match",
    ),
    several("--division", default=[], metavar="NAME[,NAME]", help="divisions"),
    Option("--min-protein", type=int, metavar="N", help="CDS of N amino acids or more; pseudogenes never match"),
    Option("--max-protein", type=int, metavar="N", help="CDS of N amino acids or fewer; pseudogenes never match"),
    Option("--pseudo", choices=("yes", "no"), help="only pseudogenes, or none"),
)  # fmt: skip
_POSITIONS = (
    several(
        "--record",
        default=[],
        metavar="ACCESSION[,ACCESSION]",
        help="records, with or without version",
    ),
    Option("--region", metavar="START-END", help="overlaps this stretch of the --record, 1-based, closed"),
    Option("--strand", choices=("+", "-"), help="features on this strand of the record"),
    Option("--near", metavar="GENE:N", help="at most N bases (5000, 5k, 5kb) from this gene or product"),
    Option("--cluster", metavar="N", help="in clusters whose neighbours are at most N bases apart"),
    Option("--cluster-size", type=int, default=2, metavar="N", help="fewest features of a cluster (default: 2)"),
)
_OUTPUT = (
    Option(
        "--sort",
        choices=("position", "length", "protein", "organism"),
        default="position",
        help="order (default: position)",
    ),
    Option("--reverse", action="store_true", help="reverse the order: the longest first"),
    Option("--limit", type=int, metavar="N", help="only the first N"),
    Option(
        "--format", choices=("table", "tsv", "fasta", "bed", "json"), default="table",
        help="of the output; json is the same as --json (default: table)",
    ),
    Option("--json", dest="format", action="store_const", const="json", help="one JSON object a line: docs/find.md"),
    Option("--protein", action="store_true", help="with --format fasta: the annotated translations"),
)  # fmt: skip

FIND = Verb(
    "find",
    "Search the annotated features: by gene, function, size, position or cluster",
    "the folder of a build, or a dataset folder",
    "a table, TSV, FASTA, BED or JSON lines on stdout; the number of matches on stderr",
    "dnacorpus find results/mine --product polymerase --kind CDS --division viral",
    _find,
    (Option("results", type=Path, metavar="RESULTS", help="results/NAME of a build, or a dataset folder"),),
    (("which features (all conditions must hold)", _FEATURES), ("where", _POSITIONS), ("output", _OUTPUT)),
)


def _explain(options: argparse.Namespace) -> None:
    from dnacorpus.explore.explain import explain, for_people

    explained = explain(options.dataset, options.pair_id)
    print_line(json_text(explained, indent=1) if options.json else for_people(explained))


EXPLAIN = Verb(
    "explain",
    "Show one row of pairs, and the source field of each stretch of its text",
    "a dataset folder and a pair_id, or at least the first six digits of one",
    "the text, its evidence and the values of the fields",
    "dnacorpus explain results/mine/dataset 3fa1c0",
    _explain,
    (
        DATASET,
        Option("pair_id", metavar="PAIR_ID", help="32 hexadecimal digits, or enough of the first ones"),
        Option("--json", action="store_true", help="all of it as JSON, nothing shortened"),
    ),
)

VERBS = (WHERE, FIND, EXPLAIN)
"""The verbs in the order of the list."""

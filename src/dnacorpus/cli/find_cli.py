"""The verb of those who look things up in the feature tables.

Imports of the verb stand inside it, so that ``--help`` answers at once. stdout holds data alone.
"""

import argparse
import shutil
import sys
from pathlib import Path

from dnacorpus.cli.options import Verbs, add_verb, print_lines


def add_find(verbs: Verbs) -> None:
    """Add the verb ``find``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.explore.find import query as find_query
        from dnacorpus.explore.find.search import find

        kept = ("gene", "product", "note", "text", "regex", "organism", "min_protein", "max_protein", "sort", "reverse")
        query = find_query.Query(
            **{name: getattr(options, name) for name in (*kept, "limit", "cluster_size")},
            kinds=_listed(options.kind),
            divisions=_listed(options.division),
            records=_listed(options.record),
            region=options.region and find_query.region_of(options.region),
            near=options.near and find_query.near_of(options.near),
            cluster=options.cluster and find_query.length_of(options.cluster),
            strand=options.strand and {"+": 1, "-": -1}[options.strand],
            pseudo=options.pseudo and options.pseudo == "yes",
        )
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        found = find(options.results, query, options.format, protein=options.protein, width=width)
        print_lines(found.lines)
        for note in found.notes:
            print(note, file=sys.stderr)

    verb = add_verb(
        verbs,
        "find",
        run,
        "Search the features of a build or of a dataset folder: genes, functions, places, proteins, clusters."
        " Out: a table, TSV, FASTA, BED or JSON lines on stdout; how many were found on stderr.",
        "dnacorpus find results/refseq --product polymerase --kind CDS --division viral",
    )
    verb.add_argument("results", type=Path, metavar="RESULTS", help="results/NAME of a build, or a dataset folder")
    _add_filters(verb.add_argument_group("which features (all that is given must hold)"))
    _add_places(verb.add_argument_group("where"))
    _add_output(verb.add_argument_group("output"))


def _add_filters(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--gene", metavar="NAME", help="name of the gene, a synonym, or a locus tag, whole")
    group.add_argument("--product", metavar="TEXT", help="part of the product's name")
    group.add_argument("--note", metavar="TEXT", help="part of a note")
    group.add_argument("--text", metavar="TEXT", help="part of any qualifier but the translation")
    group.add_argument("--organism", metavar="TEXT", help="part of the name of the organism or species")
    group.add_argument("--regex", action="store_true", help="the TEXTs are regular expressions; case never matters")
    group.add_argument("--kind", help="feature keys, e.g. CDS or tRNA,rRNA; without it a gene and its CDS both match")
    group.add_argument("--division", help="divisions, with commas between them")
    group.add_argument("--min-protein", type=int, metavar="N", help="CDS of N amino acids or more; never pseudo")
    group.add_argument("--max-protein", type=int, metavar="N", help="CDS of N amino acids or fewer; never pseudo")
    group.add_argument("--pseudo", choices=("yes", "no"), help="pseudogenes alone, or none")


def _add_places(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--record", metavar="ACCESSION", help="records, with or without version, commas between them")
    group.add_argument("--region", metavar="START-END", help="overlapping this stretch of the --record, from 1, closed")
    group.add_argument("--strand", choices=("+", "-"))
    group.add_argument("--near", metavar="GENE:N", help="at most N bases (5000, 5k, 5kb) from this gene or product")
    group.add_argument("--cluster", metavar="N", help="in clusters whose neighbours are at most N bases apart")
    group.add_argument("--cluster-size", type=int, default=2, metavar="N", help="features of a cluster (default 2)")


def _add_output(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--sort", choices=("place", "length", "protein", "organism"), default="place", help="default: place"
    )
    group.add_argument("--reverse", action="store_true", help="from the last to the first: the longest on top")
    group.add_argument("--limit", type=int, metavar="N", help="the first N alone")
    group.add_argument("--format", choices=("table", "tsv", "fasta", "bed", "json"), default="table")
    group.add_argument("--protein", action="store_true", help="with --format fasta: the annotated translations")


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())


ADD = (add_find,)
"""The verbs in the order of the list."""

"""The verb of those who ask what is in a dataset; imports of the verb stand inside it. stdout holds answers alone."""

import argparse

from dnacorpus.cli.options import Verbs, add_verb, print_lines

KINDS = ("accession", "taxid", "name", "sequence", "fasta")
MIN_SEQUENCE = 20
"""Both as in `where_query`, which ``--help`` does not import."""


def add_where(verbs: Verbs) -> None:
    """Add the verb ``where``."""

    def run(options: argparse.Namespace) -> None:
        import itertools
        import json

        from dnacorpus.explore.where.answer import where
        from dnacorpus.explore.where.files import open_files
        from dnacorpus.explore.where.query import kind_of, queries
        from dnacorpus.explore.where.text import for_people

        kinds = [options.kind or kind_of(text) for text in options.query]
        asked = itertools.chain.from_iterable(queries(*each) for each in zip(options.query, kinds, strict=True))
        answers = where(open_files(options.dataset, options.revision), asked)
        if options.json:
            print_lines(json.dumps(answer, ensure_ascii=False) for answer in answers)
        else:
            print_lines(line for answer in answers for line in for_people(answer))

    verb = add_verb(
        verbs,
        "where",
        run,
        "Say where in a dataset an accession, taxon or sequence is, or why it is not there.\n"
        "In: a dataset folder, or ORG/NAME on the Hub, of which no more than the index and the rows found are read.\n"
        "A query is an accession with or without version, a taxonomy id, the name of a species, organism or genus,\n"
        f"a sequence of at least {MIN_SEQUENCE} letters, or a FASTA file. Out: a line for each answer.\n"
        "Exit code 0 whenever every query was answered, `not in this release` included.",
        "dnacorpus where my-lab/dnacorpus NC_012920.1 'Homo sapiens' queries.fa",
    )
    verb.add_argument("dataset", metavar="DATASET|ORG/NAME", help="a folder; else a dataset on the Hub")
    verb.add_argument("query", nargs="+", metavar="QUERY")
    verb.add_argument("--json", action="store_true", help="one JSON object a line for each query: docs/where.md")
    verb.add_argument("--revision", help="branch, tag or commit of a dataset on the Hub (default: main)")
    verb.add_argument("--as", dest="kind", choices=KINDS, help="what the queries are, where their form misleads")


ADD = (add_where,)
"""The verbs in the order of the list."""

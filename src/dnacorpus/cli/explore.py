"""The verb that shows where the words of one row come from; imports of the verb stand inside it."""

import argparse
from pathlib import Path

from dnacorpus.cli.options import Verbs, add_verb


def add_explain(verbs: Verbs) -> None:
    """Add the verb ``explain``."""

    def run(options: argparse.Namespace) -> None:
        import json

        from dnacorpus.explore.explain import explain, for_people

        found = explain(options.dataset, options.pair_id)
        print(json.dumps(found, indent=1, ensure_ascii=False) if options.json else for_people(found))

    verb = add_verb(
        verbs,
        "explain",
        run,
        "Show one row of pairs, and for each stretch of its text the field that says so. In: a dataset folder and a"
        " pair_id, or its first six digits or more. Out: the text, its evidence and the values of the fields.",
        "dnacorpus explain results/refseq/dataset 3fa1c0",
    )
    verb.add_argument("dataset", type=Path)
    verb.add_argument("pair_id", help="32 hexadecimal digits, or enough of the first ones")
    verb.add_argument("--json", action="store_true", help="all of it as JSON, nothing shortened")


ADD = (add_explain,)
"""The verbs in the order of the list."""

"""The verbs of those who use a dataset.

Each verb opens what it is given, calls one function, and says what it printed on stdout alone. Imports of
a verb stand inside it, so that ``--help`` answers at once.
"""

import argparse
from pathlib import Path

from dnacorpus.arguments import Verbs, add_verb


def add_verify(verbs: Verbs) -> None:
    """Add the verb ``verify``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.verify import verify

        found = verify(options.dataset)
        counts = f"{found['files']:,} files, {found['rows']:,} rows, {found['bases']:,} bases of pairs"
        print(f"{options.dataset}: {counts}: ok")

    verb = add_verb(
        verbs,
        "verify",
        run,
        "Check a dataset folder against its manifest: bytes, schema, identifiers, evidence, splits, books."
        " Out: a line with what was checked.\nExit code 1 when anything differs.",
        "dnacorpus verify results/refseq/dataset",
    )
    verb.add_argument("dataset", type=Path)


ADD = (add_verify,)
"""The verbs in the order of the list."""

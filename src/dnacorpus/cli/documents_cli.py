"""The verb that puts pairs into documents; imports of the verb stand inside it, so that ``--help`` answers at once."""

import argparse
from pathlib import Path
from typing import Any

from dnacorpus.cli.options import Verbs, add_verb


def add_documents(verbs: Verbs) -> None:
    """Add the verb ``documents``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.views.documents import render as document_text
        from dnacorpus.views.documents.plan import DocumentLimits
        from dnacorpus.views.documents.shuffle import of_dataset

        chosen = document_text.defaults() | {name: value for name, value in vars(options).items() if value is not None}
        own = _text(options.tokens) if options.tokens and Path(options.tokens).is_file() else None
        style = document_text.style(
            chosen["layout"], chosen["tokens"], lineage=options.lineage, more=_text(options.templates), own=own
        )
        limits = DocumentLimits(
            tuple(chosen["structures"]),
            tuple(chosen["contexts"]),
            chosen["least_members"],
            chosen["most_uses"],
            chosen["reach"],
            options.most,
        )
        written = of_dataset(options.dataset, options.out, limits, style)
        rows, bases = (sum(shard[count] for shard in written) for count in ("rows", "bases"))
        print(f"{options.out}: {rows:,} documents, {bases:,} bases, {len(written):,} files")

    verb = add_verb(
        verbs,
        "documents",
        run,
        "Put pairs that share a structure into one context under one template, for in-context learning. In: a dataset"
        " folder. Out: OUT/<division>/<split>.parquet and shards.json.",
        "dnacorpus documents results/refseq/dataset --out documents --context 8192 --context 32768 --tokens tags",
    )
    verb.add_argument("dataset", type=Path)
    verb.add_argument("--out", type=Path, required=True)
    _add_choices(verb)


def _add_choices(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--context", dest="contexts", type=_context, action="append", metavar="N",
        help="most characters of a document, text and bases together, 256 to 1048576; again for another (8192)",
    )  # fmt: skip
    verb.add_argument(
        "--structures", type=_structures, help="some of family,replicon,clade, with commas between (all of them)"
    )
    verb.add_argument("--layout", help="text_dna, dna_text, or either, drawn for each document (text_dna)")
    verb.add_argument("--lineage", action="store_true", help="before the bases |d__...;g__...;s__...|, by the taxonomy")
    verb.add_argument("--tokens", help="what goes around text and DNA: none, tags, both, or a TOML file (none)")
    verb.add_argument("--templates", type=Path, metavar="FILE", help="TOML with templates beside the built-in ones")
    verb.add_argument("--least", dest="least_members", type=_positive, metavar="N", help="fewest members (2)")
    verb.add_argument(
        "--uses",
        dest="most_uses",
        type=_positive,
        metavar="N",
        help="documents of one structure and context for a pair",
    )
    verb.add_argument(
        "--most", type=_positive, metavar="N", help="documents of one structure and context in a division and split"
    )


def _text(path: Any) -> str | None:
    from dnacorpus.errors import UsageError

    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: expected a TOML file, found: {error}; correct the path") from error


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, found {text!r}")
    return int(text)


def _context(text: str) -> int:
    number = _positive(text)
    if not 256 <= number <= 1 << 20:
        raise argparse.ArgumentTypeError(f"expected 256 to 1048576 characters, found {text}")
    return number


def _structures(text: str) -> list[str]:
    from dnacorpus.views.documents.render import STRUCTURES

    chosen = text.split(",")
    if not set(chosen) <= set(STRUCTURES):
        raise argparse.ArgumentTypeError(f"expected some of {','.join(STRUCTURES)}, found {text!r}")
    return chosen


ADD = (add_documents,)
"""The verbs in the order of the list."""

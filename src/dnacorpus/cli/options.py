"""What the verbs of the command line share: how one is added, and the options that several take."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run = Callable[[argparse.Namespace], int | None]


def add_verb(verbs: Verbs, name: str, run: Run, what: str, example: str) -> argparse.ArgumentParser:
    """Add a verb: ``what`` is its help, the first sentence its line in the list of verbs."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=what.split(". ", maxsplit=1)[0],
        description=what,
        epilog=f"example: {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(run=run)
    return verb


def add_config(verb: argparse.ArgumentParser) -> None:
    """Add ``--config``."""
    verb.add_argument("--config", type=Path, required=True, help="the resolved config: results/NAME/config.yaml")


def add_source(verb: argparse.ArgumentParser) -> None:
    """Add ``--config``, or instead of it ``--mirror`` and ``--contact``."""
    either = verb.add_mutually_exclusive_group(required=True)
    either.add_argument("--config", type=Path, help="the resolved config: results/NAME/config.yaml")
    either.add_argument("--mirror", help="without a config: URL or folder that holds RELEASE_NUMBER and the divisions")
    verb.add_argument("--contact", default="", help="with --mirror: an address for the User-Agent of requests")


def print_lines(lines: Iterable[str]) -> None:
    """Print lines until whoever reads them, head or less, has enough and closes the pipe."""
    try:
        for line in lines:
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

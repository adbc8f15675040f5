"""What the verbs of the command line share: how a verb is described and added, and common options.

Verbs import what they need when they run, so that ``--help`` answers at once.
"""

import argparse
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from dnacorpus.printable import one_line

Verbs: TypeAlias = "argparse._SubParsersAction[EscapingParser]"
Run = Callable[[argparse.Namespace], int | None]

WIDTH = 80
"""Columns that the description of a verb fills."""


class Option:
    """One argument of a verb, with what `argparse` takes for it."""

    def __init__(self, *names: str, **settings: Any) -> None:
        self.names, self.settings = names, settings

    @property
    def dest(self) -> str:
        """The name of the value in the parsed options."""
        return str(self.settings.get("dest", self.names[-1].lstrip("-").replace("-", "_")))

    def add(self, parser: "argparse._ActionsContainer") -> None:
        """Add the argument to a parser or to a group of one."""
        parser.add_argument(*self.names, **self.settings)


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb: its line in the list of verbs, what it takes and makes, one example, its options, and what runs it."""

    name: str
    summary: str
    takes: str
    makes: str
    example: str
    run: Run
    options: Sequence[Option] = ()
    groups: Sequence[tuple[str, Sequence[Option]]] = ()
    """Options under a heading of their own."""
    notes: str = ""

    def add(self, verbs: Verbs) -> None:
        """Add the verb to the parser of all verbs."""
        paragraphs = [f"{self.summary}.", f"In: {self.takes}.", f"Out: {self.makes}.", self.notes]
        parser = verbs.add_parser(
            self.name,
            description="\n".join(textwrap.fill(paragraph, WIDTH) for paragraph in paragraphs if paragraph),
            epilog=f"example: {self.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.set_defaults(run=self.run)
        for option in self.options:
            option.add(parser)
        for heading, options in self.groups:
            group = parser.add_argument_group(heading)
            for option in options:
                option.add(group)
        QUIET.add(parser)


def folder_to_write(text: str) -> Path:
    """Return a path that is a folder or does not exist yet."""
    path = Path(text)
    for place in (path, *path.parents):
        if place.is_file():
            raise argparse.ArgumentTypeError(f"{place} is a file; give a folder")
    return path


def file_to_write(text: str) -> Path:
    """Return a path that is a file or does not exist yet."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is a folder; give a file")
    folder_to_write(str(path.parent))
    return path


QUIET = Option("-q", "--quiet", action="store_true", help="print only warnings and errors on stderr")
BUILD = Option("--build", type=Path, required=True, metavar="DIR", help="the folder of a build: results/NAME")
DATASET = Option("dataset", type=Path, metavar="DATASET", help="a dataset folder")
DIVISION = Option("--division", required=True, metavar="NAME", help="a division of the build")
GROUP = Option("--group", required=True, metavar="NAME", help="a shard group of the division")
BUCKET = Option("--bucket", type=int, required=True, metavar="N", help="from 0 to the config's dedup.buckets - 1")
OUT_FOLDER = Option("--out", type=folder_to_write, required=True, metavar="DIR", help="the folder to write")
OUT_FILE = Option("--out", type=file_to_write, required=True, metavar="FILE", help="the file to write")
JSON = Option("--json", action="store_true", help="JSON for machines instead of text")


def several(name: str, of: Callable[[str], Any] = str, choices: Sequence[str] | None = None, **settings: Any) -> Option:
    """Return an option that takes values with commas between them, and may be repeated.

    It takes no second argument, so that the positional arguments of a verb may follow it.
    """

    def values(text: str) -> list[Any]:
        found = text.split(",")
        if "" in found:
            raise argparse.ArgumentTypeError(f"expected values with commas between them, found {text!r}")
        if wrong := [value for value in found if choices and value not in choices]:
            raise argparse.ArgumentTypeError(f"invalid choice: {wrong[0]!r} (choose from {', '.join(choices or ())})")
        return [of(value) for value in found]

    return Option(name, type=values, action="extend", **settings)


def files(name: str, **settings: Any) -> Option:
    """Return an option that takes one file or several, and may be repeated."""
    return Option(name, nargs="+", action="extend", type=Path, default=[], metavar="FILE", **settings)


class EscapingParser(argparse.ArgumentParser):
    """A parser whose messages on wrong arguments quote them with escapes."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and a message on stderr, and exit."""
        super().error(one_line(message))

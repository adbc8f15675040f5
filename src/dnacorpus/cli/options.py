"""What the verbs of the command line share: how a verb is described, added and shown, and common options.

Verbs import what they need when they run, so that ``--help`` answers at once.
"""

import argparse
import codecs
import io
import os
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Parser = argparse.ArgumentParser
Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
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
        parser: Parser = verbs.add_parser(
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


def show_what_the_terminal_can() -> None:
    """Write characters that stdout or stderr cannot encode as escapes, in text and in JSON, from now on."""
    codecs.register_error("escape", _escape)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="escape")


def _escape(error: UnicodeError) -> tuple[str, int]:
    r"""Return characters as ``\uXXXX``, astral ones as two: unlike Python's ``\xXX`` that is JSON, too."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end


def print_lines(lines: Iterable[str]) -> None:
    """Print lines until the reader of the pipe, such as head or less, closes it."""
    try:
        for line in lines:
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_json(value: Any) -> None:
    """Print one value as JSON."""
    import json

    print_lines([json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=str)])

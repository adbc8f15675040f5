"""The command line: the verbs of a dataset's users, those of a build, and one verb for each stage of the pipeline.

A verb ends with an exit code: 0 done, 1 bad data, 2 usage, 3 network; an error is one line on stderr.
"""

import argparse
import difflib
import errno
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from dnacorpus import __version__
from dnacorpus.cli import dataset, explore, machine, signals, stages
from dnacorpus.cli.options import EscapingParser, Verb
from dnacorpus.cli.output import LogFormatter, drop_stdout, print_error, show_what_the_terminal_can
from dnacorpus.errors import CorpusError

HEADINGS: tuple[tuple[str, tuple[Verb, ...]], ...] = (
    ("Use a dataset", (dataset.PULL, dataset.VERIFY, *explore.VERBS, dataset.DOCUMENTS)),
    (
        "Build a dataset",
        (dataset.SIMULATE, dataset.CHECK, dataset.REPORT, dataset.VALIDATE, dataset.PUBLISH),
    ),
    ("Stages (snakemake runs them)", stages.VERBS),
)
"""All verbs, under the headings of ``dnacorpus --help``."""
BUILD_PACKAGES = frozenset({"Bio", "gb_io", "pydantic", "requests", "scipy", "sourmash", "typing_extensions"})
"""What the extra ``build`` installs and the stages import."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; an error of dnacorpus is one line on stderr.

    Without ``arguments`` they are those of the process, which an interrupt then ends.
    """
    # Python has no stream for a descriptor that is closed when it starts.
    if sys.stdout is None or sys.stderr is None:
        nothing = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
        sys.stdout, sys.stderr = sys.stdout or nothing, sys.stderr or nothing
    show_what_the_terminal_can()
    if arguments is not None:
        return _run(_parsed(arguments))
    signals.watch()
    machine.fit()
    name = "dnacorpus"
    try:
        options = _parsed(sys.argv[1:])
        name += f" {options.verb}"
        return _run(options)
    except BaseException as error:
        # A library may have turned the interrupt into an error of its own.
        if not (isinstance(error, KeyboardInterrupt) or signals.received()):
            raise
        print_error(f"{name}: interrupted")
        signals.leave(signals.received() or signals.CODES[signal.SIGINT])
        raise


def _run(options: argparse.Namespace) -> int:
    level = logging.WARNING if options.quiet else logging.INFO
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogFormatter("%(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("dnacorpus").setLevel(logging.WARNING if options.quiet else logging.NOTSET)
    try:
        return int(options.run(options) or 0)
    except CorpusError as error:
        print_error(f"dnacorpus {options.verb}: {error}")
        return error.exit_code
    except ModuleNotFoundError as error:
        if error.name not in BUILD_PACKAGES:
            raise
        print_error(
            f"dnacorpus {options.verb}: this needs {error.name}, which is not installed;"
            " run pip install '.[build]' in the repository's folder"
        )
        return 2
    except MemoryError:
        print_error(f"dnacorpus {options.verb}: memory is exhausted; run again with more of it")
        return 1
    except BrokenPipeError:
        drop_stdout()
        return 0
    except OSError as error:
        problem = _problem_of_disk(error)
        if not problem:
            raise
        print_error(f"dnacorpus {options.verb}: {problem}")
        return 1


def _problem_of_disk(error: OSError) -> str:
    """Return the message for an error of a file, or "" if it names none."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        # Of a copy the first name is that of the file that was read.
        path = f"{error.filename2 or error.filename}: " if error.filename else ""
        return f"{path}{error.strerror}; make room and run again"
    if error.filename is None:
        return ""
    return f"{error.filename}: {error.strerror}; check that the path exists, can be written and has room"


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options; raises SystemExit after printing the help, or what is wrong with the arguments."""
    if not arguments:
        parser().print_help()
        sys.exit(0)
    if unknown := _unknown_command(arguments[0]) or _undecodable(arguments):
        print_error(unknown)
        sys.exit(2)
    return parser().parse_args(arguments)


def _unknown_command(name: str) -> str:
    """Return the message for a command that does not exist, or an empty string."""
    commands = [verb.name for _, group in HEADINGS for verb in group]
    if name.startswith("-") or name in commands:
        return ""
    similar = difflib.get_close_matches(name, commands, n=1)
    guess = f"; did you mean {similar[0]!r}?" if similar else ";"
    return f"dnacorpus: no command {name!r}{guess} `dnacorpus --help` lists all"


def _undecodable(arguments: Sequence[str]) -> str:
    """Return the message for an argument that is no text, which no library takes as a path, or ""."""
    for argument in arguments:
        if argument.isascii() or not any("\udc80" <= character <= "\udcff" for character in argument):
            continue
        try:
            os.fsencode(argument).decode()
        except UnicodeDecodeError:
            return f"dnacorpus {arguments[0]}: {argument!a}: expected UTF-8, found other bytes; rename the file"
        return f"dnacorpus {arguments[0]}: {argument!a}: expected characters of the locale; set PYTHONUTF8=1"
    return ""


def parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
    top = EscapingParser(
        prog="dnacorpus",
        usage="%(prog)s [-h] [--version] COMMAND ...",
        description="Turn NCBI RefSeq into a corpus of DNA and natural language, and use such a corpus.",
        epilog=_list_of_verbs(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"dnacorpus {__version__}")
    verbs = top.add_subparsers(prog="dnacorpus", dest="verb", metavar="COMMAND", required=True, help=argparse.SUPPRESS)
    for _, group in HEADINGS:
        for verb in group:
            verb.add(verbs)
    return top


def _list_of_verbs() -> str:
    """Return the headings, and a line for each verb."""
    width = max(len(verb.name) for _, group in HEADINGS for verb in group)
    lines = []
    for heading, group in HEADINGS:
        lines += [f"{heading}:", *(f"  {verb.name:<{width}}  {verb.summary}" for verb in group), ""]
    return "\n".join([*lines, "dnacorpus COMMAND --help shows the options of a command, and an example."])


if __name__ == "__main__":
    sys.exit(main())

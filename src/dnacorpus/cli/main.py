"""The command line: one verb per stage, and the verbs of the dataset's users.

A verb ends with an exit code: 0 done, 1 bad data, 2 usage, 3 network, said in one line on stderr.
"""

import argparse
import errno
import logging
import sys
from collections.abc import Sequence

from dnacorpus import __version__
from dnacorpus.cli import dataset as dataset_cli
from dnacorpus.cli import documents_cli, find_cli, sources_cli, stages_cli, where_cli
from dnacorpus.cli import explore as explain_cli
from dnacorpus.cli import stages as dedup_cli
from dnacorpus.errors import CorpusError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; an error of ours is one line on stderr."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        return int(options.run(options) or 0)
    except CorpusError as error:
        print(f"dnacorpus {options.verb}: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        if error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            print(f"dnacorpus {options.verb}: {error.strerror}; make room and run again", file=sys.stderr)
            return 1
        if error.filename is None:
            raise
        print(
            f"dnacorpus {options.verb}: {error.filename}: {error.strerror};"
            " check that the path exists, can be written and has room",
            file=sys.stderr,
        )
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
    top = argparse.ArgumentParser(
        prog="dnacorpus",
        description="Turn NCBI RefSeq into a DNA - natural-language corpus. The whole way: snakemake --cores 2",
    )
    top.add_argument("--version", action="version", version=f"dnacorpus {__version__}")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for module in (sources_cli, stages_cli, dedup_cli, dataset_cli, find_cli, where_cli, explain_cli, documents_cli):
        for add in module.ADD:
            add(verbs)
    return top


if __name__ == "__main__":
    sys.exit(main())

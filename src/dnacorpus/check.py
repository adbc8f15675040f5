"""The check at the end of a build: the totals in words, and an error that names every damaged file."""

from pathlib import Path

from dnacorpus import ledger, tables
from dnacorpus.errors import CorpusError
from dnacorpus.files import write_text
from dnacorpus.schemas import LEDGER


def check(dataset: Path, out: Path) -> str:
    """Write the ledger's totals to ``out`` and return them with where to look.

    Raises CorpusError, naming each damaged release file, when the dataset lacks a part: ``out`` is
    then not written, so that the build stays unfinished until the files are whole.
    """
    books = tables.read(dataset / "ledger.parquet", LEDGER)
    text = f"{ledger.summary(books)}\nbooks balance; by part and reason: {dataset / 'ledger.parquet'}"
    if damaged := ledger.unreadable(books):
        raise CorpusError(
            f"{len(damaged)} damaged file{'s' if len(damaged) > 1 else ''}, whose parts are missing from {dataset}:\n  "
            + "\n  ".join(damaged)
            + "\nmend the mirror or wait for it, remove raw/ of these parts, and run again\n"
            + text
        )
    write_text(out, ledger.summary(books) + "\n")
    return text

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
        raw = " ".join(str(dataset.parent / "raw" / division / part) for division, part, _ in damaged)
        raise CorpusError(
            f"{text}\n"
            f"{len(damaged)} damaged file{'s' if len(damaged) > 1 else ''}, whose parts are missing from {dataset}:\n"
            + "".join(f"  {detail}\n" for _, _, detail in damaged)
            + f"when the mirror's files are whole, run the same command with: --forcerun {raw}"
        )
    write_text(out, ledger.summary(books) + "\n")
    return text

"""The check at the end of a build: the totals in words, and an error that names every damaged file."""

from collections.abc import Callable
from pathlib import Path

from dnacorpus.errors import CorpusError
from dnacorpus.schemas.parts import LEDGER
from dnacorpus.storage import ledger
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import sweep, write_text
from dnacorpus.storage.results import is_tombstone_part


def check(dataset: Path, out: Path, say: Callable[[str], None]) -> None:
    """Say the ledger's totals and where to look, and write the totals to ``out``.

    Raises CorpusError, naming each damaged release file, when the dataset lacks a part, or when the books
    do not balance: ``out`` is then not written, so that the build stays unfinished until that is mended.
    A finished build is swept of what killed runs left.
    """
    path = dataset / "ledger.parquet"
    books = tables.read(path, LEDGER)
    say(ledger.summary(books))
    if problems := ledger.imbalances(books):
        raise CorpusError(f"{path}: {'; '.join(problems)}; build the dataset again")
    say(f"the ledger balances; by part and reason: {path}")
    absent = ledger.gone(books)
    for _, _, detail in absent:
        say(f"gone: {detail}")
    if raws := sorted(
        {str(dataset.parent / "raw" / division / part) for division, part, _ in absent if not is_tombstone_part(part)}
    ):
        say(f"should they come back, run the same command with: --forcerun {' '.join(raws)}")
    if damaged := ledger.unreadable(books):
        raw = dict.fromkeys(str(dataset.parent / "raw" / division / part) for division, part, _ in damaged)
        raise CorpusError(
            f"{dataset}: lacks the parts of {len(damaged)} damaged file{'s' if len(damaged) > 1 else ''}:"
            f" {'; '.join(detail for _, _, detail in damaged)}; when the mirror's files are whole,"
            f" run the same command with: --forcerun {' '.join(raw)}"
        )
    sweep(dataset.parent)
    write_text(out, ledger.summary(books) + "\n")

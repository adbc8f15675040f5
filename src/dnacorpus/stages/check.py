"""The check stage: the totals of a build in words, and an error that names every damaged file.

In: the dataset of a build. Out: a text file of the totals, written only when no file was damaged.
Memory: the ledger.
"""

from collections.abc import Callable
from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.errors import CorpusError
from dnacorpus.numbers import count
from dnacorpus.storage import ledger
from dnacorpus.storage.atomic import sweep, write_text
from dnacorpus.storage.results import is_tombstone_part


def run(build: Build, out: Path, say: Callable[[str], None]) -> None:
    """Say the totals of the ledger and where it is, and write the totals to ``out``.

    Raises CorpusError, naming each damaged release file, when the dataset lacks a part, and when the ledger does not
    balance: ``out`` is then not written, so that the build stays unfinished until the file is repaired. A finished
    build is swept of the leftovers of killed runs.
    """
    results = build.results
    path = results.dataset() / "ledger.parquet"
    entries = ledger.read(path)
    say(ledger.summary(entries))
    if problems := ledger.imbalances(entries):
        raise CorpusError(f"{path}: {'; '.join(problems)}; build the dataset again")
    say(f"the ledger balances; by part and reason: {path}")
    for detail in ledger.noted(entries):
        say(f"look at it: {detail}")
    for division, named in ledger.named_by_file(entries):
        say(f"{division}: {count(named, 'record')} named after the file, FILE:NAME (docs/sources.md)")
    absent = ledger.gone(entries)
    for _, _, detail in absent:
        say(f"gone: {detail}")
    if returning := sorted({str(results.raw(*key)) for *key, _ in absent if not is_tombstone_part(key[1])}):
        say(f"if they come back, run the same command with: --forcerun {' '.join(returning)}")
    if damaged := ledger.unreadable(entries):
        folders = dict.fromkeys(str(results.raw(*key)) for *key, _ in damaged)
        raise CorpusError(
            f"{results.dataset()}: lacks the parts of {len(damaged)} damaged file{'s' if len(damaged) > 1 else ''}:"
            f" {'; '.join(detail for _, _, detail in damaged)}; when the mirror's files are whole,"
            f" run the same command with: --forcerun {' '.join(folders)}"
        )
    sweep(results.root)
    write_text(out, ledger.summary(entries) + "\n")

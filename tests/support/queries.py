"""Asks the `where` verb in process."""

from pathlib import Path

from dnacorpus.explore.where.answer import where
from dnacorpus.explore.where.files import Files, Folder
from dnacorpus.explore.where.query import kind_of, queries


def ask(dataset: Path | Files, *texts: object, kind: str = "") -> list[dict]:
    """Return the answers to some queries, each of the kind that its form shows, or all of ``kind``."""
    files = Folder(dataset) if isinstance(dataset, Path) else dataset
    return list(where(files, [query for text in texts for query in queries(str(text), kind or kind_of(str(text)))]))

"""The names of a made record, for the tests of papers that mention it."""

from support.flatfile import record
from support.readrecord import read_record

from dnacorpus.pairs.paper.names import Name, names_of

SOURCE = ("source", "1..300", [("organism", "Escherichia coli"), ("strain", "MG1655")])


def names(*features: tuple, organism: str = "Escherichia coli", end: int | None = None, source=SOURCE) -> list[Name]:
    """Return the names of a record of 300 bases with some features."""
    text = record(sequence="A" * 300, features=[source, *features], organism=organism)
    found = read_record(text.encode(), lambda accession: None)
    return names_of(found.row, found.features, end)


def gene(symbol: str, **more: str) -> tuple:
    """Return the first 90 bases as a gene."""
    return ("gene", "1..90", [("gene", symbol), *more.items()])

"""Texts of features and records under many keys."""

import random
from collections.abc import Collection

from support.flatfile import record
from support.readrecord import read_record

from dnacorpus.formats.record import Record
from dnacorpus.pairs.context import Context
from dnacorpus.pairs.gene import describe_feature
from dnacorpus.text.evidence import ComposedText

BASES = "".join(random.Random(7).choices("ACGT", k=1200))


SOURCE = ("source", "1..1200", [("organism", "Escherichia coli"), ("mol_type", "genomic DNA")])


KEYS = [str(number) for number in range(40)]


def read(text: str) -> Record:
    found = read_record(text.encode(), lambda accession: None)
    found.row.update(division="bacteria", part="bacteria.1", release="1", ordinal=0)
    return found


def gene_passages(kind: str, location: str, *qualifiers: tuple[str, str | None], **options) -> list[ComposedText]:
    options.setdefault("features", [SOURCE, (kind, location, qualifiers)])
    found = read(record(sequence=BASES, **options))
    context = Context(found.row, found.features, found.sequence)
    feature = found.features[-1]
    return [describe_feature(context, feature, key, feature["end"] - feature["start"]) for key in KEYS]


def gene_texts(kind: str, location: str, *qualifiers: tuple[str, str | None], **options) -> set[str]:
    return {passage.text for passage in gene_passages(kind, location, *qualifiers, **options)}


def everywhere(texts: Collection[str], *wanted: str) -> bool:
    return all(word in text for word in wanted for text in texts)


def nowhere(texts: Collection[str], *unwanted: str) -> bool:
    return bool(texts) and not any(word in text for word in unwanted for text in texts)


def bound_texts(location: str, *qualifiers: tuple[str, str | None], **options) -> set[str]:
    passages = gene_passages("CDS", location, ("gene", "thrA"), ("product", "kinase X1"), *qualifiers, **options)
    return {passage.text for passage in passages if not passage.orientation_free}

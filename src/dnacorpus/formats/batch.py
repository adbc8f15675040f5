"""Many records at once: their feature tables read as columns, where these are as NCBI writes them.

gb-io reads every table too, and must find the same feature keys and as many qualifiers of each. Where it
does not, and where a table is odd in anything, the record is read by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dnacorpus.formats.fasta import FastaBases
from dnacorpus.formats.genbank.columns.lines import read_tables
from dnacorpus.formats.genbank.columns.table import counts, feature_table, sources
from dnacorpus.formats.genbank.features import GenBankFeature, agrees
from dnacorpus.formats.record import FeatureSlice, PendingRecord, Record, begin_record, finish_record, read_own_features
from dnacorpus.formats.refusal import RefusalError
from dnacorpus.formats.taxonomy.species import Taxon

_Found = tuple[GenBankFeature | None, FeatureSlice | list[dict[str, Any]]]


class BatchReader:
    """Takes records one after the other, and gives them back read, in the same order."""

    def __init__(
        self, find_bases: Callable[[str], FastaBases | None], find_taxon: Callable[[int], Taxon | None] | None = None
    ) -> None:
        self.size = 0
        """The bytes that the records hold."""
        self._find_bases, self._find_taxon = find_bases, find_taxon
        self._items: list[PendingRecord | RefusalError] = []

    def add(self, data: bytes, refusal: RefusalError | None = None) -> None:
        """Take the bytes of one flat-file record, with ``refusal`` where they are known to be none."""
        self.size += len(data)
        try:
            item = refusal or begin_record(data, self._find_bases)
        except RefusalError as error:
            item = error
        self._items.append(item)
        if isinstance(item, PendingRecord):
            self.size += len(item.sequence)

    def read(self) -> Iterator[Record | RefusalError]:
        """Yield each record, or why it is refused, and forget them all."""
        items, self._items, self.size = self._items, [], 0
        opened = [item for item in items if isinstance(item, PendingRecord)]
        described = iter(zip(opened, _features(opened), strict=True))
        for item in items:
            if isinstance(item, RefusalError):
                yield item
                continue
            try:
                record, found = next(described)
                source, rows = found or read_own_features(record)
                yield finish_record(record, source, rows, self._find_taxon)
            except RefusalError as refusal:
                yield refusal


def _features(opened: Sequence[PendingRecord]) -> list[_Found | None]:
    """Return the source feature and the rows of each record; None for one to be read alone."""
    tables = [record.table for record in opened]
    columns = read_tables(tables)
    lengths = np.array([record.length for record in opened], np.int64)
    rows = feature_table(columns, lengths, np.array([record.circular for record in opened], np.bool_))
    found: list[_Found | None] = []
    end = 0
    for table, odd, source, (kinds, qualifiers) in zip(
        tables, columns.odd.tolist(), sources(columns), counts(columns), strict=True
    ):
        start, end = end, end + len(kinds)
        good = not odd and (not table or agrees(table, kinds, qualifiers))
        found.append((source, FeatureSlice(rows, start, end)) if good else None)
    return found

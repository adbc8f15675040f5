"""Many records at once: feature tables in NCBI's layout are read together, as columns.

gb-io reads every table too, and must find the same feature keys and numbers of qualifiers. If it does not, or if the
layout of a table is odd in any way, the features of that record are read by themselves.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dnacorpus.formats.fasta import FastaBases
from dnacorpus.formats.genbank.columns.lines import read_tables
from dnacorpus.formats.genbank.columns.table import counts, feature_table, sources
from dnacorpus.formats.genbank.features import GenBankFeature, agrees
from dnacorpus.formats.record import FeatureSlice, PendingRecord, Record, begin_record, finish_record, read_own_features
from dnacorpus.formats.refusal import RefusalError, one_record
from dnacorpus.formats.taxonomy.species import Taxon
from dnacorpus.limits import LimitError, within_memory

_SourceAndRows = tuple[GenBankFeature | None, FeatureSlice | list[dict[str, Any]]]


class BatchReader:
    """Collects the bytes of records, and reads them together, in the same order."""

    def __init__(
        self, find_bases: Callable[[str], FastaBases | None], find_taxon: Callable[[int], Taxon | None] | None = None
    ) -> None:
        self.size = 0
        """Bytes of the records collected so far, and of their bases."""
        self._find_bases, self._find_taxon = find_bases, find_taxon
        self._items: list[PendingRecord | RefusalError] = []

    def add(self, data: bytes, refusal: RefusalError | None = None) -> None:
        """Add the bytes of one flat-file record, or its ``refusal`` if they are known to be invalid."""
        self.size += len(data)
        try:
            with one_record():
                item = refusal or begin_record(data, self._find_bases)
        except RefusalError as error:
            item = error
        self._items.append(item)
        if isinstance(item, PendingRecord):
            self.size += len(item.sequence)

    def read(self) -> Iterator[Record | RefusalError]:
        """Yield each record, or its refusal, and remove them all from the batch."""
        items, self._items, self.size = self._items, [], 0
        pending = [item for item in items if isinstance(item, PendingRecord)]
        features = iter(_features_or_none(pending))
        for item in items:
            if isinstance(item, RefusalError):
                yield item
                continue
            try:
                with one_record():
                    source, rows = next(features) or read_own_features(item)
                    record = finish_record(item, source, rows, self._find_taxon)
                yield record
            except RefusalError as refusal:
                yield refusal


def _features_or_none(opened: Sequence[PendingRecord]) -> list[_SourceAndRows | None]:
    """Return what `_features` does, or None for all if memory does not hold them together."""
    try:
        with within_memory():
            return _features(opened)
    except LimitError:
        return [None] * len(opened)


def _features(opened: Sequence[PendingRecord]) -> list[_SourceAndRows | None]:
    """Return the source feature and the rows of each record; None if its features must be read by themselves."""
    tables = [record.table for record in opened]
    columns = read_tables(tables)
    lengths = np.array([record.length for record in opened], np.int64)
    rows = feature_table(columns, lengths, np.array([record.circular for record in opened], np.bool_))
    features: list[_SourceAndRows | None] = []
    end = 0
    for table, odd, source, (kinds, qualifiers) in zip(
        tables, columns.odd.tolist(), sources(columns), counts(columns), strict=True
    ):
        start, end = end, end + len(kinds)
        good = not odd and (not table or agrees(table, kinds, qualifiers))
        features.append((source, FeatureSlice(rows, start, end)) if good else None)
    return features

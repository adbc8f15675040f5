"""One flat-file record read by itself: what the batches of the parse stage must agree with."""

from collections.abc import Callable

from dnacorpus.formats.fasta import FastaBases
from dnacorpus.formats.record import Record, begin_record, finish_record, read_own_features
from dnacorpus.formats.taxonomy.species import Taxon


def read_record(
    data: bytes,
    find_bases: Callable[[str], FastaBases | None],
    find_taxon: Callable[[int], Taxon | None] | None = None,
) -> Record:
    """Return the record of the bytes of one flat-file record.

    Raises RefusalError with reason protein, bad_locus, header, features or alphabet.
    """
    record = begin_record(data, find_bases)
    return finish_record(record, *read_own_features(record), find_taxon)

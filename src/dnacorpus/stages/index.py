"""The index stage: the k-mers of the held-out records, and of those that the biosafety policy is about.

In: the decisions of all divisions and the tables of all parts. Out: a folder of two indexes, ``held_out`` and
``excluded``. Memory: one record, 130 MB for sorting, and 0.1 byte a base of all indexed records; on the disk for a
while 16 bytes a base of them.
"""

from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.curation.biosafety.policy import excluded_by_policy
from dnacorpus.curation.indexed_records import held_out_records, record_sequences
from dnacorpus.curation.kmer_index import write_index
from dnacorpus.storage.atomic import whole_directory
from dnacorpus.storage.results import KMERS_OF_EXCLUDED, KMERS_OF_HELD_OUT


def run(build: Build, out: Path) -> None:
    """Write both indexes into the folder ``out``; that of the excluded records is empty without a policy."""
    results, config = build.results, build.config
    chosen = {
        KMERS_OF_HELD_OUT: held_out_records(results, config.divisions),
        KMERS_OF_EXCLUDED: excluded_by_policy(results, config.divisions, config.settings.biosafety),
    }
    with whole_directory(out) as workspace:
        for name, records in chosen.items():
            sequences = record_sequences(results, records, config.settings.pairs.flank)
            write_index(sequences, config.settings.decontamination.k, workspace / name)

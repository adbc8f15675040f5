"""The collapse stage: which pairs stay. One for each gene, however many genomes carry it; no copy in two splits.

In: the pairs of all parts, their matches of all buckets, and the index of held-out k-mers. Out: a folder of
``<division>.parquet`` (COPIES). Peak RSS over that of the imports: at most 150 MB, 2,500 bytes a pair that has a copy
or leaks, and the keys of one part (docs/dedup.md).
"""

from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.curation.leaks import leaks
from dnacorpus.curation.pair_decisions import PairVerdicts, write_pair_decisions
from dnacorpus.storage.results import KMERS_OF_HELD_OUT


def run(build: Build, out: Path) -> None:
    """Write the decisions over the pairs of all divisions into the folder ``out``.

    Raises CorpusError for matches, or an index of k-mers, of another run.
    """
    results, config = build.results, build.config
    verdicts = PairVerdicts(
        copies=results.matches_of_pairs(config.settings.dedup.buckets),
        leaks=leaks(results, config.divisions, results.kmers() / KMERS_OF_HELD_OUT, config.settings.decontamination),
    )
    write_pair_decisions(results, config.divisions, config.settings.pairs, verdicts, out)

"""A simulated release, the same with shuffled names, and its tables after parse and dedup."""

import polars as pl
import pytest
from support.settings import split_policy
from support.simulated import BASES
from support.stages import deduplicate

from dnacorpus.simulate.release import simulate
from dnacorpus.sources.part_files import fetch_part
from dnacorpus.sources.release_catalog import write_catalog
from dnacorpus.stages import parse
from dnacorpus.storage.results import Results


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    """A release and its truth."""
    folder = tmp_path_factory.mktemp("simulated")
    return folder, simulate(folder, BASES, 7)


@pytest.fixture(scope="session")
def unrelated(tmp_path_factory):
    """The same release with shuffled names."""
    folder = tmp_path_factory.mktemp("unrelated")
    return folder, simulate(folder, BASES, 7, unrelated=True)


@pytest.fixture(scope="session")
def processed(release, tmp_path_factory):
    """The folders, decisions and rejects of the release after parse and dedup."""
    folder, truth = release
    results = Results(tmp_path_factory.mktemp("processed"))
    rejects = []
    for division in truth["divisions"]:
        listing = results.root / "catalog" / f"{division}.tsv"
        write_catalog(str(folder / "release"), division, listing, 10**9)
        for part in results.parts(division):
            fetch_part(str(folder / "release"), listing, part, results.raw(division, part))
            parse.run(results.raw(division, part), results.tables(division, part))
            found = pl.read_parquet(results.tables(division, part) / "rejects.parquet")
            rejects.append(found.with_columns(part=pl.lit(part)))
    policy = split_policy(0, validation=0.2, test=0.2)
    deduplicate(results, list(truth["divisions"]), policy, results.root / "decisions")
    decisions = pl.concat([pl.read_parquet(results.decisions(division)) for division in truth["divisions"]])
    return results, decisions, pl.concat(rejects)

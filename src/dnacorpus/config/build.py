"""A build: the folder of its results, with its resolved config."""

from dataclasses import dataclass
from pathlib import Path

from dnacorpus.config.resolved import Config
from dnacorpus.storage.results import Results


@dataclass(frozen=True)
class Build:
    """One build: where its files are, and the config it runs with."""

    results: Results
    config: Config

    @classmethod
    def open(cls, folder: Path) -> "Build":
        """Return the build of a folder ``results/NAME``; raises UsageError when its ``config.yaml`` is missing."""
        results = Results(folder)
        return cls(results, Config.load(results.config()))

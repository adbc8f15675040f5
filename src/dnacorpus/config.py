"""The resolved config of a run, as the workflow wrote it: validated there, typed here, no defaults."""

from pathlib import Path
from typing import Any

import yaml

from dnacorpus.errors import UsageError
from dnacorpus.splits import SplitPolicy

SHAPING = ("divisions", "seed", "splits", "pairs", "shards")
"""The keys that shape the published rows; the manifest repeats them. Names and paths are not among them."""


class Config:
    """What the stages read of ``results/NAME/config.yaml``."""

    def __init__(self, values: dict[str, Any], path: Path) -> None:
        self._values, self._path = values, path

    @classmethod
    def load(cls, path: Path) -> "Config":
        """Read a resolved config; raises UsageError when it is absent or is not a mapping."""
        try:
            values = yaml.safe_load(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise UsageError(f"{path}: no such config; the workflow writes it: results/NAME/config.yaml") from error
        except yaml.YAMLError as error:
            raise UsageError(f"{path}: expected YAML, found: {' '.join(str(error).split())}") from error
        if not isinstance(values, dict):
            raise UsageError(f"{path}: expected a mapping of config keys, found {type(values).__name__}")
        return cls(values, path)

    def __getitem__(self, key: str) -> Any:
        """Return the value at a dotted key; raises UsageError naming the key that is missing."""
        value: Any = self._values
        for step in key.split("."):
            if not isinstance(value, dict) or step not in value:
                raise UsageError(f"{self._path}: config key {key!r} is missing; run snakemake again to resolve it")
            value = value[step]
        return value

    @property
    def divisions(self) -> list[str]:
        """The divisions of the build, sorted."""
        return sorted(self["divisions"])

    @property
    def splits(self) -> SplitPolicy:
        """The split policy."""
        return SplitPolicy(
            seed=int(self["seed"]),
            unit=self["splits.unit"],
            validation=float(self["splits.validation"]),
            test=float(self["splits.test"]),
            always_train=frozenset(self["splits.always_train"]),
        )

    def shaping(self) -> dict[str, Any]:
        """Return the part of the config that shapes the published rows; the order of its lists shapes none."""
        splits = {**self["splits"], "always_train": sorted(self["splits.always_train"])}
        papers = {"licenses": sorted(self["papers.licenses"])}  # where they lie shapes nothing
        return {key: self[key] for key in SHAPING} | {"divisions": self.divisions, "splits": splits, "papers": papers}

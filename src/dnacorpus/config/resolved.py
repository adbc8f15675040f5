"""The config of a build as the stages read it: ``results/NAME/config.yaml``, checked again."""

import hashlib
from pathlib import Path
from typing import Any

import yaml

from dnacorpus.bounded import file_text
from dnacorpus.config.checks import checked
from dnacorpus.config.stages import SHAPING, value_at
from dnacorpus.curation.duplicates import Caps
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.errors import UsageError
from dnacorpus.limits import LimitError, within_memory
from dnacorpus.settings.root import Settings
from dnacorpus.settings.sources import CustomDivision

_LOCAL = ("path", "accessions")
"""The keys of a custom division that may name a file of this machine."""


class Config:
    """What the stages read of ``results/NAME/config.yaml``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @classmethod
    def load(cls, path: Path) -> "Config":
        """Read a resolved config; raises UsageError when it is absent or wrong."""
        try:
            with within_memory():
                values = yaml.safe_load(file_text(path))
        except FileNotFoundError as error:
            raise UsageError(
                f"{path.parent} is not a build (no {path.name}); give results/NAME of one that snakemake has started"
            ) from error
        except (OSError, ValueError, yaml.YAMLError, LimitError) as error:
            raise UsageError(f"{path}: expected YAML in UTF-8, found: {' '.join(str(error).split())}") from error
        if not isinstance(values, dict):
            raise UsageError(f"{path}: expected a mapping of config keys, found {type(values).__name__}")
        try:
            return cls(checked(values, str(path)))
        except UsageError as error:
            raise UsageError(f"{error}; run snakemake again, which writes this file") from None

    @property
    def divisions(self) -> list[str]:
        """The divisions of the build, RefSeq's and its own, sorted."""
        return sorted([*self.settings.divisions, *(entry["name"] for entry in self.settings.custom_divisions)])

    def custom_division(self, name: str) -> CustomDivision | None:
        """Return the entry of a custom division, or None for a division of the release."""
        return next((entry for entry in self.settings.custom_divisions if entry["name"] == name), None)

    @property
    def pinned(self) -> Path | None:
        """The folder of the catalogs to rebuild from, if there is one."""
        return Path(self.settings.catalog) if self.settings.catalog else None

    @property
    def splits(self) -> SplitPolicy:
        """The split policy."""
        return SplitPolicy(self.settings.splits, self.settings.seed)

    @property
    def templates(self) -> Path | None:
        """The file of phrasings beside those of the package, if there is one."""
        return Path(self.settings.pairs.templates) if self.settings.pairs.templates else None

    @property
    def caps(self) -> Caps:
        """How many records of a cluster and of a species stay, and how many bases of what is held out."""
        dedup = self.settings.dedup
        return Caps(dedup.max_per_cluster, dedup.max_per_species, self.settings.splits.max_eval_bases)

    def shaping(self) -> dict[str, Any]:
        """Return the options that shape the published rows, without any path of this machine."""
        everything = self.settings.model_dump(mode="json")
        shown: dict[str, Any] = {}
        for key in SHAPING:
            section, _, option = key.partition(".")
            value = value_at(key, everything)
            shown[section] = {**shown.get(section, {}), option: value} if option else value
        shown["divisions"] = self.divisions
        shown["custom_divisions"] = sorted(map(_published, shown["custom_divisions"]), key=lambda entry: entry["name"])
        shown["pairs"]["templates"] = _sha256(self.settings.pairs.templates)
        shown["biosafety"]["table"] = _sha256(self.settings.biosafety.table)
        return shown


def _sha256(path: str) -> str:
    """Return the SHA-256 of a file that the config names, empty where it names none."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else ""


def _published(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a custom division without what names a file of this machine: its inputs have names and MD5 anyway."""
    local = {key for key in _LOCAL if key == "path" or isinstance(entry.get(key), str)}
    return {key: "local" if key in local else value for key, value in sorted(entry.items())}

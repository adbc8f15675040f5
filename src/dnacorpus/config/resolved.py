"""The config of a build as the stages read it: ``results/NAME/config.yaml``, checked again."""

import hashlib
from pathlib import Path
from typing import Any

import yaml

from dnacorpus.config.checks import checked
from dnacorpus.config.stages import SHAPING, value_at
from dnacorpus.curation.duplicates import Caps
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.errors import UsageError
from dnacorpus.pairs.paper.passages import PassageLimits
from dnacorpus.pairs.qa.annotation import Cluster
from dnacorpus.pairs.qa.rows import Questions
from dnacorpus.pairs.rows import Limits
from dnacorpus.pairs.window import WindowSettings
from dnacorpus.settings.curation import AuditSettings, BiosafetySettings, DecontaminationSettings, NearSettings
from dnacorpus.settings.pairs import PairSettings
from dnacorpus.settings.root import Settings
from dnacorpus.settings.sources import CustomDivision

_LOCAL = ("path", "accessions")
"""The keys of a custom division that may name a file of this machine."""


class Config:
    """What the stages read of ``results/NAME/config.yaml``."""

    def __init__(self, settings: Settings, path: Path) -> None:
        self._settings, self._path = settings, path

    @classmethod
    def load(cls, path: Path) -> "Config":
        """Read a resolved config; raises UsageError when it is absent or wrong."""
        try:
            values = yaml.safe_load(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise UsageError(f"{path}: no such config; the workflow writes it: results/NAME/config.yaml") from error
        except yaml.YAMLError as error:
            raise UsageError(f"{path}: expected YAML, found: {' '.join(str(error).split())}") from error
        if not isinstance(values, dict):
            raise UsageError(f"{path}: expected a mapping of config keys, found {type(values).__name__}")
        return cls(checked(values, str(path)), path)

    @classmethod
    def of_mirror(cls, mirror: str, contact: str) -> "Config":
        """Return a config of a release mirror alone, for verbs that are called without the workflow."""
        alone = Settings.model_construct(mirror=mirror, contact=contact, custom_divisions=(), catalog="")
        return cls(alone, Path("command line"))

    def __getitem__(self, key: str) -> Any:
        """Return the value at a dotted key; raises UsageError naming the key that is missing."""
        value: Any = self._settings
        for step in key.split("."):
            if not hasattr(value, step):
                raise UsageError(f"{self._path}: config key {key!r} is missing; run snakemake again to resolve it")
            value = getattr(value, step)
        return value

    @property
    def divisions(self) -> list[str]:
        """The divisions of the build, RefSeq's and its own, sorted."""
        return sorted([*self["divisions"], *(entry["name"] for entry in self["custom_divisions"])])

    def custom_division(self, name: str) -> CustomDivision | None:
        """Return the entry of a custom division, or None for a division of the release."""
        return next((entry for entry in self["custom_divisions"] if entry["name"] == name), None)

    @property
    def pinned(self) -> Path | None:
        """The folder of the catalogs to rebuild from, if there is one."""
        return Path(self["catalog"]) if self["catalog"] else None

    @property
    def splits(self) -> SplitPolicy:
        """The split policy."""
        return SplitPolicy(self._settings.splits, self._settings.seed)

    @property
    def limits(self) -> Limits:
        """What bounds a row, and how records are cut into windows, if they are."""
        pairs, windows = self._settings.pairs, self._settings.windows
        return Limits(
            pairs.max_bases,
            WindowSettings(
                windows.bases,
                windows.stride,
                windows.min_share,
                windows.max_n_share,
                windows.max_features,
                windows.max_windows,
                windows.short_records,
            )
            if "window" in pairs.kinds
            else None,
            pairs.min_bases,
            pairs.max_uninformative_share,
            pairs.flank,
            frozenset(pairs.kinds),
        )

    @property
    def templates(self) -> Path | None:
        """The file of phrasings beside those of the package, if there is one."""
        return Path(self["pairs.templates"]) if self["pairs.templates"] else None

    @property
    def passages(self) -> PassageLimits | None:
        """What bounds the passages of papers; None where papers have no rows."""
        section = self._settings.passages
        if "paper" not in self["pairs.kinds"]:
            return None
        return PassageLimits(section.max_per_record, section.min_length, section.max_length, section.max_genes)

    @property
    def questions(self) -> Questions | None:
        """What bounds the rows of questions and answers; None where there are none."""
        qa = self._settings.qa
        if "qa" not in self["pairs.kinds"]:
            return None
        cluster = Cluster(qa.min_cluster_genes, qa.max_cluster_distance)
        return Questions(qa.max_bases, qa.max_rows, qa.min_questions, qa.max_questions, qa.max_n_share, cluster)

    @property
    def near(self) -> NearSettings:
        """How near-duplicates are found."""
        return self._settings.dedup.near

    @property
    def caps(self) -> Caps:
        """How many records of a cluster and of a species stay, and how many bases of what is held out."""
        dedup = self._settings.dedup
        return Caps(dedup.max_per_cluster, dedup.max_per_species, self._settings.splits.max_eval_bases)

    @property
    def leaks(self) -> DecontaminationSettings:
        """When a held-out row is nearly contained in train."""
        return self._settings.decontamination

    @property
    def audit(self) -> AuditSettings:
        """How the shards are audited."""
        return self._settings.audit

    @property
    def copies(self) -> PairSettings:
        """How many of the pairs that are copies stay."""
        return self._settings.pairs

    @property
    def biosafety(self) -> BiosafetySettings:
        """What happens to viruses of eukaryotes."""
        return self._settings.biosafety

    def shaping(self) -> dict[str, Any]:
        """Return the options that shape the published rows, without any path of this machine."""
        everything = self._settings.model_dump(mode="json")
        shown: dict[str, Any] = {}
        for key in SHAPING:
            section, _, option = key.partition(".")
            value = value_at(key, everything)
            shown[section] = {**shown.get(section, {}), option: value} if option else value
        shown["divisions"] = self.divisions
        shown["custom_divisions"] = sorted(map(_published, shown["custom_divisions"]), key=lambda entry: entry["name"])
        shown["pairs"]["templates"] = _sha256(self["pairs.templates"])
        shown["biosafety"]["table"] = _sha256(self["biosafety.table"])
        return shown


def _sha256(path: str) -> str:
    """Return the SHA-256 of a file that the config names, empty where it names none."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else ""


def _published(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a custom division without what names a file of this machine: its inputs have names and MD5 anyway."""
    local = {key for key in _LOCAL if key == "path" or isinstance(entry.get(key), str)}
    return {key: "local" if key in local else value for key, value in sorted(entry.items())}

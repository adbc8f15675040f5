"""The resolved config of a run, as the workflow wrote it: validated there, typed here, no defaults."""

import hashlib
from pathlib import Path
from typing import Any

import yaml

from dnacorpus.curation.duplicates import Caps, CopyPolicy
from dnacorpus.curation.near.candidates import NearSettings
from dnacorpus.curation.policies import AuditSettings, BiosafetyPolicy, LeakPolicy
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.errors import UsageError
from dnacorpus.pairs.paper.passages import PassageLimits
from dnacorpus.pairs.qa.annotation import Cluster
from dnacorpus.pairs.qa.rows import Questions
from dnacorpus.pairs.rows import Limits
from dnacorpus.pairs.window import WindowSettings

SHAPING = (
    "audit", "biosafety", "divisions", "leaks", "pairs", "passages", "questions", "seed", "shards", "splits", "windows",
)  # fmt: skip
"""The keys that shape the published rows; the manifest repeats them. Names and paths are not among them."""
_LISTS = ("always_train", "always_validation", "always_test")
_LOCAL = ("path", "accessions")
"""The keys of a custom division that may name a file of this machine."""


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

    @classmethod
    def of_mirror(cls, mirror: str, contact: str) -> "Config":
        """Return a config of a release mirror alone, for verbs that are called without the workflow."""
        values = {"mirror": mirror, "contact": contact, "custom_divisions": [], "catalog": ""}
        return cls(values, Path("command line"))

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
        """The divisions of the build, RefSeq's and its own, sorted."""
        return sorted([*self["divisions"], *(entry["name"] for entry in self["custom_divisions"])])

    def custom_division(self, name: str) -> dict[str, Any] | None:
        """Return the entry of a custom division, or None for a division of the release."""
        return next((dict(entry) for entry in self["custom_divisions"] if entry["name"] == name), None)

    @property
    def pinned(self) -> Path | None:
        """The folder of the catalogs to rebuild from, if there is one."""
        return Path(self["catalog"]) if self["catalog"] else None

    @property
    def splits(self) -> SplitPolicy:
        """The split policy; raises UsageError when two lists claim one species or genus."""
        policy = SplitPolicy(
            seed=int(self["seed"]),
            unit=self["splits.unit"],
            validation=float(self["splits.validation"]),
            test=float(self["splits.test"]),
            **{name: frozenset(self[f"splits.{name}"]) for name in _LISTS},
        )
        if claimed := policy.contested():
            raise UsageError(
                f"{self._path}: splits: expected each species in one of {', '.join(_LISTS)},"
                f" found {', '.join(claimed)} in two; take it out of one"
            )
        return policy

    @property
    def limits(self) -> Limits:
        """What bounds a row, and how records are cut into windows, if they are."""
        windows = WindowSettings(**self["windows"]) if "window" in self["pairs.kinds"] else None
        return Limits(
            int(self["pairs.max_bases"]),
            windows,
            int(self["pairs.min_bases"]),
            float(self["pairs.max_uninformative"]),
            int(self["pairs.flank"]),
            frozenset(self["pairs.kinds"]),
        )

    @property
    def templates(self) -> Path | None:
        """The file of phrasings beside those of the package, if there is one."""
        return Path(self["pairs.templates"]) if self["pairs.templates"] else None

    @property
    def passages(self) -> PassageLimits | None:
        """What bounds the passages of papers; None where papers have no rows."""
        return PassageLimits(**self["passages"]) if "paper" in self["pairs.kinds"] else None

    @property
    def questions(self) -> Questions | None:
        """What bounds the rows of questions and answers; None where there are none."""
        if "qa" not in self["pairs.kinds"]:
            return None
        values = dict(self["questions"])
        cluster = Cluster(values.pop("cluster_genes"), values.pop("cluster_distance"))
        return Questions(**values, cluster=cluster)

    @property
    def near(self) -> NearSettings:
        """How near-duplicates are found."""
        section = self["dedup"]
        return NearSettings(**{key: section[key] for key in ("k", "sketch_hashes", "most_scaled", "hubs", "near_ani")})

    @property
    def caps(self) -> Caps:
        """How many records of a cluster and of a species stay, and how many bases of what is held out."""
        dedup = self["dedup"]
        return Caps(dedup["most_per_cluster"], dedup["most_per_species"], int(self["splits.most_bases"]))

    @property
    def leaks(self) -> LeakPolicy:
        """When a held-out row is nearly contained in train."""
        return LeakPolicy(int(self["leaks.k"]), float(self["leaks.share"]))

    @property
    def audit(self) -> AuditSettings:
        """How the shards are audited."""
        return AuditSettings(**self["audit"])

    @property
    def copies(self) -> CopyPolicy:
        """How many of the pairs that are copies stay."""
        most = {"collapse": 1, "keep": 0}.get(self["pairs.copies"], self["pairs.copies"])
        return CopyPolicy(int(most), int(self["pairs.copies_named"]))

    @property
    def biosafety(self) -> BiosafetyPolicy:
        """What becomes of viruses of eukaryotes."""
        return BiosafetyPolicy(**self["biosafety"])

    def shaping(self) -> dict[str, Any]:
        """Return the part of the config that shapes the published rows; the order of its lists shapes none."""
        splits = {**self["splits"], **{name: sorted(self[f"splits.{name}"]) for name in _LISTS}}
        papers = {  # where they lie shapes nothing
            "licenses": sorted(self["papers.licenses"]),
            "records_per_paper": self["papers.records_per_paper"],
        }
        templates = _sha256(self["pairs.templates"])
        pairs = {**self["pairs"], "kinds": sorted(self["pairs.kinds"]), "templates": templates}
        # Neither how many buckets nor how much at once decides anything.
        dedup = {key: value for key, value in self["dedup"].items() if key not in ("buckets", "bases_at_once")}
        custom = sorted((_published(entry) for entry in self["custom_divisions"]), key=lambda entry: entry["name"])
        return {key: self[key] for key in SHAPING} | {
            "divisions": self.divisions,
            "splits": splits,
            "pairs": pairs,
            "papers": papers,
            "custom_divisions": custom,
            "dedup": dedup,
            "biosafety": {**self["biosafety"], "table": _sha256(self["biosafety.table"])},
        }


def _sha256(path: str) -> str:
    """Return the SHA-256 of a file that the config names, empty where it names none."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else ""


def _published(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a custom division without what names a file of this machine: its inputs have names and MD5 anyway."""
    local = {key for key in _LOCAL if key == "path" or isinstance(entry.get(key), str)}
    return {key: "local" if key in local else value for key, value in sorted(entry.items())}

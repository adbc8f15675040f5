"""Which options each stage depends on: a rule lists them in its ``params:``, so that a changed one reruns the stage.

Stages that follow run again because their inputs are new; their own options alone are listed.
"""

from collections.abc import Mapping
from typing import Any

SHAPING = (
    "audit", "biosafety", "custom_divisions", "decontamination", "dedup.max_per_cluster", "dedup.max_per_species",
    "dedup.near", "divisions", "pairs", "papers.licenses", "papers.max_records_per_paper", "passages", "qa", "seed",
    "shards", "splits", "windows",
)  # fmt: skip
"""The sections and options that shape the published rows; the manifest repeats them."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "taxonomy": ("taxonomy", "mirror", "catalog"),
    "catalog": ("catalog", "mirror", "shards.group_bytes"),
    "fetch": ("catalog", "mirror"),
    "sketch": ("dedup.near.k", "dedup.near.min_hashes", "dedup.near.max_scaled"),
    "match": ("dedup.buckets", "dedup.near"),
    "dedup": (
        "seed", "splits", "dedup.buckets", "dedup.near", "dedup.max_per_cluster", "dedup.max_per_species",
        "biosafety.policy", "biosafety.table",
    ),
    "index": ("decontamination.k", "pairs.flank", "biosafety.policy"),
    "papers": ("papers.source", "papers.licenses", "papers.max_records_per_paper", "mirror"),
    "pair": ("pairs", "windows", "qa", "passages", "biosafety.policy", "biosafety.max_overlap"),
    "match_pairs": ("dedup.buckets",),
    "collapse": ("decontamination", "dedup.buckets", "pairs.copies", "pairs.max_copies_named"),
    "audit_list": ("audit",),
    "assemble": SHAPING,
    "validate": ("validate.preset",),
    "publish": ("hub.repo_id",),
}  # fmt: skip
"""Rule -> the sections and options that it depends on; of a section all."""

NO_RERUN = ("name", "contact", "services", "papers.cache", "papers.bulk_download_above", "dedup.max_bases_at_once")
"""What changes no result: where files are, and how they are obtained or computed."""


def options_of(rule: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a rule's options by dotted key."""
    return {key: value_at(key, config) for key in OPTIONS[rule]}


def value_at(key: str, config: Mapping[str, Any]) -> Any:
    """Return the value at a dotted key."""
    value: Any = config
    for step in key.split("."):
        value = value[step]
    return value

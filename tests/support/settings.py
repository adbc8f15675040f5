"""Configs for tests: the defaults of config/config.yaml with changes."""

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from dnacorpus.config.checks import checked
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.settings.pairs import KINDS, PairSettings, PassageSettings, QaSettings
from dnacorpus.settings.root import Settings

CONFIG = Path(__file__).resolve().parents[2] / "config" / "config.yaml"


@cache
def _defaults() -> dict[str, Any]:
    return yaml.safe_load(CONFIG.read_text(encoding="utf-8"))


def values(**changes: object) -> dict[str, Any]:
    """Return the default config with changes; a section is a dict with what differs in it."""
    return _merged(deepcopy(_defaults()), changes)


def settings(**changes: object) -> Settings:
    """Return the same, checked."""
    return checked(values(**changes))


def pair_settings(max_bases: int = 131072, **changes: object) -> PairSettings:
    """Return settings that allow every row of at most ``max_bases``."""
    everything = {"min_bases": 1, "max_uninformative_share": 1.0, "kinds": KINDS}
    return settings(windows={"bases": 1}, pairs={"max_bases": max_bases} | everything | changes).pairs


def passage_settings(max_per_record: int, min_length: int, max_length: int, max_genes: int) -> PassageSettings:
    return PassageSettings(
        max_per_record=max_per_record, min_length=min_length, max_length=max_length, max_genes=max_genes
    )


def qa_settings(
    max_bases: int, max_rows: int, questions: tuple[int, int], cluster: tuple[int, int] = (3, 100)
) -> QaSettings:
    """Return settings of ``questions`` (at least, at most) and a gene ``cluster`` (genes, bases between two)."""
    return QaSettings(
        max_bases=max_bases,
        max_rows=max_rows,
        min_questions=questions[0],
        max_questions=questions[1],
        max_n_share=0.05,
        min_cluster_genes=cluster[0],
        max_cluster_distance=cluster[1],
    )


def copies(most: int, named: int = 10) -> PairSettings:
    """Return settings that keep ``most`` copies of a pair, 0 for all of them, and list ``named`` others."""
    return settings(pairs={"copies": most or "keep", "max_copies_named": named}).pairs


def split_policy(seed: int = 0, **changes: object) -> SplitPolicy:
    """Return a policy for the splits; no name has a fixed split but by ``changes``."""
    return SplitPolicy(settings(splits={"always_train": []} | changes).splits, seed)


def _merged(old: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return old | {
        key: _merged(old[key], value) if isinstance(value, Mapping) and isinstance(old.get(key), dict) else value
        for key, value in changes.items()
    }

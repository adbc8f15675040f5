"""Configs for tests: the defaults of config/config.yaml with changes."""

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from dnacorpus.config.checks import checked
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.settings.pairs import PairSettings
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

"""Configs for tests: the defaults of config/config.yaml with changes."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from dnacorpus.config.checks import checked
from dnacorpus.settings.root import Settings

CONFIG = Path(__file__).resolve().parents[2] / "config" / "config.yaml"


@cache
def _defaults() -> str:
    return CONFIG.read_text(encoding="utf-8")


def values(**changes: object) -> dict[str, Any]:
    """Return the default config with changes; a section is a dict with what differs in it."""
    return _merged(yaml.safe_load(_defaults()), changes)


def settings(**changes: object) -> Settings:
    """Return the same, checked."""
    return checked(values(**changes))


def _merged(old: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return old | {
        key: _merged(old[key], value) if isinstance(value, Mapping) and isinstance(old.get(key), dict) else value
        for key, value in changes.items()
    }

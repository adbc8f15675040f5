"""Access to the qualifiers of a feature, which is a row of the features table."""

from collections.abc import Mapping
from typing import Any

from dnacorpus.schemas.values import QUALIFIER_COLUMNS

FeatureRow = Mapping[str, Any]
"""A row of the features table, or one that `indexed` made of it."""


class _Indexed(dict[str, Any]):
    """A row of the features table with its qualifiers by key."""

    __slots__ = ("by_key",)

    def __init__(self, feature: FeatureRow) -> None:
        super().__init__(feature)
        self.by_key = _by_key(feature)


def indexed(feature: FeatureRow) -> FeatureRow:
    """Return the feature with an index of its qualifiers, because `values` is called dozens of times for each."""
    return feature if isinstance(feature, _Indexed) else _Indexed(feature)


def _by_key(feature: FeatureRow) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in QUALIFIER_COLUMNS:
        if (written := feature[key]) is not None and (text := str(written).strip()):
            found[key] = [text]
    for qualifier in feature["qualifiers"]:
        # A key without a value is in the index too: `has` looks it up.
        texts = found.setdefault(qualifier["key"], [])
        if (written := qualifier["value"]) and (text := written.strip()):
            texts.append(text)
    return found


def values(feature: FeatureRow, key: str) -> list[str]:
    """Return the values of a qualifier, in order, without outer blanks; flags and empty values are left out.

    Callers must not change the list: it may be the feature's own.
    """
    return (feature.by_key if isinstance(feature, _Indexed) else _by_key(feature)).get(key) or []


def value(feature: FeatureRow, key: str) -> str | None:
    """Return the first value of a qualifier, or None."""
    found = (feature.by_key if isinstance(feature, _Indexed) else _by_key(feature)).get(key)
    return found[0] if found else None


def has(feature: FeatureRow, key: str) -> bool:
    """Return whether the feature has a qualifier, with or without a value."""
    if isinstance(feature, _Indexed) and key not in QUALIFIER_COLUMNS:
        return key in feature.by_key
    return any(qualifier["key"] == key for qualifier in feature["qualifiers"])

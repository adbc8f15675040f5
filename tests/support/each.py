"""Loops over what must not be empty."""

from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


def each(items: Iterable[Item], at_least: int = 1) -> list[Item]:
    """Return the items as a list; fails if there are fewer than ``at_least``, so that assertions on each are made."""
    listed = list(items)
    assert len(listed) >= at_least, f"expected at least {at_least} to check, found {len(listed)}"
    return listed

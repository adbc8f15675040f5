"""Loops over what must not be empty."""

from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


def each(items: Iterable[Item]) -> list[Item]:
    """Return the items as a list; fails if there are none, so that the assertions of a loop over them are made."""
    listed = list(items)
    assert listed, "expected at least one item to check, found none"
    return listed

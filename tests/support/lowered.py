"""A limit of `dnacorpus.limits` made small for a test, so that no large input is needed."""

import pytest

from dnacorpus import limits


def lowered(name: str, number: int) -> limits.Limit:
    """Return a limit with the words of ``name`` and another number."""
    known = limits.TABLE[name]
    limit = limits.Limit(number, known.unit, known.bounds, known.largest)
    limit.name = name
    return limit


def lower(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Set the limit ``name`` to ``number`` until the test ends."""
    monkeypatch.setattr(limits, name, lowered(name, number))

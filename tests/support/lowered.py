"""A limit of `dnacorpus.limits` made small for a test, so that no large input is needed."""

import pytest

from dnacorpus import limits


def lower(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Set the limit ``name`` to ``number`` until the test ends; its words stay."""
    known = limits.TABLE[name]
    lowered = limits.Limit(number, known.unit, known.bounds, known.largest)
    lowered.name = name
    monkeypatch.setattr(limits, name, lowered)

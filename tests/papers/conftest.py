"""Fixtures of the tests of papers."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_papers(mirror: Path) -> Path:
    """The folder of papers beside the real mirror."""
    path = mirror.parent / "papers"
    if not path.is_dir():
        pytest.skip(f"no real papers at {path}")
    return path

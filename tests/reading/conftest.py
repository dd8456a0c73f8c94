"""Fixtures of the reading tests; what they publish is written in published.py."""

from pathlib import Path
from typing import Any

import pytest

from connections.grants import Grant
from tests.mirrored import with_small_blocks
from tests.reading.published import LINCOLN, grant, publish_district


@pytest.fixture(autouse=True)
def mirror(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Pages are read from files on this machine where those have the bodies."""
    with_small_blocks(monkeypatch, settings, tmp_path)


@pytest.fixture
def lincoln() -> Grant:
    """A grant to Lincoln only."""
    return grant(schools=frozenset({LINCOLN}))


@pytest.fixture
def district(db: None) -> None:
    """Lincoln and Washington, their classes and people; some people belong to both."""
    publish_district()

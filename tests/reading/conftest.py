"""Fixtures of the reading tests; what they publish is written in published.py."""

import pytest

from connections.grants import Grant
from tests.reading.published import LINCOLN, grant, publish_district


@pytest.fixture
def lincoln() -> Grant:
    """A grant to Lincoln only."""
    return grant(schools=frozenset({LINCOLN}))


@pytest.fixture
def district(db: None) -> None:
    """Lincoln and Washington, their classes and people; some people belong to both."""
    publish_district()

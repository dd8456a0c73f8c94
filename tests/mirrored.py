"""Bodies come from files of small blocks, also the few of a test."""

from pathlib import Path
from typing import Any

import pytest

from roster.reading import mirror

FOUR = 4


def with_small_blocks(monkeypatch: pytest.MonkeyPatch, settings: Any, folder: Path) -> None:
    """Let this test's pages be read from files in the folder, four numbers a block, however few are wanted.

    Trimmed pages are kept there too, short ones as well.
    """
    settings.BODY_MIRROR = folder / "mirror"
    monkeypatch.setattr("roster.reading.mirror.BLOCK", FOUR)
    monkeypatch.setattr("roster.publishing.writing.BLOCK", FOUR)
    monkeypatch.setattr("roster.reading.mirror.MUCH", 1)
    monkeypatch.setattr("roster.reading.trimmed.FEW", 1)
    mirror.close()

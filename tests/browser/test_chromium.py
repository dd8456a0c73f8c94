"""Where the browser of the tests comes from, in which order, and what is said when there is none."""

from pathlib import Path

import pytest

from tests.browser import chromium


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A machine without a browser; the names of what was tried to get one."""
    tried: list[str] = []
    monkeypatch.setattr(chromium, "_of_playwright", lambda: None)
    monkeypatch.setattr(chromium, "_fetch_by_playwright", lambda: tried.append("playwright"))
    monkeypatch.setattr(chromium, "_fetch_by_apt", lambda: tried.append("apt"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium.tempfile, "gettempdir", lambda: str(tmp_path))
    return tried


def browser(folder: Path, *, exit_code: int) -> Path:
    path = folder / "google-chrome"
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)
    return path


def test_the_browser_on_path_is_taken(fetched: list[str], tmp_path: Path) -> None:
    path = browser(tmp_path, exit_code=0)
    assert chromium.executable() == path
    assert fetched == []


def test_without_one_playwright_is_asked_then_the_system_and_at_last_a_person(fetched: list[str]) -> None:
    with pytest.raises(chromium.NoBrowserError, match="install the package chromium"):
        chromium.executable()
    assert fetched == ["playwright", "apt"]


def test_a_browser_that_does_not_start_is_none(fetched: list[str], tmp_path: Path) -> None:
    browser(tmp_path, exit_code=127)
    with pytest.raises(chromium.NoBrowserError):
        chromium.executable()


def test_what_the_system_installed_is_found(
    fetched: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "_fetch_by_apt", lambda: browser(tmp_path, exit_code=0))
    assert chromium.executable() == tmp_path / "google-chrome"
    assert fetched == ["playwright"]


def test_a_download_that_hangs_is_ended() -> None:
    assert not chromium._run(["/bin/sh", "-c", "sleep 60 & wait"], seconds=0.1)
    assert not chromium._run(["/nowhere/to/be/found"])
    assert chromium._run(["/bin/sh", "-c", 'test "$WORD" = given'], WORD="given")

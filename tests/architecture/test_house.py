"""The laws of the house that a program can check."""

import re
import subprocess
from pathlib import Path

import pytest

from connections import scopes
from roster.endpoints import ENDPOINTS

ROOT = Path(__file__).resolve().parents[2]


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def test_python_files_stay_readable_in_one_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py")
        if "migrations" not in path.parts and (lines := path.read_text(encoding="utf-8").count("\n")) > 400
    }
    assert long == {}


def test_every_environment_variable_is_documented() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in tracked("interop/settings/*.py"))
    names = set(re.findall(r'env_(?:str|bool|list|int|keys)\(\s*"([A-Z_]+)"', source))
    documented = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    assert len(names) >= 8
    assert [name for name in sorted(names) if f"`{name}`" not in documented] == []


def test_templates_hold_no_inline_script_or_style() -> None:
    offending = [
        str(path.relative_to(ROOT))
        for path in tracked("*.html")
        if re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", path.read_text(encoding="utf-8"))
    ]
    assert offending == []


def test_locks_name_no_registry() -> None:
    for lock in tracked("requirements/*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
    [lock] = tracked("*package-lock.json")
    text = lock.read_text(encoding="utf-8")
    assert '"integrity": "sha512-' in text
    assert '"resolved"' not in text


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.operation)
def test_every_endpoint_stands_under_a_scope_a_connection_can_have(endpoint) -> None:
    offered = set(scopes.every_scope().values())
    assert set(endpoint.scopes) & offered


def test_operations_are_declared_once() -> None:
    operations = [endpoint.operation for endpoint in ENDPOINTS]
    assert len(operations) == len(set(operations))
    assert len([endpoint for endpoint in ENDPOINTS if endpoint.exists_in(12)]) == 46

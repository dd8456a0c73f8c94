"""The settings of an installation: complete on a laptop, strict in production, one sentence when wrong."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from interop.settings.base import BASE_DIR

READ = "from django.conf import settings as s; print(s.SECRET_KEY, s.PUBLIC_URL, s.SESSION_COOKIE_SECURE)"
PRODUCTION = {
    "DATABASE_URL": "postgresql://portal@db.example/portal",
    "REDIS_URL": "redis://cache.example:6379/0",
    "SECRET_KEY": "s" * 40,
    "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "PUBLIC_URL": "https://portal.example.org",
}
NAMES = {*PRODUCTION, "DATA_DIR", "ALLOWED_HOSTS", "DISTRICT_TIME_ZONE", "DEBUG"}


def environment(given: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in NAMES}
    return {**kept, "DJANGO_SETTINGS_MODULE": "interop.settings", **given}


def read(given: dict[str, str]) -> list[str]:
    """Read some settings in a fresh process with only these variables."""
    command = [sys.executable, "-c", READ]
    done = subprocess.run(command, cwd=BASE_DIR, env=environment(given), capture_output=True, text=True, check=True)
    return done.stdout.split()


def refusal(given: dict[str, str]) -> str:
    """Run a command that cannot start and return the one line it says."""
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=BASE_DIR, env=environment(given), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_a_laptop_makes_its_keys_once_and_keeps_them_private(tmp_path: Path) -> None:
    first, second = (read({"DATA_DIR": str(tmp_path / "var")}) for _ in range(2))
    assert first == second
    assert first[1:] == ["http://127.0.0.1:8000", "False"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "var" / "keys").iterdir()}
    assert modes == {0o600}


def test_production_uses_what_is_given_and_secure_cookies(tmp_path: Path) -> None:
    assert read({**PRODUCTION, "DATA_DIR": str(tmp_path)}) == ["s" * 40, "https://portal.example.org", "True"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "DATABASE_URL"])
def test_production_without_a_setting_names_it(name: str) -> None:
    assert name in refusal({key: value for key, value in PRODUCTION.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db.example/portal"),
        ("REDIS_URL", "amqp://cache.example"),
        ("SECRET_KEY", "short"),
        ("FIELD_ENCRYPTION_KEYS", "not a key"),
        ("PUBLIC_URL", "http://portal.example.org"),
        ("PUBLIC_URL", "portal.example.org"),
        ("DISTRICT_TIME_ZONE", "Mars/Olympus"),
        ("DEBUG", "perhaps"),
    ],
)
def test_a_malformed_setting_is_named(name: str, value: str) -> None:
    assert name in refusal({**PRODUCTION, name: value})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("f" * 40 + "\n")
    given = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}
    assert read({**given, "SECRET_KEY_FILE": str(file)})[0] == "f" * 40
    assert "SECRET_KEY_FILE" in refusal({**given, "SECRET_KEY_FILE": str(tmp_path / "missing")})

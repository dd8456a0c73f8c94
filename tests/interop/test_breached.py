"""The operator's list of breached passwords: searched on the disk, checked when the portal starts."""

import hashlib
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured, ValidationError

from interop.settings import checks
from interop.signin import breached, passwords

WORDS = [f"correct horse {number}" for number in range(300)]


def hashed(word: str) -> str:
    return hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()


def written(path: Path, words: list[str], end: str = ":12\r\n") -> Path:
    path.write_bytes("".join(f"{each}{end}" for each in sorted(map(hashed, words))).encode())
    return path


@pytest.mark.parametrize("end", [":12\r\n", "\n", ":1\n"])
@pytest.mark.parametrize("size", [1, 2, 3, 300])
def test_every_password_of_the_list_is_found_and_no_other(tmp_path, end, size):
    path = written(tmp_path / "list", WORDS[:size], end)
    assert breached.is_list(path)
    assert all(breached.holds(path, word) for word in WORDS[:size])
    assert not any(breached.holds(path, f"{word}!") for word in WORDS)


def test_a_breached_password_is_refused_with_advice(tmp_path, settings):
    assert passwords.checked("correct horse 7", User(username="dana"))
    settings.BREACHED_PASSWORDS = str(written(tmp_path / "list", WORDS))
    with pytest.raises(ValidationError, match="known from a breach"):
        passwords.checked("correct horse 7", User(username="dana"))
    assert passwords.checked("orbit lantern pickle ravine", User(username="dana"))


@pytest.mark.parametrize(
    "text",
    ["", "password\nsecret\n", "A" * 32 + ":3\n", "\n".join(sorted(map(hashed, WORDS), reverse=True)), "x" * 9000],
)
def test_what_is_no_such_list_stops_the_start_with_a_sentence(tmp_path, text):
    path = tmp_path / "list"
    path.write_text(text, encoding="ascii")
    with pytest.raises(ImproperlyConfigured, match=r"BREACHED_PASSWORDS names .* not a list of SHA-1 hashes"):
        checks.breached_list(str(path))
    with pytest.raises(ImproperlyConfigured, match="cannot be read: No such file"):
        checks.breached_list(str(tmp_path / "missing"))
    assert checks.breached_list("") == ""

"""Encryption of the few values a protocol or a person needs back, with the keys of FIELD_ENCRYPTION_KEYS.

The first key seals, every key opens: put a new key in front to begin using it, run `rotate_keys`, then drop the others.
"""

from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """What was sealed cannot be opened: its key is gone from FIELD_ENCRYPTION_KEYS, or the bytes were changed."""


def seal(text: str) -> bytes:
    """Return the text encrypted and signed."""
    return _box(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(text.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """Return the text that was sealed; raises Unreadable."""
    return _opened(sealed, tuple(settings.FIELD_ENCRYPTION_KEYS))


def is_newest(sealed: bytes | memoryview) -> bool:
    """Say whether the newest key sealed it, so that it can stay as it is."""
    try:
        _opened(sealed, tuple(settings.FIELD_ENCRYPTION_KEYS[:1]))
    except Unreadable:
        return False
    return True


def _opened(sealed: bytes | memoryview, keys: tuple[str, ...]) -> str:
    try:
        return _box(keys).decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise Unreadable("A stored value cannot be decrypted with FIELD_ENCRYPTION_KEYS.") from error


@cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])

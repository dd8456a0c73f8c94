"""What is sealed opens with the keys of the installation, the newest seals, and old ones still open."""

import pytest
from cryptography.fernet import Fernet

from interop import crypto

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def test_what_is_sealed_is_unreadable_until_it_is_unsealed(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    sealed = crypto.seal("orp_sk_word")
    assert b"word" not in sealed
    assert crypto.unseal(memoryview(sealed)) == "orp_sk_word"


def test_a_new_key_in_front_seals_and_the_old_one_still_opens(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    before = crypto.seal("word")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    after = crypto.seal("word")
    assert crypto.unseal(before) == "word"
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert crypto.unseal(after) == "word"
    with pytest.raises(crypto.Unreadable):
        crypto.unseal(before)


def test_changed_bytes_are_refused(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    sealed = bytearray(crypto.seal("word"))
    sealed[-1] ^= 1
    with pytest.raises(crypto.Unreadable):
        crypto.unseal(bytes(sealed))

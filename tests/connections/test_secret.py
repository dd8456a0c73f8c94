import hashlib
import math
import re
import string
import zlib

import pytest

from connections import secret


@pytest.mark.parametrize(("make", "prefix"), [(secret.new_secret, "orp_sk_"), (secret.new_token, "orp_at_")])
def test_a_secret_has_its_prefix_256_bits_and_a_checksum(make, prefix):
    made = {make() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(prefix + "[0-9A-Za-z]{49}", text) for text in made)
    assert all(secret.has_checksum(text) for text in made)
    assert secret.BODY * math.log2(len(secret.ALPHABET)) > 256


def test_one_changed_character_fails_the_checksum():
    text = secret.new_secret()
    for place in (10, 30, len(text) - 1):
        other = "0" if text[place] != "0" else "1"
        assert not secret.has_checksum(text[:place] + other + text[place + 1 :])


def test_the_checksum_is_the_crc32_in_base62_so_scanners_elsewhere_can_check_it():
    text = secret.new_secret()
    number = 0
    for character in text[-6:]:
        number = number * 62 + (string.digits + string.ascii_uppercase + string.ascii_lowercase).index(character)
    assert number == zlib.crc32(text[:-6].encode())


def test_only_the_sha256_is_stored_and_compared():
    text = secret.new_secret()
    assert secret.sha256(text) == hashlib.sha256(text.encode()).digest()
    assert secret.matches(text, secret.sha256(text))
    assert secret.matches(text, memoryview(secret.sha256(text)))
    assert not secret.matches(text + "x", secret.sha256(text))
    assert not secret.matches("nobody", None)


def test_client_ids_are_recognised():
    assert secret.is_client_id(secret.new_client_id())
    assert not secret.is_client_id("orp_id_\0")
    assert not secret.is_client_id(secret.new_client_id() + "\n")

"""The file format of a backup: a stream in pieces, each encrypted and authenticated with AES-256-GCM.

    file   = MAGIC, salt (16 bytes), piece, piece, … , last piece
    piece  = up to PIECE bytes of content, encrypted, and a tag of 16 bytes
    key    = scrypt(BACKUP_KEY, salt); nonce = number of the piece (11 bytes) and 1 for the last piece, else 0

So no piece can be changed, left out, repeated or moved, and a file that was cut off is known as such: its last piece
does not say that it is the last. The salt makes every file's key another one, so that a nonce is never used twice.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"interop backup 1\n"
SALT, TAG, PIECE = 16, 16, 1 << 20
COST = 1 << 15
"""scrypt's n: 32 MiB and a tenth of a second for each guess."""


class Unreadable(Exception):
    """The file is no backup, was changed or cut off, or BACKUP_KEY is another one."""


class Sealer:
    """Writes a backup; what was written counts only once it is closed."""

    def __init__(self, file: BinaryIO, key: str) -> None:
        salt = os.urandom(SALT)
        self._file, self._head, self._number = file, MAGIC + salt, 0
        self._box, self._waiting = _box(key, salt), bytearray()
        file.write(self._head)

    def write(self, content: bytes) -> None:
        """Add content; whole pieces are written at once."""
        self._waiting += content
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]

    def close(self) -> None:
        """Write what waits as the last piece; the file itself stays open."""
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, content: bytes, *, last: bool) -> None:
        self._file.write(self._box.encrypt(_nonce(self._number, last=last), content, self._head))
        self._number += 1


def opened(file: BinaryIO, key: str) -> Iterator[bytes]:
    """Yield the content in pieces, each authentic; raises Unreadable at the first that is not, or at a missing end."""
    head = file.read(len(MAGIC) + SALT)
    if len(head) != len(MAGIC) + SALT or not head.startswith(MAGIC):
        raise Unreadable("This is not a backup of this portal.")
    box, number = _box(key, head[len(MAGIC) :]), 0
    piece = file.read(PIECE + TAG)
    while True:
        following = file.read(PIECE + TAG)
        try:
            yield box.decrypt(_nonce(number, last=not following), piece, head)
        except InvalidTag:
            raise Unreadable(
                "The backup was made with another BACKUP_KEY, or was changed." if number == 0
                else "The backup was changed or cut off."
            ) from None  # fmt: skip
        if not following:
            return
        piece, number = following, number + 1


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")


def _box(key: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=COST, r=8, p=1).derive(key.encode()))

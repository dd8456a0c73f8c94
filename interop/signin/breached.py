"""The operator's list of passwords known from breaches: SHA-1 hashes in order, one a line, searched on the disk.

It is the file that Have I Been Pwned's downloader writes (`HASH:COUNT`, without `:COUNT` as well). Nothing is asked of
anybody over the network, and a list of any size takes some forty reads.
"""

import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO

LINE = re.compile(rb"[0-9A-Fa-f]{40}(:\d+)?\r?\n?")
LOOKED_AT = 33


def holds(path: Path, password: str) -> bool:
    """Return whether the list has this password; raises OSError when it cannot be read."""
    wanted = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            line = _line(file, middle)
            if line and _hash(line) < wanted:
                low = middle + 1
            else:
                high = middle
        return _hash(_line(file, low)) == wanted


def is_list(path: Path) -> bool:
    """Return whether lines all over the file look and follow each other as they should; raises OSError."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        longest = 64
        places = [max(size - longest, 0) * place // (LOOKED_AT - 1) for place in range(LOOKED_AT)]
        lines = [line for place in places if (line := _line(file, place))]
    hashes = [_hash(line) for line in lines]
    return bool(lines) and all(LINE.fullmatch(line) for line in lines) and hashes == sorted(hashes)


def _line(file: BinaryIO, position: int) -> bytes:
    """Return the first line that begins at or behind this position; empty at the end. No line of a list is long."""
    file.seek(max(position - 1, 0))
    if position:
        file.readline(256)
    return file.readline(256)


def _hash(line: bytes) -> bytes:
    return line[:40].upper()

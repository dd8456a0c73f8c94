"""What the portal sent, kept in files for as long as the bench runs: both references send these very bytes."""

import os
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from bench.load import HOST

FOLDER = "INTEROP_BENCH_KEPT"
PAGES = 97
"""As many pages of a list are asked for; of one list a reference keeps them all in memory."""


@contextmanager
def folder() -> Iterator[Path]:
    """Yield where answers are kept; the references are told by their environment."""
    with tempfile.TemporaryDirectory(prefix="interop-bench-kept-") as name:
        yield Path(name)


def keep(where: Path, port: int, token: str, paths: list[str]) -> list[str]:
    """Ask the portal for these paths, which readies them there too; return under which the references have the same."""
    return [_keep(where, port, token, path) for path in paths]


def _keep(where: Path, port: int, token: str, path: str) -> str:
    request = urllib.request.Request(f"http://{HOST}:{port}{path}", headers={"Authorization": f"Bearer {token}"})
    name = blake2b(path.encode(), digest_size=8).hexdigest()
    with urllib.request.urlopen(request) as answer:
        (where / name).write_bytes(answer.read())
    return f"/{name}"


def body(name: str) -> bytes:
    """Return what was kept under this name; a reference keeps in memory what it makes of it."""
    return (Path(os.environ[FOLDER]) / name).read_bytes()

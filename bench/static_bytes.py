"""The reference: a WSGI application that sends what the portal sent, from memory."""

from collections.abc import Callable, Iterable
from functools import lru_cache

from bench.kept import PAGES, body

PIECE = 256 * 1024


def application(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer with what was kept under the path's name, large ones in pieces."""
    found = pieces(environ["PATH_INFO"].strip("/"))
    headers = [("Content-Type", "application/json"), ("Content-Length", str(sum(map(len, found))))]
    start_response("200 OK", headers)
    return found


@lru_cache(maxsize=PAGES)
def pieces(name: str) -> list[bytes]:
    """Return it as it is sent; for a path without a name, nothing."""
    whole = body(name) if name else b""
    return [whole[at : at + PIECE] for at in range(0, len(whole), PIECE)]

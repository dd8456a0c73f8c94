"""The reference: a WSGI application that answers any path with prepared bytes of the length asked for."""

from collections.abc import Callable, Iterable

PIECE = 256 * 1024
BODIES: dict[int, list[bytes]] = {}


def application(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer with so many bytes, large ones in pieces."""
    length = int(environ["PATH_INFO"].strip("/") or 0)
    if length not in BODIES:
        BODIES[length] = [b"x" * min(PIECE, length - at) for at in range(0, length, PIECE)]
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(length))])
    return BODIES[length]

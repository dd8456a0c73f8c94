"""The reference: a WSGI application that answers any path with prepared bytes of the length asked for."""

from collections.abc import Callable, Iterable

CACHE: dict[int, bytes] = {}


def application(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    length = int(environ["PATH_INFO"].strip("/") or 0)
    body = CACHE.setdefault(length, b"x" * length)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(length))])
    return [body[at : at + 262144] for at in range(0, length, 262144)] or [b""]

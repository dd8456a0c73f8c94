"""Before everything else: whoever has been told to wait, and asks on all the same, is told so again at next to no cost.

One vendor's flood must not take what the others need. This stands before Django and knows only what this process has
refused already (connections/access.py); the refusals of a second are told by the row of the next one that gets through.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from connections.access import turned_away
from interop import metrics
from interop.oneroster.answers import SAFE
from interop.oneroster.errors import error_body, too_many
from interop.oneroster.middleware import API, HEADER, with_one_slash
from interop.oneroster.routes import version_of
from interop.watching import part_of

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Gate:
    """The web application with its gate."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer 429 to a bearer that has to wait; hand everything else on."""
        header = environ.get("HTTP_AUTHORIZATION")
        path = with_one_slash(environ.get("PATH_INFO", ""))
        if not header or not path.startswith(API):
            return self.application(environ, start_response)
        began = time.perf_counter()
        found = turned_away(header, began)
        if found is None:
            return self.application(environ, start_response)
        refusal, limits = found
        told, number = too_many(refusal.seconds), uuid4().hex
        body = error_body(version_of(path), told, number)
        headers = {**SAFE, **told.headers, **refusal.headers(limits), HEADER: number, "Content-Length": str(len(body))}
        start_response("429 Too Many Requests", [("Content-Type", "application/json"), *headers.items()])
        metrics.count(part_of(path), "GET", 429, time.perf_counter() - began)
        return [body]

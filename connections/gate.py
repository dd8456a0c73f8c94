"""Before everything else: who has been told to wait is told so again, and what bearers read is answered.

One vendor's flood must not take what the others need, and pages are what vendors ask for, so both cost next to nothing
beside the page itself. Of waits the gate knows only what this process has refused already (connections/access.py); the
refusals of a second are told by the row of the next one that gets through.
"""

import time
from collections.abc import Callable, Iterable
from http.client import responses
from typing import Any

from connections.access import turned_away
from interop import metrics
from interop.oneroster.answers import SAFE, Answer
from interop.oneroster.errors import error_body, too_many
from interop.oneroster.middleware import API, HEADER, fresh_id, with_one_slash
from interop.oneroster.routes import version_of
from interop.oneroster.shortway import PageRequest, read_at_once
from interop.watching import part_of

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


class Gate:
    """The web application with its gate."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer 429 to a bearer that has to wait, and what bearers read; hand everything else on."""
        header = environ.get("HTTP_AUTHORIZATION")
        path = with_one_slash(environ.get("PATH_INFO", ""))
        if not header or not path.startswith(API):
            return self.application(environ, start_response)
        refused = _turned_away(header, path, start_response)
        if refused is not None:
            return refused
        answer = read_at_once(PageRequest(environ))
        return self.application(environ, start_response) if answer is None else _sent(answer, start_response)


def _turned_away(header: str, path: str, start_response: Start) -> list[bytes] | None:
    """Answer a bearer that has to wait; None when it has not."""
    began = time.perf_counter()
    found = turned_away(header, began)
    if found is None:
        return None
    refusal, limits = found
    told, number = too_many(refusal.seconds), fresh_id()
    body = error_body(version_of(path), told, number)
    headers = {**SAFE, **told.headers, **refusal.headers(limits), HEADER: number, "Content-Length": str(len(body))}
    start_response("429 Too Many Requests", [("Content-Type", "application/json"), *headers.items()])
    metrics.count(part_of(path), "GET", 429, time.perf_counter() - began)
    return [body]


def _sent(answer: Answer, start_response: Start) -> Iterable[bytes]:
    """Hand the answer to the server; a list tells it that there is nothing to wait for."""
    start_response(f"{answer.status_code} {responses[answer.status_code]}", list(answer.headers.items()))
    return [answer.content] if answer.streaming_content is None else answer.streaming_content

"""What is noted of every request: how long it took and how it ended; and of those that broke or dragged, a log line."""

import logging
import time
from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse

from interop import logs, metrics
from interop.oneroster.middleware import request_id_of

SLOW = 1.0
"""Seconds after which an answer is worth a line in the log."""
BROKEN = 500
PARTS = (
    ("/ims/oneroster/v1p1", "oneroster 1.1"),
    ("/ims/oneroster/gradebook", "oneroster gradebook"),
    ("/ims/oneroster/resources", "oneroster resources"),
    ("/ims/", "oneroster rostering"),
    ("/oauth2/", "token"),
    ("/admin/", "admin"),
    ("/teacher/", "teacher"),
    ("/home/", "home"),
    ("/account/", "account"),
    ("/lti/", "lti"),
    ("/api/", "api documents"),
    ("/static/", "static"),
)
OTHER = "other"
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
log = logging.getLogger("interop.request")


class WatchMiddleware:
    """Counts requests for /metrics, and lets every log line of a request bear its number."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        logs.current_request.set(request_id_of(request))
        response = self.get_response(request)
        note(request, response.status_code, time.perf_counter() - began)
        return response


def note(request: HttpRequest, status: int, took: float) -> None:
    """Count a request that was answered with this status within so many seconds; log it when it broke or dragged."""
    part, method = part_of(request.path_info), str(request.method)
    method = method if method in METHODS else OTHER
    metrics.count(part, method, status, took)
    if status >= BROKEN or took > SLOW:
        facts = {"part": part, "method": method, "status": status, "ms": round(took * 1000)}
        log.warning("%s %s %d in %d ms", part, method, status, facts["ms"], extra={"facts": facts})


@lru_cache(maxsize=256)
def part_of(path: str) -> str:
    """Return which part of the portal an address belongs to: few names, and never what stands in the address."""
    return next((name for start, name in PARTS if path.startswith(start)), OTHER)

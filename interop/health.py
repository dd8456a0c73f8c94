"""Is the portal alive, and can it answer: for supervisors and load balancers."""

from functools import cache

from django.db import Error
from django.http import HttpRequest, JsonResponse

from interop import vitals

ALONE = {"Cache-Control": "no-store"}


class NotYet(Exception):
    """The database is older than this code."""


def livez(_request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "alive"}, headers=ALONE)


def readyz(_request: HttpRequest) -> JsonResponse:
    """The database answers and has every migration of this code; without Redis the portal answers, but is degraded."""
    try:
        _migrated()
    except (Error, NotYet):
        return _not_ready()
    if not vitals.database_answers():
        return _not_ready()
    return JsonResponse({"status": "ready" if vitals.redis_answers() else "degraded"}, headers=ALONE)


@cache
def _migrated() -> bool:
    """Make sure of the migrations, once a process: what is applied stays so. Raises NotYet or a database error."""
    if vitals.missing_migrations():
        raise NotYet
    return True


def _not_ready() -> JsonResponse:
    return JsonResponse({"status": "not ready"}, status=503, headers=ALONE | {"Retry-After": "5"})

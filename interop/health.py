"""Is the portal alive, and can it answer: for supervisors and load balancers."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


def livez(_request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "alive"}, headers={"Cache-Control": "no-store"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """The database answers and has the portal's tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM roster_edition LIMIT 1")
    except DatabaseError:
        return JsonResponse({"status": "not ready"}, status=503, headers={"Cache-Control": "no-store"})
    return JsonResponse({"status": "ready"}, headers={"Cache-Control": "no-store"})

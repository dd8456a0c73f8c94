"""What is answered while PostgreSQL is away, too busy or too slow: try again soon, in the caller's own language."""

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from interop.admin import errors
from interop.oneroster.errors import error_body, unavailable
from interop.oneroster.middleware import API, request_id_of
from interop.oneroster.routes import version_of

AWAY = (OperationalError, InterfaceError)
"""What the driver raises for a server that is gone, restarts, or ended a statement that took too long."""
SOON = 5
"""Seconds after which to try again."""
TOKENS = "/oauth2/"


def broken(request: HttpRequest) -> HttpResponse:
    """Answer after a fault: 503 with Retry-After when the database is away, else the page of a fault of ours."""
    if not isinstance(sys.exception(), AWAY):
        return errors.broken(request)
    answer = _away(request)
    answer.headers["Retry-After"] = str(SOON)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _away(request: HttpRequest) -> HttpResponse:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    if request.path_info.startswith(API):
        body = error_body(version_of(request.path_info), unavailable(SOON), request_id_of(request))
        return HttpResponse(body, status=status, content_type="application/json")
    if request.path_info.startswith(TOKENS):
        told = {"error": "temporarily_unavailable", "error_description": f"Try again in {SOON} seconds."}
        return JsonResponse(told, status=status)
    return render(None, "503.html", {"request_id": request_id_of(request)}, status=status)

"""What every request gets: an id that answers and logs share, the caller's address; and a short way for programs."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from os import urandom

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

HEADER = "X-Request-Id"
API = "/ims/"
FOR_PROGRAMS = (API, "/oauth2/")
_usable = re.compile(r"[A-Za-z0-9._-]{8,64}").fullmatch


class RequestIdMiddleware:
    """Sets `request.request_id` (the caller's own when it is usable) and repeats it in the answer.

    From here on REMOTE_ADDR is the caller's own address, also behind a proxy, and a program's path begins with one
    slash.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = request_id_of(request)
        request.META["REMOTE_ADDR"] = address_of(request)
        request.path_info = with_one_slash(request.path_info)
        response = self.get_response(request)
        response.headers[HEADER] = request_id
        return response


def with_one_slash(path: str) -> str:
    """Return a program's path with one slash at its beginning, however many the client built; any other as it is."""
    if path.startswith(FOR_PROGRAMS):
        return path
    plain = "/" + path.lstrip("/")
    return plain if plain.startswith(FOR_PROGRAMS) else path


def address_of(request: HttpRequest) -> str:
    """Return the caller's address: the last one X-Forwarded-For names where a proxy ends https, else the peer's."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.HTTPS:
        return peer
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(told))
    except ValueError:
        return peer


class ForProgramsMiddleware:
    """Calls the API's views straight: sessions, messages, CSRF tokens and static files are for people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(FOR_PROGRAMS):
            return self.get_response(request)
        request.get_host()  # refuses a Host that is none of ours
        found = request.resolver_match = resolve(request.path_info)
        answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
        return answer


def fresh_id() -> str:
    """Return an id nothing else has."""
    return urandom(16).hex()


def request_id_of(request: HttpRequest) -> str:
    """Return the request's id, making one when it has none."""
    known = getattr(request, "request_id", None)
    if known is None:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        known = given if _usable(given) else fresh_id()
        request.request_id = known  # type: ignore[attr-defined]
    return str(known)

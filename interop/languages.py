"""Which language a page is in: English or Spanish for families and for signing in, English for all else.

A choice made on the portal (a cookie) comes first, then what the browser asks for. Programs are answered before this
middleware (interop/oneroster/middleware.py), and whatever a page sets ends with it: a thread that served Spanish
answers the next program in English.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

ENGLISH_ONLY = ("/admin", "/teacher", "/api/")
"""Pages for staff, which are in English throughout."""


class LanguageMiddleware:
    """Answers each request in its language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            answer = self.get_response(request)
        patch_vary_headers(answer, ("Accept-Language",))
        answer.headers.setdefault("Content-Language", language)
        return answer


def language_of(request: HttpRequest) -> str:
    """Return the language a request is answered in."""
    if request.path_info.startswith(ENGLISH_ONLY):
        return settings.LANGUAGE_CODE
    asked = translation.get_language_from_request(request)
    return settings.LANGUAGE_CODE if settings.LANGUAGE_CODE.startswith(asked) else asked

"""A second reference: Django sends what the portal sent, from memory, through its own handler and nothing else."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from bench.kept import PAGES, body

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[])
whole = lru_cache(maxsize=PAGES)(body)


def page(_request: HttpRequest, name: str) -> HttpResponse:
    """Answer with what was kept under this name."""
    return HttpResponse(whole(name), content_type="application/json")


urlpatterns: list[Any] = [path("<slug:name>", page)]
application = get_wsgi_application()

"""A second reference: Django answers any path with prepared bytes, through its own handler and nothing else."""

from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[])
BODIES: dict[int, bytes] = {}


def body(_request: HttpRequest, length: int) -> HttpResponse:
    """Answer with so many bytes."""
    return HttpResponse(BODIES.setdefault(length, b"x" * length), content_type="application/json")


urlpatterns: list[Any] = [path("<int:length>", body)]
application = get_wsgi_application()

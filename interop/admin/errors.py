"""The pages of a request that led nowhere: what happened, what to do, and the request's number last."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from interop.oneroster.errors import error_body, internal
from interop.oneroster.errors import not_understood as not_understood_by_api
from interop.oneroster.middleware import API, FOR_PROGRAMS, request_id_of
from interop.oneroster.routes import version_of


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer an address that leads nowhere."""
    return _answer(
        request, 404, _("We can’t find that page"),
        _("It was removed, or the address has a typing error."),
    )  # fmt: skip


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer somebody whose role does not reach this far."""
    return _answer(
        request, 403, _("This page is not open to your role"),
        _("Ask a security officer of your data office: they open pages by giving roles."),
    )  # fmt: skip


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer a request that makes no sense."""
    return _answer(
        request, 400, _("The portal did not understand that"), _("Go back, load the page again, and repeat the step.")
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer a form that did not come from our own page, or from a page too old."""
    return _answer(
        request, 403, _("That form is too old"),
        _("Nothing was changed. Go back, load the page again, and send it once more. Cookies must be allowed."),
    )  # fmt: skip


def broken(request: HttpRequest) -> HttpResponse:
    """Answer after a fault of ours; asks neither the database nor the session, which may be what is broken."""
    if request.path_info.startswith(FOR_PROGRAMS):
        return _for_programs(request, 500)
    return render(None, "500.html", {"request_id": request_id_of(request)}, status=500)


def _answer(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    if request.path_info.startswith(FOR_PROGRAMS):
        return _for_programs(request, status)
    told: dict[str, Any] = {"title": title, "advice": advice, "status": status, "request_id": request_id_of(request)}
    if hasattr(request, "user") and admin.site.has_permission(request):
        return render(request, "interop/error.html", {**admin.site.each_context(request), **told}, status=status)
    return render(request, "account/error.html", told, status=status)


def _for_programs(request: HttpRequest, status: int) -> HttpResponse:
    """Answer a program: OneRoster's in the standard's shape. Its view answers all else, so these are 400 and 500."""
    if not request.path_info.startswith(API):
        return HttpResponse(f"{status}\n", status=status, content_type="text/plain")
    told = not_understood_by_api() if status == HTTPStatus.BAD_REQUEST else internal()
    body = error_body(version_of(request.path_info), told, request_id_of(request))
    return HttpResponse(body, status=told.status, content_type="application/json")

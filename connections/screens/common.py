"""What the screens of one connection share."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from connections import published
from connections.models import VERSIONS, Application, Connection
from interop.admin.pages import page

Trail = list[tuple[str, str]]


def connection_or_404(pk: int) -> Connection:
    """Return the connection with its application; raises Http404."""
    return get_object_or_404(Connection.objects.select_related("application"), pk=pk)


def kind_of(connection: Connection) -> str:
    """Return its version and OAuth kind in words."""
    return f"OneRoster {VERSIONS[connection.version]}, OAuth {connection.oauth}"


def require(allowed: bool) -> None:  # noqa: FBT001 - reads as a sentence where it is called
    """Raise PermissionDenied unless it is allowed."""
    if not allowed:
        raise PermissionDenied


def caution(request: HttpRequest) -> None:
    """Tell somebody who has let a vendor in that scheduling is not final yet, if it is not."""
    if told := published.caution():
        messages.warning(request, told)


def trail_of(application: Application | None) -> Trail:
    """Return the way to an application's page."""
    way = [(_("Learning Interoperability"), reverse("admin:applications"))]
    if application:
        way.append((application.name, reverse("admin:application", args=[application.slug])))
    return way


def trail_to(connection: Connection) -> Trail:
    """Return the way to what lies below a connection's page."""
    return [*trail_of(connection.application), (connection.name, reverse("admin:connection", args=[connection.pk]))]


def back_to(connection: Connection, part: str = "") -> HttpResponse:
    """Lead to the connection's page, to one part of it."""
    return redirect(reverse("admin:connection", args=[connection.pk]) + (f"#{part}" if part else ""))


def confirm(request: HttpRequest, connection: Connection, title: str, **told: Any) -> HttpResponse:
    """Ask before an act: its title is the question, `told` what ends, what stays and how to come back."""
    return page(request, "connections/stop.html", title, trail=trail_to(connection), connection=connection, **told)

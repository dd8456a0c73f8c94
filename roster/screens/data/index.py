"""School data: every kind of record the portal has, and how many."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from roster import scheduling
from roster.models import SchoolYear
from roster.screens.data.kinds import KINDS, Kind


def index(request: HttpRequest) -> HttpResponse:
    """Show the kinds this person may open, each with its number of records."""
    roles = roles_of(request.user)
    numbers = _numbers()
    return page(
        request, "roster/data/index.html", _("School data"),
        opening=_("What the student information system has sent, and what is kept here beside it."),
        kinds=[(kind, numbers[kind.name], bool(roles & kind.opens)) for kind in KINDS],
        year=SchoolYear.objects.filter(active=True).select_related("scheduling_final").first(),
        warning=scheduling.warning(), may_change=bool(roles & EDITORS),
    )  # fmt: skip


def _numbers() -> dict[str, int]:
    """Count the living records of every kind by one statement."""
    counted = [_living(kind).query.sql_with_params() for kind in KINDS]
    sql = "SELECT " + ", ".join(f"(SELECT count(*) FROM ({text}) t)" for text, _values in counted)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _text, values in counted for value in values])
        [row] = cursor.fetchall()
    return dict(zip((kind.name for kind in KINDS), row, strict=True))


def _living(kind: Kind) -> QuerySet[Any]:
    found = kind.model._default_manager.order_by().values("pk")
    return found.filter(ended_at=None) if kind.ends else found

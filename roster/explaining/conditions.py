"""What a connection itself asks: that the vendor is let in, that the school is one of its own, that a switch is on."""

import datetime as dt
from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _

from connections.grants import Grant, vendors_held
from connections.models import Connection
from interop.dates import day_words
from roster.explaining.lines import Line
from roster.explaining.remedies import Screen

MOST = 3
"""So many schools are named."""


def access(connection: Connection, grant: Grant, now: dt.datetime) -> list[Line]:
    """Return what must be true before the vendor reads anything; at most three statements."""
    here, ends = _connection(connection), connection.expires_at
    return [
        Line(
            "connection.enabled", _("The connection is enabled."), connection.enabled,
            _("enabled") if connection.enabled else _("disabled"),
            _("Enable the connection. The vendor’s next request is answered then."), here,
        ),
        Line(
            "connection.not_expired", _("The connection has not expired."), ends is None or ends > now,
            _("no end") if ends is None else _("until %s") % day_words(ends, now),
            _("Renew the connection."), here,
        ),
        Line(
            "connection.credential", _("The vendor has a secret that works."), connection.credentials.live().exists(),
            "", _("Make a new secret and hand it over."), here,
        ),
        *district(grant, held=vendors_held()),
    ]  # fmt: skip


def district(grant: Grant, *, held: bool) -> list[Line]:
    """Return what the district's own settings ask before any vendor reads; `held` when they hold all of them."""
    settings = Screen(_("Open the settings"), reverse("admin:settings"))
    return [
        Line(
            "district.roster_sync", _("Roster sync is on in the district’s settings."), bool(grant.scopes), "",
            _("Turn roster sync on again when vendors may read."), settings,
        ),
        Line(
            "district.not_held", _("Vendors are not held until scheduling is final."), not held, "",
            _("Mark the scheduling of the active school year final, or turn the hold off in the settings."), settings,
        ),
    ]  # fmt: skip


def school(connection: Connection, grant: Grant, schools: Mapping[int, str]) -> Line:
    """Return whether one of the schools of a record is among the connection's."""
    name, statement = "connection.school", _("The school is one of the connection’s.")
    if grant.schools is None:
        return Line(name, statement, passed=True, value=_("all schools"))
    if not schools:
        return Line(name, statement, passed=None, remedy=_("There is no school as long as a rule above is not met."))
    inside = [title for pk, title in schools.items() if pk in grant.schools]
    shown = sorted(inside or schools.values())
    more = _(" and %d more") % (len(shown) - MOST) if len(shown) > MOST else ""
    return Line(
        name, statement, bool(inside), ", ".join(shown[:MOST]) + more,
        _("Choose the school on the connection’s page, if this vendor may have it."),
        _connection(connection, "schools"),
    )  # fmt: skip


def switch(connection: Connection, which: str, *, on: bool) -> Line:
    """Return whether guardians or relatives are shared with the connection."""
    statements = {
        "guardians": _("Guardians are shared with this connection."),
        "relatives": _("Relatives are shared with this connection."),
    }
    return Line(
        f"connection.{which}", statements[which], on, _("on") if on else _("off"),
        _("Turn it on under Data to share, if this vendor may have them."), _connection(connection),
    )  # fmt: skip


def demographics(*, on: bool) -> Line:
    """Return whether demographics are shared beside a person; nobody is kept back when they are not."""
    statement = _("Demographics are shared with this connection.")
    remedy = "" if on else _("Off. The person is shared all the same, without date of birth and the like.")
    value = _("on") if on else ""
    return Line("connection.demographics", statement, passed=on or None, value=value, remedy=remedy)


def of_connection(line: Line) -> bool:
    """Say whether a line is one of these, and none of the district's rules."""
    return line.name.startswith("connection.")


def _connection(connection: Connection, part: str = "") -> Screen:
    address = reverse("admin:connection", args=[connection.pk])
    return Screen(_("Open the connection"), f"{address}#{part}" if part else address)

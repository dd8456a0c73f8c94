"""What was done about a connection, as its chart tells it: the lines between then and now that explain a change."""

import datetime as dt
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.models import Connection
from connections.services.connections import CHANGED, CREATED
from connections.services.freezing import FROZEN, UNFROZEN
from interop import schedule
from interop.jobs.models import JobRun, State
from interop.models import AuditEvent

TOLD = {
    CREATED: gettext_lazy("made"),
    FROZEN: gettext_lazy("frozen"),
    UNFROZEN: gettext_lazy("goes on"),
    "generated credentials": gettext_lazy("new credentials"),
    "being replaced": gettext_lazy("older credentials are being replaced"),
    "revoked credentials": gettext_lazy("credentials ended"),
    "adopted": gettext_lazy("adopted into an application"),
}
"""Acts of the audit trail in the words of the chart; changes are told by what they changed."""
QUIET = frozenset({"name", "purpose", "frozen_why", "expires_at"})
"""Facts whose change explains nothing in a chart of calls."""
_REFRESH = "refresh"


class Happening(NamedTuple):
    """Something that was done, when, and by whom; nobody, where the portal did it."""

    at: dt.datetime
    told: str
    actor: str = ""


def happenings(connection: Connection, since: dt.datetime) -> list[Happening]:
    """Return what was done about the connection since then, and refreshes that were held, the oldest first."""
    about = AuditEvent.objects.filter(
        object_type=Connection._meta.label, object_id=str(connection.pk), at__gte=since, act__in=(*TOLD, CHANGED)
    )
    found = [Happening(event.at, told, event.actor) for event in about.order_by("at", "id") if (told := _told(event))]
    names = [job.name for job in schedule.JOBS if job.lock == schedule.job(_REFRESH).lock]
    held = JobRun.objects.filter(job__in=names, state=State.HELD, ended_at__gte=since).values_list(
        "ended_at", flat=True
    )
    found += [Happening(at, _("refresh held")) for at in held if at]
    return sorted(found, key=lambda each: each.at)


def _told(event: AuditEvent) -> str:
    """Return the words of an event; blank for a change that explains nothing."""
    if event.act != CHANGED:
        return str(TOLD[event.act])
    changed = set(event.after) | set(event.before)
    if "enabled" in changed:
        return _("enabled") if event.after.get("enabled") else _("disabled")
    return _("other data shared, or other limits") if changed - QUIET else ""

"""The audit trail: who changed what, when, from what to what."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from interop import dates
from interop.admin.filters import TrailFilter
from interop.admin.pages import page
from interop.models import AuditEvent

ROWS = 50
COLUMNS = ("at", "actor", "act", "object_type", "object_id", "object_name", "before", "after")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run as a formula."""


@dataclass(frozen=True)
class Fact:
    """One difference an act made: what it is called, and how it was and is."""

    name: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """Return whether it was added, changed or ended."""
        if not self.before:
            return "added"
        return "changed" if self.after else "ended"


@dataclass(frozen=True)
class Line:
    """One act as the page shows it."""

    event: AuditEvent
    kind: str
    facts: list[Fact]


def trail(request: HttpRequest) -> HttpResponse:
    """Show the newest acts that fit the filter, or those older than `before`: one statement, however many there are."""
    chosen = _chosen(request)
    events = chosen.qs
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        events = events.filter(pk__lt=int(before))
    found = list(events[: ROWS + 1])
    shown = found[:ROWS]
    return page(
        request, "interop/audit.html", _("Audit trail"),
        opening=_("Who changed what, when, and from what to what. Nothing here can be changed or deleted."),
        lines=[Line(event, _kind(event), list(_facts(event))) for event in shown],
        form=chosen.form,
        filtered=any(chosen.data.get(name) for name in chosen.form.fields),
        asked=_asked(request),
        older=shown[-1].pk if len(found) > ROWS else None,
        later=bool(before),
    )  # fmt: skip


def export(request: HttpRequest) -> StreamingHttpResponse:
    """Send every act that fits the filter as CSV, the newest first, without gathering them in memory."""
    writer = csv.writer(_Echo())
    events = _chosen(request).qs.values_list(*COLUMNS).iterator(chunk_size=2000)
    lines = (writer.writerow([_cell(value) for value in event]) for event in events)
    answer = StreamingHttpResponse(_after(writer.writerow(COLUMNS), lines), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit-trail.csv"'
    return answer


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _after(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _chosen(request: HttpRequest) -> TrailFilter:
    return TrailFilter(request.GET, queryset=AuditEvent.objects.order_by("-pk"))


def _asked(request: HttpRequest) -> str:
    """Return the query without the place in the list."""
    query = request.GET.copy()
    query.pop("before", None)
    return query.urlencode()


def _kind(event: AuditEvent) -> str:
    """Return what kind of thing the act was done to, in words; the written name for one that is no longer known."""
    try:
        return str(apps.get_model(event.object_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return event.object_type


def _facts(event: AuditEvent) -> Iterator[Fact]:
    for name in sorted(event.before.keys() | event.after.keys()):
        before, after = _words(event.before.get(name)), _words(event.after.get(name))
        if before or after:
            yield Fact(name.replace("_", " "), before, after)


def _words(value: Any) -> str:
    """Return a fact as people read it; blank for what was not there."""
    if value is None or value in ("", []):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_words(each) for each in value)
    return str(value)


def _cell(value: Any) -> str:
    """Return the value as a cell that a spreadsheet shows and does not run."""
    text = value.astimezone(dates.zone()).isoformat() if hasattr(value, "astimezone") else str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text

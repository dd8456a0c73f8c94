"""What vendors sent for a section: stored, changed on the way, refused; why, and what to do."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gradebook import rules
from gradebook.models import Receipt
from gradebook.pages.guard import show
from gradebook.teaching.access import Teacher, section_name
from roster.models import Section

AT_MOST = 200
OUTCOMES = {
    "refused": (gettext_lazy("refused"), "failing", "broken"),
    "changed": (gettext_lazy("changed on the way"), "expiring", "soon"),
    "deleted": (gettext_lazy("deleted"), "disabled", "off"),
    "stored": (gettext_lazy("stored"), "healthy", "good"),
}
KINDS = {
    "lineItem": gettext_lazy("assignment"), "result": gettext_lazy("score"), "category": gettext_lazy("category"),
    "scoreScale": gettext_lazy("grading scale"),
}  # fmt: skip


def listed(request: HttpRequest, teacher: Teacher, section: Section) -> HttpResponse:
    """Show the newest receipts of the section, of one outcome or all."""
    chosen = request.GET.get("outcome", "")
    found = Receipt.objects.filter(section=section).select_related("connection__application")
    if chosen in OUTCOMES:
        found = found.filter(outcome=chosen)
    rows = [_told(row) for row in found.order_by("-last_at", "-pk")[: AT_MOST + 1]]
    return show(
        request, teacher, "receipts.html", _("Sync receipts"), section=section, name=section_name(section),
        rows=rows[:AT_MOST], more=len(rows) > AT_MOST, most=AT_MOST, chosen=chosen,
        outcomes=[(key, words) for key, (words, _shape, _kind) in OUTCOMES.items()],
    )  # fmt: skip


def _told(row: Receipt) -> dict[str, Any]:
    words, shape, family = OUTCOMES[row.outcome]
    notes = [(rules.sentence(note), rules.remedy(note)) for note in row.notes or []]
    title = (row.came or {}).get("title", "") if isinstance(row.came, dict) else ""
    return {
        "row": row, "vendor": str(row.connection.application or ""), "title": title,
        "what": KINDS.get(row.kind, row.kind),
        "outcome": words, "shape": shape, "family": family, "notes": notes,
    }  # fmt: skip

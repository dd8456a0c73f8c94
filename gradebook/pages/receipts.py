"""What vendors sent for a section: stored, changed on the way, refused; why, and what to do."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gradebook import rules
from gradebook.models import Assignment, PostedGrade, Receipt, Score
from gradebook.pages.guard import show
from gradebook.teaching.access import Teacher, section_name, student_name
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
    receipts = list(found.order_by("-last_at", "-pk")[: AT_MOST + 1])
    titles = _titles(section, receipts)
    rows = [shown(row, titles.get((row.kind, row.sourced_id), "")) for row in receipts]
    return show(
        request, teacher, "receipts.html", _("Sync receipts"), section=section, name=section_name(section),
        rows=rows[:AT_MOST], more=len(rows) > AT_MOST, most=AT_MOST, chosen=chosen,
        outcomes=[(key, words) for key, (words, _shape, _kind) in OUTCOMES.items()],
    )  # fmt: skip


def _titles(section: Section, receipts: list[Receipt]) -> dict[tuple[str, str], str]:
    """Return what the assignments are called, and whose scores the scores are, by kind and sourcedId."""
    ids = [row.sourced_id for row in receipts]
    works = Assignment.objects.filter(section=section, sourced_id__in=ids).values_list("sourced_id", "title")
    scores = Score.objects.filter(assignment__section=section, sourced_id__in=ids).select_related(
        "assignment", "person"
    )
    told = {("lineItem", sourced_id): title for sourced_id, title in works}
    for row in scores:
        told["result", row.sourced_id] = f"{student_name(row.person)}, {row.assignment.title}"
    posted = PostedGrade.objects.filter(section=section, sourced_id__in=ids).select_related("person", "period__task")
    for grade in posted:
        told["result", grade.sourced_id] = f"{student_name(grade.person)}, {grade.period.task.title}"
    return told


def shown(row: Receipt, title: str) -> dict[str, Any]:
    """Return a receipt as pages show it: in words, with what the rules said and what to do."""
    words, shape, family = OUTCOMES[row.outcome]
    notes = [(rules.sentence(note), rules.remedy(note)) for note in row.notes or []]
    if not title and isinstance(row.came, dict):
        title = str(row.came.get("title", ""))
    return {
        "row": row, "vendor": str(row.connection.application or ""), "title": title,
        "what": KINDS.get(row.kind, row.kind),
        "outcome": words, "shape": shape, "family": family, "notes": notes,
    }  # fmt: skip

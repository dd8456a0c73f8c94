"""Keyword rules: seen before they are saved, saved with what they align now, put first, and removed."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gradebook.models import Category, GradingTask, KeywordRule
from gradebook.pages import uncategorized
from gradebook.teaching import ruling
from gradebook.teaching.access import Teacher, section_name
from gradebook.teaching.ruling import Draft, Preview

LONGEST = 100


def make(request: HttpRequest, teacher: Teacher) -> HttpResponse:
    """Show what a rule would do; save it when that was what they saw."""
    given = request.POST if request.method == "POST" else request.GET
    section = given.get("section", "")
    draft = Draft(
        KeywordRule.Kind.CONTAINS if given.get("kind") == KeywordRule.Kind.CONTAINS else KeywordRule.Kind.PREFIX,
        given.get("text", "").strip()[:LONGEST], given.get("rule_category", ""), given.get("rule_task", ""),
        int(section) if section.isdecimal() and int(section) in teacher.sections else None,
    )  # fmt: skip
    if not draft.text or not draft.category:
        fault = _("Say what the name starts with or contains, and choose a category.")
        return uncategorized.page(request, teacher, status=422, rule_fault=fault, draft=draft)
    if request.method == "POST" and given.get("previewed") == seen(draft):
        return _save(request, teacher, draft)
    told = ruling.preview(teacher, draft)
    return uncategorized.page(
        request, teacher, draft=draft, preview=told, matches=_matches(teacher, draft, told), previewed=seen(draft)
    )


def change(request: HttpRequest, teacher: Teacher, rule: int) -> HttpResponse:
    """Put a rule first, or remove it."""
    try:
        if request.POST.get("do") == "first":
            ruling.first(teacher, rule)
        else:
            text = ruling.remove(teacher, rule)
            messages.success(request, _("The rule “%s” is gone. What it aligned stays aligned.") % text)
    except KeywordRule.DoesNotExist:
        raise Http404 from None
    return redirect("teacher_uncategorized")


def seen(draft: Draft) -> str:
    """Return what marks a preview as that of this rule; on one line, because forms rewrite line ends."""
    return " | ".join(str(each) for each in draft)


def _save(request: HttpRequest, teacher: Teacher, draft: Draft) -> HttpResponse:
    try:
        rule, done = ruling.save(teacher, draft)
    except (Category.DoesNotExist, GradingTask.DoesNotExist):
        fault = _("None of the sections has this category and grading task.")
        return uncategorized.page(request, teacher, status=422, rule_fault=fault, draft=draft)
    messages.success(request, _("The rule “%s” is saved; what arrives from now on follows it.") % rule.text)
    uncategorized.tell(request, done, draft.category, rule.pk)
    return redirect("teacher_uncategorized")


def _matches(teacher: Teacher, draft: Draft, told: Preview) -> list[tuple[str, str, str, str]]:
    """Return, for each title a rule would align, what stands before, in and after the matching part, and where."""
    places: dict[str, list[str]] = {}
    for row in told.aligns:
        places.setdefault(row.title, []).append(section_name(teacher.sections[row.section_id]))
    cut = []
    for title, where in places.items():
        at = max(0, title.casefold().find(draft.text.casefold()))
        end = at + len(draft.text)
        cut.append((title[:at], title[at:end], title[end:], "; ".join(where)))
    return cut

"""One import: how far it is, what is wrong with it, what it would do or did, and the decision when it is held."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interop import dates
from interop.admin.pages import page
from interop.admin.roles import OFFICERS, roles_of
from interop.jobs import asking
from roster.feeding import decisions, deliveries
from roster.feeding.limits import limits
from roster.imports import undoing
from roster.imports.places import STUDENTS, TABLES
from roster.models import FeedImport
from roster.screens.imports import words

State, Decision = FeedImport.State, FeedImport.Decision
SCHOOLS, ERRORS = 12, 100
"""Schools and errors shown; the CSV files have all."""


class Decide(forms.Form):
    """What becomes of a held import, and why."""

    decision = forms.ChoiceField(
        choices=Decision.choices,
        error_messages={"required": gettext_lazy("Choose what is to become of it.")},
    )
    reason = forms.CharField(
        max_length=500,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Goes to the audit trail with your name."),
        error_messages={"required": gettext_lazy("Say why this is right, in a sentence.")},
    )


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an import; on POST a security officer decides about one that is held."""
    feed = get_object_or_404(FeedImport, pk=pk)
    form = Decide(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        _decide(request, feed, **form.cleaned_data)
        return redirect("admin:import", pk=pk)
    stuck = bool(words.gave_up([feed]))
    officer = bool(roles_of(request.user) & OFFICERS)
    return page(
        request, "roster/imports/one.html", _("Import of %s") % dates.moment_words(feed.at, timezone.now()),
        opening=_opening(feed), trail=[(_("Imports"), reverse("admin:imports"))],
        feed=feed, line=words.line(feed, gave_up=stuck), live=feed.state in words.AT_WORK and not stuck,
        stages=words.stages(feed), kinds=_kinds(feed), limits=limits(), **_schools(feed), samples=_samples(feed),
        errors=feed.problems[:ERRORS], pause=deliveries.pause(timezone.now()) if feed.state == State.WAITING else None,
        form=form, choices=_choices(feed), officer=officer,
        why_not=decisions.why_not(feed, request.user.get_username()) if officer and feed.state == State.HELD else "",
        may_undo=officer and undoing.can_undo(feed) and feed.state != State.UNDOING,
    )  # fmt: skip


def again(request: HttpRequest, pk: int) -> HttpResponse:
    """On POST have the worker try an import again that it gave up."""
    feed = get_object_or_404(FeedImport, pk=pk)
    if request.method == "POST" and feed.state in (State.WAITING, State.WORKING):
        asking.ask(deliveries.JOB, by=request.user.get_username(), subject=str(feed.pk))
        messages.success(request, _("The worker tries it again."))
    return redirect("admin:import", pk=pk)


def _decide(request: HttpRequest, feed: FeedImport, *, decision: str, reason: str) -> None:
    try:
        done = decisions.decide(feed, decision, reason=reason, actor=request.user.get_username())
    except PermissionError as refusal:
        messages.error(request, str(refusal))
        return
    if not done:
        messages.warning(request, _("Somebody has decided already."))
    elif decision == Decision.REJECT:
        messages.success(request, _("Rejected. Everything stays as it was."))
    else:
        messages.success(request, _("Approved. The worker applies and publishes it now."))


def _opening(feed: FeedImport) -> str:
    by = f", {feed.by}" if feed.by else ""
    return f"{feed.name} · {feed.get_source_display()}{by} · {feed.size / 1_048_576:,.1f} MB"


def _kinds(feed: FeedImport) -> list[dict[str, Any]]:
    """Return what the import does to each kind, with the limit it breaks."""
    alarms: dict[str, list[str]] = {}
    for alarm in feed.alarms:
        if alarm["kind"] and not alarm["key"].startswith("empty"):
            alarms.setdefault(alarm["kind"], []).append(alarm["text"])
    known = [name for name in (*TABLES, *feed.counts) if name in feed.counts]
    return [
        {"name": capfirst(name), "share": _share(each), "because": alarms.get(name, []), **each}
        for name in dict.fromkeys(known)
        if any((each := feed.counts[name]).values())
    ]


def _share(counts: dict[str, int]) -> str:
    if not counts["before"]:
        return "–"
    share = 100 * counts["ended"] / counts["before"]
    return f"{share:.1f} %" if share else "0 %"


def _schools(feed: FeedImport) -> dict[str, Any]:
    """Return the schools hit most, and the others in one line."""
    nobody = {"before": 0, "new": 0, "changed": 0, "ended": 0, "after": 0}
    told = [
        {
            "name": each["name"],
            "empty": each["empty"],
            "students": each["kinds"].get(STUDENTS, nobody)["before"],
            "left": each["kinds"].get(STUDENTS, nobody)["after"],
            **{what: sum(kind[what] for kind in each["kinds"].values()) for what in ("new", "changed", "ended")},
        }
        for each in feed.schools
    ]
    touched = [each for each in told if each["new"] or each["changed"] or each["ended"] or each["empty"]]
    rest = touched[SCHOOLS:]
    names = ("students", "left", "new", "changed", "ended")
    others = {"number": len(rest), **{what: sum(each[what] for each in rest) for what in names}}
    return {"schools": touched[:SCHOOLS], "other_schools": others if rest else None}


def _samples(feed: FeedImport) -> list[tuple[str, list[dict[str, Any]]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for each in feed.samples:
        found.setdefault(each["kind"], []).append(each)
    return [(capfirst(kind), rows) for kind, rows in found.items()]


def _choices(feed: FeedImport) -> list[tuple[str, str, str]]:
    """Return each decision, what it is called and what it does."""
    ended = dates.count_words(sum(each["ended"] for each in feed.counts.values()))
    means = {
        Decision.REJECT: _("Keep today’s data. Wait for the next file."),
        Decision.ADDITIONS: _("Nothing is ended."),
        Decision.ALL: _("%s records end. Vendors see it at once. Undo stays possible until the next import.") % ended,
    }
    return [(str(each.value), str(each.label), means[each]) for each in means]

"""Jobs: what the portal does by itself, when next, how it went, and doing it now."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interop import schedule
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from interop.dates import times_words
from interop.jobs.asking import ask, cancel
from interop.jobs.models import OPEN, JobRun, State
from interop.jobs.planning import HEARTBEAT
from interop.jobs.running import progress
from interop.schedule import Job
from interop.slots import At, Every

SILENT = dt.timedelta(minutes=2)
AHEAD = dt.timedelta(days=2)
SHOWN = 50
SHAPES = {
    State.DONE: ("healthy", "good"), State.DEAD: ("failing", "broken"), State.HELD: ("held", "person"),
    State.REFUSED: ("paused", "person"), State.RUNNING: ("throttled", "soon"), State.WAITING: ("expiring", "soon"),
    State.CANCELLED: ("disabled", "none"), State.SKIPPED: ("stale", "none"),
}  # fmt: skip
"""The shape and the family of colours each state is drawn with."""


@dataclass(frozen=True)
class Told:
    """One run as the pages show it."""

    run: JobRun
    shape: str
    family: str
    took: str
    progress: Any


@dataclass(frozen=True)
class Line:
    """One job: when it comes by itself, when next, the run that waits or works, the one that ended last."""

    job: Job
    when: str
    next_at: dt.datetime | None
    now: Told | None
    last: Told | None


def jobs(request: HttpRequest) -> HttpResponse:
    """List every job of the table; a fixed number of statements."""
    now = timezone.now()
    lines = _lines(now)
    return page(
        request,
        "interop/jobs.html",
        _("Jobs"),
        opening=_("What the portal does by itself, and how it went."),
        lines=lines,
        live=any(line.now for line in lines),
        silent=_silent(now),
        may_change=bool(roles_of(request.user) & EDITORS),
    )


def job(request: HttpRequest, name: str) -> HttpResponse:
    """Show one job's last runs; on POST do it now, or call off the run that waits."""
    known = _known(name)
    if request.method == "POST":
        return _act(request, known)
    runs = [_told(run) for run in JobRun.objects.filter(job=name).order_by("-due_at", "-pk")[:SHOWN]]
    return page(
        request,
        "interop/job.html",
        str(known.title),
        opening=known.what,
        trail=[(_("Jobs"), reverse("admin:jobs"))],
        job=known,
        when=_when(known),
        runs=runs,
        live=any(told.run.state in OPEN for told in runs),
        may_change=bool(roles_of(request.user) & EDITORS),
    )


def _act(request: HttpRequest, known: Job) -> HttpResponse:
    by = request.user.get_username()
    if waiting := request.POST.get("cancel", ""):
        if waiting.isdecimal() and cancel(int(waiting), by=by):
            messages.success(request, _("Called off. Nothing was done."))
        else:
            messages.warning(request, _("It has begun already and cannot be called off any more."))
    elif ask(known.name, by=by):
        messages.success(request, _("“%s” begins as soon as the worker is free.") % known.title)
    else:
        messages.warning(request, _("“%s” waits already; it begins as soon as the worker is free.") % known.title)
    return redirect("admin:jobs")


def _known(name: str) -> Job:
    try:
        return schedule.job(name)
    except KeyError as error:
        raise Http404(name) from error


def _lines(now: dt.datetime) -> list[Line]:
    ended = JobRun.objects.exclude(state__in=(*OPEN, State.SKIPPED, State.CANCELLED))
    last = {run.job: run for run in ended.order_by("job", "-ended_at").distinct("job")}
    going = {run.job: run for run in JobRun.objects.filter(state__in=OPEN).order_by("-state", "-due_at")}
    return [
        Line(
            each,
            _when(each),
            next((slot.at for slot in each.slots(now, now + AHEAD)), None),
            _told(going[each.name]) if each.name in going else None,
            _told(last[each.name]) if each.name in last else None,
        )
        for each in schedule.JOBS
    ]


def _told(run: JobRun) -> Told:
    shape, family = SHAPES[State(run.state)]
    took = _took(run.ended_at - run.started_at) if run.ended_at and run.started_at else ""
    return Told(run, shape, family, took, progress(run.pk) if run.state == State.RUNNING else None)


def _took(span: dt.timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 1:
        return _("less than a second")
    if seconds < 120:
        return ngettext("%d second", "%d seconds", round(seconds)) % round(seconds)
    return _("%d minutes") % round(seconds / 60)


def _when(known: Job) -> str:
    match known.when:
        case Every(period):
            return _every(period)
        case At(times):
            return capfirst(times_words(import_string(times)()))
    return _("When somebody asks")


def _every(period: dt.timedelta) -> str:
    minutes = round(period.total_seconds() / 60)
    if minutes % 1440 == 0:
        return ngettext("Every day", "Every %d days", minutes // 1440).replace("%d", str(minutes // 1440))
    if minutes % 60 == 0:
        return ngettext("Every hour", "Every %d hours", minutes // 60).replace("%d", str(minutes // 60))
    return ngettext("Every minute", "Every %d minutes", minutes).replace("%d", str(minutes))


def _silent(now: dt.datetime) -> bool:
    """Say whether scheduler or worker have not been heard for a while."""
    heard = cache.get(HEARTBEAT)
    return heard is None or now - dt.datetime.fromisoformat(heard) > SILENT

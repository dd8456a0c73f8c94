"""The worker's part: import a package, publish what it changed, take an import back. Each may begin again."""

import datetime as dt
import time
from pathlib import Path
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interop.admin.roles import EDITORS
from interop.dates import count_words, day_words
from interop.jobs import asking
from interop.jobs.running import Busy, OnHold, Refused, Run
from interop.messages.models import PROCESS, Message
from interop.messages.telling import tell
from interop.space import NoSpace, make_sure_of_room
from roster import refreshing
from roster.feeding import deliveries
from roster.feeding.live import Live
from roster.imports import undoing
from roster.imports.difference import Difference
from roster.imports.feed import LOCK, Held, Order, import_as
from roster.imports.problems import ImportRefused, Problem, Report
from roster.imports.upserts import run as sql
from roster.models import FeedImport, FeedSettings
from roster.publishing import Held as RefreshHeld
from roster.publishing import NotPublished, RefreshRunning, publish

PUBLISH, UNDO = "publish-import", "undo-import"
State, Decision = FeedImport.State, FeedImport.Decision
WORDS = 500
"""Characters of a sentence about many errors."""


def import_one(run: Run) -> str:
    """Import the package of a row (a job); what became of it is in the row."""
    feed = _feed(run)
    if feed.state not in (State.WAITING, State.WORKING):
        return _("It is over already.")
    try:
        make_sure_of_room()
    except NoSpace as full:
        raise Refused(str(full)) from full
    now = timezone.now()
    if (pause := deliveries.pause(now)) and not feed.decision:
        raise Refused(_("Imports wait until %(day)s: %(why)s") % {"day": day_words(pause.last, now), "why": pause.why})
    feed.state, feed.told = State.WORKING, ""
    feed.add_only = feed.decision == Decision.ADDITIONS or FeedSettings.load().add_only
    feed.save(update_fields=["state", "told", "add_only"])
    live = Live(feed.pk, run)
    try:
        difference, report = import_as(Path(feed.path), _order(feed, live))
    except ImportRefused as refusal:
        raise Refused(_refused(feed, refusal, live)) from refusal
    except Held as held:
        raise OnHold(_held(feed, held, live)) from held
    return _told(feed, difference, report, live)


def _feed(run: Run) -> FeedImport:
    """Return the import the run is about; asked for without one, there is nothing to do."""
    feed = FeedImport.objects.filter(pk=int(run.subject)).first() if run.subject.isdigit() else None
    if feed is None:
        raise Refused(_("This job is done for one import; the page Imports asks for it."))
    return feed


def _order(feed: FeedImport, live: Live) -> Order:
    over = FeedImport.objects.filter(state__in=(State.REJECTED, State.UNDONE)).exclude(digest=None)

    def receipt(applied: FeedImport) -> None:
        applied.state, applied.told = State.PUBLISHING, ""
        deliveries.replace_held(applied, timezone.now())
        asking.ask(PUBLISH, subject=str(applied.pk))

    return Order(
        confirmed=frozenset(alarm["key"] for alarm in feed.alarms) if feed.decision else frozenset(),
        ending=not feed.add_only,
        suspects=frozenset(bytes(digest) for digest in over.values_list("digest", flat=True) if digest),
        feed=feed, bar=live.bar, enter=live.enter, receipt=receipt,
    )  # fmt: skip


def _told(feed: FeedImport, difference: Difference, report: Report, live: Live) -> str:
    """Note what the row cannot say before the commit, and return what was done."""
    live.close()
    kept: dict[str, Any] = {"times": live.times, "rows": report.rows, "warnings": report.told()}
    if difference:
        told = _("Applied: %s") % counted(difference.counts())
    else:
        same = _("It is the package applied last.")
        told = same if difference.known else _("It says nothing the district does not have.")
        kept |= {"state": State.NOTHING, "ended_at": timezone.now(), "told": told, "digest": difference.digest}
    FeedImport.objects.filter(pk=feed.pk).update(**kept)
    if not difference:
        deliveries.finish(FeedImport.objects.get(pk=feed.pk))
    return told


def _refused(feed: FeedImport, refusal: ImportRefused, live: Live) -> str:
    live.close()
    told = ngettext("%s error. Nothing was changed.", "%s errors. Nothing was changed.", refusal.total) % count_words(
        refusal.total
    )
    feed.state, feed.ended_at, feed.told, feed.times = State.REFUSED, timezone.now(), told, live.times
    feed.errors, feed.problems = refusal.total, [_problem(feed, each) for each in refusal.problems]
    feed.save()
    deliveries.finish(feed)
    _tell(feed, "failing", _("An import was refused"), told)
    return told


def _held(feed: FeedImport, held: Held, live: Live) -> str:
    live.close()
    difference = held.difference
    feed.state, feed.times, feed.digest = State.HELD, live.times, difference.digest
    feed.told = str(held)
    feed.counts, feed.schools, feed.samples = difference.counts(), difference.schools, difference.samples
    feed.alarms = [{"key": each.key, "text": each.text, "kind": each.kind} for each in difference.alarms]
    feed.decision = feed.decided_by = feed.reason = ""
    feed.decided_at = None
    feed.rows, feed.warnings = held.report.rows, held.report.told()
    feed.save()
    _tell(feed, "held", _("An import is held"), _("%s. Nothing has changed; somebody has to decide.") % held)
    return _("Held: %s") % held


def _problem(feed: FeedImport, problem: Problem) -> list[Any]:
    """Return file, line, column and what is wrong; the package itself has the name it came by."""
    file = feed.name if Path(problem.file).name == Path(feed.path).name else problem.file
    return [file, problem.line, problem.column, problem.message[:WORDS]]


def publish_one(run: Run) -> str:
    """Publish after an import or its undoing (a job); whoever approved either has approved this too."""
    feed = _feed(run)
    live, began = Live(feed.pk, run), time.monotonic()
    live.enter("publish")
    now = timezone.now()
    try:
        outcome = publish(now, force=bool(feed.decision) or feed.state == State.UNDONE)
    except RefreshRunning as running:
        raise Busy(str(running)) from running
    except NotPublished as refusal:
        told = _("The data are applied, but not published. %s") % refusal
        _published(feed, now, time.monotonic() - began, told)
        if isinstance(refusal, RefreshHeld):
            _tell(feed, "held", _("A refresh is held"), told)
            raise OnHold(told) from refusal
        raise Refused(told) from refusal
    told = refreshing.words(outcome, timezone.now() - now)
    _published(feed, now, time.monotonic() - began, told)
    return told


def _published(feed: FeedImport, now: dt.datetime, seconds: float, told: str) -> None:
    feed.refresh_from_db()
    feed.times, feed.ended_at = {**feed.times, "publish": round(seconds, 1)}, now
    if feed.state == State.PUBLISHING:
        feed.state, feed.told = State.DONE, told
    else:
        feed.told = f"{feed.told} {told}"
    feed.save(update_fields=["times", "told", "ended_at", "state"])
    deliveries.finish(feed)


def undo_one(run: Run) -> str:
    """Take an import back (a job): all it did in one transaction, with a publication asked for."""
    told = _undo(_feed(run))
    if not told:
        raise Refused(_("Another import has been applied since; only the last one can be undone."))
    return told


@transaction.atomic
def _undo(feed: FeedImport) -> str:
    """Take the import back and say so; blank when it is too late."""
    began = time.monotonic()
    sql(LOCK)
    feed.refresh_from_db(from_queryset=FeedImport.objects.select_for_update())
    if feed.state == State.UNDONE:
        return feed.told
    if not undoing.can_undo(feed):
        FeedImport.objects.filter(pk=feed.pk, state=State.UNDOING).update(state=State.DONE)
        return ""
    rows = undoing.undo(feed, timezone.now())
    feed.state, feed.ended_at = State.UNDONE, timezone.now()
    feed.times = {**feed.times, "undo": round(time.monotonic() - began, 1)}
    feed.told = _("%s rows are as they were.") % count_words(rows)
    feed.save()
    asking.ask(PUBLISH, subject=str(feed.pk))
    return feed.told


def counted(counts: dict[str, dict[str, int]]) -> str:
    """Return how much is new, changed and ended, in words."""
    total = {what: sum(each[what] for each in counts.values()) for what in ("new", "changed", "ended")}
    return _("%(new)s new, %(changed)s changed, %(ended)s ended.") % {
        what: count_words(number) for what, number in total.items()
    }


def _tell(feed: FeedImport, kind: str, title: str, text: str) -> None:
    message = Message(
        key=f"{PROCESS}:import:{feed.pk}:{kind}:{feed.state}:{feed.decided_at or ''}",
        process=PROCESS,
        kind=kind,
        title=title,
        text=text,
        link=reverse("admin:import", args=[feed.pk]),
        button=_("Open the import"),
        roles=sorted(EDITORS),
    )
    tell([message])

"""Refreshes of the published copy: by the timetable, by a click, after a change, and let through by an officer."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interop import audit, schedule
from interop.admin.roles import EDITORS
from interop.dates import count_words, district_day
from interop.jobs import asking
from interop.jobs.models import OPEN, JobRun, State
from interop.jobs.running import Busy, OnHold, Refused, Run, progress
from interop.messages.models import PROCESS, Message
from interop.messages.telling import tell
from interop.oneroster.resource import VERSIONS
from interop.space import NoSpace, make_sure_of_room
from roster import timetable
from roster.models import DistrictSettings
from roster.publishing import Held, NotPublished, Outcome, RefreshRunning, publish
from roster.publishing.groups import Group
from roster.publishing.run import Advance
from roster.publishing.status import Published, groups
from roster.statistics import rows_to_publish

JOB, CHANGES = "refresh", "changes"
CLICKED, APPROVED = "clicked", "approved"
"""What an asked refresh may be about: a click, which waits, or a hold that an officer let through."""
DELAY = dt.timedelta(minutes=2)
"""From the click to the beginning (seeds/000, Refresh OneRoster Cache)."""


@dataclass(frozen=True)
class Refreshed:
    """One group of records: what an edition last changed of it, its last good refresh, and the next by itself."""

    title: str
    holds: str
    at: dt.datetime | None
    changed: int
    refreshed_at: dt.datetime | None
    next_at: dt.datetime | None


@dataclass(frozen=True)
class Cache:
    """What the page of applications shows of the published copy.

    `now` is the refresh that waits or runs, `last` the one that ended last, `held` the one a person has to decide on.
    """

    groups: Sequence[Refreshed]
    now: JobRun | None
    progress: dict[str, object] | None
    last: JobRun | None
    held: JobRun | None


def state() -> Cache:
    """Return what vendors read now, which refresh waits or runs, and how the last one ended."""
    last, now = latest(), going_on()
    held = last if last and last.state == State.HELD else None
    return Cache([_refreshed(*pair) for pair in groups().items()], now, progress(now.pk) if now else None, last, held)


def _refreshed(group: Group, published: Published) -> Refreshed:
    return Refreshed(
        published.title, published.holds, published.at, published.changed,
        last_good(group), timetable.next_refresh(group, timezone.now()),
    )  # fmt: skip


def going_on() -> JobRun | None:
    """Return the refresh that runs, or else the one that was asked for and waits."""
    runs = _runs().filter(state__in=OPEN)
    return runs.filter(state=State.RUNNING).first() or runs.filter(job=JOB).order_by("due_at").first()


def latest() -> JobRun | None:
    """Return the refresh that ended last; one that was called off or not needed does not count."""
    return _runs().filter(state__in=(State.DONE, State.REFUSED, State.HELD, State.DEAD)).order_by("-ended_at").first()


def last_good(group: Group) -> dt.datetime | None:
    """Return when a group was last refreshed without a failure, whether or not anything had changed."""
    names = {timetable.JOBS[group], JOB}
    done = _runs().filter(state=State.DONE, job__in=names)
    return done.order_by("-ended_at").values_list("ended_at", flat=True).first()


def _runs() -> QuerySet[JobRun]:
    names = [job.name for job in schedule.JOBS if job.lock == schedule.job(JOB).lock]
    return JobRun.objects.filter(job__in=names)


def click(by: str, now: dt.datetime) -> bool:
    """Have the portal refresh in two minutes; False while one waits or runs."""
    if going_on():
        return False
    return bool(asking.ask(JOB, at=now + DELAY, by=by, subject=CLICKED))


@transaction.atomic
def ask(by: str, now: dt.datetime, *, reason: str = "") -> None:
    """Have the portal refresh everything at once, behind the one that runs; one that waits already does for both.

    With a reason it publishes also what would be held; the trail keeps the reason.
    """
    if reason:
        held = latest()
        after = {"reason": reason, "held": held.told if held and held.state == State.HELD else ""}
        audit.record(by, "let a held refresh through", DistrictSettings.load(), after=after)
    asking.ask(JOB, at=now, by=by, subject=APPROVED if reason else "")


def soon() -> None:
    """Have the portal publish within seconds what this transaction changes."""
    asking.ask(CHANGES)


def student_records(run: Run) -> str:
    """Publish what changed of people (a job)."""
    return _publish(run, group="student")


def class_records(run: Run) -> str:
    """Publish what changed of structure (a job)."""
    return _publish(run, group="class")


def changes(run: Run) -> str:
    """Publish what somebody changed here (a job)."""
    return _publish(run)


def check(run: Run) -> str:
    """Publish what changed, then compare everything there is with what is published: they must agree (a job)."""
    _outcome(run, timezone.now())
    began = timezone.now()
    outcome = _outcome(run, began, scratch=True)
    told = words(outcome, timezone.now() - began)
    if outcome.unforeseen:
        _alert(run, "failing", _("Published records had to be put right"), told)
    return told


def asked(run: Run) -> str:
    """Publish because somebody asked, and tell that person how it ended (a job)."""
    try:
        told = _publish(run, force=run.subject == APPROVED)
    except Refused as refusal:
        _alert(run, "failing", _("The OneRoster cache was not refreshed"), str(refusal))
        raise
    _alert(run, "healthy", _("The OneRoster cache is refreshed"), told)
    return told


def _publish(run: Run, *, force: bool = False, group: Group | None = None) -> str:
    began = timezone.now()
    return words(_outcome(run, began, force=force, group=group), timezone.now() - began)


def _outcome(
    run: Run, began: dt.datetime, *, force: bool = False, group: Group | None = None, scratch: bool = False
) -> Outcome:
    try:
        make_sure_of_room()
        return publish(began, force=force, group=group, scratch=scratch, advance=_progress(run))
    except NoSpace as full:
        _alert(run, "failing", _("No room for a refresh"), str(full), once=f"{district_day(began)}:room")
        raise Refused(_("Nothing was published. %s") % full) from full
    except RefreshRunning as refusal:
        raise Busy(str(refusal)) from refusal
    except Held as hold:
        told = _("Nothing was published. %s") % hold
        _alert(run, "held", _("A refresh is held"), told, once=f"{district_day(began)}:{hold}")
        raise OnHold(told) from hold
    except NotPublished as refusal:
        raise Refused(_("Nothing was published. %s") % refusal) from refusal


def _progress(run: Run) -> Advance:
    """Return what tells how many records have been looked at, of about as many as there are."""
    total = len(VERSIONS) * rows_to_publish()
    done = 0

    def advance(_kind: str, more: int) -> None:
        nonlocal done
        done += more
        run.advance(_("records compared"), done, max(done, total))

    return advance


def _alert(run: Run, kind: str, title: str, text: str, *, once: str = "") -> None:
    message = Message(
        key=f"{PROCESS}:refresh:{sha256(once.encode()).hexdigest() if once else run.pk}",
        process=PROCESS,
        kind=kind,
        title=title,
        text=text,
        link=reverse("admin:applications") + "#cache",
        button=_("Open the applications"),
        roles=sorted(EDITORS) if kind == "held" or not run.by else [],
        person=run.by,
    )
    tell([message])


def words(outcome: Outcome, took: dt.timedelta) -> str:
    """Return what a refresh did: how many records changed, came and ended, and how long it took."""
    seconds = max(1, round(took.total_seconds()))
    if not outcome.changed:
        return _("Nothing had changed. %d s.") % seconds
    counts = outcome.counts.values()
    return _("%(changed)s records changed, %(new)s new, %(ended)s ended. %(seconds)d s.") % {
        "changed": count_words(sum(count.changed for count in counts)),
        "new": count_words(sum(count.new for count in counts)),
        "ended": count_words(sum(count.ended for count in counts)),
        "seconds": seconds,
    }

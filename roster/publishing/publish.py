"""One refresh: decide, render, compare, write; the commit makes it visible."""

import contextlib
import datetime
import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from interop import fault
from interop.oneroster.resource import VERSIONS
from roster import protection
from roster.models import DistrictSettings, Edition, SchoolYear
from roster.publishing import guard, scopes
from roster.publishing.draft import Setting
from roster.publishing.errors import NoActiveYear, RefreshRunning
from roster.publishing.facts import Facts
from roster.publishing.fingerprint import Fingerprint, fingerprint
from roster.publishing.groups import Group
from roster.publishing.run import Advance, Count, Run
from roster.publishing.store import Writer, indexed_afterwards, prune
from roster.visibility import Moment

LOCK = 0x0D15_7217  # one number for "a refresh is running", known to nobody else
MILLISECOND = datetime.timedelta(milliseconds=1)


@dataclass
class Outcome:
    """What a publication did. Without changes `edition` is the one that goes on."""

    edition: int
    published_at: datetime.datetime
    counts: dict[str, Count] = field(default_factory=dict)
    pruned: int = 0

    @property
    def changed(self) -> bool:
        """Whether a new edition was made."""
        return bool(self.counts)


def publish(
    now: datetime.datetime,
    *,
    force: bool = False,
    group: Group | None = None,
    versions: Sequence[int] = VERSIONS,
    advance: Advance = lambda *_: None,
) -> Outcome:
    """Publish what the tables say at `now`, as one edition; with `group` only its records and what they need.

    With fewer than all versions the rest waits for the next refresh.

    Raises RefreshRunning, NoActiveYear or Held (unless `force`); then nothing has changed.
    """
    outermost = not connection.in_atomic_block
    with _only_one(), _without_garbage_collection(), transaction.atomic():
        if outermost:  # one snapshot for all that is read; inside a caller's transaction it is too late to ask for it
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        fault.point("refresh.begun")
        outcome = _publish(now, force, group, versions, advance)
        fault.point("refresh.written")
    fault.point("refresh.committed")
    return outcome


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Hold the publisher's locks, taken before the transaction so that its snapshot sees the last publication.

    Who is ticking a box meanwhile is waited for, and waits for us: no edition may miss it (see roster/protection.py).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise RefreshRunning("Another refresh is running; wait until it has finished.")
        cursor.execute("SELECT pg_advisory_lock(%s)", [protection.LOCK])
    try:
        yield
    finally:
        with contextlib.suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s), pg_advisory_unlock(%s)", [protection.LOCK, LOCK])


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Hold off the search for cycles: among hundreds of thousands of facts there are none to find."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _publish(
    now: datetime.datetime,
    force: bool,  # noqa: FBT001
    group: Group | None,
    versions: Sequence[int],
    advance: Advance,
) -> Outcome:
    year = SchoolYear.objects.filter(active=True, ended_at=None).first()
    if year is None:
        raise NoActiveYear("No school year is active; set one active before refreshing.")
    moment = Moment(year, now.astimezone(ZoneInfo(settings.DISTRICT_TIME_ZONE)).date())
    last = Edition.objects.order_by("-number").first()
    inputs = fingerprint(moment.today)
    if last and last.fingerprint == str(inputs):
        return Outcome(last.number, last.published_at, pruned=prune(now))
    at = _stamp(now, last)
    everything = last is None or Fingerprint.parse(last.fingerprint).rendering != inputs.rendering
    new_year = last is not None and last.school_year != year.pk
    setting, writer = Setting(moment, DistrictSettings.load()), Writer(at)
    facts, protected = Facts.read(setting), protection.Protected.read(moment)
    chosen = None if new_year or last is None else group  # a first publication and one in a new year take both groups
    runs = [
        Run(version, writer, moment, protected, advance, new_year=new_year, everything=everything, group=chosen)
        for version in versions
    ]
    with indexed_afterwards(first=writer.next_id == 1):
        for kind, drafts in facts.kinds():
            for run in runs:
                run.take(kind, drafts(run.version))
        fault.point("refresh.rendered")
        for run in runs:
            run.finish()
    guard.check([reason for run in runs for reason in run.reasons], force=force)
    counts = {name: count for run in runs for name, count in run.counts.items()}
    if last and any(run.left_out for run in runs):
        inputs = Fingerprint.parse(last.fingerprint).incomplete()
    elif set(versions) != set(VERSIONS):
        inputs = inputs.incomplete()
    if not counts and last:
        Edition.objects.filter(pk=last.pk).update(fingerprint=str(inputs), school_year=year.pk)
        return Outcome(last.number, last.published_at, pruned=prune(now))
    if last and last.school_year != year.pk:
        scopes.forget()
    edition = Edition.objects.create(
        number=last.number + 1 if last else 1,
        published_at=at,
        counts={name: vars(count) for name, count in counts.items()},
        fingerprint=str(inputs),
        school_year=year.pk,
    )
    return Outcome(edition.number, at, counts, prune(now))


def _stamp(now: datetime.datetime, last: Edition | None) -> datetime.datetime:
    """Return the moment all that is published now is dated with: after everything vendors have been told so far."""
    at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    told = [moment + MILLISECOND for moment in (last and last.published_at, scopes.newest_change()) if moment]
    return max([at, *told])

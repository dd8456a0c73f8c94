"""One refresh: decide, render, compare, write; the commit makes it visible."""

import contextlib
import datetime
import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from interop import fault
from interop.oneroster.resource import VERSIONS
from roster import protection, statistics
from roster.models import DistrictSettings, Edition, SchoolYear
from roster.publishing import guard, scopes
from roster.publishing.draft import Setting
from roster.publishing.errors import NoActiveYear, RefreshRunning
from roster.publishing.facts import Facts, Kind
from roster.publishing.fingerprint import Fingerprint
from roster.publishing.groups import Group
from roster.publishing.part import WHOLE, Narrowed, Part, concerned
from roster.publishing.rendering import Count, Noted
from roster.publishing.run import Advance, Run
from roster.publishing.store import prune, settle
from roster.publishing.touched import Notes, flips
from roster.publishing.writing import Relay, Writer, indexed_afterwards
from roster.reading.ahead import put_in_order
from roster.reading.mirror import fill
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
    unforeseen: bool = False
    """Whether records were wrong though nothing had been touched since they were published."""
    whole: bool = False
    """Whether everything was compared, as it is every night."""
    people: Narrowed = None
    """Whose users were compared; None: everybody's."""
    numbers: range = range(0)
    """The numbers of the records that were written, some of them nobody's."""

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
    scratch: bool = False,
    advance: Advance = lambda *_: None,
) -> Outcome:
    """Publish what the tables say at `now`, as one edition; with `group` only its records and what they need.

    Only what was touched since the last publication is compared with it, or all there is with `scratch`.
    With fewer than all versions the rest waits for the next refresh.

    Raises RefreshRunning, NoActiveYear or Held (unless `force`); then nothing has changed.
    """
    outermost = not connection.in_atomic_block
    with _only_one(), _without_garbage_collection(), transaction.atomic():
        if outermost:  # one snapshot for all that is read; inside a caller's transaction it is too late to ask for it
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        fault.point("refresh.begun")
        outcome = _publish(now, force, group, versions, scratch, advance)
        fault.point("refresh.written")
    fault.point("refresh.committed")
    if outermost and (outcome.changed or outcome.whole):
        fill(outcome.numbers)
        settle(clear=outcome.whole)
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


@dataclass
class _Occasion:
    """What a refresh finds: the last edition, what everything depends on now and then, and what was touched since."""

    moment: Moment
    last: Edition | None
    before: Fingerprint
    inputs: Fingerprint
    notes: Notes

    @classmethod
    def at(cls, now: datetime.datetime) -> "_Occasion":
        """Look at it; raises NoActiveYear."""
        year = SchoolYear.objects.filter(active=True, ended_at=None).first()
        if year is None:
            raise NoActiveYear("No school year is active; set one active before refreshing.")
        moment = Moment(year, now.astimezone(ZoneInfo(settings.DISTRICT_TIME_ZONE)).date())
        last = Edition.objects.order_by("-number").first()
        before = Fingerprint.parse(last.fingerprint if last else "")
        return cls(moment, last, before, Fingerprint.now(moment.today), Notes.read())

    @property
    def is_idle(self) -> bool:
        """Whether nothing can have changed."""
        return self.before == self.inputs and not self.notes

    @property
    def is_new_year(self) -> bool:
        """Whether the last edition told of another school year."""
        return self.last is not None and self.last.school_year != self.moment.year.pk

    @property
    def renders_everything(self) -> bool:
        """Whether records may look different though the facts are the same."""
        return self.before.rendering != self.inputs.rendering

    def part(self) -> Part:
        """Return what has to be compared."""
        if self.is_new_year or self.renders_everything or self.before.day is None:
            return WHOLE
        self.notes.add(flips(replace(self.moment, today=self.before.day), self.moment))
        return concerned(self.notes)


def _publish(
    now: datetime.datetime,
    force: bool,  # noqa: FBT001
    group: Group | None,
    versions: Sequence[int],
    scratch: bool,  # noqa: FBT001
    advance: Advance,
) -> Outcome:
    found = _Occasion.at(now)
    last = found.last
    if last and found.is_idle and not scratch:
        return Outcome(last.number, last.published_at, pruned=prune(now))
    writer = Writer(_stamp(now, last))
    relay = Relay[Noted](writer)
    runs = _runs(found, writer, group, versions, advance)
    part = WHOLE if scratch else found.part()
    if part.is_whole:
        statistics.learn()
    with indexed_afterwards(first=writer.first), contextlib.closing(relay):
        for kind in Facts.read(Setting(found.moment, DistrictSettings.load(), part)).kinds():
            _work(kind, runs, relay)
        relay.finish()
        fault.point("refresh.rendered")
        for run in runs:
            run.finish()
    guard.check([reason for run in runs for reason in run.reasons], force=force)
    counts = {name: count for run in runs for name, count in run.counts.items()}
    inputs = found.inputs if set(versions) == set(VERSIONS) else found.inputs.incomplete()
    if last and any(run.left_out for run in runs):
        inputs = found.before
    else:
        found.notes.forget()
    if last and not counts:
        Edition.objects.filter(pk=last.pk).update(fingerprint=str(inputs), school_year=found.moment.year.pk)
        return Outcome(last.number, last.published_at, pruned=prune(now), whole=part.is_whole)
    if found.is_new_year:
        scopes.forget()
    edition = Edition.objects.create(
        number=last.number + 1 if last else 1,
        published_at=writer.at,
        counts={name: vars(count) for name, count in counts.items()},
        fingerprint=str(inputs),
        school_year=found.moment.year.pk,
    )
    put_in_order()
    numbers = range(writer.start, writer.given_out)
    return Outcome(edition.number, writer.at, counts, prune(now), found.is_idle, part.is_whole, part.people, numbers)


def _work(kind: Kind, runs: list[Run], relay: Relay[Noted]) -> None:
    """Have one kind compared and written, in every version at a time: their drafts are made from the same rows."""
    for run in runs:
        run.begin(kind)
    for pieces in kind.pieces:
        for run in runs:
            relay.hand(run.take(pieces[run.version]))
    for run in runs:
        run.end()


def _runs(
    found: _Occasion, writer: Writer, group: Group | None, versions: Sequence[int], advance: Advance
) -> list[Run]:
    """Return the work on each version, written by one writer; a first publication, as in a new year, takes all."""
    chosen = None if found.is_new_year or found.last is None else group
    protected = cache(lambda: protection.Protected.read(found.moment))
    return [
        Run(
            version, writer, found.moment, protected, advance, new_year=found.is_new_year,
            everything=found.renders_everything, group=chosen,
        )
        for version in versions
    ]  # fmt: skip


def _stamp(now: datetime.datetime, last: Edition | None) -> datetime.datetime:
    """Return the moment all that is published now is dated with: after everything vendors have been told so far."""
    at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    told = [moment + MILLISECOND for moment in (last and last.published_at, scopes.newest_change()) if moment]
    return max([at, *told])

"""One refresh: decide, render, compare, write; the commit makes it visible."""

import contextlib
import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

import roster.wire  # noqa: F401  (its declarations register themselves)
from interop.oneroster.render import encode
from interop.oneroster.resource import REGISTRY
from roster.models import DistrictSettings, Edition, SchoolYear
from roster.publishing import guard
from roster.publishing.draft import ENDED, Draft, Setting
from roster.publishing.errors import NoActiveYear, RefreshRunning
from roster.publishing.facts import drafts
from roster.publishing.fingerprint import fingerprint
from roster.publishing.store import VERSION, Fresh, Live, Writer, indexed_afterwards, live_records, prune
from roster.publishing.tombstones import bury, protected_people
from roster.visibility import Moment

LOCK = 0x0D15_7217  # one number for "a refresh is running", known to nobody else
MILLISECOND = datetime.timedelta(milliseconds=1)


@dataclass
class Count:
    """What a publication did to one kind; `before` is how many were active."""

    new: int = 0
    changed: int = 0
    ended: int = 0
    before: int = 0


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


Progress = Callable[[str, int], None]


def publish(now: datetime.datetime, *, force: bool = False, progress: Progress | None = None) -> Outcome:
    """Publish what the tables say at `now`, as one edition.

    Raises RefreshRunning, NoActiveYear or Held (unless `force`); then nothing has changed.
    """
    outermost = not connection.in_atomic_block
    with _only_one(), transaction.atomic():
        if outermost:  # one snapshot for all that is read; inside a caller's transaction it is too late to ask for it
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _publish(now, force=force, progress=progress or (lambda _kind, _count: None))


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Hold the publisher's lock, taken before the transaction so that its snapshot sees the last publication."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise RefreshRunning("Another refresh is running; wait until it has finished.")
    try:
        yield
    finally:
        with contextlib.suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _publish(now: datetime.datetime, *, force: bool, progress: Progress) -> Outcome:
    year = SchoolYear.objects.filter(active=True, ended_at=None).first()
    if year is None:
        raise NoActiveYear("No school year is active; set one active before refreshing.")
    moment = Moment(year, now.astimezone(ZoneInfo(settings.DISTRICT_TIME_ZONE)).date())
    last = Edition.objects.order_by("-number").first()
    inputs = fingerprint(moment.today)
    if last and last.fingerprint == inputs:
        return Outcome(last.number, last.published_at, pruned=prune(now))
    at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    if last:
        at = max(at, last.published_at + MILLISECOND)
    new_year = last is not None and last.school_year != year.pk
    run = _Run(Writer(at), Setting(moment, DistrictSettings.load()), new_year, progress)
    with indexed_afterwards(first=run.writer.next_id == 1):
        counts, reasons = run.everything()
    guard.check(reasons, force=force)
    if not counts and last:
        Edition.objects.filter(pk=last.pk).update(fingerprint=inputs, school_year=year.pk)
        return Outcome(last.number, last.published_at, pruned=prune(now))
    edition = Edition.objects.create(
        number=last.number + 1 if last else 1,
        published_at=at,
        counts={kind: vars(count) for kind, count in counts.items()},
        fingerprint=inputs,
        school_year=year.pk,
    )
    return Outcome(edition.number, at, counts, prune(now))


@dataclass
class _Run:
    writer: Writer
    setting: Setting
    new_year: bool
    progress: Progress

    def everything(self) -> tuple[dict[str, Count], list[str]]:
        """Write all kinds; return the counts of those that changed, and what is suspicious about them."""
        counts: dict[str, Count] = {}
        reasons: list[str] = []
        schools: Counter[int] = Counter()
        protected = protected_people(self.setting.moment)
        for kind, wanted in drafts(self.setting):
            live = live_records(kind)
            if kind == "user":
                schools = guard.people_by_school(live)
            count, dropped = self._kind(kind, wanted, live, protected)
            if count.new or count.changed or count.ended or dropped:
                counts[kind] = count
                reasons += guard.suspicious(kind, count.before, count.changed, count.ended)
            self.progress(kind, len(wanted))
        self.writer.flush()
        return counts, reasons + guard.emptied(schools, self.setting.moment)

    def _kind(self, kind: str, wanted: list[Draft], live: dict[str, Live], protected: set[str]) -> tuple[Count, int]:
        """Write what is new or changed of one kind and bury what vanished; return also how many old tombstones went."""
        count = Count(before=sum(record.status != ENDED for record in live.values()))
        start = self.writer.next_id + len(self.writer.pending)
        for draft in wanted:
            old = live.pop(draft.sourced_id, None)
            fresh = self._render(kind, draft, old)
            if fresh is None:
                continue
            self.writer.add(fresh)
            if old is None:
                count.new += 1
            elif draft.status == ENDED and old.status != ENDED:
                count.ended += 1
            else:
                count.changed += 1
        old_graves = [record.id for record in live.values() if record.status == ENDED] if self.new_year else []
        if old_graves:
            self.writer.retire(old_graves)
            live = {sourced_id: record for sourced_id, record in live.items() if record.status != ENDED}
        written = self.writer.next_id + len(self.writer.pending) - start
        count.ended += bury(self.writer, kind, live, protected)
        rewritten = self.writer.next_id + len(self.writer.pending) - start - written
        return count, len(old_graves) + rewritten

    def _render(self, kind: str, draft: Draft, old: Live | None) -> Fresh | None:
        """Return the record to write, or None when the live one says the same."""
        facts = draft.facts
        facts["sourcedId"] = draft.sourced_id
        facts["status"] = draft.status
        facts["dateLastModified"] = self.writer.at
        doc, digest, find = (rendered := encode(REGISTRY[kind], VERSION, facts)).doc, rendered.digest, rendered.find
        if draft.secondary_email:
            find["_secondaryEmail"] = draft.secondary_email
            digest = blake2b(digest + draft.secondary_email.encode(), digest_size=16).digest()
        former: tuple[int, ...] = ()
        if old:
            former = tuple(sorted({*old.former, *old.schools} - {*draft.schools}))
            if (digest, draft.schools, draft.audience) == (old.digest, old.schools, old.audience):
                return None
        return Fresh(
            kind, draft.sourced_id, draft.status, draft.schools, former, draft.audience, digest, find, doc,
            old.id if old else None,
        )  # fmt: skip

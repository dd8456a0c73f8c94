"""The import as one act: read, check, apply, look at the difference, then keep it or take it back."""

import datetime
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DataError, IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from interop import fault
from interop.progress import Bar, no_bar
from roster.editing import accounts
from roster.feeding.limits import limits
from roster.imports import alarms, places, references
from roster.imports.difference import Alarm, Difference
from roster.imports.endings import end_missing
from roster.imports.older import unfold_users_of_11
from roster.imports.package import Package, refuse
from roster.imports.people import people_steps
from roster.imports.problems import Report
from roster.imports.samples import samples
from roster.imports.schedule import schedule_steps
from roster.imports.staging import Staged, read_manifest, stage
from roster.imports.structure import structure_steps
from roster.imports.undoing import forget_trace, keep_trace
from roster.imports.upserts import note_made, note_rows, run
from roster.models import Account, AccountRule, AppliedPackage, FeedImport
from roster.protection import acting_at_once

__all__ = ["Difference", "Held", "Stage", "import_package"]
LOCK = "SELECT pg_advisory_xact_lock(hashtext('roster import'))"
UNSTORED = frozenset(
    [
        "categories",
        "lineItemLearningObjectiveIds",
        "lineItems",
        "lineItemScoreScales",
        "resultLearningObjectiveIds",
        "results",
        "resultScoreScales",
        "scoreScales",
        "userProfiles",
    ]
)
Stage = Callable[[str], None]
"""Takes the name of a stage as it begins: unpack, check, compare, apply."""


class Held(Exception):
    """The import would take away or change too much; nothing was applied."""

    def __init__(self, difference: Difference, report: Report) -> None:
        super().__init__("; ".join(map(str, difference.alarms)))
        self.difference = difference
        self.report = report


class _Undo(Exception):
    """Leaves the transaction without keeping anything."""


@dataclass(frozen=True)
class Order:
    """How an import is to be done. `feed` is its row, made here when the command asks.

    `confirmed` names the alarms somebody has approved; None: all, whatever they are. Without `ending` nothing ends.
    `enter` hears each stage, `receipt` writes down what was applied in the same transaction.
    """

    dry_run: bool = False
    confirmed: Collection[str] | None = frozenset()
    ending: bool = True
    suspects: Collection[bytes] = ()
    feed: FeedImport | None = None
    bar: Bar = no_bar
    enter: Stage = lambda stage: None
    receipt: Callable[[FeedImport], None] | None = None


@dataclass
class Work:
    """One import at work."""

    order: Order
    report: Report = field(default_factory=Report)
    difference: Difference = field(default_factory=Difference)


def import_package(path: Path, *, dry_run: bool, confirmed: bool, bar: Bar = no_bar) -> tuple[Difference, Report]:
    """Import a package in one transaction; raise ImportRefused or Held, with nothing applied.

    A package with the content of the one applied last is known by its SHA-256 and not read again.
    """
    return import_as(path, Order(dry_run=dry_run, confirmed=None if confirmed else frozenset(), bar=bar))


def import_as(path: Path, order: Order) -> tuple[Difference, Report]:
    """Import a package as ordered; errors as of `import_package`."""
    work = Work(order)
    try:
        with transaction.atomic():
            now = _try(path, work)
            if order.dry_run or _unapproved(work):
                raise _Undo
            if not work.difference.known:
                _keep(path, work, now)
            fault.point("import.applied")
    except _Undo:
        if not order.dry_run:
            raise Held(work.difference, work.report) from None
    except (DataError, IntegrityError) as problem:
        raise refuse(path.name, f"does not fit into the tables: {told(problem)}") from None
    else:
        fault.point("import.committed")
    return work.difference, work.report


def told(problem: Exception) -> str:
    """Return the first line of a database error: it names the constraint, not the data."""
    return str(problem).splitlines()[0]


def _unapproved(work: Work) -> bool:
    """Return whether something about the import is suspicious that nobody has approved."""
    approved = work.order.confirmed
    return approved is not None and any(alarm.key not in approved for alarm in work.difference.alarms)


def _try(path: Path, work: Work) -> datetime.datetime:
    """Read, check and apply the package; return the moment what it changes is dated with."""
    order, report, difference = work.order, work.report, work.difference
    order.enter("unpack")
    now = timezone.now()
    with Package(path) as package:
        run(LOCK)
        difference.digest = package.digest()
        difference.known = AppliedPackage.is_last(difference.digest)
        if difference.known:
            return now
        order.enter("check")
        staged = _checked(package, report, order.bar)
    fault.point("import.staged")
    order.enter("compare")
    _apply(staged, now, work)
    return now


def _checked(package: Package, report: Report, bar: Bar) -> Staged:
    """Read the whole package into staging; raise ImportRefused with everything that is wrong in it."""
    staged = read_manifest(package, report)
    report.refuse_if_wrong()
    with bar("Reading", package.size, "B") as advance:
        stage(package, staged, report, advance)
    if staged.version == 11 and "users" in staged.counts:
        unfold_users_of_11(staged)
    if staged.complete:
        references.check(staged, report)
    report.refuse_if_wrong()
    report.rows = dict(staged.counts)
    references.note_unstored(staged, report)
    for file in sorted(UNSTORED & staged.counts.keys()):
        report.warn(f"{file}.csv", "", "is checked, but not stored: it does not belong to the roster")
    return staged


def _apply(staged: Staged, now: datetime.datetime, work: Work) -> None:
    """Apply what is staged and see what that did, and what about it is suspicious."""
    difference, before, year = work.difference, places.census(), alarms.active_year()
    difference.before = before.kinds
    difference.alarms = list(alarms.about_package(staged, before))
    with acting_at_once(now):  # whoever this feed excludes is withheld by the same commit
        _steps(staged, now, work)
    _give_accounts(now)
    after = places.census()
    difference.alarms += alarms.about_difference(difference, before, after, limits(), now)
    difference.alarms += alarms.about_year(year, alarms.active_year())
    if difference.digest in work.order.suspects:
        difference.alarms.append(Alarm("undone", "the same package was rejected or undone before"))
    if difference:
        difference.schools, difference.samples = places.by_school(before, after), samples()


def _steps(staged: Staged, now: datetime.datetime, work: Work) -> None:
    difference, today = work.difference, timezone.localdate(now)
    parts = (structure_steps(staged, today), people_steps(staged), schedule_steps(staged))
    with work.order.bar("Applying", sum(map(len, parts)) + 1, " steps") as advance:
        for steps in parts:
            for name, step in steps:
                advance(name, 1)
                difference.new[name], difference.changed[name] = step()
        advance("what has ended", 1)
        if work.order.ending:
            difference.ended.update(end_missing(staged, now, today))


def _give_accounts(now: datetime.datetime) -> None:
    """Make the accounts that come by themselves, and note how they are taken back; our lock keeps others from it."""
    if AccountRule.objects.filter(automatic=True).exists():
        last = Account.objects.aggregate(last=Max("pk"))["last"] or 0
        note_rows("roster_account", ["username", "enabled", "made_here"], "t.username = ''")
        accounts.give_automatic(now)
        note_made("roster_account", f"id > {last}")


def _keep(path: Path, work: Work, now: datetime.datetime) -> None:
    """Write down what was applied, and keep its trace in the place of the last import's."""
    work.order.enter("apply")
    if work.order.ending:
        AppliedPackage.remember(work.difference.digest)
    if not work.difference:
        forget_trace()
        return
    feed = work.order.feed or FeedImport(name=path.name[:255], source=FeedImport.Source.COMMAND)
    feed.digest, feed.applied_at = work.difference.digest, now
    if feed.pk is None:
        feed.state, feed.ended_at = FeedImport.State.DONE, now
    feed.counts, feed.schools, feed.samples = work.difference.counts(), work.difference.schools, work.difference.samples
    feed.rows, feed.warnings = work.report.rows, work.report.told()
    if work.order.receipt:
        work.order.receipt(feed)
    feed.save()
    keep_trace(feed)

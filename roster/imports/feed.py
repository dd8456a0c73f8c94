"""The import as one act: read, check, apply, look at the difference, then keep it or undo it."""

import datetime
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from interop.progress import Bar, no_bar
from roster.editing import accounts
from roster.imports import references
from roster.imports.endings import end_missing, live_counts, schools_with_students
from roster.imports.older import unfold_users_of_11
from roster.imports.package import Package, refuse
from roster.imports.people import people_steps
from roster.imports.problems import Report
from roster.imports.schedule import schedule_steps
from roster.imports.staging import Staged, read_manifest, stage
from roster.imports.structure import structure_steps
from roster.imports.upserts import run
from roster.models import AppliedPackage
from roster.protection import acting_at_once

LEAST = 25
MOST_ENDED = 0.10
MOST_CHANGED = 0.75
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


@dataclass
class Difference:
    """What an import did: for each kind (new, changed, ended), and why a person should look at it first.

    `before` says how many lived of each kind that can end; `known` that this package is the one applied last.
    """

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)
    known: bool = False

    def __bool__(self) -> bool:
        return any(any(part.values()) for part in (self.new, self.changed, self.ended))

    def lines(self) -> list[str]:
        """Say the difference as a table, one line for each kind that has one."""
        names = [name for name in {**self.new, **self.ended} if any(self._row(name))]
        head = "{:<22}{:>12}{:>10}{:>10}{:>10}".format("", "before", "new", "changed", "ended")
        return [head] * bool(names) + [self._line(name) for name in names]

    def _row(self, name: str) -> tuple[int, int, int]:
        return self.new.get(name, 0), self.changed.get(name, 0), self.ended.get(name, 0)

    def _line(self, name: str) -> str:
        before = f"{self.before[name]:,}" if name in self.before else ""
        return "{:<22}{:>12}{:>10,}{:>10,}{:>10,}".format(name, before, *self._row(name))


class Held(Exception):
    """The import would take away or change too much; nothing was applied."""

    def __init__(self, difference: Difference) -> None:
        super().__init__("; ".join(difference.alarms))
        self.difference = difference


class _Undo(Exception):
    """Leaves the transaction without keeping anything."""


def import_package(path: Path, *, dry_run: bool, confirmed: bool, bar: Bar = no_bar) -> tuple[Difference, Report]:
    """Import a package in one transaction; raise ImportRefused or Held, with nothing applied.

    A package with the content of the one applied last is known by its SHA-256 and not read again.
    """
    report, difference = Report(), Difference()
    try:
        with transaction.atomic(), Package(path) as package:
            run("SELECT pg_advisory_xact_lock(hashtext('roster import'))")
            digest = package.digest()
            difference.known = AppliedPackage.is_last(digest)
            if difference.known:
                return difference, report
            staged, now = _checked(package, report, bar), timezone.now()
            with acting_at_once(now):  # whoever this feed excludes is withheld by the same commit
                _apply(staged, now, difference, report, bar)
            accounts.give_automatic(now)
            if dry_run or (difference.alarms and not confirmed):
                raise _Undo
            AppliedPackage.remember(digest)
    except _Undo:
        if not dry_run:
            raise Held(difference) from None
    except (DataError, IntegrityError) as problem:
        raise refuse(path.name, f"does not fit into the tables: {told(problem)}") from None
    return difference, report


def told(problem: Exception) -> str:
    """Return the first line of a database error: it names the constraint, not the data."""
    return str(problem).splitlines()[0]


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
    references.note_unstored(staged, report)
    return staged


def _apply(staged: Staged, now: datetime.datetime, difference: Difference, report: Report, bar: Bar) -> None:
    today = timezone.localdate(now)
    schools = schools_with_students()
    difference.before = live_counts()
    for file in sorted(UNSTORED & staged.counts.keys()):
        report.warn(f"{file}.csv", "", "is checked, but not stored: it does not belong to the roster")
    parts = (structure_steps(staged, today), people_steps(staged), schedule_steps(staged))
    with bar("Applying", sum(map(len, parts)) + 1, " steps") as advance:
        for steps in parts:
            for name, step in steps:
                advance(name, 1)
                difference.new[name], difference.changed[name] = step()
        advance("what has ended", 1)
        difference.ended.update(end_missing(staged, now, today))
    difference.alarms = _alarms(difference, schools - schools_with_students())


def _alarms(difference: Difference, emptied: set[str]) -> list[str]:
    alarms = []
    for name, live in difference.before.items():
        ended, changed = difference.ended.get(name, 0), difference.changed.get(name, 0)
        if ended >= LEAST and ended > live * MOST_ENDED:
            alarms.append(f"{ended:,} of {live:,} {name} would end (more than 10 %)")
        if changed >= LEAST and changed > live * MOST_CHANGED:
            alarms.append(f"{changed:,} of {live:,} {name} would change (more than 75 %)")
    return alarms + [f"school {school} would have no students left" for school in sorted(emptied)]

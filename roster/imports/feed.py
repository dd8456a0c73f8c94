"""The import as one act: read, check, apply, look at the difference, then keep it or undo it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from roster import statistics
from roster.imports import references
from roster.imports.endings import end_missing, live_counts, schools_with_students
from roster.imports.package import Package
from roster.imports.people import apply_people, roles_of_11
from roster.imports.problems import Report
from roster.imports.schedule import apply_schedule
from roster.imports.staging import Staged, stage
from roster.imports.structure import apply_structure
from roster.imports.upserts import run

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
Progress = Callable[[str, int], None]


@dataclass
class Difference:
    """What an import did: for each kind (new, changed, ended), and why a person should look at it first."""

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(any(part.values()) for part in (self.new, self.changed, self.ended))

    def lines(self) -> list[str]:
        """Say the difference, one line for each kind that has one."""
        names = [name for name in {**self.new, **self.ended} if self._row(name) != (0, 0, 0)]
        return ["{:<22}{:>9,} new {:>9,} changed {:>9,} ended".format(name, *self._row(name)) for name in names]

    def _row(self, name: str) -> tuple[int, int, int]:
        return self.new.get(name, 0), self.changed.get(name, 0), self.ended.get(name, 0)


class Held(Exception):
    """The import would take away or change too much; nothing was applied."""

    def __init__(self, difference: Difference) -> None:
        super().__init__("; ".join(difference.alarms))
        self.difference = difference


class _Undo(Exception):
    """Leaves the transaction without keeping anything."""


def import_package(
    path: Path, *, dry_run: bool, confirmed: bool, progress: Progress = lambda name, count: None
) -> tuple[Difference, Report]:
    """Import a package in one transaction; raise ImportRefused or Held, with nothing applied."""
    report = Report()
    difference = Difference()
    try:
        with transaction.atomic(), Package(path) as package:
            run("SELECT pg_advisory_xact_lock(hashtext('roster import'))")
            staged = stage(package, report, progress)
            if not report.total:
                references.check(staged, report)
            report.refuse_if_wrong()
            _apply(staged, difference, report, progress)
            if dry_run or not difference or (difference.alarms and not confirmed):
                raise _Undo
    except _Undo:
        if difference.alarms and not dry_run and not confirmed:
            raise Held(difference) from None
    return difference, report


def _apply(staged: Staged, difference: Difference, report: Report, progress: Progress) -> None:
    now = timezone.now()
    today = timezone.localdate()
    before, schools = live_counts(), schools_with_students()
    if staged.version == 11:
        roles_of_11()
    for file in sorted(UNSTORED & staged.counts.keys()):
        report.warn(f"{file}.csv", "", "is checked, but not stored: it does not belong to the roster")
    for part in (apply_structure(staged, today), apply_people(staged), apply_schedule(staged)):
        for name, (new, changed) in part:
            difference.new[name], difference.changed[name] = new, changed
            progress(name, new + changed)
        statistics.gather()
    for name, count in end_missing(staged, now, today):
        difference.ended[name] = count
        progress(f"{name} ended", count)
    difference.alarms = _alarms(before, difference, schools - schools_with_students())


def _alarms(before: dict[str, int], difference: Difference, emptied: set[str]) -> list[str]:
    alarms = []
    for name, live in before.items():
        ended, changed = difference.ended.get(name, 0), difference.changed.get(name, 0)
        if ended >= LEAST and ended > live * MOST_ENDED:
            alarms.append(f"{ended:,} of {live:,} {name} would end (more than 10 %)")
        if changed >= LEAST and changed > live * MOST_CHANGED:
            alarms.append(f"{changed:,} of {live:,} {name} would change (more than 75 %)")
    return alarms + [f"school {school} would have no students left" for school in sorted(emptied)]

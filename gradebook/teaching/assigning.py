"""A teacher's own assignments, and what is the teacher's of synced ones."""

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from gradebook.models import Assignment
from gradebook.services.act import Act, acting
from gradebook.services.assignments import ASSIGNMENTS, MOST_POINTS, delete_assignment
from gradebook.structure import Structure, structures
from gradebook.teaching.access import Teacher
from interop.dates import district_day, zone
from roster.models import Section

LONGEST = 50
"""Characters of a title of the district's own (campus rules 6.4)."""
LAST_MOMENT = dt.time(23, 59)


@dataclass(frozen=True)
class Facts:
    """What the form says. `points` None: not graded."""

    title: str
    abbreviation: str
    description: str
    assigned_on: dt.date
    due_on: dt.date
    points: int | None
    category_id: int | None
    task_id: int | None
    multiplier: Decimal
    active: bool
    portal: bool
    sequence: int


def facts(row: Assignment) -> Facts:
    """Return an assignment as the form shows it."""
    return Facts(
        row.title, row.abbreviation, row.description, district_day(row.assigned_at), row.due_on, row.points,
        row.category_id, row.task_id, row.multiplier, row.active, row.portal, row.sequence,
    )  # fmt: skip


def faults(section: Section, wanted: Facts, before: Facts | None = None) -> dict[str, str]:
    """Return what is wrong, by the form's field. What is as it was passes: a vendor's title may be longer."""
    structure, found = structures([section.pk])[section.pk], {}
    if len(wanted.title) > LONGEST and (before is None or wanted.title != before.title):
        found["title"] = _("A title has at most %d characters.") % LONGEST
    if not structure.first <= wanted.due_on <= structure.last:
        told = {"first": structure.first.isoformat(), "last": structure.last.isoformat()}
        found["due_on"] = _("The section lasts from %(first)s to %(last)s; choose a day within.") % told
    if wanted.points is not None and wanted.points > MOST_POINTS:
        found["points"] = _("Points go from 0 to %d.") % MOST_POINTS
    return found


def save(teacher: Teacher, section: Section, wanted: Facts, key: int | None = None) -> Assignment:
    """Make an assignment, or change the one of this key. Raises Assignment.DoesNotExist.

    Whoever changes where it goes aligns it: a resend by its vendor leaves that.
    """
    structure = structures([section.pk])[section.pk]
    with acting(teacher.name) as act:
        if key is None:
            row = Assignment(sourced_id=str(uuid4()), section=section)
            before: Facts | None = None
        else:
            row = _locked(section, key)
            before = facts(row)
            if before == wanted:
                return row
        _set(act, row, wanted, before, structure)
        row.save()
        told, was = asdict(wanted), asdict(before) if before else {}
        changed = {name for name in told if before is None or told[name] != was[name]}
        act.changed(
            "assignment", row.pk, section.pk, before={name: was[name] for name in changed} if before else None,
            after={name: told[name] for name in changed},
        )  # fmt: skip
        act.dirty(section.pk)
    return row


def delete(teacher: Teacher, section: Section, key: int) -> str:
    """Delete an assignment that was made here, with its scores; return its title. Raises Assignment.DoesNotExist."""
    with acting(teacher.name) as act:
        row = _locked(section, key)
        if row.owner_id is not None:
            raise Assignment.DoesNotExist
        delete_assignment(act, ASSIGNMENTS.locked([row.sourced_id])[row.sourced_id])
    return row.title


def _locked(section: Section, key: int) -> Assignment:
    return Assignment.objects.select_for_update(no_key=True).get(pk=key, section=section, deleted_at=None)


def _set(act: Act, row: Assignment, wanted: Facts, before: Facts | None, structure: Structure) -> None:
    moved: dict[str, Any] = {name: value for name, value in asdict(wanted).items() if name != "assigned_on"}
    if before is None or before.assigned_on != wanted.assigned_on:
        row.assigned_at = dt.datetime.combine(wanted.assigned_on, dt.time(), zone())
    if before is None or before.due_on != wanted.due_on:
        row.due_at = dt.datetime.combine(wanted.due_on, LAST_MOMENT, zone())
        held = structure.period_of(wanted.due_on)
        row.period_id = held.id if held else None
    if before is None or (before.category_id, before.task_id) != (wanted.category_id, wanted.task_id):
        row.aligned_by = Assignment.AlignedBy.TEACHER
    for name, value in moved.items():
        setattr(row, name, value)
    row.modified = act.at

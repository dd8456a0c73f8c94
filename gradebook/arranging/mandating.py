"""Grade calculation that is mandated for a course: teachers of its sections read it and cannot change it."""

from collections.abc import Mapping
from typing import Any

from gradebook.arranging.courses import periods_of, sections_of
from gradebook.models import GradeOptions
from gradebook.services.act import Act, acting
from gradebook.services.scales import use_scale
from gradebook.teaching.calculating import FIELDS, Choice, Row, choice_of, offered_since, scales
from interop import audit
from roster.models import Course


def rows(course: Course) -> list[Row]:
    """Return the options of each grading task of a course and term; `mandated` tells whether they are in force."""
    periods = periods_of(course.pk)
    there = {row.period_id: row for row in GradeOptions.objects.filter(period__in=list(periods), section=None)}
    return [
        Row(period, choice_of(there.get(key)), key in there, offered_since(periods, period))
        for key, period in periods.items()
    ]


def save(actor: str, course: Course, wanted: Mapping[int, Choice | None]) -> int:
    """Mandate options by TaskPeriod, or (None) leave them to the teachers; return how many changed.

    A scale or term that is not offered counts as none.
    """
    offered, known, sections = {row.period.key: row for row in rows(course)}, dict(scales()), sections_of(course.pk)
    with acting(actor) as act:
        changed = 0
        for key, choice in wanted.items():
            row = offered.get(key)
            if row is None or choice == (row.choice if row.mandated else None):
                continue
            if choice is None:
                _free(act, key)
            else:
                values = {name: getattr(choice, name) for name in FIELDS}
                values["scale_id"] = choice.scale_id if choice.scale_id in known else None
                since = choice.cumulative_from_id
                values["cumulative_from_id"] = since if since in dict(row.since) else None
                _mandate(act, key, values, sections)
            changed += 1
        if changed:
            act.dirty(*sections)
    return changed


def _mandate(act: Act, key: int, values: Mapping[str, Any], sections: list[int]) -> None:
    before = GradeOptions.objects.filter(period_id=key, section=None).values(*FIELDS).first()
    stored, _made = GradeOptions.objects.update_or_create(period_id=key, section=None, defaults=dict(values))
    if stored.scale:
        for section in sections:
            use_scale(act, stored.scale, section)
    act.changed("gradeoptions", stored.pk, None, before=before, after=values)
    audit.record(act.actor, "mandated grade calculation options", stored, before=before, after=values)


def _free(act: Act, key: int) -> None:
    row = GradeOptions.objects.get(period_id=key, section=None)
    before = {name: getattr(row, name) for name in FIELDS}
    act.changed("gradeoptions", row.pk, None, before=before, after={"deleted": True})
    audit.record(act.actor, "left grade calculation options to teachers", row, before=before)
    row.delete()

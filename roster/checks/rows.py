"""One record of a check as people read it: its name, and the values that matter."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import formats
from django.utils.translation import gettext as _

from roster import models
from roster.explaining.parts import title_of
from roster.explaining.remedies import Place

JOINS: Mapping[type[Model], tuple[str, ...]] = {
    models.Enrollment: ("person", "calendar__school"),
    models.DistrictAssignment: ("person", "school"),
    models.RosterEntry: ("person", "section__calendar__school"),
    models.SectionStaff: ("person", "section__calendar__school"),
    models.Section: ("calendar__school",),
    models.GradeLevel: ("calendar__school",),
    models.Calendar: ("school",),
}
"""The links to what names a record."""
ORDER: Mapping[type[Model], tuple[str, ...]] = {
    models.Person: ("family_name", "given_name"),
    models.Enrollment: ("person__family_name", "person__given_name"),
    models.DistrictAssignment: ("person__family_name", "person__given_name"),
    models.SectionStaff: ("person__family_name", "person__given_name"),
    models.Section: ("calendar__school__name", "title"),
    models.GradeLevel: ("calendar__school__name", "local_grade"),
    models.Calendar: ("school__name",),
}


@dataclass(frozen=True)
class Row:
    """A record of a list: `place` leads to where it is looked after."""

    name: str
    detail: str
    sourced_id: str
    place: Place


def listed(found: QuerySet[Any]) -> QuerySet[Any]:
    """Return the records of a check in an order that does not change, with what names them."""
    return found.select_related(*JOINS.get(found.model, ())).order_by(*ORDER.get(found.model, ()), "pk")


def row_of(record: Any) -> Row:
    """Return a record as a line of a list."""
    school = _school(record)
    dates = _dates(record) if hasattr(record, "start_date") else ""
    number = _("number %s") % record.local_id if getattr(record, "local_id", "") else ""
    detail = " · ".join(word for word in (number, school, dates) if word)
    return Row(_name(record), detail, record.sourced_id, Place.of(record))


def _name(record: Any) -> str:
    if isinstance(record, models.Enrollment | models.DistrictAssignment):
        return title_of(record.person)
    if isinstance(record, models.GradeLevel):
        return _("%(local)s, state code %(state)s") % {
            "local": record.local_grade, "state": record.state_code or _("blank")
        }  # fmt: skip
    if isinstance(record, models.Calendar):
        return str(record.school.name)
    if isinstance(record, models.Section):
        return f"{record.title} {record.number}".strip()
    return title_of(record)


def _school(record: Any) -> str:
    if isinstance(record, models.RosterEntry | models.SectionStaff):
        return str(record.section.calendar.school.name)
    if isinstance(record, models.Enrollment | models.Section | models.GradeLevel):
        return str(record.calendar.school.name)
    return str(record.school.name) if isinstance(record, models.DistrictAssignment) else ""


def _dates(record: Any) -> str:
    return _("%(start)s to %(end)s") % {"start": _day(record.start_date), "end": _day(record.end_date)}


def _day(value: dt.date | None) -> str:
    return str(formats.date_format(value, "M j, Y")) if value else _("blank")

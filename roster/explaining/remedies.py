"""What to do about a rule that keeps a record back, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils import formats
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interop.dates import district_day
from interop.models import AuditEvent
from roster import models
from roster.explaining.values import Looked, Seen
from roster.visibility import Rule

KINDS = "roster.screens.data.kinds.KINDS"
"""The screens of the district's data stand above this module, so they are known by name."""
OPEN: Mapping[type[Model], Any] = {
    models.Account: gettext_lazy("Open the account"),
    models.Calendar: gettext_lazy("Open the calendar"),
    models.Course: gettext_lazy("Open the course"),
    models.CourseMaster: gettext_lazy("Open the course master"),
    models.DistrictAssignment: gettext_lazy("Open the district assignment"),
    models.Enrollment: gettext_lazy("Open the enrollment"),
    models.GradeLevel: gettext_lazy("Open the grade level"),
    models.Person: gettext_lazy("Open the person"),
    models.Relationship: gettext_lazy("Open the relationship"),
    models.RosterEntry: gettext_lazy("Open the roster entry"),
    models.ScheduleStructure: gettext_lazy("Open the schedule structure"),
    models.School: gettext_lazy("Open the school"),
    models.SchoolYear: gettext_lazy("Open the school year"),
    models.Section: gettext_lazy("Open the section"),
    models.SectionStaff: gettext_lazy("Open the section staff"),
    models.Term: gettext_lazy("Open the term"),
}
OF_RULES: Mapping[str, Any] = {
    "school.has_calendar": gettext_lazy(
        "Give the school a calendar in the active school year, or clear External LMS Exclude on the one it has."
    ),
    "districtassignment.school_has_calendar": gettext_lazy("The school itself is not shared. See why."),
    "contact.student": gettext_lazy("A guardian or relative is shared with a student who is. See why this one is not."),
    "contact.active": gettext_lazy("Correct the relationship’s dates in the student information system."),
    "course.used": gettext_lazy("Add a section, or put the course into the active school year."),
    "rosterentry.section": gettext_lazy("See why the section is not shared."),
    "rosterentry.student": gettext_lazy(
        "See why the student is not shared, or whether the enrollment is at another school than the section."
    ),
    "sectionstaff.section": gettext_lazy("See why the section is not shared."),
    "sectionstaff.teacher": gettext_lazy(
        "A teacher needs a district assignment at the section’s school with Teacher marked. See the person’s."
    ),
    "relative.box": gettext_lazy("The person is a guardian, and shared as one."),
}
"""What to do about a rule that needs words of its own."""
OF_FIELDS: Mapping[str, Any] = {
    "external_lms_exclude": gettext_lazy(
        "Somebody marked this on purpose, and it holds for every vendor. Ask before you clear it."
    ),
    "ended_at": gettext_lazy("If it still exists, have the student information system send it again and import."),
    "start_date": gettext_lazy("Correct the dates in the student information system and import again."),
    "end_date": gettext_lazy("If it goes on, clear or correct the end date in the student information system."),
    "no_show": gettext_lazy("If the student came after all, clear No Show."),
    "title": gettext_lazy("Only the active school year is shared. If another one should be, make it active."),
    "teacher": gettext_lazy("Mark Teacher on the district assignment. Without it there are no classes to teach."),
    "roles": gettext_lazy("Mark a role other than Teacher; Program has no other effect."),
    "administrative_role": gettext_lazy("Give the person an administrative role at the school."),
    "portal": gettext_lazy("Mark Portal on the relationship, if the family agreed to it."),
    "guardian": gettext_lazy("Mark Guardian on the relationship."),
    "active": gettext_lazy("Mark it as active."),
    "kind": gettext_lazy("Only teachers of a section are shared with it. Change the line in Section Staff History."),
    "username": gettext_lazy("Give the person a username; the account may stay disabled."),
}
"""What to do about a value, by the field a rule looked at first."""


@dataclass(frozen=True)
class Screen:
    """A button: what it says, and where it leads."""

    title: str
    url: str


@dataclass(frozen=True)
class Place:
    """One row of the district's data, and the screen where it is looked after."""

    model: type[Model]
    pk: int

    @classmethod
    def of(cls, record: Model) -> "Place":
        """Return the place of a record."""
        return cls(type(record), record.pk)

    @property
    def title(self) -> str:
        """Return what the button says."""
        return str(OPEN[self.model])

    @property
    def key(self) -> str:
        """Return the table and the number: what a form sends to name the row."""
        return f"{self.model._meta.model_name}:{self.pk}"

    @property
    def url(self) -> str:
        """Return the screen's address."""
        return str(next(kind for kind in import_string(KINDS) if kind.model is self.model).record_url(self.pk))


def remedy_of(rule: Rule, looked: Sequence[Looked]) -> str:
    """Return what to do about a rule that is not met."""
    return str(OF_RULES.get(rule.name) or OF_FIELDS[looked[0].field])


def place_of(seen: Seen, record: Model) -> Place | None:
    """Return the row whose value decided: the first one looked at; where there is none, the record itself."""
    if seen.holders and seen.holders[0] is not None:
        return Place(seen.looked[0].model, seen.holders[0])
    return Place.of(record)


def marked_by(place: Place, field: str) -> str:
    """Return who marked the box here and when, by the audit trail; or that it came with the feed."""
    events = AuditEvent.objects.filter(
        object_type=place.model._meta.label, object_id=str(place.pk), after__has_key=field
    )
    last = events.first()
    if last is None or last.after[field] is not True:
        return _("Nobody marked it here: it came from the student information system.")
    return _("%(who)s marked it here on %(day)s.") % {
        "who": last.actor, "day": formats.date_format(district_day(last.at), "M j, Y"),
    }  # fmt: skip

"""Checks of the school year, grade levels, sections, teaching and dates."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from roster.checks.core import Check, Scope
from roster.checks.people import IN_THE_SIS
from roster.models import (
    Calendar,
    DistrictAssignment,
    Enrollment,
    GradeLevel,
    RosterEntry,
    SchoolYear,
    Section,
    SectionStaff,
    Term,
)
from roster.visibility import CALENDAR, SECTION, SECTION_STAFF, STUDENT, TEACHER, Rule, own_rules, passing

EARLIEST, LATEST = 1950, 2100
"""Years outside these are slips of the keyboard."""


def _rule(name: str) -> Rule:
    """Return one of the publisher's rules by its name."""
    rules = (*STUDENT, *SECTION)
    return next(rule for rule in rules if rule.name == name)


IN_YEAR = _rule("enrollment.dates_in_year")
ACTIVE_COURSE = _rule("section.course.active_box")


def _sections(scope: Scope) -> QuerySet[Section]:
    return passing(SECTION, scope.moment).filter(scope.at("calendar__school"))


def _unmapped(scope: Scope) -> QuerySet[GradeLevel]:
    """Return the grade levels that vendors are told nothing of; OneRoster 1.2 may get the local ones instead."""
    if scope.version == 12 and scope.settings.local_grades:
        return GradeLevel.objects.none()
    open_ = passing(CALENDAR, scope.moment).filter(scope.at("school"))
    return GradeLevel.objects.filter(nces_grade="", ended_at=None, external_lms_exclude=False, calendar__in=open_)


def _without_primary(scope: Scope) -> QuerySet[Section]:
    taught = passing(own_rules(SECTION_STAFF), scope.moment).filter(kind=SectionStaff.Kind.PRIMARY_TEACHER)
    return _sections(scope).exclude(pk__in=taught.values("section"))


def _without_assignment(scope: Scope) -> QuerySet[SectionStaff]:
    """Return the teachers of shared sections whom no current assignment at the school makes a teacher."""
    assigned = passing(TEACHER, scope.moment).filter(
        person=OuterRef("person"), school=OuterRef("section__calendar__school")
    )
    lines: QuerySet[SectionStaff] = passing(own_rules(SECTION_STAFF), scope.moment)
    return lines.filter(~Exists(assigned), section__in=_sections(scope))


def _outside_year(scope: Scope) -> QuerySet[Enrollment]:
    rows = Enrollment.objects.filter(ended_at=None, no_show=False, calendar__school_year=scope.moment.year)
    return rows.filter(scope.at("calendar__school")).exclude(IN_YEAR.condition(scope.moment))


def _inactive_course(scope: Scope) -> QuerySet[Section]:
    rows = Section.objects.filter(
        active=True, ended_at=None, course__ended_at=None, calendar__school_year=scope.moment.year
    )
    return rows.filter(scope.at("calendar__school")).exclude(ACTIVE_COURSE.condition(scope.moment))


def _narrower(scope: Scope) -> QuerySet[Calendar]:
    """Return the calendars of the year that begin before it or end after it."""
    outside = Q(start_date__lt=scope.moment.first_day) | Q(end_date__gt=scope.moment.last_day)
    return Calendar.objects.filter(outside, ended_at=None, school_year=scope.moment.year).filter(scope.at("school"))


def _blank_year(scope: Scope) -> QuerySet[SchoolYear]:
    return SchoolYear.objects.filter(Q(start_date=None) | Q(end_date=None), pk=scope.moment.year.pk)


def _odd_dates(model: Any, school: str, year: str) -> Callable[[Scope], QuerySet[Any]]:
    """Return a check's records: rows of the active year that end before they begin, or in no likely year.

    `school` and `year` are the paths to them; with a blank school the rows belong to every connection.
    """
    odd = Q(end_date__lt=F("start_date"))
    for field in ("start_date", "end_date"):
        odd |= Q(**{f"{field}__year__lt": EARLIEST}) | Q(**{f"{field}__year__gt": LATEST})

    def records(scope: Scope) -> QuerySet[Any]:
        rows: QuerySet[Any] = model.objects.filter(odd, ended_at=None)
        rows = rows.filter(**{year: scope.moment.year}) if year else rows
        return rows.filter(scope.at(school)) if school else rows

    return records


_ODD = _("They end before they begin, or lie in a year that is a slip of the keyboard.")
CHECKS = (
    Check(
        "schoolyear.blank", _("The active school year has a blank date"),
        _("A blank date stands for January 1 of its first or December 31 of its last year, so staff of other years may "
          "be shared."),
        IN_THE_SIS, _blank_year,
    ),
    Check(
        "calendar.wider", _("Calendars that reach beyond the school year"),
        _("Staff and enrollments are shared only when their dates fall within the school year."),
        _("Widen the school year: from the first day of school in the district at least, to the last."), _narrower,
    ),
    Check(
        "gradelevel.unmapped", _("Grade levels that are not mapped"),
        _("Their students go out without a grade."), _("Map the state grade level code to a national grade."),
        _unmapped,
    ),
    Check(
        "section.no_primary", _("Sections without a current Primary Teacher"),
        _("Vendors give a class to its primary teacher. Without one nobody opens it."),
        _("Add a Primary Teacher in Section Staff History."), _without_primary,
    ),
    Check(
        "sectionstaff.no_assignment", _("Teachers without a current assignment at the school"),
        _("They are shared neither as teachers nor with their sections."),
        _("Add a district assignment at the section’s school, with Teacher marked."), _without_assignment, blocks=True,
    ),
    Check(
        "section.inactive_course", _("Active sections of inactive courses"), _("They are not shared."),
        _("Mark the course as active, or the sections as inactive."), _inactive_course, blocks=True,
    ),
    Check(
        "enrollment.outside_year", _("Enrollments outside the school year"), _("Their students are not shared."),
        IN_THE_SIS, _outside_year, blocks=True,
    ),
    Check(
        "enrollment.dates", _("Enrollments with dates that look wrong"), _ODD, IN_THE_SIS,
        _odd_dates(Enrollment, "calendar__school", "calendar__school_year"),
    ),
    Check(
        "districtassignment.dates", _("District assignments with dates that look wrong"), _ODD, IN_THE_SIS,
        _odd_dates(DistrictAssignment, "school", ""),
    ),
    Check(
        "rosterentry.dates", _("Roster entries with dates that look wrong"), _ODD, IN_THE_SIS,
        _odd_dates(RosterEntry, "section__calendar__school", "section__calendar__school_year"),
    ),
    Check(
        "sectionstaff.dates", _("Section staff with dates that look wrong"), _ODD, IN_THE_SIS,
        _odd_dates(SectionStaff, "section__calendar__school", "section__calendar__school_year"),
    ),
    Check(
        "term.dates", _("Terms with dates that look wrong"), _ODD, IN_THE_SIS, _odd_dates(Term, "", "school_year"),
    ),
    Check(
        "calendar.dates", _("Calendars with dates that look wrong"), _ODD, IN_THE_SIS,
        _odd_dates(Calendar, "school", "school_year"),
    ),
)  # fmt: skip

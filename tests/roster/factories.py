"""Rows of a small district: Lincoln is open, a student is enrolled, nobody is excluded."""

import datetime

import factory
from factory.django import DjangoModelFactory

from roster import models

TODAY = datetime.date(2026, 10, 1)
YEAR_START, YEAR_END = datetime.date(2026, 8, 3), datetime.date(2027, 6, 11)


class Sis(DjangoModelFactory):
    class Meta:
        abstract = True

    sourced_id = factory.Sequence(lambda n: f"row-{n}")


class DistrictFactory(Sis):
    class Meta:
        model = models.District
        django_get_or_create = ("sourced_id",)

    sourced_id = "district"
    name = "Test District"


class SchoolYearFactory(Sis):
    class Meta:
        model = models.SchoolYear
        django_get_or_create = ("sourced_id",)

    sourced_id = "year-2027"
    title = "2026-27"
    start_year, end_year = 2026, 2027
    start_date, end_date = YEAR_START, YEAR_END
    active = True


class SchoolFactory(Sis):
    class Meta:
        model = models.School

    sourced_id = factory.Sequence(lambda n: f"school-{n}")
    district = factory.SubFactory(DistrictFactory)
    name = "Lincoln"


class CalendarFactory(Sis):
    class Meta:
        model = models.Calendar

    sourced_id = factory.Sequence(lambda n: f"calendar-{n}")
    school = factory.SubFactory(SchoolFactory)
    school_year = factory.SubFactory(SchoolYearFactory)


class PersonFactory(Sis):
    class Meta:
        model = models.Person

    sourced_id = factory.Sequence(lambda n: f"person-{n}")
    given_name = "Ada"
    family_name = factory.Sequence(lambda n: f"Family{n}")


class GradeLevelFactory(Sis):
    class Meta:
        model = models.GradeLevel

    sourced_id = factory.Sequence(lambda n: f"grade-{n}")
    calendar = factory.SubFactory(CalendarFactory)
    local_grade, nces_grade = "Seven", "07"


class EnrollmentFactory(Sis):
    class Meta:
        model = models.Enrollment

    sourced_id = factory.Sequence(lambda n: f"enrollment-{n}")
    person = factory.SubFactory(PersonFactory)
    calendar = factory.SubFactory(CalendarFactory)
    start_date = YEAR_START


class AssignmentFactory(Sis):
    class Meta:
        model = models.DistrictAssignment

    sourced_id = factory.Sequence(lambda n: f"assignment-{n}")
    person = factory.SubFactory(PersonFactory)
    school = factory.SubFactory(SchoolFactory)
    start_date = datetime.date(2015, 8, 1)


class RelationshipFactory(Sis):
    class Meta:
        model = models.Relationship

    sourced_id = factory.Sequence(lambda n: f"relationship-{n}")
    student = factory.SubFactory(PersonFactory)
    contact = factory.SubFactory(PersonFactory)
    guardian = portal = True


class CourseFactory(Sis):
    class Meta:
        model = models.Course

    sourced_id = factory.Sequence(lambda n: f"course-{n}")
    title = "Algebra"


class SectionFactory(Sis):
    class Meta:
        model = models.Section

    sourced_id = factory.Sequence(lambda n: f"section-{n}")
    course = factory.SubFactory(CourseFactory)
    calendar = factory.SubFactory(CalendarFactory)
    title = "Algebra 1"


class SectionStaffFactory(Sis):
    class Meta:
        model = models.SectionStaff

    sourced_id = factory.Sequence(lambda n: f"staff-{n}")
    section = factory.SubFactory(SectionFactory)
    person = factory.SubFactory(PersonFactory)
    kind = "primary teacher"


class RosterEntryFactory(Sis):
    class Meta:
        model = models.RosterEntry

    sourced_id = factory.Sequence(lambda n: f"entry-{n}")
    section = factory.SubFactory(SectionFactory)
    person = factory.SubFactory(PersonFactory)


class TermFactory(Sis):
    class Meta:
        model = models.Term

    sourced_id = factory.Sequence(lambda n: f"term-{n}")
    school_year = factory.SubFactory(SchoolYearFactory)
    kind = "term"
    title = "Fall"
    start_date, end_date = YEAR_START, datetime.date(2026, 12, 18)


class CourseMasterFactory(Sis):
    class Meta:
        model = models.CourseMaster

    sourced_id = factory.Sequence(lambda n: f"master-{n}")
    title = "Algebra"


class StructureFactory(Sis):
    class Meta:
        model = models.ScheduleStructure

    sourced_id = factory.Sequence(lambda n: f"structure-{n}")
    calendar = factory.SubFactory(CalendarFactory)
    name = "Main"

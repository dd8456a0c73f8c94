"""A district in which every table the wire knows has one row with nothing left out, published on a fixed day."""

import datetime as dt

from roster import wire
from roster.models import Account, Demographics, Resource
from roster.publishing import publish
from tests.roster import factories as make

KINDS = sorted(getattr(wire, name).object for name in wire.__all__)
"""Every kind of record of the roster's wire; each must have a golden."""
DAY = dt.date(2026, 10, 1)
PUBLISHED = dt.datetime(2026, 10, 1, 18, 0, tzinfo=dt.UTC)
FALL_ENDS = dt.date(2026, 12, 18)
SINGLES = {
    "org-district": "/orgs/district",
    "org-school": "/schools/lincoln",
    "academicSession-schoolYear": "/academicSessions/year-2027",
    "academicSession-term": "/terms/fall",
    "academicSession-gradingPeriod": "/gradingPeriods/quarter",
    "course": "/courses/algebra",
    "class": "/classes/algebra-1",
    "user-student": "/students/ada",
    "user-teacher": "/teachers/grace",
    "user-guardian": "/users/annabella",
    "enrollment-student": "/enrollments/sits",
    "enrollment-teacher": "/enrollments/teaches",
    "demographics": "/demographics/ada",
    "resource": "/resources/book",
}
"""Where each record is read, by the name of its golden; below the service's address."""
REFUSED = {
    "400-limit": ("/users?limit=many", 400),
    "400-filter": ("/users?filter=shoeSize='9'", 400),
    "404-object": ("/users/nobody", 404),
    "404-route": ("/shoes", 404),
}
"""What is refused alike in both versions, and with which status."""


def publish_filled_district() -> None:
    """Make the rows and publish them."""
    resource = Resource.objects.create(
        sourced_id="book", title="Algebra, the book", roles=["teacher", "student"], importance="primary",
        vendor_resource_id="isbn-1", vendor_id="press", application_id="reader",
    )  # fmt: skip
    make.DistrictFactory(identifier="4800001")
    calendar = make.CalendarFactory(
        school__sourced_id="lincoln", school__name="Lincoln High", school__identifier="480000101"
    )
    student, teacher, mother = _people(calendar.school, resource)
    grade = make.GradeLevelFactory(calendar=calendar)
    make.EnrollmentFactory(person=student, calendar=calendar, grade_level=grade, end_date=make.YEAR_END)
    make.AssignmentFactory(person=teacher, school=calendar.school, teacher=True, end_date=make.YEAR_END)
    make.RelationshipFactory(student=student, contact=mother)
    section = _section(calendar, resource)
    dates = {"start_date": make.YEAR_START, "end_date": make.YEAR_END}
    make.SectionStaffFactory(sourced_id="teaches", section=section, person=teacher, **dates)
    make.RosterEntryFactory(sourced_id="sits", section=section, person=student, **dates)
    publish(PUBLISHED, force=True)


def _people(school, resource):  # type: ignore[no-untyped-def]
    student = make.PersonFactory(
        sourced_id="ada", given_name="Ada", family_name="Byron", middle_name="King", preferred_given_name="Addie",
        preferred_middle_name="K.", preferred_family_name="Lovelace", pronouns="she/her", local_id="1001",
        state_id="S-1001", master_identifier="M-1001", email="ada@lincoln.example", cell_phone="+1 555 0100",
        other_phone="+1 555 0101", primary_school=school,
    )  # fmt: skip
    student.resources.add(resource)
    Account.objects.create(person=student, username="abyron", enabled=True)
    Demographics.objects.create(
        person=student, birth_date=dt.date(2012, 12, 10), sex="female", american_indian_or_alaska_native=False,
        asian=False, black_or_african_american=False, native_hawaiian_or_other_pacific_islander=False, white=True,
        two_or_more_races=False, hispanic_or_latino=True, country_of_birth="US", state_of_birth="TX",
        city_of_birth="Austin", public_school_residence_status="01652",
    )  # fmt: skip
    teacher = make.PersonFactory(sourced_id="grace", given_name="Grace", family_name="Hopper")
    mother = make.PersonFactory(sourced_id="annabella", given_name="Annabella", family_name="Byron")
    return student, teacher, mother


def _section(calendar, resource):  # type: ignore[no-untyped-def]
    words = {"grades": ["07"], "subjects": ["Mathematics"], "subject_codes": ["02052"]}
    course = make.CourseFactory(
        sourced_id="algebra", title="Algebra", number="MATH-1", school=calendar.school,
        school_year=calendar.school_year, **words,
    )  # fmt: skip
    section = make.SectionFactory(
        sourced_id="algebra-1", title="Algebra, period 1", number="MATH-1-1", course=course, calendar=calendar,
        room="Room 12", periods=["1", "3"], **words,
    )  # fmt: skip
    fall = make.TermFactory(sourced_id="fall")
    make.TermFactory(
        sourced_id="quarter", title="Quarter 1", kind="gradingPeriod", parent=fall, end_date=dt.date(2026, 10, 16)
    )
    section.terms.add(fall)
    for owner in (course, section):
        owner.resources.add(resource)
    return section

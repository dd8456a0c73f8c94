"""Each rule, switched off one at a time; and the edges of dates that people argue about."""

import datetime

import pytest

from roster import models, visibility
from roster.visibility import Moment, judge, passing
from tests.roster import factories as make

DAY = datetime.timedelta(days=1)
LISTS = {
    name: getattr(visibility, name)
    for name in ("STUDENT", "TEACHER", "AIDE", "ADMINISTRATOR", "GUARDIAN", "RELATIVE", "SECTION", "COURSE", "SCHOOL",
                 "CALENDAR", "ROSTER_ENTRY", "SECTION_STAFF", "TERM")
}  # fmt: skip


def moment(day: datetime.date = make.TODAY) -> Moment:
    return Moment(models.SchoolYear.objects.get(active=True), day)


def is_shared(rules, record, day=make.TODAY) -> bool:
    return passing(rules, moment(day)).filter(pk=record.pk).exists()


def failing(rules, record, day=make.TODAY) -> set[str]:
    return {rule.name for rule, met in judge(rules, record, moment(day)) if not met}


def change(record, **values):
    type(record).objects.filter(pk=record.pk).update(**values)


@pytest.mark.parametrize("rules", LISTS.values(), ids=LISTS)
def test_rules_of_a_kind_have_names_of_their_own_and_sentences_for_people(rules):
    assert len({rule.name for rule in rules}) == len(rules)
    assert len({rule.applies_to for rule in rules}) == 1
    assert all(rule.sentence.endswith(".") for rule in rules)


@pytest.mark.parametrize(
    ("path", "values", "rule"),
    [
        ("school", {"external_lms_exclude": True}, "enrollment.calendar.school.not_excluded"),
        ("calendar", {"external_lms_exclude": True}, "enrollment.calendar.not_excluded"),
        ("grade", {"external_lms_exclude": True}, "enrollment.grade_level.not_excluded"),
        ("enrollment", {"external_lms_exclude": True}, "enrollment.not_excluded"),
        ("student", {"external_lms_exclude": True}, "enrollment.person.not_excluded"),
        ("enrollment", {"no_show": True}, "enrollment.no_show"),
        ("enrollment", {"start_date": make.YEAR_END + DAY}, "enrollment.dates_in_year"),
        ("enrollment", {"end_date": make.TODAY - DAY}, "enrollment.end_not_past"),
    ],
)
def test_one_reason_alone_hides_a_student(lincoln, path, values, rule):
    assert is_shared(visibility.STUDENT, lincoln.enrollment)
    change(getattr(lincoln, path), **values)
    assert not is_shared(visibility.STUDENT, lincoln.enrollment)
    assert failing(visibility.STUDENT, lincoln.enrollment) == {rule}


def test_an_excluded_schedule_structure_hides_its_grade_levels_students(lincoln):
    structure = models.ScheduleStructure.objects.create(
        sourced_id="structure", calendar=lincoln.calendar, name="Main", external_lms_exclude=True
    )
    change(lincoln.grade, schedule_structure=structure)
    assert failing(visibility.STUDENT, lincoln.enrollment) == {"enrollment.grade_level.schedule_structure.not_excluded"}


@pytest.mark.parametrize(
    ("end", "calendar_end", "day", "shared"),
    [
        (None, None, make.YEAR_END + DAY, True),
        (make.TODAY, None, make.TODAY, True),
        (make.TODAY - DAY, None, make.TODAY, False),
        (make.YEAR_END, None, make.YEAR_END + 30 * DAY, True),
        (make.YEAR_END - DAY, make.YEAR_END - DAY, make.YEAR_END + DAY, True),
        (make.YEAR_END, make.YEAR_END - DAY, make.YEAR_END + DAY, False),
        (None, None, make.YEAR_START - 30 * DAY, True),
    ],
)
def test_a_student_stays_active_after_school_ends_only_when_enrolled_to_its_last_day(
    lincoln, end, calendar_end, day, shared
):
    change(lincoln.enrollment, end_date=end)
    change(lincoln.calendar, end_date=calendar_end)
    assert is_shared(visibility.STUDENT, lincoln.enrollment, day) is shared


@pytest.mark.parametrize(
    ("path", "values", "rule"),
    [
        ("assignment", {"teacher": False}, "teacher.box"),
        ("assignment", {"external_lms_exclude": True}, "districtassignment.not_excluded"),
        ("assignment", {"end_date": make.TODAY - DAY}, "districtassignment.end_not_past"),
        ("assignment", {"start_date": make.YEAR_END + DAY}, "districtassignment.dates_in_year"),
        ("teacher", {"external_lms_exclude": True}, "districtassignment.person.not_excluded"),
        ("calendar", {"external_lms_exclude": True}, "districtassignment.school_has_calendar"),
    ],
)
def test_one_reason_alone_hides_a_teacher(lincoln, path, values, rule):
    assert is_shared(visibility.TEACHER, lincoln.assignment)
    change(getattr(lincoln, path), **values)
    assert failing(visibility.TEACHER, lincoln.assignment) == {rule}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("relationship", {"portal": False}),
        ("relationship", {"end_date": make.TODAY - DAY}),
        ("relationship", {"start_date": make.TODAY + DAY}),
        ("mother", {"external_lms_exclude": True}),
        ("enrollment", {"no_show": True}),
    ],
)
def test_one_reason_alone_hides_a_guardian(lincoln, path, values):
    assert is_shared(visibility.GUARDIAN, lincoln.relationship)
    assert not is_shared(visibility.RELATIVE, lincoln.relationship)
    change(getattr(lincoln, path), **values)
    assert not is_shared(visibility.GUARDIAN, lincoln.relationship)


def test_without_the_guardian_box_a_contact_is_a_relative(lincoln):
    change(lincoln.relationship, guardian=False)
    assert is_shared(visibility.RELATIVE, lincoln.relationship)
    assert not is_shared(visibility.GUARDIAN, lincoln.relationship)


@pytest.mark.parametrize("path", ["school", "calendar", "course", "section"])
def test_an_excluded_box_above_hides_the_section_and_its_enrollments(lincoln, path):
    change(getattr(lincoln, path), external_lms_exclude=True)
    assert not is_shared(visibility.SECTION, lincoln.section)
    assert not is_shared(visibility.ROSTER_ENTRY, lincoln.entry)
    assert not is_shared(visibility.SECTION_STAFF, lincoln.staff)


def test_an_excluded_course_master_hides_course_and_section(lincoln):
    master = models.CourseMaster.objects.create(sourced_id="master", title="Algebra", external_lms_exclude=True)
    change(lincoln.course, course_master=master)
    assert not is_shared(visibility.COURSE, lincoln.course)
    assert failing(visibility.SECTION, lincoln.section) == {"section.course.course_master.not_excluded"}


def test_other_section_staff_make_no_enrollment(lincoln):
    change(lincoln.staff, kind="other")
    assert failing(visibility.SECTION_STAFF, lincoln.staff) == {"sectionstaff.kind"}


def test_a_student_whose_last_enrollment_ended_is_to_be_deleted_even_at_the_first_publication(published, lincoln):
    change(lincoln.enrollment, end_date=make.TODAY - DAY)
    published.refresh()
    student = published.docs("user")["student"]
    assert student["status"] == "tobedeleted"
    assert student["roles"][0]["endDate"] == "2026-09-30"
    assert "mother" not in published.docs("user")
    assert "sits" not in published.docs("enrollment")


def test_of_two_enrollments_one_ended_only_drops_its_role(published, lincoln):
    washington = make.CalendarFactory(school__sourced_id="washington")
    make.EnrollmentFactory(person=lincoln.student, calendar=washington)
    change(lincoln.enrollment, end_date=make.TODAY - DAY)
    published.refresh()
    student = published.docs("user")["student"]
    assert (student["status"], [role["org"]["sourcedId"] for role in student["roles"]]) == ("active", ["washington"])


def test_of_several_primary_enrollments_the_earliest_is_primary(published, lincoln):
    washington = make.CalendarFactory(school__sourced_id="washington")
    make.EnrollmentFactory(person=lincoln.student, calendar=washington, start_date=make.YEAR_START - DAY)
    published.refresh()
    student = published.docs("user")["student"]
    assert [(role["org"]["sourcedId"], role["roleType"]) for role in student["roles"]] == [
        ("washington", "primary"), ("lincoln", "secondary"),
    ]  # fmt: skip
    assert student["primaryOrg"]["sourcedId"] == "washington"


def test_staff_with_several_boxes_have_several_roles_at_one_school_and_one_primary(published, lincoln):
    change(lincoln.assignment, roles=["program"], administrative_role="principal")
    published.refresh()
    assert [(role["role"], role["roleType"]) for role in published.docs("user")["teacher"]["roles"]] == [
        ("teacher", "primary"), ("principal", "secondary"), ("aide", "secondary"),
    ]  # fmt: skip


def test_grading_periods_and_parents_of_used_terms_are_shared_and_unused_terms_are_not(published, lincoln):
    semester = make.TermFactory(sourced_id="semester", kind="semester")
    change(lincoln.term, parent=semester)
    make.TermFactory(sourced_id="grading", kind="gradingPeriod", parent=lincoln.term)
    make.TermFactory(sourced_id="unused")
    published.refresh()
    sessions = published.docs("academicSession")
    assert set(sessions) == {"year-2027", "semester", "term", "grading"}
    assert [child["sourcedId"] for child in sessions["term"]["children"]] == ["grading"]
    assert sessions["semester"]["parent"]["sourcedId"] == "year-2027"


def test_a_grading_period_goes_with_every_school_that_meets_in_a_term_above_it(published, lincoln):
    year = make.TermFactory(sourced_id="whole", kind="term")
    change(lincoln.term, parent=year)
    make.TermFactory(sourced_id="grading", kind="gradingPeriod", parent=lincoln.term)
    washington = make.CalendarFactory(school__sourced_id="washington")
    make.SectionFactory(course=lincoln.course, calendar=washington).terms.add(year)
    published.refresh()
    both = sorted([lincoln.school.pk, washington.school.pk])
    record = models.Record.objects.get(version=12, object="academicSession", sourced_id="grading")
    assert [record.school, *record.others] == both


def test_a_course_belongs_to_its_own_school_only_in_its_year_and_to_the_schools_that_teach_it(published, lincoln):
    washington = make.CalendarFactory(school__sourced_id="washington")
    old = make.SchoolYearFactory(sourced_id="year-2026", start_year=2025, end_year=2026, active=False)
    course = make.CourseFactory(sourced_id="old", school=lincoln.school, school_year=old)
    published.refresh()
    assert "old" not in published.docs("course")
    make.SectionFactory(course=course, calendar=washington)
    published.refresh()
    record = models.Record.objects.get(version=12, object="course", sourced_id="old")
    assert (record.school, record.others) == (washington.school.pk, None)


def test_a_secondary_address_equal_to_the_first_is_kept_for_connections_that_ask_for_it(published, lincoln):
    change(lincoln.teacher, email="one@example.org", secondary_email="one@example.org")
    published.refresh()
    assert (
        models.Record.objects.get(version=12, object="user", sourced_id="teacher").find["_secondaryEmail"]
        == "one@example.org"
    )


def test_blank_school_year_dates_mean_the_first_of_january_to_the_last_of_december(published, lincoln):
    year = lincoln.calendar.school_year
    change(year, start_date=None, end_date=None)
    published.refresh()
    doc = published.docs("academicSession")[year.sourced_id]
    assert (doc["startDate"], doc["endDate"]) == ("2026-01-01", "2027-12-31")
    change(lincoln.assignment, start_date=datetime.date(2028, 1, 1))
    assert failing(visibility.TEACHER, lincoln.assignment) == {"districtassignment.dates_in_year"}
    change(lincoln.assignment, start_date=datetime.date(2027, 12, 31))
    assert failing(visibility.TEACHER, lincoln.assignment) == set()


def test_a_teacher_without_a_district_assignment_at_the_school_makes_no_enrollment_there(published, lincoln):
    change(lincoln.assignment, school=make.CalendarFactory(school__sourced_id="washington").school)
    published.refresh()
    assert "teacher" in published.docs("user")
    assert "teaches" not in published.docs("enrollment")


def test_a_person_with_roles_beside_teacher_is_an_aide_and_one_without_any_role_is_not_shared(published, lincoln):
    make.AssignmentFactory(person__sourced_id="nurse", school=lincoln.school, roles=["health"])
    make.AssignmentFactory(person__sourced_id="nobody", school=lincoln.school)
    published.refresh()
    users = published.docs("user")
    assert [role["role"] for role in users["nurse"]["roles"]] == ["aide"]
    assert "nobody" not in users


def test_a_secondary_enrollment_alone_is_a_secondary_role(published, lincoln):
    change(lincoln.enrollment, service_type="secondary")
    published.refresh()
    assert [role["roleType"] for role in published.docs("user")["student"]["roles"]] == ["secondary"]


def test_dates_on_the_wire_are_the_sis_own(published, lincoln):
    day = make.TODAY + 3 * DAY
    change(lincoln.entry, start_date=make.TODAY, end_date=day)
    published.refresh()
    entry = published.docs("enrollment")["sits"]
    assert (entry["beginDate"], entry["endDate"]) == (make.TODAY.isoformat(), day.isoformat())
    assert published.docs("academicSession")["term"]["endDate"] == lincoln.term.end_date.isoformat()


def test_preferred_names_and_both_phones_are_told(published, lincoln):
    change(
        lincoln.student, preferred_given_name="Al", preferred_middle_name="B", preferred_family_name="C",
        other_phone="1", cell_phone="2", local_id="4711", state_id="S1",
    )  # fmt: skip
    published.refresh()
    told = published.docs("user")["student"]
    names = ("preferredFirstName", "preferredMiddleName", "preferredLastName", "phone", "sms", "identifier")
    assert [told[name] for name in names] == ["Al", "B", "C", "1", "2", "4711"]
    assert told["userIds"] == [{"type": "stateID", "identifier": "S1"}]


def test_only_the_active_year_is_shared(published, lincoln):
    old = make.SchoolYearFactory(sourced_id="year-2026", start_year=2025, end_year=2026, active=False)
    past = make.CalendarFactory(school=lincoln.school, school_year=old)
    make.EnrollmentFactory(person__sourced_id="past", calendar=past)
    make.SectionFactory(sourced_id="past", calendar=past, course=lincoln.course)
    make.TermFactory(sourced_id="past", school_year=old)
    published.refresh()
    for kind in ("user", "class", "academicSession"):
        assert published.docs(kind)
        assert "past" not in published.docs(kind)

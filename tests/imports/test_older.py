"""Packages of OneRoster 1.1: no roles.csv, one role for each person, and what exporters make of it."""

import datetime
from pathlib import Path

import pytest

from roster.imports.feed import import_package
from roster.imports.problems import ImportRefused
from roster.models import Calendar, Demographics, DistrictAssignment, Enrollment, Person, Relationship, SectionStaff
from tests.imports.conftest import written
from tests.imports.test_feed import load, stages_dropped

pytestmark = pytest.mark.django_db
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password"
)
STUDENT = 'stu,,,true,lincoln,student,ada,"{Fed:1},{State ID: 77 X}",Ada,Byron,,4711,,,,mum,09,secret'
TEACHER = 'tea,,,TRUE,"lincoln, adams",Teacher,tess,,Tess,Tee,,,,,,,,'
PACKAGE = {
    "manifest": "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\n"
    + "".join(f"file.{name},bulk\n" for name in (
        "academicSessions", "categories", "classes", "courses", "demographics", "enrollments", "lineItems", "orgs",
        "users",
    ))
    + "".join(f"file.{name},absent\n" for name in ("classResources", "courseResources", "resources", "results")),
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
    "d,,,District,district,,\nlincoln,active,2026-08-01T00:00:00.000Z,Lincoln,School,L1,d\nadams,,,Adams,school,,d\n",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n"
    "y,,,2026-27,schoolYear,2026-08-01,2027-06-30,,2027\nt,,,Fall,term,2026-08-01,2026-12-20Z,y,2027\n"
    "q,,,Q1,gradingPeriod,2026-08-01,2026-10-01,t,2027\n",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
    'subjectCodes\nc,,,y,Algebra,A1,"09, 10",lincoln,,\n',
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n"
    "k,,,Algebra 1,,c,1,Scheduled,Room 1,lincoln,t,,,1\nwhole,,,All year,,c,2,scheduled,,adams,y,,,\n",
    "users": f"{USERS}\n{STUDENT}\n{TEACHER}\nmum,,,true,lincoln,parent,mum,,Mary,Byron,,,,,,,,\n"
    "adm,,,true,adams,administrator,adm,,Al,Min,,,,,,,,\n",
    "demographics": "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,"
    "blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,"
    "hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus\n"
    "stu,,,2012-01-02,female,false,true,,,,,,US,,,\n",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate\ne1,,,k,lincoln,stu,student,,2026-08-03,\ne2,,,k,lincoln,tea,teacher,true,,\n",
    "categories": "sourcedId,status,dateLastModified,title\ncat,,,Tests\n",
    "lineItems": "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,"
    "categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax\n"
    f"li,,,Test 1,{'long ' * 100},2026-09-01,2026-09-02,k,cat,q,0,100\n",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "package", PACKAGE)


def test_a_student_of_1_1_is_enrolled_in_the_school_of_their_orgs(folder: Path) -> None:
    load(folder)
    enrollment = Enrollment.objects.get()
    assert (enrollment.person.sourced_id, enrollment.calendar.school.sourced_id) == ("stu", "lincoln")
    assert enrollment.calendar.school_year.active
    assert enrollment.grade_level
    assert enrollment.grade_level.local_grade == "09"
    assert Demographics.objects.get().birth_date == datetime.date(2012, 1, 2)


def test_staff_of_1_1_hold_an_assignment_at_each_of_their_schools(folder: Path) -> None:
    load(folder)
    places = DistrictAssignment.objects.order_by("person__sourced_id", "school__sourced_id")
    assert list(places.values_list("person__sourced_id", "school__sourced_id", "teacher", "administrative_role")) == [
        ("adm", "adams", False, "siteAdministrator"), ("tea", "adams", True, ""), ("tea", "lincoln", True, ""),
    ]  # fmt: skip
    assert SectionStaff.objects.get().kind == SectionStaff.Kind.PRIMARY_TEACHER


def test_an_agent_of_1_1_is_a_guardian_unless_their_role_is_relative(folder: Path) -> None:
    load(folder)
    relationship = Relationship.objects.get()
    assert (relationship.student.sourced_id, relationship.contact.sourced_id) == ("stu", "mum")
    assert relationship.guardian
    assert relationship.portal


def test_a_class_of_the_whole_school_year_has_that_years_calendar(folder: Path) -> None:
    load(folder)
    assert Calendar.objects.get(school__sourced_id="adams").sections.get().sourced_id == "whole"


def test_a_state_id_among_the_user_ids_is_taken(folder: Path) -> None:
    load(folder)
    assert Person.objects.get(sourced_id="stu").state_id == "77 X"


def test_what_1_1_cannot_say_is_kept_here(folder: Path) -> None:
    load(folder)
    Person.objects.filter(sourced_id="stu").update(preferred_given_name="Addie", pronouns="she", master_identifier="m")
    (folder / "users.csv").write_text(PACKAGE["users"].replace("4711", "4712"))
    assert load(folder) == (0, 1, 0)
    student = Person.objects.get(sourced_id="stu")
    assert (student.local_id, student.preferred_given_name, student.pronouns, student.master_identifier) == (
        "4712", "Addie", "she", "m",
    )  # fmt: skip


def test_a_delta_of_1_1_ends_the_roles_its_rows_no_longer_name(folder: Path) -> None:
    load(folder)
    manifest = PACKAGE["manifest"].replace(",bulk", ",absent").replace("file.users,absent", "file.users,delta")
    row = TEACHER.replace("tea,,,", "tea,active,2026-10-01T00:00:00.000Z,").replace("lincoln, adams", "lincoln")
    written(folder.parent / "delta", {"manifest": manifest, "users": f"{USERS}\n{row}\n"})
    assert load(folder.parent / "delta") == (0, 0, 1)
    ended = DistrictAssignment.objects.exclude(ended_at=None)
    assert list(ended.values_list("person__sourced_id", "school__sourced_id")) == [("tea", "adams")]


def test_drift_is_taken_with_a_warning_and_unstored_files_are_named(folder: Path) -> None:
    _, report = import_package(folder, dry_run=False, confirmed=False)
    stages_dropped()
    warned = {(file, column) for file, column, _ in report.warnings}
    assert warned == {
        ("orgs.csv", "status"), ("orgs.csv", "dateLastModified"), ("orgs.csv", "type"), ("users.csv", "enabledUser"),
        ("users.csv", "orgSourcedIds"), ("users.csv", "role"), ("classes.csv", "classType"), ("courses.csv", "grades"),
        ("academicSessions.csv", "endDate"), ("lineItems.csv", ""), ("categories.csv", ""),
    }  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "expected"), [
    ("users", ",student,", ",counselor,", "users.csv line 2, role: .*expected one of"),
    ("users", "lincoln,student", "nowhere,student", "users.csv line 2, orgSourcedIds: nowhere is not in orgs.csv"),
    ("lineItems", ",cat,", ",dog,", "lineItems.csv line 2, categorySourcedId: dog is not in categories.csv"),
    ("lineItems", ",q,", ",z,", "lineItems.csv line 2, gradingPeriodSourcedId: z is not in academicSessions.csv"),
    ("demographics", "stu,", "who,", "demographics.csv line 2, sourcedId: who is not in users.csv"),
    ("courses", ",y,", ",t,", "courses.csv line 2, schoolYearSourcedId: t is of type term; expected type schoolYear"),
    ("users", "4711", "4" * 300, "users.csv line 2, identifier: has 300 characters; at most 255"),
])  # fmt: skip
def test_a_wrong_cell_of_1_1_is_refused(folder: Path, file: str, old: str, new: str, expected: str) -> None:
    assert old in PACKAGE[file]
    (folder / f"{file}.csv").write_text(PACKAGE[file].replace(old, new, 1))
    with pytest.raises(ImportRefused, match=expected):
        load(folder)
    assert not Person.objects.exists()

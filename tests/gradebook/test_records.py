"""Report cards and transcripts: what stands on them, who opens them, and those made for many at once."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from gradebook.models import GradeOptions, PostedGrade, RecordBatch, RecordSettings
from gradebook.records import batches, cards
from interop import cleaning, crypto
from interop.jobs.models import JobRun
from interop.jobs.running import Refused, Run
from interop.models import AuditEvent
from tests.gradebook.taught import Taught, teach
from tests.gradebook.test_teacher_matrix import TODAY, signed_in
from tests.roster import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradebook.pages.guard.district_day", lambda _now: TODAY)


def grade(one: Taught, student: int, quarter: str, score: str, percent: object = None, **facts) -> PostedGrade:
    """Post a grade."""
    now = timezone.now()
    return PostedGrade.objects.create(
        sourced_id=f"{one.section.pk}-{student}-{quarter}", section=one.section, person=one.students[student],
        period=one.periods[quarter], score=score, percent=percent, posted_by="t", posted_at=now, modified=now, **facts,
    )  # fmt: skip


@pytest.fixture
def taught() -> tuple[Taught, Taught]:
    """Algebra of this year, and Biology of last year, with final grades of the same student."""
    algebra = teach("algebra-1", students=2)
    course = make.CourseFactory(title="=Biology", number="B1", school=algebra.section.course.school)
    biology = teach("biology-1", students=0, course=course)
    biology.students = algebra.students
    last = make.SchoolYearFactory(sourced_id="2025", title="2025-26", start_year=2025, end_year=2026, active=False)
    calendar = make.CalendarFactory(sourced_id="last", school_year=last, school=algebra.section.calendar.school)
    type(biology.section).objects.filter(pk=biology.section.pk).update(calendar=calendar)
    for one, worth in ((algebra, "0.5"), (biology, "1")):
        task = one.periods["Quarter 1"].task
        task.transcript, task.credits = True, Decimal(worth)
        task.save()
    make.EnrollmentFactory(person=algebra.students[0], calendar=algebra.section.calendar)
    grade(algebra, 0, "Quarter 1", "A", 91.5, comment="Works <hard>.")
    grade(algebra, 0, "Quarter 2", "C")
    grade(biology, 0, "Quarter 2", "F", 12)
    return algebra, biology


def office(role: str) -> Client:
    client = Client(raise_request_exception=False)
    user = User.objects.create_user(f"office-{role}", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    client.force_login(user)
    return client


def test_a_report_card_has_the_years_grades_and_a_transcript_all_years_with_the_average(taught) -> None:
    algebra, _biology = taught
    people = [each.pk for each in algebra.students]
    first, second = cards.report_cards(people, algebra.section.calendar.school_year)
    assert (first.terms, second.rows) == (["Quarter 1", "Quarter 2"], [])
    [row] = first.rows
    assert (row.course, row.task, row.teachers) == ("Algebra", "Quarter Grade", "Eleanor Voss")
    assert [(cell.score, cell.percent) for cell in row.cells] == [("A", "91.5"), ("C", "")]
    assert row.comments == [("Quarter 1", "Works <hard>.")]
    [transcript] = cards.transcripts(people[:1])
    assert [(year.title, year.total.average) for year in transcript.years] == [
        ("2025-26", Decimal("0.000")), (algebra.section.calendar.school_year.title, Decimal("3.000")),
    ]  # fmt: skip
    assert transcript.total == (Decimal("2.0"), Decimal("1.0"), Decimal("1.500"))
    GradeOptions.objects.filter(section=algebra.section, period=algebra.periods["Quarter 2"]).update(portal=False)
    [seen] = cards.report_cards(people[:1], algebra.section.calendar.school_year, family=True)
    assert seen.terms == ["Quarter 1"], "what families do not see stands on no card of theirs"


def test_the_office_opens_them_a_viewer_and_strangers_do_not_and_the_trail_tells(taught) -> None:
    algebra, _biology = taught
    person, editor, viewer = algebra.students[0], office("editor"), office("viewer")
    base = "/admin/report-cards/"
    for path in ("report-card", "transcript"):
        shown = editor.get(f"{base}students/{person.pk}/{path}/")
        assert shown.status_code == 200
        assert viewer.get(f"{base}students/{person.pk}/{path}/").status_code == 403
    assert "GPA 1.500" in shown.content.decode()
    assert AuditEvent.objects.filter(act="opened a record", object_id=str(person.pk)).count() == 2
    card = editor.get(f"{base}students/{person.pk}/report-card/").content.decode()
    assert "Works &lt;hard&gt;." in card
    found = editor.post(base, {"words": "student00", "school": algebra.section.calendar.school.pk}).content.decode()
    assert "Student00, Sam" in found
    assert "Make them" in found
    assert viewer.get(base).status_code == 403


def test_many_are_made_by_the_job_sealed_for_who_asked_and_deleted_after_a_day(taught) -> None:
    algebra, _biology = taught
    editor, other = office("editor"), office("security officer")
    base, section = "/admin/report-cards/", algebra.section
    asked = {"act": "make", "kind": "transcript", "school": section.calendar.school.pk, "section": section.pk}
    assert "It is being made" in editor.post(base, asked, follow=True).content.decode()
    batch = RecordBatch.objects.get()
    [run] = JobRun.objects.filter(job="records")
    assert editor.get(f"{base}batches/{batch.pk}/").status_code == 404
    assert batches.make(Run(run.pk, run.subject, run.asked_by)) == "2 students are ready."
    batch.refresh_from_db()
    assert b"Biology" not in bytes(batch.pages)
    assert crypto.unseal(batch.pages).count("<article") == 2
    page = editor.get(f"{base}batches/{batch.pk}/").content.decode()
    assert page.count("<article") == 2
    sheet = editor.get(f"{base}batches/{batch.pk}/records.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(sheet)))
    assert [row[5] for row in rows] == ["Course", "'=Biology", "Algebra", "Algebra"], "no spreadsheet runs a cell"
    assert other.get(f"{base}batches/{batch.pk}/").status_code == 404, "it is for who asked alone"
    assert AuditEvent.objects.filter(act__startswith="opened report cards").count() == 2
    RecordBatch.objects.update(asked_at=timezone.now() - dt.timedelta(days=1, minutes=1))
    assert editor.get(f"{base}batches/{batch.pk}/").status_code == 404
    cleaning.clean_up(Run(1, "", ""))
    assert not RecordBatch.objects.exists()
    with pytest.raises(Refused):
        batches.make(Run(run.pk, run.subject, run.asked_by))


def test_a_teacher_gets_the_grades_of_own_sections_and_families_what_the_district_opens(taught, monkeypatch) -> None:
    algebra, _biology = taught
    art = teach("art-1", students=0, teacher=make.PersonFactory(), course=make.CourseFactory(title="Art"))
    art.students = algebra.students
    grade(art, 0, "Quarter 1", "B")
    teacher, base = signed_in(algebra.teacher), f"/teacher/sections/{algebra.section.pk}/"
    card = teacher.get(f"{base}students/{algebra.students[0].pk}/report-card/").content.decode()
    assert "Algebra" in card
    assert "Art" not in card
    monkeypatch.setattr("gradebook.records.batches.district_day", lambda _now: TODAY)
    assert "are being made" in teacher.post(f"{base}report-cards/", follow=True).content.decode()
    [run] = JobRun.objects.filter(job="records")
    batches.make(Run(run.pk, run.subject, run.asked_by))
    batch = RecordBatch.objects.get()
    page = teacher.get(f"/teacher/report-cards/{batch.pk}/").content.decode()
    assert (page.count("<article"), "Art" in page) == (2, False)
    assert teacher.get(f"/teacher/report-cards/{batch.pk}/csv/").headers["Content-Type"].startswith("text/csv")
    assert signed_in(art.teacher).get(f"/teacher/report-cards/{batch.pk}/").status_code == 404
    student, home = signed_in(algebra.students[0]), f"/home/students/{algebra.students[0].pk}/"
    at_noon = dt.datetime.combine(TODAY, dt.time(18), dt.UTC)
    monkeypatch.setattr("gradebook.pages.home.guard.now", lambda: at_noon)
    assert {student.get(f"{home}{path}/").status_code for path in ("report-card", "transcript")} == {404}
    RecordSettings(report_cards_on_portal=True, transcripts_on_portal=True).save()
    assert "Art" in student.get(f"{home}report-card/").content.decode()
    assert "GPA" in student.get(f"{home}transcript/").content.decode()
    assert signed_in(algebra.students[1]).get(f"{home}transcript/").status_code == 404

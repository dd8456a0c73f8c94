"""Measure how grades in progress follow: one section's arithmetic, and a district's busiest five minutes.

    python -m bench.grading [--students N]

It makes its own database and drops it; bench/README.md tells what the busiest five minutes are.
"""

import argparse
import contextlib
import datetime as dt
import os
import random
import sys
import time
from decimal import Decimal

import django

from bench.installation import free_port, installation, servers
from bench.processes import processor_seconds
from bench.report import Report

SEATS, TAUGHT = 28, 7
"""Students of a section, and sections of a student."""
SHARE = 5
"""One section in so many has changed."""
WORKS = 60
"""Assignments of a section half a year into it, in two quarters."""
WRITES = 1.2
"""Scores written in five minutes for each student: 400 a second for 100,000."""
ROWS = """
    INSERT INTO roster_person (id, sourced_id, given_name, family_name, middle_name, preferred_given_name,
        preferred_middle_name, preferred_family_name, pronouns, local_id, state_id, master_identifier, email,
        secondary_email, other_phone, cell_phone, external_lms_exclude)
    SELECT n, 'p' || n, 'Given', 'Family', '', '', '', '', '', '', '', '', '', '', '', '', false
    FROM generate_series(1, {students}) n;
    INSERT INTO roster_section (id, sourced_id, course_id, calendar_id, title, number, homeroom, room, grades, subjects,
        subject_codes, periods, active, external_lms_exclude)
    SELECT n, 's' || n, {course}, {calendar}, 'Section', '', false, '', '{{}}', '{{}}', '{{}}', '{{}}', true, false
    FROM generate_series(1, {sections}) n;
    INSERT INTO roster_section_terms (section_id, term_id) SELECT n, {term} FROM generate_series(1, {sections}) n;
    INSERT INTO roster_rosterentry (sourced_id, section_id, person_id)
    SELECT n || '-' || s, n, 1 + (n * {seats} + s) % {students}
    FROM generate_series(1, {sections}) n, generate_series(0, {seats} - 1) s;
    INSERT INTO gradebook_category (id, sourced_id, modified, title, weight, drop_lowest, sequence)
    SELECT n, 'c' || n, now(), 'Category', 20 + n, (n = 1)::int, n FROM generate_series(1, 4) n;
    INSERT INTO gradebook_category_sections (category_id, section_id)
    SELECT c, n FROM generate_series(1, {sections}) n, generate_series(1, 4) c;
    INSERT INTO gradebook_assignment (id, sourced_id, modified, section_id, title, assigned_at, due_at, due_on, points,
        category_id, task_id)
    SELECT n * {works} + w, 'a' || n * {works} + w, now(), n, 'Assignment ' || w, now(), now(), date '2026-09-01' + w,
        10, 1 + w % 4, (ARRAY[{tasks}])[1 + w / ({works} / 2)]
    FROM generate_series(1, {sections}) n, generate_series(0, {works} - 1) w;
    INSERT INTO gradebook_score (sourced_id, modified, assignment_id, person_id, score, score_date, missing)
    SELECT n || '-' || w || '-' || s, now(), n * {works} + w, 1 + (n * {seats} + s) % {students},
        (w * 7 + s * 13 + n) % 100 / 10.0, date '2026-09-01', (w + s + n) % 40 = 0
    FROM generate_series(1, {sections}) n, generate_series(0, {works} - 1) w, generate_series(0, {seats} - 1) s;
    INSERT INTO gradebook_dirtymark (section_id, at)
    SELECT 1 + n % {sections}, now() FROM generate_series(1, {writes}) n;
    ANALYZE;
"""


def fill(sections: int, students: int) -> None:
    """Fill the empty database: the sections that have changed, with all that decides their grades."""
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from gradebook import models as book  # noqa: PLC0415
    from roster import models as roster  # noqa: PLC0415

    district = roster.District.objects.create(sourced_id="d", name="Bench")
    school = roster.School.objects.create(sourced_id="school", district=district, name="Bench")
    year = roster.SchoolYear.objects.create(
        sourced_id="y", title="2026-27", start_year=2026, end_year=2027, active=True
    )
    calendar = roster.Calendar.objects.create(sourced_id="cal", school=school, school_year=year)
    course = roster.Course.objects.create(sourced_id="course", title="Algebra", school=school)
    days = [dt.date(2026, 8, 3), dt.date(2026, 10, 19), dt.date(2026, 12, 18)]
    fall = roster.Term.objects.create(
        sourced_id="fall", school_year=year, kind="semester", title="Fall", start_date=days[0], end_date=days[2]
    )
    scale = book.GradingScale.objects.create(title="Letters")
    for at, minimum in enumerate((90, 80, 70, 60, 0)):
        scale.ranges.create(sequence=at, score="ABCDF"[at], minimum=minimum)
    task, tasks = book.GradingTask.objects.create(course=course, title="Quarter Grade"), []
    for at in range(2):
        term = roster.Term.objects.create(
            sourced_id=f"q{at}", school_year=year, kind="gradingPeriod", title=f"Q{at + 1}", parent=fall,
            start_date=days[at], end_date=days[at + 1] - dt.timedelta(1),
        )  # fmt: skip
        period = book.TaskPeriod.objects.create(task=task, term=term, sourced_id=f"t{at}", modified=timezone.now())
        book.GradeOptions.objects.create(period=period, scale=scale, weight_categories=True)
        tasks.append(str(period.pk))
    told = {
        "students": students, "sections": sections, "course": course.pk, "calendar": calendar.pk, "term": fall.pk,
        "works": WORKS, "tasks": ", ".join(tasks), "seats": SEATS, "writes": int(students * WRITES),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the rows fit: their references need no proof
        cursor.execute(ROWS.format(**told))
        cursor.execute("SET session_replication_role = DEFAULT")


def one_section(report: Report) -> None:
    """Measure the arithmetic of 35 students by 200 assignments: weighted categories, one of which drops its lowest."""
    from gradebook import grading  # noqa: PLC0415

    dice = random.Random(1)  # noqa: S311
    categories = {key: grading.Category(key, "", Decimal(20), int(key == 1)) for key in range(5)}
    works = tuple(
        grading.Work(key, "", key % 5, 1, 10, Decimal(1), dt.date(2026, 9, 1) + dt.timedelta(key // 2), key)
        for key in range(200)
    )
    scale = tuple(grading.Line(Decimal(minimum), score) for score, minimum in zip("ABCF", (90, 80, 70, 0), strict=True))
    plan = grading.Plan(grading.Options(weight_categories=True, scale=scale), categories, works, frozenset({1}))
    marks = [
        {
            work.key: grading.Mark(Decimal(dice.randint(0, 100)) / 10, dice.choice((0, 0, 0, grading.MISSING)))
            for work in works
        }
        for _ in range(35)
    ]
    times = []
    for _ in range(15):
        began = time.process_time()
        for theirs in marks:
            grading.grade(plan, theirs)
        times.append((time.process_time() - began) * 1000)
    report.row("grades of 35 students in 200 assignments", f"{sorted(times)[len(times) // 2]:.1f} ms", "20 ms")


def busiest(students: int, postmaster: int | None, report: Report) -> None:
    """Measure the job after the busiest five minutes."""
    sections = students * TAUGHT // SEATS // SHARE
    began = time.perf_counter()
    fill(sections, students)
    print(f"filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    from gradebook import computing  # noqa: PLC0415
    from gradebook.models import InProgressGrade  # noqa: PLC0415
    from interop.jobs.running import Run  # noqa: PLC0415

    database, own, began = processor_seconds(postmaster), time.process_time(), time.perf_counter()
    told = computing.run(Run(1, "", ""))
    seconds, own = time.perf_counter() - began, time.process_time() - own
    database = processor_seconds(postmaster) - database
    scores, times = sections * SEATS * WORKS, 100_000 / students
    report.row(
        f"busiest five minutes of {students:,} students: {sections:,} sections, {scores:,} scores",
        f"{seconds:.1f} s; processor {own:.1f} s of the worker, {database:.1f} s of the database; {told}",
        f"{60 / times:.0f} s",
    )
    report.row(
        "the same for 100,000 students, by proportion",
        f"{seconds * times:.0f} s; processor {own * times:.0f} s and {database * times:.0f} s", "60 s",
    )  # fmt: skip
    assert InProgressGrade.objects.count() == sections * SEATS * 2
    began = time.perf_counter()
    computing.compute(range(1, 26), dt.datetime.now(dt.UTC))
    report.row("25 sections again, nothing different", f"{time.perf_counter() - began:.2f} s")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.grading", description="Measure grades in progress.")
    parser.add_argument("--students", type=int, default=30_000, help="size of the district (default: 30,000)")
    students = parser.parse_args().students
    report = Report(f"Grades, {students:,} students")
    report.begin()
    with contextlib.ExitStack() as stack:
        addresses = stack.enter_context(servers())
        district = stack.enter_context(installation(addresses, "interop_bench_grading", free_port()))
        os.environ.update(district.environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interop.settings")
        django.setup()
        one_section(report)
        busiest(students, district.postmaster(), report)
        django.db.connections.close_all()


if __name__ == "__main__":
    main()

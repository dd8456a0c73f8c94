"""Random districts on random days: the publisher against the oracle, a replica kept by deltas against a full pull."""

import datetime
import os
import random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster import models
from roster.models import Record
from tests.roster import factories as make
from tests.roster.conftest import Published
from tests.roster.oracle import Oracle

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "25"))
BOUNDARIES = [
    make.YEAR_START - datetime.timedelta(days=40), make.YEAR_START, datetime.date(2026, 10, 1),
    make.YEAR_END, make.YEAR_END + datetime.timedelta(days=1), datetime.date(2027, 7, 1),
]  # fmt: skip


class Undo(Exception):
    """Rolls one example back."""


def near(chance: random.Random, none: float = 0.5):
    """A date at or beside a boundary of the year, or none."""
    if chance.random() < none:
        return None
    return chance.choice(BOUNDARIES) + datetime.timedelta(days=chance.choice([-1, 0, 0, 1]))


def seldom(chance: random.Random) -> bool:
    return chance.random() < 0.1


def random_district(chance: random.Random) -> None:
    """Two or three schools with people of every kind, some in two schools, some withheld, some past."""
    old = make.SchoolYearFactory(sourced_id="year-2026", start_year=2025, end_year=2026, start_date=None,
                                 end_date=None, active=False)  # fmt: skip
    blank = chance.random() < 0.3
    year = make.SchoolYearFactory(
        start_date=None if blank else make.YEAR_START, end_date=None if blank else make.YEAR_END
    )
    calendars = []
    for _ in range(chance.randint(2, 3)):
        school = make.SchoolFactory(external_lms_exclude=seldom(chance))
        for each in [year] * (not seldom(chance)) + [old] * seldom(chance):
            end = chance.choice([None, make.YEAR_END])
            calendars.append(
                make.CalendarFactory(school=school, school_year=each, end_date=end, external_lms_exclude=seldom(chance))
            )
    if not calendars:
        return
    people = [make.PersonFactory(external_lms_exclude=seldom(chance)) for _ in range(10)]
    levels = [_grade_level(chance, calendar) for calendar in calendars]
    sections = [_section(chance, calendar) for calendar in calendars for _ in range(2)]
    for _ in range(8):
        level = chance.choice(levels)
        make.EnrollmentFactory(
            person=chance.choice(people[:6]), calendar=level.calendar, grade_level=chance.choice([None, level]),
            no_show=seldom(chance), external_lms_exclude=seldom(chance), start_date=near(chance), end_date=near(chance),
            service_type=chance.choice(["primary", "secondary"]),
        )  # fmt: skip
    for _ in range(5):
        make.AssignmentFactory(
            person=chance.choice(people[5:]), school=chance.choice(calendars).school, teacher=chance.random() < 0.7,
            roles=chance.choice([[], ["program"]]), administrative_role=chance.choice(["", "", "principal"]),
            external_lms_exclude=seldom(chance), start_date=near(chance), end_date=near(chance, 0.7),
        )  # fmt: skip
    for student, contact in chance.sample([(a, b) for a in people[:6] for b in people if a != b], 8):
        make.RelationshipFactory(
            student=student, contact=contact, guardian=chance.random() < 0.6, portal=chance.random() < 0.8,
            start_date=near(chance, 0.8), end_date=near(chance, 0.8),
        )  # fmt: skip
    for _ in range(10):
        make.RosterEntryFactory(section=chance.choice(sections), person=chance.choice(people[:6]),
                                start_date=near(chance), end_date=near(chance))  # fmt: skip
        make.SectionStaffFactory(section=chance.choice(sections), person=chance.choice(people[5:]),
                                 kind=chance.choice(["primary teacher", "teacher", "other"]),
                                 start_date=near(chance), end_date=near(chance))  # fmt: skip


def _grade_level(chance, calendar):
    structure = models.ScheduleStructure.objects.create(
        sourced_id=f"structure-{calendar.pk}", calendar=calendar, name="Main", external_lms_exclude=seldom(chance)
    )
    return make.GradeLevelFactory(
        calendar=calendar, schedule_structure=chance.choice([None, structure]), external_lms_exclude=seldom(chance)
    )


def _section(chance, calendar):
    master = models.CourseMaster.objects.create(
        sourced_id=f"master-{chance.random()}", title="Algebra", external_lms_exclude=seldom(chance)
    )
    course = make.CourseFactory(
        course_master=chance.choice([None, master]), school=chance.choice([None, calendar.school]),
        active=not seldom(chance), external_lms_exclude=seldom(chance),
    )  # fmt: skip
    return make.SectionFactory(
        course=course, calendar=calendar, active=not seldom(chance), external_lms_exclude=seldom(chance)
    )


def example(check):
    """Run one example in a transaction that is rolled back."""
    with pytest.raises(Undo), transaction.atomic():  # noqa: PT012
        check()
        raise Undo


many = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@many
@given(seed=st.integers(0, 2**32), day=st.sampled_from(BOUNDARIES), shift=st.integers(-1, 1))
def test_the_first_publication_shares_exactly_what_the_oracle_says(db, seed, day, shift):
    today = day + datetime.timedelta(days=shift)

    def check():
        random_district(random.Random(seed))  # noqa: S311
        published, oracle = Published(), Oracle(today)
        published.refresh(today)
        users = {
            sourced_id: (doc["status"], {(role["role"], role["org"]["sourcedId"]) for role in doc["roles"]})
            for sourced_id, doc in published.docs("user").items()
        }
        assert users == oracle.people()
        assert set(published.docs("class")) == oracle.classes()
        assert {
            sourced_id: (doc["user"]["sourcedId"], doc["class"]["sourcedId"], doc["role"], doc.get("primary"))
            for sourced_id, doc in published.docs("enrollment").items()
        } == oracle.enrollments()
        for doc in published.docs("user").values():
            primaries = [role["org"]["sourcedId"] for role in doc["roles"] if role["roleType"] == "primary"]
            assert len(primaries) == len(set(primaries))
        assert_closed(published)

    example(check)


@many
@given(seed=st.integers(0, 2**32), days=st.lists(st.sampled_from(BOUNDARIES), min_size=2, max_size=4))
def test_a_replica_kept_by_deltas_equals_a_full_pull(db, seed, days):
    def check():
        chance = random.Random(seed)  # noqa: S311
        random_district(chance)
        published, replica, cursor = Published(), {}, None
        for today in sorted(days):
            disturb(chance)
            published.refresh(today)
            live = Record.objects.filter(retired_at=None)
            changed = live.filter(modified__gt=cursor) if cursor else live
            replica |= {(record.object, record.sourced_id): bytes(record.digest) for record in changed}
            cursor = published.outcomes[-1].published_at
            full = {(record.object, record.sourced_id): bytes(record.digest) for record in live}
            assert replica == full
            active = {name for name, status in published.states("user").items() if status == "active"}
            assert active == {name for name, (status, _) in Oracle(today).people().items() if status == "active"}
            assert_closed(published)

    example(check)


def disturb(chance: random.Random) -> None:
    """Tick a box here, end a row there."""
    model = chance.choice([models.Enrollment, models.DistrictAssignment, models.Person, models.Section])
    if row := model.objects.order_by("pk").first():
        row.external_lms_exclude = not row.external_lms_exclude
        row.save()
    if entry := models.RosterEntry.objects.order_by("pk").last():
        entry.end_date = near(chance)
        entry.save()


def assert_closed(published: Published) -> None:
    """Every reference of an active record leads to a published record."""
    known = {(record.object, record.sourced_id) for record in Record.objects.filter(retired_at=None)}

    def references(value):
        if isinstance(value, dict):
            if "href" in value:
                yield value["type"], value["sourcedId"]
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    for kind in ["org", "academicSession", "course", "class", "user", "enrollment"]:
        for doc in published.docs(kind).values():
            assert set(references(doc)) <= known

"""A small published district with a grade book, and partners that may write into it."""

import copy
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections import services
from connections.models import Connection
from gradebook import models as book
from roster.models import Section
from roster.publishing import publish
from tests.roster import factories as make
from tests.shared import made_once

DAY = dt.date(2026, 10, 1)
PUBLISHED = dt.datetime(2026, 10, 1, 18, 0, tzinfo=dt.UTC)
BASES = {11: "/ims/oneroster/v1p1", 12: "/ims/oneroster/gradebook/v1p2"}
MARKER = book.UNCATEGORIZED


class Partner:
    """A partner's connection with a token; it sends and reads below the gradebook's address."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.version = connection, connection.version
        issued = services.add_credential(connection, actor="admin")
        self.client = Client(raise_request_exception=False)
        form = {"grant_type": "client_credentials", "client_id": issued.credential.client_id}
        answer = self.client.post("/oauth2/token", form | {"client_secret": issued.secret})
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def anew(self) -> "Partner":
        """Return this partner for another test: its connection as the database has it, and no cookies."""
        other = copy.copy(self)
        other.connection = Connection.objects.get(pk=self.connection.pk)
        other.client = Client(raise_request_exception=False)
        return other

    def send(self, method: str, path: str, body=None, **headers: str):
        data = body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else ""
        return self.client.generic(
            method, BASES[self.version] + path, data, "application/json", headers={**self.headers, **headers}
        )

    def put(self, kind: str, sourced_id: str, **fields):
        plural = {"category": "categories"}.get(kind, f"{kind}s")
        return self.send("PUT", f"/{plural}/{sourced_id}", {kind: {"sourcedId": sourced_id, **fields}})

    def get(self, path: str, **headers: str):
        return self.send("GET", path, **headers)

    def body(self, path: str):
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, content(answer)[:300])
        [value] = json.loads(content(answer)).values()
        return value

    def ids(self, path: str, *, tasks: bool = False) -> list[str]:
        """The ids of a list; those of the grading tasks, which every class has, only when asked for."""
        return [each["sourcedId"] for each in self.body(path) if tasks or "@" not in each["sourcedId"]]


def content(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def ref(kind: str, sourced_id: str) -> dict[str, str]:
    return {"href": f"https://lms.example/{sourced_id}", "sourcedId": sourced_id, "type": kind}


def assignment(**fields):
    """A lineItem as vendors send it."""
    told = {
        "title": "Quiz 1", "assignDate": "2026-09-01T13:00:00.000Z", "dueDate": "2026-09-11T21:00:00.000Z",
        "class": ref("class", "algebra-1"), "category": ref("category", "homework"),
        "resultValueMin": 0.0, "resultValueMax": 20.0,
    }  # fmt: skip
    return {name: value for name, value in (told | fields).items() if value is not None}


def score(**fields):
    """A result as vendors send it."""
    told = {
        "lineItem": ref("lineItem", "quiz-1"), "student": ref("user", "ada"), "score": 17.5,
        "scoreStatus": "fully graded", "scoreDate": "2026-09-12",
    }  # fmt: skip
    return {name: value for name, value in (told | fields).items() if value is not None}


def partner(name: str = "Acme", *, version: int = 12, schools: list[str] | None = None, **choices) -> Partner:
    application = services.application_named(name, partner=True, actor="admin")
    keys = None
    if schools is not None:
        keys = list(make.models.School.objects.filter(sourced_id__in=schools).values_list("pk", flat=True))
    connection = services.create_connection(
        application, actor="admin", name=f"{name} {version} {schools}", schools=keys,
        choices={"version": version, "share_gradebook": True, **choices},
    )  # fmt: skip
    return Partner(connection)


def make_book() -> None:
    """Lincoln teaches Algebra to Ada and Bob (and once more to Cy), Washington teaches Biology to Dee."""
    make.DistrictFactory()
    fall = make.TermFactory(sourced_id="fall")
    periods = [
        make.TermFactory(
            sourced_id=name, title=title, kind="gradingPeriod", parent=fall, start_date=first, end_date=last
        )
        for name, title, first, last in (
            ("q1", "Quarter 1", make.YEAR_START, dt.date(2026, 10, 16)),
            ("q2", "Quarter 2", dt.date(2026, 10, 19), dt.date(2026, 12, 18)),
        )
    ]
    for school, course, sections in (
        ("lincoln", "algebra", {"algebra-1": ("ada", "bob"), "algebra-2": ("cy",)}),
        ("washington", "biology", {"biology-1": ("dee",)}),
    ):
        calendar = make.CalendarFactory(sourced_id=f"calendar-{school}", school__sourced_id=school)
        taught = make.CourseFactory(
            sourced_id=course, title=course.title(), school=calendar.school, school_year=calendar.school_year
        )
        teacher = make.PersonFactory(sourced_id=f"teacher-{school}")
        make.AssignmentFactory(person=teacher, school=calendar.school, teacher=True)
        for name, students in sections.items():
            section = make.SectionFactory(sourced_id=name, title=name, course=taught, calendar=calendar)
            section.terms.add(fall)
            make.SectionStaffFactory(section=section, person=teacher)
            for student in students:
                person = make.PersonFactory(sourced_id=student, given_name=student.title())
                make.models.Account.objects.create(person=person, username=student)
                make.EnrollmentFactory(person=person, calendar=calendar)
                make.RosterEntryFactory(section=section, person=person)
        _grading(taught, periods)
    publish(PUBLISHED, force=True)


def without_tasks() -> None:
    """Take the grading tasks out of what vendors are told, for lists whose length matters."""
    book.GradingTask.objects.update(external_lms_exclude=True)


def _grading(course, periods) -> None:
    now = timezone.now()
    task = book.GradingTask.objects.create(course=course, title="Quarter Grade")
    for term in periods:
        book.TaskPeriod.objects.create(
            task=task, term=term, sourced_id=f"{course.sourced_id}-{term.sourced_id}", modified=now
        )
    if course.sourced_id == "algebra":
        for name in ("homework", "tests"):
            category = book.Category.objects.create(sourced_id=name, title=name.title(), weight=50, modified=now)
            category.sections.set(Section.objects.filter(sourced_id__startswith="algebra"))


@pytest.fixture(scope="module")
def common_district(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The district, the same one for all tests of a file."""
    yield from made_once(django_db_blocker, make_book)


@pytest.fixture(scope="module")
def common_acme(common_district: None, django_db_blocker: Any) -> Iterator[Partner]:
    """The partner of all tests of a file."""
    yield from made_once(django_db_blocker, partner)


@pytest.fixture
def district(common_district: None, db: None) -> None:
    """The district, as nobody has changed it yet."""


@pytest.fixture
def acme(common_acme: Partner, db: None) -> Partner:
    """A partner of 1.2 with the whole district."""
    return common_acme.anew()

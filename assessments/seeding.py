"""The tests of the synthetic district: a state test in three levels, and scores of some students on two days."""

import datetime as dt
from random import Random
from typing import Any

from django.db import models

from assessments.models import ResultStatus, ScoreField, ScoreKind, Test, TestScore
from roster.models import Calendar, Enrollment, SchoolYear
from roster.seeding.tables import Tables

ORDER: tuple[type[models.Model], ...] = (Test, ScoreField, ResultStatus, TestScore)
EVERY = 10
"""Of so many students one has scores."""
SUBJECTS = (("Mathematics", "MA", ("Algebra", "Geometry")), ("Reading", "RD", ("Literature", "Informational text")))
STATUSES = (("Exceeds", 85, 100), ("Meets", 60, 85), ("Approaching", 40, 60), ("Below", 0, 40))
DAYS = (dt.timedelta(days=21), dt.timedelta(days=63))
"""How long after the beginning of the school year the test is taken."""


def fill(tables: Tables, number: int, today: dt.date, **_choices: object) -> tuple[type[models.Model], ...]:
    """Add the tests to the tables of a district; return the order their tables are written in."""
    year, first = next(
        (key, begins)
        for key, begins, active in tables.rows(SchoolYear, "id", "start_date", "active")
        if active
    )  # fmt: skip
    modified = dt.datetime.combine(today, dt.time(0), dt.UTC)
    leaves = _tests(tables, year, modified)
    days = [first + since for since in DAYS if first + since <= today]
    rng = Random(number)
    for person in _students(tables, year)[::EVERY]:
        able = rng.random()
        for day in days:
            for test in leaves:
                raw = round(100 * min(1.0, max(0.0, 0.3 + 0.6 * able + 0.3 * (rng.random() - 0.5))))
                key = tables.count(TestScore) + 1
                tables.add(
                    TestScore, sourced_id=f"test-score-{key:07d}", modified=modified, test_id=test, person_id=person,
                    date=day, raw=raw, scaled=300 + 3 * raw, told=ScoreKind.RAW.value,
                )  # fmt: skip
    return ORDER


def _students(tables: Tables, year: int) -> list[int]:
    calendars = {key for key, of in tables.rows(Calendar, "id", "school_year_id") if of == year}
    return sorted({
        person for person, calendar in tables.rows(Enrollment, "person_id", "calendar_id") if calendar in calendars
    })  # fmt: skip


def _tests(tables: Tables, year: int, modified: dt.datetime) -> list[int]:
    """Make the tree; return the tests students take: those without parts."""
    common: dict[str, Any] = {
        "modified": modified, "created_at": modified, "year_id": year, "type": Test.Type.STATE.value, "minimum": 0,
        "maximum": 100, "portal": True, "score_is": ScoreKind.RAW.value,
    }  # fmt: skip
    state = tables.add(Test, sourced_id="test-state", title="State assessment", code="STATE", **common)
    leaves = []
    for at, (subject, code, parts) in enumerate(SUBJECTS):
        above = tables.add(
            Test, sourced_id=f"test-{code}", title=subject, code=code, parent_id=state, sequence=at, **common
        )
        for place, part in enumerate(parts):
            leaf = tables.add(
                Test, sourced_id=f"test-{code}-{place + 1}", title=part, code=f"{code}{place + 1}", parent_id=above,
                sequence=place, **common,
            )  # fmt: skip
            _scoring(tables, leaf)
            leaves.append(leaf)
    return leaves


def _scoring(tables: Tables, test: int) -> None:
    tables.add(ScoreField, test_id=test, kind=ScoreKind.RAW.value, required=True, sequence=0)
    tables.add(ScoreField, test_id=test, kind=ScoreKind.SCALE.value, sequence=1, minimum=300, maximum=600)
    for at, (name, low, high) in enumerate(STATUSES):
        tables.add(
            ResultStatus, test_id=test, name=name, kind=ScoreKind.RAW.value, minimum=low, maximum=high, sequence=at
        )

"""A small published district, and partners that send assessments."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.gradebook.conftest import Partner, common_district, district, partner, ref
from tests.shared import made_once

__all__ = ["common_district", "district"]

GRADES_OFF = {"share_gradebook": False, "share_assessments": True}


def examiner(name: str = "Acme", **choices) -> Partner:
    """A partner that sends assessments and nothing else."""
    return partner(name, **{**GRADES_OFF, **choices})


def exam(parent: str | None = None, **fields):
    """An assessmentLineItem as vendors send it."""
    told = {"title": "Spring interim", "resultValueMin": 0.0, "resultValueMax": 100.0}
    if parent is not None:
        told["parentAssessmentLineItem"] = ref("assessmentLineItem", parent)
    return {name: value for name, value in (told | fields).items() if value is not None}


def taken(test: str = "math", student: str = "ada", **fields):
    """An assessmentResult as vendors send it."""
    told = {
        "assessmentLineItem": ref("assessmentLineItem", test), "student": ref("user", student), "score": 71.5,
        "scoreStatus": "fully graded", "scoreDate": "2026-09-12",
    }  # fmt: skip
    return {name: value for name, value in (told | fields).items() if value is not None}


@pytest.fixture(scope="module")
def common_acme(common_district: None, django_db_blocker: Any) -> Iterator[Partner]:
    """The partner of all tests of a file."""
    yield from made_once(django_db_blocker, examiner)


@pytest.fixture
def acme(common_acme: Partner, db: None) -> Partner:
    """A partner with the whole district."""
    return common_acme.anew()

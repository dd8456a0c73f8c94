"""Posting grades: given by a person for a grading task while its window is open (campus rules 6.2)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import NamedTuple
from uuid import uuid4

from django.utils.translation import gettext as _

from gradebook import grading
from gradebook.grading import Line
from gradebook.models import PostedGrade
from gradebook.plans import TaskInTerm
from gradebook.services.act import Act, acting
from gradebook.teaching.access import Teacher
from gradebook.teaching.scoring import plain
from interop import audit
from roster.models import Section

STEP, MOST = Decimal("0.000001"), Decimal(100_000)


class Wanted(NamedTuple):
    """A grade as typed: percent, score or both; neither: none is given."""

    percent: str
    score: str
    comment: str = ""


class Grade(NamedTuple):
    """A grade to be stored."""

    percent: Decimal | None
    score: str
    comment: str


class Unclear(Exception):
    """What was typed cannot be posted; the sentence says why."""


def is_open(period: TaskInTerm, today: dt.date) -> bool:
    """Return whether grades may be posted on this day: within the window, both ends included."""
    return bool(period.opens and period.closes and period.opens <= today <= period.closes)


def read(wanted: Wanted, scale: Sequence[Line]) -> Grade | None:
    """Return the grade that was typed; None for nothing. Raises Unclear.

    A percentage alone takes its score from the scale; a score alone stays without a percentage and must be one of the
    scale's; both are stored as given.
    """
    percent, score = _percent(wanted.percent), wanted.score.strip()
    if percent is None and not score:
        return None
    if not score:
        score = grading.looked_up(percent, scale)
    elif percent is None and score not in {line.score for line in scale}:
        raise Unclear(_("“%s” is not a score of the scale.") % score)
    return Grade(percent, score, wanted.comment.strip())


def post(teacher: Teacher, section: Section, period: TaskInTerm, grades: Mapping[int, Grade]) -> int:
    """Post grades by student; return how many are new or changed. Raises Unclear when the window is closed."""
    if not is_open(period, teacher.today):
        raise Unclear(_("The grading window of %s is closed.") % period.title)
    with acting(teacher.name) as act:
        live = PostedGrade.objects.filter(section=section, period=period.key, person__in=list(grades), deleted_at=None)
        rows = {row.person_id: row for row in live.select_for_update(no_key=True).order_by("pk")}
        number = 0
        for person, grade in grades.items():
            number += _post(act, rows.get(person) or _new(section, period, person), grade)
        if number:
            act.dirty(section.pk)
            audit.record(teacher.name, "posted grades", section, after={"task": period.title, "grades": number})
    return number


def proposed(percent: Decimal | None) -> str:
    """Return a grade in progress as it is proposed for posting: two decimals, the rest cut off."""
    return "" if percent is None else plain(percent.quantize(Decimal("0.01"), ROUND_DOWN))


def _percent(typed: str) -> Decimal | None:
    typed = typed.strip().rstrip("%").strip().replace(",", ".")
    if not typed:
        return None
    try:
        number = Decimal(typed)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= MOST:
        raise Unclear(_("“%s” is no percentage. Type a number such as 90.4.") % typed)
    return number.quantize(STEP)


def _new(section: Section, period: TaskInTerm, person: int) -> PostedGrade:
    return PostedGrade(sourced_id=str(uuid4()), section=section, period_id=period.key, person_id=person)


def _post(act: Act, row: PostedGrade, grade: Grade) -> bool:
    before = Grade(row.percent, row.score, row.comment) if row.pk else None
    if before == grade:
        return False
    row.percent, row.score, row.comment = grade
    row.owner_id = None  # what a teacher posts is the district's: a vendor's resend leaves it (rules.POSTED_HERE)
    row.posted_by, row.posted_at, row.modified = act.actor, act.at, act.at
    row.save()
    act.changed("postedgrade", row.pk, row.section_id, before=before and before._asdict(), after=grade._asdict())
    return True

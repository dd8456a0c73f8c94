"""Assignments of a student as families see them: only where the portal box is ticked, with the score and the flags."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from gradebook.models import Assignment, Score

SOON = dt.timedelta(days=14)
YEAR = dt.timedelta(days=366)
WEEK = dt.timedelta(days=7)
LATELY = dt.timedelta(days=21)
TENTH = Decimal("0.1")
_WORK = ("pk", "section", "title", "description", "due_on", "points", "multiplier", "active", "category", "task")
_SCORE = ("assignment", "score", "text_score", "score_date", "comment")


@dataclass(frozen=True)
class Work:
    """An assignment with what the student has in it. `score` None: none, which is never zero.

    `scored_on` is None without anything from the teacher. `counted` tells whether it can count at all.
    """

    key: int
    section: int
    title: str
    about: str
    due_on: dt.date
    points: int | None
    multiplier: Decimal
    counted: bool
    score: Decimal | None = None
    text: str = ""
    scored_on: dt.date | None = None
    comment: str = ""
    flags: frozenset[str] = frozenset()

    @property
    def is_missing(self) -> bool:
        """Whether the teacher says that it is missing."""
        return "missing" in self.flags

    @property
    def is_zero(self) -> bool:
        """Whether it counts as zero whatever the score."""
        return bool(self.flags & {"missing", "cheated"})

    @property
    def is_left_out(self) -> bool:
        """Whether it does not count, although it could."""
        return bool(self.flags & {"exempt", "dropped"})

    @property
    def is_done(self) -> bool:
        """Whether the teacher is through with it: there is a score, or it was decided without one."""
        decided = self.is_left_out or "cheated" in self.flags
        return not self.is_missing and (self.score is not None or bool(self.text) or decided)

    @property
    def percent(self) -> Decimal | None:
        """The score's percentage, cut to one decimal; None where there is nothing to divide, or it counts as zero."""
        if self.score is None or not self.points or self.is_zero:
            return None
        return (self.score * 100 / self.points).quantize(TENTH, ROUND_DOWN)


def works(student: int, sections: Collection[int]) -> list[Work]:
    """Return the assignments of these sections that the student and the family may see, by due day. Two statements."""
    shown = Assignment.objects.filter(section__in=sections, portal=True, deleted_at=None)
    scores = Score.objects.filter(person=student, deleted_at=None, assignment__in=shown.values("pk"))
    had = {row[0]: row for row in scores.values_list(*_SCORE, *Score.FLAGS)}
    found = []
    for key, section, title, about, due_on, points, multiplier, active, category, task in shown.order_by(
        "due_on", "sequence", "pk"
    ).values_list(*_WORK):
        counted = active and points is not None and category is not None and task is not None
        row = had.get(key)
        facts = {} if row is None else {
            "score": row[1], "text": row[2], "scored_on": row[3], "comment": row[4],
            "flags": frozenset(name for name, is_set in zip(Score.FLAGS, row[5:], strict=True) if is_set),
        }  # fmt: skip
        found.append(Work(key, section, title, about, due_on, points, multiplier, counted, **facts))
    return found


def missing(listed: Iterable[Work]) -> list[Work]:
    """Return what is missing, the newest first."""
    return sorted((each for each in listed if each.is_missing), key=lambda each: each.due_on, reverse=True)


def upcoming(listed: Iterable[Work], today: dt.date, within: dt.timedelta = SOON) -> list[Work]:
    """Return what is due from today on, within so many days, and not missing or scored already; the next one first."""
    return [
        each for each in listed if today <= each.due_on <= today + within and not each.is_missing and not each.is_done
    ]


def waiting(listed: Iterable[Work], today: dt.date) -> list[Work]:
    """Return what was due and has neither a score nor a flag that decides, the newest first."""
    past = [each for each in listed if each.due_on < today and not each.is_missing and not each.is_done]
    return past[::-1]


def scored(listed: Iterable[Work], since: dt.date | None = None) -> list[Work]:
    """Return what the teacher is through with (since a day), what was scored last first."""
    done = [each for each in listed if each.is_done and each.scored_on and (since is None or each.scored_on >= since)]
    return sorted(done, key=lambda each: (each.scored_on, each.due_on, each.key), reverse=True)

"""A student's scores in one test as pages tell them: the office's, teachers' and families'."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import formats
from django.utils.translation import gettext as _

from assessments import charts
from assessments.charts import Trend
from assessments.models import NUMBERS, ScoreKind, Test, TestScore
from assessments.services.setup import Bounds, bounds, status_of
from assessments.services.showing import Taken
from gradebook.teaching.scoring import plain

NONE: Bounds = (None, None)


@dataclass(frozen=True)
class Column:
    """A kind of score with its scale in words."""

    kind: ScoreKind
    title: Any
    scale: str


@dataclass(frozen=True)
class Line:
    """One score: its numbers in the order of the columns, what the result is called, and by which grading scale."""

    score: TestScore
    cells: Sequence[str]
    result: str
    scale: str

    @property
    def states(self) -> list[str]:
        """Return what else was told about it."""
        flags = (
            ("missing", _("missing")), ("incomplete", _("incomplete")), ("late", _("late")),
            ("in_progress", _("in progress")),
        )  # fmt: skip
        return [words for name, words in flags if getattr(self.score, name)]


@dataclass(frozen=True)
class Told:
    """A test of a student: where it stands, its columns, its scores with the newest first, and the trend."""

    test: Test
    path: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    trend: Trend | None
    drawn: Any
    sentence: str

    @property
    def has_results(self) -> bool:
        """Whether any score says more than its numbers."""
        return any(each.result or each.states or each.scale or each.score.comment for each in self.lines)

    @property
    def newest(self) -> list[tuple[Column, str]]:
        """Return the numbers of the newest score, those there are."""
        return [each for each in zip(self.columns, self.lines[0].cells, strict=True) if each[1]]


def told(taken: Iterable[Taken]) -> list[Told]:
    """Return tests of a student in words; what scores name is read for all of them at once."""
    found = list(taken)
    scores = [score for each in found for score in each.scores]
    prefetch_related_objects(scores, "owner", "connection", "scale__scale")
    return [_one(each) for each in found if each.scores]


def scale_words(found: Bounds | None) -> str:
    """Return the lowest and the highest score; blank when a side is not known."""
    low, high = found or NONE
    return f"{plain(low)}–{plain(high)}" if low is not None and high is not None else ""


def _one(taken: Taken) -> Told:
    """Return one test; columns that nobody filled are left out."""
    limits = bounds(taken.test, taken.fields)
    shown = [each.kind for each in taken.fields]
    filled = [kind for kind in shown if kind in NUMBERS and any(each.number(kind) is not None for each in taken.scores)]
    lines = [_line(score, taken, filled, shown) for score in reversed(taken.scores)]
    drawn = next((kind for kind in (ScoreKind(taken.test.score_is), *filled) if kind in filled), None)
    points = [
        (each.date, number, plain(number)) for each in taken.scores
        if drawn and (number := each.number(drawn)) is not None
    ]  # fmt: skip
    days = [str(formats.date_format(day, _("M j, Y"))) for day, _number, _words in points]
    trend = charts.trend(points, days, *limits.get(drawn, NONE)) if drawn else None
    columns = [Column(kind, kind.label, scale_words(limits.get(kind))) for kind in filled]
    sentence = ""
    if drawn and trend:
        sentence = _("%(kind)s in %(test)s, %(number)d scores: %(first)s at first, %(last)s at last.") % {
            "kind": drawn.label, "test": taken.test.title, "first": points[0][2], "last": points[-1][2],
            "number": len(points),
        }  # fmt: skip
    return Told(
        taken.test, " › ".join(taken.path), columns, lines, trend, drawn.label if drawn else "", sentence
    )  # fmt: skip


def _line(score: TestScore, taken: Taken, filled: Sequence[ScoreKind], shown: Sequence[ScoreKind]) -> Line:
    """Return a score; nothing is concluded from a kind that is not shown."""
    numbers = [score.number(kind) for kind in filled]
    cells = ["" if number is None else plain(number) for number in numbers]
    result = ""
    if ScoreKind.LEVEL in shown or not score.level:
        result = status_of(score, [each for each in taken.statuses if each.kind in shown])
    return Line(score, cells, result, score.scale.scale.title if score.scale else "")

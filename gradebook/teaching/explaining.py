""" "How was this computed?" in words: the arithmetic's verdicts as sentences."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.utils.translation import gettext as _

from gradebook import grading, plans
from gradebook.grading import Grade, Line, Part, Sum, Told, Verdict
from gradebook.plans import Book, TaskInTerm
from gradebook.teaching.scoring import plain

TWO = Decimal("0.01")
WITHOUT_REASON = (Verdict.COUNTED, Verdict.ELSEWHERE)


@dataclass
class Explanation:
    """A grade in progress with all that led to it; computed now, so it may be newer than what the grade book shows."""

    period: TaskInTerm
    grade: Grade | None
    lines: list[tuple[Told, str]]
    parts: list[Part]
    scale: tuple[Line, ...]
    rules: list[str]

    @property
    def percent(self) -> str:
        """The percentage as the grade book shows it."""
        shown = grading.shown(self.grade.percent) if self.grade else None
        return "" if shown is None else str(shown)

    @property
    def exact(self) -> str:
        """The percentage with two decimals, the rest cut off."""
        percent = self.grade.percent if self.grade else None
        return "" if percent is None else cut(percent)

    @property
    def left_out(self) -> list[tuple[Told, str]]:
        """The lines that have something to say."""
        return [(line, reason) for line, reason in self.lines if reason]


def explain(section: int, person: int, period: int, book: Book | None = None) -> Explanation | None:
    """Return how a student's grade in a period is computed; None when the section has no such period."""
    book = book or plans.books([section])[section]
    if period not in book.periods:
        return None
    had = plans.held([section], person)[section][person]
    plan, found = book.plans[period], plans.grades(book, had)
    parts = plans.parts(book, had, period, found) if book.parts_of(period) else []
    lines = [] if parts else [(line, reason(line)) for line in grading.lines(plan, had.marks)]
    return Explanation(
        book.periods[period], found.get(period), lines, parts, plan.options.scale, rules(book, book.periods[period])
    )


def reason(line: Told) -> str:
    """Return why an assignment did not count, or counted otherwise than with its score; blank: it simply counted."""
    points = line.work.points
    told = {
        Verdict.EXTRA: _("has no points possible: it adds what was earned."),
        Verdict.MISSING: _("is missing, so it counts as 0 of %s.") % points,
        Verdict.CHEATED: _("is marked as cheated, so it counts as 0 of %s.") % points,
        Verdict.NO_SCORE: _("has no score yet, so it does not count."),
        Verdict.EXEMPT: _("is exempt, so it does not count."),
        Verdict.DROPPED: _("is dropped, so it does not count."),
        Verdict.LOWEST: _("is among the lowest of its category, which are left out."),
        Verdict.OLDER: _("is older than the last assignments that count."),
        Verdict.INACTIVE: _("is not active, so it does not count."),
        Verdict.NOT_GRADED: _("is not graded: it came without points."),
        Verdict.NO_PERCENT: _("has no points possible, so it has no percentage to count."),
        Verdict.UNCATEGORIZED: _("has no category, so it does not count."),
    }
    return "" if line.verdict in WITHOUT_REASON else told[line.verdict]


def rules(book: Book, period: TaskInTerm) -> list[str]:
    """Return how this grading task is calculated, a sentence for each choice."""
    if not period.is_computed:
        return [_("No grade in progress is calculated for this grading task.")]
    if book.parts_of(period.key):
        return [_("It is made of other grades: the posted one counts; where none is posted, the one in progress.")]
    told = []
    if period.weight_categories:
        told.append(_("Categories are weighted. The weight of one without scored work goes to the others."))
    if period.use_percent:
        told.append(_("Each score’s percentage counts, whatever its points."))
    if period.since:
        told.append(_("Work of earlier terms counts too."))
    if period.limit_last:
        told.append(_("Only the last %d assignments count.") % period.limit_last)
    if period.scale is None:
        told.append(_("It has no grading scale; without one no grade in progress is shown."))
    else:
        told.append(_("The exact percentage is looked up in the scale; what is shown is cut to one decimal."))
    return told


def counted(each: Sum, *, by_percent: bool) -> str:
    """Return what a category adds up: `36 of 52`, or the number of percentages."""
    if by_percent:
        return _("average of %s") % plain(each.possible)
    return _("%(earned)s of %(possible)s") % {"earned": plain(each.earned), "possible": plain(each.possible)}


def cut(percent: Decimal) -> str:
    """Return a percentage with up to two decimals."""
    return plain(percent.quantize(TWO, ROUND_DOWN))

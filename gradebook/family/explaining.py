"""How a grade was computed, without anything the family may not see."""

from dataclasses import dataclass, replace

from gradebook import plans
from gradebook.grading import Told, Verdict
from gradebook.models import Assignment
from gradebook.plans import TaskInTerm
from gradebook.teaching import explaining
from gradebook.teaching.explaining import Explanation

COUNTS = frozenset({Verdict.COUNTED, Verdict.EXTRA, Verdict.MISSING, Verdict.CHEATED})


@dataclass(frozen=True)
class Shown:
    """An explanation families may read. `hides`: work or a grade counts that they do not see.

    Then the sums are left out: what is hidden could be worked out from them.
    """

    explanation: Explanation
    hides: bool


def explain(section: int, student: int, period: int) -> Shown | None:
    """Return how a student's grade in progress came about; None when families are shown none for this period."""
    book = plans.books([section])[section]
    known = book.periods.get(period)
    whole = explaining.explain(section, student, period, book) if known and known.portal and known.is_shown else None
    if whole is None:
        return None
    open_works = Assignment.objects.filter(section=section, portal=True, deleted_at=None)
    shown = set(open_works.values_list("pk", flat=True))
    lines = [(line, reason) for line, reason in whole.lines if line.work.key in shown]
    hides = any(_counts(line) and line.work.key not in shown for line, _reason in whole.lines)
    hides = hides or not all(_is_open(part) for part in book.parts_of(period))
    grade = replace(whole.grade, sums=()) if hides and whole.grade else whole.grade
    return Shown(replace(whole, lines=lines, grade=grade, parts=[] if hides else whole.parts), hides)


def _counts(line: Told) -> bool:
    return line.verdict in COUNTS


def _is_open(part: TaskInTerm) -> bool:
    return part.portal

"""How a grade is computed: pure arithmetic with decimals, every rule of campus rules 6.4, and nothing else.

A grade is that of one student in one grading task and period. `grade` computes it, `lines` tells for every assignment
how it counted or why it did not; both walk the same steps:

1. What is exempt or dropped does not count. Missing and cheated count as zero, whatever the score. Without a score
   nothing counts: an absent score is never zero.
2. With `limit_last` only the newest of what counts is kept.
3. A category that drops its lowest leaves out those with the lowest percentages, but always keeps one.
4. Points (or, with `use_percent`, each score's percentage) are added up by category, times the multiplier. An
   assignment of no points adds earned points and never divides; it has no percentage.
5. The grade is earned ÷ possible of everything, or with weighted categories the mean of the categories' percentages by
   weight, over those that have something to divide by: the weight of the others goes to them.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, localcontext
from enum import Enum
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

LATE, MISSING, EXEMPT, INCOMPLETE, TURNED_IN, CHEATED, DROPPED = (1 << place for place in range(7))
"""The flags of a score as bits, in the order of the model's list."""
NOT_AT_ALL, AS_ZERO = EXEMPT | DROPPED, MISSING | CHEATED
ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
STEP, TENTH = Decimal("1e-10"), Decimal("0.1")
MOST = Decimal("9999999999.9999999999")
"""A percentage has ten digits before the point and ten behind it."""
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)


class Work(NamedTuple):
    """An assignment as grading sees it. `points` None: not graded; `order` is its place among those of the same day."""

    key: int
    title: str
    category: int | None
    period: int | None
    points: int | None
    multiplier: Decimal
    due_on: dt.date
    order: int = 0
    active: bool = True


class Mark(NamedTuple):
    """What a student has in an assignment: a score or none, and flags."""

    score: Decimal | None
    flags: int = 0


class Category(NamedTuple):
    """A kind of work. Without a weight it weighs nothing."""

    key: int
    title: str
    weight: Decimal | None = None
    drop_lowest: int = 0


class Period(NamedTuple):
    """A grading task in a term."""

    key: int
    task: int
    first: dt.date
    last: dt.date


class Line(NamedTuple):
    """From `minimum` percent on, it is `score`."""

    minimum: Decimal
    score: str


@dataclass(frozen=True)
class Options:
    """How a grading task in its period is calculated; see `gradebook.models.GradeOptions`."""

    weight_categories: bool = False
    use_percent: bool = False
    limit_last: int | None = None
    scale: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All that decides the grades of one task in its period, but the students' marks.

    `periods` are the grading tasks whose assignments count: its own, and with cumulative terms earlier ones.
    """

    options: Options
    categories: Mapping[int, Category]
    works: tuple[Work, ...]
    periods: frozenset[int]

    @cached_property
    def counting(self) -> tuple[Work, ...]:
        """The assignments that may count, the oldest first."""
        found = [work for work in self.works if self.refusal(work) is None]
        return tuple(sorted(found, key=attrgetter("due_on", "order", "key")))

    @cached_property
    def worth(self) -> dict[int, Decimal]:
        """What each of these adds to the points possible."""
        return {work.key: (work.points or 0) * work.multiplier for work in self.counting}

    @cached_property
    def drops(self) -> bool:
        """Whether any category drops its lowest."""
        return any(each.drop_lowest for each in self.categories.values())

    def refusal(self, work: Work) -> "Verdict | None":
        """Return why an assignment counts for nobody; None when it may count."""
        if work.period not in self.periods:
            return Verdict.ELSEWHERE
        if work.category not in self.categories:
            return Verdict.UNCATEGORIZED
        if not work.active:
            return Verdict.INACTIVE
        if work.points is None:
            return Verdict.NOT_GRADED
        if self.options.use_percent and not work.points:
            return Verdict.NO_PERCENT
        return None


class Verdict(Enum):
    """How an assignment counted for a student, or why it did not."""

    COUNTED = "counted"
    EXTRA = "extra"
    MISSING = "missing"
    CHEATED = "cheated"
    NO_SCORE = "no score"
    EXEMPT = "exempt"
    DROPPED = "dropped"
    LOWEST = "lowest"
    OLDER = "older"
    INACTIVE = "inactive"
    NOT_GRADED = "not graded"
    NO_PERCENT = "no percent"
    UNCATEGORIZED = "uncategorized"
    ELSEWHERE = "elsewhere"


Marks = Mapping[int, tuple[Decimal | None, int]]
"""What a student has: score and flags by assignment, as Mark or as plain tuples, which are quicker to make."""
Entry = tuple[Work, Decimal]
"""An assignment that counts for a student, and with what score."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A category's part of a grade. `percent` None: nothing to divide by, its weight goes to the others.

    With `use_percent`, `earned` and `possible` are the sums of percentages and of multipliers.
    """

    category: Category
    earned: Decimal
    possible: Decimal
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade and the sums behind it; `percent` None: nothing counts yet. `score` is blank without a scale."""

    percent: Decimal | None
    score: str
    sums: tuple[Sum, ...] = ()


class Told(NamedTuple):
    """One line of "how was this computed?"."""

    work: Work
    mark: Mark
    verdict: Verdict
    score: Decimal | None = None


class Part(NamedTuple):
    """A part of a composite grade: the posted percentage counts, and where none is posted, that in progress."""

    title: str
    weight: Decimal | None
    posted: Decimal | None
    in_progress: Decimal | None

    @property
    def percent(self) -> Decimal | None:
        """What counts."""
        return self.posted if self.posted is not None else self.in_progress


def grade(plan: Plan, marks: Marks) -> Grade:
    """Return a student's grade; `marks` are theirs by assignment. An assignment without a mark has no score."""
    with localcontext(EXACT):
        kept = _kept(plan, _entries(plan, marks))
        sums = _sums(plan, kept)
        percent = _rounded(_weighted(sums) if plan.options.weight_categories else _together(sums, _times(plan)))
        return Grade(percent, looked_up(percent, plan.options.scale), sums)


def composite(parts: Sequence[Part], scale: Sequence[Line] = ()) -> Grade:
    """Return the grade made of others: their mean by weight, over those that there are."""
    there = [(part.percent, part.weight or ZERO) for part in parts if part.percent is not None]
    with localcontext(EXACT):
        weights = sum((weight for _, weight in there), ZERO)
        total = sum((percent * weight for percent, weight in there), ZERO)
        percent = _rounded(total / weights if weights > 0 else None)
    return Grade(percent, looked_up(percent, scale))


def lines(plan: Plan, marks: Marks) -> list[Told]:
    """Return how each assignment of the plan's periods counted for a student, in order of the due dates."""
    with localcontext(EXACT):
        entries = _entries(plan, marks)
        newest = _newest(plan, entries)
        kept = {work.key for work, _ in _kept(plan, entries)}
    counted = {work.key: score for work, score in entries}
    recent = {work.key for work, _ in newest}
    answer = []
    for work in sorted(plan.works, key=attrgetter("due_on", "order", "key")):
        if work.period not in plan.periods:
            continue
        mark, score = Mark(*marks.get(work.key, (None, 0))), counted.get(work.key)
        if score is None:
            answer.append(Told(work, mark, plan.refusal(work) or _left_out(mark)))
        elif work.key not in kept:
            answer.append(Told(work, mark, Verdict.LOWEST if work.key in recent else Verdict.OLDER, score))
        else:
            answer.append(Told(work, mark, _counted(work, mark), score))
    return answer


def looked_up(percent: Decimal | None, scale: Iterable[Line]) -> str:
    """Return the score a percentage stands for: that of the highest minimum it reaches; blank below all of them."""
    if percent is None:
        return ""
    reached = [line for line in scale if line.minimum <= percent]
    return max(reached, key=attrgetter("minimum")).score if reached else ""


def cumulated(periods: Iterable[Period], target: Period, since: dt.date | None) -> frozenset[int]:
    """Return the periods whose assignments count: the target's and, cumulative since a term that began on that day,
    those of the same task from there on which end no later."""
    if since is None:
        return frozenset({target.key})
    there = {
        each.key for each in periods if each.task == target.task and since <= each.first and each.last <= target.last
    }
    return frozenset(there | {target.key})


def shown(percent: Decimal | None) -> Decimal | None:
    """Return a percentage as it is shown: one decimal, the rest cut off, so that it never contradicts the scale."""
    return None if percent is None else percent.quantize(TENTH, ROUND_DOWN)


def flags(names: Collection[str], held: Iterable[bool]) -> int:
    """Return the bits of flags: `held` tells for each of the model's names, in its order, whether it is set."""
    return sum(1 << place for place, (_, is_set) in enumerate(zip(names, held, strict=True)) if is_set)


def _entries(plan: Plan, marks: Marks) -> list[Entry]:
    """Return what counts for a student, the oldest first, before anything is left out. Run for every score there is."""
    found = []
    get = marks.get
    for work in plan.counting:
        mark = get(work.key)
        if mark is None:
            continue
        score, flagged = mark
        if flagged & NOT_AT_ALL:
            continue
        if flagged & AS_ZERO:
            score = ZERO
        elif score is None:
            continue
        found.append((work, score))
    return found


def _newest(plan: Plan, entries: list[Entry]) -> list[Entry]:
    limit = plan.options.limit_last
    return entries if limit is None else entries[max(0, len(entries) - limit) :]


def _kept(plan: Plan, entries: list[Entry]) -> list[Entry]:
    """Return what is left when the older and the lowest are left out."""
    newest = _newest(plan, entries)
    if not plan.drops:
        return newest
    lowest: set[int] = set()
    for category in plan.categories.values():
        if category.drop_lowest:
            own = [entry for entry in newest if entry[0].category == category.key and entry[0].points]
            own.sort(key=lambda entry: (_percent(entry), entry[0].due_on, entry[0].order, entry[0].key))
            many = max(0, min(category.drop_lowest, len(own) - 1))
            lowest.update(work.key for work, _ in own[:many])
    return [entry for entry in newest if entry[0].key not in lowest]


def _percent(entry: Entry) -> Decimal:
    work, score = entry
    return score * HUNDRED / Decimal(work.points or 1)


def _sums(plan: Plan, entries: Iterable[Entry]) -> tuple[Sum, ...]:
    added = {key: [ZERO, ZERO] for key in plan.categories}
    by_percent, worth, seen = plan.options.use_percent, plan.worth, set()
    for entry in entries:
        work, score = entry
        seen.add(work.category)
        pair = added[work.category or 0]
        if by_percent:
            pair[0] += _percent(entry) * work.multiplier
            pair[1] += work.multiplier
        else:
            pair[0] += score if work.multiplier == 1 else score * work.multiplier
            pair[1] += worth[work.key]
    times = _times(plan)
    return tuple(
        Sum(category, earned, possible, earned * times / possible if possible > 0 else None)
        for key, category in plan.categories.items()
        if key in seen
        for earned, possible in [added[key]]
    )


def _times(plan: Plan) -> Decimal:
    """Return what makes a percentage of earned by possible: percentages that were added up are some already."""
    return ONE if plan.options.use_percent else HUNDRED


def _together(sums: Sequence[Sum], times: Decimal) -> Decimal | None:
    """Return the percentage of everything added up."""
    possible = sum((each.possible for each in sums), ZERO)
    return sum((each.earned for each in sums), ZERO) * times / possible if possible > 0 else None


def _weighted(sums: Sequence[Sum]) -> Decimal | None:
    """Return the mean of the categories' percentages by weight; None when all that there is weighs nothing."""
    there = [(each.percent, each.category.weight or ZERO) for each in sums if each.percent is not None]
    weights = sum((weight for _, weight in there), ZERO)
    return sum((percent * weight for percent, weight in there), ZERO) / weights if weights > 0 else None


def _rounded(percent: Decimal | None) -> Decimal | None:
    """Return a percentage as it is stored."""
    return None if percent is None else max(-MOST, min(MOST, percent)).quantize(STEP)


def _left_out(mark: Mark) -> Verdict:
    """Return why a mark does not count."""
    if mark.flags & EXEMPT:
        return Verdict.EXEMPT
    return Verdict.DROPPED if mark.flags & DROPPED else Verdict.NO_SCORE


def _counted(work: Work, mark: Mark) -> Verdict:
    """Return how a mark counts."""
    if mark.flags & MISSING:
        return Verdict.MISSING
    if mark.flags & CHEATED:
        return Verdict.CHEATED
    return Verdict.COUNTED if work.points else Verdict.EXTRA

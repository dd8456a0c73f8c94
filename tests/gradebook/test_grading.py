"""The arithmetic of grades: each rule on its own, and all of them together against an oracle of fractions."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gradebook import grading
from gradebook.grading import Category, Line, Mark, Options, Part, Period, Plan, Verdict, Work
from gradebook.models import Score
from tests.gradebook import oracle_grading as oracle

DAY = dt.date(2026, 9, 1)
LETTERS = {"L": grading.LATE, "M": grading.MISSING, "X": grading.EXEMPT, "I": grading.INCOMPLETE,
           "T": grading.TURNED_IN, "Ch": grading.CHEATED, "Dr": grading.DROPPED}  # fmt: skip
SCALE = (Line(Decimal(90), "A"), Line(Decimal(80), "B"), Line(Decimal(0), "F"))


def work(key: int, points: int | None = 10, **facts) -> Work:
    told = {"category": 1, "period": 1, "multiplier": Decimal(1), "due_on": DAY + dt.timedelta(key)}
    return Work(key=key, title=f"Work {key}", points=points, **(told | facts))


HOMEWORK = (Category(1, "Homework"),)


def plan(*works: Work, categories=HOMEWORK, **options) -> Plan:
    return Plan(Options(**options), {each.key: each for each in categories}, works, frozenset({1}))


def percent(made: Plan, **marks: object):
    """Grade marks such as a7=8 or a7=(8, flags); a7 is the assignment 7."""
    given_marks = {
        int(name[1:]): Mark(*(mark if isinstance(mark, tuple) else (mark, 0))) for name, mark in marks.items()
    }
    given_marks = {key: Mark(None if m.score is None else Decimal(m.score), m.flags) for key, m in given_marks.items()}
    return grading.grade(made, given_marks).percent


def test_flags_stand_in_the_order_of_the_model() -> None:
    assert [getattr(grading, name.upper()) for name in Score.FLAGS] == [1, 2, 4, 8, 16, 32, 64]
    assert grading.flags(Score.FLAGS, [name in ("late", "dropped") for name in Score.FLAGS]) == 65


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ((8, 0), 90), ((8, grading.LATE | grading.INCOMPLETE | grading.TURNED_IN), 90),
        ((8, grading.MISSING), 50), ((8, grading.CHEATED), 50), ((None, grading.MISSING), 50),
        ((8, grading.EXEMPT), 100), ((8, grading.DROPPED), 100), ((0, grading.EXEMPT | grading.MISSING), 100),
        ((None, 0), 100), ((0, 0), 50), ((None, grading.TURNED_IN), 100),
    ],
)  # fmt: skip
def test_each_flag_does_what_the_rules_say(mark, expected) -> None:
    assert percent(plan(work(1), work(2)), a1=10, a2=mark) == expected


def test_what_counts_for_nobody() -> None:
    still = plan(work(1), work(2, active=False), work(3, points=None), work(4, category=None), work(5, period=2))
    assert percent(still, a1=7, a2=0, a3=0, a4=0, a5=0) == 70
    assert percent(plan(work(1)), a2=9) is None
    assert percent(plan(work(1, points=0)), a1=5) is None


def test_no_points_add_and_a_multiplier_weighs_both_sides() -> None:
    assert percent(plan(work(1), work(2, points=0)), a1=9, a2=2) == 110
    assert percent(plan(work(1), work(2, multiplier=Decimal(3))), a1=10, a2=6) == 70


def test_points_or_percentages() -> None:
    works = (work(1, 10), work(2, 100))
    assert round(percent(plan(*works), a1=8, a2=100), 1) == Decimal("98.2")
    assert percent(plan(*works, use_percent=True), a1=8, a2=100) == 90
    assert percent(plan(*works, work(3, 0), use_percent=True), a1=8, a2=100, a3=5) == 90


def test_the_weight_of_empty_categories_goes_to_the_others() -> None:
    kinds = (
        Category(1, "Homework", Decimal(20)),
        Category(2, "Tests", Decimal(80)),
        Category(3, "Practice", Decimal(0)),
    )
    works = (work(1), work(2, category=2), work(3, category=3))
    weighted = plan(*works, categories=kinds, weight_categories=True)
    assert percent(weighted, a1=10, a2=5) == 60
    assert percent(weighted, a1=10) == 100
    assert percent(weighted, a1=10, a3=0) == 100
    assert percent(weighted, a3=10) is None


def test_the_lowest_is_dropped_but_never_the_last() -> None:
    lenient = plan(work(1), work(2, 20), work(3), categories=(Category(1, "Homework", drop_lowest=2),))
    assert percent(lenient, a1=9, a2=2, a3=5) == 90
    assert percent(lenient, a1=3) == 30
    assert percent(plan(work(1), work(2), work(3), limit_last=2), a1=0, a2=8, a3=6) == 70


def test_lines_tell_how_each_assignment_counted() -> None:
    made = plan(
        work(1), work(2), work(3), work(4), work(5, points=0), work(6, active=False), work(7), work(8, period=2),
        categories=(Category(1, "Homework", drop_lowest=1),), limit_last=4,
    )  # fmt: skip
    marks = {1: Mark(Decimal(9)), 2: Mark(Decimal(4)), 3: Mark(Decimal(9), grading.MISSING), 4: Mark(Decimal(8)),
             5: Mark(Decimal(1)), 6: Mark(Decimal(3)), 7: Mark(Decimal(9), grading.EXEMPT)}  # fmt: skip
    told = {line.work.key: line.verdict for line in grading.lines(made, marks)}
    assert told == {
        1: Verdict.OLDER, 2: Verdict.COUNTED, 3: Verdict.LOWEST, 4: Verdict.COUNTED, 5: Verdict.EXTRA,
        6: Verdict.INACTIVE, 7: Verdict.EXEMPT,
    }  # fmt: skip
    assert grading.grade(made, marks).percent == 65


def test_a_percentage_takes_the_score_whose_minimum_it_reaches() -> None:
    found = [grading.looked_up(Decimal(each), SCALE) for each in ("90", "89.9999999999", "80", "0", "-1", "130")]
    assert found == ["A", "B", "B", "F", "", "A"]
    assert grading.shown(Decimal("89.9999999999")) == Decimal("89.9")
    assert grading.looked_up(None, SCALE) == "" == grading.looked_up(Decimal(50), ())


def test_cumulative_terms_are_those_of_the_same_task_since_then() -> None:
    days = [dt.date(2026, month, 1) for month in (8, 10, 12)]
    periods = [Period(key, 1, day, day + dt.timedelta(30)) for key, day in enumerate(days)]
    other = Period(9, 2, days[0], days[0])
    assert grading.cumulated([*periods, other], periods[1], days[0]) == {0, 1}
    assert grading.cumulated([*periods, other], periods[2], days[1]) == {1, 2}
    assert grading.cumulated(periods, periods[2], None) == {2}


def test_an_overlarge_grade_is_the_largest_that_can_be_stored() -> None:
    huge = plan(work(1, 1), work(2, 0, multiplier=Decimal(9999)))
    assert percent(huge, a1=1, a2=99_999_999) == grading.MOST


numbers = st.decimals(-5, 120, places=2) | st.integers(0, 20).map(Decimal)
weights = st.none() | st.integers(0, 100).map(Decimal) | st.decimals(0, 40, places=3)
assignments = st.fixed_dictionaries({
    "category": st.sampled_from([1, 2, 3, None]), "points": st.none() | st.integers(0, 30),
    "multiplier": st.sampled_from([Decimal(1), Decimal(2), Decimal("0.5"), Decimal(0)]),
    "active": st.sampled_from([True, True, True, False]), "day": st.integers(0, 5),
})  # fmt: skip
marks = st.none() | st.fixed_dictionaries({
    "score": st.none() | numbers, "flags": st.sets(st.sampled_from(sorted(LETTERS)), max_size=2),
})  # fmt: skip
kinds = st.lists(st.fixed_dictionaries({"weight": weights, "drop": st.integers(0, 2)}), min_size=1, max_size=3)


@given(
    st.lists(st.tuples(assignments, marks), max_size=14), kinds, st.booleans(), st.booleans(),
    st.none() | st.integers(0, 6),
)  # fmt: skip
def test_grades_are_those_of_the_oracle_to_the_last_digit(rows, categories, weighted, percents, last) -> None:
    works = [row | {"id": key} for key, (row, _) in enumerate(rows)]
    had = {key: mark for key, (_, mark) in enumerate(rows) if mark is not None}
    named = {key + 1: category for key, category in enumerate(categories)}
    wanted = oracle.percent(works, had, named, weighted=weighted, percents=percents, last=last)
    made = Plan(
        Options(weighted, percents, last, SCALE),
        {key: Category(key, "", each["weight"], each["drop"]) for key, each in named.items()},
        tuple(
            work(each["id"], each["points"], category=each["category"], multiplier=each["multiplier"],
                 active=each["active"], due_on=DAY + dt.timedelta(each["day"]))
            for each in works
        ),
        frozenset({1}),
    )  # fmt: skip
    given_marks = {
        key: Mark(mark["score"], sum(LETTERS[letter] for letter in mark["flags"])) for key, mark in had.items()
    }
    grade, told = grading.grade(made, given_marks), grading.lines(made, given_marks)
    assert (None if grade.percent is None else Fraction(grade.percent)) == wanted
    counted = {Verdict.COUNTED, Verdict.EXTRA, Verdict.MISSING, Verdict.CHEATED}
    earned = sum((each.score * each.work.multiplier for each in told if each.verdict in counted), Decimal(0))
    assert percents or earned == sum((each.earned for each in grade.sums), Decimal(0))
    assert len(told) == len(works)


@given(st.lists(st.tuples(weights, st.none() | numbers, st.none() | numbers), max_size=4))
@example([(Decimal(50), Decimal(80), Decimal(10)), (Decimal(50), None, Decimal(90))])
def test_composites_are_those_of_the_oracle(rows) -> None:
    grade = grading.composite([Part("", *row) for row in rows], SCALE)
    assert (None if grade.percent is None else Fraction(grade.percent)) == oracle.mean(rows)

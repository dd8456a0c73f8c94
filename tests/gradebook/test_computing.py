"""Grades in progress follow what changed: the job leaves what a computation from scratch gives."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradebook import computing, grading
from gradebook.models import Assignment, DirtyMark, GradeOptions, InProgressGrade, PostedGrade, Score
from gradebook.services.act import acting
from interop import schedule
from interop.jobs.running import Run
from roster.models import RosterEntry, Term
from tests.gradebook.taught import Taught, teach

pytestmark = pytest.mark.django_db
RUN = Run(1, "", "")


def stored() -> set[tuple[object, ...]]:
    names = ("section_id", "person_id", "period_id", "percent", "score")
    return set(InProgressGrade.objects.values_list(*names))


def from_scratch(*taught: Taught) -> set[tuple[object, ...]]:
    return {tuple(row) for row in computing.graded([each.section.pk for each in taught])}


def grades(taught: Taught) -> dict[str, tuple[str, str]]:
    """Return what is stored of the first student by the period's title."""
    found = InProgressGrade.objects.filter(person=taught.students[0], section=taught.section)
    return {each.period.term.title: (f"{each.percent:.2f}", each.score) for each in found}


def test_the_job_runs_every_five_minutes() -> None:
    job = schedule.job("in-progress-grades")
    assert job.when.period == dt.timedelta(minutes=5)
    assert computing.run(RUN) == "Nothing has changed."


def test_what_changed_is_computed_and_only_that() -> None:
    one, other = teach("one", students=2), teach("other", students=1)
    for each in (one, other):
        work = each.assignment()
        each.score(work, 0, 9)
    with acting("teacher") as act:
        act.dirty(one.section.pk)
        act.dirty(one.section.pk)
    assert computing.stale([one.section.pk, other.section.pk]) == {one.section.pk}
    assert computing.run(RUN) == "1 section computed, 1 grade changed."
    assert grades(one) == {"Quarter 1": ("90.00", "A")}
    assert grades(other) == {}
    assert not DirtyMark.objects.exists()


def test_what_stays_the_same_is_not_written_again_and_what_ends_is_removed() -> None:
    one = teach()
    score = one.score(one.assignment(), 0, 9)
    computing.compute([one.section.pk], timezone.now())
    before = InProgressGrade.objects.get()
    assert computing.compute([one.section.pk], timezone.now()) == 0
    assert InProgressGrade.objects.get().computed_at == before.computed_at
    Score.objects.filter(pk=score.pk).update(exempt=True)
    assert computing.compute([one.section.pk], timezone.now()) == 1
    assert stored() == set()


def test_changes_of_the_roster_mark_the_grades_they_touch() -> None:
    one, other = teach("one", students=1), teach("other", students=1)
    for each in (one, other):
        each.score(each.assignment(), 0, 9)
    both = {one.section.pk, other.section.pk}
    computing.compute(both, timezone.now())
    DirtyMark.objects.all().delete()

    def marked(changed: int) -> set[int]:
        assert changed
        found = computing.stale(list(both))
        computing.run(RUN)
        assert stored() == from_scratch(one, other)
        return found

    seat, quarter = RosterEntry.objects.filter(section=one.section), Term.objects.get(sourced_id="q1")
    assert marked(seat.update(end_date=dt.date(2026, 11, 1))) == set(), "whose seat ends on a day keeps the grade"
    assert marked(seat.update(ended_at=timezone.now())) == {one.section.pk}
    assert (len(grades(one)), len(grades(other))) == (0, 1), "whose seat is taken back has no grade"
    assert marked(seat.update(ended_at=None)) == {one.section.pk}
    assert len(grades(one)) == 1
    assert marked(Term.objects.filter(pk=quarter.pk).update(title="Q 1")) == set(), "a name touches no grade"
    assert marked(Term.objects.filter(pk=quarter.pk).update(end_date=dt.date(2026, 10, 20))) == both
    assert marked(Term.objects.filter(pk=quarter.pk).update(ended_at=timezone.now())) == both
    assert stored() == set()
    assert marked(Term.objects.filter(pk=quarter.pk).update(ended_at=None)) == both
    one.section.terms.clear()
    assert marked(1) == {one.section.pk}
    assert (len(grades(one)), len(grades(other))) == (0, 1)


def test_options_decide_what_is_shown() -> None:
    one = teach()
    one.score(one.assignment(), 0, 9)
    options = GradeOptions.objects.filter(section=one.section)
    options.update(scale=None)
    assert from_scratch(one) == set()
    options.update(scale=one.scale, calculation="none")
    assert from_scratch(one) == set()
    GradeOptions.objects.create(period=one.periods["Quarter 1"], section=None, scale=one.scale)
    assert {row[3] for row in from_scratch(one)} == {Decimal(90)}


def test_cumulative_and_composite_grades() -> None:
    one = teach()
    quarters = one.periods
    one.score(one.assignment(), 0, 10)
    one.score(one.assignment(task=quarters["Quarter 2"]), 0, 5)
    year = quarters["Quarter 1"].task.periods.create(
        term=quarters["Quarter 1"].term.parent, sourced_id="semester", modified=timezone.now()
    )
    GradeOptions.objects.create(period=year, section=one.section, scale=one.scale)
    for title, weight in (("Quarter 1", 50), ("Quarter 2", 50)):
        quarters[title].parent, quarters[title].parent_weight = year, weight
        quarters[title].save()
    computing.compute([one.section.pk], timezone.now())
    wanted = {"Quarter 1": ("100.00", "A"), "Quarter 2": ("50.00", "F"), "Fall": ("75.00", "C")}
    assert grades(one) == wanted
    GradeOptions.objects.filter(period=quarters["Quarter 2"]).update(cumulative_from=quarters["Quarter 1"].term)
    PostedGrade.objects.create(
        section=one.section, person=one.students[0], period=quarters["Quarter 1"], percent=95, score="A",
        posted_by="t", posted_at=timezone.now(), modified=timezone.now(), sourced_id="p",
    )  # fmt: skip
    computing.compute([one.section.pk], timezone.now())
    assert grades(one) == wanted | {"Quarter 2": ("75.00", "C"), "Fall": ("85.00", "B")}
    year.parent, year.parent_weight = quarters["Quarter 2"], 1  # a ring ends somewhere
    year.save()
    assert from_scratch(one)


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["score", "flag", "remove", "multiplier", "active", "category", "weight", "drop", "options"]),
        st.integers(0, 1), st.integers(0, 5), st.integers(0, 12),
    ),
    max_size=8,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(CHANGES, st.integers(1, 6))
def test_after_any_changes_the_job_leaves_what_a_computation_from_scratch_gives(taught, changes, every) -> None:
    for at, (what, where, which, value) in enumerate(changes):
        with acting("somebody") as act:
            change(taught[where], what, which, value)
            act.dirty(taught[where].section.pk)
        if at % every == 0:
            computing.run(RUN)
    computing.run(RUN)
    assert stored() == from_scratch(*taught)


@pytest.fixture
def taught() -> list[Taught]:
    """Two sections with six assignments and some scores each, computed."""
    made = [teach("one", students=2), teach("other", students=2)]
    for each in made:
        for at in range(6):
            work = each.assignment(category=each.categories["Tests" if at % 2 else "Homework"])
            each.score(work, 0, at)
            each.score(work, 1, 10 - at)
    computing.compute([each.section.pk for each in made], timezone.now())
    assert stored()
    return made


def change(one: Taught, what: str, which: int, value: int) -> None:
    """Make one change, as a teacher or vendor might."""
    work = Assignment.objects.filter(section=one.section).order_by("pk")[which]
    scores = Score.objects.filter(assignment=work, person=one.students[value % 2])
    category = list(one.categories.values())[which % 2]
    match what:
        case "score":
            scores.update(score=value)
        case "flag":
            scores.update(**{Score.FLAGS[value % 7]: value % 2 == 0})
        case "remove":
            scores.update(deleted_at=timezone.now())
        case "multiplier":
            Assignment.objects.filter(pk=work.pk).update(multiplier=Decimal(value) / 4)
        case "active":
            Assignment.objects.filter(pk=work.pk).update(active=value % 2 == 0)
        case "category":
            Assignment.objects.filter(pk=work.pk).update(category=category)
        case "weight" | "drop":
            type(category).objects.filter(pk=category.pk).update(weight=value + 1, drop_lowest=which)
        case "options":
            GradeOptions.objects.filter(section=one.section).update(
                weight_categories=value % 2, use_percent=which % 2, limit_last=value or None
            )


def test_bits_of_the_database_are_those_of_the_arithmetic() -> None:
    one = teach()
    for at, name in enumerate(Score.FLAGS):
        one.score(one.assignment(), 0, 1, **{name: True})
        marks = computing.plans.held([one.section.pk])[one.section.pk][one.students[0].pk].marks
        assert max(flags for _, flags in marks.values()) == 1 << at
    assert at == len(Score.FLAGS) - 1
    assert grading.DROPPED == 64

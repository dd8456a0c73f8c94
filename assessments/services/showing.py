"""What people see of scores: those of one student by test, and how all of a test are distributed."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import mean, median

from django.db import connection
from django.db.models import Prefetch, QuerySet

from assessments.models import KINDS, ResultStatus, ScoreKind, Test, TestScore
from assessments.services.setup import Field, bounds, fields_of, status_of
from roster.models import Person

BINS = 10
# The newest score of each student who is enrolled in the current school year; all students are in `students`.
_STUDENTS = """
    SELECT DISTINCT e.person_id FROM roster_enrollment e JOIN roster_calendar c ON c.id = e.calendar_id
    JOIN roster_schoolyear y ON y.id = c.school_year_id AND y.active
    WHERE e.ended_at IS NULL AND NOT e.no_show AND (e.end_date IS NULL OR e.end_date >= current_date)
        AND (%s::bigint[] IS NULL OR c.school_id = ANY(%s::bigint[]))
        AND (%s::text[] IS NULL OR EXISTS (
            SELECT FROM roster_gradelevel g WHERE g.id = e.grade_level_id AND g.local_grade = ANY(%s::text[])))
        AND (%s::bigint IS NULL OR EXISTS (
            SELECT FROM roster_rosterentry r
            WHERE r.section_id = %s::bigint AND r.person_id = e.person_id AND r.ended_at IS NULL))
"""


@dataclass(frozen=True)
class Taken:
    """A test a student took, what its parents are called, and the scores by day, the newest last."""

    test: Test
    path: tuple[str, ...]
    fields: list[Field]
    statuses: list[ResultStatus]
    scores: list[TestScore]

    def status(self, score: TestScore) -> str:
        """Return what a result is called."""
        return status_of(score, self.statuses)


@dataclass(frozen=True)
class Distribution:
    """The newest scores of one kind in a test: how many lie where, what they are called, who has none."""

    kind: ScoreKind
    bins: list[tuple[Decimal, Decimal, int]]
    statuses: list[tuple[str, int]]
    tested: int
    untested: int
    lowest: Decimal | None = None
    highest: Decimal | None = None
    mean: Decimal | None = None
    median: Decimal | None = None


def scores_of(person: Person, *, portal: bool = False, restricted: bool = False) -> list[Taken]:
    """Return a student's tests with all scores, by type and title.

    `portal`: only what families see, which is tests marked for it, without fields that are hidden. Restricted tests are
    told to whoever asks for them with `restricted`, and never to the portal.
    """
    scores = TestScore.objects.filter(person=person, deleted_at=None).order_by("date", "pk")
    tests = Test.objects.filter(scores__in=scores, deleted_at=None).distinct()
    if portal:
        tests = tests.filter(portal=True, archived=False)
    if portal or not restricted:
        tests = tests.filter(restricted=False)
    found = tests.select_related("year", "owner", "connection", "parent__parent").prefetch_related(
        "fields", "statuses", Prefetch("scores", queryset=scores, to_attr="own_scores")
    )
    return [
        Taken(
            test, path_of(test), [each for each in fields_of(test) if not each.hidden or not portal],
            list(test.statuses.all()), test.own_scores,
        )
        for test in found.order_by("type", "-year__end_year", "sequence", "title", "pk")
    ]  # fmt: skip


def path_of(test: Test) -> tuple[str, ...]:
    """Return what a test's parents are called, from the top."""
    above: list[str] = []
    parent = test.parent
    while parent is not None and len(above) < len(KINDS):
        above.insert(0, parent.title)
        parent = parent.parent
    return tuple(above)


def distribution(
    test: Test, kind: ScoreKind, *, schools: Collection[int] | None = None, grades: Collection[str] | None = None
) -> Distribution:
    """Return how the newest scores of a test are distributed, of students at the schools and in the local grades; None:
    of all.

    Those without a score are students of the schools now, or of the class the test names.
    """
    students = _students(test, schools, grades)
    newest: dict[int, TestScore] = {}
    for score in TestScore.objects.filter(test=test, deleted_at=None).order_by("date", "pk"):
        if (schools is None and grades is None) or score.person_id in students:
            newest[score.person_id] = score
    statuses = list(test.statuses.all())
    called = Counter(status_of(score, statuses) for score in newest.values())
    order = {each.name: at for at, each in enumerate(statuses)}
    names = sorted((name for name in called if name), key=lambda name: (order.get(name, len(order)), name))
    numbers = [] if kind is ScoreKind.LEVEL else [n for s in newest.values() if (n := s.number(kind)) is not None]
    told = Distribution(
        kind, _bins(numbers, *bounds(test).get(kind, (None, None))), [(name, called[name]) for name in names],
        len(newest), len(students - newest.keys()),
    )  # fmt: skip
    if not numbers:
        return told
    return Distribution(
        told.kind, told.bins, told.statuses, told.tested, told.untested,
        min(numbers), max(numbers), mean(numbers), median(numbers),
    )  # fmt: skip


def _students(test: Test, schools: Collection[int] | None, grades: Collection[str] | None) -> set[int]:
    keys = None if schools is None else list(schools)
    levels = None if grades is None else list(grades)
    with connection.cursor() as cursor:
        cursor.execute(_STUDENTS, [keys, keys, levels, levels, test.section_id, test.section_id])
        return {key for (key,) in cursor.fetchall()}


def _bins(numbers: Sequence[Decimal], low: Decimal | None, high: Decimal | None) -> list[tuple[Decimal, Decimal, int]]:
    """Return ten bins of one width from the lowest to the highest possible score, or from and to what there is."""
    if not numbers:
        return []
    first, last = (
        min([low, *numbers] if low is not None else numbers),
        max([high, *numbers] if high is not None else numbers),
    )
    if first == last:
        return [(first, last, len(numbers))]
    width = (last - first) / BINS
    counts = Counter(min(int((number - first) / width), BINS - 1) for number in numbers)
    return [(first + width * at, first + width * (at + 1), counts[at]) for at in range(BINS)]


def export_rows(test: Test, scores: QuerySet[TestScore] | None = None) -> Iterator[list[str]]:
    """Yield the scores of a test as lines of a file, a head first; its columns are those an import reads."""
    kinds = [each.kind for each in fields_of(test)]
    yield [
        "Student.sourcedId", "Student.number", "Student.name", "Score.date", *(f"Score.{kind}" for kind in kinds),
        "Status", "Comment",
    ]  # fmt: skip
    statuses = list(test.statuses.all())
    rows = scores if scores is not None else TestScore.objects.filter(test=test, deleted_at=None)
    for row in rows.select_related("person").order_by("person__family_name", "person__given_name", "date", "pk"):
        person, values = row.person, [getattr(row, TestScore.COLUMNS[kind]) for kind in kinds]
        yield [
            person.sourced_id, person.local_id, f"{person.given_name} {person.family_name}", row.date.isoformat(),
            *("" if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else value
              for value in values),
            status_of(row, statuses), row.comment,
        ]  # fmt: skip

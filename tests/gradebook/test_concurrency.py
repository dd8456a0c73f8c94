"""Several writers at once end in one of their states, never in a mixture."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gradebook.models import Assignment, Change, Score
from gradebook.teaching import scoring
from roster.models import Person
from tests.gradebook.conftest import Partner, assignment, make_book, partner, ref, score

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 4
Step = tuple[str, int]


def at_once(*acts: Callable[[], int]) -> list[int]:
    """Do all of it at the same moment, each on a connection of its own; return the statuses."""
    gate = threading.Barrier(len(acts))

    def one(act: Callable[[], int]) -> int:
        gate.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def whole(number: int) -> dict:
    """A result all of whose parts tell its number."""
    late = "true" if number % 2 else "false"
    return score(score=number, comment=f"number {number}", late=late, scoreDate=f"2026-09-{1 + number % 28:02d}")


def put(vendor: Partner, name: str, number: int) -> int:
    return vendor.put("result", name, **whole(number)).status_code


def consistent(row: Score) -> bool:
    number = int(row.score)
    return (row.comment, row.late, row.score_date.day) == (f"number {number}", bool(number % 2), 1 + number % 28)


def a_score_typed_while_the_vendors_arrives_is_stored(acme: Partner) -> None:
    """Between the teacher's reading of the cell and its writing the vendor's score is committed."""
    item, bob = Assignment.objects.get(), Person.objects.get(sourced_id="bob")
    make_new = scoring._new

    def late(*given: object) -> Score:
        if not Score.objects.filter(person=bob).exists():
            sent = {**whole(7), "student": ref("user", "bob")}
            at_once(lambda: acme.put("result", "r-bob", **sent).status_code)
        return make_new(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "_new", late)
        typed = {item.pk: {bob.pk: scoring.read("9 L")}}
        assert scoring.save("Eleanor Voss", item.section_id, typed, dt.date(2026, 9, 12)) == 1
    row = Score.objects.get(person=bob)
    assert (row.sourced_id, row.score, row.late, row.comment) == ("r-bob", 9, True, "number 7")


def test_writers_of_one_result_leave_one_whole_state_and_a_history_of_the_others() -> None:
    make_book()
    acme = partner()
    acme.put("lineItem", "quiz-1", **assignment())

    @given(st.lists(st.integers(1, 60), min_size=WRITERS, max_size=WRITERS, unique=True))
    def tried(numbers: list[int]) -> None:
        before = Change.objects.count()
        statuses = at_once(*(lambda n=n: put(acme, "r-1", n) for n in numbers))
        row = Score.objects.get()
        assert set(statuses) <= {200, 201}
        assert statuses.count(201) == (1 if before == 0 and not tried.seen else 0)
        tried.seen = True
        assert int(row.score) in numbers
        assert consistent(row)
        changes = list(Change.objects.order_by("pk").values_list("after__score", flat=True))[before:]
        assert len(changes) >= WRITERS - 1 - statuses.count(201)

    tried.seen = False
    tried()
    a_score_typed_while_the_vendors_arrives_is_stored(acme)


def test_one_student_has_one_result_whoever_is_first() -> None:
    make_book()
    acme = partner()
    acme.put("lineItem", "quiz-1", **assignment())
    statuses = at_once(*(lambda n=n: put(acme, f"r-{n}", n) for n in range(1, WRITERS + 1)))
    assert sorted(statuses) == [201, *[422] * (WRITERS - 1)]
    assert consistent(Score.objects.get())
    posted = {"lineItems": [{"sourcedId": "t", **assignment()}]}
    path, key = "/classes/algebra-1/lineItems", {"Idempotency-Key": "same"}
    before = Assignment.objects.count()
    statuses = at_once(*[lambda: acme.send("POST", path, posted, **key).status_code] * WRITERS)
    assert (statuses, Assignment.objects.count()) == ([201] * WRITERS, before + 1)

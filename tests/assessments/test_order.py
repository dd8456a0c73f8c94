"""Whatever order a tree and its results arrive in, the end is the same; what is early waits and is told what for."""

import datetime as dt

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from assessments import models as tests
from assessments.services import waiting
from gradebook.models import Receipt
from roster.publishing import publish
from tests.assessments.conftest import exam, examiner, taken
from tests.roster import factories as make

LINE_ITEM, RESULT = "assessmentLineItem", "assessmentResult"


def told(answer) -> str:
    return answer.json()["imsx_description"]


def test_what_comes_too_early_is_answered_with_what_is_missing_and_stored_when_that_arrives(acme):
    first = acme.put(RESULT, "r-1", **taken("algebra"))
    assert (first.status_code, "The assessment algebra is missing" in told(first)) == (422, True)
    second = acme.put(LINE_ITEM, "algebra", **exam("math", title="Algebra"))
    assert (second.status_code, "The parent assessment math is missing" in told(second)) == (422, True)
    assert acme.put(LINE_ITEM, "math", **exam("state")).status_code == 422
    acme.put(RESULT, "r-1", **taken("algebra", score=80))
    assert set(tests.Unmatched.objects.values_list("sourced_id", "missing", "times")) == {
        ("r-1", "algebra", 2), ("algebra", "math", 1), ("math", "state", 1),
    }  # fmt: skip
    assert acme.ids("/assessmentLineItems") == acme.ids("/assessmentResults") == []
    assert acme.put(LINE_ITEM, "state", **exam()).status_code == 201
    assert not tests.Unmatched.objects.exists()
    assert acme.body("/assessmentResults/r-1")["score"] == 80
    assert acme.body("/assessmentLineItems/algebra")["parentAssessmentLineItem"]["sourcedId"] == "math"
    assert set(Receipt.objects.values_list("outcome", flat=True)) == {"stored"}
    row = tests.TestScore.objects.get()
    assert (row.connection, row.owner) == (acme.connection, acme.connection.application)


def test_who_waits_belongs_to_its_application_and_goes_when_it_is_deleted_or_proves_wrong(acme):
    bolt = examiner("Bolt")
    acme.put(RESULT, "r-1", **taken())
    acme.put(RESULT, "r-2", **taken(score=500))
    acme.put(RESULT, "r-3", **taken())
    bolt.put(LINE_ITEM, "math", **exam())
    assert tests.Unmatched.objects.count() == 3
    assert acme.put(RESULT, "r-1", **taken()).status_code == 403
    assert bolt.send("DELETE", "/assessmentResults/r-3").status_code == 404
    assert acme.send("DELETE", "/assessmentResults/r-3").status_code == 204
    assert bolt.send("DELETE", "/assessmentLineItems/math").status_code == 204
    tests.Test.objects.all().delete()
    assert acme.put(LINE_ITEM, "math", **exam()).status_code == 201
    assert acme.ids("/assessmentResults") == ["r-1"]
    assert not tests.Unmatched.objects.exists()
    refused = Receipt.objects.get(sourced_id="r-2")
    assert (refused.outcome, refused.came["score"]) == ("refused", "500")


def test_a_student_who_is_shared_later_gets_the_score_by_the_job(acme):
    acme.put(LINE_ITEM, "math", **exam())
    answer = acme.put(RESULT, "r-1", **taken(student="eve"))
    assert "No student eve is shared with this connection; the score waits" in told(answer)
    assert waiting.resolve_waiting() == 0
    calendar = make.models.Calendar.objects.get(sourced_id="calendar-lincoln")
    person = make.PersonFactory(sourced_id="eve")
    make.models.Account.objects.create(person=person, username="eve")
    make.EnrollmentFactory(person=person, calendar=calendar)
    publish(dt.datetime(2026, 10, 3, 18, 0, tzinfo=dt.UTC), force=True)
    assert waiting.resolve_waiting() == 1
    assert acme.body("/assessmentResults/r-1")["student"]["sourcedId"] == "eve"
    assert waiting.resolve_waiting() == 0


def test_what_a_stopped_request_left_is_found_by_the_job_and_people_can_dismiss_it(acme, monkeypatch):
    monkeypatch.setattr("assessments.receiving.arrived", lambda *_told: 0)
    acme.put(LINE_ITEM, "math", **exam("state"))
    acme.put(RESULT, "r-1", **taken())
    acme.put(RESULT, "r-2", **taken("never"))
    acme.put(LINE_ITEM, "state", **exam())
    assert waiting.waiting().count() == 3
    assert waiting.resolve_waiting() == 2
    [left] = waiting.waiting(connection=acme.connection.pk)
    assert waiting.dismiss("ada", waiting.waiting().filter(pk=left.pk)) == 1
    assert not tests.Unmatched.objects.exists()
    assert acme.ids("/assessmentResults") == ["r-1"]


def state_of(acme) -> tuple:
    """Everything vendors and people can see but for dates."""
    items = {each["sourcedId"]: each | {"dateLastModified": ""} for each in acme.body("/assessmentLineItems")}
    results = {each["sourcedId"]: each | {"dateLastModified": ""} for each in acme.body("/assessmentResults")}
    left = set(tests.Unmatched.objects.values_list("kind", "sourced_id", "missing"))
    receipts = set(Receipt.objects.values_list("kind", "sourced_id", "outcome"))
    return items, results, left, receipts


@some.composite
def messages(draw):
    """A forest of up to three levels with results, some wrong, some of tests that never come; in two orders."""
    number = draw(some.integers(1, 7))
    told = []
    for at in range(number):
        parent = draw(some.sampled_from([None, "never", *(f"t-{each}" for each in range(number) if each != at)]))
        told.append((LINE_ITEM, f"t-{at}", exam(parent, title=f"Test {at}")))
    for at in range(draw(some.integers(0, 6))):
        test = draw(some.sampled_from(["never", *(f"t-{each}" for each in range(number))]))
        student, score = (
            draw(some.sampled_from(["ada", "bob", "cy", "nobody"])),
            draw(some.sampled_from([0, 55.5, 101])),
        )
        told.append((RESULT, f"r-{at}", taken(test, student, score=score)))
    sent = [*told, *draw(some.lists(some.sampled_from(told), max_size=4))]
    return sent, draw(some.permutations(sent))


@pytest.mark.usefixtures("district")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(sent=messages())
def test_any_order_of_the_same_messages_ends_in_the_same_state(acme, sent):
    ends = []
    for order in sent:
        cache.clear()  # so many requests in a moment would be told to wait
        for model in (tests.TestScore, tests.Unmatched, Receipt):
            model.objects.all().delete()
        tests.Test.objects.update(parent=None)
        tests.Test.objects.all().delete()
        for kind, name, fields in order:
            acme.put(kind, name, **fields)
        ends.append(state_of(acme))
    assert ends[0] == ends[1]

"""Who comes early and what they wait for may arrive at one moment: nothing stays behind."""

import pytest

from assessments import models as tests
from tests.assessments.conftest import exam, examiner, taken
from tests.gradebook.conftest import make_book
from tests.gradebook.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3


def test_a_tree_and_its_results_that_arrive_all_at_once_are_all_in_their_place():
    make_book()
    acme = examiner(bucket=0, at_once=0)
    for at in range(ROUNDS):
        top, below, leaf = (f"{name}-{at}" for name in ("state", "math", "algebra"))
        sent = [
            ("assessmentLineItem", top, exam()),
            ("assessmentLineItem", below, exam(top)),
            ("assessmentLineItem", leaf, exam(below)),
            *(("assessmentResult", f"r-{at}-{who}", taken(leaf, who)) for who in ("ada", "bob", "cy")),
        ]
        statuses = at_once(*(lambda each=each: acme.put(each[0], each[1], **each[2]).status_code for each in sent))
        assert set(statuses) <= {201, 422}
    assert not tests.Unmatched.objects.exists()
    assert tests.TestScore.objects.filter(deleted_at=None).count() == 3 * ROUNDS
    assert tests.Test.objects.filter(parent__parent__isnull=False).count() == ROUNDS


def test_the_same_result_sent_by_several_at_once_is_one():
    make_book()
    acme = examiner(bucket=0, at_once=0)
    acme.put("assessmentLineItem", "math", **exam())
    put = [
        lambda score=score: acme.put("assessmentResult", "r-1", **taken(score=score)).status_code for score in range(4)
    ]
    assert sorted(at_once(*put)) == [200, 200, 200, 201]
    assert tests.TestScore.objects.count() == 1

"""Who is deleted for good is in no receipt any more, and nobody else's receipts go."""

from gradebook.disposing import forget
from gradebook.models import Receipt
from tests.gradebook.conftest import assignment, ref, score


def test_receipts_that_name_a_person_go_with_the_person(acme):
    acme.put("lineItem", "quiz-1", **assignment())
    acme.put("result", "one", **score(student=ref("user", "nobody-knows")))
    acme.put("result", "two", **score(student=ref("user", "nobody")))
    before = set(Receipt.objects.values_list("sourced_id", flat=True))
    assert {"one", "two"} <= before
    forget(["nobody"])
    assert set(Receipt.objects.values_list("sourced_id", flat=True)) == before - {"two"}

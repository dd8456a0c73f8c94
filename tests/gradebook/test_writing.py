"""Writes can be repeated, come in bulk, and what is deleted is gone and still told."""

import base64
import hashlib
import json

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connections import expiry, services
from connections.models import SharingSettings
from gradebook.models import Assignment, Change, DirtyMark, Receipt, Score
from tests.connections.signing import header
from tests.gradebook.conftest import BASES, assignment, content, partner, ref, score

STATEMENTS = {"category": 6, "lineItem": 13, "result": 6}
"""Grant, transaction, date, what is there, end and log; of a line item also what its class and section have."""


def test_a_replay_changes_nothing(acme) -> None:
    for kind, name, sent in (
        ("category", "own", {"title": "Own", "weight": 12.5}),
        ("lineItem", "quiz-1", assignment(resultValueMax=10.5, metadata={"a": [1, {"b": None}]})),
        ("result", "r-1", score(score=3.3333333, comment="Good", late="true")),
    ):
        assert acme.put(kind, name, **sent).status_code == 201
        path = f"/{'categories' if kind == 'category' else kind + 's'}/{name}"
        before, marks = acme.body(path), DirtyMark.objects.count()
        with CaptureQueriesContext(connection) as seen:
            again = acme.put(kind, name, **sent)
        assert len(seen) <= STATEMENTS[kind], kind
        assert (again.status_code, content(again)) == (200, b"")
        assert acme.body(path) == before
        assert DirtyMark.objects.count() == marks
    assert not Change.objects.exists()
    assert {each.times for each in Receipt.objects.all()} == {1}


def test_a_change_is_kept_in_the_history_and_dated_later(acme) -> None:
    acme.put("lineItem", "quiz-1", **assignment())
    first = acme.body("/lineItems/quiz-1")["dateLastModified"]
    assert acme.put("lineItem", "quiz-1", **assignment(title="Quiz one")).status_code == 200
    assert acme.body("/lineItems/quiz-1")["dateLastModified"] > first
    [change] = Change.objects.all()
    assert (change.before, change.after, change.actor) == ({"title": "Quiz 1"}, {"title": "Quiz one"}, "Acme")


def test_what_is_deleted_is_gone_but_told_to_deltas_and_may_come_again(acme) -> None:
    acme.put("lineItem", "quiz-1", **assignment())
    acme.put("result", "r-1", **score())
    since = acme.body("/lineItems/quiz-1")["dateLastModified"]
    assert acme.send("DELETE", "/lineItems/quiz-1").status_code == 204
    for path in ("/lineItems", "/results", "/classes/algebra-1/results", "/lineItems?filter=title='Quiz 1'"):
        assert acme.ids(path) == []
    for method, path in (("GET", "/lineItems/quiz-1"), ("GET", "/results/r-1"), ("DELETE", "/lineItems/quiz-1")):
        assert acme.send(method, path).status_code == 404
    for kind, name in (("lineItems", "quiz-1"), ("results", "r-1")):
        for test in (f"dateLastModified>'{since}'", "status='tobedeleted'"):
            [told] = acme.body(f"/{kind}?filter={test}")
            assert (told["sourcedId"], told["status"], told["dateLastModified"] > since) == (name, "tobedeleted", True)
    assert (Assignment.objects.count(), Score.objects.count()) == (1, 1)
    assert acme.put("lineItem", "quiz-1", **assignment()).status_code == 201
    assert acme.put("result", "r-1", **score(status="tobedeleted")).status_code == 404
    assert acme.put("result", "r-1", **score()).status_code == 201
    assert acme.put("result", "r-1", **score(status="tobedeleted")).status_code == 200
    assert acme.ids("/results") == []


def test_an_address_that_lacks_a_method_is_not_an_id_with_a_slash(acme) -> None:
    acme.put("lineItem", "quiz-1", **assignment())
    body = json.dumps({"lineItem": {**assignment()}})
    for method in ("PUT", "DELETE", "GET"):
        answer = acme.send(method, "/lineItems/quiz-1/results", body)
        assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS"), method
    assert acme.ids("/lineItems") == ["quiz-1"]
    path = f"{BASES[12]}/lineItems/quiz-1%2Fresults"
    for method, status in (("PUT", 201), ("GET", 200), ("DELETE", 204)):
        asked = {"headers": acme.headers, "REQUEST_URI": path}
        assert acme.client.generic(method, path, body, "application/json", **asked).status_code == status, method
    assert acme.put("lineItem", "unit-1/quiz", **assignment()).status_code == 201, "as some servers hand over a %2F"


def test_posted_objects_get_ids_of_ours_and_a_key_makes_a_post_repeatable(acme) -> None:
    items = {"lineItems": [{"sourcedId": f"tmp-{n}", **assignment(title=f"Quiz {n}")} for n in range(3)]}
    path, key = "/classes/algebra-1/lineItems", {"Idempotency-Key": "k-1"}
    answer = acme.send("POST", path, items, **key)
    pairs = answer.json()["sourcedIdPairs"]
    assert answer.status_code == 201
    assert [pair["suppliedSourcedId"] for pair in pairs] == ["tmp-0", "tmp-1", "tmp-2"]
    assert {pair["allocatedSourcedId"] for pair in pairs} == set(acme.ids("/lineItems"))
    assert acme.send("POST", path, items, **key).json() == answer.json()
    assert Assignment.objects.count() == 3
    items["lineItems"][0]["title"] = "Other"
    assert acme.send("POST", path, items, **key).status_code == 422
    assert acme.send("POST", "/schools/lincoln/lineItems", items).status_code == 201
    assert Assignment.objects.count() == 6
    wrong = acme.send("POST", "/schools/washington/lineItems", items)
    assert (wrong.status_code, "lineItems[0].class" in wrong.json()["imsx_description"]) == (422, True)
    assert acme.send("POST", "/classes/nowhere/lineItems", items).status_code == 404
    assert acme.send("POST", "/classes/algebra-2/lineItems", items).status_code == 422


def test_posted_results_replace_the_students_own_and_may_name_the_session(acme) -> None:
    acme.put("lineItem", "quiz-1", **assignment())
    results = {"results": [{"sourcedId": f"tmp-{who}", **score(student=ref("user", who))} for who in ("ada", "bob")]}
    first = acme.send("POST", "/lineItems/quiz-1/results", results).json()["sourcedIdPairs"]
    second = acme.send("POST", "/classes/algebra-1/academicSessions/q1/results", results)
    assert (second.status_code, second.json()["sourcedIdPairs"]) == (201, first)
    assert Score.objects.count() == 2
    assert acme.send("POST", "/classes/algebra-1/academicSessions/nowhere/results", results).status_code == 404
    assert acme.send("POST", "/classes/algebra-1/academicSessions/year-2027/results", results).status_code == 422
    assert acme.send("POST", "/classes/algebra-2/academicSessions/q1/results", results).status_code == 422


def test_a_list_is_stored_whole_or_not_at_all_and_every_bad_item_is_named(acme) -> None:
    acme.put("lineItem", "quiz-1", **assignment())
    good = {"sourcedId": "t1", **score()}
    bad = [
        {"sourcedId": "t2", **score(student=ref("user", "cy"))},
        {"sourcedId": "t3", **score(student=ref("user", "bob"), lineItem=ref("lineItem", "none"))},
        {"sourcedId": "t1", **score(student=ref("user", "bob"))},
    ]
    answer = acme.send("POST", "/classes/algebra-1/academicSessions/q1/results", {"results": [good, *bad]})
    told = answer.json()["imsx_description"]
    assert answer.status_code == 422
    assert [f"results[{n}]." in told for n in range(4)] == [False, True, True, True]
    assert not Score.objects.exists()
    assert set(Receipt.objects.filter(outcome="refused").values_list("sourced_id", flat=True)) == {"t1", "t2", "t3"}
    unreadable = acme.send("POST", "/lineItems/quiz-1/results", {"results": [good, {"score": "x"}, 7]})
    told = unreadable.json()["imsx_description"]
    for text in ("results[1].score: use a number", "results[1].student: it is missing", "results[2]: send an object"):
        assert text in told
    many = acme.send("POST", "/lineItems/quiz-1/results", {"results": [good] * 5001})
    assert "at most 5,000" in many.json()["imsx_description"]


def test_a_teachers_own_score_gives_way_to_the_vendors(acme) -> None:
    acme.put("lineItem", "quiz-1", **assignment())
    acme.put("result", "r-1", **score())
    Score.objects.update(owner=None, sourced_id="by-hand")
    assert acme.put("result", "r-1", **score(score=9)).status_code == 201
    assert list(Score.objects.filter(deleted_at=None).values_list("sourced_id", "score")) == [("r-1", 9)]
    assert Change.objects.get(kind="score").after == {"deleted": True, "replaced_by": "r-1"}


def test_other_methods_are_told_those_there_are(acme) -> None:
    answer = acme.send("PATCH", "/lineItems/quiz-1", {})
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, PUT, DELETE, OPTIONS")
    assert acme.send("OPTIONS", "/classes/algebra-1/lineItems")["Allow"] == "GET, HEAD, POST, OPTIONS"
    older = partner(version=11)
    assert older.send("POST", "/classes/algebra-1/lineItems", {})["Allow"] == "GET, HEAD, OPTIONS"
    assert json.loads(content(older.send("GET", "/scoreScales")))["statusInfoSet"]


def test_a_signed_write_of_1_1_is_read_whole_also_when_its_body_is_hashed(district, settings) -> None:
    settings.PUBLIC_URL = "http://testserver"
    settings.ALLOWED_HOSTS = ["testserver"]
    application = services.application_named("Acme", partner=True, actor="admin")
    choices = {"version": 11, "oauth": 1, "share_gradebook": True, "expires_at": expiry.year_from(timezone.now())}
    connection = services.create_connection(application, actor="admin", choices=choices)
    issued = services.add_credential(connection, actor="admin")
    for name, hashed in (("plain", False), ("hashed", True)):
        body = json.dumps({"lineItem": assignment(category=None)}).encode()
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode() if hashed else ""
        path = f"/ims/oneroster/v1p1/lineItems/{name}"
        signed = header(
            issued.credential.client_id, issued.secret, f"http://testserver{path}", method="PUT", body_hash=digest
        )
        answer = Client().put(path, body, "application/json", headers={"authorization": signed})
        assert (answer.status_code, answer.content) == (201, b"")
    assert set(Assignment.objects.values_list("sourced_id", flat=True)) == {"plain", "hashed"}


def test_while_the_district_takes_no_writes_they_are_told_to_come_back_and_reading_goes_on(acme) -> None:
    acme.put("lineItem", "quiz-1", **assignment())
    SharingSettings.objects.update_or_create(pk=1, defaults={"writes_stopped": True})
    posted = {"lineItems": [{"sourcedId": "t", **assignment()}]}
    for answer in (
        acme.put("lineItem", "quiz-1", **assignment(title="Other")),
        acme.send("POST", "/classes/algebra-1/lineItems", posted),
        acme.send("DELETE", "/lineItems/quiz-1"),
    ):
        told = answer.json()
        minor = told["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"]
        assert (answer.status_code, answer["Retry-After"], told["imsx_codeMajor"], minor) == (
            503, "300", "failure", "server_busy"
        )  # fmt: skip
    assert acme.body("/lineItems/quiz-1")["title"] == "Quiz 1"
    assert acme.ids("/lineItems") == ["quiz-1"]
    SharingSettings.objects.update(writes_stopped=False)
    assert acme.put("lineItem", "quiz-1", **assignment(title="Other")).status_code == 200

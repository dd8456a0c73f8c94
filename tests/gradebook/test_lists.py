"""Lists of live rows: filters, orders, fields, pages that stay, schools, and dates that no delta misses."""

import datetime as dt
import json

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gradebook.models import Assignment, Score
from gradebook.services.act import acting
from tests.gradebook.conftest import Partner, assignment, content, partner, ref, score, without_tasks


@pytest.fixture
def full(acme: Partner) -> Partner:
    """Three assignments, one of them Washington's, and results of two students."""
    for n, (title, points) in enumerate((("Fractions", 20), ("Decimals", 7.5), ("Zero", 0)), 1):
        acme.put("lineItem", f"li-{n}", **assignment(title=title, resultValueMax=points, metadata={"lms": f"m{n}"}))
    bio = assignment(**{"class": ref("class", "biology-1")}, category=ref("category", "own"))
    acme.put("category", "own", title="Own")
    acme.put("lineItem", "li-9", **bio)
    for n, who in enumerate(("ada", "bob"), 1):
        acme.put("result", f"r-{n}", **score(lineItem=ref("lineItem", "li-1"), student=ref("user", who), score=n + 0.5))
    acme.put("result", "r-9", **score(lineItem=ref("lineItem", "li-9"), student=ref("user", "dee"), late="true"))
    without_tasks()
    return acme


CASES = {
    "lineItems": {
        "title='Decimals'": {"li-2"},
        "title~'FRAC' OR resultValueMax='0'": {"li-1", "li-3"},
        "resultValueMax>='7'": {"li-1", "li-2", "li-9"},
        "class.sourcedId='biology-1'": {"li-9"},
        "class.sourcedId='biology-1' OR title='Zero'": {"li-3", "li-9"},
        "category.sourcedId!='homework'": {"li-9"},
        "dueDate<'2026-09-11'": set(),
        "dueDate>='2026-09-11' AND gradingPeriod.sourcedId='q1'": {"li-1", "li-2", "li-3", "li-9"},
        "metadata.lms='m2'": {"li-2"},
        "status='active' AND sourcedId~'9'": {"li-9"},
        "dateLastModified>'2020-01-01'": {"li-1", "li-2", "li-3", "li-9"},
        "dateLastModified>'2120-01-01'": set(),
        "class.type='class' AND school.sourcedId='lincoln'": {"li-1", "li-2", "li-3"},
    },
    "results": {
        "student.sourcedId='ada'": {"r-1"},
        "score>'1.5' AND lineItem.sourcedId='li-1'": {"r-2"},
        "score='2.5'": {"r-2"},
        "late='true'": {"r-9"},
        "scoreDate='2026-09-12' AND scoreStatus='fully graded'": {"r-1", "r-2", "r-9"},
        "student.sourcedId='nobody'": set(),
    },
    "categories": {"title='Own'": {"own"}, "weight='50'": {"homework", "tests"}},
}


def test_a_list_that_is_as_the_vendor_has_it_is_not_sent_again(full) -> None:
    tag = full.get("/results?limit=2")["ETag"]
    assert full.get("/results?limit=2", **{"If-None-Match": tag}).status_code == 304
    full.put("result", "r-1", **score(lineItem=ref("lineItem", "li-1"), student=ref("user", "ada"), score=4))
    changed = full.get("/results?limit=2", **{"If-None-Match": tag})
    assert (changed.status_code, changed["Cache-Control"]) == (200, "private, no-cache")
    assert json.loads(content(changed))["results"][0]["score"] == 4


def test_filters_find_what_they_say(full) -> None:
    for kind, cases in CASES.items():
        for test, wanted in cases.items():
            assert set(full.ids(f"/{kind}?filter={test}")) == wanted, test
    assert full.get("/lineItems?filter=shoe='9'").status_code == 400


def test_orders_fields_and_totals(full) -> None:
    assert full.ids("/lineItems?sort=resultValueMax&orderBy=desc") == ["li-1", "li-9", "li-2", "li-3"]
    assert full.ids("/results?sort=student.sourcedId&orderBy=desc&limit=2") == ["r-9", "r-2"]
    assert full.body("/lineItems?fields=title&filter=title='Zero'") == [{"title": "Zero"}]
    assert full.body("/results/r-1?fields=score,student") == {
        "student": {"href": full.body("/results/r-1")["student"]["href"], "sourcedId": "ada", "type": "user"},
        "score": 1.5,
    }
    answer = full.get("/lineItems?limit=3&offset=3")
    assert (answer["X-Total-Count"], len(json.loads(content(answer))["lineItems"])) == ("4", 1)
    assert 'rel="prev"' in answer["Link"]


def test_the_pages_of_a_pull_stay_as_the_first_one_found_them(full) -> None:
    first = full.ids("/lineItems?limit=2")
    full.put("lineItem", "li-0", **assignment())
    full.send("DELETE", "/lineItems/li-1")
    full.send("DELETE", "/lineItems/li-3")
    answer = full.get("/lineItems?limit=2&offset=2")
    assert first == ["li-1", "li-2"]
    told = json.loads(content(answer))["lineItems"]
    assert [(each["sourcedId"], each["status"]) for each in told] == [("li-3", "tobedeleted"), ("li-9", "active")]
    assert answer["X-Total-Count"] == "4"
    assert full.ids("/lineItems") == ["li-0", "li-2", "li-9"]


def test_a_connection_sees_its_schools_alone(full) -> None:
    lincoln, older = partner(schools=["lincoln"]), partner(version=11)
    assert lincoln.ids("/lineItems") == ["li-1", "li-2", "li-3"]
    assert lincoln.ids("/results") == ["r-1", "r-2"]
    assert set(lincoln.ids("/categories")) >= {"homework", "own", "tests"}
    assert lincoln.get("/classes/biology-1/lineItems").status_code == 404
    assert older.ids("/classes/nowhere/lineItems") == []
    assert full.ids("/classes/algebra-1/lineItems/li-1/results") == ["r-1", "r-2"]
    assert full.get("/classes/algebra-2/lineItems/li-1/results").status_code == 404
    assert full.ids("/classes/algebra-1/students/bob/results") == ["r-2"]
    assert full.ids("/classes/algebra-2/categories") == ["homework", "tests"]
    assert full.ids("/classes/biology-1/categories") == []


STATEMENTS = 6
"""Grant, room and log of every request, and the list itself: horizon, ids, horizon, rows. Of all results it is settled
first how they are put together.
"""


def test_a_list_takes_as_many_statements_for_one_row_as_for_three(full) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            full.body(path)
        return len(seen)

    for path in ("/lineItems", "/results", "/categories", "/classes/algebra-1/lineItems"):
        every = full.ids(path)
        assert len(every) >= 3
        few = STATEMENTS + path.count("classes")
        assert asked(f"{path}?filter=sourcedId='{every[0]}'") == few, path
        assert asked(path) == few + path.count("results"), path


@pytest.mark.django_db(transaction=True)
def test_no_delta_misses_what_commits_late() -> None:
    """A writer that is slow to commit; another is faster and is read meanwhile: nothing told is dated after it."""
    from tests.gradebook.conftest import make_book  # noqa: PLC0415

    make_book()
    without_tasks()
    acme = partner()
    acme.put("lineItem", "fast", **assignment())
    slow = connection.copy()
    with slow.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s), clock_timestamp()", [0x67726164, 1])
        began = cursor.fetchone()[1]
        acme.put("lineItem", "fast", **assignment(title="Faster"))
        [told] = acme.body("/lineItems")
        assert dt.datetime.fromisoformat(told["dateLastModified"]) <= began < Assignment.objects.get().modified
        assert told["title"] == "Faster"
        cursor.execute("COMMIT")
    slow.close()
    [after] = acme.body(f"/lineItems?filter=dateLastModified>'{told['dateLastModified']}'")
    assert after["dateLastModified"] > told["dateLastModified"]
    with transaction.atomic(), acting("somebody") as act:
        assert act.at > timezone.now() - dt.timedelta(seconds=1)
    assert Score.objects.count() == 0

"""What vendors send as assessments and results, and what they read of it."""

import datetime as dt
from decimal import Decimal

from django.db.models import Max

from assessments import models as tests
from assessments.reading.sources import CATEGORY
from gradebook.models import Change, Receipt
from tests.assessments.conftest import exam, examiner, taken
from tests.gradebook.conftest import assignment, content, ref
from tests.roster import factories as make

LINE_ITEM, RESULT = "assessmentLineItem", "assessmentResult"


def told(answer) -> str:
    return answer.json()["imsx_description"] if answer.status_code >= 400 else content(answer).decode()


def put_tree(acme) -> None:
    assert acme.put(LINE_ITEM, "state", **exam(title="State test")).status_code == 201
    assert acme.put(LINE_ITEM, "math", **exam("state", title="Math")).status_code == 201
    assert acme.put(LINE_ITEM, "algebra", **exam("math", title="Algebra")).status_code == 201


def test_a_tree_of_three_levels_and_a_result_are_stored_and_read_back_as_sent(acme):
    put_tree(acme)
    extra = {"scaleScore": 512, "percent": "62.5"}
    sent = taken(scorePercentile=88.0, textScore="Proficient", comment="calm", late="false", metadata=extra)
    assert acme.put(RESULT, "r-1", **sent).status_code == 201
    assert acme.ids("/assessmentLineItems?sort=title") == ["algebra", "math", "state"]
    below = acme.ids("/assessmentLineItems?filter=parentAssessmentLineItem.sourcedId='state'")
    assert below == ["math"]
    found = acme.body("/assessmentResults/r-1")
    assert {name: found[name] for name in ("score", "scorePercentile", "textScore", "comment", "late", "metadata")} == {
        "score": 71.5, "scorePercentile": 88.0, "textScore": "Proficient", "comment": "calm", "late": "false",
        "metadata": extra,
    }  # fmt: skip
    assert found["student"]["sourcedId"] == "ada"
    row = tests.TestScore.objects.get()
    kinds = [row.number(kind) for kind in tests.NUMBERS]
    assert kinds == [Decimal("71.5"), Decimal(512), Decimal("62.5"), Decimal(88)]
    assert tests.Test.objects.filter(added_by_vendor=True, owner__name="Acme", year__active=True).count() == 3
    assert acme.ids("/assessmentResults?filter=score>'70' AND student.sourcedId='ada'") == ["r-1"]
    assert acme.ids("/assessmentResults?filter=metadata.scaleScore='512'") == ["r-1"]
    assert acme.ids("/assessmentResults?filter=score>'72'") == []
    assert set(acme.body("/assessmentResults?fields=score,student")[0]) == {"score", "student"}


def test_sending_again_changes_nothing_and_a_change_made_here_gives_way_and_stays_in_the_history(acme):
    put_tree(acme)
    acme.put(RESULT, "r-1", **taken())
    before = acme.body("/assessmentResults/r-1")
    assert acme.put(RESULT, "r-1", **taken()).status_code == 200
    assert acme.put(LINE_ITEM, "math", **exam("state", title="Math")).status_code == 200
    assert acme.body("/assessmentResults/r-1") == before
    assert not Change.objects.exists()
    tests.TestScore.objects.update(raw=50)
    assert acme.put(RESULT, "r-1", **taken()).status_code == 200
    assert acme.body("/assessmentResults/r-1")["score"] == 71.5
    [change] = Change.objects.filter(kind="testscore")
    assert (change.before, change.after, change.actor) == ({"raw": "50.000000"}, {"raw": "71.500000"}, "Acme")


def test_what_comes_again_unchanged_is_only_noted_as_seen_and_at_most_once_an_hour(acme):
    put_tree(acme)
    long_ago = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    tests.Test.objects.update(received_at=long_ago)
    modified = tests.Test.objects.aggregate(Max("modified"))
    acme.put(LINE_ITEM, "math", **exam("state", title="Math"))
    assert tests.Test.objects.get(sourced_id="math").received_at > long_ago
    assert tests.Test.objects.get(sourced_id="state").received_at == long_ago
    assert tests.Test.objects.aggregate(Max("modified")) == modified


def test_whoever_may_not_send_assessments_is_refused_in_the_standards_shape(acme):
    older, plain = examiner("Old", version=11, share_assessments=False), examiner("Plain", share_assessments=False)
    for path in (f"/{LINE_ITEM}s", f"/{LINE_ITEM}s/x", f"/{RESULT}s/x"):
        assert older.get(path).status_code == 403
        assert older.send("GET", path, Authorization="Bearer x").status_code == 401
    older.version = 12
    for vendor in (older, plain):
        for method, path in (("GET", "s"), ("GET", "s/x"), ("PUT", "s/x"), ("DELETE", "s/x")):
            for kind in (LINE_ITEM, RESULT):
                answer = vendor.send(method, f"/{kind}{path}")
                assert answer.status_code == 403, (method, path)
                assert answer.json()["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == (
                    "forbidden"
                )


def test_rows_belong_to_the_application_and_others_neither_see_nor_change_them(acme):
    put_tree(acme)
    acme.put(RESULT, "r-1", **taken())
    other, beside = examiner("Bolt"), examiner("Acme", schools=["lincoln"])
    assert other.ids("/assessmentLineItems") == other.ids("/assessmentResults") == []
    assert other.get("/assessmentResults/r-1").status_code == 404
    assert other.put(RESULT, "r-1", **taken("own")).status_code in (403, 422)
    assert other.put(LINE_ITEM, "math", **exam()).status_code == 403
    assert other.put(RESULT, "r-2", **taken("math")).status_code == 403
    assert other.put(LINE_ITEM, "below", **exam("math")).status_code == 403
    assert other.send("DELETE", "/assessmentLineItems/math").status_code == 403
    assert beside.ids("/assessmentResults") == ["r-1"]
    assert beside.put(RESULT, "r-1", **taken(score=1)).status_code == 200


def test_a_connection_of_one_school_writes_and_reads_only_that_schools_students_and_classes(acme):
    put_tree(acme)
    acme.put(RESULT, "r-1", **taken())
    acme.put(RESULT, "r-2", **taken(student="dee"))
    acme.put(LINE_ITEM, "bio", **exam(**{"class": ref("class", "biology-1")}))
    acme.put(LINE_ITEM, "cells", **exam("bio"))
    lincoln = examiner(schools=["lincoln"])
    assert lincoln.ids("/assessmentResults") == ["r-1"]
    assert set(lincoln.ids("/assessmentLineItems")) == {"state", "math", "algebra", "cells"}
    assert "parentAssessmentLineItem" not in lincoln.body("/assessmentLineItems/cells")
    assert lincoln.put(RESULT, "r-3", **taken(student="dee")).status_code == 422
    assert lincoln.put(LINE_ITEM, "bio", **exam()).status_code == 403
    assert lincoln.put(LINE_ITEM, "own", **exam(**{"class": ref("class", "biology-1")})).status_code == 422
    assert lincoln.send("DELETE", "/assessmentLineItems/bio").status_code == 404
    assert acme.body("/assessmentLineItems/cells")["parentAssessmentLineItem"]["sourcedId"] == "bio"


def test_only_students_of_the_current_school_year_and_no_scores_of_earlier_ones(acme):
    put_tree(acme)
    past = make.SchoolYearFactory(
        sourced_id="year-2026", title="2025-26", start_year=2025, end_year=2026, active=False,
        start_date=dt.date(2025, 8, 4), end_date=dt.date(2026, 6, 12),
    )  # fmt: skip
    school = make.models.School.objects.get(sourced_id="lincoln")
    calendar = make.CalendarFactory(sourced_id="past", school=school, school_year=past)
    make.EnrollmentFactory(person=make.PersonFactory(sourced_id="gone"), calendar=calendar)
    sentence = "The OneRoster API cannot be used to import historical assessment data"
    for fields in ({"student": "gone"}, {"scoreDate": "2026-06-12"}):
        answer = acme.put(RESULT, "r-1", **taken(**fields))
        assert (answer.status_code, sentence in told(answer)) == (422, True)
    assert acme.put(RESULT, "r-2", **taken(scoreDate="2026-06-13")).status_code == 201
    assert not tests.Unmatched.objects.exists()
    washington = examiner(schools=["washington"])
    assert sentence not in told(washington.put(RESULT, "r-3", **taken(student="gone")))
    make.models.Enrollment.objects.filter(person__sourced_id="ada").update(ended_at=dt.datetime.now(dt.UTC))
    make.models.RosterEntry.objects.filter(person__sourced_id="ada").update(ended_at=dt.datetime.now(dt.UTC))
    from roster.publishing import publish  # noqa: PLC0415

    publish(dt.datetime(2026, 10, 2, 18, 0, tzinfo=dt.UTC), force=True)
    assert acme.get("/assessmentResults/r-2").status_code == 404
    assert acme.ids("/assessmentResults") == []
    assert sentence in told(acme.put(RESULT, "r-2", **taken(score=1)))


BOUNDED = [
    ({"score": 100.5}, 422, "from 0 to 100"),
    ({"score": -1}, 422, "from 0 to 100"),
    ({"score": 100}, 201, ""),
    ({"scorePercentile": 101}, 422, "scorePercentile"),
    ({"scoreDate": None}, 422, "scoreDate: it is missing"),
    ({"scoreScale": ref("scoreScale", "none")}, 422, "no score scale none"),
    ({"metadata": {"scaleScore": 900}}, 422, "metadata.scaleScore: 900 is outside its scale, from 100 to 850"),
    ({"metadata": {"scaleScore": "many"}}, 201, ""),
    ({"score": None, "textScore": "B"}, 201, ""),
    ({"student": "nobody"}, 422, "No student nobody is shared"),
    ({"student": "x" * 256}, 422, "use 1 to 255 characters"),
    ({"metadata": {"scaleScore": [1], "rawScore": {}, "percent": True}}, 201, ""),
    ({"metadata": {"percent": "1e400"}}, 422, "too large"),
]


def test_a_score_is_inside_the_scales_that_are_known(acme):
    put_tree(acme)
    field = {"kind": tests.ScoreKind.SCALE, "minimum": 100, "maximum": 850}
    tests.Test.objects.get(sourced_id="math").fields.create(**field)
    for at, (fields, status, word) in enumerate(BOUNDED):
        answer = acme.put(RESULT, f"r-{at}", **taken(**fields))
        assert (answer.status_code, word in told(answer)) == (status, True), told(answer)


def test_a_performance_level_is_one_of_its_score_scale_and_the_scale_bounds_the_score(acme):
    both = examiner(share_gradebook=True)
    values = [{"itemValueLHS": "0-49", "itemValueRHS": "Below"}, {"itemValueLHS": "50-80", "itemValueRHS": "Meets"}]
    scale = {"title": "Levels", "type": "level", "class": ref("class", "algebra-1"), "scoreScaleValue": values}
    assert both.put("scoreScale", "levels", **scale).status_code == 201
    named = {"scoreScale": ref("scoreScale", "levels")}
    assert acme.put(LINE_ITEM, "math", **exam(resultValueMin=None, resultValueMax=None, **named)).status_code == 201
    assert acme.body("/assessmentLineItems/math")["scoreScale"]["sourcedId"] == "levels"
    assert acme.put(RESULT, "r-1", **taken(textScore="Meets")).status_code == 201
    assert "which has Below, Meets" in told(acme.put(RESULT, "r-1", **taken(textScore="Superb")))
    assert "from 0 to 80" in told(acme.put(RESULT, "r-1", **taken(score=81)))
    assert acme.put(RESULT, "r-2", **taken(textScore="Meets", **named)).status_code == 201
    assert acme.body("/assessmentResults/r-2")["scoreScale"]["sourcedId"] == "levels"


def test_trees_have_three_levels_and_nothing_is_below_itself(acme):
    put_tree(acme)
    assert "three levels" in told(acme.put(LINE_ITEM, "deep", **exam("algebra")))
    assert "below itself" in told(acme.put(LINE_ITEM, "state", **exam("algebra")))
    assert "below itself" in told(acme.put(LINE_ITEM, "state", **exam("state")))
    acme.put(LINE_ITEM, "national", **exam())
    assert "three levels" in told(acme.put(LINE_ITEM, "state", **exam("national")))
    assert acme.put(LINE_ITEM, "algebra", **exam("state", title="Algebra")).status_code == 200
    assert acme.put(LINE_ITEM, "state", **exam("national")).status_code == 200


def test_deleting_is_told_to_deltas_and_takes_what_is_below_along(acme):
    put_tree(acme)
    acme.put(RESULT, "r-1", **taken("algebra"))
    last = acme.body("/assessmentLineItems?sort=dateLastModified&orderBy=desc&limit=1")[0]["dateLastModified"]
    assert acme.send("DELETE", "/assessmentLineItems/math").status_code == 204
    assert acme.send("DELETE", "/assessmentLineItems/math").status_code == 404
    assert acme.get("/assessmentLineItems/algebra").status_code == 404
    delta = {
        each["sourcedId"]: each["status"]
        for each in acme.body(f"/assessmentLineItems?filter=dateLastModified>'{last}'")
    }
    assert delta == {"math": "tobedeleted", "algebra": "tobedeleted"}
    assert [each["status"] for each in acme.body(f"/assessmentResults?filter=dateLastModified>'{last}'")] == [
        "tobedeleted"
    ]
    assert acme.ids("/assessmentLineItems") == ["state"]
    assert acme.put(LINE_ITEM, "math", **exam("state"), status="tobedeleted").status_code == 404
    assert acme.put(LINE_ITEM, "math", **exam("state")).status_code == 201
    kept = tests.TestScore.objects.create(
        sourced_id="here", test=tests.Test.objects.get(sourced_id="math"), date=dt.date(2026, 9, 1),
        person=make.models.Person.objects.get(sourced_id="bob"), modified=dt.datetime.now(dt.UTC),
    )  # fmt: skip
    assert "of its own" in told(acme.send("DELETE", "/assessmentLineItems/state"))
    assert acme.get("/assessmentResults/here").status_code == 404
    kept.delete()


def test_every_refusal_and_every_change_on_the_way_has_a_receipt(acme):
    put_tree(acme)
    acme.put(RESULT, "r-1", **taken(score=200))
    acme.put(RESULT, "r-2", **taken(textScore="x" * 300, shoe=1))
    acme.send("PUT", "/assessmentResults/r-3", "{")
    acme.send("DELETE", "/assessmentLineItems/algebra")
    outcomes = set(Receipt.objects.values_list("kind", "sourced_id", "outcome"))
    assert outcomes == {
        (LINE_ITEM, "state", "stored"), (LINE_ITEM, "math", "stored"), (LINE_ITEM, "algebra", "deleted"),
        (RESULT, "r-1", "refused"), (RESULT, "r-2", "changed"), (RESULT, "r-3", "refused"),
    }  # fmt: skip


def test_assessments_that_name_a_class_are_listed_as_line_items_where_the_connection_wants_it(acme):
    plain = examiner(share_gradebook=True)
    mirror = examiner(schools=["lincoln"], share_gradebook=True, assessments_as_line_items=True)
    put_tree(acme)
    for name, section in (("unit", "algebra-1"), ("bio", "biology-1")):
        acme.put(LINE_ITEM, name, **exam(title=name.title(), **{"class": ref("class", section)}))
        acme.put(RESULT, f"r-{name}", **taken(name, textScore="Meets", metadata={"form": "B"}))
    plain.put("lineItem", "quiz-1", **assignment())
    assert plain.ids("/lineItems") == ["quiz-1"]
    assert set(mirror.ids("/lineItems")) == {"quiz-1", "unit"} == set(mirror.ids("/classes/algebra-1/lineItems"))
    item = mirror.body("/lineItems/unit")
    assert (item["category"]["sourcedId"], item["metadata"]) == (CATEGORY, {"assessment": "true"})
    assert mirror.body(f"/categories/{CATEGORY}")["title"] == "Assessments"
    assert mirror.ids("/lineItems?filter=metadata.assessment='true'&sort=title") == ["unit"]
    assert mirror.ids("/results?limit=1") == ["r-unit"]
    assert mirror.ids("/classes/algebra-1/lineItems/unit/results") == ["r-unit"]
    result = mirror.body("/results/r-unit")
    assert (result["lineItem"]["sourcedId"], result["score"], result["textScore"], result["metadata"]) == (
        "unit", 71.5, "Meets", {"form": "B", "assessment": "true"},
    )  # fmt: skip
    assert mirror.send("DELETE", "/lineItems/unit").status_code == 404
    acme.send("DELETE", "/assessmentLineItems/unit")
    assert [each["status"] for each in mirror.body("/results?filter=dateLastModified>'2026-01-01'")] == ["tobedeleted"]
    mirror.connection.share_assessments = False
    mirror.connection.save()
    assert mirror.ids("/lineItems?filter=dateLastModified>'2026-01-01'") == ["quiz-1"]

"""What people do with tests and scores: set up, enter, look, import; and what goes with people who are deleted."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import import_string

from assessments import models as tests
from assessments.models import ScoreKind
from assessments.services import scoring, setup, showing
from assessments.services.importing import import_scores, sample
from assessments.services.setup import Field, Status
from assessments.services.wrong import Wrong
from roster.disposing import ABOVE
from roster.models import Person, SchoolYear
from tests.assessments.conftest import exam, examiner, taken
from tests.gradebook.conftest import Partner, make_book
from tests.roster import factories as make

DAY = dt.date(2026, 9, 12)
RAW, LEVEL, PERCENT = ScoreKind.RAW, ScoreKind.LEVEL, ScoreKind.PERCENT


def make_math() -> tests.Test:
    """A test of the district's own, of 0 to 50 points."""
    year = SchoolYear.objects.get(active=True)
    return setup.create_test("ada", year=year, title="Math", code="M7", type="state", minimum=0, maximum=50)


@pytest.fixture
def acme(db) -> Partner:
    """A partner with the district, which the other tests of this file have not."""
    make_book()
    return examiner()


@pytest.fixture
def math(db) -> tests.Test:
    """Three students of Lincoln and one of Washington, and a test."""
    for school, students in (("lincoln", ("ada", "bob", "cy")), ("washington", ("dee",))):
        calendar = make.CalendarFactory(sourced_id=f"calendar-{school}", school__sourced_id=school)
        for name in students:
            make.EnrollmentFactory(person=make.PersonFactory(sourced_id=name), calendar=calendar)
    return make_math()


def person(name: str) -> Person:
    return Person.objects.get(sourced_id=name)


def titles(**what) -> list[tuple[str, int, int]]:
    flat = []
    level = setup.tree(**what)
    while level:
        flat += [(each.test.title, each.level, each.scores) for each in level]
        level = [child for each in level for child in each.children]
    return flat


def test_tests_are_a_tree_that_is_narrowed_with_parents_kept(acme):
    math = make_math()
    child = setup.create_test("ada", year=math.year, title="Algebra", parent=math)
    leaf = setup.create_test("ada", year=math.year, title="Lines", parent=child)
    acme.put("assessmentLineItem", "theirs", **exam(title="Theirs"))
    acme.put("assessmentResult", "r-1", **taken("theirs"))
    assert set(titles()) == {("Math", 0, 0), ("Theirs", 0, 1), ("Algebra", 1, 0), ("Lines", 2, 0)}
    assert titles(text="line") == [("Math", 0, 0), ("Algebra", 1, 0), ("Lines", 2, 0)]
    assert titles(added_by_vendor=True) == titles(vendor=acme.connection.application_id) == [("Theirs", 0, 1)]
    assert setup.tree(added_by_vendor=True)[0].received_at is not None
    assert titles(type="state") == [("Math", 0, 0)]
    with pytest.raises(Wrong, match="three levels"):
        setup.create_test("ada", year=math.year, title="Deep", parent=leaf)
    with pytest.raises(Wrong, match="below itself"):
        setup.change_test("ada", math, parent=leaf)
    setup.archive("ada", math, on=True)
    assert titles() == [("Theirs", 0, 1)]
    assert len(titles(state="archived")) == 3
    with pytest.raises(Wrong, match="below it"):
        setup.remove("ada", child)
    setup.remove("ada", leaf)
    told = [(each.actor, each.before, each.after) for each in scoring.history("test", leaf.pk)]
    assert told[:2] == [
        ("ada", {"title": "Lines"}, {"deleted": True}),
        ("ada", {"archived": False}, {"archived": True}),
    ]


def test_what_a_test_asks_for_and_its_scales_hold_for_scores_that_are_typed(math):
    setup.set_fields("ada", math, [Field(RAW, required=True), Field(PERCENT, minimum=0, maximum=100), Field(LEVEL)])
    ada = person("ada")
    for values, sentence in (
        ({RAW: "51"}, "Raw score: use a number from 0 to 50."),
        ({RAW: "many"}, "Raw score: use a number."),
        ({RAW: "NaN"}, "Raw score: use a number."),
        ({PERCENT: "50"}, "Raw score is required."),
        ({RAW: "5", PERCENT: "100.5"}, "Percent: use a number from 0 to 100."),
    ):
        with pytest.raises(Wrong) as refused:
            scoring.enter_score("ada", math, ada, DAY, values=values)
        assert str(refused.value) == sentence
    score = scoring.enter_score("ada", math, ada, DAY, values={RAW: "40", LEVEL: "Meets"})
    scoring.edit_score("bob", score, values={RAW: Decimal(41)}, comment="recounted")
    newest, first = scoring.history("testscore", score.pk)
    assert (newest.actor, newest.before, newest.after) == (
        "bob", {"raw": "40.000000", "comment": ""}, {"raw": "41.000000", "comment": "recounted"},
    )  # fmt: skip
    assert first.before is None
    scoring.delete_score("bob", score)
    assert not showing.scores_of(ada)


def test_a_student_sees_what_is_marked_for_the_portal_and_nobody_without_the_right_what_is_restricted(math):
    ada = person("ada")
    setup.set_fields("ada", math, [Field(RAW), Field(PERCENT, hidden=True)])
    setup.set_statuses("ada", math, [Status("Meets", RAW, Decimal(25), None), Status("Below", RAW, None, Decimal(25))])
    for day, raw in ((DAY, 20), (DAY - dt.timedelta(30), 30)):
        scoring.enter_score("ada", math, ada, day, values={RAW: Decimal(raw)})
    [taken_test] = showing.scores_of(ada)
    assert [(each.date, taken_test.status(each)) for each in taken_test.scores] == [
        (DAY - dt.timedelta(30), "Meets"), (DAY, "Below"),
    ]  # fmt: skip
    assert len(taken_test.fields) == 2
    assert showing.scores_of(ada, portal=True) == []
    math = setup.change_test("ada", math, portal=True)
    [shown] = showing.scores_of(ada, portal=True)
    assert [each.kind for each in shown.fields] == [RAW]
    setup.change_test("ada", math, restricted=True)
    assert showing.scores_of(ada) == showing.scores_of(ada, portal=True, restricted=True) == []
    assert len(showing.scores_of(ada, restricted=True)) == 1


def test_the_distribution_counts_the_newest_score_of_each_student_and_who_has_none(math):
    setup.set_statuses("ada", math, [Status("High", RAW, Decimal(40), None), Status("Low", RAW, None, None)])
    for name, day, raw in (("ada", DAY, 45), ("ada", DAY - dt.timedelta(9), 5), ("bob", DAY, 50), ("dee", DAY, 12)):
        scoring.enter_score("ada", math, person(name), day, values={RAW: Decimal(raw)})
    found = showing.distribution(math, RAW)
    assert (found.tested, found.untested, found.lowest, found.highest, found.median) == (3, 1, 12, 50, 45)
    assert found.statuses == [("High", 2), ("Low", 1)]
    assert [each[2] for each in found.bins] == [0, 0, 1, 0, 0, 0, 0, 0, 0, 2]
    school = person("ada").enrollments.get().calendar.school_id
    lincoln = showing.distribution(math, RAW, schools=[school])
    assert (lincoln.tested, lincoln.untested) == (2, 1)
    lines = list(showing.export_rows(math))
    assert lines[0][:4] == ["Student.sourcedId", "Student.number", "Student.name", "Score.date"]
    assert len(lines) == 5


def test_a_file_of_scores_is_stored_whole_or_not_at_all_and_again_changes_nothing(math):
    Person.objects.filter(sourced_id__in=("ada", "bob")).update(state_id="S-1")
    Person.objects.filter(sourced_id="ada").update(local_id="100")
    head = b"Student.sourcedId,Score.date,Score.raw,Score.level,Comment\r\n"
    good = head + b"ada,2026-09-12,40,Meets,calm\r\n\r\nbob,09/13/2026,,Below,\r\n"
    told = import_scores("ada", math, good)
    assert (told.created, told.changed, told.same, told.errors) == (2, 0, 0, [])
    told = import_scores("ada", math, b"\xef\xbb\xbf" + good.replace(b"40", b"41"))
    assert (told.created, told.changed, told.same) == (0, 1, 1)
    told = import_scores("ada", math, b"Student.number,Score.date,Score.percent\n100,2026-09-12,82")
    assert (told.created, told.changed) == (0, 1)
    row = tests.TestScore.objects.get(person__sourced_id="ada")
    assert (row.raw, row.percent, row.level, row.comment) == (41, 82, "Meets", "calm")
    with CaptureQueriesContext(connection) as asked:
        told = import_scores("ada", math, good.replace(b"40,Meets", b"42,").replace(b"Below", b"Above"))
    assert (told.created, told.changed, told.same) == (0, 2, 0)
    assert len([each for each in asked if "UPDATE assessments" in each["sql"]]) == 1, "both in one statement"
    later = tests.TestScore.objects.get(pk=row.pk)
    assert (later.raw, later.percent, later.level) == (42, 82, "")
    assert later.modified > row.modified
    newest = scoring.history("testscore", row.pk)[0]
    assert (newest.before, newest.after) == (
        {"raw": "41.000000", "level": "Meets"}, {"raw": "42.000000", "level": ""},
    )  # fmt: skip
    bad = (
        b"Student.stateID,Score.date,Score.raw\nS-1,2026-09-12,1\nnobody,2026-09-12,1\n,2026-09-12,1\n"
        b"100,yesterday,1\nS-2,,3"
    )
    Person.objects.filter(sourced_id="cy").update(state_id="S-2")
    assert [(each.line, each.column, each.sentence) for each in import_scores("ada", math, bad).errors] == [
        (2, "Student.stateID", "More than one student has it. Use Student.sourcedId."),
        (3, "Student.stateID", "No student has it."),
        (4, "Student.stateID", "Say who it is."),
        (5, "Student.stateID", "No student has it."),
        (6, "Score.date", "Every score has a date."),
    ]
    twice = b"Student.sourcedId,Score.date,Score.raw\ncy,2026-09-12,1\ncy,09/12/2026,60\ndee,2026-09-12,60\n"
    assert [(each.line, each.column) for each in import_scores("ada", math, twice).errors] == [
        (3, "Student.sourcedId"), (4, "Score.raw"),
    ]  # fmt: skip
    assert tests.TestScore.objects.count() == 2


UNREADABLE = [
    (b"\xff\xfe", "UTF-8"), (b"", "say who it is"), (b"Student.number,Score.raw\n", "date"),
    (b"Student.number,Score.date\n", "hold scores"), (b"Student.number,Score.date,Score.raw\n", "no scores"),
    (b"Student.number,Score.date,Score.raw,Shoe\n1,2026-01-01,3,9\n", "no such column"),
    (b'Student.number,Score.date,Score.raw\n1,2026-01-01,"3\n', "quotation mark"),
    (b"Student.number,Score.date,Score.raw\n1,2026-01-01,\0\n", "not a CSV file"),
]  # fmt: skip


def test_a_file_that_cannot_be_read_says_why(math):
    for content, word in UNREADABLE:
        assert word in import_scores("ada", math, content).errors[0].sentence
    assert not tests.TestScore.objects.exists()


def test_the_sample_file_names_the_columns_of_the_test(math):
    setup.set_fields("ada", math, [Field(LEVEL), Field(RAW)])
    assert sample(math) == b"Student.number,Score.date,Score.level,Score.raw,Comment\r\n"


def test_who_is_deleted_for_good_is_in_nothing_that_waits_and_in_no_history(acme):
    acme.put("assessmentResult", "r-1", **taken("never", "ada"))
    acme.put("assessmentResult", "r-2", **taken("never", "bob"))
    for forget in ABOVE:
        import_string(forget)(["ada"])
    assert list(tests.Unmatched.objects.values_list("student", flat=True)) == ["bob"]

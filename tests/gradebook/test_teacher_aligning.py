"""The four tasks of teachers with what arrives: align one, align many and undo, a rule with its preview, defaults."""

import datetime as dt

import pytest
from django.test import Client

from gradebook import computing
from gradebook.alignment import Arrival, align, setups
from gradebook.models import Assignment, Category, Change, DefaultAlignment, DirtyMark, KeywordRule
from interop.models import AuditEvent
from tests.gradebook.taught import Q1, Taught, teach, vendor
from tests.gradebook.test_teacher_matrix import TODAY, signed_in
from tests.roster import factories as make

pytestmark = pytest.mark.django_db
LIST = "/teacher/uncategorized/"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradebook.pages.guard.district_day", lambda _now: TODAY)


@pytest.fixture
def sections() -> tuple[Taught, Taught]:
    """Two sections of one teacher, each with three arrivals of a vendor that wait."""
    one = teach("algebra-1", students=1)
    two = teach("algebra-2", students=1, teacher=one.teacher, course=one.section.course)
    for each in (one, two):
        for title in ("HW 3.6", "HW 3.7", "Exit ticket"):
            each.assignment(title, category=None, task=None, owner=vendor(), due_on=Q1[0] + dt.timedelta(9))
    return one, two


@pytest.fixture
def client(sections) -> Client:
    return signed_in(sections[0].teacher)


def keys(*titles: str) -> list[int]:
    return list(Assignment.objects.filter(title__in=titles).order_by("pk").values_list("pk", flat=True))


def where(*titles: str) -> set[tuple[str, str, str]]:
    rows = Assignment.objects.filter(title__in=titles).select_related("category", "task__term")
    return {(str(row.category), row.task.term.title if row.task else "", row.aligned_by) for row in rows}


def page(client: Client, path: str = LIST) -> str:
    return client.get(path).content.decode()


def test_one_is_aligned_counts_from_then_on_and_is_kept_by_the_history(client, sections) -> None:
    one = sections[0]
    work = Assignment.objects.get(title="Exit ticket", section=one.section)
    one.score(work, 0, 9)
    assert "6 assignments arrived without a category" in page(client)
    answer = client.post(f"{LIST}align/", {"assignment": [work.pk], "category": "Tests", "task": ""})
    assert answer.status_code == 302
    assert (str(Assignment.objects.get(pk=work.pk).category), computing.stale([one.section.pk])) == (
        "Tests", {one.section.pk},
    )  # fmt: skip
    assert Assignment.objects.get(pk=work.pk).modified > work.modified
    [change] = Change.objects.filter(kind="assignment", key=work.pk)
    assert (change.actor, change.before["category"], change.after["aligned_by"]) == ("Eleanor Voss", None, "teacher")
    assert computing.graded([one.section.pk])[0].percent == 90
    assert "5 assignments arrived without a category" in page(client)


def test_many_are_aligned_at_once_each_in_its_own_section_and_undone(client, sections) -> None:
    chosen = keys("HW 3.6", "HW 3.7")
    quarter = f"{sections[0].periods['Quarter 2'].term_id}:Quarter Grade"
    client.post(f"{LIST}align/", {"assignment": chosen, "category": "Homework", "task": quarter})
    assert where("HW 3.6", "HW 3.7") == {("Homework", "Quarter 2", "teacher")}
    rows = Assignment.objects.filter(pk__in=chosen)
    assert all(row.category.sections.get().pk == row.section_id for row in rows)
    shown = page(client)
    assert "4 aligned to Homework." in shown
    assert f'action="{LIST}undo/"' in shown
    assert "4 aligned to Homework." not in page(client)
    Assignment.objects.filter(pk=chosen[0]).update(category=sections[0].categories["Tests"])
    assert "3 assignments wait again." in client.post(f"{LIST}undo/", follow=True).content.decode()
    assert where("HW 3.7") == {("None", "", "")}
    assert Assignment.objects.get(pk=chosen[0]).category.title == "Tests"
    assert "nothing to undo" in client.post(f"{LIST}undo/", follow=True).content.decode()


def test_what_a_section_has_no_place_for_is_left_and_others_are_never_touched(client, sections) -> None:
    stranger = teach("biology-1", students=1, course=make.CourseFactory())
    foreign = stranger.assignment("HW 9", category=None, task=None)
    sections[1].categories["Homework"].delete()
    answer = client.post(
        f"{LIST}align/", {"assignment": [*keys("HW 3.6"), foreign.pk], "category": "Homework"}, follow=True
    )
    assert "1 is left: its section has no such category" in answer.content.decode()
    assert where("HW 3.6") == {("Homework", "Quarter 1", "teacher"), ("None", "", "")}
    assert where("HW 9") == {("None", "", "")}
    assert DirtyMark.objects.filter(section=stranger.section).count() == 0
    none_ticked, no_category = {"category": "Homework"}, {"assignment": [foreign.pk]}
    for form, fault in ((none_ticked, "Tick at least one"), (no_category, "Choose a category")):
        answer = client.post(f"{LIST}align/", form)
        assert (answer.status_code, fault in answer.content.decode()) == (422, True)


def test_suggestions_follow_what_the_teacher_did_before(client, sections) -> None:
    sections[0].assignment("Exit ticket: slopes", category=sections[0].categories["Tests"])
    shown = page(client)
    assert shown.count('data-suggested="Tests"') == 2
    sections[0].assignment("Home reading", category=None, task=None)
    assert page(client).count('data-suggested="Homework"') == 1


def test_a_rule_is_previewed_saved_with_what_it_aligns_and_holds_for_what_arrives_later(client, sections) -> None:
    sections[0].assignment("HW 1.1")
    rule = {"kind": "prefix", "text": "hw", "rule_category": "Homework", "rule_task": "", "section": ""}
    answer = client.post("/teacher/rules/", rule)
    shown = answer.content.decode()
    assert not KeywordRule.objects.exists()
    assert "This rule would align 4 now" in shown
    assert "<mark>HW</mark> 3.6" in shown
    assert "It leaves 1 assignment that is aligned already as it is." in shown
    previewed = answer.context["previewed"]
    changed = client.post("/teacher/rules/", rule | {"text": "Exit", "previewed": previewed})
    assert (KeywordRule.objects.count(), "<mark>Exit</mark> ticket" in changed.content.decode()) == (0, True)
    client.post("/teacher/rules/", rule | {"previewed": previewed})
    assert KeywordRule.objects.get().text == "hw"
    assert where("HW 3.6", "HW 3.7") == {("Homework", "Quarter 1", "rule")}
    assert AuditEvent.objects.filter(act="made a keyword rule").count() == 1
    known = setups([sections[1].section.pk], TODAY)[sections[1].section.pk]
    later = align(known, Arrival("HW 4.1", Q1[0]))
    assert (later.category, later.by) == (sections[1].categories["Homework"].pk, "rule")
    client.post(f"{LIST}undo/")
    assert (KeywordRule.objects.count(), where("HW 3.6")) == (0, {("None", "", "")})


def test_rules_are_put_first_and_removed_by_their_teacher_alone(client, sections) -> None:
    one = sections[0]
    rules = [
        KeywordRule.objects.create(teacher=one.teacher, text=text, category=one.categories["Homework"], sequence=at)
        for at, text in enumerate(("HW", "Exit"))
    ]
    client.post(f"/teacher/rules/{rules[1].pk}/", {"do": "first"})
    assert [rule.text for rule in KeywordRule.objects.all()] == ["Exit", "HW"]
    theirs = signed_in(teach("biology-1", students=1, course=make.CourseFactory()).teacher)
    assert theirs.post(f"/teacher/rules/{rules[0].pk}/", {"do": "remove"}).status_code == 404
    assert client.post(f"/teacher/rules/{rules[0].pk}/", {"do": "remove"}).status_code == 302
    assert [rule.text for rule in KeywordRule.objects.all()] == ["Exit"]


def test_a_default_holds_for_a_section_or_all_and_may_take_what_waits(client, sections) -> None:
    one, two = sections
    everywhere = {"section": "", "category": "Homework", "task": "Quarter Grade"}
    assert client.post("/teacher/settings/", everywhere).status_code == 302
    assert DefaultAlignment.objects.get().teacher == one.teacher
    known = setups([two.section.pk], TODAY)[two.section.pk]
    assert align(known, Arrival("Anything", Q1[0])).category == two.categories["Homework"].pk
    assert where("HW 3.6") == {("None", "", "")}
    own = {"section": one.section.pk, "category": "Tests", "task": "Quarter Grade", "also_waiting": "1"}
    assert "3 that waited are aligned." in client.post("/teacher/settings/", own, follow=True).content.decode()
    assert where("Exit ticket") == {("Tests", "Quarter 1", "default"), ("None", "", "")}
    half = client.post("/teacher/settings/", everywhere | {"task": ""})
    assert (half.status_code, "Choose both" in half.content.decode()) == (422, True)
    client.post("/teacher/settings/", everywhere | {"category": "", "task": ""})
    assert [row.section for row in DefaultAlignment.objects.all()] == [one.section]
    foreign = teach("biology-1", students=1, course=make.CourseFactory())
    assert client.post("/teacher/settings/", own | {"section": foreign.section.pk}).status_code == 422


def test_a_vendors_own_category_is_mapped_once_for_now_and_later(client, sections) -> None:
    theirs = Category.objects.create(
        sourced_id="theirs", title="Classwork", owner=vendor(), modified=sections[0].categories["Tests"].modified
    )
    Assignment.objects.filter(title="Exit ticket").update(vendor_category=theirs)
    assert "Map it and align 2" in page(client)
    client.post(f"{LIST}map/", {"vendor_category": theirs.pk, "category": "Tests"})
    assert where("Exit ticket") == {("Tests", "Quarter 1", "mapping")}
    assert {row.category.title for row in theirs.mapped_to.all()} == {"Tests"}
    assert theirs.mapped_to.count() == 2
    assert client.post(f"{LIST}map/", {"vendor_category": theirs.pk, "category": "Tests"}).status_code == 422

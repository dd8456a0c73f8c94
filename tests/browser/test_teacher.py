"""A teacher's four tasks and the grade book by keyboard, in a real browser, on a desk and on a phone."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from gradebook import computing
from gradebook.models import Assignment, DefaultAlignment, KeywordRule, Score
from gradebook.teaching import scoring
from tests.browser.conftest import PHONE, Open, faults, scrolls_sideways
from tests.gradebook.taught import Q1, Taught, teach, vendor
from tests.gradebook.test_teacher_matrix import signed_in
from tests.live import Portal


@pytest.fixture(scope="module")
def taught(portal: Portal) -> Taught:
    """A section with scores of its own and five arrivals that wait, in the database of the running portal."""
    one = teach("algebra-2", students=3)
    for at in range(4):
        work = one.assignment(f"HW 1.{at}", owner=vendor() if at == 1 else None)
        one.score(work, 0, 9)
    due = Q1[0] + dt.timedelta(30)
    for title in ("HW 2.1", "HW 2.2", "Quiz 1", "Exit ticket", "Reading log"):
        one.assignment(title, category=None, task=None, owner=vendor(), due_on=due)
    computing.compute([one.section.pk], timezone.now())
    return one


@pytest.fixture
def at_desk(visit: Open, taught: Taught, portal: Portal) -> Iterator[Open]:
    client = signed_in(taught.teacher)

    def go(path: str, **how: object) -> Page:
        page = visit(path, client=client, **how)
        assert page.url == portal.url + path
        return page

    yield go
    User.objects.filter(username__startswith="person-").delete()


def is_clean(page: Page) -> None:
    assert (page.url, faults(page)) == (page.url, [])
    assert not scrolls_sideways(page)


def where(title: str) -> tuple[str, str]:
    row = Assignment.objects.select_related("category").get(title=title)
    return str(row.category), row.aligned_by


def test_one_and_many_are_aligned_and_undone_then_a_rule_and_a_default_do_it(at_desk: Open, taught: Taught) -> None:
    page = at_desk("/teacher/uncategorized/", width=PHONE, dark=True)
    is_clean(page)
    page.get_by_label("Exit ticket").check()
    page.get_by_label("Category", exact=True).select_option("Tests")
    page.get_by_role("button", name="Align 1").click()
    expect(page.get_by_text("1 aligned to Tests.")).to_be_visible()
    assert where("Exit ticket") == ("Tests", "teacher")
    page = at_desk("/teacher/uncategorized/")
    for title in ("HW 2.1", "HW 2.2"):
        page.get_by_label(title).check()
    expect(page.get_by_label("Category", exact=True)).to_have_value("Homework")
    page.get_by_role("button", name="Align 2").click()
    expect(page.get_by_text("2 aligned to Homework.")).to_be_visible()
    assert where("HW 2.2") == ("Homework", "teacher")
    is_clean(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 assignments wait again.")).to_be_visible()
    page.get_by_label("this text").fill("HW")
    page.get_by_label("use category").select_option("Homework")
    page.get_by_role("button", name="See what it would do").click()
    expect(page.get_by_text("This rule would align 2 now")).to_be_visible()
    expect(page.locator("mark")).to_have_count(2)
    is_clean(page)
    page.get_by_role("button", name="Save rule and align 2").click()
    expect(page.get_by_text("2 aligned to Homework.")).to_be_visible()
    assert (where("HW 2.1"), KeywordRule.objects.count()) == (("Homework", "rule"), 1)
    page.get_by_role("link", name="Grade book settings").first.click()
    is_clean(page)
    own = page.get_by_role("form", name="Algebra-2")
    own.get_by_label("Category").select_option("Tests")
    own.get_by_label("Grading task").select_option("Quarter Grade")
    own.get_by_label("Also align what waits now").check()
    own.get_by_role("button", name="Save default").click()
    expect(page.get_by_text("2 that waited are aligned.")).to_be_visible()
    assert (where("Quiz 1"), DefaultAlignment.objects.get().section) == (("Tests", "default"), taught.section)


def test_scores_are_entered_by_keyboard_alone_and_synced_ones_after_a_warning(at_desk: Open, taught: Taught) -> None:
    book = f"/teacher/sections/{taught.section.pk}/?task={taught.periods['Quarter 1'].pk}"
    page = at_desk(book)
    is_clean(page)
    cells = page.locator("tbody tr").nth(1).locator("td.s")
    cells.nth(0).click()
    with page.expect_response("**/cell/"):
        page.keyboard.type("8 L")
        page.keyboard.press("Enter")
    expect(cells.nth(0)).to_have_text("L8")
    expect(page.locator("[data-say]")).to_contain_text("Saved: Student01, Sam")
    expect(page.locator("tbody tr").nth(2).locator("td.s").nth(0)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("[data-say]")).to_contain_text("Loomwood Classroom owns this score.")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(cells.nth(1)).to_be_focused()
    row = Score.objects.get(person=taught.students[1])
    assert scoring.text(row.score, scoring.flags_of(row)) == "8 L"
    is_clean(page)
    page.locator("tbody .grade a").first.click()
    page.wait_for_url("**student=*")
    expect(page.get_by_role("heading", name="How was this computed?")).to_be_visible()
    page.get_by_role("link", name="Show every assignment in this grade").click()
    expect(page.get_by_role("heading", name="Every assignment")).to_be_visible()
    is_clean(page)


def test_the_pages_of_a_section_fit_a_phone_in_the_dark(at_desk: Open, taught: Taught) -> None:
    work, student = Assignment.objects.get(title="HW 1.1").pk, taught.students[0].pk
    page = at_desk("/teacher/", width=PHONE, dark=True)
    is_clean(page)
    book = f"{page.url}sections/{taught.section.pk}/"
    opened = ("", f"?student={student}", "?print=1", f"students/{student}/", f"assignments/{work}/", "assignments/new/")
    for path in (*opened, "paste/", "categories/", "calculation/", "post/", "orphans/", "receipts/"):
        page.goto(book + path)
        is_clean(page)

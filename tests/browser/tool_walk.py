"""What a tool is taken through in a browser: content chosen, work scored and seen by everybody, the roster read."""

import re
from dataclasses import dataclass

from playwright.sync_api import FrameLocator as Frame
from playwright.sync_api import Page, expect

from roster.models import Person
from tests.browser.conftest import PHONE, Open, come
from tests.gradebook.family.conftest import Home
from tests.gradebook.test_teacher_matrix import signed_in
from tests.live import Portal


@dataclass
class Walk:
    """One tool, what it offers, and how it opens."""

    visit: Open
    portal: Portal
    home: Home
    name: str
    quizzes: tuple[str, str]
    framed: bool

    def go(self) -> None:
        """Go the whole way. Everything is seen where people see it."""
        teacher = self._page_of(self.home.taught.teacher, f"{self._book}assignments/new/")
        self._choose(teacher)
        self._work()
        self._see(teacher)

    def _choose(self, teacher: Page) -> None:
        """The teacher chooses two quizzes from the form of a new assignment, and puts them into the grade book."""
        teacher.get_by_role("link", name=f"Choose content in {self.name}").click()
        page, tool = self._opened(teacher, f"Choose content in {self.name}")
        for quiz in self.quizzes:
            tool.get_by_label(quiz).check()
        tool.get_by_role("button", name="Use these quizzes").click()
        page.get_by_role("button", name="Put into the grade book").click()
        for quiz in self.quizzes:
            expect(page.get_by_role("columnheader", name=f"{quiz} opens in {self.name}")).to_be_visible()

    def _work(self) -> None:
        """A student opens one of them on a phone and hands it in; the tool scores it."""
        page = self._page_of(self.home.maya, f"{self.home.first}assignments/", width=PHONE)
        page.get_by_role("link", name=f"Open {self.quizzes[0]} in {self.name}").click()
        _page, tool = self._opened(page, f"Open {self.name}")
        tool.get_by_label("6/8").check()
        tool.get_by_label("9/12").check()
        tool.get_by_role("button", name="Hand in").click()
        expect(tool.get_by_text("15 of 20 points.")).to_be_visible()

    def _see(self, teacher: Page) -> None:
        """The grade book has the score, the tool reads class and result for the teacher, and the parent sees it."""
        teacher.goto(f"{self.portal.url}{self._book}")
        expect(teacher.get_by_role("row", name="Delgado, Maya")).to_contain_text("15")
        column = teacher.get_by_role("columnheader", name=f"{self.quizzes[0]} opens in {self.name}")
        column.get_by_role("link").click()
        expect(teacher.get_by_text("15 of 20")).to_be_visible()
        _page, tool = self._opened(teacher, f"Open in {self.name}")
        row = tool.get_by_role("row", name="Maya Delgado")
        expect(row).to_contain_text("Learner")
        expect(row).to_contain_text("15 of 20")
        expect(tool.get_by_role("row", name="Eleanor Voss")).to_contain_text("Instructor")
        page = self._page_of(self.home.rosa, f"{self.home.first}assignments/?show=scored")
        work = page.get_by_role("listitem").filter(has_text=self.quizzes[0])
        expect(work).to_contain_text("15 of 20")
        expect(work).to_contain_text("Look at 0.75 once more.")

    @property
    def _book(self) -> str:
        return f"/teacher/sections/{self.home.taught.section.pk}/"

    def _page_of(self, person: Person, path: str, **how: object) -> Page:
        return come(self.visit, signed_in(person), path, **how)

    def _opened(self, page: Page, label: str) -> tuple[Page, Page | Frame]:
        """Press the button that opens the tool; return the page it is in, and the tool's own part of it."""
        button = page.get_by_role("button", name=re.compile(label))
        if self.framed:
            button.click()
            return page, page.frame_locator("iframe")
        with page.context.expect_page() as found:
            button.click()
        return found.value, found.value

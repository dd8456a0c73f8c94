"""Every page below /home/, once: address, view, methods. What stands in no row does not exist.

Apps above this one have pages for families too: their tables stand in TABLES by name.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

TABLES = (
    "gradebook.pages.home.table.PAGES", "gradebook.pages.home.records.PAGES", "assessments.pages.FAMILY",
    "lti.pages.FAMILY",
)  # fmt: skip
READ, CHANGE, BOTH = ("GET", "HEAD"), ("POST",), ("GET", "HEAD", "POST")
STUDENT = "students/<int:student>/"


@dataclass(frozen=True)
class Page:
    """A page of families. The guard lets people of the roster in; where the address has a student, only their family.

    `view` is a dotted name; it is called with the request, the Family, and the Student where the address has one. With
    `top` it stands among the links at the top, under that title; `when` names what tells whether it does now.
    """

    name: str
    path: str
    view: str
    methods: tuple[str, ...] = READ
    top: Any = ""
    when: str = ""

    @property
    def is_on_top(self) -> bool:
        """Whether it stands among the links at the top now."""
        return bool(self.top) and (not self.when or bool(import_string(self.when)()))

    @property
    def of_student(self) -> bool:
        """Whether it is about one student."""
        return self.path.startswith(STUDENT)


PAGES: tuple[Page, ...] = (
    Page("home", "", "gradebook.pages.home.classes.home"),
    Page("home_classes", STUDENT, "gradebook.pages.home.classes.classes", top=_("Classes")),
    Page("home_assignments", f"{STUDENT}assignments/", "gradebook.pages.home.assignments.listed", top=_("Assignments")),
    Page("home_class", f"{STUDENT}classes/<int:section>/", "gradebook.pages.home.classes.one_class"),
    Page("home_grade", f"{STUDENT}classes/<int:section>/grades/<int:period>/", "gradebook.pages.home.grade.computed"),
    Page("home_settings", "settings/", "gradebook.pages.home.settings.settings", BOTH),
)


@cache
def pages() -> tuple[Page, ...]:
    """Return the pages of all tables, in their order."""
    return tuple(page for table in TABLES for page in cast("tuple[Page, ...]", import_string(table)))

"""Every page below /teacher/, once: address, view, methods. What stands in no row does not exist.

Apps above this one have pages for teachers too: their tables stand in TABLES by name.
"""

from dataclasses import dataclass
from functools import cache
from typing import cast

from django.utils.module_loading import import_string

TABLES = ("gradebook.pages.table.PAGES", "assessments.pages.TEACHERS", "lti.pages.TEACHERS")
READ, CHANGE, BOTH = ("GET", "HEAD"), ("POST",), ("GET", "HEAD", "POST")
SECTION = "sections/<int:section>/"


@dataclass(frozen=True)
class Page:
    """A page. The guard lets teachers in; where the address has a section, only those who teach it today.

    `view` is a dotted name; it is called with the request, the Teacher, and the Section where the address has one.
    """

    name: str
    path: str
    view: str
    methods: tuple[str, ...] = BOTH

    @property
    def of_section(self) -> bool:
        """Whether it is about one section."""
        return self.path.startswith(SECTION)


PAGES: tuple[Page, ...] = (
    Page("teacher", "", "gradebook.pages.sections.listed", READ),
    Page("teacher_uncategorized", "uncategorized/", "gradebook.pages.uncategorized.listed", READ),
    Page("teacher_align", "uncategorized/align/", "gradebook.pages.uncategorized.align", CHANGE),
    Page("teacher_undo", "uncategorized/undo/", "gradebook.pages.uncategorized.undo", CHANGE),
    Page("teacher_map", "uncategorized/map/", "gradebook.pages.uncategorized.map_category", CHANGE),
    Page("teacher_rule", "rules/", "gradebook.pages.rules.make"),
    Page("teacher_rule_change", "rules/<int:rule>/", "gradebook.pages.rules.change", CHANGE),
    Page("teacher_settings", "settings/", "gradebook.pages.settings.defaults"),
    Page("teacher_book", SECTION, "gradebook.pages.book.grid_page", READ),
    Page("teacher_cell", f"{SECTION}cell/", "gradebook.pages.book.cell", CHANGE),
    Page("teacher_computed", f"{SECTION}students/<int:person>/", "gradebook.pages.computed.lines", READ),
    Page("teacher_assignment_new", f"{SECTION}assignments/new/", "gradebook.pages.assignments.make"),
    Page("teacher_assignment", f"{SECTION}assignments/<int:assignment>/", "gradebook.pages.assignments.edit"),
    Page(
        "teacher_scores", f"{SECTION}assignments/<int:assignment>/scores/", "gradebook.pages.assignments.scores", CHANGE
    ),
    Page("teacher_copy", f"{SECTION}assignments/<int:assignment>/copy/", "gradebook.pages.assignments.copy", CHANGE),
    Page("teacher_paste", f"{SECTION}paste/", "gradebook.pages.pasting.paste"),
    Page("teacher_categories", f"{SECTION}categories/", "gradebook.pages.categories.listed"),
    Page("teacher_options", f"{SECTION}calculation/", "gradebook.pages.options.listed"),
    Page("teacher_posting", f"{SECTION}post/", "gradebook.pages.posting.post"),
    Page("teacher_orphans", f"{SECTION}orphans/", "gradebook.pages.orphans.listed"),
    Page("teacher_records", f"{SECTION}report-cards/", "gradebook.pages.records.listed"),
    Page("teacher_card", f"{SECTION}students/<int:person>/report-card/", "gradebook.pages.records.card", READ),
    Page("teacher_batch", "report-cards/<int:batch>/", "gradebook.pages.records.batch", READ),
    Page("teacher_sheet", "report-cards/<int:batch>/csv/", "gradebook.pages.records.sheet", READ),
    Page("teacher_receipts", f"{SECTION}receipts/", "gradebook.pages.receipts.listed", READ),
)


@cache
def pages() -> tuple[Page, ...]:
    """Return the pages of all tables, in their order."""
    return tuple(page for table in TABLES for page in cast("tuple[Page, ...]", import_string(table)))

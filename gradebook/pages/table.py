"""Every page below /teacher/, once: address, view, methods. What stands in no row does not exist."""

from dataclasses import dataclass

READ, CHANGE, BOTH = ("GET", "HEAD"), ("POST",), ("GET", "HEAD", "POST")
SECTION = "sections/<int:section>/"


@dataclass(frozen=True)
class Page:
    """A page. The guard lets teachers in; where the address has a section, only those who teach it today."""

    name: str
    path: str
    view: str
    methods: tuple[str, ...] = BOTH

    @property
    def of_section(self) -> bool:
        """Whether it is about one section."""
        return self.path.startswith(SECTION)


PAGES: tuple[Page, ...] = (
    Page("teacher", "", "sections.listed", READ),
    Page("teacher_uncategorized", "uncategorized/", "uncategorized.listed", READ),
    Page("teacher_align", "uncategorized/align/", "uncategorized.align", CHANGE),
    Page("teacher_undo", "uncategorized/undo/", "uncategorized.undo", CHANGE),
    Page("teacher_map", "uncategorized/map/", "uncategorized.map_category", CHANGE),
    Page("teacher_rule", "rules/", "rules.make"),
    Page("teacher_rule_change", "rules/<int:rule>/", "rules.change", CHANGE),
    Page("teacher_settings", "settings/", "settings.defaults"),
    Page("teacher_book", SECTION, "book.grid_page", READ),
    Page("teacher_cell", f"{SECTION}cell/", "book.cell", CHANGE),
    Page("teacher_computed", f"{SECTION}students/<int:person>/", "computed.lines", READ),
    Page("teacher_assignment_new", f"{SECTION}assignments/new/", "assignments.make"),
    Page("teacher_assignment", f"{SECTION}assignments/<int:assignment>/", "assignments.edit"),
    Page("teacher_scores", f"{SECTION}assignments/<int:assignment>/scores/", "assignments.scores", CHANGE),
    Page("teacher_paste", f"{SECTION}paste/", "pasting.paste"),
    Page("teacher_categories", f"{SECTION}categories/", "categories.listed"),
    Page("teacher_options", f"{SECTION}calculation/", "options.listed"),
    Page("teacher_posting", f"{SECTION}post/", "posting.post"),
    Page("teacher_orphans", f"{SECTION}orphans/", "orphans.listed"),
    Page("teacher_receipts", f"{SECTION}receipts/", "receipts.listed", READ),
)

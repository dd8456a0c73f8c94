"""The pages of families and teachers that are about tests; the tables of gradebook/pages name these rows."""

from django.utils.translation import gettext_lazy as _

from gradebook.pages import table as teachers
from gradebook.pages.home import table as families

FAMILY: tuple[families.Page, ...] = (
    families.Page("home_tests", f"{families.STUDENT}tests/", "assessments.pages.family.listed", top=_("Tests")),
)
TEACHERS: tuple[teachers.Page, ...] = (
    teachers.Page(
        "teacher_tests", f"{teachers.SECTION}students/<int:person>/tests/", "assessments.pages.teacher.listed",
        teachers.READ,
    ),
)  # fmt: skip

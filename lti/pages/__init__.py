"""The pages of families and teachers that are about learning tools; the tables of gradebook/pages name these rows."""

from django.utils.translation import gettext_lazy as _

from gradebook.pages import table as teachers
from gradebook.pages.home import table as families

FAMILY: tuple[families.Page, ...] = (
    families.Page(
        "home_tools", f"{families.STUDENT}tools/", "lti.pages.family.listed", top=_("Learning Tools"),
        when="lti.pages.family.any_tools",
    ),
    families.Page(
        "home_tool", f"{families.STUDENT}tools/<int:tool>/<int:section>/", "lti.pages.family.tool", families.BOTH
    ),
    families.Page(
        "home_work", f"{families.STUDENT}assignments/<int:assignment>/open/", "lti.pages.family.work", families.BOTH
    ),
)  # fmt: skip
TEACHERS: tuple[teachers.Page, ...] = (
    teachers.Page("teacher_tools", f"{teachers.SECTION}tools/", "lti.pages.teacher.listed", teachers.READ),
    teachers.Page("teacher_tool", f"{teachers.SECTION}tools/<int:tool>/", "lti.pages.teacher.tool"),
    teachers.Page("teacher_choose", f"{teachers.SECTION}tools/<int:tool>/choose/", "lti.pages.teacher.choose"),
    teachers.Page(
        "teacher_work", f"{teachers.SECTION}assignments/<int:assignment>/open/", "lti.pages.teacher.work"
    ),
    teachers.Page(
        "teacher_review", f"{teachers.SECTION}assignments/<int:assignment>/review/<int:person>/",
        "lti.pages.teacher.review",
    ),
    teachers.Page(
        "teacher_unlink", f"{teachers.SECTION}assignments/<int:assignment>/unlink/", "lti.pages.teacher.unlink",
        teachers.CHANGE,
    ),
)  # fmt: skip

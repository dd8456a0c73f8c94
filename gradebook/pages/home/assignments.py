"""All assignments of a student: what is due, and what was scored."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gradebook.family import classes, works
from gradebook.family.access import Family, Student
from gradebook.pages.home.classes import told, ways_in, where
from gradebook.pages.home.guard import show

DUE, SCORED = "due", "scored"


def listed(request: HttpRequest, family: Family, student: Student) -> HttpResponse:
    """Show the assignments of all classes: due (missing, to come, not scored yet), or scored."""
    sections = classes.sections(student.key, family.today)
    found = works.works(student.key, [each.pk for each in sections])
    names, opens = {section.pk: section.title for section in sections}, ways_in(family, student, found)
    chosen = SCORED if request.GET.get("show") == SCORED else DUE
    parts = (
        [(_("Missing"), works.missing(found)), (_("Due"), works.upcoming(found, family.today, works.YEAR)),
         (_("Not scored yet"), works.waiting(found, family.today))]
        if chosen == DUE else [(_("Scored"), works.scored(found))]
    )  # fmt: skip
    title = _("My assignments") if student.itself else _("%s’s assignments") % student.name
    return show(
        request, family, "gradebook/home/assignments.html", title, student=student, where=where(student),
        chosen=chosen, parts=[(title, told(rows, names, family, opens)) for title, rows in parts if rows],
    )  # fmt: skip

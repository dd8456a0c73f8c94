"""The classes of a student: all with their grades, and one with every assignment."""

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook.family import classes as family_classes
from gradebook.family import words, works
from gradebook.family.access import Family, Student
from gradebook.family.works import Work
from gradebook.pages.beside import openings
from gradebook.pages.home.guard import show
from gradebook.pages.home.settings import about
from gradebook.teaching import access as teaching
from roster.models import Section

FEW = 6
"""So many assignments of a kind stand on the first page; the others are one link away."""


def home(request: HttpRequest, family: Family) -> HttpResponse:
    """Begin with the first student; people who are nobody's family see who they are here, teachers their sections."""
    if family.students:
        return classes(request, family, next(iter(family.students.values())))
    if teaching.teaches(family.person):
        return redirect("teacher")
    return about(request, family)


def classes(request: HttpRequest, family: Family, student: Student) -> HttpResponse:
    """Show the classes with the grades right now, what is missing and due, and what was scored lately."""
    sections = family_classes.sections(student.key, family.today)
    listed = works.works(student.key, [each.pk for each in sections])
    missing, soon = works.missing(listed), works.upcoming(listed, family.today)
    lately = works.scored(listed, family.today - works.LATELY)
    names, opens = {section.pk: section.title for section in sections}, ways_in(family, student, listed)
    found = family_classes.classes(student.key, sections, family.today)
    terms = {each.now.period.term_title for each in found if each.now}
    return show(
        request, family, "gradebook/home/classes.html", title(student), student=student, top="home_classes",
        classes=found,
        term=terms.pop() if len(terms) == 1 else "", opening=opening(family, listed), where=where(student),
        due=told((missing + soon)[:FEW], names, family, opens), more_due=len(missing + soon) > FEW,
        lately=told(lately[:FEW], names, family, opens), follows=any(each.follows for each in found),
        missing=missing_words(listed),
    )  # fmt: skip


def one_class(request: HttpRequest, family: Family, student: Student, section: int) -> HttpResponse:
    """Show one class: its grades, and every assignment of it."""
    found = section_of(family, student, section)
    [shown] = family_classes.classes(student.key, [found], family.today)
    listed = works.works(student.key, [section])
    names, opens = {found.pk: ""}, ways_in(family, student, listed)
    parts = [
        (_("Missing"), works.missing(listed)), (_("Due"), works.upcoming(listed, family.today, works.YEAR)),
        (_("Not scored yet"), works.waiting(listed, family.today)), (_("Scored"), works.scored(listed)),
    ]  # fmt: skip
    return show(
        request, family, "gradebook/home/class.html", found.title, student=student, top="home_classes", shown=shown,
        parts=[(title, told(rows, names, family, opens)) for title, rows in parts if rows],
    )  # fmt: skip


def section_of(family: Family, student: Student, section: int) -> Section:
    """Return a section the student sits in today. Raises Http404 for any other."""
    sections = family_classes.sections(student.key, family.today)
    found = next((each for each in sections if each.pk == section), None)
    if found is None:
        raise Http404
    return found


def title(student: Student) -> str:
    """Return `Maya's classes`, or `My classes` for the student."""
    return _("My classes") if student.itself else _("%s’s classes") % student.name


def where(student: Student) -> str:
    """Return the school and the grade of a student."""
    schools = ", ".join(student.schools)
    return _("%(school)s, grade %(grade)s") % {"school": schools, "grade": student.grade} if student.grade else schools


def missing_words(listed: list[Work]) -> str:
    """Return how much is missing; blank for nothing."""
    number = len(works.missing(listed))
    told = ngettext("%(number)d assignment is missing", "%(number)d assignments are missing", number)
    return told % {"number": number} if number else ""


def opening(family: Family, listed: list[Work]) -> str:
    """Return how much is due within a week."""
    number = len(works.upcoming(listed, family.today, works.WEEK))
    told = ngettext("%(number)d is due within a week", "%(number)d are due within a week", number)
    return told % {"number": number} if number else _("nothing is due within a week")


def told(
    rows: list[Work], names: dict[int, str], family: Family, opens: Mapping[int, words.Opening]
) -> list[words.Told]:
    """Return assignments in words, each with the name of its class and the way into the tool behind it."""
    return [words.told(work, names[work.section], family.today, opens.get(work.key)) for work in rows]


def ways_in(family: Family, student: Student, listed: list[Work]) -> dict[int, words.Opening]:
    """Return the ways into the tools behind a student's assignments, by assignment."""
    return openings(family, student, [work.key for work in listed])

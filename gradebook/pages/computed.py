"""How was this computed? One student's grade, line by line."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gradebook import computing, plans
from gradebook.models import PostedGrade
from gradebook.pages.book import key_of
from gradebook.pages.guard import show
from gradebook.teaching import explaining, grid
from gradebook.teaching.access import Teacher, section_name, student_name, students
from roster.models import Section


def lines(request: HttpRequest, teacher: Teacher, section: Section, person: int) -> HttpResponse:
    """Show what a student's grade in a grading task is made of."""
    found = next((each for each in students(section.pk, teacher.today) if each.pk == person), None)
    book = plans.books([section.pk])[section.pk]
    period = grid.chosen_period(book, key_of(request.GET.get("task")), teacher.today)
    explained = explaining.explain(section.pk, person, period.key, book) if period else None
    if found is None or explained is None or period is None:
        raise Http404
    posted = PostedGrade.objects.filter(section=section, person=person, period=period.key, deleted_at=None).first()
    return show(
        request, teacher, "computed.html", _("How was this computed?"), section=section,
        section_name=section_name(section), name=student_name(found), person=found, explained=explained,
        periods=list(book.periods.values()), posted=posted, is_stale=bool(computing.stale([section.pk])),
        categories=book.categories,
    )  # fmt: skip

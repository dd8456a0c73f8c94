"""The courses of the active school year, with what is set up of their grading."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from gradebook import plans
from gradebook.models import GradeOptions, GradingTask
from gradebook.plans import TaskInTerm
from gradebook.structure import Session, structures
from roster.models import Course, School, Section


@dataclass(frozen=True)
class Row:
    """A course with the number of its sections and grading tasks, and whether its calculation is mandated."""

    course: Course
    sections: int
    tasks: int
    mandated: bool


def found(school: School | None, words: str) -> QuerySet[Course]:
    """Return the courses taught in the active year, of a school or all, whose title or number has these words."""
    taught = Section.objects.filter(calendar__school_year__active=True, ended_at=None)
    if school:
        taught = taught.filter(calendar__school=school)
    courses = Course.objects.filter(pk__in=taught.values("course"), ended_at=None).select_related("school")
    for word in words.split():
        courses = courses.filter(Q(title__icontains=word) | Q(number__icontains=word))
    return courses.order_by("title", "number", "pk")


def rows(courses: list[Course]) -> list[Row]:
    """Return what is set up of each of these courses; three statements."""
    keys = [each.pk for each in courses]
    sections = Counter(Section.objects.filter(course__in=keys, ended_at=None).values_list("course_id", flat=True))
    tasks = Counter(GradingTask.objects.filter(course__in=keys, section=None).values_list("course_id", flat=True))
    mandates = GradeOptions.objects.filter(section=None, period__task__course__in=keys)
    mandated = set(mandates.values_list("period__task__course_id", flat=True))
    return [Row(each, sections[each.pk], tasks[each.pk], each.pk in mandated) for each in courses]


def sections_of(course: int) -> list[int]:
    """Return the keys of a course's sections."""
    return list(Section.objects.filter(course=course, ended_at=None).order_by("pk").values_list("pk", flat=True))


def sessions_of(course: int) -> list[Session]:
    """Return the terms and grading periods the course's sections are taught in, in order of time."""
    known = {each.id: each for one in structures(sections_of(course)).values() for each in one.sessions}
    return sorted(known.values(), key=lambda each: (each.first, -each.last.toordinal(), each.sourced_id))


def periods_of(course: int) -> dict[int, TaskInTerm]:
    """Return the course's grading tasks in the terms of its sections, by TaskPeriod."""
    known = {key: each for book in plans.books(sections_of(course)).values() for key, each in book.periods.items()}
    own = GradingTask.objects.filter(course=course, section=None).values_list("pk", flat=True)
    kept = set(own)
    return {key: each for key, each in known.items() if each.task in kept}

"""What the app of learning tools puts beside the grade book. It stands above this one, so it is known by name only."""

from collections.abc import Collection
from typing import Any, cast

from django.utils.module_loading import import_string

from gradebook.family.access import Family, Student
from gradebook.family.words import Opening
from gradebook.models import Assignment
from gradebook.teaching.access import Teacher
from roster.models import Section

EDITOR = "lti.pages.editor.beside"
OPENINGS = "lti.pages.family.openings"
OPENS_IN = "lti.pages.editor.opens_in"


def editor(teacher: Teacher, section: Section, assignment: Assignment | None, people: Collection[int] = ()) -> Any:
    """Return what stands beside an assignment (None: a new one); its `template` shows it where it says `shown`."""
    return import_string(EDITOR)(teacher, section, assignment, people)


def opens_in(assignments: Collection[int]) -> dict[int, str]:
    """Return the names of the learning tools that assignments open in, by assignment."""
    return cast("dict[int, str]", import_string(OPENS_IN)(assignments))


def openings(family: Family, student: Student, assignments: Collection[int]) -> dict[int, Opening]:
    """Return the ways from these assignments into the tools behind them, by assignment."""
    return cast("dict[int, Opening]", import_string(OPENINGS)(family, student, assignments))

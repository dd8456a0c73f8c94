"""Who teaches which sections today. Nobody else gets at a section's grade book; everything starts from here."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from gradebook.models import Assignment
from roster.models import Person, RosterEntry, Section, SectionStaff, Term


@dataclass(frozen=True)
class Teacher:
    """Somebody of the roster who is section staff in the active year, on one day."""

    person: Person
    today: dt.date

    @property
    def name(self) -> str:
        """Who did it, as the history tells."""
        return f"{self.person.given_name} {self.person.family_name}"

    @cached_property
    def sections(self) -> dict[int, Section]:
        """The sections they teach today, by key, in order of their names."""
        listed = Section.objects.filter(
            pk__in=_lines(self.person).filter(on(self.today)).values("section"), ended_at=None
        ).select_related("course", "calendar__school")
        terms = Prefetch("terms", Term.objects.filter(ended_at=None).order_by("start_date"))
        ordered = sorted(listed.prefetch_related(terms), key=lambda each: (section_name(each), each.pk))
        return {section.pk: section for section in ordered}

    @cached_property
    def waiting(self) -> int:
        """How many assignments of theirs are uncategorized."""
        return unaligned(self.sections).count()


def teacher(person: Person, today: dt.date) -> Teacher | None:
    """Return the teacher this person is; None for everybody who is on no section's staff in the active year."""
    return Teacher(person, today) if teaches(person) else None


def teaches(person: Person) -> bool:
    """Return whether this person is on the staff of any section of the active year."""
    return _lines(person).exists()


def unaligned(sections: dict[int, Section]) -> QuerySet[Assignment]:
    """Return the assignments of these sections that wait for a category or a grading task."""
    waits = Q(category=None) | Q(task=None)
    return Assignment.objects.filter(waits, section__in=list(sections), deleted_at=None)


def section_name(section: Section) -> str:
    """Return what a section is called among a teacher's: `Algebra 1, period 2`."""
    if section.periods:
        return _("%(section)s, period %(periods)s") % {"section": section.title, "periods": ", ".join(section.periods)}
    return f"{section.title}, {section.number}" if section.number else section.title


def students(section: int, today: dt.date) -> list[Person]:
    """Return the students who sit in a section on this day, by name."""
    there = RosterEntry.objects.filter(on(today), section=section, ended_at=None)
    found = Person.objects.filter(pk__in=there.values("person"), ended_at=None)
    return list(found.order_by("family_name", "given_name", "pk"))


def seats(sections: Collection[int], today: dt.date) -> dict[int, int]:
    """Return how many students sit in each of these sections on this day."""
    there = RosterEntry.objects.filter(on(today), section__in=sections, ended_at=None, person__ended_at=None)
    counted = there.order_by().values("section").annotate(people=Count("person", distinct=True))
    return {row["section"]: row["people"] for row in counted}


def student_name(person: Person) -> str:
    """Return `Delgado-Hart, Maya`."""
    family = person.preferred_family_name or person.family_name
    return f"{family}, {person.preferred_given_name or person.given_name}"


def _lines(person: Person) -> QuerySet[SectionStaff]:
    """Return the lines of section staff that open grade books: teachers of the active year, co-teachers included."""
    return SectionStaff.objects.filter(
        person=person, ended_at=None, section__ended_at=None, section__calendar__school_year__active=True
    ).exclude(kind=SectionStaff.Kind.OTHER)


def on(day: dt.date) -> Q:
    """Return the condition that a line holds on a day: substitutes and co-teachers have theirs by their dates."""
    begun = Q(start_date=None) | Q(start_date__lte=day)
    return begun & (Q(end_date=None) | Q(end_date__gte=day))

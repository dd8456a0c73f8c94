"""The synthetic district as one act: made in memory, written in one transaction."""

import datetime
from random import Random

from django.db import models, transaction
from django.utils.module_loading import import_string

from interop.progress import Bar, no_bar
from roster import statistics
from roster.models import (
    Account,
    Calendar,
    Course,
    CourseMaster,
    Demographics,
    District,
    DistrictAssignment,
    Enrollment,
    GradeLevel,
    Person,
    Relationship,
    Resource,
    RosterEntry,
    ScheduleStructure,
    School,
    SchoolYear,
    Section,
    SectionStaff,
    Term,
)  # fmt: skip
from roster.seeding.people import PeopleMaker
from roster.seeding.schedule import ScheduleMaker
from roster.seeding.structure import make_places, make_resources, make_years
from roster.seeding.tables import Tables

ORDER: tuple[type[models.Model], ...] = (
    District, School, SchoolYear, Calendar, ScheduleStructure, GradeLevel, Term, Resource, Person, Account,
    Demographics, Enrollment, DistrictAssignment, Relationship, CourseMaster, Course, Course.resources.through,
    Section, Section.terms.through, Section.resources.through, SectionStaff, RosterEntry,
)  # fmt: skip
FURTHER = ("gradebook.seeding.fill", "assessments.seeding.fill")
"""What further apps add: each takes tables, seed, today and whether all scores are wanted, and returns its order."""


class DistrictNotEmpty(Exception):
    """There is data already; a synthetic district is never mixed into it."""


def seed(
    students: int,
    schools: int,
    number: int,
    today: datetime.date,
    bar: Bar = no_bar,
    *,
    scores: bool = False,
) -> dict[str, int]:
    """Make a synthetic district, with scores in one section of twenty unless `scores`; return its rows by table."""
    if any(model._default_manager.exists() for model in (District, School, SchoolYear, Person, Resource)):
        raise DistrictNotEmpty
    tables = Tables()
    rng = Random(number)
    years = make_years(tables, today)
    places = make_places(tables, schools, years)
    people = PeopleMaker(tables, rng, places, years, today)
    teachers = people.staff(students)
    pupils = people.students(students, teachers)
    ScheduleMaker(tables, years, teachers, make_resources(tables)).fill(pupils, places)
    order = ORDER
    for name in FURTHER:
        order += import_string(name)(tables, number, today, everywhere=scores)
    counts = {model._meta.model_name or "": tables.count(model) for model in order}
    with transaction.atomic(), bar("Writing", sum(counts.values()), " rows") as advance:
        tables.write(order, advance)
        statistics.gather()
        statistics.gather(model._meta.db_table for model in (*order[len(ORDER) :], *tables.lines))
    return counts

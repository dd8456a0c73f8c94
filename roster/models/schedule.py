"""Courses, sections, who teaches them and who sits in them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from roster.models.base import Excludable, SisRecord, search_index
from roster.models.people import Person
from roster.models.structure import Calendar, Resource, School, SchoolYear, Term

SECTION_TEXT = ("title", "number", "sourced_id")
"""What a section is found by, in the order of the index."""


class CourseMaster(SisRecord, Excludable):
    title = models.CharField(max_length=255)
    number = models.CharField(max_length=255, blank=True)


class Course(SisRecord, Excludable):
    """A course of one school (school null: the district's, taught in several schools)."""

    course_master = models.ForeignKey(
        CourseMaster, null=True, blank=True, on_delete=models.SET_NULL, related_name="courses"
    )
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.PROTECT, related_name="courses")
    school_year = models.ForeignKey(SchoolYear, null=True, blank=True, on_delete=models.PROTECT, related_name="courses")
    title = models.CharField(max_length=255)
    number = models.CharField(max_length=255, blank=True)
    grades = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    subjects = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    subject_codes = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    active = models.BooleanField(default=True)
    resources = models.ManyToManyField(Resource, blank=True, related_name="courses")


class Section(SisRecord, Excludable):
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="sections")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="sections")
    title = models.CharField(max_length=255)
    number = models.CharField(max_length=255, blank=True)
    homeroom = models.BooleanField(default=False)
    room = models.CharField(max_length=255, blank=True)
    grades = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    subjects = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    subject_codes = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    periods = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    active = models.BooleanField(default=True)
    terms = models.ManyToManyField(Term, related_name="sections")
    resources = models.ManyToManyField(Resource, blank=True, related_name="sections")

    class Meta(SisRecord.Meta):
        indexes: ClassVar = [search_index("roster_section_text", *SECTION_TEXT)]


class SectionStaff(SisRecord):
    """A line of Section Staff History."""

    class Kind(models.TextChoices):
        PRIMARY_TEACHER = "primary teacher"
        TEACHER = "teacher"
        OTHER = "other"

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="staff")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="section_staff")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)


class RosterEntry(SisRecord):
    """A student in a section."""

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="roster")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roster_entries")
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)

    class Meta(SisRecord.Meta):
        verbose_name_plural: ClassVar[str] = "roster entries"

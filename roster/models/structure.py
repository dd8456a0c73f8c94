"""Schools, years, calendars, terms and grade levels."""

import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from roster.models.base import Excludable, SisRecord


class District(SisRecord):
    name = models.CharField(max_length=255)
    identifier = models.CharField(max_length=255, blank=True)


class School(SisRecord, Excludable):
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="schools")
    name = models.CharField(max_length=255)
    identifier = models.CharField(max_length=255, blank=True)


class SchoolYear(SisRecord):
    """A school year, e.g. start_year 2026 and end_year 2027. Exactly one is active."""

    title = models.CharField(max_length=255)
    start_year = models.PositiveSmallIntegerField()
    end_year = models.PositiveSmallIntegerField()
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=False)

    class Meta(SisRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["active"], condition=models.Q(active=True), name="one_active_school_year")
        ]

    @property
    def first_day(self) -> datetime.date:
        """The start date, or 1 January of the start year when it is blank (seeds/002)."""
        return self.start_date or datetime.date(self.start_year, 1, 1)

    @property
    def last_day(self) -> datetime.date:
        """The end date, or 31 December of the end year when it is blank (seeds/002)."""
        return self.end_date or datetime.date(self.end_year, 12, 31)


class Calendar(SisRecord, Excludable):
    """One school's calendar in one school year. Blank dates take the school year's."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="calendars")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="calendars")
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)

    class Meta(SisRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "school_year"], name="one_calendar_per_school_and_year")
        ]


class ScheduleStructure(SisRecord, Excludable):
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="schedule_structures")
    name = models.CharField(max_length=255)


class GradeLevel(SisRecord, Excludable):
    """A grade level of a calendar: the local name, the state's code and the NCES grade that code maps to."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="grade_levels")
    schedule_structure = models.ForeignKey(
        ScheduleStructure, null=True, blank=True, on_delete=models.SET_NULL, related_name="grade_levels"
    )
    local_grade = models.CharField(max_length=50)
    state_code = models.CharField(max_length=50, blank=True)
    nces_grade = models.CharField(max_length=10, blank=True)


class Term(SisRecord):
    """A term, semester or grading period of a school year; `kind` is the standard's session type."""

    class Kind(models.TextChoices):
        TERM = "term"
        SEMESTER = "semester"
        GRADING_PERIOD = "gradingPeriod"

    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="terms")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    title = models.CharField(max_length=255)
    start_date = models.DateField()
    end_date = models.DateField()


class Resource(SisRecord):
    """A learning resource; linked to courses, sections and people."""

    vendor_resource_id = models.CharField(max_length=255)
    title = models.CharField(max_length=255, blank=True)
    roles = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    importance = models.CharField(max_length=20, blank=True)
    vendor_id = models.CharField(max_length=255, blank=True)
    application_id = models.CharField(max_length=255, blank=True)

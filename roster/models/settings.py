"""The district's settings of what is published and when."""

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models

NIGHT, LATE = dt.time(4, 10), dt.time(22, 10)
SCHOOL_HOURS = [dt.time(hour) for hour in range(6, 19)]


def nightly() -> list[dt.time]:
    """Return the times of class records when nobody chose others (seeds/000)."""
    return [NIGHT]


def hourly_and_nightly() -> list[dt.time]:
    """Return the times of student records when nobody chose others (seeds/000)."""
    return [NIGHT, *SCHOOL_HOURS]


class DistrictSettings(models.Model):
    """One row: choices that hold for every connection."""

    report_disabled_accounts = models.BooleanField("Report disabled accounts as not enabled", default=False)
    local_grades = models.BooleanField("Use Local Grades for OneRoster 1.2", default=False)
    class_times = ArrayField(models.TimeField(), verbose_name="Class records are refreshed at", default=nightly)
    student_times = ArrayField(
        models.TimeField(), verbose_name="Student records are refreshed at", default=hourly_and_nightly
    )
    email_domains = models.CharField("Email domains of the district", max_length=500, blank=True)
    hold_until_final = models.BooleanField("Hold all vendors until scheduling is final", default=False)
    role_prefixed_ids = models.BooleanField("Role-prefixed user ids in OneRoster 1.1", default=False)
    family_mail = models.BooleanField("Mail to students and parents", default=False)
    strict_older_parents = models.BooleanField("Strict 1.1 parents", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "district settings"

    def __str__(self) -> str:
        return "District settings"

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep it one row."""
        self.pk = 1
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @classmethod
    def load(cls) -> "DistrictSettings":
        """Return the one row, or the defaults when nobody changed them yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

"""The district's settings of what is published and when."""

import datetime as dt

from django.db import models


class DistrictSettings(models.Model):
    """One row: choices that hold for every connection."""

    report_disabled_accounts = models.BooleanField("Report disabled accounts as not enabled", default=False)
    local_grades = models.BooleanField("Use Local Grades for OneRoster 1.2", default=False)
    refresh_at = models.TimeField("Daily refresh of the OneRoster cache", default=dt.time(4, 10))
    email_domains = models.CharField("Email domains of the district", max_length=500, blank=True)
    hold_until_final = models.BooleanField("Hold all vendors until scheduling is final", default=False)
    role_prefixed_ids = models.BooleanField("Role-prefixed user ids in OneRoster 1.1", default=False)
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


class DailyRefresh(models.Model):
    """One row: the last day of the district whose daily refresh is done."""

    done_on = models.DateField()

    def __str__(self) -> str:
        return f"refreshed on {self.done_on}"

"""Stock lists of the district's data."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from roster import models, refreshing
from roster.protection import acting_at_once


class SisAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list searched by the SIS's identifier; links are searched for, not chosen from thousands."""

    search_fields = ("sourced_id",)
    show_full_result_count = False

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:  # noqa: ARG002
        """Every link to another table."""
        fields = self.model._meta.get_fields()
        return [field.name for field in fields if field.concrete and field.is_relation]

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save; a box ticked or unticked here acts on the next request."""
        with acting_at_once(timezone.now()):
            super().save_model(request, obj, form, change)
            refreshing.soon()


@admin.register(models.Person)
class PersonAdmin(SisAdmin):
    """People by name and identifiers."""

    list_display = ("sourced_id", "family_name", "given_name", "local_id", "external_lms_exclude")
    search_fields = ("sourced_id", "family_name", "given_name", "local_id")  # type: ignore[assignment]


@admin.register(models.School)
class SchoolAdmin(SisAdmin):
    """Schools by name."""

    list_display = ("sourced_id", "name", "external_lms_exclude")
    search_fields = ("sourced_id", "name")  # type: ignore[assignment]


@admin.register(models.DistrictSettings)
class DistrictSettingsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The one row of district settings."""

    list_display = ("__str__", "report_disabled_accounts", "local_grades")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Only one row."""
        return not models.DistrictSettings.objects.exists()


@admin.register(models.Edition)
class EditionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What was published when; nobody edits it."""

    list_display = ("number", "published_at")
    ordering = ("-number",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Editions are made by refreshes."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Editions are history."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Editions are history."""
        return False


for stock in (
    models.District, models.SchoolYear, models.Calendar, models.Term, models.GradeLevel, models.ScheduleStructure,
    models.Enrollment, models.DistrictAssignment, models.Relationship, models.CourseMaster, models.Course,
    models.Section, models.SectionStaff, models.RosterEntry, models.Resource,
):  # fmt: skip
    admin.site.register(stock, SisAdmin)

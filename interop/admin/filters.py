"""What a person may search the audit trail by."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from interop import dates
from interop.models import AuditEvent


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", "class": "input"})


def _text() -> forms.TextInput:
    return forms.TextInput(attrs={"type": "search", "class": "input", "autocomplete": "off"})


class TrailFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """By person, act, thing, and days of the district."""

    person = django_filters.CharFilter(field_name="actor", lookup_expr="icontains", label=_("Who"), widget=_text())
    act = django_filters.CharFilter(lookup_expr="icontains", label=_("Did what"), widget=_text())
    thing = django_filters.CharFilter(method="of", label=_("To what"), widget=_text())
    since = django_filters.DateFilter(method="from_day", label=_("From"), widget=_day())
    until = django_filters.DateFilter(method="to_day", label=_("To"), widget=_day())

    class Meta:
        model = AuditEvent
        fields: tuple[str, ...] = ()

    def of(self, events: QuerySet[AuditEvent], _name: str, words: str) -> QuerySet[AuditEvent]:
        """Keep acts on things of this name, kind or number."""
        return events.filter(
            Q(object_name__icontains=words) | Q(object_type__icontains=words) | Q(object_id__iexact=words)
        )

    def from_day(self, events: QuerySet[AuditEvent], _name: str, day: dt.date) -> QuerySet[AuditEvent]:
        """Keep what happened on this day of the district or later."""
        return events.filter(at__gte=_begin(day))

    def to_day(self, events: QuerySet[AuditEvent], _name: str, day: dt.date) -> QuerySet[AuditEvent]:
        """Keep what happened on this day of the district or before."""
        return events.filter(at__lt=_begin(day + dt.timedelta(days=1)))


def _begin(day: Any) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, dates.zone())

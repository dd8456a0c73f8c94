"""What a person may search the audit trail by."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from interop import dates
from interop.models import AuditEvent


def day_box() -> forms.DateInput:
    """Return a box for a day."""
    return forms.DateInput(attrs={"type": "date", "class": "input"})


def text_box() -> forms.TextInput:
    """Return a box for words to look for."""
    return forms.TextInput(attrs={"type": "search", "class": "input", "autocomplete": "off"})


class OfDays:
    """Keeps what happened, `at`, on days of the district; for filters named from_day and to_day."""

    def from_day(self, found: QuerySet[Any], _name: str, day: dt.date) -> QuerySet[Any]:
        """Keep what happened on this day of the district or later."""
        return found.filter(at__gte=_begin(day))

    def to_day(self, found: QuerySet[Any], _name: str, day: dt.date) -> QuerySet[Any]:
        """Keep what happened on this day of the district or before."""
        return found.filter(at__lt=_begin(day + dt.timedelta(days=1)))


class TrailFilter(OfDays, django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """By person, act, thing, and days of the district."""

    person = django_filters.CharFilter(field_name="actor", lookup_expr="icontains", label=_("Who"), widget=text_box())
    act = django_filters.CharFilter(lookup_expr="icontains", label=_("Did what"), widget=text_box())
    thing = django_filters.CharFilter(method="of", label=_("To what"), widget=text_box())
    since = django_filters.DateFilter(method="from_day", label=_("From"), widget=day_box())
    until = django_filters.DateFilter(method="to_day", label=_("To"), widget=day_box())

    class Meta:
        model = AuditEvent
        fields: tuple[str, ...] = ()

    def of(self, events: QuerySet[AuditEvent], _name: str, words: str) -> QuerySet[AuditEvent]:
        """Keep acts on things of this name, kind or number."""
        return events.filter(
            Q(object_name__icontains=words) | Q(object_type__icontains=words) | Q(object_id__iexact=words)
        )


def _begin(day: Any) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, dates.zone())

"""The tabs of a person: the record itself, and the pages of apps above this one, known by name only.

Each name in TABS is a function of a person that returns (title, address), or None when the person has no such tab.
"""

from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from roster.models import Person

TABS = ("assessments.screens.tabs.of_person",)


def tabs(person: Person) -> list[tuple[str, str]]:
    """Return (title, address) of each tab; nothing when there is but the record."""
    others = [tab for name in TABS if (tab := import_string(name)(person))]
    return [(_("Record"), reverse("admin:data_record", args=["people", person.pk])), *others] if others else []

"""Test setup: every test as a tree, by school year and type."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments.models import Test, Unmatched
from assessments.services import setup
from assessments.services.setup import Branch
from connections.models import Application
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from interop.dates import count_words
from roster.models import SchoolYear

SHORTEST = 3
"""So many letters a search needs."""
AT_MOST = 400
EVERY, OURS, VENDORS = "", "district", "vendor"
STATES = (
    ("active", gettext_lazy("Active")), ("archived", gettext_lazy("Archived")), ("all", gettext_lazy("All")),
)  # fmt: skip


class Narrow(forms.Form):
    """What the tree is narrowed by."""

    q = forms.CharField(
        required=False, min_length=SHORTEST, max_length=100, label=gettext_lazy("Find"),
        error_messages={"min_length": gettext_lazy("Type at least three letters of the name or the code.")},
    )  # fmt: skip
    year = forms.ChoiceField(required=False, label=gettext_lazy("School year"))
    type = forms.ChoiceField(required=False, label=gettext_lazy("Type"))
    state = forms.ChoiceField(required=False, label=gettext_lazy("State"), choices=STATES)
    source = forms.ChoiceField(required=False, label=gettext_lazy("Added by"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        choices = {
            "year": [("", _("All years")), *_years()],
            "type": [("", _("All types")), *Test.Type.choices],
            "source": [(EVERY, _("Anybody")), (OURS, _("The district")), (VENDORS, _("Any vendor")), *_vendors()],
        }
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}
            if name in choices:
                field.choices = choices[name]  # type: ignore[attr-defined]

    def tree(self) -> list[Branch]:
        """Return the tests that fit."""
        told = self.cleaned_data
        source, year = told.get("source", EVERY), told.get("year", "")
        return setup.tree(
            year=int(year) if year else None,
            type=told.get("type", ""), state=told.get("state") or "active", text=told.get("q", ""),
            vendor=int(source) if source.isdecimal() else None,
            added_by_vendor={OURS: False, VENDORS: True}.get(source),
        )  # fmt: skip


def index(request: HttpRequest) -> HttpResponse:
    """Show the tests that fit what was asked."""
    form = Narrow(request.GET)
    found = form.tree() if form.is_valid() else []
    rows = [branch for root in found for branch in flat(root)]
    may_change = bool(roles_of(request.user) & EDITORS)
    waiting = Unmatched.objects.count()
    return page(
        request, "assessments/tests.html", _("Test setup"), opening=_opening(rows, waiting),
        form=form, years=_grouped(found), number=len(rows), more=len(rows) > AT_MOST, most=AT_MOST,
        waiting=waiting, may_change=may_change, asked=any(request.GET.get(name) for name in form.fields),
    )  # fmt: skip


def flat(branch: Branch) -> Iterator[Branch]:
    """Yield a test and all below it, each after the one it is part of."""
    yield branch
    for child in branch.children:
        yield from flat(child)


def _grouped(found: Sequence[Branch]) -> list[tuple[SchoolYear, list[tuple[str, list[Branch]]]]]:
    """Return the rows of each type of each school year, the newest year first; at most so many in all."""
    years: dict[SchoolYear, dict[str, list[Branch]]] = {}
    left = AT_MOST
    for root in found:
        rows = list(flat(root))[:left]
        if rows:
            years.setdefault(root.test.year, {}).setdefault(root.test.type, []).extend(rows)
        left -= len(rows)
    return [
        (year, [(str(label), types[value]) for value, label in Test.Type.choices if value in types])
        for year, types in years.items()
    ]


def _opening(rows: Sequence[Branch], waiting: int) -> str:
    said = ngettext("%s test is shown.", "%s tests are shown.", len(rows)) % count_words(len(rows))
    if not waiting:
        return f"{said} {_('Nothing waits for a missing part.')}"
    waits = ngettext("%s result waits for a missing part.", "%s results wait for a missing part.", waiting)
    return f"{said} {waits % count_words(waiting)}"


def _years() -> list[tuple[str, str]]:
    rows = SchoolYear.objects.filter(tests__deleted_at=None, tests__isnull=False).distinct()
    return [(str(pk), title) for pk, title in rows.order_by("-start_year", "pk").values_list("pk", "title")]


def _vendors() -> list[tuple[str, str]]:
    owners = Test.objects.filter(deleted_at=None).exclude(owner=None).values("owner")
    rows = Application.objects.filter(pk__in=owners).order_by("name").values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows]

"""The forms of a test: what it is, its score fields, and what results are called."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import KINDS, NUMBERS, ScoreKind, Test
from assessments.services.setup import Field, Status
from gradebook.teaching.scoring import plain
from roster.models import SchoolYear

SPARE = 3
"""So many blank lines stand below the result statuses."""
FACTS = (
    "title", "code", "type", "parent", "description", "sequence", "score_is", "minimum", "maximum", "portal",
    "restricted",
)  # fmt: skip


class NumberField(forms.DecimalField):
    """A box for a score, shown without needless zeros."""

    def __init__(self, label: Any) -> None:
        super().__init__(required=False, label=label, max_digits=14, decimal_places=6)

    def prepare_value(self, value: Any) -> Any:
        """Return what the box shows."""
        return plain(value) if isinstance(value, Decimal) else value


class TestForm(forms.Form):
    """What a test is, with the moment it was as the person saw it: a change of somebody else is not lost."""

    title = forms.CharField(max_length=255, label=gettext_lazy("Name"))
    code = forms.CharField(max_length=50, required=False, label=gettext_lazy("Code"))
    type = forms.ChoiceField(choices=Test.Type.choices, label=gettext_lazy("Type"))
    year = forms.ModelChoiceField(
        SchoolYear.objects.order_by("-start_year"), label=gettext_lazy("School year"), empty_label=None
    )
    parent = forms.ModelChoiceField(Test.objects.none(), required=False, label=gettext_lazy("Part of"))
    description = forms.CharField(
        required=False, label=gettext_lazy("Description"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    sequence = forms.IntegerField(
        min_value=0, max_value=9999, label=gettext_lazy("Order among its neighbours"), initial=0
    )
    score_is = forms.ChoiceField(
        choices=Test._meta.get_field("score_is").choices or (), label=gettext_lazy("A vendor’s score is the")
    )
    minimum = NumberField(gettext_lazy("Lowest score"))
    maximum = NumberField(gettext_lazy("Highest score"))
    portal = forms.BooleanField(required=False, label=gettext_lazy("Show to students and parents"))
    restricted = forms.BooleanField(
        required=False, label=gettext_lazy("Restricted: only the district’s office sees it"),
        help_text=gettext_lazy("Teachers and families do not."),
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, test: Test | None = None, first: Any = None) -> None:
        known = {name: getattr(test, name) for name in FACTS} if test else dict(first or {})
        super().__init__(data, initial={**known, "seen": test.modified.isoformat() if test else ""})
        self.test = test
        if test:
            del self.fields["year"]
        parents = Test.objects.filter(deleted_at=None, parent__parent=None).select_related("parent", "year")
        if test:
            parents = parents.exclude(pk=test.pk).exclude(parent=test.pk)
        choice = self.fields["parent"]
        choice.queryset = parents.order_by("-year__start_year", "title", "pk")  # type: ignore[attr-defined]
        choice.empty_label = _("Nothing: it stands by itself")  # type: ignore[attr-defined]
        choice.label_from_instance = _path  # type: ignore[attr-defined]
        _dress(self)

    def clean(self) -> dict[str, Any]:
        """Refuse what somebody else changed meanwhile, and bounds that cross."""
        told: dict[str, Any] = super().clean() or {}
        if self.test and told.get("seen") != self.test.modified.isoformat():
            raise forms.ValidationError(_("Not saved. This test was changed meanwhile. Open it anew."))
        low, high = told.get("minimum"), told.get("maximum")
        if low is not None and high is not None and low > high:
            self.add_error("maximum", _("The highest score is below the lowest."))
        return told

    @property
    def facts(self) -> dict[str, Any]:
        """Return what the person wants."""
        return {name: self.cleaned_data[name] for name in (*FACTS, "year") if name in self.fields}


class FieldForm(forms.Form):
    """One kind of score: whether it is in use, and how."""

    used = forms.BooleanField(required=False)
    required = forms.BooleanField(required=False)
    hidden = forms.BooleanField(required=False)
    order = forms.IntegerField(min_value=0, max_value=99)
    minimum = NumberField("")
    maximum = NumberField("")

    def __init__(self, kind: ScoreKind, place: int, field: Field | None, data: Any = None) -> None:
        known = {
            "used": field is not None, "required": bool(field and field.required),
            "hidden": bool(field and field.hidden), "order": place + 1,
            "minimum": field.minimum if field else None, "maximum": field.maximum if field else None,
        }  # fmt: skip
        super().__init__(data, initial=known, prefix=f"field-{kind.value}")
        self.kind, self.title = kind, kind.label
        _dress(self)
        _named(self, str(kind.label), used=_("In use"), required=_("Required"), hidden=_("Hidden"), order=_("Order"))

    @property
    def field(self) -> Field:
        """Return the field the person wants; call it of a used one."""
        told = self.cleaned_data
        return Field(self.kind, told["required"], told["hidden"], told["minimum"], told["maximum"])


class StatusForm(forms.Form):
    """One line of what results are called; without a name it is not there."""

    name = forms.CharField(max_length=100, required=False)
    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in NUMBERS])
    minimum = NumberField("")
    maximum = NumberField("")

    def __init__(self, place: int, status: Status | None, data: Any = None) -> None:
        facts = ("name", "kind", "minimum", "maximum")
        known = {name: getattr(status, name) for name in facts} if status else {"kind": ScoreKind.RAW}
        super().__init__(data, initial=known, prefix=f"status-{place}")
        _dress(self)
        _named(self, _("Status %d") % (place + 1), name=_("Name"), kind=_("Kind of score"))

    @property
    def status(self) -> Status:
        """Return the status the person wants; call it of a named one."""
        told = self.cleaned_data
        return Status(told["name"].strip(), ScoreKind(told["kind"]), told["minimum"], told["maximum"])


class Whole:
    """All that is edited of a test on one page."""

    def __init__(
        self, data: Any = None, *, test: Test | None = None, fields: Sequence[Field] = (),
        statuses: Sequence[Status] = (), first: Any = None,
    ) -> None:  # fmt: skip
        by_kind = {each.kind: each for each in fields}
        kinds = [*by_kind, *(kind for kind in KINDS if kind not in by_kind)]
        lines = len(statuses) + SPARE
        if data is not None:
            lines = max(lines, *(int(each) + 1 for each in _places(data)), SPARE)
        self.form = TestForm(data, test=test, first=first)
        self.fields = [FieldForm(kind, place, by_kind.get(kind), data) for place, kind in enumerate(kinds)]
        self.statuses = [
            StatusForm(place, statuses[place] if place < len(statuses) else None, data) for place in range(lines)
        ]

    def is_valid(self) -> bool:
        """Whether all of it can be read; every form is asked, so that all faults are shown at once."""
        return not [each for each in (self.form, *self.fields, *self.statuses) if not each.is_valid()]

    @property
    def chosen_fields(self) -> list[Field]:
        """Return the score fields in use, in their order."""
        used = [each for each in self.fields if each.cleaned_data["used"]]
        return [each.field for each in sorted(used, key=lambda each: each.cleaned_data["order"])]

    @property
    def chosen_statuses(self) -> list[Status]:
        """Return the result statuses, as they stand below each other."""
        return [each.status for each in self.statuses if each.cleaned_data["name"].strip()]

    @property
    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield (id of the box, what is wrong with it)."""
        for form in (self.form, *self.fields, *self.statuses):
            for name, errors in form.errors.items():
                box = form[name].auto_id if name in form.fields else self.form["title"].auto_id
                for error in errors:
                    yield box, str(error)


def _places(data: Any) -> Iterator[str]:
    for name in data:
        place = name.removeprefix("status-").partition("-")[0]
        if name.startswith("status-") and place.isdecimal() and len(place) < 3:
            yield place


def _path(test: Test) -> str:
    above = f"{test.parent.title} › " if test.parent else ""
    return f"{above}{test.title} ({test.year.title})"


def _dress(form: forms.Form) -> None:
    for field in form.fields.values():
        if not isinstance(field, forms.BooleanField):
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}


def _named(form: forms.Form, of: str, **names: str) -> None:
    """Name the boxes of a line, whose labels are the heads of its columns."""
    for name, field in form.fields.items():
        label = {"minimum": _("From"), "maximum": _("To"), **names}[name]
        field.widget.attrs["aria-label"] = f"{of}: {label}"

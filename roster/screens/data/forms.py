"""The form of what is kept here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from roster.models import Account
from roster.screens.data.kinds import Kind

NCES = ("", "IT", "PR", "PK", "TK", "KG", *(f"{grade:02}" for grade in range(1, 14)), "PS", "UG", "Other")
"""The entry grade levels of CEDS, which OneRoster 1.1 prescribes."""


@dataclass(frozen=True)
class Line:
    """One field of the form with the column of ours that would set it anew; blank when no feed can."""

    box: forms.BoundField
    is_box: bool
    sets_anew: str


class KeptForm(forms.Form):
    """Some of the fields a kind keeps here, as the model declares them, for the rows with the numbers `pks`."""

    def __init__(
        self, kind: Kind, names: Sequence[str], *, row: Any = None, data: Any = None, pks: Sequence[int] = ()
    ) -> None:
        super().__init__(data, initial={name: getattr(row, name) for name in names} if row else None)
        self.kind, self.pks = kind, pks
        for name in names:
            self.fields[name] = _field(kind, name)

    def lines(self) -> Iterator[Line]:
        """Yield the fields as the page shows them."""
        for name in self.fields:
            yield Line(self[name], name in self.kind.boxes, self.kind.sets_anew(name))

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the start."""
        told: dict[str, Any] = super().clean() or {}
        start, end = told.get("start_date"), told.get("end_date")
        if start and end and end < start:
            self.add_error("end_date", _("Enter a day on or after the start."))
        return told

    def clean_username(self) -> str:
        """Refuse a username that somebody else has, or would have."""
        username = str(self.cleaned_data["username"])
        others = Account.objects.filter(username__iexact=username).exclude(pk__in=self.pks)
        if len(self.pks) > 1 or others.exists():
            raise forms.ValidationError(_("Somebody else has this username. Choose another."))
        return username


def _field(kind: Kind, name: str) -> forms.Field:
    label = kind.label(name)
    box: forms.Field | None
    if name == "nces_grade":
        box = forms.ChoiceField(choices=[(each, each or _("none")) for each in NCES], required=False, label=label)
    else:
        box = kind.field(name).formfield(label=label)
    if box is None:
        raise TypeError(name)
    if isinstance(box, forms.DateField):
        box.widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    if not isinstance(box, forms.BooleanField):
        box.widget.attrs |= {"class": "input", "autocomplete": "off"}
    return box

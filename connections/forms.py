"""What people may type into the screens of one connection."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from connections import offers, rights
from connections.models import Application, Connection, SharingSettings
from connections.schools import Choice

ALL, CHOSEN = "all", "chosen"
REQUIRED_PURPOSE = _("Say what the connection is for, such as “Rosters for reading in grades 1 to 5”.")


class GenerateForm(forms.Form):
    """Version, OAuth kind, name and purpose of a new connection; only what can be generated is a choice."""

    version = forms.TypedChoiceField(
        coerce=int, widget=forms.RadioSelect, error_messages={"required": _("Choose the version your vendor uses.")}
    )
    oauth = forms.TypedChoiceField(
        coerce=int, widget=forms.RadioSelect, error_messages={"required": _("Choose how your vendor signs in.")}
    )
    name = forms.CharField(
        max_length=200,
        error_messages={"required": _("Name the connection, so that you can tell it from others.")},
    )
    purpose = forms.CharField(max_length=2000, error_messages={"required": REQUIRED_PURPOSE})

    def __init__(
        self, application: Application, district: SharingSettings, data: Mapping[str, Any] | None = None
    ) -> None:
        self.application = application
        self.offer = offers.offer(application, district)
        first = {
            "version": next((choice.value for choice in self.offer.versions), None),
            "oauth": next((choice.value for choice in self.offer.oauth), None),
            "name": free_name(application),
            "purpose": application.purpose,
        }
        super().__init__(data, initial=first)
        self.fields["version"].choices = [(choice.value, choice.title) for choice in self.offer.versions]  # type: ignore[attr-defined]
        self.fields["oauth"].choices = [(choice.value, choice.title) for choice in self.offer.oauth]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Return the name; raises ValidationError when the application has a connection of it."""
        name = str(self.cleaned_data["name"])
        if self.application.connections.filter(name__iexact=name).exists():
            raise ValidationError(_("A connection of this name exists. Open it, or use another name."), code="taken")
        return name

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError for an OAuth kind the vendor does not offer with this version."""
        told = super().clean() or {}
        version, oauth = told.get("version"), told.get("oauth")
        if version and oauth and oauth not in self.offer.pairs[version]:
            self.add_error("oauth", _("Not with this version. Choose the other way to sign in, or another version."))
        return told


def free_name(application: Application) -> str:
    """Return a name for the next connection: the application's, with a number from the second on."""
    taken = {name.casefold() for name in application.connections.values_list("name", flat=True)}
    name, number = application.name, 2
    while name.casefold() in taken:
        name, number = f"{application.name} {number}", number + 1
    return name


class ConnectionForm(forms.Form):
    """The whole of *Edit OneRoster Connection* that is saved at once."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(
        max_length=200, error_messages={"required": _("Name the connection, so that you can tell it from others.")}
    )
    purpose = forms.CharField(max_length=2000, error_messages={"required": REQUIRED_PURPOSE})
    enabled = forms.BooleanField(required=False)
    allow_sha1 = forms.BooleanField(required=False)
    share_gradebook = forms.BooleanField(required=False)
    share_assessments = forms.BooleanField(required=False)
    assessments_as_line_items = forms.BooleanField(required=False)
    share_demographics = forms.BooleanField(required=False)
    share_guardians = forms.BooleanField(required=False)
    share_relatives = forms.BooleanField(required=False)
    use_secondary_email = forms.BooleanField(required=False)
    which_schools = forms.ChoiceField(choices=((ALL, _("All schools")), (CHOSEN, _("Only chosen"))), required=False)
    schools = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(
        self,
        connection: Connection,
        *,
        switches: Sequence[offers.Switch],
        schools: Sequence[Choice],
        person: rights.Person,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.connection = connection
        kept = ("revision", "name", "purpose", "enabled", "allow_sha1", "use_secondary_email")
        now = {name: getattr(connection, name) for name in (*kept, *(each.field for each in switches))}
        now |= {
            "which_schools": ALL if connection.all_schools else CHOSEN,
            "schools": [school.pk for school in schools if school.chosen],
        }
        now |= {each.field: False for each in switches if each.never}
        super().__init__(data, initial=now)
        self.fields["schools"].choices = [(school.pk, school.name) for school in schools]  # type: ignore[attr-defined]
        for each in switches:
            self.fields[each.field].disabled = bool(each.locked)
        self.fields["use_secondary_email"].disabled = connection.version != 12
        self.fields["allow_sha1"].disabled = connection.oauth != 1
        for name in ("which_schools", "schools"):
            self.fields[name].disabled = not connection.limits_schools
        if not rights.may_change(person):
            for name in self.fields:
                self.fields[name].disabled = True

    def clean_name(self) -> str:
        """Return the name; raises ValidationError when another connection of the application has it."""
        name = str(self.cleaned_data["name"])
        beside = Connection.objects.filter(application=self.connection.application_id, name__iexact=name)
        if self.connection.application_id and beside.exclude(pk=self.connection.pk).exists():
            raise ValidationError(_("A connection of this name exists. Use another name."), code="taken")
        return name

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError when schools shall be chosen and none is."""
        told = super().clean() or {}
        if told.get("which_schools") == CHOSEN and not told.get("schools") and "schools" not in self.errors:
            self.add_error("schools", _("Choose at least one school, or All schools."))
        return told

    def changes(self) -> dict[str, Any]:
        """Return the fields of Connection as chosen, but for demographics turned on: that takes more than this form."""
        beside = ("revision", "which_schools", "schools")
        told = {name: value for name, value in self.cleaned_data.items() if name not in beside}
        told["share_demographics"] = told["share_demographics"] and not self.wants_demographics()
        return told | {"all_schools": self._all_schools()}

    def chosen_schools(self) -> list[int]:
        """Return the schools as chosen; none of them when it is all of them."""
        return [] if self._all_schools() else list(self.cleaned_data["schools"])

    def _all_schools(self) -> bool:
        return bool(self.cleaned_data["which_schools"] != CHOSEN)

    def wants_demographics(self) -> bool:
        """Whether demographics would be turned on."""
        return bool(self.cleaned_data["share_demographics"]) and not self.connection.share_demographics


class NewSecretForm(forms.Form):
    """How long the old secret works beside the new one."""

    DAYS = ((1, _("1 day")), (7, _("7 days")), (30, _("30 days")))

    revision = forms.IntegerField(widget=forms.HiddenInput)
    days = forms.TypedChoiceField(coerce=int, choices=DAYS, widget=forms.RadioSelect, initial=7)

    def __init__(self, connection: Connection, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"revision": connection.revision, "days": 7})

"""What people type and choose about a learning tool; what is safe and complete, lti/tools.py decides."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from connections.forms import ALL, CHOSEN
from connections.models import SharingSettings
from connections.schools import Choice
from lti.models import Tool
from lti.protocol import custom, names
from lti.screens.words import DOES, LABELS, SEEN_BY, SENT

ADDRESSES = (
    "login_url", "launch_url", "redirect_urls", "content_url", "origins", "key_set_url", "public_key",
)  # fmt: skip
BOXES = (*SEEN_BY, *SENT, *DOES)
LONG = forms.Textarea(attrs={"rows": 3})


class Lines(forms.CharField):
    """Several texts, one a line."""

    widget = LONG

    def prepare_value(self, value: Any) -> Any:
        """Return the lines as they stand in the box."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the lines that say something."""
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        """Any number of lines will do."""


class Parameters(forms.CharField):
    """Names and values, `name=value` one a line."""

    widget = LONG

    def prepare_value(self, value: Any) -> Any:
        """Return them as they stand in the box."""
        return "\n".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        """Return them by name. Raises ValidationError for a line that is none."""
        try:
            return custom.parsed(str(value or ""))
        except ValueError as wrong:
            told = _("Write one parameter a line, as name=value. This line is none: %s") % wrong
            raise ValidationError(told) from wrong

    def validate(self, value: Any) -> None:
        """None at all will do."""


class ToolForm(forms.Form):
    """The whole of an LTI connection."""

    name = forms.CharField(max_length=200, error_messages={"required": _("Name the connection as people will see it.")})
    login_url = forms.CharField(error_messages={"required": _("Paste the tool’s login URL.")})
    launch_url = forms.CharField(error_messages={"required": _("Paste the tool’s launch URL.")})
    redirect_urls = Lines(required=False)
    content_url = forms.CharField(required=False)
    origins = Lines(required=False)
    key_set_url = forms.CharField(required=False)
    public_key = forms.CharField(required=False, widget=LONG)
    enabled = forms.BooleanField(required=False)
    opens_in = forms.ChoiceField(choices=Tool.OpensIn.choices, widget=forms.RadioSelect, initial=Tool.OpensIn.WINDOW)
    custom = Parameters(required=False)
    which_schools = forms.ChoiceField(choices=((ALL, _("All schools")), (CHOSEN, _("Only chosen"))))
    schools = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(
        self,
        tool: Tool,
        district: SharingSettings,
        *,
        schools: Sequence[Choice],
        data: Mapping[str, Any] | None = None,
        closed: bool = False,
    ) -> None:
        first = {name: getattr(tool, name) for name in (*ADDRESSES, *BOXES, "name", "opens_in", "custom", "enabled")}
        first |= {"which_schools": ALL if tool.all_schools else CHOSEN}
        super().__init__(data, initial=first | {"schools": [each.pk for each in schools if each.chosen]})
        for name in BOXES:
            label, hint = LABELS[name]
            self.fields[name] = forms.BooleanField(required=False, label=label, help_text=hint)
        self.fields["schools"].choices = [(each.pk, each.name) for each in schools]  # type: ignore[attr-defined]
        self.fields["score_passback"].disabled = not district.score_passback
        if closed:
            for field in self.fields.values():
                field.disabled = True

    def clean(self) -> dict[str, Any]:
        """Blank redirect URLs are the launch URL. Raises ValidationError when schools shall be chosen and none is."""
        told = super().clean() or {}
        if "redirect_urls" in told and not told["redirect_urls"] and told.get("launch_url"):
            told["redirect_urls"] = [told["launch_url"]]
        if told.get("which_schools") == CHOSEN and not told.get("schools") and "schools" not in self.errors:
            self.add_error("schools", _("Choose at least one school, or All schools."))
        return told

    def facts(self) -> dict[str, Any]:
        """Return what was said, by the tool's fields."""
        told = {name: value for name, value in self.cleaned_data.items() if name not in ("which_schools", "schools")}
        return told | {"all_schools": self.cleaned_data["which_schools"] != CHOSEN}

    def chosen_schools(self) -> list[int]:
        """Return the chosen schools; none when it is all of them."""
        return list(self.cleaned_data["schools"]) if self.cleaned_data["which_schools"] == CHOSEN else []


class AcceptForm(ToolForm):
    """The same without the addresses, which the tool told itself; nothing of a person is switched on beforehand."""

    def __init__(self, tool: Tool, district: SharingSettings, **told: Any) -> None:
        super().__init__(tool, district, **told)
        for name in (*ADDRESSES, "custom"):
            del self.fields[name]
        wish = tool.asked or {}
        self.initial["enabled"] = True
        self.initial["chooses_content"] = names.CONTENT_REQUEST in wish.get("messages", ())


class RegisterForm(forms.Form):
    """The link a tool's vendor gives for its registration."""

    url = forms.CharField(
        error_messages={"required": _("Paste the tool’s registration address. It begins with https://.")}
    )

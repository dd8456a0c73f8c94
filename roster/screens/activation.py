"""Activation codes: choose people of the roster, and print or download one slip for each."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from interop.admin.pages import page
from roster.district import name as district_name
from roster.models import Account, ActivationCode, School, SignIn
from roster.signin import codes, people

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


class SchoolField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A school by its name."""

    def label_from_instance(self, obj: School) -> str:
        """Return the name."""
        return obj.name


class Choose(forms.Form):
    """Whose codes."""

    kind = forms.ChoiceField(choices=tuple(people.KINDS.items()), initial="student", label=gettext_lazy("Who"))
    school = SchoolField(
        School.objects.none(), required=False, empty_label=gettext_lazy("All schools"), label=gettext_lazy("School")
    )
    state = forms.ChoiceField(choices=tuple(people.STATES.items()), initial=people.NEW, label=gettext_lazy("Which"))
    words = forms.CharField(max_length=100, required=False, label=gettext_lazy("Name, username or number"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["school"].queryset = people.schools()  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}


@dataclass(frozen=True)
class Row:
    """One person found: how they sign in now, and why they get no code if they get none."""

    person: int
    name: str
    username: str
    tie: SignIn | None
    code: ActivationCode | None
    refusal: str


@sensitive_variables("slips")
def activation_codes(request: HttpRequest) -> HttpResponse:
    """Find people, then make codes for those ticked; all by POST, because names of people belong in no address."""
    form = Choose(request.POST if request.method == "POST" else None)
    if form.is_bound and request.POST.get("act") in ("print", "csv"):
        ticked = [int(each) for each in request.POST.getlist("person") if each.isascii() and each.isdigit()]
        slips = codes.make(ticked[: codes.AT_MOST], actor=request.user.get_username(), now=timezone.now())
        if slips:
            return _csv(slips) if request.POST["act"] == "csv" else _sheet(request, slips)
    return _found(request, form)


def _found(request: HttpRequest, form: Choose) -> HttpResponse:
    shown: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        asked, school = form.cleaned_data, form.cleaned_data["school"]
        found = people.chosen(
            asked["kind"], school=school.pk if school else None, state=asked["state"], words=asked["words"],
            now=timezone.now(),
        )  # fmt: skip
        listed = list(found[: codes.AT_MOST])
        total = len(listed) if len(listed) < codes.AT_MOST else found.count()
        shown = {
            "rows": _rows(listed),
            "total": total,
            "at_most": codes.AT_MOST,
            "asked": asked,
            "ticked": asked["state"] == people.NEW,
            "nobody_ticked": request.POST.get("act") in ("print", "csv"),
        }
    return page(
        request, "roster/activation_codes.html", _("Activation codes"),
        opening=_("With a code, somebody of the roster chooses a password and signs in for the first time, or again "
                  "after forgetting it. Whoever has single sign-on needs none."),
        form=form, days=codes.LASTS.days, **shown,
    )  # fmt: skip


def _rows(listed: Sequence[Account]) -> list[Row]:
    refused, now = codes.refusals(listed), timezone.now()
    rows = []
    for account in listed:
        code = getattr(account.person, "activation_code", None)
        rows.append(
            Row(
                account.person_id,
                codes.name_of(account.person),
                account.username,
                getattr(account.person, "sign_in", None),
                code if code and code.expires_at > now else None,
                refused.get(account.pk, ""),
            )
        )
    return rows


@sensitive_variables("slips")
def _sheet(request: HttpRequest, slips: list[codes.Slip]) -> HttpResponse:
    return page(
        request, "roster/activation_sheet.html", _("Print the slips now"),
        trail=[(_("Activation codes"), reverse("admin:activation_codes"))],
        slips=slips, address=_address(), until=timezone.now() + codes.LASTS, district=district_name(),
    )  # fmt: skip


@sensitive_variables("slips", "slip", "lines")
def _csv(slips: list[codes.Slip]) -> HttpResponse:
    """Return the slips as a file for letters and mails; what a spreadsheet would run stays text."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="activation-codes.csv"'
    lines = csv.writer(answer)
    lines.writerow(["name", "username", "email", "code", "address", "until"])
    until = (timezone.now() + codes.LASTS).date().isoformat()
    for slip in slips:
        cells = (slip.name, slip.username, slip.email, slip.code, _address(), until)
        lines.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return answer


def _address() -> str:
    return settings.PUBLIC_URL + reverse("activate").rstrip("/")

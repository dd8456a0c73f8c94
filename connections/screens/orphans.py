"""Other OneRoster provisioning credentials: connections of an older system, adopted into an application."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections import catalogue, overview
from connections.models import Application, Connection
from connections.services.adding import add_application, adopt
from interop.admin.pages import page

KNOWN, LISTED, NAMED = "application", "entry", "name"


class AdoptForm(forms.Form):
    """Whose connection it is: an application of the district, a partner it has not added yet, or a new name."""

    where = forms.ChoiceField(
        choices=[(KNOWN, ""), (LISTED, ""), (NAMED, "")],
        error_messages={"required": gettext_lazy("Say whose connection this is.")},
    )
    application = forms.ModelChoiceField(Application.objects.all(), required=False, empty_label="–")
    entry = forms.ChoiceField(required=False)
    name = forms.CharField(max_length=200, required=False)
    purpose = forms.CharField(max_length=2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        added = set(Application.objects.exclude(catalogue="").values_list("catalogue", flat=True))
        free = [entry for entry in catalogue.entries() if entry.partner and entry.slug not in added]
        self.fields["entry"].choices = [("", "–"), *((entry.slug, entry.name) for entry in free)]  # type: ignore[attr-defined]
        for name in ("application", "entry", "name", "purpose"):
            self.fields[name].widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError for the part that was chosen and left blank, or a name that is taken."""
        told = super().clean() or {}
        where = told.get("where")
        if where and not told.get(where):
            self.add_error(where, _("Choose one, or give a name."))
        if where in {LISTED, NAMED} and not told.get("purpose"):
            self.add_error("purpose", _("Say what it is for, such as “Reading practice in grades 1 to 5”."))
        name = " ".join(str(told.get("name", "")).split())
        if where == NAMED and Application.objects.filter(name__iexact=name).exists():
            self.add_error("name", _("An application with this name exists. Choose it above, or use another name."))
        return {**told, "name": name}


def adopt_orphan(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whose connection this is; on POST give it to that application."""
    connection = get_object_or_404(Connection, pk=pk, application=None)
    form = AdoptForm(request.POST, initial=None) if request.method == "POST" else AdoptForm(initial=_guess(connection))
    if request.method == "POST" and form.is_valid():
        try:
            application = _adopted(connection, form.cleaned_data, request.user.get_username())
        except ValidationError as refusal:
            form.add_error(None, refusal.messages[0])
        else:
            messages.success(
                request,
                _("%(name)s now belongs to %(vendor)s. Its credentials go on working.")
                % {"name": connection.name, "vendor": application.name},
            )
            return redirect("admin:application", application.slug)
    [line] = overview.lines_of([connection], timezone.now())
    return page(
        request,
        "connections/adopt.html",
        _("Adopt “%s”") % connection.name,
        opening=_("Give these credentials to the application they belong to. They go on working as they are."),
        trail=[(_("Learning Interoperability"), reverse("admin:applications"))],
        line=line,
        form=form,
    )


@transaction.atomic
def _adopted(connection: Connection, told: dict[str, Any], actor: str) -> Application:
    if told["where"] == KNOWN:
        application: Application = told["application"]
    elif told["where"] == LISTED:
        entry = catalogue.entry(told["entry"])
        application = add_application(
            name=entry.name if entry else "", purpose=told["purpose"], actor=actor, entry=entry
        )
    else:
        application = add_application(name=told["name"], purpose=told["purpose"], actor=actor)
    adopt(connection, application, actor=actor)
    return application


def _guess(connection: Connection) -> dict[str, Any]:
    """Return what the form begins with: what bears a name like the connection's, else a new application."""
    if known := catalogue.closest(connection.name, {each.name: each for each in Application.objects.all()}):
        return {"where": KNOWN, "application": known.pk}
    if entry := catalogue.likeness(connection.name):
        return {"where": LISTED, "entry": entry.slug, "purpose": connection.purpose}
    return {"where": NAMED, "name": connection.name, "purpose": connection.purpose}

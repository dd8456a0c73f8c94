"""Add Application: from the catalogue of partners, or one that is in no catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections import catalogue, tools
from connections.catalogue import Entry, Function, Lozenge
from connections.models import VERSIONS, Application, SharingSettings
from connections.services.adding import add_application
from interop.admin.pages import page
from interop.admin.roles import EDITORS, OFFICERS, roles_of

EXISTS = gettext_lazy("An application with this name exists. Open it, or use another name.")


class PurposeForm(forms.Form):
    """Why the district shares data with the application; asked before there are credentials."""

    purpose = forms.CharField(
        max_length=2000,
        label=gettext_lazy("Purpose"),
        help_text=gettext_lazy("Why the district shares data with it. Kept in the audit trail."),
        error_messages={"required": gettext_lazy("Say what it is for, such as “Reading practice in grades 1 to 5”.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "input"
            if self.is_bound and name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"


class OtherForm(PurposeForm):
    """A product that is in no catalogue."""

    name = forms.CharField(
        max_length=200,
        label=gettext_lazy("Application name"),
        help_text=gettext_lazy("As your staff know it. People see it on the tile and in every report."),
        error_messages={"required": gettext_lazy("Give the application’s name, as your staff know it.")},
    )
    contact = forms.CharField(
        max_length=200, required=False, label=gettext_lazy("Contact at the vendor"), help_text=gettext_lazy("Optional.")
    )
    field_order = ("name", "purpose", "contact")

    def clean_name(self) -> str:
        """Return the name; raises ValidationError when an application has it."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if Application.objects.filter(name__iexact=name).exists():
            raise ValidationError(EXISTS, code="taken")
        return name


@dataclass(frozen=True)
class Row:
    """One product of the catalogue as it is shown; `application` is the one the district has of it."""

    entry: Entry
    application: Application | None
    lozenges: Sequence[Lozenge]


def index(request: HttpRequest) -> HttpResponse:
    """Show the partners, all or those that can do one thing or bear a name."""
    words, function = request.GET.get("q", "").strip()[:100], request.GET.get("can", "")
    every = [row for row in rows() if row.entry.partner or row.application]
    found = [
        row
        for row in every
        if words.casefold() in f"{row.entry.name} {row.entry.description}".casefold()
        and (not function or function in row.entry.functions)
    ]
    kinds = [
        (kind.value, catalogue.TITLES[kind], sum(kind in row.entry.functions for row in every)) for kind in Function
    ]
    return page(
        request,
        "connections/add.html",
        _("Add Application"),
        opening=_("Choose the product your district uses. Nothing is shared until you generate a connection."),
        trail=_trail(),
        rows=found,
        every=len(every),
        kinds=kinds,
        words=words,
        function=function,
        may_change=bool(roles_of(request.user) & EDITORS),
        may_edit=bool(roles_of(request.user) & OFFICERS),
    )


def rows() -> list[Row]:
    """Return the whole catalogue with what this district has of it."""
    owned = {
        application.catalogue: application
        for application in Application.objects.exclude(catalogue="").prefetch_related("connections")
    }
    switches = SharingSettings.load()
    learning, found = tools.found([each.pk for each in owned.values()]), []
    for entry in catalogue.entries():
        application = owned.get(entry.slug)
        connections = application.connections.all() if application else ()
        theirs = learning.get(application.pk, tools.Tools()) if application else tools.Tools()
        can = tools.with_tools(entry.functions, theirs)
        found.append(Row(entry, application, catalogue.lozenges(can, connections, switches, theirs.functions)))
    return found


def partner(request: HttpRequest, entry: str) -> HttpResponse:
    """Show a product of the catalogue with the caution, and ask for the purpose; on POST add it."""
    found = catalogue.entry(entry)
    if found is None:
        raise Http404
    if known := Application.objects.filter(catalogue=found.slug).first():
        return redirect("admin:application", known.slug)
    form = PurposeForm(request.POST if request.method == "POST" else None)
    twin = Application.objects.filter(name__iexact=found.name).first()
    if request.method == "POST" and form.is_valid() and twin is None:
        made = add_application(
            name=found.name, purpose=form.cleaned_data["purpose"], actor=request.user.get_username(), entry=found
        )
        return redirect("admin:generate", made.slug)
    return page(
        request,
        "connections/add_partner.html",
        _("Add %s") % found.name,
        trail=_trail(_("Add Application")),
        entry=found,
        versions=[(VERSIONS[version], found.versions[version]) for version in sorted(found.versions, reverse=True)],
        lozenges=catalogue.lozenges(found.functions, (), SharingSettings.load()),
        form=form,
        twin=twin,
    )


def other(request: HttpRequest) -> HttpResponse:
    """Ask for name and purpose of a product that is in no catalogue; on POST add it."""
    form = OtherForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        made = add_application(
            name=told["name"], purpose=told["purpose"], contact=told["contact"], actor=request.user.get_username()
        )
        return redirect("admin:generate", made.slug)
    name = str(form["name"].value() or "").strip()
    return page(
        request,
        "connections/add_other.html",
        _("Connect to Other Applications"),
        opening=_("For a product that is not in the catalogue."),
        trail=_trail(_("Add Application")),
        form=form,
        name=name,
        likely=catalogue.likeness(name),
        twin=Application.objects.filter(name__iexact=name).first() if name else None,
    )


def _trail(*below: str) -> list[tuple[str, str]]:
    way = [(_("Learning Interoperability"), reverse("admin:applications"))]
    return [*way, *((name, reverse("admin:add")) for name in below)]

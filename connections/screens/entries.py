"""The district's own part of the catalogue: an entry added, changed or removed."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections import catalogue, entries
from connections.models import VERSIONS, Application, CatalogueEntry
from interop.admin.pages import page

BOXES = forms.CheckboxSelectMultiple
KINDS = ((2, "OAuth 2"), (1, "OAuth 1"))
LTI_TITLES = tuple((name, catalogue.TITLES[function]) for name, function in catalogue.LTI.items())


def _offered(*names: str) -> list[tuple[str, Any]]:
    return [(name, catalogue.TITLES[catalogue.ONEROSTER[name]]) for name in names]


class EntryForm(forms.Form):
    """What a product is, and what its vendor supports in each OneRoster version."""

    name = forms.CharField(
        max_length=100,
        label=gettext_lazy("Name"),
        error_messages={"required": gettext_lazy("Give the product’s name, as your staff know it.")},
    )
    description = forms.CharField(
        max_length=300,
        required=False,
        label=gettext_lazy("Description"),
        help_text=gettext_lazy("One sentence, such as “Reading practice for grades 1 to 5.”"),
    )
    partner = forms.BooleanField(required=False, label=gettext_lazy("Partner"))
    has_12 = forms.BooleanField(required=False, label="OneRoster 1.2")
    functions_12 = forms.MultipleChoiceField(
        required=False, widget=BOXES, choices=lambda: _offered("grade book sync", "assessments sync")
    )
    oauth_12 = forms.TypedMultipleChoiceField(required=False, widget=BOXES, coerce=int, choices=KINDS[:1])
    has_11 = forms.BooleanField(required=False, label="OneRoster 1.1")
    functions_11 = forms.MultipleChoiceField(required=False, widget=BOXES, choices=lambda: _offered("grade book sync"))
    oauth_11 = forms.TypedMultipleChoiceField(required=False, widget=BOXES, coerce=int, choices=KINDS)
    lti = forms.MultipleChoiceField(required=False, widget=BOXES, choices=LTI_TITLES)
    needs = forms.CharField(
        max_length=300,
        required=False,
        label=gettext_lazy("Data it needs"),
        help_text=gettext_lazy("Separated by commas, such as: email, grade levels. Shown before somebody connects it."),
    )
    contact = forms.CharField(max_length=200, required=False, label=gettext_lazy("Contact at the vendor"))
    link_title = forms.CharField(max_length=100, required=False, label=gettext_lazy("Name of the vendor’s guide"))
    link_url = forms.URLField(
        required=False,
        assume_scheme="https",
        label=gettext_lazy("Address of the guide"),
        error_messages={"invalid": gettext_lazy("Enter a full address, such as https://vendor.example/guide.")},
    )

    def __init__(self, told: Mapping[str, Any] | None, data: Any = None) -> None:
        self.told = told
        super().__init__(data, initial=_initial(told) if told else {"has_12": True, "oauth_12": [2], "oauth_11": [2]})

    def clean_name(self) -> str:
        """Return the name; raises ValidationError when another entry has it or no address can be made of it."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        own = self.told["slug"] if self.told else ""
        if any(each.name.casefold() == name.casefold() and each.slug != own for each in catalogue.entries()):
            raise ValidationError(_("The catalogue has an entry of this name. Change that one, or use another name."))
        if not self.told and (not entries.slug_of(name) or entries.told_of(entries.slug_of(name))):
            raise ValidationError(_("The catalogue has an entry almost like it. Use another name."))
        return name

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError for a version without a way to sign in, or a product that can do nothing."""
        said = super().clean() or {}
        if not (said.get("has_12") or said.get("has_11")):
            self.add_error(None, _("Choose at least one OneRoster version the vendor supports."))
        for number in (12, 11):
            if said.get(f"has_{number}") and not said.get(f"oauth_{number}"):
                self.add_error(f"oauth_{number}", _("Choose how the vendor signs in with this version."))
        url = str(said.get("link_url", ""))
        if url and not url.startswith("https://"):
            self.add_error("link_url", _("Enter an address that begins with https://."))
        return said

    def entry(self) -> dict[str, Any]:
        """Return the entry as catalogue.json tells one. What the form does not ask stays as it was told."""
        said, before = self.cleaned_data, dict(self.told or {})
        versions = {
            text: {
                "functions": ["roster sync", *said[f"functions_{number}"]],
                "oauth": sorted(said[f"oauth_{number}"]),
            }
            for number, text in VERSIONS.items()
            if said[f"has_{number}"]
        }
        link = {"title": said["link_title"] or _("Setup guide"), "url": said["link_url"]}
        return {
            "slug": before.get("slug") or entries.slug_of(said["name"]),
            "name": said["name"],
            "description": said["description"],
            "partner": said["partner"],
            "contact": said["contact"],
            "oneroster": versions,
            "lti": said["lti"],
            "needs": [each.strip() for each in said["needs"].split(",") if each.strip()],
            "links": [*([link] if link["url"] else []), *before.get("links", ())[1:]],
        }


def _initial(told: Mapping[str, Any]) -> dict[str, Any]:
    first = {name: told.get(name, "") for name in ("name", "description", "contact", "lti")}
    link = next(iter(told.get("links", ())), {"title": "", "url": ""})
    first |= {"partner": told.get("partner", True), "needs": ", ".join(told.get("needs", ()))}
    first |= {"link_title": link["title"], "link_url": link["url"]}
    for number, text in VERSIONS.items():
        offer = told["oneroster"].get(text)
        first[f"has_{number}"] = offer is not None
        first[f"functions_{number}"] = offer["functions"] if offer else []
        first[f"oauth_{number}"] = offer["oauth"] if offer else [2]
    return first


def new(request: HttpRequest) -> HttpResponse:
    """Ask for a product; on POST add it to the catalogue."""
    return _edited(request, None, _("Add a product to the catalogue"), words=request.GET.get("name", "")[:100])


def edit(request: HttpRequest, entry: str) -> HttpResponse:
    """Show what is told of an entry; on POST tell it anew. One of ours gets the district's own word that way."""
    told = entries.told_of(entry)
    if told is None:
        raise Http404
    return _edited(request, told, _("Change %s in the catalogue") % told["name"])


def _edited(request: HttpRequest, told: Mapping[str, Any] | None, title: str, *, words: str = "") -> HttpResponse:
    form = EntryForm(told, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        saved = entries.save_entry(form.entry(), actor=request.user.get_username())
        messages.success(request, _("%s stands in the catalogue as you told it.") % saved)
        return redirect("admin:add")
    if words:
        form.initial["name"] = words
    slug = told["slug"] if told else ""
    return page(
        request,
        "connections/entry.html",
        title,
        opening=_("What is offered when somebody connects it follows from this."),
        trail=_trail(),
        form=form,
        added=CatalogueEntry.objects.filter(slug=slug).first() if slug else None,
        ours=slug in catalogue.own_told(),
        used=Application.objects.filter(catalogue=slug).first() if slug else None,
    )


def remove(request: HttpRequest, entry: str) -> HttpResponse:
    """Ask; on POST remove what the district added."""
    added = get_object_or_404(CatalogueEntry, slug=entry)
    if request.method == "POST":
        entries.remove_entry(added, actor=request.user.get_username())
        messages.success(request, _("%s removed from the district’s part of the catalogue.") % added)
        return redirect("admin:add")
    return page(
        request,
        "connections/entry_remove.html",
        _("Remove %s from the catalogue?") % added,
        trail=_trail(),
        entry=added,
        ours=entry in catalogue.own_told(),
        used=Application.objects.filter(catalogue=entry).first(),
    )


def _trail() -> list[tuple[str, str]]:
    return [
        (_("Learning Interoperability"), reverse("admin:applications")),
        (_("Add Application"), reverse("admin:add")),
    ]

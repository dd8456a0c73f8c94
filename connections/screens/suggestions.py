"""Suggest a partner: kept here, or told where the district says."""

from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.models import SharingSettings, Suggestion
from interop import audit
from interop.admin.pages import page


class SuggestionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who is missing among the partners, and why."""

    website = forms.URLField(
        required=False,
        assume_scheme="https",
        label=gettext_lazy("Website"),
        error_messages={"invalid": gettext_lazy("Enter a full address, such as https://vendor.example.")},
    )

    class Meta:
        model = Suggestion
        fields = ("name", "website", "reason")
        labels: ClassVar = {
            "name": gettext_lazy("Product or vendor"),
            "reason": gettext_lazy("Why your schools would use it"),
        }
        error_messages: ClassVar = {
            "name": {"required": gettext_lazy("Give the name of the product or its vendor.")},
        }
        widgets: ClassVar = {
            "reason": forms.Textarea({"class": "input", "rows": 4}),
        }


def suggest(request: HttpRequest) -> HttpResponse:
    """Show the form with what was suggested before; on POST keep the suggestion. Or lead to the district's address."""
    if elsewhere := SharingSettings.load().suggestions_url:
        return redirect(elsewhere)
    form = SuggestionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        suggestion = form.save(commit=False)
        suggestion.suggested_by = request.user.get_username()
        suggestion.save()
        audit.record(suggestion.suggested_by, "suggested a partner", suggestion, after={"name": suggestion.name})
        messages.success(request, _("Thank you. The suggestion is kept here for whoever speaks with vendors."))
        return redirect("admin:suggest")
    return page(
        request,
        "connections/suggest.html",
        _("Suggest a partner"),
        opening=_("Whom should the portal support? Suggestions are kept on this page."),
        trail=[
            (_("Learning Interoperability"), reverse("admin:applications")),
            (_("Add Application"), reverse("admin:add")),
        ],
        form=form,
        suggestions=Suggestion.objects.order_by("-at")[:50],
    )

"""Refresh OneRoster Cache: publish now what the district's data say; let through what was held."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interop.admin.pages import page
from interop.admin.roles import OFFICERS, roles_of
from roster import refreshing


class LetThrough(forms.Form):
    """Why a held refresh is right; blank for an ordinary one."""

    reason = forms.CharField(
        max_length=500,
        label=gettext_lazy("Why the change is right"),
        help_text=gettext_lazy("Kept in the audit trail with your name."),
        error_messages={"required": gettext_lazy("Say why, such as “Oak Hill closed on Friday”.")},
    )


def refresh(request: HttpRequest) -> HttpResponse:
    """Say what a refresh does; on POST have the worker do it. An officer may let a held one through, with a reason."""
    asked = refreshing.current()
    may_force = bool(asked and asked.held and roles_of(request.user) & OFFICERS)
    forced = may_force and request.POST.get("act") == "force"
    form = LetThrough(request.POST if forced else None)
    if request.method == "POST" and (not forced or form.is_valid()):
        return _asked(request, form.cleaned_data["reason"] if forced else "")
    return page(
        request,
        "roster/refresh.html",
        _("Refresh OneRoster Cache?"),
        opening=_("Vendors then get what the district’s data say now, from their next request on."),
        trail=[(_("Learning Interoperability"), reverse("admin:applications"))],
        held=asked if asked and asked.held else None,
        may_force=may_force,
        form=form,
    )


def _asked(request: HttpRequest, reason: str) -> HttpResponse:
    if refreshing.ask(request.user.get_username(), timezone.now(), reason=reason):
        messages.success(request, _("Refresh asked for. What it changed will stand at the end of this page."))
    else:
        messages.warning(request, _("A refresh has been asked for already. It is not finished yet."))
    return redirect("admin:applications")

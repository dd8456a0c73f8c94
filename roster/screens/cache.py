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
from interop.jobs.asking import cancel
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
    """Say what a refresh does; on POST ask for it, or cancel the one that waits.

    An officer may let a held one through, with a reason.
    """
    if run := request.POST.get("cancel", ""):
        return _cancelled(request, run)
    state = refreshing.state()
    may_force = bool(state.held and roles_of(request.user) & OFFICERS)
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
        published=state,
        may_force=may_force,
        form=form,
    )


def _cancelled(request: HttpRequest, run: str) -> HttpResponse:
    if run.isdecimal() and cancel(int(run), by=request.user.get_username()):
        messages.success(request, _("The refresh is cancelled. Vendors keep what they have."))
    else:
        messages.warning(request, _("The refresh has begun and cannot be cancelled any more."))
    return redirect("admin:applications")


def _asked(request: HttpRequest, reason: str) -> HttpResponse:
    by, now = request.user.get_username(), timezone.now()
    if reason:
        refreshing.ask(by, now, reason=reason)
        messages.success(request, _("It is published as soon as the worker is free. A message tells how it ended."))
    elif refreshing.click(by, now):
        messages.success(request, _("The refresh starts in two minutes. You can cancel it until then."))
    else:
        messages.warning(request, _("A refresh waits or is at work already; it is told at the end of this page."))
    return redirect("admin:applications")

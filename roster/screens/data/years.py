"""School years: which one is active, and whether its scheduling is final."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interop.admin.pages import page
from interop.admin.roles import OFFICERS, roles_of
from roster import scheduling as final
from roster.editing import years
from roster.models import DistrictSettings, SchoolYear
from roster.screens.data.kinds import BY_MODEL

KIND = BY_MODEL[SchoolYear]


class Switch(forms.Form):
    """The one approval of all that a new school year changes."""

    reason = forms.CharField(
        max_length=500,
        label=gettext_lazy("Why now"),
        help_text=gettext_lazy("Kept in the audit trail with your name. It covers the refresh that follows too."),
        error_messages={"required": gettext_lazy("Say why, such as “Scheduling of 2027-28 is loaded”.")},
    )
    hold_vendors = forms.BooleanField(required=False)


def make_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would come and go, by kind and by school; on POST with a reason make the year active."""
    year = get_object_or_404(SchoolYear, pk=pk, ended_at=None)
    if year.active:
        messages.info(request, _("%s is active already.") % year.title)
        return redirect(KIND.record_url(pk))
    form = Switch(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        years.make_active(year, actor=request.user.get_username(), now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("%s is active. The refresh that shows it to vendors has begun.") % year.title)
        return redirect(KIND.record_url(pk))
    now = timezone.now()
    return page(
        request, "roster/data/active_year.html", _("Make %s active?") % year.title,
        opening=_("Vendors get the active year. This is what they would lose and gain with the next refresh."),
        trail=[(_("School data"), reverse("admin:data")), (str(KIND.title), KIND.url),
               (year.title, KIND.record_url(pk))],
        year=year, before=years.active(), turns=years.turn(year, now), schools=years.by_school(year, now),
        form=form, may_change=bool(roles_of(request.user) & OFFICERS),
        held=DistrictSettings.load().hold_until_final, back=KIND.record_url(pk),
    )  # fmt: skip


def scheduling(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark the year's scheduling final, or take that back; both by POST."""
    year = get_object_or_404(SchoolYear, pk=pk)
    if request.method == "POST":
        actor = request.user.get_username()
        if request.POST.get("act") == "take back":
            final.unmark(year, actor=actor)
            messages.success(request, _("Scheduling of %s is not final any more.") % year.title)
        else:
            final.mark(year, actor=actor)
            messages.success(request, _("Scheduling of %s is final.") % year.title)
    return redirect(KIND.record_url(pk))

"""School years: which one is active, and whether its scheduling is final."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interop.admin.pages import page
from roster import scheduling as final
from roster.editing import years
from roster.models import SchoolYear
from roster.screens.data.kinds import BY_MODEL

KIND = BY_MODEL[SchoolYear]


def make_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would come and go; on POST make the year active and ask for a refresh."""
    year = get_object_or_404(SchoolYear, pk=pk, ended_at=None)
    if year.active:
        messages.info(request, _("%s is active already.") % year.title)
        return redirect(KIND.record_url(pk))
    if request.method == "POST":
        if years.make_active(year, actor=request.user.get_username(), now=timezone.now()):
            messages.success(request, _("%s is active. The refresh that shows it to vendors has begun.") % year.title)
        else:
            messages.warning(
                request,
                _("%s is active. A refresh is under way already: ask for another when it is done.") % year.title,
            )
        return redirect(KIND.record_url(pk))
    return page(
        request, "roster/data/active_year.html", _("Make %s active?") % year.title,
        opening=_("Vendors get the active year. This is what they would lose and gain with the next refresh."),
        trail=[(_("School data"), reverse("admin:data")), (str(KIND.title), KIND.url),
               (year.title, KIND.record_url(pk))],
        year=year, before=years.active(), turns=years.turn(year, timezone.now()),
        back=KIND.record_url(pk),
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

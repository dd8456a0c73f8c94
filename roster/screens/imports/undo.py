"""Undo of the last import: asked with a reason, done by the worker."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interop.admin.pages import page
from roster.feeding import decisions
from roster.imports import undoing
from roster.models import FeedImport


class Why(forms.Form):
    """Why the import is taken back."""

    reason = forms.CharField(
        max_length=500,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Goes to the audit trail with your name."),
        error_messages={"required": gettext_lazy("Say why, such as “The export was of the wrong school”.")},
    )


def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what undoing does; on POST with a reason have the worker do it."""
    feed = get_object_or_404(FeedImport, pk=pk)
    back = reverse("admin:import", args=[pk])
    if not undoing.can_undo(feed):
        messages.warning(request, _("Only the last import that was applied can be undone."))
        return redirect(back)
    form = Why(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        asked = decisions.take_back(feed, reason=form.cleaned_data["reason"], actor=request.user.get_username())
        if asked:
            messages.success(request, _("The import is being undone. Vendors get the difference as soon as it is."))
        return redirect(back)
    return page(
        request, "roster/imports/undo.html", _("Undo this import?"),
        opening=_("Every row it added, changed or ended is then as it was before."),
        trail=[(_("Imports"), reverse("admin:imports")), (feed.name, back)],
        feed=feed, form=form, back=back,
    )  # fmt: skip

"""How imports are done: the limits that hold one, pauses, adding only, and whether approving takes two people."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from interop import audit
from interop.admin.filters import day_box
from interop.admin.pages import page
from interop.admin.roles import OFFICERS, roles_of
from roster.feeding import deliveries
from roster.feeding.limits import OTHERS, limits
from roster.imports.places import TABLES
from roster.models import FeedLimit, FeedPause, FeedSettings


class PauseForm(forms.ModelForm):  # type: ignore[type-arg]
    """Days on which imports wait."""

    class Meta:
        model = FeedPause
        fields = ("first", "last", "why")
        widgets: Mapping[str, Any] = {"first": day_box(), "last": day_box()}

    def clean(self) -> dict[str, Any]:
        """Refuse a pause that ends before it begins."""
        told = super().clean() or {}
        if told.get("first") and told.get("last") and told["last"] < told["first"]:
            self.add_error("last", _("Enter a day on or after the first one."))
        return told


class LimitsForm(forms.Form):
    """The percentages of every kind; a blank field takes the one of the other kinds."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        known, stored = limits(), FeedSettings.load()
        for number, kind in enumerate((OTHERS, *TABLES)):
            own = known.known.get(kind)
            for name in ("ended", "changed"):
                self.fields[f"{name}-{number}"] = forms.IntegerField(
                    min_value=0, max_value=100, required=kind == OTHERS, initial=getattr(own, name) if own else None
                )
        self.fields["least"] = forms.IntegerField(min_value=1, max_value=1_000_000, initial=stored.least)
        self.fields["add_only"] = forms.BooleanField(required=False, initial=stored.add_only)
        self.fields["two_people"] = forms.BooleanField(required=False, initial=stored.two_people)

    def rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Return each kind with its two fields."""
        names = [_("Every other kind"), *(capfirst(kind) for kind in TABLES)]
        return [(name, self[f"ended-{number}"], self[f"changed-{number}"]) for number, name in enumerate(names)]

    @transaction.atomic
    def save(self, actor: str) -> bool:
        """Keep what was chosen; return whether anything is different."""
        before = _told()
        FeedLimit.objects.all().delete()
        general = self._limit(0)
        for number, kind in enumerate((OTHERS, *TABLES)):
            own = self._limit(number)
            if own is not None and general is not None:
                ended, changed = (mine if mine is not None else other for mine, other in zip(own, general, strict=True))
                FeedLimit.objects.create(kind=kind, ended=ended, changed=changed)
        stored = FeedSettings(pk=1, **{name: self.cleaned_data[name] for name in ("least", "add_only", "two_people")})
        stored.save()
        after = _told()
        if after != before:
            audit.record(actor, "changed how imports are done", stored, before=before, after=after)
        return after != before

    def _limit(self, number: int) -> tuple[Any, Any] | None:
        own = self.cleaned_data[f"ended-{number}"], self.cleaned_data[f"changed-{number}"]
        return None if own == (None, None) else own


def settings(request: HttpRequest) -> HttpResponse:
    """Show how imports are done; on POST a security officer changes it."""
    act = request.POST.get("act", "")
    form = LimitsForm(request.POST if act == "save" else None)
    pause = PauseForm(request.POST if act == "pause" else None)
    if _done(request, act, form, pause):
        return redirect("admin:import_settings")
    return page(
        request, "roster/imports/settings.html", _("Import settings"),
        opening=_("When an import is held for a person, and when imports wait."),
        trail=[(_("Imports"), reverse("admin:imports"))],
        form=form, pause=pause, pauses=FeedPause.objects.all(),
        may_change=bool(roles_of(request.user) & OFFICERS),
    )  # fmt: skip


def _done(request: HttpRequest, act: str, form: LimitsForm, pause: PauseForm) -> bool:
    """Do what was asked for; False when there is nothing to do or something needs another look."""
    actor = request.user.get_username()
    if act == "save" and form.is_valid():
        changed = form.save(actor)
        messages.success(
            request, _("Saved. It holds from the next import on.") if changed else _("Nothing was changed.")
        )
        return True
    if act == "pause" and pause.is_valid():
        added = pause.save()
        audit.record(actor, "added a pause of imports", added)
        messages.success(request, _("Imports wait on these days. Held ones can still be approved."))
        return True
    if act == "remove":
        _remove(request.POST.get("pause", ""), actor)
        messages.success(request, _("Removed. Imports that waited go on."))
        return True
    return False


@transaction.atomic
def _remove(pk: str, actor: str) -> None:
    for pause in FeedPause.objects.filter(pk=int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0):
        audit.record(actor, "removed a pause of imports", pause)
        pause.delete()
    deliveries.ask_waiting(timezone.now())


def _told() -> dict[str, Any]:
    """Return all that is chosen, for the audit trail."""
    known, stored = limits(), FeedSettings.load()
    told: dict[str, Any] = {
        kind or _("every other kind"): f"{limit.ended} % / {limit.changed} %" for kind, limit in known.known.items()
    }
    return told | {"least": known.least, "add only": stored.add_only, "two people": stored.two_people}

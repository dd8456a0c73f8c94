"""Settings: what this installation is, and what the district chooses for all its connections."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings as installation
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interop import version
from interop.admin.pages import page
from interop.admin.roles import OFFICERS, roles_of
from interop.dates import moment_words
from interop.models import AuditEvent
from roster import choices, refreshing, renaming, timetable
from roster.choices import CHOICES, GROUPS, Choice
from roster.models import District
from roster.publishing.groups import Group
from roster.screens import renaming as first
from roster.screens.times import TimesField, told_times

NEXT: dict[Group, Any] = {
    "student": gettext_lazy("Next refresh of student records"),
    "class": gettext_lazy("Next refresh of class records"),
}


class SettingsForm(forms.Form):
    """Every choice, with what the person saw, so that only what that person changed is changed."""

    def __init__(self, now: Mapping[str, Any], data: Any = None, *, read_only: bool = False) -> None:
        super().__init__(data, initial=dict(now))
        for choice in CHOICES:
            self.fields[choice.field] = _field(choice)
            self.fields[choice.field].disabled = read_only

    def changes(self) -> dict[str, Any]:
        """Return what the person changed."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def _field(choice: Choice) -> forms.Field:
    if choice.kind == "checkbox":
        return forms.BooleanField(required=False, label=choice.title, show_hidden_initial=True)
    if choice.kind == "times":
        return TimesField(label=choice.title, show_hidden_initial=True)
    if choice.kind == "number":
        least, most = choice.bounds
        return forms.IntegerField(label=choice.title, show_hidden_initial=True, min_value=least, max_value=most)
    if choice.kind == "text":
        return forms.CharField(required=False, max_length=500, label=choice.title, show_hidden_initial=True)
    return forms.URLField(
        required=False, label=choice.title, show_hidden_initial=True, assume_scheme="https",
        error_messages={"invalid": _("Enter a whole address, such as https://example.org/suggest.")},
    )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One choice as the page shows it; `touches` is how many connections it concerns, None: not told."""

    choice: Choice
    box: forms.BoundField
    touches: int | None

    @property
    def seen(self) -> Any:
        """Return what the person saw, as it comes back with the form."""
        return self.box.field.prepare_value(self.box.initial)


@dataclass(frozen=True)
class Told:
    """One earlier change in words."""

    event: AuditEvent
    what: str


def settings(request: HttpRequest) -> HttpResponse:
    """Show the settings; security officers save them."""
    may_change = bool(roles_of(request.user) & OFFICERS)
    if preset := request.POST.get("timetable"):
        return _saved(request, timetable.PRESETS[preset]) if preset in timetable.PRESETS else HttpResponseBadRequest()
    form = SettingsForm(choices.current(), request.POST if request.method == "POST" else None, read_only=not may_change)
    if form.is_bound and form.is_valid():
        changes = form.changes()
        if renaming.FIELD in changes and first.CONFIRMED not in request.POST:
            return first.foretell(request, prefixed=changes[renaming.FIELD])
        return _saved(request, changes)
    touched = choices.touched()
    groups = [
        (name, title, told, [Line(each, form[each.field], touched.get(each.touches)) for each in listed])
        for name, title, told, listed in GROUPS
    ]
    return page(
        request,
        "roster/settings.html",
        _("Settings"),
        opening=_("What holds for every connection of the district."),
        facts=_installation(),
        form=form,
        groups=groups,
        may_change=may_change,
        last=[Told(event, _in_words(event)) for event in choices.last_changes()] if may_change else [],
    )


def _saved(request: HttpRequest, changes: Mapping[str, Any]) -> HttpResponse:
    changed = choices.change(changes, actor=request.user.get_username())
    messages.success(request, _effect(changed))
    if any(each.field == renaming.FIELD for each in changed):
        first.refresh_all(request, prefixed=changes[renaming.FIELD])
    elif any(each.published for each in changed):
        refreshing.ask(request.user.get_username(), timezone.now())
    return redirect("admin:settings")


def _installation() -> list[tuple[str, str]]:
    """Return what names this installation to vendors and to whoever helps."""
    district = District.objects.filter(ended_at=None).order_by("sourced_id").first()
    return [
        (_("District"), district.name if district else _("No data yet")),
        (_("District id"), (district.identifier or district.sourced_id) if district else ""),
        (_("Address"), installation.PUBLIC_URL),
        (_("Time zone"), installation.DISTRICT_TIME_ZONE),
        *((title, _next(group)) for group, title in NEXT.items()),
        (_("Version"), version.installed()),
    ]


def _next(group: Group) -> str:
    now = timezone.now()
    at = timetable.next_refresh(group, now)
    return capfirst(moment_words(at, now)) if at else _("Only when somebody asks")


def _effect(changed: list[Choice]) -> str:
    if not changed:
        return _("Nothing was changed.")
    if all(each.kind == "times" for each in changed):
        return _("Saved. The portal refreshes by itself at these times from now on.")
    now, later = any(not each.published for each in changed), any(each.published for each in changed)
    if now and later:
        return _(
            "Saved. It holds from the next request on; a refresh of everything, which begins now, changes records."
        )
    if later:
        return _("Saved. A refresh of everything begins now, and vendors get it when that has ended.")
    return _("Saved. It holds from the next request on.")


def _in_words(event: AuditEvent) -> str:
    known = {choice.field: choice for choice in CHOICES}
    return "; ".join(_told(known.get(name), name, value) for name, value in sorted(event.after.items()))


def _told(choice: Choice | None, name: str, value: Any) -> str:
    if choice is None:
        return f"{name}: {_value(value)}"
    return f"{choice.title}: {told_times(value) if choice.kind == 'times' else _value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return str(value) or _("blank")

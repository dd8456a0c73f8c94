"""Accounts in batch: usernames by a pattern, seen before they are made; and accounts that come by themselves."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from interop.admin.pages import page
from interop.dates import count_words
from roster import refreshing
from roster.editing import accounts, usernames
from roster.models import AccountRule, School

SHOWN = 100
ENABLED = gettext_lazy("Enabled: they open the portal and may sign in")


class Pattern(forms.CharField):
    """How usernames are made."""

    default_validators = [usernames.check]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(max_length=100, label=gettext_lazy("Pattern"))


class Batch(forms.Form):
    """Who gets accounts, and how they are named."""

    kind = forms.ChoiceField(choices=tuple(accounts.KINDS.items()), label=gettext_lazy("Who"))
    school = forms.ChoiceField(required=False, label=gettext_lazy("School"))
    pattern = Pattern()
    enabled = forms.BooleanField(required=False, label=ENABLED)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"pattern": usernames.STUDENT})
        schools = School.objects.filter(ended_at=None).order_by("name", "pk").values_list("pk", "name")
        self.fields["school"].choices = [("", _("All schools")), *schools]  # type: ignore[attr-defined]
        _dress(self)

    def plan(self) -> accounts.Plan:
        """Return what the batch would make."""
        told = self.cleaned_data
        school = int(told["school"]) if told["school"] else None
        return accounts.plan(told["kind"], told["pattern"], school=school, now=timezone.now())


class Rule(forms.Form):
    """How accounts of one kind come by themselves."""

    automatic = forms.BooleanField(required=False, label=gettext_lazy("Make them after every import"))
    pattern = Pattern()
    enabled = forms.BooleanField(required=False, label=ENABLED)

    def __init__(self, rule: AccountRule, data: Any = None) -> None:
        chosen = {name: getattr(rule, name) for name in ("automatic", "pattern", "enabled")}
        super().__init__(data, initial=chosen, prefix=rule.kind)
        self.rule = rule
        _dress(self)

    @property
    def title(self) -> Any:
        """Return whose accounts."""
        return accounts.KINDS[self.rule.kind]


def batch(request: HttpRequest) -> HttpResponse:
    """Ask, show what would be made, make it; all by POST, because names of people belong in no address."""
    act = request.POST.get("act", "")
    rules = {
        kind: Rule(rule, request.POST if act == f"rule {kind}" else None) for kind, rule in accounts.rules().items()
    }
    for kind, rule in rules.items():
        if rule.is_bound and rule.is_valid():
            return _ruled(request, kind, rule)
    form = Batch(request.POST if act in {"show", "make"} else None)
    plan = form.plan() if form.is_bound and form.is_valid() else None
    if plan and act == "make" and request.POST.get("digest") == plan.digest:
        return _made(request, plan, enabled=form.cleaned_data["enabled"])
    return page(
        request, "roster/data/usernames.html", _("Accounts in batch"),
        opening=_("Usernames for people who have none. Those that exist are never changed."),
        trail=[(_("School data"), reverse("admin:data"))],
        form=form, rules=rules.values(), parts=_parts(), plan=plan, changed=plan and act == "make",
        **(_preview(plan) if plan else {}),
    )  # fmt: skip


def _preview(plan: accounts.Plan) -> dict[str, Any]:
    """Return the first of the names, of those that collide, and of those left out; what is lacking in words."""
    lacking = [
        (each.person, ", ".join(str(usernames.PARTS[part]) for part in each.lacks)) for each in plan.left_out[:SHOWN]
    ]
    return {
        "made": plan.made[:SHOWN], "made_more": max(0, len(plan.made) - SHOWN),
        "collisions": plan.collisions[:SHOWN], "collisions_number": len(plan.collisions),
        "lacking": lacking, "lacking_number": len(plan.left_out),
    }  # fmt: skip


def _made(request: HttpRequest, plan: accounts.Plan, *, enabled: bool) -> HttpResponse:
    number = accounts.make(plan, enabled=enabled, actor=request.user.get_username())
    said = ngettext("%s account made.", "%s accounts made.", number) % count_words(number)
    refreshing.soon()
    messages.success(request, said + " " + _("Vendors see the usernames within seconds."))
    return redirect("admin:data_usernames")


def _ruled(request: HttpRequest, kind: str, form: Rule) -> HttpResponse:
    told = form.cleaned_data
    if accounts.set_rule(
        kind, automatic=told["automatic"], pattern=told["pattern"], enabled=told["enabled"],
        actor=request.user.get_username(),
    ):  # fmt: skip
        now = _("New ones get accounts at the end of every import.") if told["automatic"] else _("None are made.")
        messages.success(request, f"{form.title}: {now}")
    else:
        messages.info(request, _("Nothing was changed."))
    return redirect("admin:data_usernames")


def _parts() -> list[tuple[str, Any, str]]:
    """Return each part of a pattern, what it is, and an example."""
    example = usernames.Named(first="Zoë", middle="Ann", last="O’Neill", id="204417", year="2031")
    return [
        (f"{{{name}}}", title, usernames.make(f"{{{name}}}", example)) for name, title in usernames.PARTS.items()
    ]  # fmt: skip


def _dress(form: forms.Form) -> None:
    for field in form.fields.values():
        if not isinstance(field, forms.BooleanField):
            field.widget.attrs |= {"class": "input", "autocomplete": "off", "spellcheck": "false"}

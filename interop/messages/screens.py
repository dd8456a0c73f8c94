"""The Message Center and the form that announces."""

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import Any, ClassVar
from uuid import uuid4

import django_filters
from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from interop import audit
from interop.admin.filters import OfDays, day_box, text_box
from interop.admin.pages import page
from interop.admin.roles import EDITORS, EVERYONE, roles_of
from interop.dates import day_words, district_day
from interop.messages.models import ANNOUNCEMENT, PROCESSES, Message, MessageQuerySet
from interop.messages.telling import mark_read, tell, unread

ROWS = 50


class MessageFilter(OfDays, django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """By words, process, and days of the district."""

    words = django_filters.CharFilter(method="saying", label=gettext_lazy("Name"), widget=text_box())
    process = django_filters.ChoiceFilter(
        choices=list(PROCESSES.items()), label=gettext_lazy("Process"), empty_label=gettext_lazy("All processes"),
        widget=forms.Select({"class": "input"}),
    )  # fmt: skip
    since = django_filters.DateFilter(method="from_day", label=gettext_lazy("From"), widget=day_box())
    until = django_filters.DateFilter(method="to_day", label=gettext_lazy("To"), widget=day_box())

    class Meta:
        model = Message
        fields: tuple[str, ...] = ()

    def saying(self, found: MessageQuerySet, _name: str, words: str) -> MessageQuerySet:
        """Keep messages with these words in title, text or the name of who wrote them."""
        return found.filter(Q(title__icontains=words) | Q(text__icontains=words) | Q(author__icontains=words))


class AnnouncementForm(forms.ModelForm):  # type: ignore[type-arg]
    """What somebody announces; `key` makes a form that is sent twice one announcement."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    class Meta:
        model = Message
        fields = ("title", "text", "sticky_until")
        labels: ClassVar = {
            "title": gettext_lazy("What you announce"),
            "text": gettext_lazy("More about it"),
            "sticky_until": gettext_lazy("Stays on top until"),
        }
        widgets: ClassVar = {
            "title": forms.TextInput({"class": "input", "autocomplete": "off"}),
            "text": forms.Textarea({"class": "input", "rows": 4}),
            "sticky_until": day_box(),
        }
        error_messages: ClassVar = {
            "title": {"required": gettext_lazy("Say what you announce.")},
            "sticky_until": {"invalid": gettext_lazy("Enter a day such as 11/22/2026.")},
        }


def center(request: HttpRequest) -> HttpResponse:
    """Show what this person is told, the newest first, or what is older than `before`; on POST mark it as read."""
    if request.method == "POST":
        newest = request.POST.get("newest", "")
        if _is_number(newest):
            mark_read(_reader(request), int(newest))
        return redirect("admin:messages")
    now = timezone.now()
    chosen = MessageFilter(request.GET, queryset=Message.objects.of(_reader(request)))
    on_top = Q(sticky_until__gte=district_day(now))
    found = chosen.qs.exclude(on_top).order_by("-pk")
    before = request.GET.get("before", "")
    if _is_number(before):
        found = found.filter(pk__lt=int(before))
    rows = list(found[: ROWS + 1])
    shown, count = rows[:ROWS], unread(_reader(request))
    sticky = [] if before else list(chosen.qs.filter(on_top).order_by("-pk"))
    return page(
        request, "interop/message_center.html", _("Message Center"),
        opening=_opening(count),
        may_announce=bool(roles_of(request.user) & EDITORS),
        unread=count,
        newest=max((message.pk for message in [*shown, *sticky]), default=0),
        sticky=sticky,
        days=_by_day(shown, now),
        form=chosen.form,
        filtered=any(chosen.data.get(name) for name in chosen.form.fields),
        asked=_asked(request),
        older=shown[-1].pk if len(rows) > ROWS else None,
        later=bool(before),
    )  # fmt: skip


def announce(request: HttpRequest) -> HttpResponse:
    """Ask for an announcement; on POST tell it to everybody in the data office."""
    form = AnnouncementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _told(form, author=request.user.get_username())
        messages.success(request, _("Announced to everybody in the data office."))
        return redirect("admin:messages")
    return page(
        request,
        "interop/announce.html",
        _("Announce"),
        opening=_("Everybody who signs in to this part of the portal reads it. It cannot be taken back."),
        trail=[(_("Message Center"), reverse("admin:messages"))],
        form=form,
    )


@transaction.atomic
def _told(form: AnnouncementForm, *, author: str) -> None:
    key = f"{ANNOUNCEMENT}:{form.cleaned_data['key']}"
    message = form.save(commit=False)
    message.key, message.process, message.kind = key, ANNOUNCEMENT, "paused"
    message.author, message.roles = author, sorted(EVERYONE)
    if not Message.objects.filter(key=key).exists():
        tell([message])
        kept = Message.objects.get(key=key)
        audit.record(author, "announced", kept, after={"title": kept.title, "sticky_until": kept.sticky_until})


def _opening(count: int) -> str:
    if not count:
        return _("All read. You see what you may act on.")
    return ngettext("%d unread. You see what you may act on.", "%d unread. You see what you may act on.", count) % count


def _by_day(shown: Iterable[Message], now: dt.datetime) -> list[tuple[str, list[Message]]]:
    days = groupby(shown, key=lambda message: district_day(message.at))
    return [(capfirst(day_words(day, now)), list(told)) for day, told in days]


def _asked(request: HttpRequest) -> str:
    """Return the query without the place in the list."""
    query = request.GET.copy()
    query.pop("before", None)
    return query.urlencode()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _reader(request: HttpRequest) -> Any:
    return request.user

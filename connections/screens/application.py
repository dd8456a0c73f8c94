"""An application: what it can do, its connections, who answers for what; switching its support; deleting it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from connections import catalogue, overview, rights, services, switching, tools, usage
from connections.models import Application, Connection, SharingSettings
from connections.screens.common import caution, require, trail_of
from connections.screens.enabling import unasked
from connections.services.adding import become_partner, delete_application, leave_partners
from interop.admin.pages import page


def show(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an application; on POST turn one of its connections on, or lead to the question before turning it off."""
    application = get_object_or_404(Application, slug=slug)
    if request.method == "POST":
        return _turn(request, application)
    usage.roll_up()
    connections = application.connections.annotate(chosen=Count("schools")).order_by("-enabled", "name", "id")
    lines = overview.lines_of(connections, timezone.now())
    entry = catalogue.entry_of(application)
    switches = SharingSettings.load()
    learning = tools.part(application)
    can = catalogue.available(application, entry)
    if application.partner:
        can = tools.with_tools(can, learning.tools)
    return page(
        request,
        "connections/application.html",
        application.name,
        opening=application.description or application.purpose,
        trail=trail_of(None),
        application=application,
        entry=entry,
        lines=lines,
        lozenges=catalogue.lozenges(can, [line.connection for line in lines], switches, learning.tools.functions),
        learning=learning,
        ending=len(lines) + learning.tools.total,
        schools=Connection.schools.rel.model._default_manager.filter(ended_at=None).count(),
        replacement=switching.replacement(application, lines),
        joined=switching.has_joined(application),
        left=switching.has_left(application),
        may_change=rights.may_change(rights.person_of(request)),
        may_delete=_may_delete(request, [line.connection for line in lines]),
    )


def _turn(request: HttpRequest, application: Application) -> HttpResponse:
    number = request.POST.get("connection", "")
    connection = get_object_or_404(application.connections, pk=number if number.isdecimal() else 0)
    if connection.enabled:
        return redirect("admin:disable_connection", connection.pk)
    if question := unasked(request, connection):
        return question
    try:
        services.enable(connection, actor=request.user.get_username())
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("%s enabled. The vendor’s next request is answered.") % connection.name)
        caution(request)
    return redirect("admin:application", application.slug)


def switch(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain what switching between supported and unsupported means; on POST switch, and go on to Generate."""
    application = get_object_or_404(Application, slug=slug)
    entry = switching.has_joined(application)
    if not application.partner and entry is None:
        messages.info(request, _("%s is in no catalogue of partners, so there is nothing to switch to.") % application)
        return redirect("admin:application", application.slug)
    if request.method == "POST":
        actor = request.user.get_username()
        if entry:
            become_partner(application, entry, actor=actor)
        else:
            leave_partners(application, actor=actor)
        return redirect("admin:generate", application.slug)
    return page(
        request,
        "connections/application_switch.html",
        _("Replace the connection of %s") % application.name,
        trail=trail_of(application),
        application=application,
        entry=entry,
        lozenges=catalogue.lozenges(entry.functions, (), SharingSettings.load()) if entry else (),
        left=switching.has_left(application),
        shares_more=application.connections.filter(share_gradebook=True).exists()
        or application.connections.filter(share_assessments=True).exists(),
    )


class DeleteForm(forms.Form):
    """The application's name, typed."""

    typed = forms.CharField(required=False, max_length=200)

    def __init__(self, application: Application, data: Any = None) -> None:
        super().__init__(data)
        self.application = application

    def clean_typed(self) -> str:
        """Raise ValidationError unless it is the name, spaces and case aside."""
        typed = " ".join(str(self.cleaned_data["typed"]).split())
        if typed.casefold() != self.application.name.casefold():
            raise ValidationError(_("Type the name as it stands above: %s.") % self.application.name)
        return typed


def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the name; on POST delete the application with all its connections."""
    application = get_object_or_404(Application, slug=slug)
    connections = list(application.connections.all())
    require(_may_delete(request, connections))
    form = DeleteForm(application, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        delete_application(application, actor=request.user.get_username())
        messages.success(request, _("%s deleted. The vendor’s next request is refused.") % application.name)
        return redirect("admin:applications")
    return page(
        request,
        "connections/application_delete.html",
        _("Delete %s?") % application.name,
        trail=trail_of(application),
        application=application,
        connections=connections,
        tools=tools.found([application.pk]).get(application.pk),
        form=form,
        back=reverse("admin:application", args=[application.slug]),
    )


def _may_delete(request: HttpRequest, connections: list[Connection]) -> bool:
    person = rights.person_of(request)
    return rights.may_change(person) and all(rights.may_delete(person, connection) for connection in connections)

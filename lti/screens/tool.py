"""One LTI connection: everything about it on one page, and how to stop it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from connections import rights
from connections.models import SharingSettings
from connections.screens.common import trail_of
from interop import audit
from interop.admin.pages import page
from lti import launching, tools
from lti.access import Closed
from lti.models import Tool
from lti.screens import calls, common, truth
from lti.screens.common import tool_or_404, trail_to
from lti.screens.forms import ToolForm
from lti.views.launching import browser


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a tool; on POST save what was chosen, all of it or nothing."""
    tool = tool_or_404(pk)
    may_change, district = rights.may_change(rights.person_of(request)), SharingSettings.load()
    if tool.accepted_at is None and may_change:
        return redirect("admin:accept_tool", tool.pk)
    listed = common.choices(tool)
    form = ToolForm(tool, district, schools=listed, data=request.POST or None, closed=not may_change)
    if request.method == "POST" and form.is_valid():
        actor = request.user.get_username()
        try:
            tools.change(tool, actor=actor, facts=form.facts(), schools=form.chosen_schools())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved. It holds from the next time the tool is opened."))
            return redirect("admin:tool", tool.pk)
    return common.show(
        request, tool.name, tool, form, listed, trail=trail_of(tool.application), state=truth.state_of(tool, district),
        values=_values(tool), may_change=may_change, calls=calls.latest(tool),
    )  # fmt: skip


def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask before a tool is disabled; on POST disable or enable it, at once."""
    tool = tool_or_404(pk)
    if tool.accepted_at is None:
        return redirect("admin:accept_tool", tool.pk)
    back = redirect("admin:application", tool.application.slug)
    if request.method == "POST":
        on = request.POST.get("enabled") == "1"
        tools.enable(tool, actor=request.user.get_username(), enabled=on)
        told = _("%s enabled. It can be opened now.") if on else _("%s disabled. Nobody can open it.")
        messages.success(request, told % tool.name)
        return back
    if not tool.enabled:
        return redirect("admin:tool", tool.pk)
    return _question(
        request, tool, _("Disable %s?") % tool.name,
        consequence=_("Nobody can open it, and what it still holds of access ends at once."),
        points=[
            _("Assignments keep their scores; “Open” goes from them."),
            _("Its addresses, schools and switches stay."),
            _("To come back, turn it on."),
        ],
        keep=_("Keep enabled"), act=_("Disable tool"),
    )  # fmt: skip


def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """On POST open the tool as an administrator; everything else is on the tool's own page."""
    tool, back = tool_or_404(pk), redirect("admin:tool", pk)
    if request.method != "POST":
        return back
    try:
        launch = launching.try_out(browser(request), tool, timezone.now())
    except Closed as why:
        messages.error(request, str(why))
        return back
    audit.record(request.user.get_username(), "tried a learning tool", tool)
    return redirect("lti_open", launch.guid)


def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask before a tool is deleted; on POST delete it, at once."""
    tool = tool_or_404(pk)
    if request.method == "POST":
        application, name = tool.application, tool.name
        tools.delete(tool, actor=request.user.get_username())
        messages.success(request, _("%s deleted. Nobody can open it.") % name)
        return redirect("admin:application", application.slug)
    return _question(
        request, tool, _("Delete %s?") % tool.name,
        consequence=_("Nobody can open it, and its access ends at once. This cannot be undone."),
        points=[
            _("Its links in assignments go. The assignments and their scores stay."),
            _("The record of who did what stays."),
            _("To come back, add it again; it will know nobody from before."),
        ],
        keep=_("Keep tool"), act=_("Delete tool"), final=True,
    )  # fmt: skip


def _question(request: HttpRequest, tool: Tool, title: str, **told: Any) -> HttpResponse:
    waits = tool.accepted_at is None
    way = trail_of(tool.application) if waits else trail_to(tool)
    back = reverse("admin:application", args=[tool.application.slug]) if waits else way[-1][1]
    return page(request, "lti/screens/stop.html", title, trail=way, tool=tool, back=back, **told)


def _values(tool: Tool) -> list[dict[str, str]]:
    """Return what is copied to the vendor, in the form of the page's copy fields."""
    told = tools.information(tool).items()
    return [{"key": f"tool-{at}", "label": label, "text": text, "also": ""} for at, (label, text) in enumerate(told)]

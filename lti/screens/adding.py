"""A new LTI connection: typed by hand, or told by the tool itself and accepted by the office."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from connections.models import Application, SharingSettings
from connections.screens.common import trail_of
from interop.admin.pages import page
from lti import tools
from lti.models import Registration, Tool
from lti.screens import common, words
from lti.screens.common import tool_or_404
from lti.screens.forms import AcceptForm, RegisterForm, ToolForm

OPENER = "same-origin-allow-popups"
"""The tool's window may tell this page that it is through (LTI Dynamic Registration, `org.imsglobal.lti.close`)."""


def by_hand(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a tool's addresses; on POST make the connection, and show what the vendor has to be told."""
    application = get_object_or_404(Application, slug=slug, partner=True)
    tool = Tool(application=application, name=application.name, enabled=True)
    listed = common.choices(tool)
    form = ToolForm(tool, SharingSettings.load(), schools=listed, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = tools.register_by_hand(
                application, actor=request.user.get_username(), now=timezone.now(), facts=form.facts(),
                schools=form.chosen_schools(),
            )  # fmt: skip
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%s is there. Give its vendor the values below.") % made.name)
            return redirect("admin:tool", made.pk)
    return common.show(
        request, _("Add LTI connection"), tool, form, listed, trail=trail_of(application), application=application,
        new=True, may_change=True,
    )  # fmt: skip


def by_itself(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the tool's registration link; on POST show the way to it, and wait until the tool has told its wishes."""
    application = get_object_or_404(Application, slug=slug, partner=True)
    form, address, now = RegisterForm(request.POST or None), "", timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            address = tools.begin_registration(
                application, form.cleaned_data["url"].strip(), actor=request.user.get_username(), now=now
            )
        except ValidationError as error:
            form.add_error("url", error)
    begun = Registration.objects.filter(
        application=application, begun_by=request.user.get_username(), expires_at__gt=now
    ).select_related("tool")  # fmt: skip
    newest = begun.order_by("-begun_at", "-pk").first()
    if newest and newest.tool and newest.tool.accepted_at:
        newest = None
    answer = page(
        request, "lti/screens/register.html", _("Let the tool register itself"), trail=trail_of(application),
        application=application, form=form, address=address, registration=newest,
        status=422 if form.errors else 200,
    )  # fmt: skip
    answer.headers["Cross-Origin-Opener-Policy"] = OPENER
    return answer


def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a tool asks for; on POST let it in with what was chosen."""
    tool = tool_or_404(pk)
    if tool.accepted_at is not None:
        return redirect("admin:tool", tool.pk)
    listed = common.choices(tool)
    form = AcceptForm(tool, SharingSettings.load(), schools=listed, data=request.POST or None)
    if request.method == "POST" and form.is_valid() and _accepted(request, tool, form):
        return redirect("admin:tool", tool.pk)
    return common.show(
        request, _("Accept %s?") % tool.name, tool, form, listed, trail=trail_of(tool.application),
        asked=words.asked(tool), accepting=True, may_change=True, policies=_policies(tool),
    )  # fmt: skip


def _accepted(request: HttpRequest, tool: Tool, form: ToolForm) -> bool:
    actor = request.user.get_username()
    try:
        if chosen := form.chosen_schools():
            tools.change(tool, actor=actor, facts={}, schools=chosen)
        tools.accept(tool, actor=actor, now=timezone.now(), facts=form.facts())
    except ValidationError as error:
        form.add_error(None, " ".join(error.messages))
        return False
    messages.success(request, _("%s is accepted.") % form.cleaned_data["name"])
    return True


def _policies(tool: Tool) -> list[tuple[str, Any]]:
    wish = tool.asked or {}
    told = ((_("Privacy policy"), wish.get("policy_url")), (_("Terms of use"), wish.get("terms_url")))
    return [(title, url) for title, url in told if url]

"""What the screens of learning tools share."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from connections import schools
from connections.models import SharingSettings
from connections.schools import Choice
from connections.screens.common import Trail, trail_of
from interop.admin.pages import page
from lti.models import Tool
from lti.screens.forms import ToolForm
from lti.screens.words import DOES, SEEN_BY, SENT


def tool_or_404(pk: int) -> Tool:
    """Return the tool with its application; raises Http404."""
    return get_object_or_404(Tool.objects.select_related("application"), pk=pk)


def trail_to(tool: Tool) -> Trail:
    """Return the way to what lies below a tool's page."""
    return [*trail_of(tool.application), (tool.name, reverse("admin:tool", args=[tool.pk]))]


def choices(tool: Tool) -> list[Choice]:
    """Return the schools a tool can be limited to."""
    return schools.listed(set(tool.schools.values_list("pk", flat=True)) if tool.pk else ())


def show(
    request: HttpRequest, title: str, tool: Tool, form: ToolForm, listed: Sequence[Choice], **told: Any
) -> HttpResponse:
    """Show a form of a tool with its schools and switches in groups."""
    picked = {str(pk) for pk in form["schools"].value() or ()}
    rows = [{"school": each, "chosen": str(each.pk) in picked} for each in listed]
    return page(
        request, "lti/screens/tool.html", title, status=422 if form.errors else 200, tool=tool, form=form,
        schools=rows, chosen=sum(row["chosen"] for row in rows), school_kinds=schools.counted(listed),
        only_chosen=form["which_schools"].value() == "chosen", scores_off=not SharingSettings.load().score_passback,
        groups={name: [form[each] for each in boxes] for name, boxes in GROUPS.items()}, **told,
    )  # fmt: skip


GROUPS = {"seen_by": SEEN_BY, "sent": SENT, "does": DOES}

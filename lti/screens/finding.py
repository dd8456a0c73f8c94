"""What the search in the header finds here: LTI connections, each with its state in a word (interop/admin/find.py)."""

from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from connections.finding import KEY, MOST, named
from connections.models import SharingSettings
from interop.admin.find import Found, Group, Hit
from lti.models import Tool
from lti.screens.truth import state_of


def found(words: str) -> Found:
    """Return the tools whose names, or whose application's, hold all words, or whose ids begin with them."""
    rows = named(Tool.objects.all(), words, "name", "application__name") | _keyed(words)
    rows = rows.select_related("application").order_by("application__name", "name", "pk")
    district = SharingSettings.load()
    hits = [
        Hit(tool.name, f"{tool.application.name} · LTI 1.3", "tool", (tool.pk,), state_of(tool, district))
        for tool in rows[:MOST]
    ]
    everything = f"{reverse('admin:applications')}?{urlencode({'q': words})}"
    return Found([Group("lti", _("LTI connections"), hits, rows.count(), everything)])


def _keyed(words: str) -> QuerySet[Tool]:
    """Return the tools of a client id or deployment id that begins with what was typed."""
    if len(words) < KEY or " " in words:
        return Tool.objects.none()
    return Tool.objects.filter(Q(client_id__startswith=words) | Q(deployment_id__startswith=words))

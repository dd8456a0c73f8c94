"""What applications can do by learning tools: their lozenges and the state of their tiles (connections/tools.py)."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from connections.catalogue import Function
from connections.models import Application, SharingSettings
from connections.state import Kind, State
from connections.tools import Tools
from interop.dates import near_day_words
from lti import tools
from lti.models import Tool


def found(applications: Iterable[int]) -> dict[int, Tools]:
    """Return the tools of these applications, by application. Two statements."""
    owned = defaultdict(list)
    for tool in Tool.objects.filter(application__in=list(applications)).order_by("name", "pk"):
        owned[tool.application_id].append(tool)
    district = SharingSettings.load() if owned else SharingSettings()
    return {key: together(each, district) for key, each in owned.items()}


def functions(tool: Tool) -> frozenset[Function]:
    """Return what a tool does now, as far as it goes."""
    if not tool.is_open:
        return frozenset()
    return frozenset({Function.TOOL, Function.SCORES} if tool.score_passback else {Function.TOOL})


def state_of(tool: Tool, district: SharingSettings) -> State:
    """Return how a tool is, and why."""
    if tool.accepted_at is None:
        return State(Kind.HELD, _("It registered itself and waits to be accepted."))
    if not tool.enabled:
        return State(Kind.DISABLED, _("Nobody can open it."))
    if district.stopped or not district.learning_tool:
        return State(Kind.PAUSED, _("The district has switched learning tools off."))
    if tool.last_used_at is None:
        return State(Kind.NEVER, _("Nobody has opened it yet."))
    return State(Kind.HEALTHY, _("Last opened %s.") % near_day_words(tool.last_used_at, timezone.now()))


def delete_all(application: Application, *, actor: str) -> None:
    """Delete the tools of an application; each stands in the audit trail."""
    for tool in Tool.objects.filter(application=application):
        tools.delete(tool, actor=actor)


def together(owned: list[Tool], district: SharingSettings) -> Tools:
    """Return what the tools of one application are and do together."""
    return Tools(
        total=len(owned),
        on=sum(tool.is_open for tool in owned),
        functions=frozenset[Function]().union(*(functions(tool) for tool in owned)),
        states=tuple(state_of(tool, district) for tool in owned),
    )

"""Tools at the service addresses: the token each gets for proving who it is, and who asks with one."""

import datetime as dt
from dataclasses import dataclass

from connections.models import SharingSettings
from connections.secret import new_token, sha256
from lti import access, addresses, keys, marks
from lti.access import Closed
from lti.models import ResourceLink, ServiceToken, Tool, ToolCall
from lti.protocol import assertion, names
from lti.protocol.assertion import Proof
from lti.protocol.tokens import Keys, Refused
from roster.models import Section

LIVES = dt.timedelta(hours=1)


class NoScope(Exception):
    """Nothing of what the tool asked for is open to it."""


@dataclass(frozen=True)
class Issued:
    """A token, told once, and what it opens."""

    token: str
    scopes: list[str]


@dataclass(frozen=True)
class Caller:
    """A tool that asks, with what its token opens now."""

    tool: Tool
    scopes: frozenset[str]


def scopes_of(tool: Tool, district: SharingSettings) -> list[str]:
    """Return what a tool may have by its switches and the district's, in the order of the standard."""
    grades = names.GRADE_SCOPES if tool.score_passback and district.score_passback else ()
    return [*grades, *([names.MEMBERS_READ] if tool.share_members else [])]


def prove(told: str, district: SharingSettings, now: dt.datetime) -> Tool:
    """Return the tool whose assertion this is, once. Raises Refused, Closed."""
    tool = Tool.objects.filter(client_id=assertion.issuer_of(told)).select_related("application").first()
    if tool is None:
        raise Refused("No tool of this client id is known here.")

    def check(known: Keys) -> Proof:
        return assertion.check(
            told, known, client_id=tool.client_id, audiences=addresses.token_audiences(), now=now
        )  # fmt: skip

    proof = keys.checked(tool, check, now)
    access.check_tool(tool, district)
    if not marks.use(tool, "assertion", proof.id, proof.until):
        raise Refused("The client assertion was used before.")
    return tool


def issue(tool: Tool, asked: str, address: str, district: SharingSettings, now: dt.datetime) -> Issued:
    """Return a new token; earlier ones stay valid. Raises NoScope."""
    scopes = assertion.granted(asked, scopes_of(tool, district))
    if not scopes:
        raise NoScope
    token = new_token()
    ServiceToken.objects.create(
        token_sha256=sha256(token), tool=tool, scope=" ".join(scopes), address=address[:64], expires_at=now + LIVES
    )
    Tool.objects.filter(pk=tool.pk).update(last_used_at=now)
    return Issued(token, scopes)


def caller(token: str, district: SharingSettings, now: dt.datetime) -> Caller | None:
    """Return who asks with this token; None when it opens nothing (any more)."""
    found = ServiceToken.objects.filter(token_sha256=sha256(token), expires_at__gt=now)
    row = found.select_related("tool__application").first()
    if row is None:
        return None
    try:
        access.check_tool(row.tool, district)
    except Closed:
        return None
    return Caller(row.tool, frozenset(row.scope.split()) & frozenset(scopes_of(row.tool, district)))


def place(tool: Tool, section: int, now: dt.datetime) -> Section | None:
    """Return a section the tool has a place in: shared, of its schools, and somebody put it there."""
    if not ResourceLink.objects.filter(tool=tool, section=section).exists():
        return None
    return access.shared_section(tool, section, now)


def note(
    tool: Tool,
    operation: str,
    status: int,
    *,
    section: int | None,
    records: int,
    address: str = "",
    request_id: str = "",
) -> None:
    """Write one row of the log of what tools were told and did; a launch tells of one person."""
    ToolCall.objects.create(
        tool=tool.pk, name=tool.name, operation=operation, section=section, records=records, status=status,
        address=address[:64], request_id=request_id,
    )  # fmt: skip

"""An office member tries a tool out: as an administrator, in no class, and known by nothing but a code.

The tool is told no section, so it gets no way to line items, scores or members.
"""

import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from connections.models import SharingSettings
from interop.admin.roles import EDITORS, roles_of
from lti import access, addresses
from lti.access import Closed
from lti.models import Launch, Tool
from lti.protocol import claims, custom
from lti.protocol.claims import Link, Person
from lti.protocol.names import Role
from roster.district import name as district_name

LINK = "tried-by-the-office"
"""What is opened: the same for whoever tries the tool."""


def check(tool: Tool, user: User | None) -> None:
    """The tool may be used, and this is an editor of the data office. Raises Closed."""
    access.check_tool(tool, SharingSettings.load())
    if user is None or not roles_of(user) & EDITORS:
        raise Closed(_("%s is not for you.") % tool.name)


def told(launch: Launch, nonce: str, now: dt.datetime) -> dict[str, Any]:
    """Return the claims of the launch."""
    tool, subject = launch.tool, _code(launch.tool, launch.user)
    whole = claims.Launch(
        issuer=addresses.issuer(), client_id=tool.client_id, deployment_id=tool.deployment_id, nonce=nonce,
        person=Person(subject), role=Role.ADMINISTRATOR, target=tool.launch_url, framed=launch.framed,
        platform=district_name(), return_url=addresses.absolute(f"returned/{launch.guid}"),
        custom=custom.filled(tool.custom, {"$User.id": subject, "$ResourceLink.id": LINK}),
    )  # fmt: skip
    return claims.resource(whole, Link(LINK, tool.name), now)


def _code(tool: Tool, user: User) -> str:
    """Return as whom the tool knows the office member: always the same, and nothing to anybody else."""
    return salted_hmac("lti office", f"{tool.pk} {user.pk}", algorithm="sha256").hexdigest()[:32]

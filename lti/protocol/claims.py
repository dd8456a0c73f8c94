"""What an id_token says: who opens what, in which section, with what a tool may do (LTI 1.3 core, 5.3 and 5.4).

Nothing of a person is in it that the caller did not give: what a tool is not sent never gets here.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lti.protocol import names
from lti.protocol.names import CLAIM, CONTENT, Role

LIVES = dt.timedelta(minutes=5)
"""How long an id_token is good for."""


@dataclass(frozen=True)
class Person:
    """As whom somebody is known to the tool, and as much of them as it is sent; blank: nothing."""

    subject: str
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    sourced_id: str = ""

    @property
    def told(self) -> dict[str, str]:
        """Return the standard's names for what is sent."""
        whole = f"{self.given_name} {self.family_name}".strip()
        facts = {
            "name": whole, "given_name": self.given_name, "family_name": self.family_name, "email": self.email,
        }  # fmt: skip
        return {name: value for name, value in facts.items() if value}


@dataclass(frozen=True)
class Context:
    """The section: its id, its short name and its title; `sourced_id` where the tool is sent it."""

    id: str
    label: str
    title: str
    sourced_id: str = ""

    @property
    def told(self) -> dict[str, Any]:
        """Return the section as it is told."""
        return {"id": self.id, "label": self.label, "title": self.title, "type": [names.COURSE_SECTION]}


@dataclass(frozen=True)
class Link:
    """What is opened."""

    id: str
    title: str
    text: str = ""


@dataclass(frozen=True)
class Services:
    """The addresses a tool may use afterwards, and for what; blank: it may not."""

    line_items: str = ""
    line_item: str = ""
    scopes: Sequence[str] = ()
    members: str = ""


@dataclass(frozen=True)
class Launch:
    """All that an id_token tells."""

    issuer: str
    client_id: str
    deployment_id: str
    nonce: str
    person: Person
    role: Role
    target: str
    framed: bool
    platform: str
    locale: str = "en"
    context: Context | None = None
    return_url: str = ""
    mentored: Sequence[str] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
    services: Services = field(default_factory=Services)


def resource(launch: Launch, link: Link, now: dt.datetime) -> dict[str, Any]:
    """Return the claims of a launch of a resource link."""
    told = {name: value for name, value in (("title", link.title), ("description", link.text)) if value}
    return {
        **_common(launch, names.RESOURCE_LAUNCH, now),
        f"{CLAIM}target_link_uri": launch.target,
        f"{CLAIM}resource_link": {"id": link.id, **told},
    }


def review(launch: Launch, link: Link, student: Person, now: dt.datetime) -> dict[str, Any]:
    """Return the claims of a launch in which a teacher sees a student's work again (LTI Submission Review 1.0)."""
    told = {"user_id": student.subject, "roles": Role.LEARNER.uris, **student.told}
    return resource(launch, link, now) | {
        f"{CLAIM}message_type": names.REVIEW_REQUEST,
        f"{CLAIM}for_user": told | ({"person_sourcedid": student.sourced_id} if student.sourced_id else {}),
    }


def content(
    launch: Launch, *, answer_url: str, data: str, several: bool, graded: bool, now: dt.datetime
) -> dict[str, Any]:
    """Return the claims of a launch in which a teacher chooses content; `data` has to come back with it."""
    return {
        **_common(launch, names.CONTENT_REQUEST, now),
        f"{CLAIM}target_link_uri": launch.target,
        f"{CONTENT}deep_linking_settings": {
            "deep_link_return_url": answer_url,
            "accept_types": [names.RESOURCE_LINK],
            "accept_presentation_document_targets": ["iframe", "window"],
            "accept_multiple": several,
            "accept_lineitem": graded,
            "auto_create": False,
            "data": data,
        },
    }


def _common(launch: Launch, message: str, now: dt.datetime) -> dict[str, Any]:
    at = int(now.timestamp())
    told: dict[str, Any] = {
        "iss": launch.issuer,
        "aud": launch.client_id,
        "azp": launch.client_id,
        "sub": launch.person.subject,
        "iat": at,
        "exp": at + int(LIVES.total_seconds()),
        "nonce": launch.nonce,
        "locale": launch.locale,
        **launch.person.told,
        f"{CLAIM}message_type": message,
        f"{CLAIM}version": names.VERSION,
        f"{CLAIM}deployment_id": launch.deployment_id,
        f"{CLAIM}roles": launch.role.uris,
        f"{CLAIM}tool_platform": {
            "guid": launch.issuer, "name": launch.platform, "product_family_code": names.FAMILY, "url": launch.issuer,
        },
        f"{CLAIM}launch_presentation": {
            "document_target": "iframe" if launch.framed else "window", "locale": launch.locale,
            **({"return_url": launch.return_url} if launch.return_url else {}),
        },
    }  # fmt: skip
    if launch.context:
        told[f"{CLAIM}context"] = launch.context.told
    if launch.role is Role.MENTOR:
        told[f"{CLAIM}role_scope_mentor"] = list(launch.mentored)
    if launch.custom:
        told[f"{CLAIM}custom"] = dict(launch.custom)
    if lis := _lis(launch):
        told[f"{CLAIM}lis"] = lis
    return told | _services(launch.services)


def _lis(launch: Launch) -> dict[str, str]:
    section = launch.context.sourced_id if launch.context else ""
    facts = {"person_sourcedid": launch.person.sourced_id, "course_section_sourcedid": section}
    return {name: value for name, value in facts.items() if value}


def _services(services: Services) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if services.line_items:
        told[names.AGS_CLAIM] = {"scope": list(services.scopes), "lineitems": services.line_items}
        if services.line_item:
            told[names.AGS_CLAIM]["lineitem"] = services.line_item
    if services.members:
        told[names.NRPS_CLAIM] = {"context_memberships_url": services.members, "service_versions": ["2.0"]}
    return told
